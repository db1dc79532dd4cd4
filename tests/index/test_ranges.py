from __future__ import annotations

from itertools import pairwise

import pytest

from corpuskit.errors import UsageError
from corpuskit.index.ranges import split_ranges


@pytest.mark.parametrize(
    ("spec", "documents", "borders"),
    [
        ("949,50,1", 1000, [0, 949, 999, 1000]),
        ("949,50,1", 100, [0, 95, 100, 100]),
        ("949,50,1", 10, [0, 10, 10, 10]),
        ("8/1/1", 7, [0, 5, 6, 7]),
        ("1", 10, [0, 10, 10, 10]),
        (".5,.5", 5, [0, 3, 5, 5]),
        ("98,1,1", 50, [0, 50, 50, 50]),
        ("900,100,100", 3, [0, 3, 3, 3]),
        ("949,50,1", 15702702, [0, 14901864, 15686999, 15702702]),
    ],
)
def test_the_borders_of_megatron(spec: str, documents: int, borders: list[int]) -> None:
    assert split_ranges(spec, documents, compat=True) == list(pairwise(borders))


@pytest.mark.parametrize("spec", ["949,50,1", "98,1,1", "8/1/1", "1,0,1", ".5,.5", "1", "0,0,3"])
def test_no_part_is_empty_where_a_document_could_go(spec: str) -> None:
    shares = [float(s) for s in spec.replace("/", ",").split(",")] + [0.0, 0.0]
    for documents in range(60):
        ranges = split_ranges(spec, documents)
        assert ranges[0][0] == 0 and ranges[2][1] == documents
        assert all(left[1] == right[0] for left, right in pairwise(ranges))
        wanted = sum(share > 0 for share in shares[:3])
        filled = [start < stop for start, stop in ranges]
        assert sum(filled) == min(wanted, documents)
        assert all(shares[part] > 0 for part in range(3) if filled[part])


def test_borders_are_those_of_megatron_where_no_part_is_empty() -> None:
    for documents in range(1, 400):
        compat = split_ranges("80,15,5", documents, compat=True)
        if all(start < stop for start, stop in compat):
            assert split_ranges("80,15,5", documents) == compat


@pytest.mark.parametrize("spec", ["", "a,b", "1,2,3,4", "-1,2", "0,0,0", "nan", "inf,1", "1;2"])
def test_what_is_not_a_split(spec: str) -> None:
    with pytest.raises(UsageError, match="is not a split"):
        split_ranges(spec, 10)
