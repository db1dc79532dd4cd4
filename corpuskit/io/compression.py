"""Bytes of plain and compressed files, block by block.

Compression is recognised by the first bytes of a file, never by its name. Members and
frames that follow each other are read as one stream, as their own tools do it.
"""

from __future__ import annotations

import lzma
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Protocol

import zstandard

from corpuskit.errors import DataError

BLOCK_BYTES = 1 << 20
COMPRESSED_BLOCK_BYTES = 16 << 10  # small, since what comes out may be a thousand times that
LONGEST_ZSTD_WINDOW = 1 << 31  # zstd --long=31

TOOLS = {"gz": "gzip", "zst": "zstd", "xz": "xz"}


class DamagedStream(Exception):
    """Compressed data that break off or are not valid; all that came before was given."""


class _Decompressor(Protocol):
    """What zlib, lzma and zstandard objects have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, /) -> bytes: ...


def compression_of(head: bytes) -> str:
    """``gz``, ``zst``, ``xz`` or ``none``, from the first bytes of a file.

    >>> compression_of(b"\\x1f\\x8b\\x08")
    'gz'
    """
    if head.startswith(b"\x1f\x8b"):
        return "gz"
    if head.startswith(b"\xfd7zXZ\0"):
        return "xz"
    skippable = head[1:4] == b"\x2a\x4d\x18" and head[0] & 0xF0 == 0x50
    return "zst" if skippable or head.startswith(b"\x28\xb5\x2f\xfd") else "none"


def read_blocks(
    path: Path, compression: str = "none", start: int = 0, stop: int | None = None
) -> Iterator[bytes]:
    """The bytes of a file, decompressed, in blocks of about 1 MB or less.

    Args:
        path: The file.
        compression: As :func:`compression_of` names it.
        start, stop: Range of a plain file; compressed files are read from end to end.

    Raises:
        DamagedStream: The compressed data are damaged.
        DataError: The file cannot be read.
    """
    try:
        with path.open("rb") as file:
            if compression == "none":
                yield from _plain_blocks(file, start, stop)
            else:
                yield from _decompressed_blocks(file, compression)
    except OSError as error:
        raise unreadable(path, error) from error


def unreadable(path: Path, error: OSError) -> DataError:
    """The user error for an input that cannot be read."""
    hint = "check the path and its permissions, then run the same command again"
    return DataError(f"cannot read the input: {error.strerror or error}", where=path, hint=hint)


def _plain_blocks(file: BinaryIO, start: int, stop: int | None) -> Iterator[bytes]:
    file.seek(start)
    left = BLOCK_BYTES if stop is None else stop - start
    while block := file.read(min(left, BLOCK_BYTES)):
        yield block
        if stop is not None:
            left -= len(block)


def _decompressed_blocks(file: BinaryIO, compression: str) -> Iterator[bytes]:
    tool = TOOLS[compression]
    stream = _decompressor(compression)
    fed = False  # whether the current member has begun
    offset = 0
    data = b""
    try:
        while data := data or file.read(COMPRESSED_BLOCK_BYTES):
            offset = file.tell() - len(data)
            if not fed and not (data := data.lstrip(b"\0")):
                continue  # padding between or after members
            if block := stream.decompress(data):
                yield block
            fed, data = True, b""
            if stream.eof:
                data = stream.unused_data
                stream = _decompressor(compression)
                fed = False
    except (zlib.error, lzma.LZMAError, zstandard.ZstdError) as error:
        where = f"near byte {offset} of the compressed file"
        raise DamagedStream(f"damaged {tool} stream: {where} ({error})") from None
    if fed:
        where = f"at byte {file.tell()} of the compressed file"
        raise DamagedStream(f"truncated {tool} stream: {where}")


def _decompressor(compression: str) -> _Decompressor:
    if compression == "gz":
        return zlib.decompressobj(wbits=31)
    if compression == "xz":
        return lzma.LZMADecompressor()
    zstd = zstandard.ZstdDecompressor(max_window_size=LONGEST_ZSTD_WINDOW)
    return zstd.decompressobj()
