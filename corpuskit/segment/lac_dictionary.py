"""The user's dictionary in LAC's format.

A line is a phrase: its words separated by white space, each followed by ``/label`` or not.
"春天/SEASON" makes a word with a label, "花 开" makes two words wherever 花开 occurs. A single
character without a label is ignored, as in LAC. Of equal phrases the last line counts.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from corpuskit.errors import DataError


class Phrase(NamedTuple):
    """Characters of a phrase; for each of its words the end and the label ("" for none)."""

    text: str
    ends: list[int]
    labels: list[str]


def read_dictionary(path: Path) -> list[Phrase]:
    """Read a dictionary file.

    Raises:
        DataError: The file cannot be read or is not UTF-8.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"cannot read the dictionary: {error}", where=path) from None
    phrases = (parse_phrase(line) for line in text.split("\n"))
    return [phrase for phrase in phrases if phrase is not None]


def parse_phrase(line: str) -> Phrase | None:
    """The phrase of a line, or None where there is nothing to match.

    >>> parse_phrase("花/n 开/v")
    Phrase(text='花开', ends=[1, 2], labels=['n', 'v'])
    """
    text, ends, labels = "", [], []
    for item in line.split():
        slash = item.rfind("/")
        word, label = (item, "") if slash < 1 else (item[:slash], item[slash + 1 :])
        text += word
        ends.append(len(text))
        labels.append(label)
    if not text or (len(text) < 2 and not labels[0]):
        return None
    return Phrase(text, ends, labels)
