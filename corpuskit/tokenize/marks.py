"""Whole-word marks: ids that say "this ideograph continues the word before it".

After the base vocabulary come continuation ids (``##中``), one for every token that is a
single ideograph of U+4E00-U+9FA5. They exist on disk only: training maps them back before
the model sees them. Marks follow the character offsets of the segmenter's words, so that a
word's length, its letters or an unknown character in it make no difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from corpuskit.errors import UsageError
from corpuskit.index.sidecar import Continuation
from corpuskit.tokenize.encoder import Encoded, Encoder
from corpuskit.vocab.unicode import is_basic_cjk


def continuation_of(encoder: Encoder) -> Continuation:
    """The continuation ids of an encoder, allocated from its largest id + 1."""
    if encoder.tokens is None:
        raise UsageError(
            "whole-word marks need a WordPiece vocabulary",
            where=encoder.name,
            hint="use --vocab vocab.txt, or leave out --cn-whole-word",
        )
    base = [index for index, token in enumerate(encoder.tokens) if is_basic_cjk(token)]
    return Continuation(encoder.vocab_size, len(base), base)


class Marker:
    """Replaces the ids of ideographs inside words by their continuation ids."""

    def __init__(self, continuation: Continuation, vocab_size: int) -> None:
        self._table = np.arange(vocab_size, dtype=np.int32)
        self._table[continuation.base_ids] = np.arange(
            continuation.first, continuation.first + continuation.count, dtype=np.int32
        )

    def mark(self, encoded: Encoded, sentences: Sequence[Sequence[str]]) -> NDArray[np.int32]:
        """The marked ids.

        Args:
            encoded: What the encoder made of the joined words of each sentence.
            sentences: The words.
        """
        assert encoded.starts is not None
        word_starts = _running_sum(len(word) for words in sentences for word in words)
        first_words = _running_sum(map(len, sentences))
        begins = np.zeros(word_starts[-1] + 1, bool)
        begins[word_starts] = True
        positions = encoded.starts + np.repeat(word_starts[first_words[:-1]], encoded.sizes)
        return np.where(begins[positions], encoded.ids, self._table[encoded.ids])


def _running_sum(numbers: Iterable[int]) -> NDArray[np.int64]:
    """The sums of none, one, two, ... of the numbers."""
    return np.fromiter(chain([0], numbers), np.int64).cumsum()
