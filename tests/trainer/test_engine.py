"""One mathematics, however the work is cut into processes, passes and ZeRO stages."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from tests.trainer.harness import run_ranks
from trainer.config import Config
from trainer.data.masked import MaskedData, MaskedSource
from trainer.engine import Engine, adamw
from trainer.models import build_model
from trainer.processes import Processes

STEPS = 3


def without_dropout(config: Config, **train: Any) -> Config:
    config = config.replace("model", hidden_dropout=0.0, attention_dropout=0.0)
    return config.replace("train", global_batch=32, **train)


def updates(config: Config) -> dict[str, Any]:
    """A few updates; what they report, and the weights after them."""
    processes = Processes()
    source = MaskedSource(config)
    config = source.config
    engine = Engine(build_model(config.model, 1), config, processes)
    data = MaskedData(source, processes.rank, processes.count)
    found = [engine.update(data.step(step), 1e-3) for step in range(1, STEPS + 1)]
    valid = engine.evaluate(data.evaluation())
    return {
        "losses": [(u.losses.mlm, u.losses.sop) for u in found],
        "norms": [u.grad_norm for u in found],
        "counts": [(u.losses.masked, u.losses.samples, u.losses.tokens) for u in found],
        "valid": (valid.mlm, valid.sop),
        "weights": {name: w.numpy() for name, w in engine.full_weights().items()},
    }


def assert_same(found: dict[str, Any], expected: dict[str, Any], tolerance: float) -> None:
    assert found["counts"] == expected["counts"]
    for name in ("losses", "norms", "valid"):
        np.testing.assert_allclose(found[name], expected[name], rtol=tolerance, err_msg=name)
    for name, weight in expected["weights"].items():
        # Adam's first steps have the size of the learning rate whatever the gradient
        np.testing.assert_allclose(found["weights"][name], weight, atol=1e-4, err_msg=name)


@pytest.fixture(scope="module")
def whole() -> dict[str, Any]:
    return {}


def baseline(small: Config, cache: dict[str, Any]) -> dict[str, Any]:
    """One process, one pass of 32 samples."""
    if not cache:
        cache.update(run_ranks(1, updates, without_dropout(small, zero_stage=1))[0])
    return cache


@pytest.mark.parametrize(
    ("ranks", "micro_batch", "stage"),
    [(1, 8, 1), (1, 32, 0), (1, 8, 2), (2, 16, 0), (2, 16, 1), (2, 8, 2), (2, 4, 1)],
)
def test_any_cut_gives_the_same_update(
    small: Config, whole: dict[str, Any], ranks: int, micro_batch: int, stage: int
) -> None:
    config = without_dropout(small, micro_batch=micro_batch, zero_stage=stage)
    found = run_ranks(ranks, updates, config)
    expected = baseline(small, whole)
    for one in found:
        assert_same(one, expected, 2e-5)
    assert all(norm > 0 for norm in found[0]["norms"])


@pytest.mark.parametrize("precision", ["bf16", "fp16"])
def test_mixed_precision_is_near_fp32(small: Config, whole: dict[str, Any], precision: str) -> None:
    config = without_dropout(small, precision=precision, zero_stage=1)
    found = run_ranks(1, updates, config)[0]
    expected = baseline(small, whole)
    np.testing.assert_allclose(found["losses"], expected["losses"], rtol=0.02)
    np.testing.assert_allclose(found["norms"], expected["norms"], rtol=0.05)


def test_the_gradient_norm_is_clipped(small: Config, whole: dict[str, Any]) -> None:
    """The same with and without ZeRO; the norm told is the one before clipping."""
    found = {}
    for stage in (0, 1):
        config = without_dropout(small, zero_stage=stage).replace("optimizer", grad_clip=0.1)
        found[stage] = run_ranks(1, updates, config)[0]
    assert_same(found[0], found[1], 2e-5)
    assert found[1]["norms"][0] == pytest.approx(baseline(small, whole)["norms"][0], rel=1e-5)


def test_biases_and_layer_norms_are_not_decayed(small: Config) -> None:
    model = build_model(small.replace("model", vocab_size=64).model, 1)
    decayed, others = adamw(model, small.optimizer).param_groups
    assert (decayed["weight_decay"], others["weight_decay"]) == (0.01, 0.0)
    names = {id(p): name for name, p in model.named_parameters()}
    kept = {names[id(p)] for p in others["params"]}
    assert kept == {n for n in names.values() if "norm" in n or n.endswith("bias")}
    assert len(decayed["params"]) + len(kept) == len(names)


def test_evaluation_leaves_no_trace(small: Config) -> None:
    before, after = run_ranks(1, _evaluate_between, small)[0]
    assert before == after


def _evaluate_between(config: Config) -> tuple[list[float], list[float]]:
    """Losses of two updates with dropout, without and with an evaluation before each."""
    found = []
    for evaluate in (False, True):
        source = MaskedSource(config)
        engine = Engine(build_model(source.config.model, 1), source.config, Processes())
        data = MaskedData(source, 0, 1)
        losses = []
        for step in (1, 2):
            if evaluate:
                assert engine.evaluate(data.evaluation()) == engine.evaluate(data.evaluation())
            losses.append(engine.update(data.step(step), 1e-3).losses.mlm)
        found.append(losses)
    return found[0], found[1]


def test_dropout_differs_by_process(small: Config) -> None:
    first, second = run_ranks(2, _random_numbers, small)
    assert first != second


def _random_numbers(config: Config) -> list[float]:
    source = MaskedSource(config)
    Engine(build_model(source.config.model, 1), source.config, Processes())
    return torch.rand(4).tolist()
