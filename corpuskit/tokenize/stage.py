"""``corpuskit tokenize``: documents in, ``.bin/.idx`` out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpuskit.errors import UsageError
from corpuskit.index.format import IndexWriter, dtype_for
from corpuskit.index.sidecar import Continuation, Sidecar, pieces_as_ranges
from corpuskit.io.units import Source, Unit
from corpuskit.segment.engine import open_segmenter
from corpuskit.segment.sentences import split_default
from corpuskit.segment.words import split_words
from corpuskit.tokenize.encoder import (
    BOS_NAMES,
    EOS_NAMES,
    Encoder,
    open_encoder,
)
from corpuskit.tokenize.marks import Marker, continuation_of
from corpuskit.vocab.vocabulary import encode_serially
from corpuskit.work.stage import Part, PartWriter, Stage

BATCH_CHARS = 1 << 18


@dataclass(frozen=True)
class TokenizeStage(Stage):
    """Options of id conversion.

    Attributes:
        vocab: A WordPiece ``vocab.txt``; or
        tokenizer: A directory, a ``tokenizer.json`` or a SentencePiece model.
        lowercase: WordPiece folds case and strips accents.
        split_sentences: One entry a sentence instead of one a document.
        whole_word: Mark ideographs that continue a word.
        segmented: The text is words joined by one space.
        engine: Segmenter for whole-word marks of text that is not segmented.
        append_eos, prepend_bos: Frame each document.
        key: Key of the text in the records.
        out_format: ``mmap`` (``.bin/.idx``) or ``npy`` (``_ids.npy/_idx.npz``).
        int32: Allow int32 where the ids do not fit uint16.
    """

    name = "tokenize"
    suffixes = ("ids", "sizes", "documents")

    vocab: Path | None = None
    tokenizer: Path | None = None
    lowercase: bool = True
    split_sentences: bool = False
    whole_word: bool = False
    segmented: bool = False
    engine: str = "jieba"
    append_eos: bool = False
    prepend_bos: bool = False
    key: str = "text"
    out_format: str = "mmap"
    int32: bool = True

    @cached_property
    def encoder(self) -> Encoder:
        return open_encoder(self.vocab, self.tokenizer, lowercase=self.lowercase)

    @cached_property
    def continuation(self) -> Continuation | None:
        return continuation_of(self.encoder) if self.whole_word else None

    @cached_property
    def dtype(self) -> np.dtype[Any]:
        """Type of the ids, from the largest id that can occur.

        Raises:
            UsageError: They do not fit uint16 and int32 was not allowed.
        """
        extra = self.continuation.count if self.continuation else 0
        largest = self.encoder.vocab_size - 1 + extra
        dtype = dtype_for(largest)
        if dtype != np.uint16 and not self.int32:
            raise UsageError(
                f"ids reach {largest:,} and do not fit uint16",
                hint="use a smaller vocabulary (at most 44,634 entries with whole-word marks), "
                "or leave out --uint16",
            )
        return dtype

    @cached_property
    def bos(self) -> int | None:
        return self._frame_id(BOS_NAMES, "--prepend-bos") if self.prepend_bos else None

    @cached_property
    def eos(self) -> int | None:
        return self._frame_id(EOS_NAMES, "--append-eos") if self.append_eos else None

    def _frame_id(self, names: Sequence[str], flag: str) -> int:
        found = self.encoder.token_id(names)
        if found is None:
            raise UsageError(
                f"{flag}: the vocabulary has none of {', '.join(names)}", where=self.encoder.name
            )
        return found

    def __getstate__(self) -> dict[str, Any]:
        fields = self.__dataclass_fields__
        return {name: value for name, value in self.__dict__.items() if name in fields}

    def options(self) -> dict[str, Any]:
        inline = self.whole_word and not self.segmented
        return {
            "tokenizer": self.encoder.fingerprint(),
            "split sentences": self.split_sentences,
            "whole word": self.whole_word,
            "segmented": self.segmented,
            "engine": open_segmenter(self.engine).fingerprint() if inline else None,
            "eos": self.eos,
            "bos": self.bos,
            "json key": self.key,
            "dtype": self.dtype.name,
            "out format": self.out_format,
        }

    def open(self) -> TokenizeKernel:
        encode_serially()
        return TokenizeKernel(self)

    def finals(self, sources: Sequence[Source], output: Path) -> list[Path]:
        suffixes = (".bin", ".idx", ".json") if self.out_format == "mmap" else NPY_SUFFIXES
        return [output.with_name(output.name + suffix) for suffix in suffixes]

    def assemble(self, parts: Sequence[Part], output: Path) -> dict[str, Any]:
        prefix = output if self.out_format == "mmap" else Path(f"{output}.mmap")
        with IndexWriter(prefix, self.dtype, self.sidecar()) as writer:
            for part in parts:
                part.verify("ids")
                sizes = np.frombuffer(part.read("sizes"), "<i4")
                documents = np.frombuffer(part.read("documents"), "<i4")
                writer.add(part.path("ids"), sizes, documents)
        if self.out_format == "npy":
            _as_npy(prefix, output)
        return {"dtype": self.dtype.name}

    def sidecar(self) -> Sidecar:
        """What ``PREFIX.json`` says beside the counts."""
        tokens = self.encoder.tokens or ()
        pieces = [i for i, t in enumerate(tokens) if t.startswith("##") and len(t) > 2]
        return Sidecar(
            fingerprint=self.encoder.fingerprint(),
            vocab=self.encoder.name,
            vocab_size=self.encoder.vocab_size,
            continuation=self.continuation,
            pieces=pieces_as_ranges(pieces),
            specials=self.encoder.special_ids(),
            bos=self.bos,
            eos=self.eos,
            options={**self.options(), "lowercase": self.lowercase},
        )


NPY_SUFFIXES = ("_ids.npy", "_idx.npz", ".json")


def _as_npy(prefix: Path, output: Path) -> None:
    from corpuskit.index.convert import to_npy

    to_npy(prefix, output)
    for suffix in (".bin", ".idx", ".json"):
        prefix.with_name(prefix.name + suffix).unlink(missing_ok=True)


Words = list[str]  # of one entry; one "word" where words do not matter


class TokenizeKernel:
    """Encodes the documents of a unit in batches of about 256k characters."""

    def __init__(self, stage: TokenizeStage) -> None:
        self._stage = stage
        self._encoder = stage.encoder
        self._marker: Marker | None = None
        if stage.continuation is not None:
            self._marker = Marker(stage.continuation, stage.encoder.vocab_size)
            if not stage.segmented:
                self._segmenter = open_segmenter(stage.engine)

    def run(self, unit: Unit, part: PartWriter) -> None:
        part.counts.update(documents=0, empty_documents=0, sentences=0, tokens=0)
        for batch in self._batches(part):
            self._write(batch, part)

    def _batches(self, part: PartWriter) -> Iterator[list[str]]:
        batch: list[str] = []
        chars = 0
        for document in part.documents(self._stage.key):
            batch.append(document.text)
            chars += len(document.text)
            if chars >= BATCH_CHARS:
                yield batch
                batch, chars = [], 0
        if batch:
            yield batch

    def _lines(self, text: str) -> list[str]:
        """The sentences of a document, or all of it where sentences do not matter."""
        lines = [text]
        if self._stage.segmented:
            lines = text.split("\n")
        elif self._stage.split_sentences or self._marker:
            lines = split_default(text)
        return [line for line in map(str.strip, lines) if line]

    def _words(self, lines: list[str]) -> list[Words]:
        if self._stage.segmented:
            return [split_words(line) for line in lines]
        if self._marker:
            return self._segmenter.cut_batch(lines)
        return [[line] for line in lines]

    def _entries(self, batch: list[str]) -> tuple[list[Words], NDArray[np.int64]]:
        """The entries of all documents, and the number of them in each document."""
        documents = [self._lines(text) for text in batch]
        entries = self._words([line for lines in documents for line in lines])
        counts = np.fromiter(map(len, documents), np.int64, len(documents))
        if self._stage.split_sentences:
            return entries, counts
        ends = np.cumsum(counts)
        whole = (entries[end - count : end] for end, count in zip(ends, counts, strict=True))
        return [_joined(sentences) for sentences in whole if sentences], np.minimum(counts, 1)

    def _write(self, batch: list[str], part: PartWriter) -> None:
        entries, counts = self._entries(batch)
        texts = ["".join(words) for words in entries]
        encoded = self._encoder.encode(texts, starts=self._marker is not None)
        ids = self._marker.mark(encoded, entries) if self._marker else encoded.ids
        documents = _nonempty(encoded.sizes, counts)
        ids, sizes = self._frame(ids, encoded.sizes[encoded.sizes > 0], documents)
        part.write("ids", ids.astype(self._stage.dtype).tobytes())
        part.write("sizes", sizes.astype("<i4").tobytes())
        part.write("documents", documents.astype("<i4").tobytes())
        part.counts["documents"] += len(documents)
        part.counts["empty_documents"] += len(batch) - len(documents)
        part.counts["sentences"] += len(sizes)
        part.counts["tokens"] += len(ids)

    def _frame(
        self, ids: NDArray[np.int32], sizes: NDArray[np.int32], documents: NDArray[np.int64]
    ) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Put BOS before the first and EOS behind the last sentence of each document."""
        ends = np.cumsum(documents)
        sizes = sizes.copy()
        if self._stage.bos is not None:
            firsts = ends - documents
            offsets = np.concatenate([[0], np.cumsum(sizes)])[firsts]
            ids = np.insert(ids, offsets, self._stage.bos)
            sizes[firsts] += 1
        if self._stage.eos is not None:
            ids = np.insert(ids, np.cumsum(sizes)[ends - 1], self._stage.eos)
            sizes[ends - 1] += 1
        return ids, sizes


def _joined(sentences: list[Words]) -> Words:
    """The words of all sentences, a newline between two of them."""
    return [word for sentence in sentences for word in ("\n", *sentence)][1:]


def _nonempty(sizes: NDArray[np.int32], counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Sentences with ids of each document, without the documents that have none."""
    document = np.repeat(np.arange(len(counts)), counts)
    kept = np.bincount(document[sizes > 0], minlength=len(counts))
    return kept[kept > 0]
