from __future__ import annotations

import pickle
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from corpuskit.errors import DataError, UsageError
from corpuskit.index import IndexedDataset
from corpuskit.index.maps import MapRequest, load_map
from corpuskit.index.masking import MaskedBatcher, MaskingOptions
from corpuskit.index.sidecar import Sidecar
from tests.index.data import SIDECAR, VOCAB_SIZE, random_dataset, write
from tests.index.oracle_masking import masked_sample

OPTIONS = MaskingOptions(
    seed=1234, max_seq_length=64, cls_id=1, sep_id=2, mask_id=3, pad_id=0, vocab_size=VOCAB_SIZE
)
CHINESE = replace(
    OPTIONS, max_seq_length=128, cls_id=101, sep_id=102, mask_id=103, vocab_size=21128
)


def batcher_of(
    ds: IndexedDataset, options: MaskingOptions, samples: int, short_seq_prob: float = 0.1
) -> MaskedBatcher:
    request = MapRequest(
        str(ds.prefix),
        split="1",
        samples=samples,
        max_seq_length=options.max_seq_length,
        short_seq_prob=short_seq_prob,
        min_sentences=2 if options.sop else 1,
    )
    return MaskedBatcher(ds, load_map(request), options)


def sample_of(batch: dict[str, Any], row: int) -> dict[str, Any]:
    """One row in the oracle's form."""
    width = batch["input_ids"].shape[1]
    mine = batch["masked_positions"] // width == row
    sample = {
        name: batch[name][row].tolist()
        for name in batch
        if name not in ("masked_positions", "labels")
    }
    sample["masked_positions"] = (batch["masked_positions"][mine] % width).tolist()
    sample["labels"] = batch["labels"][mine].tolist()
    return sample


def compare_with_oracle(batcher: MaskedBatcher, count: int) -> None:
    indices = np.random.default_rng(0).integers(0, len(batcher), count)
    batch = batcher(indices)
    for row, index in enumerate(indices.tolist()):
        expected = masked_sample(
            batcher.dataset,
            tuple(batcher.sample_map[index].tolist()),
            index,
            batcher.tables,
            batcher.options,
        )
        assert sample_of(batch, row) == expected


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"sop": False},
        {"mask_prob": 0.0},
        {"mask_prob": 1.0},
        {"mask_prob": 0.5, "max_ngrams": 1},
        {"favor_longer": True, "max_ngrams": 5},
        {"seed": 2**63, "max_seq_length": 20},
    ],
)
@pytest.mark.parametrize("dtype", ["uint16", "int32"])
def test_batches_are_the_oracles(tmp_path: Path, changes: dict[str, Any], dtype: str) -> None:
    ds = random_dataset(tmp_path / "a", dtype=dtype, longest=100)
    compare_with_oracle(batcher_of(ds, replace(OPTIONS, **changes), 300, 0.3), 60)


def test_batches_of_real_text_are_the_oracles(chinese: IndexedDataset) -> None:
    compare_with_oracle(batcher_of(chinese, CHINESE, 300), 100)


def test_shapes_and_types(tmp_path: Path) -> None:
    batch = batcher_of(random_dataset(tmp_path / "a"), OPTIONS, 20)(np.arange(7))
    assert {name: (array.dtype.name, array.ndim) for name, array in batch.items()} == {
        "input_ids": ("int64", 2),
        "token_type_ids": ("int64", 2),
        "lengths": ("int32", 1),
        "masked_positions": ("int64", 1),
        "labels": ("int64", 1),
        "sop_labels": ("int64", 1),
    }
    assert batch["input_ids"].shape == batch["token_type_ids"].shape == (7, 64)
    assert (np.diff(batch["masked_positions"]) > 0).all()


def test_a_sample_depends_on_its_number_and_the_seed_alone(tmp_path: Path) -> None:
    batcher = batcher_of(random_dataset(tmp_path / "a"), OPTIONS, 100)
    whole = batcher(np.arange(100))
    for order in (np.arange(100)[::-1], np.random.default_rng(0).permutation(100)):
        batch = batcher(order)
        assert [sample_of(batch, row) for row in range(100)] == [sample_of(whole, i) for i in order]
    other = MaskedBatcher(batcher.dataset, batcher.sample_map, replace(OPTIONS, seed=1))
    assert sample_of(other(np.array([5])), 0) != sample_of(whole, 5)


def test_the_frame_and_the_segments(tmp_path: Path) -> None:
    batcher = batcher_of(random_dataset(tmp_path / "a"), replace(OPTIONS, mask_prob=0.0), 200)
    batch = batcher(np.arange(200))
    for ids, types, length in zip(
        *(batch[n] for n in ("input_ids", "token_type_ids", "lengths")), strict=True
    ):
        (separator,) = np.flatnonzero(types[:length] == 1)[:1] - 1
        assert ids[0] == 1 and ids[separator] == ids[length - 1] == 2
        assert types[: separator + 1].max() == 0 and types[separator + 1 : length].min() == 1
        assert 1 < separator < length - 2
        assert not ids[length:].any() and not types[length:].any()
        assert ids.max() < VOCAB_SIZE
    assert not len(batch["masked_positions"]) and not len(batch["labels"])


def test_pairs_are_swapped_half_of_the_time_and_in_order_else(tmp_path: Path) -> None:
    ids = np.arange(10, 110, dtype=np.uint16)  # ascending: order shows
    plain = replace(SIDECAR, continuation=None, pieces=[])
    ds = write(tmp_path / "a", ids, np.full(10, 10, np.int32), np.array([10]), plain)
    rows = np.tile(np.array([[0, 100, 120]]), (2000, 1))
    batch = MaskedBatcher(ds, rows, replace(OPTIONS, mask_prob=0.0, max_seq_length=128))(
        np.arange(2000)
    )
    assert 900 < batch["sop_labels"].sum() < 1100
    splits = set()
    for ids, types, swapped in zip(
        *(batch[n] for n in ("input_ids", "token_type_ids", "sop_labels")), strict=True
    ):
        second = int(np.argmax(types))
        a, b = ids[1 : second - 1], ids[second:102]
        head, tail = (b, a) if swapped else (a, b)
        assert head.tolist() + tail.tolist() == list(range(10, 110))
        splits.add(len(head))
    assert splits == set(range(10, 100, 10))


def test_both_ends_of_a_long_row_are_seen(tmp_path: Path) -> None:
    ids = np.arange(10, 110, dtype=np.uint16)
    plain = replace(SIDECAR, continuation=None, pieces=[])
    ds = write(tmp_path / "a", ids, np.full(2, 50, np.int32), np.array([2]), plain)
    rows = np.tile(np.array([[0, 100, 40]]), (500, 1))
    batch = MaskedBatcher(ds, rows, replace(OPTIONS, mask_prob=0.0))(np.arange(500))
    assert (batch["lengths"] == 43).all()
    seen = np.bincount(batch["input_ids"].ravel(), minlength=110)[10:]
    assert seen.min() > 0


def marked_rows(chinese: IndexedDataset) -> tuple[MaskedBatcher, list[list[int]]]:
    """A batcher whose rows fit whole, and their ids on disk, columns as in the batch."""
    options = replace(CHINESE, sop=False, max_seq_length=512)
    starts = chinese.document_index[:-1]
    rows, ids = [], []
    for start in starts:
        first = int(chinese.pointers[start]) // 2
        end = min(first + 500, chinese.tokens)
        rows.append([first, end, 510])
        ids.append([101, *chinese.ids[first:end].tolist(), 102])
    return MaskedBatcher(chinese, np.array(rows), options), ids


def words_of(ids: list[int], batcher: MaskedBatcher) -> list[list[int]]:
    """Columns of each word that may be masked."""
    words: list[list[int]] = []
    for column, id in enumerate(ids):
        role = batcher.tables.role[id]
        before = batcher.tables.role[ids[column - 1]] if column else 2
        if role == 1 and before != 2:
            words[-1].append(column)
        elif role != 2:
            words.append([column])
    return words


def test_words_are_masked_whole_within_the_budget(chinese: IndexedDataset) -> None:
    batcher, rows = marked_rows(chinese)
    batch = batcher(np.arange(len(rows)))
    longer = 0
    for row, ids in enumerate(rows):
        sample, words = sample_of(batch, row), words_of(ids, batcher)
        masked = set(sample["masked_positions"])
        budget = max(1, int(0.15 * sum(map(len, words)) + 0.5))
        assert budget - max(map(len, words)) < len(masked) <= budget
        for word in words:
            assert len(masked & set(word)) in (0, len(word))
        longer += sum(len(word) > 1 and word[0] in masked for word in words)
        base = batcher.tables.base[ids].tolist()
        assert sample["labels"] == [base[column] for column in sample["masked_positions"]]
        unmasked = [c for c in range(len(ids)) if c not in masked]
        assert [sample["input_ids"][c] for c in unmasked] == [base[c] for c in unmasked]
        assert not masked & {c for c, id in enumerate(ids) if batcher.tables.role[id] == 2}
    assert longer > 500


def test_eighty_ten_ten_by_words(chinese: IndexedDataset) -> None:
    batcher, rows = marked_rows(chinese)
    kinds = {"mask": 0, "kept": 0, "random": 0}
    replaced = set()
    batch = batcher(np.arange(len(rows)))
    for row, ids in enumerate(rows):
        sample = sample_of(batch, row)
        masked, base = set(sample["masked_positions"]), batcher.tables.base[ids]
        for word in words_of(ids, batcher):
            if word[0] not in masked:
                continue
            seen = [sample["input_ids"][column] for column in word]
            if all(id == 103 for id in seen):
                kinds["mask"] += 1
            elif seen == base[word].tolist():
                kinds["kept"] += 1
            else:
                kinds["random"] += 1
                replaced.update(seen)
                assert 103 not in seen
    total = sum(kinds.values())
    assert total > 1500
    assert 0.77 < kinds["mask"] / total < 0.83
    assert 0.08 < kinds["kept"] / total < 0.12
    assert max(replaced) < 21128
    assert not replaced & {0, 100, 101, 102, 103}


def test_short_runs_are_more_frequent(tmp_path: Path) -> None:
    ids = np.full(30_000, 7, np.uint16)  # words of one token
    ds = write(tmp_path / "a", ids, np.full(60, 500, np.int32), np.full(60, 1))
    rows = np.array([[500 * k, 500 * k + 500, 510] for k in range(60)] * 20)

    def runs(**changes: Any) -> np.ndarray:
        options = replace(OPTIONS, max_seq_length=512, sop=False, mask_prob=0.01, **changes)
        batch = MaskedBatcher(ds, rows, options)(np.arange(len(rows)))
        taken = np.zeros((len(rows), 514), int)  # a margin on both sides
        flat = np.zeros(len(rows) * 512, int)
        flat[batch["masked_positions"]] = 1
        taken[:, 1:513] = flat.reshape(-1, 512)
        edges = np.diff(taken, axis=1)
        lengths = np.nonzero(edges == -1)[1] - np.nonzero(edges == 1)[1]
        return np.bincount(lengths, minlength=4)[1:4] / len(lengths)

    shortest, middle, longest = runs()
    assert shortest > middle > longest > 0.05
    assert runs(favor_longer=True)[0] < shortest


def test_a_word_longer_than_the_budget_is_taken_where_there_is_no_other(tmp_path: Path) -> None:
    ids = np.array([20, *range(150, 159)], np.uint16)  # one word of ten tokens
    ds = write(tmp_path / "a", ids, np.array([10], np.int32), np.array([1]))
    batcher = MaskedBatcher(ds, np.array([[0, 10, 60]] * 50), replace(OPTIONS, sop=False))
    batch = batcher(np.arange(50))
    assert batch["masked_positions"].tolist() == [
        64 * r + c for r in range(50) for c in range(1, 11)
    ]


def test_one_token_is_predicted_at_least(tmp_path: Path) -> None:
    ds = write(
        tmp_path / "a", np.array([10, 11], np.uint16), np.array([2], np.int32), np.array([1])
    )
    batcher = MaskedBatcher(ds, np.array([[0, 1, 60]] * 30), OPTIONS)
    batch = batcher(np.arange(30))
    assert batch["masked_positions"].tolist() == [64 * row + 1 for row in range(30)]
    assert (batch["lengths"] == 3).all() and not batch["sop_labels"].any()


def test_a_shorter_model_than_the_map(tmp_path: Path) -> None:
    batcher = batcher_of(random_dataset(tmp_path / "a"), OPTIONS, 50)
    short = MaskedBatcher(batcher.dataset, batcher.sample_map, replace(OPTIONS, max_seq_length=16))
    assert short(np.arange(50))["lengths"].max() == 16


def test_without_a_sidecar_every_token_is_a_word(tmp_path: Path) -> None:
    ds = random_dataset(tmp_path / "a", sidecar=None)
    options = replace(OPTIONS, vocab_size=VOCAB_SIZE + 50)
    compare_with_oracle(batcher_of(ds, options, 30), 30)
    assert set(batcher_of(ds, options, 30).tables.role) == {0, 2}


def test_random_tokens_never_come_from_the_padding_of_the_embedding(tmp_path: Path) -> None:
    ds = random_dataset(tmp_path / "a")
    tables = batcher_of(ds, replace(OPTIONS, vocab_size=VOCAB_SIZE + 24), 30).tables
    assert tables.replacements.tolist() == list(range(5, VOCAB_SIZE))


def test_a_batcher_goes_to_other_processes(tmp_path: Path) -> None:
    batcher = batcher_of(random_dataset(tmp_path / "a"), OPTIONS, 5000)
    raw = pickle.dumps(batcher)
    assert len(raw) < 1000
    again = pickle.loads(raw)(np.arange(9))
    assert all((array == again[name]).all() for name, array in batcher(np.arange(9)).items())


def test_threads_share_a_batcher(tmp_path: Path) -> None:
    batcher = batcher_of(random_dataset(tmp_path / "a"), OPTIONS, 400)
    expected = batcher(np.arange(400))["input_ids"]
    found: dict[int, np.ndarray] = {}
    threads = [
        threading.Thread(target=lambda k=k: found.update({k: batcher(np.arange(400))["input_ids"]}))
        for k in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all((ids == expected).all() for ids in found.values()) and len(found) == 4


def test_an_id_outside_the_vocabulary_is_named(tmp_path: Path) -> None:
    ids = np.array([10, 11, 999, 12], np.uint16)
    ds = write(tmp_path / "a", ids, np.array([4], np.int32), np.array([1]))
    with pytest.raises(DataError, match="id 999 is not in the vocabulary of 250 ids") as caught:
        MaskedBatcher(ds, np.array([[0, 4, 60]]), OPTIONS)(np.array([0]))
    assert "verify --deep" in str(caught.value.hint)


@pytest.mark.parametrize("row", [[0, 10_000_000, 60], [-1, 5, 60], [7, 7, 60], [0, 5, 1]])
def test_a_map_of_other_data_is_refused(tmp_path: Path, row: list[int]) -> None:
    ds = random_dataset(tmp_path / "a")
    with pytest.raises(DataError, match="the sample map is of other data"):
        MaskedBatcher(ds, np.array([row]), OPTIONS)(np.array([0]))


def test_a_sample_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(IndexError):
        batcher_of(random_dataset(tmp_path / "a"), OPTIONS, 10)(np.array([10]))


def test_options_that_make_no_sense(tmp_path: Path) -> None:
    ds = random_dataset(tmp_path / "a")
    rows = np.array([[0, 5, 60]])
    with pytest.raises(UsageError, match="mask_prob"):
        replace(OPTIONS, mask_prob=1.5)
    with pytest.raises(UsageError, match="seed -1"):
        replace(OPTIONS, seed=-1)
    with pytest.raises(UsageError, match="max_ngrams"):
        replace(OPTIONS, max_ngrams=0)
    with pytest.raises(DataError, match="need a vocabulary of 200"):
        MaskedBatcher(ds, rows, replace(OPTIONS, vocab_size=100))
    with pytest.raises(UsageError, match="special id 900"):
        MaskedBatcher(ds, rows, replace(OPTIONS, mask_id=900))
    odd = random_dataset(tmp_path / "b", dtype="int64")
    with pytest.raises(DataError, match="int64"):
        MaskedBatcher(odd, rows, OPTIONS)


def test_a_broken_sidecar_is_named(tmp_path: Path) -> None:
    assert Sidecar.from_json(SIDECAR.to_json()) == SIDECAR
    with pytest.raises(DataError, match="damaged sidecar: got an unexpected keyword"):
        Sidecar.from_json({**SIDECAR.to_json(), "colour": 1})
    with pytest.raises(DataError, match="not a sidecar of version 1"):
        Sidecar.from_json({"version": 2})
