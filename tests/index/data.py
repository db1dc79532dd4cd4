"""Small data sets for tests."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpuskit.index import IndexedDataset
from corpuskit.index.format import IndexWriter
from corpuskit.index.sidecar import Continuation, Sidecar

VOCAB_SIZE = 200
SIDECAR = Sidecar(
    fingerprint="f" * 32,
    vocab="vocab.txt",
    vocab_size=VOCAB_SIZE,
    continuation=Continuation(VOCAB_SIZE, 50, list(range(10, 60))),
    pieces=[[150, 200]],
    specials=[0, 1, 2, 3, 4],
)


def random_dataset(
    prefix: Path,
    seed: int = 0,
    documents: int = 50,
    longest: int = 40,
    sentences: int = 12,
    dtype: str = "uint16",
    sidecar: Sidecar | None = SIDECAR,
) -> IndexedDataset:
    """Documents of 1 to ``sentences`` sentences of 1 to ``longest`` random ids."""
    rng = np.random.default_rng(seed)
    counts = rng.integers(1, sentences + 1, documents)
    sizes = rng.integers(1, longest + 1, int(counts.sum())).astype(np.int32)
    ids = rng.integers(4, VOCAB_SIZE + 50, int(sizes.sum())).astype(dtype)
    return write(prefix, ids, sizes, counts, sidecar)


def write(
    prefix: Path,
    ids: NDArray[np.int64],
    sizes: NDArray[np.int32],
    counts: NDArray[np.int64],
    sidecar: Sidecar | None = SIDECAR,
) -> IndexedDataset:
    with IndexWriter(prefix, ids.dtype, sidecar) as writer:
        writer.add(ids, sizes, counts)
    return IndexedDataset(prefix)
