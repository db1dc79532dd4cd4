"""Plain text: documents between blank lines, as in the CLUE corpora.

A document begins at the first line that is not blank, at the start of the file or after a
blank line. A line of white space only (U+3000 included) is blank. A document's text is its
lines, joined by newlines.
"""

from __future__ import annotations

from collections.abc import Iterator

from corpuskit.io.documents import SAMPLE_BYTES, Document, Reject, sample_of
from corpuskit.io.lines import MAX_RECORD_BYTES, is_blank, line_start_before, too_long, unit_lines
from corpuskit.io.reading import Reading
from corpuskit.io.records import invalid_utf8


def read_text(reading: Reading) -> Iterator[Document | Reject]:
    """The documents that begin in the unit; the last may end beyond it.

    Reading starts a line early: that line tells whether the unit begins inside a document,
    which then belongs to the unit before.
    """
    start, stop = _range(reading)
    inside = False
    document: _OpenDocument | None = None
    for offset, raw, fault in unit_lines(reading.unit, line_start_before(reading.unit)):
        beyond = offset >= stop
        reading.lines += start <= offset < stop
        if fault is None and is_blank(raw):
            if document:
                yield document.close()
            inside, document = False, None
        elif document:
            document.add(raw, fault)
        elif not inside and not beyond:
            inside = True
            if offset >= start:
                document = _OpenDocument(reading.lines, offset)
                document.add(raw, fault)
        if beyond and not document:
            return
    if document:
        yield document.close()


def _range(reading: Reading) -> tuple[int, float]:
    """The offsets in which the unit's documents begin; a compressed file has no known end."""
    plain = reading.unit.source.compression == "none"
    return reading.unit.start, reading.unit.stop if plain else float("inf")


class _OpenDocument:
    """A document whose end has not been seen; only its head once it is known to be bad."""

    def __init__(self, line: int, offset: int) -> None:
        self.line = line
        self.offset = offset
        self.size = 0
        self.fault: str | None = None
        self._lines: list[bytes] = []

    def add(self, raw: bytes, fault: str | None) -> None:
        self.size += len(raw) + 1
        if self.size > MAX_RECORD_BYTES:
            fault = fault or too_long("document") + " without a blank line"
        if self.fault is None:
            self._lines.append(raw)
            if fault is not None:
                self.fault = fault
                self._lines = [b"\n".join(self._lines)[: SAMPLE_BYTES + 1]]

    def close(self) -> Document | Reject:
        raw = b"\n".join(self._lines)
        fault = self.fault
        try:
            if fault is None:
                return Document(_unix_lines(raw.decode()))
        except UnicodeDecodeError as error:
            fault = invalid_utf8(error)
        return Reject(fault, self.line, self.offset, sample_of(raw))


def _unix_lines(text: str) -> str:
    return text.replace("\r\n", "\n").removesuffix("\r") if "\r" in text else text
