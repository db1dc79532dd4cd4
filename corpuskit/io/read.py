"""Reading: the documents and rejects of a unit, whatever its format."""

from __future__ import annotations

from collections.abc import Iterator

from corpuskit.io.documents import Document, Reject
from corpuskit.io.jsonl import read_jsonl
from corpuskit.io.reading import Reading
from corpuskit.io.text import read_text
from corpuskit.io.units import Unit
from corpuskit.io.wudao import read_wudao


class Reader(Reading):
    """Iterates over the documents and rejects of one unit, in constant memory.

    Bad input never raises: it is a :class:`Reject`, and reading goes on after it. The
    documents of a file's units, one after the other, are the documents of the file.

    After iteration ``lines`` is the number of lines (rows, for Parquet) of the unit; add
    up those of earlier units to count a reject's line from the start of the file.

    Raises:
        DataError: The file cannot be opened or read at all.
    """

    def __iter__(self) -> Iterator[Document | Reject]:
        self.lines = 0
        if self.unit.source.format == "parquet":
            from corpuskit.io.parquet import read_parquet  # Arrow is slow to import

            return read_parquet(self)
        return _READERS[self.unit.source.format](self)


_READERS = {"jsonl": read_jsonl, "wudao": read_wudao, "txt": read_text, "clue": read_text}


def read(unit: Unit, key: str = "text", carry: bool = True) -> Reader:
    """Read a unit.

    Args:
        unit: A unit of a plan.
        key: Key or column of the text; for WuDao arrays ``text`` also finds ``content``.
        carry: Keep the other fields of the records in :attr:`Document.fields`.
    """
    return Reader(unit, key, carry)
