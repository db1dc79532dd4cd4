from __future__ import annotations

from collections import Counter

import pytest

from tests.index.oracle_maps import mt19937, mt19937_64
from tests.index.oracle_random import MASKING, ORDER, CounterRng, permutation


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 16, 17, 1000])
def test_a_permutation_permutes(n: int) -> None:
    assert sorted(permutation(n, CounterRng(ORDER, 7))) == list(range(n))


def test_every_order_of_four_comes_about_as_often() -> None:
    orders = Counter(tuple(permutation(4, CounterRng(ORDER, seed))) for seed in range(4800))
    assert len(orders) == 24
    assert all(130 < count < 280 for count in orders.values())


def test_draws_are_even_and_streams_are_their_own() -> None:
    draws = [CounterRng(MASKING, 1, index).below(10) for index in range(10_000)]
    assert all(850 < count < 1150 for count in Counter(draws).values())
    assert CounterRng(MASKING, 1, 2).next() != CounterRng(MASKING, 2, 1).next()
    assert CounterRng(MASKING, 1).next() != CounterRng(ORDER, 1).next()


def test_the_oracle_draws_as_the_c_plus_plus_standard() -> None:
    assert next(mt19937(1234)) == 822569775
    draws = mt19937_64(1235)
    assert [next(draws) for _ in range(3)] == [
        12475983374653888083,
        573922149886606219,
        5802434057304372554,
    ]
