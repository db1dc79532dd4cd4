from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from corpuskit.errors import DataError
from corpuskit.index.convert import from_npy, to_npy
from tests.index.data import random_dataset


@pytest.mark.parametrize("dtype", ["uint16", "int32"])
def test_the_arrays_are_those_of_the_ancestor(tmp_path: Path, dtype: str) -> None:
    ds = random_dataset(tmp_path / "a", dtype=dtype)
    to_npy(ds.prefix, tmp_path / "b")
    ids, index = np.load(tmp_path / "b_ids.npy"), np.load(tmp_path / "b_idx.npz")
    assert ids.dtype == dtype and ids.tolist() == ds.ids.tolist()
    assert sorted(index.files) == ["docs", "lens"]
    assert index["lens"].dtype == np.int32 and index["lens"].tolist() == ds.sizes.tolist()
    assert index["docs"].dtype == np.int64 and index["docs"].tolist() == ds.document_index.tolist()


@pytest.mark.parametrize("sidecar", [True, False])
def test_there_and_back(tmp_path: Path, sidecar: bool) -> None:
    ds = random_dataset(tmp_path / "a", **({} if sidecar else {"sidecar": None}))
    to_npy(ds.prefix, tmp_path / "b")
    from_npy(tmp_path / "b", tmp_path / "c")
    for suffix in (".bin", ".idx", *((".json",) if sidecar else ())):
        assert (
            Path(f"{tmp_path}/c{suffix}").read_bytes() == Path(f"{ds.prefix}{suffix}").read_bytes()
        )
    assert (tmp_path / "c.json").exists() is sidecar


def test_arrays_of_others(tmp_path: Path) -> None:
    """As the ancestor writes them: docs begins with 0 and counts sentences."""
    np.save(tmp_path / "a_ids.npy", np.arange(9, dtype=np.uint16))
    np.savez(tmp_path / "a_idx.npz", lens=np.array([3, 2, 4], np.int32), docs=np.array([0, 2, 3]))
    ds = from_npy(tmp_path / "a", tmp_path / "b")
    assert ds.documents == 2 and ds[2].tolist() == [5, 6, 7, 8]


def test_arrays_that_are_wrong(tmp_path: Path) -> None:
    prefix, out = tmp_path / "a", tmp_path / "b"
    with pytest.raises(DataError, match="unreadable array") as caught:
        from_npy(prefix, out)
    assert "without _ids.npy" in str(caught.value.hint)
    np.save(tmp_path / "a_ids.npy", np.arange(9, dtype=np.uint16))
    np.savez(tmp_path / "a_idx.npz", lens=np.array([3, 2, 4], np.int32))
    with pytest.raises(DataError, match="no array docs"):
        from_npy(prefix, out)
    np.savez(tmp_path / "a_idx.npz", lens=np.array([3, 2, 4], np.int32), docs=np.array([0, 2]))
    with pytest.raises(DataError, match="docs does not go from 0"):
        from_npy(prefix, out)
    np.savez(tmp_path / "a_idx.npz", lens=np.array([3, 2, 5], np.int32), docs=np.array([0, 3]))
    with pytest.raises(DataError, match="18 bytes of ids where the sizes say 10 tokens"):
        from_npy(prefix, out)
    np.save(tmp_path / "a_ids.npy", np.arange(9.0))
    with pytest.raises(DataError, match="float64"):
        from_npy(prefix, out)
    assert not out.with_suffix(".idx").exists()
