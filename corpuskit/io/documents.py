"""What readers give: documents, and rejects with their reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

SAMPLE_BYTES = 200


@dataclass(slots=True)
class Document:
    """One document of a corpus.

    Attributes:
        text: The text under the key that was asked for; sentences or paragraphs are
            separated by newlines.
        fields: All other fields of the record, carried along.
    """

    text: str
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Reject:
    """One record that could not be used.

    Attributes:
        reason: Why, in a few words.
        line: Line of the record, counted from 1 at the start of the unit; None where the
            format has no lines.
        offset: Byte offset of the record in the (decompressed) file.
        sample: The first 200 bytes of the record, undecodable bytes escaped.
    """

    reason: str
    line: int | None = None
    offset: int | None = None
    sample: str = ""


def sample_of(raw: bytes) -> str:
    """The first 200 bytes of a record as printable text.

    >>> sample_of(b"ab\\xff")
    'ab\\\\xff'
    """
    return raw[:SAMPLE_BYTES].decode("utf-8", "backslashreplace")
