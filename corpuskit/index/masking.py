"""Samples for masked language modelling and sentence order prediction.

After BERT (Devlin et al. 2019), whole words and n-grams after ERNIE (Sun et al. 2019),
sentence order prediction after ALBERT (Lan et al. 2020).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpuskit import _native
from corpuskit.errors import DataError, UsageError
from corpuskit.index.cache import open_array
from corpuskit.index.format import IndexedDataset
from corpuskit.index.sidecar import Sidecar

WORD_START, CONTINUATION, SPECIAL = 0, 1, 2


@dataclass(frozen=True, kw_only=True)
class MaskingOptions:
    """How samples are made.

    Attributes:
        seed: Together with the number of the sample it decides everything random.
        max_seq_length: Columns of the batch.
        mask_prob: Share of the tokens to predict; 0 masks nothing.
        max_ngrams: Longest run of words masked together; n words have weight 1/n.
        favor_longer: Reverse these weights.
        sop: Make pairs of segments for sentence order prediction.
        cls_id, sep_id, mask_id, pad_id: Special tokens.
        vocab_size: Rows of the model's embedding. Random replacements are drawn from the base
            vocabulary in the sidecar, or from all of these where there is none.
    """

    seed: int
    max_seq_length: int
    mask_prob: float = 0.15
    max_ngrams: int = 3
    favor_longer: bool = False
    sop: bool = True
    cls_id: int
    sep_id: int
    mask_id: int
    pad_id: int
    vocab_size: int

    def __post_init__(self) -> None:
        if not 0 <= self.mask_prob <= 1 or not 0 <= self.seed < 2**64:
            what = f"mask_prob {self.mask_prob}, seed {self.seed}"
            raise UsageError(what, hint="a share from 0 to 1, and a seed from 0 to 2**64 - 1")
        if self.max_ngrams < 1 or self.max_seq_length < 5:
            what = f"max_ngrams {self.max_ngrams}, max_seq_length {self.max_seq_length}"
            raise UsageError(what, hint="at least 1 word and 5 tokens")

    @property
    def special_ids(self) -> set[int]:
        return {self.cls_id, self.sep_id, self.mask_id, self.pad_id}

    @property
    def max_length(self) -> int:
        """Tokens of a sample without its special tokens."""
        return self.max_seq_length - (3 if self.sop else 2)


class VocabularyTables(NamedTuple):
    """What masking knows of the vocabulary, by id.

    Attributes:
        role: uint8[V]: WORD_START, CONTINUATION or SPECIAL, for every id that may occur.
        base: int64[V]: the id that the model sees; differs for appended continuation ids.
        replacements: int64[R]: ids that a random replacement is drawn from.
    """

    role: NDArray[np.uint8]
    base: NDArray[np.int64]
    replacements: NDArray[np.int64]


def vocabulary_tables(sidecar: Sidecar | None, options: MaskingOptions) -> VocabularyTables:
    """Tables for the data of a sidecar; without one, every token is a word of its own.

    Special tokens are never masked, never drawn as replacements, and no n-gram crosses them.
    """
    extra = sidecar.continuation if sidecar else None
    size = max(options.vocab_size, sidecar.max_id + 1 if sidecar else 0)
    role = np.full(size, WORD_START, np.uint8)
    base = np.arange(size, dtype=np.int64)
    for first, stop in sidecar.pieces if sidecar else []:
        role[first:stop] = CONTINUATION
    if extra:
        role[extra.first : extra.first + extra.count] = CONTINUATION
        base[extra.first : extra.first + extra.count] = extra.base_ids
    specials = options.special_ids | set(sidecar.specials if sidecar else [])
    role[sorted(specials)] = SPECIAL
    vocabulary = role[: sidecar.vocab_size if sidecar else options.vocab_size]
    replacements = np.flatnonzero(vocabulary != SPECIAL)
    return VocabularyTables(role, base, replacements)


class MaskedBatcher:
    """Makes batches of masked samples; sample ``i`` is a function of ``(seed, i)`` alone.

    A sample is made in these steps, each drawing from the stream of the sample:

    1. The row of the map is split in two at a random sentence border, and the halves are
       swapped with probability 1/2 (``sop``). A row inside one long sentence is split at any
       token.
    2. Both are shortened to the target length, the longer one first, at both ends.
    3. ``[CLS] A [SEP] B [SEP]``, padded.
    4. Words are visited in random order. From each, a run of 1 to ``max_ngrams`` words is
       masked, as long as they are free, follow each other in one segment, and fit into the
       budget: ``mask_prob`` of the tokens that are not special, rounded, at least one. Only
       where every word is longer than the budget it is exceeded, by one word.
    5. Each masked word as a whole becomes ``[MASK]`` (80 %), stays (10 %), or becomes random
       tokens (10 %): a word of which some characters stay visible is too easy.
    6. Continuation ids become base ids, in inputs and labels.

    Args:
        dataset: The ids, uint16 or int32.
        sample_map: int64[n, 3] of ``load_map``: first token, one past the last, target length.
        options: See there.

    A batcher pickles by reference to its files.
    """

    def __init__(
        self, dataset: IndexedDataset, sample_map: NDArray[np.int64], options: MaskingOptions
    ) -> None:
        if dataset.dtype.name not in ("uint16", "int32"):
            what = f"ids of type {dataset.dtype.name}; masking reads uint16 and int32"
            raise DataError(what, where=dataset.prefix)
        self.dataset = dataset
        self.sample_map = sample_map
        self.options = options
        record = dataset.sidecar
        sidecar = Sidecar.from_json(record, dataset.prefix) if record else None
        self.tables = _checked_tables(sidecar, options, dataset)
        self._tables = _native.MaskingTables(*(table.tolist() for table in self.tables))
        self._config = _native.MaskingConfig(
            seed=options.seed,
            max_seq_length=options.max_seq_length,
            mask_prob=options.mask_prob,
            max_ngrams=options.max_ngrams,
            favor_longer=options.favor_longer,
            sop=options.sop,
            cls=options.cls_id,
            sep=options.sep_id,
            mask=options.mask_id,
            pad=options.pad_id,
        )

    def __len__(self) -> int:
        """Number of samples."""
        return len(self.sample_map)

    def __call__(self, indices: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
        """Make a batch of B samples, S = ``max_seq_length``; runs without the GIL.

        Args:
            indices: int64[B], numbers of samples.

        Returns:
            ``input_ids`` int64[B, S]; ``token_type_ids`` int64[B, S]; ``lengths`` int32[B];
            ``masked_positions`` int64[M], flat: row * S + column, ascending; ``labels``
            int64[M]; ``sop_labels`` int64[B], 1 where the segments were swapped.

        Raises:
            IndexError: No such sample.
            DataError: The map does not belong to the data, or an id is not in the vocabulary.
        """
        indices = np.asarray(indices, np.int64)
        rows = np.array(self.sample_map[indices], np.int64)
        np.minimum(rows[:, 2], self.options.max_length, out=rows[:, 2])
        if len(rows) and not self._inside(rows):
            hint = "build the map anew from this data set"
            raise DataError("the sample map is of other data", where=self.dataset.prefix, hint=hint)
        try:
            batch: dict[str, NDArray[Any]] = _native.mask_batch(
                self.dataset.ids, self.dataset.pointers, rows, indices, self._tables, self._config
            )
        except IndexError as error:
            raise DataError(
                f"id {error} is not in the vocabulary of {len(self.tables.role):,} ids",
                where=self.dataset.prefix,
                hint=f"corpuskit index verify --deep {self.dataset.prefix}",
            ) from None
        return batch

    def _inside(self, rows: NDArray[np.int64]) -> bool:
        first, end, target = rows.T
        ordered = (first >= 0) & (first < end) & (end <= self.dataset.tokens)
        return bool((ordered & (target >= 2)).all())

    def __reduce__(self) -> tuple[Any, ...]:
        place = getattr(self.sample_map, "filename", None)
        return _rebuild, (self.dataset, self.sample_map if place is None else place, self.options)


def _rebuild(
    dataset: IndexedDataset, sample_map: NDArray[np.int64] | str, options: MaskingOptions
) -> MaskedBatcher:
    rows = sample_map if isinstance(sample_map, np.ndarray) else open_array(Path(sample_map))
    return MaskedBatcher(dataset, rows, options)


def _checked_tables(
    sidecar: Sidecar | None, options: MaskingOptions, dataset: IndexedDataset
) -> VocabularyTables:
    if sidecar and options.vocab_size < sidecar.vocab_size:
        raise DataError(
            f"the ids need a vocabulary of {sidecar.vocab_size:,}, the options say "
            f"{options.vocab_size:,}",
            where=dataset.prefix,
            hint="set the model's vocab_size to that of the vocabulary, or larger",
        )
    outside = [id for id in options.special_ids if not 0 <= id < options.vocab_size]
    if outside:
        raise UsageError(f"special id {outside[0]} is outside the vocabulary")
    return vocabulary_tables(sidecar, options)
