"""What a model is fed."""

from __future__ import annotations

from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class Batch:
    """Masked samples of one forward pass.

    input_ids, token_type_ids: ``int64[batch, length]``. mask: ``bool[batch, length]``, true
    at real tokens, ``None`` where all are real. masked_positions, labels: ``int64[n]``,
    positions as row * length + column. sop_labels: ``int64[batch]``.
    """

    input_ids: torch.Tensor
    token_type_ids: torch.Tensor
    mask: torch.Tensor | None
    masked_positions: torch.Tensor
    labels: torch.Tensor
    sop_labels: torch.Tensor

    @property
    def samples(self) -> int:
        return len(self.input_ids)

    @property
    def tokens(self) -> int:
        """Real tokens, without padding."""
        return self.input_ids.numel() if self.mask is None else int(self.mask.sum())

    def to(self, device: torch.device) -> Batch:
        tensors = {name: x if x is None else x.to(device) for name, x in vars(self).items()}
        return Batch(**tensors)
