"""Where a sentence ends.

Two sets of rules, computed natively:

``default``
    Chinese and ASCII terminators, ``……`` and line ends close a sentence; a run of
    terminators stays together (``?!``) and closing quotes and brackets stay with the
    sentence they close. An ASCII ``?``, ``!`` or ``;`` ends a sentence only before a space,
    an East Asian character or the end, so that addresses stay whole; a full stop ends one
    before a space and a capital letter or digit, but not after an abbreviation, an initial or
    the number of a list item. White space around sentences is dropped.
``paddle``
    The rules of the PaddleNLP ERNIE data tools (``words_segmentation.py``), to the letter,
    except that sentences of nothing but white space are dropped.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpuskit import _native

RULES = ("default", "paddle")


class FlatSentences(NamedTuple):
    """The sentences of a batch of documents, in one text.

    Attributes:
        data: uint8[bytes]; UTF-8.
        begin: int64[sentences + 1]; sentence ``i`` is ``data[begin[i]:begin[i + 1]]``.
        per_document: int64[documents]; the number of sentences of each document.
    """

    data: NDArray[np.uint8]
    begin: NDArray[np.int64]
    per_document: NDArray[np.int64]


def split_flat(
    data: bytes, offsets: NDArray[np.int64], rules: str = "default", max_chars: int = 0
) -> FlatSentences:
    """Cut documents into sentences without making a string of any.

    Args:
        data: UTF-8.
        offsets: int64[documents + 1]; document ``i`` is ``data[offsets[i]:offsets[i + 1]]``.
        rules: One of :data:`RULES`.
        max_chars: Sentences of more characters are cut behind the last comma that keeps a
            piece within the limit, or else at the limit; 0 for no limit.

    Raises:
        ValueError: Unknown rules, a negative limit, or offsets that do not fit the data.
    """
    return FlatSentences(*_native.split_sentences(data, offsets, rules, max_chars))


def split_text(text: str, rules: str = "default", max_chars: int = 0) -> list[str]:
    """The sentences of one document; arguments are those of :func:`split_flat`.

    >>> split_text("真的?!不会吧；；是的", "paddle")
    ['真的?', '!', '不会吧；', '是的']
    >>> split_text("一二，三四五，六", max_chars=5)
    ['一二，', '三四五，六']
    """
    encoded = text.encode()
    offsets = np.array([0, len(encoded)], dtype=np.int64)
    sentences = split_flat(encoded, offsets, rules, max_chars)
    data = sentences.data.tobytes()
    return [data[start:stop].decode() for start, stop in pairwise(sentences.begin.tolist())]


def split_default(text: str) -> list[str]:
    """Sentences under the default rules, stripped, none empty.

    >>> split_default("他说：“走吧。”然后走了。真的?!不会吧……好")
    ['他说：“走吧。”', '然后走了。', '真的?!', '不会吧……', '好']
    """
    return split_text(text)
