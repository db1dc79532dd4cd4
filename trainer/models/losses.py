"""Losses as sums, in fp32, so that any grouping of the samples adds up to the same mean."""

from __future__ import annotations

import torch
import torch.nn.functional as F


def cross_entropy_sum(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Sum of the cross-entropies in nats.

    Args:
        logits: ``[n, classes]``, any float type.
        labels: ``int64[n]``; ``n`` may be 0.
    """
    return F.cross_entropy(logits.float(), labels, reduction="sum")
