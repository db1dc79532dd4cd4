"""Word counts: what sub-word training needs of a corpus, in bounded memory.

Words are normalised and cut as the WordPiece encoder will see them. Parts are sorted, so
that any number of them merges as a stream.
"""

from __future__ import annotations

import functools
import heapq
import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpuskit.io.files import temporary_directory
from corpuskit.io.units import Source, Unit
from corpuskit.vocab.counts import write_words
from corpuskit.work.stage import Part, PartWriter, Stage

OPEN_RUNS = 256

_LATIN = re.compile(
    r"[0-9A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0300-\u036f\u1e00-\u1eff]+"
)


class _Normalizer(dict[int, str]):
    """Table for ``str.translate``: what BERT's normaliser makes of each character.

    It works character by character (but for the order of combining marks, which it drops),
    and a table is many times faster.
    """

    def __init__(self, lowercase: bool) -> None:
        from tokenizers.normalizers import BertNormalizer

        self._normalizer = BertNormalizer(lowercase=lowercase)

    def __missing__(self, point: int) -> str:
        self[point] = self._normalizer.normalize_str(chr(point))
        return self[point]


_table = functools.cache(_Normalizer)


def normalize(text: str, *, lowercase: bool) -> str:
    """Text as BERT's normaliser leaves it, with spaces around ideographs.

    >>> normalize("Café\\t中文", lowercase=True)
    'cafe  中  文 '
    """
    return text.translate(_table(lowercase))


def latin_words(run: str) -> list[str]:
    """The runs of Latin letters and digits in normalised text.

    >>> latin_words("iphone-15，straße")
    ['iphone', '15', 'straße']
    """
    return _LATIN.findall(run)


def all_words(run: str) -> list[str]:
    """The words of every script in normalised text; punctuation stands alone.

    >>> all_words("привет,世!")
    ['привет', ',', '世', '!']
    """
    from tokenizers.pre_tokenizers import BertPreTokenizer

    return [word for word, _ in BertPreTokenizer().pre_tokenize_str(run)]


def is_word(text: str, *, lowercase: bool) -> bool:
    """Whether the encoder leaves ``text`` whole and unchanged until WordPiece sees it.

    >>> is_word("café", lowercase=False), is_word("café", lowercase=True)
    (True, False)
    """
    return normalize(text, lowercase=lowercase) == text and all_words(text) == [text]


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

        def frequent(totals: Iterator[tuple[str, int]]) -> Iterator[tuple[str, int]]:
            nonlocal written
            for word, count in totals:
                if count >= self.min_count:
                    written += 1
                    yield word, count

        with temporary_directory(output) as directory:
            runs = [part.path("words") for part in parts]
            write_words(output, frequent(merge_files(runs, directory)))
        return {"distinct": written}


class WordsKernel:
    """Counts the words of a unit; the part is sorted by word."""

    def __init__(self, stage: WordsStage) -> None:
        self._stage = stage
        self._words = latin_words if stage.scripts == "latin" else all_words

    def run(self, unit: Unit, part: PartWriter) -> None:
        runs: Counter[str] = Counter()
        for document in part.documents(self._stage.key):
            part.counts["documents"] += 1
            runs.update(normalize(document.text, lowercase=self._stage.lowercase).split())
        counts = self._cut(runs)
        part.counts["words"] += counts.total()
        for word in sorted(counts):
            part.write("words", f"{word}\t{counts[word]}\n".encode())

    def _cut(self, runs: Counter[str]) -> Counter[str]:
        """Word counts from counts of runs; cutting each run once is what makes it fast."""
        counts: Counter[str] = Counter()
        for run, count in runs.items():
            for word in self._words(run):
                counts[word] += count
        return counts


def _read(path: Path) -> Iterator[tuple[str, int]]:
    with path.open(encoding="utf-8", newline="\n") as lines:
        for line in lines:
            word, _, count = line.rstrip("\n").partition("\t")
            yield word, int(count)


def merge_files(runs: Sequence[Path], directory: Path) -> Iterator[tuple[str, int]]:
    """Add up any number of sorted count files; few are open at a time.

    Intermediate results go to ``directory``, which has to stay until the end.
    """
    for level in itertools.count():
        if len(runs) <= OPEN_RUNS:
            break
        starts = range(0, len(runs), OPEN_RUNS)
        groups = [runs[start : start + OPEN_RUNS] for start in starts]
        runs = [directory / f"{level}-{number}" for number in range(len(groups))]
        for group, run in zip(groups, runs, strict=True):
            write_words(run, merge_counts([_read(path) for path in group]))
    return merge_counts([_read(path) for path in runs])


def merge_counts(runs: Sequence[Iterator[tuple[str, int]]]) -> Iterator[tuple[str, int]]:
    """Add up sorted runs of counts as a stream."""
    for word, group in itertools.groupby(heapq.merge(*runs), key=lambda pair: pair[0]):
        yield word, sum(count for _, count in group)
