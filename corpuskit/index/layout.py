"""The fixed parts of an ``.idx`` file: magic, version, type codes, header."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from corpuskit.errors import DataError

MAGIC = b"MMIDIDX\x00\x00"
VERSION = 1
HEADER = struct.Struct("<9sQBQQ")

# Codes 6 and 7 stand for different floats in different versions of Megatron, and 9 and 10
# are unknown to it: none of them is an id type.
DTYPES = {
    code: np.dtype(name)
    for code, name in {1: "u1", 2: "i1", 3: "<i2", 4: "<i4", 5: "<i8", 8: "<u2"}.items()
}
CODES = {dtype: code for code, dtype in DTYPES.items()}

REWRITE = "the file was cut or damaged: copy it again, or write it again with `corpuskit tokenize`"


@dataclass(frozen=True)
class Header:
    """The first 34 bytes of an ``.idx``.

    Attributes:
        dtype: Type of the ids in ``.bin``.
        sentences: Number of sentences.
        boundaries: Length of the document index: the number of documents + 1.
    """

    dtype: np.dtype[Any]
    sentences: int
    boundaries: int

    @property
    def idx_bytes(self) -> int:
        """How long the ``.idx`` must be."""
        return HEADER.size + 12 * self.sentences + 8 * self.boundaries


def read_header(path: Path) -> Header:
    """Read and check the header of an ``.idx``; raises ``DataError``."""
    try:
        with path.open("rb") as handle:
            raw = handle.read(HEADER.size)
    except OSError as error:
        hint = "PREFIX is the path without .bin or .idx" if not path.exists() else None
        raise DataError(error.strerror or str(error), where=path, hint=hint) from None
    if raw[: len(MAGIC)] != MAGIC:
        raise DataError("not an index file: it does not begin with MMIDIDX", where=path)
    if len(raw) < HEADER.size:
        raise DataError("truncated inside its header", where=path, hint=REWRITE)
    _, version, code, sentences, boundaries = HEADER.unpack(raw)
    if version != VERSION:
        raise DataError(f"index version {version}; only version 1 exists", where=path)
    if code not in DTYPES:
        raise DataError(f"unknown type code {code} for ids", where=path, hint=REWRITE)
    return Header(DTYPES[code], sentences, boundaries)
