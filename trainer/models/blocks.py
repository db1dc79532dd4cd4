"""Building blocks that model families share."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

from trainer.config import ModelConfig
from trainer.models.attention import attention_kernel

ACTIVATIONS = {"gelu": F.gelu, "relu": F.relu}


class SelfAttention(nn.Module):
    """Bidirectional multi-head attention: ``[batch, length, hidden]`` to the same."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.head_size = config.hidden_size // config.num_heads
        self.dropout = config.attention_dropout
        self.kernel = attention_kernel(config.attention)
        self.query_key_value = nn.Linear(config.hidden_size, 3 * config.hidden_size)
        self.output = nn.Linear(config.hidden_size, config.hidden_size)

    def forward(self, hidden: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
        batch, length, _ = hidden.shape
        heads = self.query_key_value(hidden).view(batch, length, 3, -1, self.head_size)
        q, k, v = heads.permute(2, 0, 3, 1, 4)
        found = self.kernel(q, k, v, mask, self.dropout if self.training else 0.0)
        return self.output(found.transpose(1, 2).reshape(batch, length, -1))


class FeedForward(nn.Module):
    """Linear, activation, linear."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.expand = nn.Linear(config.hidden_size, config.ffn_size)
        self.contract = nn.Linear(config.ffn_size, config.hidden_size)
        self.activation = ACTIVATIONS[config.activation]

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        return self.contract(self.activation(self.expand(hidden)))


class EncoderBlock(nn.Module):
    """Attention and feed-forward, each followed by dropout, residual sum and LayerNorm."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.attention = SelfAttention(config)
        self.attention_norm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.feed_forward = FeedForward(config)
        self.feed_forward_norm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.dropout = nn.Dropout(config.hidden_dropout)

    def forward(self, hidden: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
        hidden = self.attention_norm(hidden + self.dropout(self.attention(hidden, mask)))
        return self.feed_forward_norm(hidden + self.dropout(self.feed_forward(hidden)))
