from __future__ import annotations

import threading
import time
from pathlib import Path

import numpy as np
import pytest

from corpuskit import _native
from corpuskit.errors import DataError
from corpuskit.index import IndexedDataset
from corpuskit.index.samples import (
    SampleCutter,
    build_blending_indices,
    build_mapping,
    build_sample_idx,
)
from tests.index import oracle_maps
from tests.index.data import random_dataset, write

DOCUMENTS = np.array([0, 4, 5, 9, 12])
SIZES = np.array([10, 12, 9, 20, 30, 7, 8, 600, 5, 14, 3, 11], np.int32)


@pytest.mark.parametrize(
    ("min_sentences", "rows"),
    [
        (2, [(0, 4), (9, 12), (9, 12), (9, 12), (0, 4), (0, 4), (0, 4), (9, 12)]),
        (1, [(9, 12), (4, 5), (4, 5), (0, 4), (9, 12), (0, 4), (4, 5), (9, 12), (0, 4)]),
    ],
)
def test_the_golden_mapping(min_sentences: int, rows: list[tuple[int, int]]) -> None:
    made = build_mapping(
        DOCUMENTS,
        SIZES,
        samples=8,
        max_length=29,
        short_seq_prob=0.1,
        seed=1234,
        min_sentences=min_sentences,
    )
    assert made.dtype == np.uint32
    assert made.tolist() == [[start, stop, 29] for start, stop in rows]


@pytest.mark.parametrize("trial", range(20))
def test_the_mapping_of_megatron(trial: int) -> None:
    rng = np.random.default_rng(trial)
    documents = np.concatenate([[0], np.cumsum(rng.integers(0, 15, 12))])
    sizes = rng.integers(1, 60, documents[-1]).astype(np.int32)
    sizes[rng.random(len(sizes)) < 0.02] = 513
    options = (int(rng.integers(1, 200)), int(rng.integers(2, 130)), (0, 0.1, 0.5, 1)[trial % 4])
    samples, max_length, short = options
    made = build_mapping(
        documents,
        sizes,
        samples=samples,
        max_length=max_length,
        short_seq_prob=short,
        seed=trial + 1,
        min_sentences=1 + trial % 2,
    )
    expected = oracle_maps.megatron_mapping(
        documents.tolist(),
        sizes.tolist(),
        2**31 - 2,
        samples,
        max_length,
        short,
        trial + 1,
        1 + trial % 2,
    )
    assert made.tolist() == expected


def test_the_wide_mapping_has_the_same_rows() -> None:
    arguments = (DOCUMENTS, SIZES, 3, 8, 29, 0.1, 1234, 1)
    wide = _native.build_mapping_uint64(*arguments)
    assert wide.dtype == np.uint64
    assert wide.tolist() == _native.build_mapping_uint32(*arguments).tolist()


def cut(dataset: IndexedDataset, samples: int, documents: tuple[int, int], **options) -> list:
    rows = np.full((samples, 3), -1, np.int64)
    SampleCutter(dataset, documents, **options).fill(rows)
    return rows.tolist()


@pytest.mark.parametrize("trial", range(20))
def test_the_cutter_is_its_oracle(tmp_path: Path, trial: int) -> None:
    ds = random_dataset(tmp_path / "a", trial, documents=20, longest=80)
    options = {
        "max_length": (20, 60, 509)[trial % 3],
        "short_seq_prob": (0, 0.1, 1)[trial // 3 % 3],
        "seed": trial,
        "min_sentences": 1 + trial % 2,
    }
    made = cut(ds, 150, (3, 18), **options)
    expected = oracle_maps.sample_map(
        ds.document_index[3:19].tolist(),
        ds.sizes.tolist(),
        150,
        options["max_length"],
        options["short_seq_prob"],
        options["seed"],
        options["min_sentences"],
    )
    assert made == expected


@pytest.mark.parametrize("min_sentences", [1, 2])
def test_every_token_is_in_one_sample_of_an_epoch(tmp_path: Path, min_sentences: int) -> None:
    ds = random_dataset(tmp_path / "a", documents=40, longest=300)
    cutter = SampleCutter(
        ds,
        (0, 40),
        max_length=100,
        short_seq_prob=0.1,
        seed=5,
        min_sentences=min_sentences,
    )
    rows = np.zeros((cutter.count(), 3), np.int64)
    counts = cutter.fill(rows)
    covered = np.zeros(ds.tokens, int)
    for first, end, target in rows:
        covered[first:end] += 1
        assert 2 <= target <= 100
    assert covered.max() == 1 and counts.epochs == 1
    begins = ds.pointers[ds.document_index[:-1]] // 2
    lost = np.flatnonzero(covered[begins] == 0)
    whole = np.add.reduceat(covered, begins) == np.add.reduceat(np.ones_like(covered), begins)
    assert (whole == (covered[begins] == 1)).all()
    assert len(lost) == counts.unused_documents
    assert all(np.diff(ds.document_index)[lost] < min_sentences)
    assert counts.cut_sentences == (ds.sizes > 100).sum() > 0


def test_a_long_sentence_is_cut_and_nothing_of_it_lost(tmp_path: Path) -> None:
    sizes = np.array([300, 1624, 20, 30], np.int32)
    ids = np.zeros(1974, np.uint16)
    ds = write(tmp_path / "a", ids, sizes, np.array([4]))
    rows = cut(ds, 4, (0, 1), max_length=509, short_seq_prob=0, seed=1, min_sentences=2)
    assert sorted(rows) == [
        [0, 706, 509],  # one sentence is not enough for a sample: it takes a piece along
        [706, 1112, 509],
        [1112, 1518, 509],
        [1518, 1974, 509],
    ]


def test_epochs_have_orders_of_their_own_and_whole_contents(tmp_path: Path) -> None:
    ds = random_dataset(tmp_path / "a")
    options = {"max_length": 60, "short_seq_prob": 0.0, "seed": 9, "min_sentences": 1}
    per_epoch = SampleCutter(ds, (0, 50), **options).count()
    rows = cut(ds, 3 * per_epoch - 4, (0, 50), **options)
    epochs = [rows[k * per_epoch : (k + 1) * per_epoch] for k in range(3)]
    assert sorted(epochs[0]) == sorted(epochs[1]) and epochs[0] != epochs[1]
    assert (
        set(map(tuple, epochs[2])) < set(map(tuple, epochs[0])) and len(epochs[2]) == per_epoch - 4
    )
    assert cut(ds, per_epoch + 5, (0, 50), **options) == rows[: per_epoch + 5]


@pytest.mark.parametrize("trial", range(10))
def test_the_sample_index_by_its_definition(trial: int) -> None:
    rng = np.random.default_rng(trial)
    sizes = rng.integers(1, 30, 20).astype(np.int32)
    epochs = 1 + trial % 3
    order = rng.permutation(np.tile(np.arange(20), epochs))
    length = int(rng.integers(1, 40))
    made = build_sample_idx(sizes, order, length, epochs, int(sizes.sum()))
    samples = (epochs * int(sizes.sum()) - 1) // length
    assert made.dtype == np.int32
    assert made.tolist() == oracle_maps.sample_idx(sizes.tolist(), order.tolist(), length, samples)


def test_the_golden_sample_index() -> None:
    made = build_sample_idx(np.array([4, 7, 3, 6], np.int32), np.array([2, 0, 3, 1]), 5, 1, 20)
    assert made.tolist() == [[0, 0], [1, 2], [2, 3], [3, 2]]


def test_a_sample_index_over_too_few_tokens_is_an_error() -> None:
    with pytest.raises(DataError, match="fewer tokens than stated"):
        build_sample_idx(np.array([4, 7], np.int32), np.array([0, 1]), 5, 1, 30)
    with pytest.raises(DataError, match="do not exist"):
        build_sample_idx(np.array([4, 7], np.int32), np.array([0, 2]), 5, 1, 11)


def test_the_golden_blend() -> None:
    dataset, sample = build_blending_indices([0.2, 0.3, 0.5], 10)
    assert dataset.tolist() == [2, 1, 0, 2, 1, 2, 0, 2, 1, 2]
    assert sample.tolist() == [0, 0, 0, 1, 1, 2, 1, 3, 2, 4]


def test_blends_are_their_oracle_and_normalise_their_weights() -> None:
    weights = [3.0, 1.0, 0.0, 2.5]
    dataset, sample = build_blending_indices(weights, 500)
    expected = oracle_maps.blending([w / 6.5 for w in weights], 500)
    assert (dataset.tolist(), sample.tolist()) == expected


@pytest.mark.parametrize("weights", [[], [0.0, 0.0], [1.0, -1.0], [float("nan")]])
def test_weights_that_make_no_blend(weights: list[float]) -> None:
    with pytest.raises(DataError, match="weights"):
        build_blending_indices(weights, 5)


def test_building_leaves_the_gil_free() -> None:
    sizes = np.full(3_000_000, 5, np.int32)
    documents = np.arange(0, 3_000_001, 10)
    done = threading.Event()

    def build() -> None:
        build_mapping(
            documents,
            sizes,
            samples=1,
            max_length=30,
            short_seq_prob=0.1,
            seed=1,
            min_sentences=2,
        )
        done.set()

    thread = threading.Thread(target=build)
    thread.start()
    ticks = 0
    while not done.is_set():
        ticks += 1
        time.sleep(0.001)
    thread.join()
    assert ticks > 5
