"""``corpuskit jsonl``: any input to one JSON Lines file of documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from corpuskit.io.files import atomic_write
from corpuskit.io.shuffle import RunFile, RunWriter, merged, record_key
from corpuskit.io.units import Source, Unit
from corpuskit.work.stage import Part, PartWriter, Stage


@dataclass(frozen=True)
class JsonlStage(Stage):
    """Options of the conversion.

    Attributes:
        key: Key of the text, in the input and in the output.
        shuffle: Put the documents in the order of seeded random keys.
        seed: Seed of the shuffle.
        min_document_length: Documents of at most this many characters (newlines
            included) are dropped and counted.
    """

    name = "jsonl"
    suffixes = ("out",)

    key: str = "text"
    shuffle: bool = True
    seed: int = 1234
    min_document_length: int = 10

    def options(self) -> dict[str, Any]:
        return {
            "json key": self.key,
            "shuffle": self.shuffle,
            "seed": self.seed if self.shuffle else None,
            "min document length": self.min_document_length,
        }

    def open(self) -> JsonlKernel:
        return JsonlKernel(self)

    def finals(self, sources: Sequence[Source], output: Path) -> list[Path]:
        return [output]

    def assemble(self, parts: Sequence[Part], output: Path) -> dict[str, Any]:
        with atomic_write(output) as target:
            if self.shuffle:
                for part in parts:
                    part.verify("out")
                target.writelines(merged([RunFile(part.path("out")) for part in parts]))
            else:
                for part in parts:
                    part.copy_to("out", target)
        return {}


class JsonlKernel:
    """Writes the documents of a unit, in order or as sorted runs."""

    def __init__(self, stage: JsonlStage) -> None:
        self._stage = stage

    def run(self, unit: Unit, part: PartWriter) -> None:
        part.counts.update(documents=0, short_documents=0)
        runs = RunWriter()
        for ordinal, document in enumerate(part.documents(self._stage.key)):
            if len(document.text) <= self._stage.min_document_length:
                part.counts["short_documents"] += 1
                continue
            part.counts["documents"] += 1
            record = {self._stage.key: document.text, **document.fields}
            line = orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE)
            if self._stage.shuffle:
                key = record_key(self._stage.seed, unit.index, ordinal)
                for piece in runs.add(key, line):
                    part.write("out", piece)
            else:
                part.write("out", line)
        for piece in runs.flush():
            part.write("out", piece)
