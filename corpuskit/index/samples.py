"""Which tokens make up sample ``i``: the builders behind the sample maps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpuskit import _native
from corpuskit.errors import DataError
from corpuskit.index.format import IndexedDataset
from corpuskit.index.ranges import Range

MANY_EPOCHS = 2**31 - 2


@dataclass(frozen=True)
class MapCounts:
    """What a builder found.

    Attributes:
        samples: Rows of the map.
        epochs: Passes over the documents that were begun.
        documents: Documents of the part.
        unused_documents: Documents with too few sentences for a sample.
        cut_sentences: Sentences longer than a sample, cut into pieces.
    """

    samples: int
    epochs: int
    documents: int
    unused_documents: int
    cut_sentences: int


def build_mapping(
    documents: NDArray[np.int64],
    sizes: NDArray[np.int32],
    *,
    samples: int,
    max_length: int,
    short_seq_prob: float,
    seed: int,
    min_sentences: int,
    epochs: int = MANY_EPOCHS,
) -> NDArray[Any]:
    """Megatron's sentence mapping, equal number for number.

    It makes whole epochs, so there are often more rows than asked for, and it leaves out
    every document of several sentences of which one is longer than 512 tokens.

    Args:
        documents: int64[D + 1], first sentence of each document.
        sizes: int32[S], tokens of each sentence.
        max_length: Tokens of a sample without its special tokens.
        short_seq_prob: Share of samples with a random, shorter target length.
        seed: 1 or more.
        min_sentences: Sentences that a sample needs; 2 for sentence order prediction.

    Returns:
        uint32[n, 3] (uint64 beyond 2**32 sentences): first sentence, one past the last
        sentence, target length. No rows where no document is usable.
    """
    small = len(sizes) <= np.iinfo(np.uint32).max
    build = _native.build_mapping_uint32 if small else _native.build_mapping_uint64
    rows: NDArray[Any] = build(
        documents, sizes, epochs, samples, max_length, short_seq_prob, seed, min_sentences
    )
    return rows


class SampleCutter:
    """Cuts documents into samples; draws are keyed, so every epoch stands alone.

    It closes samples as Megatron does (``build_mapping``), but

    - a sentence longer than a sample is cut into equal pieces, each a sample or part of one,
      and its document stays;
    - a rest of a document is joined to the last sample only where it has too few sentences
      for a sample of its own;
    - each epoch has an order of its own, and there are exactly as many rows as asked for:
      the last epoch is a random part.

    Args:
        dataset: The data.
        documents: Range of documents to use.
        max_length: Tokens of a sample without its special tokens.
        short_seq_prob, seed, min_sentences: As for ``build_mapping``; any seed.
    """

    def __init__(
        self,
        dataset: IndexedDataset,
        documents: Range,
        *,
        max_length: int,
        short_seq_prob: float,
        seed: int,
        min_sentences: int,
    ) -> None:
        self.documents = documents
        self._native = _native.SampleCutter(
            dataset.document_index[documents[0] : documents[1] + 1],
            dataset.sizes,
            dataset.pointers,
            dataset.dtype.itemsize,
            max_length,
            short_seq_prob,
            seed,
            min_sentences,
        )

    def count(self, epoch: int = 0) -> int:
        """Samples of one epoch."""
        return int(self._native.count(epoch))

    def fill(self, rows: NDArray[np.int64]) -> MapCounts:
        """Fill ``rows``, int64[n, 3]: first token, one past the last token, target length."""
        epochs = int(self._native.fill(rows))
        unused, cut = self._native.census()
        return MapCounts(len(rows), epochs, self.documents[1] - self.documents[0], unused, cut)


def build_sample_idx(
    sizes: NDArray[np.int32],
    document_order: NDArray[Any],
    sequence_length: int,
    epochs: int,
    tokens_per_epoch: int,
) -> NDArray[Any]:
    """Where the samples of a token stream begin, as in Megatron's GPT data sets.

    Args:
        sizes: int32[S], tokens of each document.
        document_order: int[N], the documents in the order of the stream.
        sequence_length: Tokens that a sample predicts; it has one more.
        epochs, tokens_per_epoch: Their product is the length of the stream.

    Returns:
        int32[n + 1, 2] (int64 where needed): position in ``document_order``, token offset.

    Raises:
        DataError: The stream is shorter than stated.
    """
    samples = (epochs * tokens_per_epoch - 1) // sequence_length
    largest = max(len(document_order), int(sizes.max(initial=0)))
    small = largest <= np.iinfo(np.int32).max
    build = _native.build_sample_idx_int32 if small else _native.build_sample_idx_int64
    order = np.asarray(document_order, np.int64)
    if len(order) and not 0 <= order.min() <= order.max() < len(sizes):
        raise DataError("the document order names documents that do not exist")
    try:
        rows: NDArray[Any] = build(sizes, order, sequence_length, max(samples, 0))
    except IndexError as error:
        raise DataError(str(error)) from None
    return rows


def build_blending_indices(
    weights: Sequence[float], size: int
) -> tuple[NDArray[np.int16], NDArray[np.int64]]:
    """Interleave data sets by weight, as Megatron does.

    Args:
        weights: One for each data set; normalised here.
        size: Samples of the blend.

    Returns:
        int16[size], data set of each sample, and int64[size], its number in that data set.

    >>> build_blending_indices([2, 3, 5], 5)
    (array([2, 1, 0, 2, 1], dtype=int16), array([0, 0, 0, 1, 1]))
    """
    shares = np.asarray(weights, np.float64)
    if not len(shares) or shares.min() < 0 or not 0 < shares.sum() < np.inf:
        raise DataError("blending weights must be 0 or more, with one above 0")
    if len(shares) > np.iinfo(np.int16).max:
        raise DataError(f"{len(shares):,} data sets in one blend; up to 32,767 are possible")
    dataset, sample = _native.build_blending_indices(shares / shares.sum(), size)
    return dataset, sample
