"""A small corpus and configurations to train on it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.trainer.corpus import write_corpus
from trainer.config import Config
from trainer.resolve import resolve

SMALL = {
    "model.hidden_size": 32,
    "model.num_layers": 2,
    "model.num_heads": 2,
    "model.ffn_size": 64,
    "model.max_positions": 32,
    "model.hidden_dropout": 0.1,
    "model.attention_dropout": 0.1,
    "data.max_seq_length": 24,
    "data.split": "8,2,0",
    "train.steps": 20,
    "train.global_batch": 8,
    "train.precision": "fp32",
    "train.zero_stage": 1,
    "schedule.max_lr": 1e-3,
    "schedule.warmup": 0.1,
    "evaluation.samples": 16,
    "evaluation.every": 10,
    "checkpoint.every": 0,
    "logging.every": 5,
    "logging.tensorboard": False,
}


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The prefix of 40 documents."""
    return write_corpus(tmp_path_factory.mktemp("corpus") / "corpus", documents=40, seed=7)


@pytest.fixture
def small(corpus: Path) -> Config:
    """A run of seconds."""
    return resolve(environment={}, flags={**SMALL, "data.prefix": str(corpus)})
