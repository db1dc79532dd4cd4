"""Segmented text: words joined by one space; and back.

A space of the source is a word of its own, so that it shows as three spaces.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpuskit import _native
from corpuskit.segment.engine import Words
from corpuskit.segment.sentences import FlatSentences


class FlatDocuments(NamedTuple):
    """Segmented documents in one text.

    Attributes:
        data: uint8[bytes]; UTF-8.
        begin: int64[documents + 1]; document ``i`` is ``data[begin[i]:begin[i + 1]]``.
    """

    data: NDArray[np.uint8]
    begin: NDArray[np.int64]


def join_words(sentences: FlatSentences, words: Words, json: bool = False) -> FlatDocuments:
    """Segmented text; :func:`split_words` gives the words of a line back.

    A space inside a word stands alone, as every other.

    Args:
        sentences: The sentences of a batch of documents.
        words: Their words.
        json: Sentences are separated by ``\\n``, and the text is escaped as the inside of a
            JSON string; otherwise each ends with a line feed, and each document with one more.
    """
    per_document = sentences.per_document
    return FlatDocuments(
        *_native.join_documents(
            sentences.data.data, words.begin, words.line_begin, per_document, json=json
        )
    )


def split_words(line: str) -> list[str]:
    """The words of one line of segmented text.

    >>> split_words("北京   2008")
    ['北京', ' ', '2008']
    """
    if "  " not in line and line != " ":
        return [word for word in line.split(" ") if word]
    words: list[str] = []
    empty = 0
    for piece in line.split(" "):
        if piece:
            words += [" "] * (empty // 2)
            words.append(piece)
            empty = 0
        else:
            empty += 1
    return words + [" "] * (empty // 2)


def unsegment(line: str) -> str:
    """The source text of a line of segmented text.

    >>> unsegment("我 爱 北京   2008")
    '我爱北京 2008'
    """
    return "".join(split_words(line))
