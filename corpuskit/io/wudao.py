"""WuDao: one JSON array of objects, however long it is.

WuDao corpora keep the text under ``content``; that is where it is looked for when the
caller asks for ``text`` and an object has none.
"""

from __future__ import annotations

from collections.abc import Iterator

from corpuskit._native import JsonArrayScanner
from corpuskit.io.compression import DamagedStream, read_blocks
from corpuskit.io.documents import SAMPLE_BYTES, Document, Reject, sample_of
from corpuskit.io.lines import MAX_RECORD_BYTES, too_long
from corpuskit.io.reading import Reading
from corpuskit.io.records import BadRecord, parse_record

WUDAO_KEYS = ("text", "content")
OUTSIDE = "outside the array: WuDao files hold one JSON array of objects"
UNCLOSED = "truncated array: the file ends before its closing bracket"


def read_wudao(reading: Reading) -> Iterator[Document | Reject]:
    """The documents of the array elements that begin in the unit.

    A unit other than the first begins at an element and ends before another, so that its
    elements are found without the rest of the file.
    """
    unit, source = reading.unit, reading.unit.source
    stop = unit.stop if source.compression == "none" else None
    scanner = JsonArrayScanner(inside=unit.start > 0, offset=unit.start)
    window = _Window(unit.start)
    fault = None
    try:
        for block in read_blocks(source.path, source.compression, unit.start, stop):
            window.append(block)
            for begin, end, inside in scanner.feed(block).tolist():
                yield _element(reading, window, (begin, end), bool(inside))
            window.keep_from(scanner.open)
    except DamagedStream as damage:
        fault = str(damage)
    if fault is None and scanner.inside:
        fault = UNCLOSED if unit.stop == source.size else None
    elif fault is None and scanner.open >= 0:
        fault = OUTSIDE
    if fault is not None:
        offset = scanner.open if scanner.open >= 0 else window.stop
        yield Reject(fault, None, offset, sample_of(window.head(offset)))


def _element(
    reading: Reading, window: _Window, span: tuple[int, int], inside: bool
) -> Document | Reject:
    begin, end = span
    if begin < window.start:
        reason = too_long("record")
    elif not inside:
        reason = OUTSIDE
    else:
        keys = WUDAO_KEYS if reading.key == WUDAO_KEYS[0] else (reading.key,)
        try:
            return parse_record(window.between(begin, end), keys, reading.carry)
        except BadRecord as bad:
            reason = str(bad)
    return Reject(reason, None, begin, sample_of(window.head(begin)[: end - begin]))


class _Window:
    """The bytes from the open element on; only the head of an element that is too long.

    Attributes:
        start, stop: Offsets of the bytes held.
    """

    def __init__(self, start: int) -> None:
        self.start = start
        self._held = bytearray()
        self._head = b""

    @property
    def stop(self) -> int:
        return self.start + len(self._held)

    def append(self, block: bytes) -> None:
        self._held += block

    def between(self, begin: int, end: int) -> bytes:
        return bytes(self._held[begin - self.start : end - self.start])

    def head(self, begin: int) -> bytes:
        """The first bytes of the element that begins there, enough for a sample."""
        if begin < self.start:
            return self._head
        return self.between(begin, begin + SAMPLE_BYTES + 1)

    def keep_from(self, open_element: int) -> None:
        """Forget what stands before the open element (-1: none is open)."""
        if open_element < self.start:
            self._forget(self.stop)
            return
        self._forget(open_element)
        if len(self._held) > MAX_RECORD_BYTES:
            self._head = self.head(open_element)
            self._forget(self.stop)

    def _forget(self, offset: int) -> None:
        del self._held[: offset - self.start]
        self.start = offset
