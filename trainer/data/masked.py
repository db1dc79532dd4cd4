"""Masked samples in an order that depends on the seed and the global batch alone.

Samples are numbered from 0 without end: the rows of the map of epoch 0, then of epoch 1,
whose order and masks have the seed plus 1, and so on. Update ``k`` (the first is 1) of
global batch ``G`` consumes samples ``[(k - 1) G, k G)``. They are cut into global
micro-batches, and process ``r`` takes the ``r``-th contiguous slice of each. So the number
of processes, forward passes, restarts and even the number of updates change nothing.

Every sample has ``max_seq_length`` columns: one shape for all batches.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray

from corpuskit.console import console
from corpuskit.errors import DataError, UsageError
from corpuskit.index import IndexedDataset
from corpuskit.index.fingerprint import data_fingerprint
from corpuskit.index.maps import MapRequest, load_map
from corpuskit.index.masking import MaskedBatcher, MaskingOptions
from trainer.batch import Batch
from trainer.config import Config
from trainer.data.vocabulary import complete, find_vocabulary

Part = Literal["train", "valid", "test"]


class MaskedSource:
    """A data set with its vocabulary; makes batchers for parts and epochs.

    Attributes:
        config: The run's configuration, its vocabulary size and padding id filled in.
    """

    def __init__(self, config: Config) -> None:
        if config.data.prefix is None:
            raise UsageError("no data", hint="give --data PREFIX")
        self.prefix = config.data.prefix
        self.dataset = IndexedDataset(self.prefix)
        self.vocabulary = find_vocabulary(self.prefix, config.data.vocab)
        self.config = complete(config, self.vocabulary)

    def facts(self) -> dict[str, Any]:
        """What a resumed run must find again."""
        return {"fingerprint": data_fingerprint(self.prefix)}

    def batcher(self, part: Part, epoch: int) -> MaskedBatcher:
        """The samples of one epoch."""
        data, model = self.config.data, self.config.model
        request = MapRequest(
            prefix=self.prefix,
            split=data.split,
            part=part,
            samples=None,
            max_seq_length=data.max_seq_length,
            short_seq_prob=data.short_seq_prob,
            seed=data.seed + epoch,
            min_sentences=2 if model.sop else 1,
        )
        options = MaskingOptions(
            seed=data.seed + epoch,
            max_seq_length=data.max_seq_length,
            mask_prob=data.mask_prob,
            max_ngrams=data.max_ngrams,
            sop=model.sop,
            vocab_size=len(self.vocabulary.tokens),
            **self.vocabulary.masking_ids(),
        )
        return MaskedBatcher(self.dataset, load_map(request, data.cache_dir), options)


class MaskedData:
    """The batches of one process; see the module for their order."""

    def __init__(self, source: MaskedSource, rank: int, ranks: int) -> None:
        config = source.config
        self.source = source
        self.rank, self.ranks = rank, ranks
        self.global_batch = config.train.global_batch
        self.micro_batch = config.micro_batch(ranks)
        self.accumulation = config.accumulation(ranks)
        self.epochs = [source.batcher("train", 0)]
        self.starts = [0, len(self.epochs[0])]  # first sample of each epoch, and of the next
        self.valid = self._validation(config.evaluation.samples)

    def _validation(self, samples: int) -> MaskedBatcher | None:
        if samples == 0:
            return None
        try:
            return self.source.batcher("valid", 0)
        except DataError as error:
            if self.rank == 0:
                console.warn(f"no evaluation: {error.what}")
            return None

    def step(self, step: int) -> list[Batch]:
        """This process's forward passes of update ``step``."""
        first = (step - 1) * self.global_batch + self.rank * self.micro_batch
        stride = self.micro_batch * self.ranks
        return [self.samples(first + n * stride) for n in range(self.accumulation)]

    def samples(self, first: int) -> Batch:
        """``micro_batch`` samples from ``first`` on, which may lie in two epochs or more."""
        parts = []
        stop = first + self.micro_batch
        while first < stop:
            epoch = self._epoch_of(first)
            end = min(stop, self.starts[epoch + 1])
            rows = np.arange(first, end) - self.starts[epoch]
            parts.append(self.epochs[epoch](rows))
            first = end
        return to_batch(join(parts))

    def _epoch_of(self, sample: int) -> int:
        while sample >= self.starts[-1]:
            self.epochs.append(self.source.batcher("train", len(self.epochs)))
            self.starts.append(self.starts[-1] + len(self.epochs[-1]))
        return int(np.searchsorted(self.starts, sample, side="right")) - 1

    def evaluation(self) -> Iterator[Batch]:
        """This process's share of the first ``evaluation.samples`` validation samples."""
        if self.valid is None:
            return
        count = min(self.source.config.evaluation.samples, len(self.valid))
        stride = self.micro_batch * self.ranks
        for first in range(self.rank * self.micro_batch, count, stride):
            rows = np.arange(first, min(first + self.micro_batch, count))
            yield to_batch(self.valid(rows))


def join(parts: list[dict[str, NDArray[Any]]]) -> dict[str, NDArray[Any]]:
    """Stack batches of equal length; flat positions move with their rows."""
    if len(parts) == 1:
        return parts[0]
    moved, rows = [], 0
    for part in parts:
        size = part["input_ids"].shape[1]
        moved.append({**part, "masked_positions": part["masked_positions"] + rows * size})
        rows += len(part["input_ids"])
    return {name: np.concatenate([part[name] for part in moved]) for name in moved[0]}


def to_batch(arrays: dict[str, NDArray[Any]]) -> Batch:
    """Tensors over the same memory, and the mask of real tokens."""
    tensors = {name: torch.from_numpy(array) for name, array in arrays.items()}
    lengths = tensors.pop("lengths")
    columns = tensors["input_ids"].shape[1]
    mask = torch.arange(columns) < lengths[:, None]
    return Batch(mask=None if bool(mask.all()) else mask, **tensors)
