"""Parameters, memory and tokens of a run by formula: no torch, no allocation."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from corpuskit.errors import UsageError
from trainer.config import Config, ModelConfig


def parameter_count(model: ModelConfig) -> int:
    """Trainable parameters, the tied decoder counted once."""
    width, ffn, vocab = model.hidden_size, model.ffn_size, model.vocab_size or 0
    tables = vocab + model.max_positions + model.type_vocab_size + model.task_type_vocab_size
    embedding = tables * width + 2 * width
    attention = 4 * (width * width + width)
    block = attention + 2 * width * ffn + ffn + width + 4 * width
    mlm = width * width + width + 2 * width + vocab
    sop = (width * width + width) + 2 * width + 2 if model.sop else 0
    return embedding + model.num_layers * block + mlm + sop


def activation_bytes(config: Config, ranks: int) -> int:
    """Bytes that one forward pass keeps for the backward pass, about.

    Of a block and a token: the inputs of its linear layers, queries, keys, values, both sums
    before LayerNorm, the activation function's input, and a byte a dropout decision.
    """
    model, length = config.model, config.data.max_seq_length
    element = 4 if config.train.precision == "fp32" else 2
    tokens = config.micro_batch(ranks) * length
    block = (8 * model.hidden_size + 2 * model.ffn_size) * element
    if model.hidden_dropout:
        block += 2 * model.hidden_size
    if model.attention == "eager" or model.attention_dropout:
        block += 3 * model.num_heads * length * element
    kept = model.hidden_size * element
    blocks = model.num_layers * kept + block if model.recompute else model.num_layers * block
    logits = int(tokens * config.data.mask_prob) * (model.vocab_size or 0) * (element + 8)
    return tokens * (blocks + 3 * kept) + logits


@dataclass(frozen=True)
class Memory:
    """Bytes of one device under one ZeRO stage."""

    stage: int
    weights: int
    gradients: int
    optimizer: int
    activations: int

    @property
    def total(self) -> int:
        return self.weights + self.gradients + self.optimizer + self.activations


def memory(config: Config, ranks: int, stage: int) -> Memory:
    """Memory of one of ``ranks`` data-parallel devices.

    Mixed precision holds weights and gradients in 2 bytes and, in the optimizer, fp32
    weights and two moments (12 bytes a parameter); fp32 holds 4, 4 and 8. Stage 1 divides
    the optimizer among the devices, stage 2 the gradients too.
    """
    count = parameter_count(config.model)
    mixed = config.train.precision != "fp32"
    size, state = (2, 12) if mixed else (4, 8)
    return Memory(
        stage=stage,
        weights=count * size,
        gradients=count * size // (ranks if stage >= 2 else 1),
        optimizer=count * state // (ranks if stage >= 1 else 1),
        activations=activation_bytes(config, ranks),
    )


def tokens_per_step(config: Config) -> int:
    """Positions of one update, padding included."""
    return config.train.global_batch * config.data.max_seq_length


def flops_per_step(config: Config) -> int:
    """Floating-point operations of one update: 6 a weight and token, and the attention.

    The decoder works on masked positions only; embedding tables cost nothing.
    """
    model, length = config.model, config.data.max_seq_length
    width, ffn = model.hidden_size, model.ffn_size
    block = 4 * width * width + 2 * width * ffn
    attention = 2 * length * width
    decoder = config.data.mask_prob * (width * width + width * (model.vocab_size or 0))
    return int(6 * tokens_per_step(config) * (model.num_layers * (block + attention) + decoder))


def estimate(config: Config, ranks: int) -> dict[str, Any]:
    """All of the above for one run on ``ranks`` devices.

    Raises:
        UsageError: The vocabulary's size is not known.
    """
    if config.model.vocab_size is None:
        raise UsageError(
            "the vocabulary's size is left to the data, and there are none",
            hint="give --data PREFIX, or --set model.vocab_size=18000",
        )
    rows = [memory(config, ranks, stage) for stage in (0, 1, 2)]
    return {
        "run": {
            "parameters": parameter_count(config.model),
            "processes": ranks,
            "samples per step": config.train.global_batch,
            "samples per forward pass": config.micro_batch(ranks),
            "forward passes per step": config.accumulation(ranks),
            "tokens per step": tokens_per_step(config),
            "steps": config.train.steps,
            "tokens in all": tokens_per_step(config) * config.train.steps,
            "floating-point operations per step": flops_per_step(config),
        },
        "memory_per_device": [{**asdict(row), "total": row.total} for row in rows],
    }
