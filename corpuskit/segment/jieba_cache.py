"""The compiled jieba dictionary in the user's cache: made once, mapped by every process.

The file is named by a hash of what it was made from, so only damage can make it wrong::

    bytes  0-15  magic and version of the layout
    bytes 16-23  CRC-32 of all that follows
    bytes 24-31  sum of all frequencies
    bytes 32-    the image
"""

from __future__ import annotations

import mmap
import os
import struct
import zlib
from pathlib import Path

from corpuskit.io.files import atomic_write
from corpuskit.segment.jieba_dictionary import Dictionary, compile_package, digest

CACHE_VARIABLE = "CORPUSKIT_CACHE"
VERSION = 1

_MAGIC = b"corpuskit jieba%d" % VERSION
_HEAD = struct.Struct("=16sq")
_TOTAL = struct.Struct("=q")


def open_dictionary(package: Path) -> Dictionary:
    """The package's dictionary: from the cache, or compiled now and left there.

    A damaged file is replaced. Where nothing can be kept, the dictionary lives in memory.
    """
    try:
        path = cache_directory() / f"jieba-v{VERSION}-{digest(package)}"
    except RuntimeError:  # the user has no home
        return compile_package(package)
    try:
        return read_dictionary(path)
    except (OSError, ValueError):
        dictionary = compile_package(package)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_dictionary(path, dictionary)
        return read_dictionary(path)
    except (OSError, ValueError):
        return dictionary


def cache_directory() -> Path:
    """``$CORPUSKIT_CACHE``, or ``corpuskit`` in the user's cache directory."""
    named = os.environ.get(CACHE_VARIABLE)
    if named:
        return Path(named)
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "corpuskit"


def write_dictionary(path: Path, dictionary: Dictionary) -> None:
    """Write the file aside and rename it."""
    total = _TOTAL.pack(dictionary.total)
    checksum = zlib.crc32(dictionary.image, zlib.crc32(total))
    with atomic_write(path) as handle:
        handle.write(_HEAD.pack(_MAGIC, checksum) + total)
        handle.write(dictionary.image)


def read_dictionary(path: Path) -> Dictionary:
    """Map the file.

    Raises:
        OSError: There is none.
        ValueError: It is damaged.
    """
    with path.open("rb") as handle:
        data = memoryview(mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ))
    if len(data) < _HEAD.size + _TOTAL.size:
        raise ValueError("cut short")
    magic, checksum = _HEAD.unpack_from(data)
    if magic != _MAGIC or checksum != zlib.crc32(data[_HEAD.size :]):
        raise ValueError("damaged")
    (total,) = _TOTAL.unpack_from(data, _HEAD.size)
    return Dictionary(total, data[_HEAD.size + _TOTAL.size :])
