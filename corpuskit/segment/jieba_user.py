"""jieba's word frequencies, and how a user's words change them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from corpuskit import _native
from corpuskit.errors import DataError, UsageError
from corpuskit.segment.jieba_dictionary import Dictionary

_LINE = re.compile(r"(.+?)( [0-9]+)?( [a-z]+)?")


class Frequencies:
    """The dictionary's frequencies under those of the user.

    Every rule here is jieba's: a frequency that is not given is made large enough for the
    word to be cut out, and no change takes anything from the total.

    Attributes:
        native: The engine, which sees every change.
    """

    def __init__(self, dictionary: Dictionary) -> None:
        self._total = dictionary.total
        self._user: dict[str, int] = {}
        self.native = _native.JiebaSegmenter(dictionary.image, math.log(self._total))

    def get(self, word: str, default: int) -> int:
        """The word's frequency; 0 if it only begins other words."""
        if word in self._user:
            return self._user[word]
        frequency: int = self.native.frequency(word)
        return default if frequency < 0 else frequency

    def add(self, word: str, frequency: int | None = None) -> None:
        """Add a word or change its frequency; 0 also keeps the HMM from making it.

        Raises:
            UsageError: The word is empty or no text, or the frequency is negative.
        """
        if not word or not _is_text(word):
            raise UsageError(f"{word!a} cannot be a word of a dictionary")
        if frequency is None:
            frequency = self.suggest(word)
        if frequency < 0:
            raise UsageError(f"the frequency of '{word}' is negative")
        self._total += frequency
        self._user[word] = frequency
        for end in range(1, len(word)):
            if self.get(word[:end], -1) < 0:
                self._user[word[:end]] = 0
        self.native.set_word(word, frequency > 0, math.log(frequency or 1), math.log(self._total))

    def suggest(self, segment: str | Sequence[str]) -> int:
        """The frequency that makes a word stay whole, or fall into the words of a sequence."""
        product = 1.0
        for word in self._cut(segment) if isinstance(segment, str) else segment:
            product *= self.get(word, 1) / float(self._total)
        frequency = int(product * self._total)
        if isinstance(segment, str):
            return max(frequency + 1, self.get(segment, 1))
        return min(frequency, self.get("".join(segment), 0))

    def load(self, path: Path) -> None:
        """Add the words of a dictionary file: ``word [frequency [tag]]`` a line, UTF-8.

        Raises:
            DataError: The file cannot be read, or a line of it is not UTF-8.
        """
        for number, word, frequency in _entries(path):
            try:
                self.add(word, None if frequency is None else int(frequency))
            except (UsageError, ValueError, OverflowError) as error:
                raise DataError(
                    f"not a jieba dictionary: {error}", where=f"{path}:{number}"
                ) from None

    def _cut(self, text: str) -> list[str]:
        data = text.encode()
        begin, lines = self.native.cut(data, np.array([0, len(data)]), hmm=False)
        words: list[str] = _native.word_strings(data, begin, lines)[0]
        return words


def read_user_dict(path: Path) -> bytes:
    """The file's bytes; what keeps it from being read is a ``DataError``."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataError(f"cannot read the dictionary: {error.strerror}", where=path) from None


def _is_text(word: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in word)


def _entries(path: Path) -> Iterator[tuple[int, str, str | None]]:
    """(line number, word, frequency) of the lines that are not empty."""
    for number, line in enumerate(read_user_dict(path).split(b"\n"), 1):
        try:
            text = line.strip().decode().lstrip("\ufeff")
        except UnicodeDecodeError:
            raise DataError(
                "not a jieba dictionary: a line is not UTF-8",
                where=f"{path}:{number}",
                hint="iconv -f GB18030 -t UTF-8",
            ) from None
        match = _LINE.fullmatch(text)
        if match is not None:
            yield number, match[1], match[2]
