from __future__ import annotations

import shutil
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest

from corpuskit.errors import DataError, UsageError
from corpuskit.index.maps import MapRequest, load_map, map_counts, map_path, map_request
from corpuskit.index.samples import SampleCutter, build_mapping
from tests.index.data import random_dataset, write

OTHERS = {
    "split": "8,1,1",
    "part": "valid",
    "samples": 8,
    "max_seq_length": 64,
    "short_seq_prob": 0.2,
    "seed": 5,
    "min_sentences": 1,
    "compat": True,
}


@pytest.fixture
def request_(tmp_path: Path) -> MapRequest:
    random_dataset(tmp_path / "a")
    return MapRequest(str(tmp_path / "a"), samples=200, max_seq_length=63)


def test_a_map_has_the_rows_asked_for(request_: MapRequest) -> None:
    rows = load_map(request_)
    assert rows.shape == (200, 3) and rows.dtype == np.int64 and isinstance(rows, np.memmap)
    ds_rows = np.zeros((200, 3), np.int64)
    ds = random_dataset(Path(request_.prefix))
    options = {"max_length": 60, "short_seq_prob": 0.1, "seed": 1234, "min_sentences": 2}
    SampleCutter(ds, (0, 47), **options).fill(ds_rows)
    assert rows.tolist() == ds_rows.tolist()
    counts = map_counts(map_path(request_))
    assert (counts.samples, counts.documents) == (200, 47) and counts.epochs > 1
    assert map_request(map_path(request_)) == request_


def test_one_epoch_where_no_number_is_given(request_: MapRequest) -> None:
    request = replace(request_, samples=None)
    assert len(load_map(request)) > 47
    assert map_counts(map_path(request)).epochs == 1


def test_compat_is_megatrons_mapping_in_tokens(request_: MapRequest) -> None:
    ds = random_dataset(Path(request_.prefix))
    rows = load_map(replace(request_, compat=True, samples=300))
    expected = build_mapping(
        ds.document_index[:49],  # Megatron's border of 949,50,1 for 50 documents is 48
        ds.sizes,
        samples=300,
        max_length=60,
        short_seq_prob=0.1,
        seed=1234,
        min_sentences=2,
    )
    starts = np.concatenate([[0], np.cumsum(ds.sizes)])
    assert rows[:, 0].tolist() == starts[expected[:, 0]].tolist()
    assert rows[:, 1].tolist() == starts[expected[:, 1]].tolist()
    assert rows[:, 2].tolist() == expected[:, 2].tolist()
    counts = map_counts(map_path(replace(request_, compat=True, samples=300)))
    assert counts.samples >= 300 and counts.epochs > 1 and counts.documents == 48
    assert counts.unused_documents == (np.diff(ds.document_index[:49]) < 2).sum()


@pytest.mark.parametrize("option", OTHERS)
def test_every_option_is_in_the_key(request_: MapRequest, option: str) -> None:
    assert replace(request_, **{option: OTHERS[option]}).key != request_.key


def test_the_data_are_in_the_key_and_their_place_is_not(
    request_: MapRequest, tmp_path: Path
) -> None:
    for suffix in (".bin", ".idx", ".json"):
        shutil.copy(f"{request_.prefix}{suffix}", tmp_path / f"b{suffix}")
    moved = replace(request_, prefix=str(tmp_path / "b"))
    assert moved.key == request_.key
    random_dataset(tmp_path / "b", seed=1)
    assert moved.key != request_.key


@pytest.mark.parametrize("suffix", [".bin", ".idx", ".json"])
def test_a_changed_byte_is_another_key(request_: MapRequest, suffix: str) -> None:
    before = request_.key
    path = Path(f"{request_.prefix}{suffix}")
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)
    assert request_.key != before


def test_a_second_call_reads_the_file(request_: MapRequest) -> None:
    first = load_map(request_)
    written = map_path(request_).stat().st_mtime_ns
    assert load_map(request_, build=False).tolist() == first.tolist()
    assert map_path(request_).stat().st_mtime_ns == written


def test_a_map_that_must_not_be_built(request_: MapRequest) -> None:
    with pytest.raises(DataError, match="no such sample map"):
        load_map(request_, build=False)


def test_one_sentence_documents_say_what_to_do(tmp_path: Path) -> None:
    ids = np.arange(10, 40, dtype=np.uint16)
    write(tmp_path / "a", ids, np.full(6, 5, np.int32), np.ones(6, np.int64))
    request = MapRequest(str(tmp_path / "a"), samples=4)
    for compat in (False, True):
        with pytest.raises(DataError, match="no usable sample") as caught:
            load_map(replace(request, compat=compat))
        assert "at least 2 sentences" in str(caught.value.hint)
        assert "turn it off" in str(caught.value.hint)
    assert len(load_map(replace(request, min_sentences=1))) == 4


def test_an_empty_part_is_an_error(request_: MapRequest) -> None:
    with pytest.raises(DataError, match="no document in the test part of 50 documents"):
        load_map(replace(request_, split="1,1", part="test"))


@pytest.mark.parametrize(
    "change",
    [
        {"part": "train "},
        {"samples": 0},
        {"max_seq_length": 4},
        {"short_seq_prob": 1.1},
        {"min_sentences": 0},
        {"seed": -1},
        {"seed": 2**64},
        {"seed": 0, "compat": True},
    ],
)
def test_requests_that_make_no_sense(request_: MapRequest, change: dict) -> None:
    with pytest.raises(UsageError):
        load_map(replace(request_, **change))


def test_a_read_only_place_falls_back_to_the_users_cache(
    request_: MapRequest, tmp_path: Path, monkeypatch, capsys
) -> None:
    monkeypatch.setenv("CORPUSKIT_CACHE", str(tmp_path / "home"))
    monkeypatch.setattr("os.access", lambda path, mode: False)
    path = map_path(request_)
    assert path.is_relative_to(tmp_path / "home" / "index")
    assert "is read-only: sample maps go to" in capsys.readouterr().err
    assert len(load_map(request_)) == 200 and path.exists()


def test_a_map_beside_read_only_data_is_used(request_: MapRequest, monkeypatch) -> None:
    load_map(request_)
    monkeypatch.setattr("os.access", lambda path, mode: False)
    assert map_path(request_).parent.name == "index-cache"


def _load(request: MapRequest) -> list[list[int]]:
    return load_map(request).tolist()


def test_several_processes_ask_for_one_map(request_: MapRequest) -> None:
    request = replace(request_, samples=20_000)
    with ProcessPoolExecutor(4, mp_context=get_context("fork")) as pool:
        found = list(pool.map(_load, [request] * 4))
    assert len(found[0]) == 20_000 and all(rows == found[0] for rows in found)
    assert len(list(map_path(request).parent.glob("*.npy"))) == 1
