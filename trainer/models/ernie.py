"""ERNIE: a post-LayerNorm BERT encoder with masked-language and sentence-order heads.

The structure follows ERNIE 1.0 to 3.0 (Sun et al. 2019, 2020, 2021): word, position,
token-type and, in the newer ones, task-type embeddings.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.checkpoint import checkpoint

from trainer.config import ModelConfig
from trainer.models.blocks import ACTIVATIONS, EncoderBlock


class Logits(NamedTuple):
    """What the heads say.

    mlm: ``[masked positions, vocabulary]``. sop: ``[batch, 2]``, or ``None`` without the head.
    """

    mlm: torch.Tensor
    sop: torch.Tensor | None


class Embedding(nn.Module):
    """Sum of the embeddings, LayerNorm, dropout. The task type is always 0."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        width = config.hidden_size
        self.word = nn.Embedding(config.vocab_size, width, padding_idx=config.pad_id)
        self.position = nn.Embedding(config.max_positions, width)
        self.token_type = nn.Embedding(config.type_vocab_size, width)
        if config.task_type_vocab_size:
            self.task_type = nn.Embedding(config.task_type_vocab_size, width)
        self.norm = nn.LayerNorm(width, eps=config.layer_norm_eps)
        self.dropout = nn.Dropout(config.hidden_dropout)

    def forward(self, input_ids: torch.Tensor, token_type_ids: torch.Tensor) -> torch.Tensor:
        length = input_ids.shape[1]
        total = self.word(input_ids) + self.token_type(token_type_ids)
        total = total + self.position.weight[:length]
        if hasattr(self, "task_type"):
            total = total + self.task_type.weight[0]
        return self.dropout(self.norm(total))


class Head(nn.Module):
    """The MLM head on masked rows only, its decoder tied to the word embedding, and SOP."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        width = config.hidden_size
        self.transform = nn.Linear(width, width)
        self.activation = ACTIVATIONS[config.activation]
        self.norm = nn.LayerNorm(width, eps=config.layer_norm_eps)
        self.vocabulary_bias = nn.Parameter(torch.empty(config.vocab_size))
        if config.sop:
            self.pooler = nn.Linear(width, width)
            self.sentence_order = nn.Linear(width, 2)

    def forward(
        self, hidden: torch.Tensor, masked_positions: torch.Tensor, word: torch.Tensor
    ) -> Logits:
        rows = hidden.flatten(0, 1).index_select(0, masked_positions)
        rows = self.norm(self.activation(self.transform(rows)))
        mlm = F.linear(rows, word, self.vocabulary_bias)
        if not hasattr(self, "pooler"):
            return Logits(mlm, None)
        return Logits(mlm, self.sentence_order(torch.tanh(self.pooler(hidden[:, 0]))))


class Ernie(nn.Module):
    """The whole network; ``config.vocab_size`` must be a number."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.embedding = Embedding(config)
        self.blocks = nn.ModuleList(EncoderBlock(config) for _ in range(config.num_layers))
        self.head = Head(config)

    def layers(self) -> Iterator[nn.Module]:
        """Embedding, blocks, head, in order."""
        yield self.embedding
        yield from self.blocks
        yield self.head

    def forward(
        self,
        input_ids: torch.Tensor,
        token_type_ids: torch.Tensor,
        masked_positions: torch.Tensor,
        mask: torch.Tensor | None = None,
    ) -> Logits:
        """
        Args:
            input_ids, token_type_ids: ``int64[batch, length]``.
            masked_positions: ``int64[n]``, row * length + column.
            mask: ``bool[batch, length]``, true at real tokens; ``None``: all are real.
        """
        hidden = self.embedding(input_ids, token_type_ids)
        for block in self.blocks:
            if self.config.recompute and self.training:
                hidden = checkpoint(block, hidden, mask, use_reentrant=False)
            else:
                hidden = block(hidden, mask)
        return self.head(hidden, masked_positions, self.embedding.word.weight)
