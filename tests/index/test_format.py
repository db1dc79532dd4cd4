from __future__ import annotations

import pickle
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest

from corpuskit.errors import DataError
from corpuskit.index import IndexedDataset
from corpuskit.index.format import IndexWriter, dtype_for, write_index
from tests.index.data import SIDECAR, random_dataset, write

GOLDEN = bytes.fromhex(
    "4d4d4944494458000001000000000000000803000000000000000300000000000000"
    "030000000200000004000000"
    "000000000000000006000000000000000a00000000000000"
    "000000000000000002000000000000000300000000000000"
)


def test_the_golden_bytes(tmp_path: Path) -> None:
    write_index(tmp_path / "a.idx", np.array([3, 2, 4]), np.array([0, 2, 3]), np.uint16)
    assert (tmp_path / "a.idx").read_bytes() == GOLDEN


def test_what_is_written_is_read(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    ids = rng.integers(0, 65536, 9).astype(np.uint16)
    ds = write(tmp_path / "a", ids, np.array([3, 2, 4], np.int32), np.array([2, 1]))
    assert len(ds) == 3 and ds.documents == 2 and ds.tokens == 9
    assert ds.sizes.tolist() == [3, 2, 4] and ds.sizes.dtype == np.int32
    assert ds.pointers.tolist() == [0, 6, 10] and ds.pointers.dtype == np.int64
    assert ds.document_index.tolist() == [0, 2, 3] and ds.document_index.dtype == np.int64
    assert [s.tolist() for s in ds] == [ids[:3].tolist(), ids[3:5].tolist(), ids[5:].tolist()]
    assert ds[np.int64(1)].tolist() == ds[-2].tolist() == ids[3:5].tolist()
    assert ds.get(np.uint16(2), 1, 2).tolist() == ids[6:8].tolist()
    assert ds.get(2, 1).tolist() == ids[6:].tolist()
    assert ds.sidecar["tokens"] == 9 and ds.sidecar["dtype"] == "uint16"


@pytest.mark.parametrize("wrong", [3, -4, np.int64(7)])
def test_a_sentence_that_does_not_exist(tmp_path: Path, wrong: int) -> None:
    ds = write(
        tmp_path / "a", np.arange(9, dtype=np.int32), np.array([3, 2, 4], np.int32), np.array([3])
    )
    with pytest.raises(IndexError, match="of 3"):
        ds[wrong]
    with pytest.raises(IndexError, match="sentence of 2"):
        ds.get(1, 1, 2)


def test_an_empty_data_set(tmp_path: Path) -> None:
    with IndexWriter(tmp_path / "a", np.uint16):
        pass
    ds = IndexedDataset(tmp_path / "a")
    assert (len(ds), ds.documents, ds.tokens, ds.sidecar) == (0, 0, 0, {})


def test_parts_make_the_same_files_as_the_whole(tmp_path: Path) -> None:
    whole = random_dataset(tmp_path / "whole", documents=30)
    counts = np.diff(whole.document_index)
    with IndexWriter(tmp_path / "parts", whole.dtype, SIDECAR) as writer:
        for start in range(0, 30, 7):
            first, last = whole.document_index[[start, min(start + 7, 30)]]
            sizes = whole.sizes[first:last]
            begin = int(whole.sizes[:first].sum())
            ids = whole.ids[begin : begin + int(sizes.sum())]
            part = tmp_path / "part.ids"
            part.write_bytes(ids.tobytes())
            writer.add(part if start % 2 else ids.tobytes(), sizes, counts[start : start + 7])
    for suffix in (".bin", ".idx", ".json"):
        assert Path(f"{tmp_path}/parts{suffix}").read_bytes() == (
            Path(f"{tmp_path}/whole{suffix}").read_bytes()
        )


def test_an_error_leaves_the_old_files_and_nothing_else(tmp_path: Path) -> None:
    random_dataset(tmp_path / "a")
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(RuntimeError), IndexWriter(tmp_path / "a", np.uint16) as writer:
        writer.add(np.arange(4, dtype=np.uint16), np.array([4], np.int32), np.array([1]))
        raise RuntimeError
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_ids_and_sizes_that_disagree(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="8 bytes of ids where the sizes say 5 tokens"):
        write(tmp_path / "a", np.arange(4, dtype=np.uint16), np.array([5], np.int32), np.array([1]))
    with pytest.raises(DataError, match="documents and sentences disagree"):
        write(tmp_path / "a", np.arange(4, dtype=np.uint16), np.array([4], np.int32), np.array([2]))


@pytest.mark.parametrize("id", [65536, -1])
def test_ids_that_do_not_fit(tmp_path: Path, id: int) -> None:
    with (
        pytest.raises(DataError, match="does not fit uint16"),
        IndexWriter(tmp_path / "a", np.uint16) as writer,
    ):
        writer.add(np.array([5, id]), np.array([2], np.int32), np.array([1]))


def test_the_type_follows_the_largest_id() -> None:
    assert [dtype_for(n).name for n in (0, 65534, 65535, 65536)] == ["uint16"] * 3 + ["int32"]


def test_a_sentence_too_long_for_the_format(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="2,147,483,648 tokens"):
        write_index(tmp_path / "a.idx", np.array([2**31]), np.array([0, 1]), np.uint16)


@pytest.mark.parametrize(
    ("suffix", "change", "message"),
    [
        (".idx", lambda raw: b"TNTIDX\0\0" + raw[8:], "not an index file"),
        (".idx", lambda raw: raw[:20], "truncated inside its header"),
        (".idx", lambda raw: raw[:9] + b"\2" + raw[10:], "index version 2"),
        (".idx", lambda raw: raw[:17] + b"\x0a" + raw[18:], "unknown type code 10"),
        (".idx", lambda raw: raw[:-1], "truncated: "),
        (".bin", lambda raw: raw[:-1], "truncated: "),
    ],
)
def test_damaged_files_do_not_open(tmp_path: Path, suffix, change, message) -> None:
    random_dataset(tmp_path / "a")
    path = tmp_path / f"a{suffix}"
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(DataError, match=message) as caught:
        IndexedDataset(tmp_path / "a")
    assert caught.value.where == str(path)


@pytest.mark.parametrize("suffix", [".idx", ".bin"])
def test_missing_files_are_named(tmp_path: Path, suffix: str) -> None:
    random_dataset(tmp_path / "a")
    (tmp_path / f"a{suffix}").unlink()
    with pytest.raises(DataError, match="No such file"):
        IndexedDataset(tmp_path / "a")


def _third(dataset: IndexedDataset) -> list[int]:
    return dataset[3].tolist()


def test_a_data_set_goes_to_spawned_workers(tmp_path: Path) -> None:
    ds = random_dataset(tmp_path / "a")
    assert len(pickle.dumps(ds)) < 500
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        assert pool.submit(_third, ds).result() == ds[3].tolist()


OPEN = """
import sys
from corpuskit.index import IndexedDataset
from corpuskit.usage import peak_rss_mb
before = peak_rss_mb()
ds = IndexedDataset(sys.argv[1])
ds[len(ds) - 1]
print(peak_rss_mb() - before)
"""


def test_opening_reads_nothing(tmp_path: Path) -> None:
    sizes = np.ones(3_000_000, np.int32)
    write_index(tmp_path / "a.idx", sizes, np.arange(len(sizes) + 1), np.uint16)
    with (tmp_path / "a.bin").open("wb") as handle:
        handle.truncate(2 * len(sizes))
    done = subprocess.run(
        [sys.executable, "-c", OPEN, tmp_path / "a"], capture_output=True, text=True, check=True
    )
    assert float(done.stdout) < 8  # MB; the index alone has 60


WRITE = """
import sys
import numpy as np
from corpuskit.usage import peak_rss_mb
from corpuskit.index.format import write_index
count, chunk = int(sys.argv[2]), np.full(1_000_000, 3, np.int32)
sizes = (chunk for _ in range(count // len(chunk)))
borders = (np.arange(k, k + len(chunk)) for k in range(0, count, len(chunk)))
import itertools
write_index(sys.argv[1], sizes, itertools.chain(borders, [np.array([count])]), np.uint16)
print(peak_rss_mb())
"""


@pytest.mark.parametrize("count", [10_000_000, pytest.param(100_000_000, marks=pytest.mark.slow)])
def test_writing_takes_bounded_memory(tmp_path: Path, count: int) -> None:
    path = tmp_path / "a.idx"
    done = subprocess.run(
        [sys.executable, "-c", WRITE, path, str(count)], capture_output=True, text=True, check=True
    )
    assert float(done.stdout) < 250  # MB; the index of 100 million sentences has 2,000
    assert path.stat().st_size == 34 + 20 * count + 8
    tail = np.fromfile(path, "<i8", offset=34 + 12 * count - 8, count=2)
    assert tail.tolist() == [6 * (count - 1), 0]
