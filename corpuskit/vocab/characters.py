"""``corpuskit vocab chars``: exact counts of every character of a corpus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from corpuskit.io.units import Source, Unit
from corpuskit.vocab.counts import write_characters
from corpuskit.work.stage import Part, PartWriter, Stage

CODE_POINTS = 0x110000
BATCH_BYTES = 1 << 20


@dataclass(frozen=True)
class CharactersStage(Stage):
    """Options of character counting.

    Attributes:
        key: Key of the text in the records.
    """

    name = "vocab-chars"
    suffixes = ("counts",)

    key: str = "text"

    def options(self) -> dict[str, Any]:
        return {"json key": self.key}

    def open(self) -> CharactersKernel:
        return CharactersKernel(self.key)

    def finals(self, sources: Sequence[Source], output: Path) -> list[Path]:
        return [output]

    def assemble(self, parts: Sequence[Part], output: Path) -> dict[str, Any]:
        totals = np.zeros(CODE_POINTS, np.uint64)
        for part in parts:
            points, counts = np.frombuffer(part.read("counts"), np.uint64).reshape(2, -1)
            totals[points] += counts
        found = np.flatnonzero(totals)
        write_characters(output, {chr(point): int(totals[point]) for point in found})
        return {"characters": int(totals.sum()), "distinct": len(found)}


class CharactersKernel:
    """Counts the characters of a unit; the part is code points, then counts (u64 each)."""

    def __init__(self, key: str) -> None:
        self._key = key

    def run(self, unit: Unit, part: PartWriter) -> None:
        from corpuskit._native import count_characters

        totals = np.zeros(CODE_POINTS, np.uint64)
        batch = bytearray()
        for document in part.documents(self._key):
            part.counts["documents"] += 1
            batch += document.text.encode()
            if len(batch) >= BATCH_BYTES:
                count_characters(batch, totals)
                batch.clear()
        count_characters(batch, totals)
        found = np.flatnonzero(totals).astype(np.uint64)
        part.write("counts", np.concatenate([found, totals[found]]).tobytes())
