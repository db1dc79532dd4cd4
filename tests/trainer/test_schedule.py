from __future__ import annotations

import pytest

from trainer.config import ScheduleConfig
from trainer.schedule import learning_rate

MILLION = 1_000_000


@pytest.mark.parametrize(
    ("step", "expected"),
    [(1, 1e-8), (5000, 5e-5), (10_000, 1e-4), (500_000, 5.5e-5), (990_000, 1e-5), (MILLION, 1e-5)],
)
def test_the_published_values(step: int, expected: float) -> None:
    assert learning_rate(ScheduleConfig(), step, MILLION) == pytest.approx(expected, rel=1e-12)


def test_cosine_meets_linear_at_both_ends_and_in_the_middle() -> None:
    cosine, linear = ScheduleConfig(style="cosine"), ScheduleConfig()
    for step in (7, 10_000, 500_000, 990_000, MILLION):
        expected = learning_rate(linear, step, MILLION)
        assert learning_rate(cosine, step, MILLION) == pytest.approx(expected)
    assert learning_rate(cosine, 100_000, MILLION) > learning_rate(linear, 100_000, MILLION)


def test_constant_stays_at_the_maximum() -> None:
    schedule = ScheduleConfig(style="constant")
    assert learning_rate(schedule, 50, 10_000) == pytest.approx(5e-5)
    assert {learning_rate(schedule, step, 10_000) for step in (100, 5000, 10_000)} == {1e-4}


def test_no_warmup_begins_at_the_maximum_side() -> None:
    schedule = ScheduleConfig(warmup=0, decay=1)
    assert learning_rate(schedule, 1, 10) == pytest.approx(1e-5 + 0.9 * 9e-5)


def test_decay_right_after_warmup() -> None:
    schedule = ScheduleConfig(warmup=0.5, decay=0.5)
    assert learning_rate(schedule, 5, 10) == pytest.approx(1e-4)
    assert learning_rate(schedule, 6, 10) == pytest.approx(1e-5)
