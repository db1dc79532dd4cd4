from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from corpuskit.errors import DataError, UsageError
from corpuskit.index import IndexedDataset
from corpuskit.index.format import IndexWriter
from corpuskit.index.merge import merge
from corpuskit.index.sidecar import Continuation, read_sidecar
from tests.index.data import SIDECAR, random_dataset


def contents(prefix: Path) -> list[bytes]:
    return [Path(f"{prefix}{suffix}").read_bytes() for suffix in (".bin", ".idx", ".json")]


def test_merging_is_writing_all_at_once(tmp_path: Path) -> None:
    parts = [random_dataset(tmp_path / name, seed) for seed, name in enumerate("abc")]
    with IndexWriter(tmp_path / "whole", np.uint16, SIDECAR) as writer:
        for part in parts:
            writer.add(np.asarray(part.ids), part.sizes, np.diff(part.document_index))
    merge([part.prefix for part in parts], tmp_path / "merged")
    assert contents(tmp_path / "merged") == contents(tmp_path / "whole")


def test_the_order_is_as_given(tmp_path: Path) -> None:
    a, b = random_dataset(tmp_path / "a", 1), random_dataset(tmp_path / "b", 2)
    merged = merge([b.prefix, a.prefix], tmp_path / "c")
    assert merged[0].tolist() == b[0].tolist() and merged[len(b)].tolist() == a[0].tolist()


def test_empty_data_sets_merge(tmp_path: Path) -> None:
    a = random_dataset(tmp_path / "a")
    with IndexWriter(tmp_path / "b", np.uint16, SIDECAR):
        pass
    assert merge([tmp_path / "b", a.prefix], tmp_path / "c").tokens == a.tokens


def test_foreign_data_sets_without_sidecars_merge(tmp_path: Path) -> None:
    a = random_dataset(tmp_path / "a", 1, sidecar=None)
    b = random_dataset(tmp_path / "b", 2, sidecar=None)
    assert len(merge([a.prefix, b.prefix], tmp_path / "c")) == len(a) + len(b)
    assert not (tmp_path / "c.json").exists()


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"fingerprint": "other"}, "tokenizer fingerprint: f+ and other"),
        ({"vocab_size": 199}, "vocabulary size: 200 and 199"),
        ({"continuation": None}, "continuation ids"),
        ({"continuation": Continuation(200, 1, [3])}, "continuation ids"),
        ({"eos": 2}, "id after each document: None and 2"),
    ],
)
def test_other_vocabularies_are_refused_by_name(tmp_path: Path, change: dict, named: str) -> None:
    random_dataset(tmp_path / "a")
    random_dataset(tmp_path / "b", sidecar=replace(SIDECAR, **change))
    with pytest.raises(DataError, match=named) as caught:
        merge([tmp_path / "a", tmp_path / "b"], tmp_path / "c")
    assert f"{tmp_path}/a and {tmp_path}/b cannot be merged" in str(caught.value)
    assert not (tmp_path / "c.idx").exists()


def test_other_types_and_missing_sidecars_are_refused(tmp_path: Path) -> None:
    random_dataset(tmp_path / "a")
    random_dataset(tmp_path / "b", dtype="int32")
    random_dataset(tmp_path / "c", sidecar=None)
    with pytest.raises(DataError, match="dtype: uint16 and int32"):
        merge([tmp_path / "a", tmp_path / "b"], tmp_path / "d")
    with pytest.raises(DataError, match=r"c\.json is missing"):
        merge([tmp_path / "a", tmp_path / "c"], tmp_path / "d")


def test_the_output_is_not_an_input(tmp_path: Path) -> None:
    random_dataset(tmp_path / "a")
    before = contents(tmp_path / "a")
    with pytest.raises(UsageError, match="one of the inputs"):
        merge([tmp_path / "a", tmp_path / "a"], tmp_path / "a")
    assert contents(tmp_path / "a") == before


def test_options_that_differ_are_left_out(tmp_path: Path) -> None:
    for name, shard in (("a", 1), ("b", 2)):
        options = {"shard": shard, "split sentences": True}
        random_dataset(tmp_path / name, sidecar=replace(SIDECAR, options=options))
    merge([tmp_path / "a", tmp_path / "b"], tmp_path / "c")
    sidecar = read_sidecar(tmp_path / "c")
    assert sidecar and sidecar.options == {"split sentences": True} and sidecar.documents == 100


MERGE = """
import sys
from corpuskit.index.merge import merge
merge(sys.argv[1:3], sys.argv[3])
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
print(status["RssAnon"].split()[0])
"""


def test_merging_takes_bounded_memory(tmp_path: Path) -> None:
    count = 4_000_000
    ids, sizes = np.zeros(5 * count, np.uint16), np.full(count, 5, np.int32)
    with IndexWriter(tmp_path / "a", np.uint16) as writer:
        writer.add(ids, sizes, np.full(count // 2, 2))
    done = subprocess.run(
        [sys.executable, "-c", MERGE, tmp_path / "a", tmp_path / "a", tmp_path / "b"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(done.stdout) < 80_000  # kB; what is merged has 260 MB
    assert IndexedDataset(tmp_path / "b").documents == count
