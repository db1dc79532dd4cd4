"""The sample map builders in Python."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from tests.index.oracle_random import ORDER, TARGETS, CounterRng, permutation

M64 = 2**64 - 1


def mt19937(seed: int) -> Iterator[int]:
    generator = np.random.MT19937()
    generator._legacy_seeding(seed)
    while True:
        yield int(generator.random_raw())


def mt19937_64(seed: int) -> Iterator[int]:
    """Nishimura and Matsumoto's 64-bit generator, as in the C++ standard."""
    state = [seed & M64]
    for i in range(1, 312):
        state.append(6364136223846793005 * (state[-1] ^ state[-1] >> 62) + i & M64)
    while True:
        for i in range(312):
            x = (state[i] & 0xFFFFFFFF80000000) | (state[(i + 1) % 312] & 0x7FFFFFFF)
            state[i] = state[(i + 156) % 312] ^ x >> 1 ^ (0xB5026F5AA96619E9 if x & 1 else 0)
        for y in state:
            y ^= y >> 29 & 0x5555555555555555
            y ^= y << 17 & 0x71D67FFFEDA60000
            y ^= y << 37 & 0xFFF7EEE000000000
            yield y ^ y >> 43


def megatron_mapping(
    documents: Sequence[int],
    sizes: Sequence[int],
    epochs: int,
    samples: int,
    max_length: int,
    short_prob: float,
    seed: int,
    min_sentences: int,
) -> list[list[int]]:
    draws = mt19937(seed)
    ratio = round(1 / short_prob) if short_prob else 0

    def draw_target() -> int:
        r = next(draws) if ratio else 1
        return 2 + r % (max_length - 1) if ratio and r % ratio == 0 else max_length

    rows: list[list[int]] = []
    for _ in range(epochs):
        if len(rows) >= samples:
            break
        for first, stop in pairwise(documents):
            long = stop - first > 1 and max(sizes[first:stop]) > 512
            if stop - first < min_sentences or long:
                continue
            target, length, start = draw_target(), 0, first
            for s in range(first, stop):
                length += sizes[s]
                remaining = stop - s - 1
                full = length >= target and remaining > 1 and s + 1 - start >= min_sentences
                if full or remaining == 0:
                    rows.append([start, s + 1, target])
                    target, length, start = draw_target(), 0, s + 1
        if not rows:
            break
    shuffle = mt19937_64(seed + 1)
    for i in range(len(rows) - 1, 0, -1):
        j = next(shuffle) % (i + 1)
        rows[i], rows[j] = rows[j], rows[i]
    return rows


def epoch_samples(
    documents: Sequence[int],
    sizes: Sequence[int],
    epoch: int,
    max_length: int,
    short_prob: float,
    seed: int,
    min_sentences: int,
) -> list[list[int]]:
    """One epoch of our own mapping, in document order."""
    tokens = np.concatenate([[0], np.cumsum(sizes)])
    rows = []
    for d, (first, stop) in enumerate(pairwise(documents)):
        pieces = []  # (first token, end, weight, of a long sentence)
        for s in range(first, stop):
            n = -(-sizes[s] // max_length)
            for k in range(n):
                begin, end = (int(tokens[s]) + sizes[s] * x // n for x in (k, k + 1))
                pieces.append((begin, end, 1 if n == 1 else min_sentences, n > 1))
        left = sum(weight for _, _, weight, _ in pieces)
        if left < min_sentences:
            continue
        rng = CounterRng(TARGETS, seed, epoch, d)
        groups: list[list[int]] = []  # [first token, end, target, weight]
        closed = True
        for begin, end, weight, piece in pieces:
            if not closed and piece and end - groups[-1][0] > max_length:
                closed = groups[-1][3] >= min_sentences
            if closed:
                target = max_length
                if rng.uniform() < short_prob:
                    target = 2 + rng.below(max_length - 1)
                groups.append([begin, begin, target, 0])
            group, left = groups[-1], left - weight
            group[1], group[3] = end, group[3] + weight
            full = end - group[0] >= group[2] and group[3] >= min_sentences
            closed = left == 0 or (full and left >= min_sentences)
        rows += [group[:3] for group in groups]
    return rows


def sample_map(
    documents: Sequence[int],
    sizes: Sequence[int],
    samples: int,
    max_length: int,
    short_prob: float,
    seed: int,
    min_sentences: int,
) -> list[list[int]]:
    """Our own mapping: exactly ``samples`` rows."""
    rows: list[list[int]] = []
    epoch = 0
    while len(rows) < samples:
        made = epoch_samples(documents, sizes, epoch, max_length, short_prob, seed, min_sentences)
        if not made:
            return []
        placed: list[list[int]] = [[]] * len(made)
        for row, place in zip(
            made, permutation(len(made), CounterRng(ORDER, seed, epoch)), strict=True
        ):
            placed[place] = row
        rows += placed
        epoch += 1
    return rows[:samples]


def sample_idx(
    sizes: Sequence[int], order: Sequence[int], length: int, samples: int
) -> list[list[int]]:
    """By the definition: where every ``length``-th token of the stream lies."""
    places = [[k, t] for k, document in enumerate(order) for t in range(sizes[document])]
    return [places[k * length] for k in range(samples + 1)]


def blending(weights: Sequence[float], size: int) -> tuple[list[int], list[int]]:
    taken = [0] * len(weights)
    datasets, samples = [], []
    for i in range(size):
        lags = [w * max(i, 1) - t for w, t in zip(weights, taken, strict=True)]
        k = lags.index(max(lags))
        datasets.append(k)
        samples.append(taken[k])
        taken[k] += 1
    return datasets, samples
