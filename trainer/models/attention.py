"""Attention kernels under one signature, chosen by name when a model is built.

``kernel(q, k, v, mask, dropout) -> out``: ``q``, ``k``, ``v`` and ``out`` are
``[batch, heads, length, width]``; ``mask`` is ``bool[batch, length]``, true at real tokens,
or ``None`` where all are real; ``dropout`` is a probability, 0 outside training. Values at
padded positions of ``out`` mean nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import torch
import torch.nn.functional as F

from corpuskit.errors import UsageError

Kernel: TypeAlias = Callable[
    [torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor | None, float], torch.Tensor
]


def eager(
    q: torch.Tensor,
    k: torch.Tensor,
    v: torch.Tensor,
    mask: torch.Tensor | None,
    dropout: float,
) -> torch.Tensor:
    """The formula written out: the reference for the others."""
    scores = q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5
    if mask is not None:
        scores = scores.masked_fill(~mask[:, None, None, :], float("-inf"))
    return F.dropout(scores.softmax(-1), dropout) @ v


def sdpa(
    q: torch.Tensor,
    k: torch.Tensor,
    v: torch.Tensor,
    mask: torch.Tensor | None,
    dropout: float,
) -> torch.Tensor:
    """PyTorch's fused attention. On CPU its fast path has no dropout."""
    keys = None if mask is None else mask[:, None, None, :]
    return F.scaled_dot_product_attention(q, k, v, attn_mask=keys, dropout_p=dropout)


def flash(
    q: torch.Tensor,
    k: torch.Tensor,
    v: torch.Tensor,
    mask: torch.Tensor | None,
    dropout: float,
) -> torch.Tensor:
    """flash-attn over the real tokens only: padding is removed before and put back after."""
    from flash_attn import flash_attn_varlen_func

    batch, _, length, _ = q.shape
    if mask is None:
        mask = q.new_ones(batch, length, dtype=torch.bool)
    lengths = mask.sum(1, dtype=torch.int32)
    bounds = F.pad(lengths.cumsum(0, dtype=torch.int32), (1, 0))
    packed = (x.transpose(1, 2)[mask] for x in (q, k, v))
    longest = int(lengths.max())
    found = flash_attn_varlen_func(*packed, bounds, bounds, longest, longest, dropout_p=dropout)
    out = torch.zeros_like(q.transpose(1, 2))
    out[mask] = found
    return out.transpose(1, 2)


KERNELS: dict[str, Kernel] = {"eager": eager, "sdpa": sdpa, "flash": flash}


def attention_kernel(name: str) -> Kernel:
    """The kernel called ``name``.

    Raises:
        UsageError: ``flash`` is named where flash-attn is not installed.
    """
    if name == "flash":
        try:
            import flash_attn  # noqa: F401
        except ImportError:
            raise UsageError(
                "model.attention is flash, but flash-attn is not installed",
                hint="pip install flash-attn (needs CUDA), or --set model.attention=sdpa",
            ) from None
    return KERNELS[name]
