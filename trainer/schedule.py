"""The learning rate as a pure function of the update number."""

from __future__ import annotations

import math

from trainer.config import ScheduleConfig


def learning_rate(schedule: ScheduleConfig, step: int, steps: int) -> float:
    """The rate that update ``step`` (the first is 1) of ``steps`` uses.

    Linear from 0 to ``max_lr`` over the warm-up, then along ``style`` to ``min_lr``, which
    is reached at the end of the decay and kept. ``constant`` stays at ``max_lr``.
    """
    warmup, decay = schedule.warmup * steps, schedule.decay * steps
    if step <= warmup:
        return schedule.max_lr * step / warmup
    if schedule.style == "constant":
        return schedule.max_lr
    if step >= decay:
        return schedule.min_lr
    progress = (step - warmup) / (decay - warmup)
    left = 1 - progress if schedule.style == "linear" else (1 + math.cos(math.pi * progress)) / 2
    return schedule.min_lr + left * (schedule.max_lr - schedule.min_lr)
