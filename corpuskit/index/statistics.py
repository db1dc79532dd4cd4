"""What a data set looks like: counts and the lengths of its sentences."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpuskit.errors import UsageError
from corpuskit.index.format import IndexedDataset

_CHUNK = 1 << 20
_LONGEST = 1 << 16  # longer sentences are counted as this long
_BAR = 40


@dataclass(frozen=True)
class Statistics:
    """Counts of a data set.

    Attributes:
        histogram: (shortest, longest, sentences) in powers of two, empty ends left out.
        percentiles: Tokens of a sentence at 50, 90, 99 and 100 %; up to 65,536.
    """

    documents: int
    sentences: int
    tokens: int
    dtype: str
    histogram: list[tuple[int, int, int]]
    percentiles: dict[str, int]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def describe(prefix: str | Path) -> Statistics:
    """Count a data set; reads the sizes and no ids."""
    dataset = IndexedDataset(prefix)
    lengths = length_counts(dataset)
    return Statistics(
        dataset.documents,
        len(dataset),
        dataset.tokens,
        dataset.dtype.name,
        _histogram(lengths),
        _percentiles(lengths),
    )


def length_counts(dataset: IndexedDataset) -> NDArray[np.int64]:
    """int64[65537]: number of sentences of each length; the last holds all longer ones."""
    counts = np.zeros(_LONGEST + 1, np.int64)
    for start in range(0, len(dataset), _CHUNK):
        sizes = np.clip(dataset.sizes[start : start + _CHUNK], 0, _LONGEST)
        counts += np.bincount(sizes, minlength=_LONGEST + 1)
    return counts


def _histogram(lengths: NDArray[np.int64]) -> list[tuple[int, int, int]]:
    borders = [0, 1, *(2**k + 1 for k in range(17))]
    rows = [(first, stop - 1, int(lengths[first:stop].sum())) for first, stop in pairwise(borders)]
    while rows and rows[-1][2] == 0:
        rows.pop()
    while rows and rows[0][2] == 0:
        rows.pop(0)
    return rows


def _percentiles(lengths: NDArray[np.int64]) -> dict[str, int]:
    upto = np.cumsum(lengths)
    if not upto[-1]:
        return {}
    shares = {"50%": 0.5, "90%": 0.9, "99%": 0.99, "100%": 1.0}
    return {k: int(np.searchsorted(upto, share * upto[-1])) for k, share in shares.items()}


def bar(count: int, largest: int) -> str:
    """A bar of text for one row of the histogram."""
    return "█" * max(1, round(_BAR * count / largest)) if count else ""


def plot(prefix: str | Path, path: str | Path) -> None:
    """Draw the lengths of the sentences into an image; needs matplotlib."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        hint = "pip install matplotlib"
        raise UsageError("drawing needs matplotlib", hint=hint) from None
    lengths = length_counts(IndexedDataset(prefix))
    longest = int(np.flatnonzero(lengths)[-1]) if lengths.any() else 1
    figure = Figure(figsize=(8, 4), layout="constrained")
    axes = figure.add_subplot(xlabel="tokens of a sentence", ylabel="sentences", title=str(prefix))
    axes.stairs(lengths[: longest + 1], np.arange(longest + 2) - 0.5, fill=True)
    axes.set_yscale("symlog")
    figure.savefig(path)
