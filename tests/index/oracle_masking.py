"""native/masking.cpp in Python: one sample at a time."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from corpuskit.index.format import IndexedDataset
from corpuskit.index.masking import CONTINUATION, SPECIAL, MaskingOptions, VocabularyTables
from tests.index.oracle_random import MASKING, CounterRng


def masked_sample(
    dataset: IndexedDataset,
    row: tuple[int, int, int],
    index: int,
    tables: VocabularyTables,
    options: MaskingOptions,
) -> dict[str, Any]:
    first, end, target = row
    rng = CounterRng(MASKING, options.seed, index)
    borders = (dataset.pointers // dataset.dtype.itemsize).tolist()

    a, b, swapped = (first, end), (end, end), 0
    if options.sop and end - first > 1:
        inside = [border for border in borders if first < border < end]
        split = inside[rng.below(len(inside))] if inside else first + 1 + rng.below(end - first - 1)
        a, b = (first, split), (split, end)
        if rng.uniform() < 0.5:
            a, b, swapped = b, a, 1
    a, b = truncated(a, b, min(target, options.max_length), rng)

    inputs, types, words = [options.cls_id], [0], []
    for segment, (begin, stop) in enumerate((a, b)):
        if segment == 1 and begin == stop:
            break
        adjacent = False
        for id in dataset.ids[begin:stop].tolist():
            role, column = tables.role[id], len(inputs)
            if role == CONTINUATION and adjacent:
                words[-1][0].append(column)
            elif role != SPECIAL:
                words.append(([column], adjacent))
            adjacent = role != SPECIAL
            inputs.append(int(tables.base[id]))
            types.append(segment)
        inputs.append(options.sep_id)
        types.append(segment)

    original = list(inputs)
    columns = masked(inputs, words, tables, options, rng) if options.mask_prob > 0 else []
    padding = options.max_seq_length - len(inputs)
    return {
        "input_ids": inputs + [options.pad_id] * padding,
        "token_type_ids": types + [0] * padding,
        "lengths": len(inputs),
        "masked_positions": columns,
        "labels": [original[column] for column in columns],
        "sop_labels": swapped,
    }


def truncated(
    a: tuple[int, int], b: tuple[int, int], target: int, rng: CounterRng
) -> tuple[tuple[int, int], tuple[int, int]]:
    """Token by token from the longer one, from B where they are equal."""
    lengths = [a[1] - a[0], b[1] - b[0]]
    while sum(lengths) > target:
        lengths[0 if lengths[0] > lengths[1] else 1] -= 1
    shortened = []
    for (begin, end), length in zip((a, b), lengths, strict=True):
        drop = end - begin - length
        front = rng.below(drop + 1) if drop else 0
        shortened.append((begin + front, begin + front + length))
    return shortened[0], shortened[1]


def masked(
    inputs: list[int],
    words: list[tuple[list[int], bool]],
    tables: VocabularyTables,
    options: MaskingOptions,
    rng: CounterRng,
) -> list[int]:
    """Masks ``inputs`` in place; returns the columns."""
    sizes = range(1, options.max_ngrams + 1)
    weights = [1 / (options.max_ngrams - n + 1 if options.favor_longer else n) for n in sizes]
    cumulative = np.cumsum(weights).tolist()
    budget = max(1, math.floor(options.mask_prob * sum(len(w) for w, _ in words) + 0.5))
    taken: set[int] = set()

    def mask(word: int) -> None:
        taken.add(word)
        draw = rng.uniform()
        for column in words[word][0]:
            if draw < 0.8:
                inputs[column] = options.mask_id
            elif draw >= 0.9:
                inputs[column] = int(tables.replacements[rng.below(len(tables.replacements))])

    order, left = list(range(len(words))), budget
    for i in range(len(order)):
        if left == 0:
            break
        j = i + rng.below(len(order) - i)
        order[i], order[j] = order[j], order[i]
        run = []
        for word in range(order[i], min(order[i] + options.max_ngrams, len(words))):
            if word in taken or (run and not words[word][1]):
                break
            run.append(word)
        if not run:
            continue
        draw = rng.uniform() * cumulative[len(run) - 1]
        n = next((n for n in range(1, len(run)) if draw < cumulative[n - 1]), len(run))
        for word in run[:n]:
            if len(words[word][0]) > left:
                break
            left -= len(words[word][0])
            mask(word)
    if words and not taken:
        mask(order[0])
    return sorted(column for word in taken for column in words[word][0])
