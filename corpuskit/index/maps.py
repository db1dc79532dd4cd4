"""Sample maps: built once, kept beside the data, found again by what they depend on."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpuskit.console import console
from corpuskit.errors import DataError, UsageError
from corpuskit.index.cache import WAIT_SECONDS, cached_array
from corpuskit.index.fingerprint import data_fingerprint
from corpuskit.index.format import IndexedDataset
from corpuskit.index.ranges import PARTS, Range, split_ranges
from corpuskit.index.samples import MapCounts, SampleCutter, build_mapping
from corpuskit.io.files import read_json, write_json

ALGORITHM = 1  # counts up when equal requests would give other rows


@dataclass(frozen=True)
class MapRequest:
    """A sample map, by all that it depends on.

    Attributes:
        prefix: The data set.
        split: Shares of train, valid and test, as ``949,50,1``.
        part: ``train``, ``valid`` or ``test``.
        samples: Rows wanted; ``None`` for one epoch.
        max_seq_length: Length of the model's input, special tokens included.
        short_seq_prob: Share of samples with a random, shorter target length.
        seed: Of the target lengths and the order.
        min_sentences: Sentences that a sample needs: 2 for sentence order prediction, else 1.
        compat: Rows of Megatron's ``build_mapping`` and its split borders.
    """

    prefix: str
    split: str = "949,50,1"
    part: str = "train"
    samples: int | None = None
    max_seq_length: int = 512
    short_seq_prob: float = 0.1
    seed: int = 1234
    min_sentences: int = 2
    compat: bool = False

    @property
    def key(self) -> str:
        """Hash of the data and of every option; the path of the data is not part of it."""
        options = {name: value for name, value in asdict(self).items() if name != "prefix"}
        record = {**options, "data": data_fingerprint(self.prefix), "algorithm": ALGORITHM}
        return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()[:24]

    @property
    def max_length(self) -> int:
        """Tokens of a sample besides ``[CLS] A [SEP]`` and, for a pair, ``B [SEP]``.

        The ancestor subtracts 3 in both cases.
        """
        return self.max_seq_length - (3 if self.compat or self.min_sentences > 1 else 2)


def load_map(
    request: MapRequest,
    cache_dir: str | Path | None = None,
    *,
    build: bool = True,
    wait_seconds: float = WAIT_SECONDS,
) -> NDArray[np.int64]:
    """The sample map, from the cache or built now.

    Any number of threads and processes may ask at once; one of them builds.

    Args:
        request: What is wanted.
        cache_dir: Where maps are kept; ``index-cache`` beside the data by default, or a
            directory of the user where that cannot be written.
        build: ``False``: a map that is not in the cache is an error.
        wait_seconds: How long to wait for another builder.

    Returns:
        int64[n, 3], memory-mapped: first token in ``.bin``, one past the last token, target
        length without special tokens. With ``compat`` and for one epoch n is what it is;
        else it is ``request.samples``.

    Raises:
        DataError: No document can give a sample, or the builder failed.
        UsageError: The request makes no sense.
    """
    _check(request)
    path = map_path(request, cache_dir)
    if not build and not path.exists():
        raise DataError("no such sample map", where=path, hint="run `corpuskit index build`")
    return cached_array(path, lambda aside: _build(request, path, aside), wait_seconds)


def map_path(request: MapRequest, cache_dir: str | Path | None = None) -> Path:
    """The file of a map in the cache, whether it exists or not."""
    name = f"{Path(request.prefix).name}.{request.part}.{request.key}.npy"
    directory = Path(cache_dir) if cache_dir else beside_data(request.prefix)
    if cache_dir or (directory / name).exists():
        return directory / name
    return writable_cache_dir(request.prefix) / name


def map_counts(path: Path) -> MapCounts:
    """What the builder of a map counted."""
    return MapCounts(**_record(path)["counts"])


def map_request(path: Path) -> MapRequest:
    """What a map in the cache was built for."""
    return MapRequest(**_record(path)["request"])


def _record(path: Path) -> dict[str, Any]:
    beside = path.with_suffix(".json")
    if not beside.exists():
        raise DataError("no record beside this map", where=beside, hint="delete the map")
    return dict(read_json(beside))


def beside_data(prefix: str | Path) -> Path:
    """``index-cache`` in the directory of the data."""
    return Path(prefix).absolute().parent / "index-cache"


def writable_cache_dir(prefix: str | Path) -> Path:
    """``index-cache`` beside the data, or a place in the user's cache where that is read-only."""
    beside = beside_data(prefix)
    if os.access(beside if beside.exists() else beside.parent, os.W_OK):
        return beside
    home = Path(os.environ.get("CORPUSKIT_CACHE") or Path.home() / ".cache" / "corpuskit")
    place = home / "index" / hashlib.sha256(str(beside).encode()).hexdigest()[:12]
    console.note(f"{beside.parent} is read-only: sample maps go to {place}")
    return place


def _check(request: MapRequest) -> None:
    if request.part not in PARTS:
        raise UsageError(f"'{request.part}' is not a part", hint="train, valid or test")
    if request.samples is not None and request.samples < 1:
        raise UsageError(f"{request.samples} samples", hint="ask for one or more")
    if request.max_length < 2 or not 0 <= request.short_seq_prob <= 1:
        what = f"max_seq_length {request.max_seq_length}, short_seq_prob {request.short_seq_prob}"
        raise UsageError(what, hint="at least 5 tokens, and a probability from 0 to 1")
    seeds = range(1, 2**31) if request.compat else range(2**64)
    if request.min_sentences < 1 or request.seed not in seeds:
        what = f"min_sentences {request.min_sentences}, seed {request.seed}"
        raise UsageError(what, hint=f"one sentence or more, a seed from {seeds[0]} to {seeds[-1]}")


def _build(request: MapRequest, path: Path, aside: Path) -> None:
    dataset = IndexedDataset(request.prefix)
    ranges = split_ranges(request.split, dataset.documents, compat=request.compat)
    documents = ranges[PARTS.index(request.part)]
    if documents[0] == documents[1]:
        what = f"no document in the {request.part} part of {dataset.documents:,} documents"
        raise DataError(what, where=dataset.prefix, hint="change --split, or add documents")
    fill = _build_compat if request.compat else _build_default
    counts = fill(request, dataset, documents, aside)
    record = {"request": asdict(request), "algorithm": ALGORITHM, "counts": asdict(counts)}
    write_json(path.with_suffix(".json"), record)


def _build_default(
    request: MapRequest, dataset: IndexedDataset, documents: Range, aside: Path
) -> MapCounts:
    cutter = SampleCutter(
        dataset,
        documents,
        max_length=request.max_length,
        short_seq_prob=request.short_seq_prob,
        seed=request.seed,
        min_sentences=request.min_sentences,
    )
    per_epoch = cutter.count()
    if per_epoch == 0:
        raise _no_sample(request, dataset)
    shape = (request.samples or per_epoch, 3)
    rows = np.lib.format.open_memmap(aside, mode="w+", dtype=np.int64, shape=shape)
    counts = cutter.fill(rows)
    rows.flush()
    return counts


def _build_compat(
    request: MapRequest, dataset: IndexedDataset, documents: Range, aside: Path
) -> MapCounts:
    rows = build_mapping(
        dataset.document_index[documents[0] : documents[1] + 1],
        dataset.sizes,
        samples=request.samples or 1,
        max_length=request.max_length,
        short_seq_prob=request.short_seq_prob,
        seed=request.seed,
        min_sentences=request.min_sentences,
    )
    if not len(rows):
        raise _no_sample(request, dataset)
    np.save(aside, _sentences_to_tokens(rows, dataset))
    starts = rows[:, 0].astype(np.int64)
    used = np.unique(np.searchsorted(dataset.document_index[: documents[1]], starts, "right"))
    count = documents[1] - documents[0]
    epochs = int((starts == starts.min()).sum())
    return MapCounts(len(rows), epochs, count, count - len(used), 0)


def _sentences_to_tokens(rows: NDArray[Any], dataset: IndexedDataset) -> NDArray[np.int64]:
    tokens = rows.astype(np.int64)
    last = tokens[:, 1] - 1
    tokens[:, 0] = dataset.pointers[tokens[:, 0]] // dataset.dtype.itemsize
    tokens[:, 1] = dataset.pointers[last] // dataset.dtype.itemsize + dataset.sizes[last]
    return tokens


def _no_sample(request: MapRequest, dataset: IndexedDataset) -> DataError:
    what = f"no usable sample in the {request.part} part"
    hint = "the documents are empty"
    if request.min_sentences > 1:
        hint = (
            "sentence order prediction needs documents of at least 2 sentences: tokenize with "
            "--split-sentences, or turn it off"
        )
    return DataError(what, where=dataset.prefix, hint=hint)
