"""Train, valid and test as ranges of documents."""

from __future__ import annotations

import math
from itertools import accumulate, pairwise

from corpuskit.errors import UsageError

PARTS = ("train", "valid", "test")

Range = tuple[int, int]


def split_ranges(spec: str, documents: int, *, compat: bool = False) -> list[Range]:
    """Ranges of documents for train, valid and test, in file order.

    The borders are Megatron's. Where they would leave a part with a share above 0 without
    a document, the largest part gives it one of its own, as long as there are enough.

    Args:
        spec: Up to three shares of any scale, ``949,50,1`` or ``8/1/1`` or ``1``.
        documents: Number of documents.
        compat: Keep Megatron's borders even where they leave a part empty.

    >>> split_ranges("949,50,1", 1000)
    [(0, 949), (949, 999), (999, 1000)]
    >>> split_ranges("949,50,1", 100), split_ranges("949,50,1", 100, compat=True)
    ([(0, 94), (94, 99), (99, 100)], [(0, 95), (95, 100), (100, 100)])
    """
    shares = _shares(spec)
    borders = [0]
    for share in shares:
        borders.append(borders[-1] + round(share * documents))
    excess = borders[-1] - documents
    borders = [0] + [max(0, border - excess) for border in borders[1:]]
    if compat:
        return list(pairwise(borders))
    counts = [stop - start for start, stop in pairwise(borders)]
    return _ranges(_without_empty(counts, shares))


def _shares(spec: str) -> list[float]:
    separator = "," if "," in spec else "/"
    try:
        shares = [float(text) for text in spec.split(separator)]
    except ValueError:
        shares = []
    if not 1 <= len(shares) <= 3 or min(shares) < 0 or not 0 < sum(shares) < math.inf:
        raise UsageError(
            f"'{spec}' is not a split", hint="give up to three shares, as in --split 949,50,1"
        )
    shares += [0.0] * (3 - len(shares))
    return [share / sum(shares) for share in shares]


def _without_empty(counts: list[int], shares: list[float]) -> list[int]:
    counts = list(counts)
    for part, share in enumerate(shares):
        largest = counts.index(max(counts))
        if share > 0 and counts[part] == 0 and counts[largest] > 1:
            counts[largest] -= 1
            counts[part] = 1
    return counts


def _ranges(counts: list[int]) -> list[Range]:
    stops = list(accumulate(counts))
    return list(zip([0, *stops[:-1]], stops, strict=True))
