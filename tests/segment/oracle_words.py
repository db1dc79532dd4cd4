"""Segmented text and its records, made of strings."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import orjson


def join_words(words: Iterable[str]) -> str:
    """One line of segmented text; a space inside a word stands alone, as every other.

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


def as_text(lines: Iterable[str]) -> bytes:
    """A document of segmented text."""
    return "".join(f"{line}\n" for line in (*lines, "")).encode()


def as_json(key: str, lines: Iterable[str], fields: dict[str, Any]) -> bytes:
    """The record of a document."""
    return orjson.dumps({key: "\n".join(lines), **fields}, option=orjson.OPT_APPEND_NEWLINE)
