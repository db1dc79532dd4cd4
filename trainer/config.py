"""The configuration of a run: one small dataclass per concern, and the rules between them.

The defaults are the published recipe of ERNIE 1.0 base on CLUECorpusSmall (global batch
512, one million updates, learning rate 1e-4). ``trainer.resolve`` fills a ``Config`` from
recipes, files, the environment and flags.
"""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from trainer.options import option


@dataclass(frozen=True)
class ModelConfig:
    """The network. ERNIE is a post-LayerNorm BERT encoder with an MLM and an SOP head."""

    family: Literal["ernie"] = option("ernie", "the architecture")
    vocab_size: int | None = option(
        None, "rows of the word embedding; null: from the data, rounded up to 8", low=8
    )
    hidden_size: int = option(768, "width", low=8)
    num_layers: int = option(12, "encoder blocks", low=1)
    num_heads: int = option(12, "attention heads; must divide hidden_size", low=1)
    ffn_size: int = option(3072, "width inside the feed-forward layers", low=8)
    max_positions: int = option(512, "rows of the position embedding", low=8)
    type_vocab_size: int = option(2, "rows of the token-type embedding", low=2)
    task_type_vocab_size: int = option(0, "rows of the task-type embedding; 0: none", low=0)
    pad_id: int = option(0, "id of [PAD]; taken from the vocabulary in training", low=0)
    activation: Literal["gelu", "relu"] = option("gelu", "inside the feed-forward layers")
    hidden_dropout: float = option(0.1, "after embeddings and sublayers", low=0, below=1)
    attention_dropout: float = option(0.1, "on attention weights", low=0, below=1)
    init_std: float = option(0.02, "standard deviation of the initial weights", above=0)
    position_init: Literal["normal", "sinusoidal"] = option(
        "normal", "sinusoidal starts with neighbouring positions alike: learns sooner"
    )
    layer_norm_eps: float = option(1e-12, "inside LayerNorm's square root", above=0)
    sop: bool = option(True, "sentence-order head and loss; false trains MLM alone")
    attention: Literal["sdpa", "eager", "flash"] = option("sdpa", "the attention kernel")
    recompute: bool = option(False, "recompute activations of every block: less memory")


@dataclass(frozen=True)
class DataConfig:
    """The samples, as functions of (data, seed, sample number)."""

    prefix: str | None = option(None, "PREFIX of PREFIX.bin and PREFIX.idx")
    vocab: str | None = option(None, "vocab.txt; null: the one named by PREFIX.json")
    split: str = option("949,50,1", "shares of documents: training, validation, test")
    max_seq_length: int = option(512, "tokens of a sample, with [CLS] and [SEP]", low=8)
    short_seq_prob: float = option(0.1, "share of samples cut shorter", low=0, high=1)
    mask_prob: float = option(0.15, "share of tokens to predict", above=0, below=1)
    max_ngrams: int = option(3, "longest run of words masked as one", low=1, high=10)
    seed: int = option(1234, "of sample order and masks", low=0)
    cache_dir: str | None = option(None, "sample maps; null: beside the data")


@dataclass(frozen=True)
class OptimizerConfig:
    """AdamW; biases and LayerNorm are not decayed."""

    weight_decay: float = option(0.01, "decoupled weight decay", low=0)
    beta1: float = option(0.9, "decay of the mean gradient", low=0, below=1)
    beta2: float = option(0.999, "decay of the mean square", low=0, below=1)
    eps: float = option(1e-8, "in Adam's denominator", above=0)
    grad_clip: float = option(1.0, "largest global gradient norm; 0: no clipping", low=0)


@dataclass(frozen=True)
class ScheduleConfig:
    """Learning rate: linear warm-up, then decay to ``min_lr``."""

    style: Literal["linear", "cosine", "constant"] = option("linear", "shape of the decay")
    max_lr: float = option(1e-4, "after the warm-up", above=0)
    min_lr: float = option(1e-5, "from the end of the decay on", low=0)
    warmup: float = option(0.01, "share of all steps", low=0, high=1)
    decay: float = option(0.99, "share of all steps at which min_lr is reached", above=0, high=1)


@dataclass(frozen=True)
class TrainConfig:
    """How much work one update is, and how it is done."""

    steps: int = option(1_000_000, "updates", low=1)
    global_batch: int = option(512, "samples of one update, over all processes", low=1)
    micro_batch: int | None = option(
        None, "samples of one forward pass of one process; null: all of its share", low=1
    )
    precision: Literal["fp32", "bf16", "fp16"] = option("bf16", "of weights and activations")
    zero_stage: Literal[0, 1, 2] = option(1, "0: replicas; 1: + optimizer, 2: + gradients split")
    seed: int = option(1234, "of initial weights and dropout", low=0)


@dataclass(frozen=True)
class EvaluationConfig:
    """The same validation samples every time."""

    every: int = option(1000, "steps between evaluations; 0: only at the end", low=0)
    samples: int = option(5120, "validation samples; 0: no evaluation", low=0)


@dataclass(frozen=True)
class CheckpointConfig:
    """Complete states to resume from."""

    every: int = option(5000, "steps between checkpoints; 0: only at the end", low=0)
    keep: int = option(3, "newest checkpoints to keep", low=1)


@dataclass(frozen=True)
class LoggingConfig:
    """What is written down while training."""

    every: int = option(20, "steps between lines; losses are means over them", low=1)
    tensorboard: bool = option(True, "write tensorboard/ event files")


@dataclass(frozen=True)
class Config:
    """Everything that decides a run."""

    model: ModelConfig = ModelConfig()
    data: DataConfig = DataConfig()
    optimizer: OptimizerConfig = OptimizerConfig()
    schedule: ScheduleConfig = ScheduleConfig()
    train: TrainConfig = TrainConfig()
    evaluation: EvaluationConfig = EvaluationConfig()
    checkpoint: CheckpointConfig = CheckpointConfig()
    logging: LoggingConfig = LoggingConfig()

    def to_dict(self) -> dict[str, dict[str, Any]]:
        return dataclasses.asdict(self)

    def replace(self, section: str, **values: Any) -> Config:
        """A copy with some options of one section changed."""
        changed = dataclasses.replace(getattr(self, section), **values)
        return dataclasses.replace(self, **{section: changed})

    def micro_batch(self, ranks: int) -> int:
        """Samples of one forward pass on each of ``ranks`` data-parallel processes."""
        return self.train.micro_batch or self.train.global_batch // ranks

    def accumulation(self, ranks: int) -> int:
        """Forward passes of one update on each of ``ranks`` data-parallel processes."""
        return self.train.global_batch // (self.micro_batch(ranks) * ranks)


SECTIONS: dict[str, Any] = typing.get_type_hints(Config)


def contradictions(config: Config, ranks: int = 1) -> Iterator[str]:
    """One sentence for every rule between options that ``config`` breaks."""
    yield from _model_rules(config)
    yield from _schedule_rules(config.schedule)
    yield from _train_rules(config.train, ranks)


def _model_rules(config: Config) -> Iterator[str]:
    model, data = config.model, config.data
    if model.hidden_size % model.num_heads:
        yield (
            f"model.hidden_size {model.hidden_size} is not divisible by"
            f" model.num_heads {model.num_heads}"
        )
    if data.max_seq_length > model.max_positions:
        yield (
            f"data.max_seq_length {data.max_seq_length} is more than"
            f" model.max_positions {model.max_positions}"
        )
    if model.vocab_size is not None and model.pad_id >= model.vocab_size:
        yield f"model.pad_id {model.pad_id} is outside model.vocab_size {model.vocab_size}"
    if model.position_init == "sinusoidal" and model.hidden_size % 2:
        yield f"model.position_init sinusoidal needs an even hidden_size, not {model.hidden_size}"


def _schedule_rules(schedule: ScheduleConfig) -> Iterator[str]:
    if schedule.min_lr > schedule.max_lr:
        yield f"schedule.min_lr {schedule.min_lr} is more than schedule.max_lr {schedule.max_lr}"
    if schedule.decay < schedule.warmup:
        yield f"schedule.decay {schedule.decay} is less than schedule.warmup {schedule.warmup}"


def _train_rules(train: TrainConfig, ranks: int) -> Iterator[str]:
    forward = (train.micro_batch or 1) * ranks
    if train.global_batch % forward:
        yield (
            f"train.global_batch {train.global_batch} is not divisible by train.micro_batch"
            f" {train.micro_batch or 1} x {ranks} data-parallel processes = {forward}"
        )
    if train.precision != "fp32" and train.zero_stage == 0:
        yield f"train.precision {train.precision} needs train.zero_stage 1 or 2"
