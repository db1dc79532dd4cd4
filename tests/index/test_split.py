from __future__ import annotations

from pathlib import Path

import pytest

from corpuskit.errors import UsageError
from corpuskit.index.merge import merge
from corpuskit.index.ranges import split_ranges
from corpuskit.index.split import split_by_count, split_by_shares
from corpuskit.index.verify import verify
from tests.index.data import random_dataset


def test_shares_are_the_ranges_and_merge_back(tmp_path: Path) -> None:
    ds = random_dataset(tmp_path / "a")
    parts = split_by_shares(ds.prefix, tmp_path / "out", "949,50,1")
    assert [part.prefix.name for part in parts] == ["out-train", "out-valid", "out-test"]
    ranges = split_ranges("949,50,1", 50)
    assert [part.documents for part in parts] == [stop - start for start, stop in ranges]
    assert all(verify(part.prefix, deep=True) == [] for part in parts)
    merge([part.prefix for part in parts], tmp_path / "again")
    for suffix in (".bin", ".idx", ".json"):
        assert Path(f"{tmp_path}/again{suffix}").read_bytes() == (
            Path(f"{ds.prefix}{suffix}").read_bytes()
        )


def test_a_share_of_zero_is_not_written(tmp_path: Path) -> None:
    ds = random_dataset(tmp_path / "a")
    parts = split_by_shares(ds.prefix, tmp_path / "out", "9,0,1")
    assert [part.prefix.name for part in parts] == ["out-train", "out-test"]


def test_parts_of_equal_size(tmp_path: Path) -> None:
    ds = random_dataset(tmp_path / "a")
    parts = split_by_count(ds.prefix, tmp_path / "out", 20)
    assert [(p.prefix.name, p.documents) for p in parts] == [
        ("out-00000", 20),
        ("out-00001", 20),
        ("out-00002", 10),
    ]
    assert [s.tolist() for part in parts for s in part] == [s.tolist() for s in ds]


def test_what_makes_no_parts(tmp_path: Path) -> None:
    random_dataset(tmp_path / "out-train")
    with pytest.raises(UsageError, match="0 documents"):
        split_by_count(tmp_path / "out-train", tmp_path / "b", 0)
    with pytest.raises(UsageError, match="the output is the input"):
        split_by_shares(tmp_path / "out-train", tmp_path / "out", "1")
