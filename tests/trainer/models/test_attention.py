from __future__ import annotations

import itertools
import sys
import types

import pytest
import torch
import torch.nn.functional as F

from corpuskit.errors import UsageError
from trainer.models.attention import attention_kernel, eager, flash, sdpa

BATCH, HEADS, LENGTH, WIDTH = 3, 2, 7, 8


@pytest.fixture
def heads() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    shape = (3, BATCH, HEADS, LENGTH, WIDTH)
    return torch.randn(shape, generator=generator, dtype=torch.float64).unbind()


@pytest.fixture
def mask() -> torch.Tensor:
    return torch.arange(LENGTH) < torch.tensor([7, 4, 1])[:, None]


def stand_in(q, k, v, bounds_q, bounds_k, longest_q, longest_k, dropout_p=0.0):  # type: ignore[no-untyped-def]
    """flash-attn's contract in plain torch: one attention for each run of rows."""
    assert torch.equal(bounds_q, bounds_k)
    assert longest_q == longest_k == int(bounds_q.diff().max())
    pieces = [
        F.scaled_dot_product_attention(*(x[a:b].transpose(0, 1) for x in (q, k, v)))
        for a, b in itertools.pairwise(bounds_q.tolist())
    ]
    return torch.cat([piece.transpose(0, 1) for piece in pieces])


def test_sdpa_equals_the_formula(heads, mask) -> None:  # type: ignore[no-untyped-def]
    torch.testing.assert_close(sdpa(*heads, None, 0.0), eager(*heads, None, 0.0))
    torch.testing.assert_close(sdpa(*heads, mask, 0.0), eager(*heads, mask, 0.0))


def test_flash_honours_padding(heads, mask, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    module = types.ModuleType("flash_attn")
    module.flash_attn_varlen_func = stand_in  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "flash_attn", module)
    torch.testing.assert_close(flash(*heads, None, 0.0), eager(*heads, None, 0.0))
    real = mask[:, None, :, None]
    expected = eager(*heads, mask, 0.0).masked_fill(~real, 0)
    torch.testing.assert_close(flash(*heads, mask, 0.0), expected)


def test_padding_changes_nothing(heads, mask) -> None:  # type: ignore[no-untyped-def]
    q, k, v = heads
    expected = eager(q, k, v, mask, 0.0)[1, :, :4]
    torch.testing.assert_close(eager(*(x[1:2, :, :4] for x in heads), None, 0.0)[0], expected)


def test_flash_without_flash_attn_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "flash_attn", None)
    with pytest.raises(UsageError, match="flash-attn is not installed"):
        attention_kernel("flash")
