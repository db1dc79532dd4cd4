"""DeepSpeed around a model: ZeRO, mixed precision, AdamW, accumulation, clipping.

The loss of an update is the mean over all masked tokens (MLM) and all samples (SOP) of the
whole global batch, however it is cut into processes and forward passes: each forward pass
contributes its sums divided by the global counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from trainer.batch import Batch
from trainer.config import Config, OptimizerConfig
from trainer.deepspeed_quiet import deepspeed, safe_get_full_fp32_param
from trainer.models.ernie import Ernie
from trainer.models.losses import cross_entropy_sum
from trainer.processes import Processes

ENGINE_TAG = "engine"


@dataclass(frozen=True)
class Losses:
    """Means in nats over ``masked`` predicted tokens and ``samples`` samples."""

    mlm: float
    sop: float
    masked: int
    samples: int
    tokens: int

    @property
    def loss(self) -> float:
        return self.mlm + self.sop


@dataclass(frozen=True)
class Update:
    """One update: its losses, and what the optimizer saw."""

    losses: Losses
    grad_norm: float
    loss_scale: float


class Engine:
    """One process's share of a distributed model and its optimizer."""

    def __init__(self, model: Ernie, config: Config, processes: Processes) -> None:
        self.config = config
        self.processes = processes
        self.accumulation = config.accumulation(processes.count)
        self.deepspeed, self.optimizer, *_ = deepspeed.initialize(
            model=model,
            optimizer=adamw(model, config.optimizer),
            config=deepspeed_config(config, processes.count),
            dist_init_required=False,
        )
        self.model = model
        torch.manual_seed(config.train.seed + processes.rank)  # dropout differs by process

    def update(self, batches: Sequence[Batch], learning_rate: float) -> Update:
        """Forward and backward over ``batches``, then one optimizer step."""
        local = [sum(len(b.labels) for b in batches), sum(b.samples for b in batches)]
        masked, samples = (max(count, 1.0) for count in self.processes.sum(local))
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate
        share = self.accumulation * self.processes.count  # DeepSpeed takes the mean over these
        sums = []
        norm = 0.0
        for batch in batches:
            mlm, sop = self._loss_sums(self.deepspeed, batch)
            sums.append((mlm.detach(), sop.detach()))
            self.deepspeed.backward((mlm / masked + sop / samples) * share)
            if self.deepspeed.is_gradient_accumulation_boundary():
                norm = self._clip_without_zero()
            self.deepspeed.step()
        norm = norm or float(self.deepspeed.get_global_grad_norm() or 0.0)
        return Update(self._means(sums, batches), norm, self._loss_scale())

    def evaluate(self, batches: Iterable[Batch]) -> Losses:
        """Mean losses over all processes' ``batches``; weights and random state unchanged."""
        self.deepspeed.eval()
        sums, seen = [], []
        with torch.no_grad():
            for batch in batches:
                sums.append(self._loss_sums(self.model, batch))
                seen.append(batch)
        self.deepspeed.train()
        return self._means(sums, seen)

    def _loss_sums(self, model: nn.Module, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
        batch = batch.to(self.processes.device)
        logits = model(batch.input_ids, batch.token_type_ids, batch.masked_positions, batch.mask)
        mlm = cross_entropy_sum(logits.mlm, batch.labels)
        if logits.sop is None:
            return mlm, torch.zeros_like(mlm)
        return mlm, cross_entropy_sum(logits.sop, batch.sop_labels)

    def _means(
        self, sums: Sequence[tuple[torch.Tensor, torch.Tensor]], batches: Sequence[Batch]
    ) -> Losses:
        local = [
            float(sum(mlm for mlm, _ in sums)),
            float(sum(sop for _, sop in sums)),
            sum(len(batch.labels) for batch in batches),
            sum(batch.samples for batch in batches),
            sum(batch.tokens for batch in batches),
        ]
        mlm, sop, masked, samples, tokens = self.processes.sum(local)
        return Losses(
            mlm=mlm / max(masked, 1),
            sop=sop / max(samples, 1),
            masked=int(masked),
            samples=int(samples),
            tokens=int(tokens),
        )

    def _clip_without_zero(self) -> float:
        """The gradient norm at stage 0, where DeepSpeed neither reports nor is asked to clip."""
        if self.config.train.zero_stage:
            return 0.0
        limit = self.config.optimizer.grad_clip or float("inf")
        return float(nn.utils.clip_grad_norm_(self.model.parameters(), limit))

    def _loss_scale(self) -> float:
        return float(getattr(self.optimizer, "cur_scale", 1.0))

    def save(self, directory: Path) -> None:
        """Write weights and optimizer state, every process its share."""
        self.deepspeed.save_checkpoint(str(directory), tag=ENGINE_TAG, save_latest=False)

    def load(self, directory: Path) -> None:
        self.deepspeed.load_checkpoint(str(directory), tag=ENGINE_TAG)

    def full_weights(self) -> dict[str, torch.Tensor]:
        """All weights in fp32 on the CPU; every process must call this."""
        if self.config.train.zero_stage == 0:
            return {name: p.detach().float().cpu() for name, p in self.model.named_parameters()}
        return {
            name: safe_get_full_fp32_param(parameter).cpu()
            for name, parameter in self.model.named_parameters()
        }


def adamw(model: nn.Module, options: OptimizerConfig) -> torch.optim.AdamW:
    """AdamW that decays matrices and embeddings, not biases and LayerNorm."""
    decayed = [p for p in model.parameters() if p.dim() > 1]
    others = [p for p in model.parameters() if p.dim() <= 1]
    groups = [
        {"params": decayed, "weight_decay": options.weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]
    betas = (options.beta1, options.beta2)
    return torch.optim.AdamW(groups, lr=0.0, betas=betas, eps=options.eps, fused=True)


def deepspeed_config(config: Config, ranks: int) -> dict[str, Any]:
    """DeepSpeed's settings; micro-batch and accumulation are always given, never derived."""
    train = config.train
    settings: dict[str, Any] = {
        "train_micro_batch_size_per_gpu": config.micro_batch(ranks),
        "gradient_accumulation_steps": config.accumulation(ranks),
        "gradient_clipping": config.optimizer.grad_clip if train.zero_stage else 0.0,
        "zero_optimization": {"stage": train.zero_stage},
        "zero_force_ds_cpu_optimizer": False,
        "steps_per_print": 1_000_000_000,
    }
    if train.precision != "fp32":
        settings[train.precision] = {"enabled": True}
    return settings
