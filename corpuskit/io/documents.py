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
        reason: Why: a few words that are the same for all rejects of a kind, then, where
            there is more to say, a colon and the particulars.
        line: Line of the record (row, for Parquet), counted from 1 at the start of the
            unit; None where the format has no lines.
        offset: Byte offset of the record in the (decompressed) file; None for Parquet.
        sample: The first 200 bytes of the record, undecodable bytes escaped.
    """

    reason: str
    line: int | None = None
    offset: int | None = None
    sample: str = ""


def sample_of(raw: bytes) -> str:
    """The first 200 bytes of a record as printable text; no character is cut in two.

    >>> sample_of(b"ab\\xff")
    'ab\\\\xff'
    """
    stop = SAMPLE_BYTES
    while stop > SAMPLE_BYTES - 3 and raw[stop : stop + 1] and raw[stop] & 0xC0 == 0x80:
        stop -= 1
    return raw[:stop].decode("utf-8", "backslashreplace")
