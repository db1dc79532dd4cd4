"""The unigram entropy of a data set: the loss of a model that knows frequencies only."""

from __future__ import annotations

import numpy as np

from corpuskit.index.format import IndexedDataset
from corpuskit.index.sidecar import Sidecar

_CHUNK = 1 << 22


def unigram_entropy(dataset: IndexedDataset) -> float:
    """Entropy in nats a token, continuation ids counted as the characters they stand for."""
    counts = np.zeros(1, np.int64)
    for start in range(0, dataset.tokens, _CHUNK):
        chunk = np.bincount(dataset.ids[start : start + _CHUNK], minlength=len(counts))
        chunk[: len(counts)] += counts
        counts = chunk
    counts = _without_marks(counts, dataset)
    shares = counts[counts > 0] / counts.sum()
    return float(-(shares * np.log(shares)).sum())


def _without_marks(counts: np.ndarray, dataset: IndexedDataset) -> np.ndarray:
    sidecar = Sidecar.from_json(dataset.sidecar) if dataset.sidecar else None
    if sidecar is None or sidecar.continuation is None:
        return counts
    marks = sidecar.continuation
    whole = np.zeros(marks.first + marks.count, np.int64)
    whole[: len(counts)] = counts
    np.add.at(whole, np.array(marks.base_ids), whole[marks.first :])
    return whole[: marks.first]
