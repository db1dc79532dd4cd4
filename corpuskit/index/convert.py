"""To and from the arrays of PaddleNLP's ERNIE: ``PREFIX_ids.npy`` and ``PREFIX_idx.npz``.

``_ids.npy`` holds all ids in one array, uint16 or int32. ``_idx.npz`` holds ``lens``, int32,
the tokens of each sentence, and ``docs``, int64, 0 and the number of sentences up to the end
of each document.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpuskit.errors import DataError
from corpuskit.index.format import IndexedDataset, IndexWriter
from corpuskit.index.sidecar import read_sidecar, write_sidecar
from corpuskit.io.files import atomic_write, disk_errors


def to_npy(prefix: str | Path, output: str | Path) -> None:
    """Write ``OUTPUT_ids.npy`` and ``OUTPUT_idx.npz``, and the sidecar as ``OUTPUT.json``.

    Raises:
        DataError: The ids are neither uint16 nor int32.
    """
    dataset = IndexedDataset(prefix)
    if dataset.dtype.name not in ("uint16", "int32"):
        what = f"ids of type {dataset.dtype.name}; the arrays hold uint16 or int32"
        raise DataError(what, where=f"{prefix}.idx")
    ids_path, idx_path = Path(f"{output}_ids.npy"), Path(f"{output}_idx.npz")
    with disk_errors(output):
        ids_path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_write(ids_path) as handle:
            np.lib.format.write_array(handle, dataset.ids)
        with atomic_write(idx_path) as handle:
            np.savez(handle, lens=dataset.sizes, docs=dataset.document_index)
        if sidecar := read_sidecar(prefix):
            write_sidecar(output, sidecar)


def from_npy(prefix: str | Path, output: str | Path) -> IndexedDataset:
    """Write ``OUTPUT.bin`` and ``.idx`` from ``PREFIX_ids.npy`` and ``PREFIX_idx.npz``.

    A sidecar ``PREFIX.json`` is copied where there is one.

    Raises:
        DataError: A file is missing, damaged, or the two disagree.
    """
    ids = _load(Path(f"{prefix}_ids.npy"))
    index = _load(Path(f"{prefix}_idx.npz"))
    missing = {"lens", "docs"} - set(index)
    if missing or ids.dtype.name not in ("uint16", "int32"):
        what = f"no array {missing.pop()}" if missing else f"ids of type {ids.dtype.name}"
        raise DataError(f"not arrays of ids: {what}", where=prefix)
    documents = np.asarray(index["docs"], np.int64)
    if not len(documents) or documents[0] != 0 or documents[-1] != len(index["lens"]):
        raise DataError("docs does not go from 0 to the number of lens", where=f"{prefix}_idx.npz")
    with IndexWriter(output, ids.dtype, read_sidecar(prefix)) as writer:
        writer.add(ids, index["lens"], np.diff(documents))
    return IndexedDataset(output)


def _load(path: Path) -> Any:
    try:
        loaded: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError) as error:
        hint = "PREFIX is the path without _ids.npy" if not path.exists() else None
        raise DataError(f"unreadable array: {error}", where=path, hint=hint) from None
    return loaded
