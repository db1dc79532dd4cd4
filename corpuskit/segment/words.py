"""Segmented text: words joined by one space; and back.

A space of the source is a word of its own, so that it shows as three spaces.
"""

from __future__ import annotations

import re
from collections.abc import Iterable


def join_words(words: Iterable[str]) -> str:
    """One line of segmented text; :func:`split_words` gives the words back.

    A space inside a word stands alone, as every other.

    >>> join_words(["北京", " ", "2008"]), join_words(["New York"])
    ('北京   2008', 'New   York')
    """
    pieces: list[str] = []
    for word in words:
        if " " in word and word != " ":
            pieces += re.findall(" |[^ ]+", word)
        elif word:
            pieces.append(word)
    return " ".join(pieces)


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
