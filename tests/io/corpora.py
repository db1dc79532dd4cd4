"""What the reader tests share: writing small files and reading them whole or in units."""

from __future__ import annotations

import gzip
import lzma
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import zstandard

from corpuskit.io.discover import discover
from corpuskit.io.documents import Document, Reject
from corpuskit.io.plan import plan
from corpuskit.io.read import Reader
from corpuskit.io.units import UNIT_BYTES

COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "none": bytes,
    "gz": gzip.compress,
    "zst": zstandard.ZstdCompressor(write_checksum=True).compress,
    "xz": partial(lzma.compress, preset=0),
}
TOOLS = {"gz": "gzip", "zst": "zstd", "xz": "xz"}


def write(path: Path, data: bytes, compression: str = "none") -> Path:
    path.write_bytes(COMPRESS[compression](data))
    return path


def read_file(
    path: Path, format: str = "auto", *, key: str = "text", unit_bytes: int = UNIT_BYTES
) -> tuple[list[Document | Reject], int]:
    """All items of a file, lines counted from its start, and its number of lines."""
    items: list[Document | Reject] = []
    lines = 0
    for unit in plan(discover([path], format), unit_bytes):
        reader = Reader(unit, key)
        for item in reader:
            if isinstance(item, Reject) and item.line is not None:
                item = replace(item, line=item.line + lines)
            items.append(item)
        lines += reader.lines
    return items, lines


def texts(items: list[Document | Reject]) -> list[str]:
    return [item.text for item in items if isinstance(item, Document)]


def rejects(items: list[Document | Reject]) -> list[Reject]:
    return [item for item in items if isinstance(item, Reject)]


def only_reject(path: Path, format: str = "auto", **options: str) -> Reject:
    """The reject of a file that has just one."""
    items, _ = read_file(path, format, **options)  # type: ignore[arg-type]
    (reject,) = rejects(items)
    return reject
