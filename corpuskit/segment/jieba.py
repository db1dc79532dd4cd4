"""The jieba engine: the words of ``jieba.cut`` in its accurate mode, computed natively.

The algorithm is that of jieba 0.42.1 (a route of highest probability through the dictionary's
words, then a hidden Markov model for what they do not cover), the data are the installed
package's, and the words are the same for every text.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpuskit import _native
from corpuskit.errors import DataError
from corpuskit.segment.engine import FlatWords
from corpuskit.segment.jieba_cache import open_dictionary
from corpuskit.segment.jieba_dictionary import digest, find_package
from corpuskit.segment.jieba_user import Frequencies, read_user_dict

ALGORITHM = "0.42.1"


class JiebaSegmenter:
    """Words as ``list(jieba.cut(sentence, HMM=hmm))`` gives them.

    The dictionary is opened by the first call that needs it. One object may cut in several
    threads.

    Args:
        user_dict: A dictionary in jieba's format (``word [frequency [tag]]`` a line), added
            to the main one.
        hmm: Find words that no dictionary has.

    Raises:
        UsageError: jieba's data are not installed.
    """

    name = "jieba"

    def __init__(self, user_dict: Path | None = None, hmm: bool = True) -> None:
        self.hmm = hmm
        self._package = find_package()
        self._user_dict = user_dict

    def fingerprint(self) -> str:
        """The algorithm, hashes of the dictionaries, and the mode; words added later are not in it.

        Raises:
            DataError: The user's dictionary cannot be read.
        """
        parts = ["jieba", ALGORITHM, "dictionary", digest(self._package)[:16]]
        if self._user_dict is not None:
            content = hashlib.blake2b(read_user_dict(self._user_dict), digest_size=8)
            parts += ["user", content.hexdigest()]
        return " ".join([*parts, "hmm" if self.hmm else "no-hmm"])

    def cut(self, text: str) -> list[str]:
        """The words of one text."""
        return self.cut_batch([text])[0]

    def cut_batch(self, sentences: Sequence[str]) -> list[list[str]]:
        """The words of each sentence.

        Raises:
            DataError: A sentence has a lone surrogate.
        """
        data, offsets = _encode(sentences)
        lists: list[list[str]] = _native.word_strings(data, *self.cut_flat(data, offsets))
        return lists

    def cut_flat(self, data: bytes | memoryview, offsets: NDArray[np.int64]) -> FlatWords:
        """Cut lines without making a string of any word.

        Args:
            data: UTF-8.
            offsets: int64[lines + 1]; line ``i`` is ``data[offsets[i]:offsets[i + 1]]``.

        Raises:
            DataError: A line is not UTF-8.
        """
        try:
            return FlatWords(*self._frequencies.native.cut(data, offsets, self.hmm))
        except ValueError as error:
            raise DataError(str(error)) from None

    def add_word(self, word: str, frequency: int | None = None) -> None:
        """Add a word; without a frequency, one that keeps the word whole."""
        self._frequencies.add(word, frequency)

    def del_word(self, word: str) -> None:
        """Remove a word; the HMM will not make it either."""
        self._frequencies.add(word, 0)

    def suggest_freq(self, segment: str | Sequence[str], tune: bool = False) -> int:
        """The frequency that keeps a word whole, or that splits it into the given words.

        Args:
            segment: A word, or the words that it is to fall into.
            tune: Give the word this frequency.
        """
        frequency = self._frequencies.suggest(segment)
        if tune:
            self._frequencies.add("".join(segment), frequency)
        return frequency

    @cached_property
    def _frequencies(self) -> Frequencies:
        frequencies = Frequencies(open_dictionary(self._package))
        if self._user_dict is not None:
            frequencies.load(self._user_dict)
        return frequencies


def _encode(sentences: Sequence[str]) -> tuple[bytes, NDArray[np.int64]]:
    """The sentences in one text, and where each begins."""
    try:
        encoded = [sentence.encode() for sentence in sentences]
    except UnicodeEncodeError as error:
        number = next(i for i, sentence in enumerate(sentences) if sentence is error.object)
        raise DataError(
            f"a lone surrogate ({error.object[error.start]!a}) cannot be UTF-8",
            where=f"sentence {number}, character {error.start}",
            hint="text.encode('utf-8', 'replace').decode() replaces it",
        ) from None
    return b"".join(encoded), np.cumsum([0, *map(len, encoded)], dtype=np.int64)
