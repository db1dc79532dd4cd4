"""The file of a converted LAC model: the safetensors layout, read by mapping it.

A little-endian uint64 with the size of the header, the header (a JSON object: name ->
``{"dtype", "shape", "data_offsets"}``, and strings under ``__metadata__``), the tensors.
"""

from __future__ import annotations

import json
import mmap
import struct
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpuskit.errors import DataError
from corpuskit.io.files import atomic_write

Tensors = dict[str, NDArray[Any]]

_DTYPES = {"F32": "<f4", "I32": "<i4", "U32": "<u4"}
_CODES = {np.dtype(dtype): code for code, dtype in _DTYPES.items()}
_ALIGNMENT = 64


class ModelFile(NamedTuple):
    """A mapped model: its tensors are views of the file."""

    metadata: dict[str, str]
    tensors: Tensors


def write_model(path: Path, tensors: Tensors, metadata: dict[str, str]) -> None:
    """Write tensors and metadata; equal content gives equal bytes."""
    header: dict[str, Any] = {"__metadata__": metadata}
    offset = 0
    for name, tensor in tensors.items():
        span = [offset, offset + tensor.nbytes]
        code = _CODES[tensor.dtype]
        header[name] = {"dtype": code, "shape": list(tensor.shape), "data_offsets": span}
        offset += tensor.nbytes
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-(8 + len(text)) % _ALIGNMENT)
    with atomic_write(path) as handle:
        handle.write(struct.pack("<Q", len(text)) + text)
        for tensor in tensors.values():
            handle.write(np.ascontiguousarray(tensor).tobytes())


def read_model(path: Path) -> ModelFile:
    """Map a file of :func:`write_model`.

    Raises:
        DataError: The file is cut short or is something else.
    """
    try:
        with path.open("rb") as handle:
            data = mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ)
        (size,) = struct.unpack_from("<Q", data)
        header = json.loads(data[8 : 8 + size])
        metadata = header.pop("__metadata__")
        tensors = {name: _view(data, 8 + size, **entry) for name, entry in header.items()}
    except (struct.error, ValueError, KeyError, TypeError, AttributeError):
        raise DataError("not a converted LAC model, or cut short", where=path) from None
    return ModelFile(metadata, tensors)


def _view(
    data: mmap.mmap, base: int, *, dtype: str, shape: list[int], data_offsets: list[int]
) -> NDArray[Any]:
    begin, end = data_offsets
    kind = np.dtype(_DTYPES[dtype])
    flat = np.frombuffer(data, kind, (end - begin) // kind.itemsize, base + begin)
    return flat.reshape(shape)
