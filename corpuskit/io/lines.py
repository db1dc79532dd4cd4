"""Lines of a stream in constant memory, with their offsets, and the lines of a unit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from corpuskit.io.compression import BLOCK_BYTES, DamagedStream, read_blocks
from corpuskit.io.documents import SAMPLE_BYTES
from corpuskit.io.units import Unit

BOM = b"\xef\xbb\xbf"
MAX_RECORD_BYTES = 256 << 20

# White space as str.isspace knows it, in UTF-8.
_BLANK = re.compile(
    rb"(?:[\t-\r\x1c-\x20]|\xc2[\x85\xa0]|\xe1\x9a\x80|\xe2\x80[\x80-\x8a\xa8\xa9\xaf]"
    rb"|\xe2\x81\x9f|\xe3\x80\x80)*"
)

Line = tuple[int, bytes, str | None]
"""Offset; the line without its line feed; why it cannot be used, or None. A line with a
fault is only the head of itself."""


def is_blank(raw: bytes) -> bool:
    """Whether a line is empty or all white space, U+3000 included.

    >>> is_blank("　\\r".encode()), is_blank("　文".encode())
    (True, False)
    """
    return _BLANK.fullmatch(raw) is not None


def unit_lines(unit: Unit, start: int | None = None) -> Iterator[Line]:
    """Lines from ``start`` (by default the first that begins in the unit) to the file's end.

    The caller stops where it has what it owns. There are none when no line begins in the
    unit.
    """
    source = unit.source
    first = first_line_start(unit)
    if first is None:
        return iter(())
    start = first if start is None else start
    return split_lines(read_blocks(source.path, source.compression, start), start)


def first_line_start(unit: Unit) -> int | None:
    """Offset of the first line that begins in the unit."""
    if unit.start == 0:
        return 0
    offset = unit.start - 1
    for block in read_blocks(unit.source.path, start=offset, stop=unit.stop - 1):
        found = block.find(b"\n")
        if found >= 0:
            return offset + found + 1
        offset += len(block)
    return None


def line_start_before(unit: Unit) -> int:
    """Offset of the line that holds the last byte before the unit; 0 for the first unit."""
    stop = unit.start - 1
    while stop > 0:
        start = max(0, stop - BLOCK_BYTES)
        block = b"".join(read_blocks(unit.source.path, start=start, stop=stop))
        found = block.rfind(b"\n")
        if found >= 0:
            return start + found + 1
        stop = start
    return 0


def split_lines(blocks: Iterable[bytes], offset: int = 0) -> Iterator[Line]:
    """Cut blocks of bytes into lines.

    A byte order mark at offset 0 is taken off. A line longer than 256 MB is given
    as its head with a fault; so is what stands after the last line feed of a damaged
    stream.
    """
    tail = _OpenLine()
    fault = None
    try:
        for block in blocks:
            first, *rest = block.split(b"\n")
            tail.add(first)
            if not rest:
                continue
            yield offset, tail.take(offset), tail.fault
            offset += tail.size + 1
            last = rest.pop()
            for raw in rest:
                yield offset, raw, None
                offset += len(raw) + 1
            tail = _OpenLine()
            tail.add(last)
    except DamagedStream as damage:
        fault = str(damage)
    if tail.size or fault:
        yield offset, tail.take(offset), fault or tail.fault


class _OpenLine:
    """A line that has not ended yet; only its head once it is too long."""

    def __init__(self) -> None:
        self.size = 0
        self.fault: str | None = None
        self._pieces: list[bytes] = []

    def add(self, piece: bytes) -> None:
        self.size += len(piece)
        if self.fault is None:
            self._pieces.append(piece)
        if self.size > MAX_RECORD_BYTES and self.fault is None:
            self.fault = too_long("line")
            head = SAMPLE_BYTES + 1
            self._pieces = [b"".join(piece[:head] for piece in self._pieces)[:head]]

    def take(self, offset: int) -> bytes:
        raw = b"".join(self._pieces)
        return raw.removeprefix(BOM) if offset == 0 else raw


def too_long(what: str) -> str:
    """Why a record above the limit is rejected.

    >>> too_long("line")
    'line too long: above 256 MiB'
    """
    return f"{what} too long: above {MAX_RECORD_BYTES / 2**20:g} MiB"
