"""``corpuskit segment``: documents in, sentences of space-separated words out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from corpuskit.errors import UsageError
from corpuskit.io.documents import Document
from corpuskit.io.files import atomic_write
from corpuskit.io.units import Source, Unit
from corpuskit.segment.engine import Segmenter, open_segmenter
from corpuskit.segment.sentences import cut_long, splitter
from corpuskit.segment.words import join_words
from corpuskit.work.stage import Part, PartWriter, Stage

BATCH_SENTENCES = 2048


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
    """Segments the documents of a unit, some thousand sentences at a time."""

    def __init__(self, stage: SegmentStage, segmenter: Segmenter) -> None:
        self._stage = stage
        self._segmenter = segmenter
        self._split = splitter(stage.rules)

    def run(self, unit: Unit, part: PartWriter) -> None:
        part.counts.update(documents=0, sentences=0, words=0)
        for batch in self._batches(part):
            self._write(batch, part)

    def _sentences(self, text: str) -> list[str]:
        # A sentence that is only space would end the document in the text format.
        sentences = [sentence for sentence in self._split(text) if sentence.strip()]
        limit = self._stage.max_sentence_chars
        if limit:
            return [piece for sentence in sentences for piece in cut_long(sentence, limit)]
        return sentences

    def _batches(self, part: PartWriter) -> Iterator[list[tuple[Document, list[str]]]]:
        batch: list[tuple[Document, list[str]]] = []
        pending = 0
        for document in part.documents(self._stage.key):
            sentences = self._sentences(document.text)
            part.counts["documents"] += 1
            part.counts["sentences"] += len(sentences)
            batch.append((document, sentences))
            pending += len(sentences)
            if pending >= BATCH_SENTENCES:
                yield batch
                batch, pending = [], 0
        if batch:
            yield batch

    def _write(self, batch: list[tuple[Document, list[str]]], part: PartWriter) -> None:
        flat = [sentence for _, sentences in batch for sentence in sentences]
        words = self._segmenter.cut_batch(flat)
        part.counts["words"] += sum(map(len, words))
        lines = iter(words)
        form = self._as_text if self._stage.to == "text" else self._as_json
        for document, sentences in batch:
            part.write("out", form(document, [join_words(next(lines)) for _ in sentences]))

    def _as_text(self, document: Document, lines: list[str]) -> bytes:
        return "".join(f"{line}\n" for line in (*lines, "")).encode()

    def _as_json(self, document: Document, lines: list[str]) -> bytes:
        record = {self._stage.key: "\n".join(lines), **document.fields}
        return orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE)
