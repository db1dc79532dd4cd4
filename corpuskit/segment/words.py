"""Segmented text: words joined by one space; and back.

A space of the source is a word of its own, so that it shows as three spaces.
"""

from __future__ import annotations

from collections.abc import Iterable


def join_words(words: Iterable[str]) -> str:
    """One line of segmented text.

    >>> join_words(["北京", " ", "2008"])
    '北京   2008'
    """
    pieces: list[str] = []
    for word in words:
        if " " in word and word != " ":
            pieces += _split_spaces(word)
        else:
            pieces.append(word)
    return " ".join(pieces)


def _split_spaces(word: str) -> list[str]:
    """Engines may keep spaces inside a word; here every space stands alone."""
    pieces: list[str] = []
    for position, piece in enumerate(word.split(" ")):
        if position:
            pieces.append(" ")
        if piece:
            pieces.append(piece)
    return pieces


def split_words(line: str) -> list[str]:
    """The words of one line of segmented text.

    >>> split_words("北京   2008")
    ['北京', ' ', '2008']
    """
    if "  " not in line:
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
    return words


def unsegment(line: str) -> str:
    """The source text of a line of segmented text.

    >>> unsegment("我 爱 北京   2008")
    '我爱北京 2008'
    """
    return "".join(split_words(line))
