"""``corpuskit segment``: documents in, sentences of space-separated words out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from corpuskit.errors import UsageError
from corpuskit.io.documents import Document
from corpuskit.io.files import atomic_write
from corpuskit.io.units import Source, Unit
from corpuskit.segment.engine import Segmenter, open_segmenter
from corpuskit.segment.sentences import split_flat
from corpuskit.segment.words import FlatDocuments, join_words
from corpuskit.work.stage import Part, PartWriter, Stage

BATCH_BYTES = 1 << 18


@dataclass(frozen=True)
class SegmentStage(Stage):
    """Options of segmentation.

    Attributes:
        engine: Name of the word segmenter.
        rules: Sentence rules, ``default`` or ``paddle``.
        to: ``text`` (a sentence a line, a blank line after each document) or ``jsonl``.
        key: Key of the text in the records.
        user_dict: Dictionary of the user, in the engine's format.
        max_sentence_chars: Longer sentences are cut at commas; 0 for no limit.
    """

    name = "segment"
    suffixes = ("out",)

    engine: str = "jieba"
    rules: str = "default"
    to: str = "text"
    key: str = "text"
    user_dict: Path | None = None
    max_sentence_chars: int = 0

    def __post_init__(self) -> None:
        if self.max_sentence_chars < 0:
            raise UsageError("--max-sentence-chars takes a positive number, or 0 for no limit")

    def options(self) -> dict[str, Any]:
        return {
            "engine": open_segmenter(self.engine, self.user_dict).fingerprint(),
            "sentence rules": self.rules,
            "to": self.to,
            "json key": self.key,
            "max sentence chars": self.max_sentence_chars,
        }

    def open(self) -> SegmentKernel:
        return SegmentKernel(self, open_segmenter(self.engine, self.user_dict))

    def finals(self, sources: Sequence[Source], output: Path) -> list[Path]:
        return [self._final(source, output) for source in sources]

    def _final(self, source: Source, output: Path) -> Path:
        return output / f"{source.name}{'.txt' if self.to == 'text' else '.jsonl'}"

    def assemble(self, parts: Sequence[Part], output: Path) -> dict[str, Any]:
        """Join the parts of each source into one file of its name."""
        by_source: dict[Source, list[Part]] = {}
        for part in parts:
            by_source.setdefault(part.unit.source, []).append(part)
        for source, group in by_source.items():
            final = self._final(source, output)
            final.parent.mkdir(parents=True, exist_ok=True)
            with atomic_write(final) as handle:
                for part in group:
                    part.copy_to("out", handle)
        return {}


class SegmentKernel:
    """Segments the documents of a unit, about 256 kB of text at a time."""

    def __init__(self, stage: SegmentStage, segmenter: Segmenter) -> None:
        self._stage = stage
        self._segmenter = segmenter

    def run(self, unit: Unit, part: PartWriter) -> None:
        for batch in self._batches(part):
            self._write(batch, part)

    def _batches(self, part: PartWriter) -> Iterator[_Batch]:
        batch = _Batch()
        for document in part.documents(self._stage.key):
            batch.add(document)
            if batch.size >= BATCH_BYTES:
                yield batch
                batch = _Batch()
        if batch.texts:
            yield batch

    def _write(self, batch: _Batch, part: PartWriter) -> None:
        stage = self._stage
        sentences = split_flat(*batch.flat(), stage.rules, stage.max_sentence_chars)
        words = self._segmenter.cut_flat(sentences.data.data, sentences.begin)
        documents = join_words(sentences, words, json=stage.to == "jsonl")
        part.counts["documents"] += len(batch.texts)
        part.counts["sentences"] += len(sentences.begin) - 1
        part.counts["words"] += len(words.begin) - 1
        if stage.to == "text":
            part.write("out", documents.data.data)
        else:
            part.write("out", b"".join(self._records(documents, batch.fields)))

    def _records(
        self, documents: FlatDocuments, fields: Sequence[dict[str, Any]]
    ) -> Iterator[bytes | memoryview]:
        """The pieces of the JSON lines: the text is escaped already."""
        head = b"{" + orjson.dumps(self._stage.key) + b':"'
        data = documents.data.data
        for (start, stop), others in zip(pairwise(documents.begin.tolist()), fields, strict=True):
            yield head
            yield data[start:stop]
            yield b'",' + orjson.dumps(others)[1:] + b"\n" if others else b'"}\n'


class _Batch:
    """Documents that are segmented together."""

    def __init__(self) -> None:
        self.texts: list[bytes] = []
        self.fields: list[dict[str, Any]] = []
        self.size = 0

    def add(self, document: Document) -> None:
        text = document.text.encode()
        self.texts.append(text)
        self.fields.append(document.fields)
        self.size += len(text)

    def flat(self) -> tuple[bytes, NDArray[np.int64]]:
        """The texts in one, and where each begins."""
        return b"".join(self.texts), np.cumsum([0, *map(len, self.texts)], dtype=np.int64)
