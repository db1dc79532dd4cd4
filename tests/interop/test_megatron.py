"""Megatron's own code reads what we write, writes what we write, and builds what we build."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from corpuskit.index import IndexedDataset
from corpuskit.index.samples import build_blending_indices, build_mapping, build_sample_idx
from tests.index.data import random_dataset


@pytest.fixture(scope="module")
def indexed() -> Any:
    """megatron.core.datasets.indexed_dataset."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pytest.importorskip("megatron.core", reason="megatron-core is not installed")
        from megatron.core.datasets import indexed_dataset
    return indexed_dataset


@pytest.fixture(scope="module")
def helpers(indexed: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Megatron's compiled helpers; from its wheel, or compiled here from its own source."""
    try:
        from megatron.core.datasets import helpers_cpp
    except ImportError:
        return _compile(Path(indexed.__file__).parent, tmp_path_factory.mktemp("helpers"))
    return helpers_cpp


def _compile(source: Path, directory: Path) -> Any:
    import importlib.util
    import subprocess
    import sysconfig

    pybind11 = pytest.importorskip("pybind11")
    library = directory / f"helpers_cpp{sysconfig.get_config_var('EXT_SUFFIX')}"
    flags = ["-O3", "-shared", "-std=c++17", "-fPIC", f"-I{pybind11.get_include()}"]
    flags.append(f"-I{sysconfig.get_path('include')}")
    command = ["g++", *flags, str(source / "helpers.cpp"), "-o", str(library)]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"Megatron's helpers cannot be compiled here: {error}")
    spec = importlib.util.spec_from_file_location("helpers_cpp", library)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("dtype", ["uint16", "int32"])
def test_megatron_reads_our_files(indexed: Any, tmp_path: Path, dtype: str) -> None:
    ours = random_dataset(tmp_path / "a", dtype=dtype)
    theirs = indexed.IndexedDataset(str(ours.prefix))
    assert len(theirs) == len(ours) and theirs[0].dtype == dtype
    assert theirs.document_indices.tolist() == ours.document_index.tolist()
    assert theirs.sequence_lengths.tolist() == ours.sizes.tolist()
    assert all(theirs[i].tolist() == ours[i].tolist() for i in range(len(ours)))
    assert theirs.get(7, 1, 3).tolist() == ours.get(7, 1, 3).tolist()


@pytest.mark.parametrize("dtype", ["uint16", "int32"])
def test_megatron_writes_the_same_bytes(indexed: Any, tmp_path: Path, dtype: str) -> None:
    import torch

    ours = random_dataset(tmp_path / "a", dtype=dtype)
    builder = indexed.IndexedDatasetBuilder(f"{tmp_path}/b.bin", dtype=np.dtype(dtype).type)
    for start, stop in zip(ours.document_index[:-1], ours.document_index[1:], strict=True):
        for sentence in range(start, stop):
            builder.add_item(torch.from_numpy(ours[sentence].astype(np.int64)))
        builder.end_document()
    builder.finalize(f"{tmp_path}/b.idx")
    for suffix in (".bin", ".idx"):
        assert Path(f"{tmp_path}/b{suffix}").read_bytes() == (
            Path(f"{tmp_path}/a{suffix}").read_bytes()
        )
    again = IndexedDataset(tmp_path / "b")
    assert [s.tolist() for s in again] == [s.tolist() for s in ours]


@pytest.mark.parametrize("trial", range(30))
def test_our_mapping_is_theirs(helpers: Any, trial: int) -> None:
    rng = np.random.default_rng(trial)
    documents = np.concatenate([[0], np.cumsum(rng.integers(0, 40, 60))])
    sizes = rng.integers(1, 200, documents[-1]).astype(np.int32)
    sizes[rng.random(len(sizes)) < 0.01] = 513
    samples, max_length = int(rng.integers(1, 3000)), int(rng.integers(2, 510))
    short, minimum, epochs = (0.0, 0.1, 0.37, 1.0)[trial % 4], 1 + trial % 2, 1 + trial % 5
    ours = build_mapping(
        documents,
        sizes,
        samples=samples,
        max_length=max_length,
        short_seq_prob=short,
        seed=trial + 1,
        min_sentences=minimum,
        epochs=epochs if trial % 3 else 2**31 - 2,
    )
    theirs = helpers.build_mapping(
        documents,
        sizes,
        epochs if trial % 3 else 2**31 - 2,
        samples,
        max_length,
        short,
        trial + 1,
        False,
        minimum,
    )
    assert ours.dtype == theirs.dtype and np.array_equal(ours, theirs)


@pytest.mark.parametrize("trial", range(10))
def test_our_sample_index_is_theirs(helpers: Any, trial: int) -> None:
    rng = np.random.default_rng(trial)
    sizes = rng.integers(1, 900, 300).astype(np.int32)
    epochs, length = 1 + trial % 3, int(rng.integers(2, 2049))
    order = rng.permutation(np.tile(np.arange(300, dtype=np.int32), epochs))
    tokens = int(sizes.sum())
    ours = build_sample_idx(sizes, order, length, epochs, tokens)
    theirs = helpers.build_sample_idx_int32(sizes, order, length, epochs, tokens, True, 1)
    assert ours.dtype == theirs.dtype and np.array_equal(ours, theirs)


@pytest.mark.parametrize("weights", [[1.0], [0.5, 0.5], [0.7, 0.1, 0.2], [1 / 7] * 7])
def test_our_blend_is_theirs(helpers: Any, weights: list[float]) -> None:
    dataset, sample = np.empty(5000, np.int16), np.empty(5000, np.int64)
    shares = np.array(weights) / np.sum(weights)
    helpers.build_blending_indices(dataset, sample, shares, len(weights), 5000, False)
    ours = build_blending_indices(weights, 5000)
    assert np.array_equal(ours[0], dataset) and np.array_equal(ours[1], sample)
