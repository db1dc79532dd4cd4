"""Word counts: what sub-word training needs of a corpus, in bounded memory.

Words are cut and normalised as the WordPiece encoder will see them. Parts are sorted, so
that any number of them merges as a stream.
"""

from __future__ import annotations

import heapq
import itertools
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpuskit.io.units import Source, Unit
from corpuskit.vocab.counts import write_words
from corpuskit.vocab.unicode import is_cjk, is_punctuation
from corpuskit.work.stage import Part, PartWriter, Stage

SCRIPTS = ("latin", "all")

_LATIN = re.compile(r"[0-9A-Za-z\u00c0-\u024f\u0300-\u036f\u1e00-\u1eff]+")
_ASCII = re.compile(r"[0-9A-Za-z]+")


def normalize(text: str, *, lowercase: bool) -> str:
    """Case folding and accent stripping as BERT's normaliser does them."""
    if not lowercase:
        return text
    if text.isascii():
        return text.lower()
    stripped = (c for c in unicodedata.normalize("NFD", text) if unicodedata.category(c) != "Mn")
    return "".join(stripped).lower()


def latin_words(text: str, *, lowercase: bool) -> Iterator[str]:
    """Runs of Latin letters and digits.

    >>> list(latin_words("Café 中文 iPhone-15", lowercase=True))
    ['cafe', 'iphone', '15']
    """
    if lowercase and not text.isascii():
        for word in _LATIN.findall(text):
            yield from _ASCII.findall(normalize(word, lowercase=True))
    elif lowercase:
        yield from _ASCII.findall(text.lower())
    else:
        yield from _LATIN.findall(text)


def all_words(text: str, *, lowercase: bool) -> Iterator[str]:
    """Words of every script; punctuation and ideographs stand alone.

    >>> list(all_words("Привет, 世界!", lowercase=True))
    ['привет', ',', '世', '界', '!']
    """
    for run in normalize(text, lowercase=lowercase).split():
        word: list[str] = []
        for char in run:
            if is_cjk(char) or is_punctuation(char):
                if word:
                    yield "".join(word)
                    word = []
                yield char
            elif not unicodedata.category(char).startswith("C"):
                word.append(char)
        if word:
            yield "".join(word)


@dataclass(frozen=True)
class WordsStage(Stage):
    """Options of word counting.

    Attributes:
        scripts: ``latin`` or ``all``.
        lowercase: Fold case and strip accents, as an uncased encoder does.
        key: Key of the text in the records.
        min_count: Rarer words are left out.
    """

    name = "vocab-words"
    suffixes = ("words",)

    scripts: str = "latin"
    lowercase: bool = True
    key: str = "text"
    min_count: int = 2

    def options(self) -> dict[str, Any]:
        return {
            "scripts": self.scripts,
            "lowercase": self.lowercase,
            "json key": self.key,
            "min count": self.min_count,
        }

    def open(self) -> WordsKernel:
        return WordsKernel(self)

    def finals(self, sources: Sequence[Source], output: Path) -> list[Path]:
        return [output]

    def assemble(self, parts: Sequence[Part], output: Path) -> dict[str, Any]:
        for part in parts:
            part.verify("words")
        written = 0

        def frequent() -> Iterator[tuple[str, int]]:
            nonlocal written
            for word, count in merge_counts([_read(part.path("words")) for part in parts]):
                if count >= self.min_count:
                    written += 1
                    yield word, count

        write_words(output, frequent())
        return {"distinct": written}


class WordsKernel:
    """Counts the words of a unit; the part is sorted by word."""

    def __init__(self, stage: WordsStage) -> None:
        self._stage = stage
        self._words: Callable[..., Iterator[str]] = (
            latin_words if stage.scripts == "latin" else all_words
        )

    def run(self, unit: Unit, part: PartWriter) -> None:
        counts: Counter[str] = Counter()
        for document in part.documents(self._stage.key):
            part.counts["documents"] += 1
            counts.update(self._words(document.text, lowercase=self._stage.lowercase))
        part.counts["words"] += counts.total()
        for word in sorted(counts):
            part.write("words", f"{word}\t{counts[word]}\n".encode())


def _read(path: Path) -> Iterator[tuple[str, int]]:
    with path.open(encoding="utf-8", newline="\n") as lines:
        for line in lines:
            word, _, count = line.rstrip("\n").partition("\t")
            yield word, int(count)


def merge_counts(runs: Sequence[Iterator[tuple[str, int]]]) -> Iterator[tuple[str, int]]:
    """Add up sorted runs of counts as a stream."""
    for word, group in itertools.groupby(heapq.merge(*runs), key=lambda pair: pair[0]):
        yield word, sum(count for _, count in group)
