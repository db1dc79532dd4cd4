"""JSON Lines: one object a line."""

from __future__ import annotations

from collections.abc import Iterator

from corpuskit.io.documents import Document, Reject
from corpuskit.io.lines import is_blank, unit_lines
from corpuskit.io.reading import Reading
from corpuskit.io.records import BadRecord, parse_record


def read_jsonl(reading: Reading) -> Iterator[Document | Reject]:
    """The documents of the lines that begin in the unit; blank lines are skipped."""
    stop = reading.unit.stop if reading.unit.source.compression == "none" else None
    for offset, raw, fault in unit_lines(reading.unit):
        if stop is not None and offset >= stop:
            return
        reading.lines += 1
        if fault is not None:
            yield reading.reject_line(fault, offset, raw)
        elif not is_blank(raw):
            try:
                yield parse_record(raw, (reading.key,), reading.carry)
            except BadRecord as bad:
                yield reading.reject_line(str(bad), offset, raw)
