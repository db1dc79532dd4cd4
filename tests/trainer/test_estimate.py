from __future__ import annotations

import subprocess
import sys

import pytest
import torch

from corpuskit.errors import UsageError
from trainer.batch import Batch
from trainer.config import Config
from trainer.estimate import activation_bytes, estimate, memory, parameter_count
from trainer.models import build_model
from trainer.models.ernie import Ernie
from trainer.models.losses import cross_entropy_sum
from trainer.resolve import recipe_names, resolve

PUBLISHED = {
    "ernie-base": 100_477_778,
    "ernie-1.0-base-cw": 117_398_850,
    "ernie-1.0-large-cw": 273_034_834,
    "ernie-2.0-base-zh": 100_479_314,
    "ernie-2.0-base-en": 110_107_964,
    "ernie-3.0-xbase": 297_147_458,
    "ernie-3.0-base": 118_578_498,
    "ernie-3.0-medium": 76_061_250,
    "ernie-3.0-mini": 27_138_882,
    "ernie-3.0-micro": 23_589_954,
    "ernie-3.0-nano": 18_051_138,
}


@pytest.mark.parametrize(("name", "expected"), PUBLISHED.items())
def test_parameters_of_the_published_models(name: str, expected: int) -> None:
    assert parameter_count(resolve(recipe=name, environment={}).model) == expected


@pytest.mark.parametrize("name", recipe_names())
@pytest.mark.parametrize("sop", [True, False])
def test_the_formula_counts_what_is_built(name: str, sop: bool) -> None:
    config = resolve(recipe=name, environment={}).replace("model", sop=sop)
    if config.model.vocab_size is None:
        config = config.replace("model", vocab_size=4000)
    with torch.device("meta"):
        model = Ernie(config.model)
    assert parameter_count(config.model) == sum(p.numel() for p in model.parameters())


def demo(**options: object) -> Config:
    flags = {
        "model.vocab_size": 2000,
        "train.precision": "fp32",
        "train.global_batch": 8,
        **{f"model.{name}": value for name, value in options.items()},
    }
    return resolve(recipe="ernie-demo", environment={}, flags=flags)


@pytest.mark.parametrize("dropout", [0.0, 0.1])
def test_activations_are_near_what_autograd_keeps(dropout: float) -> None:
    config = demo(hidden_dropout=dropout)
    assert activation_bytes(config, 1) == pytest.approx(_bytes_kept(config), rel=0.3)


def test_recomputing_keeps_less() -> None:
    """The estimate also holds the one block that the backward pass recomputes."""
    config = demo(recompute=True, num_layers=12)
    assert _bytes_kept(config) < activation_bytes(config, 1) < _bytes_kept(demo(num_layers=12)) / 2


def _bytes_kept(config: Config) -> int:
    model = build_model(config.model, 1).train()
    weights = {p.untyped_storage().data_ptr() for p in model.parameters()}
    storages: dict[int, int] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        place = tensor.untyped_storage()
        if place.data_ptr() not in weights:
            storages[place.data_ptr()] = place.nbytes()
        return tensor

    rows, columns = config.train.global_batch, config.data.max_seq_length
    positions = torch.arange(0, rows * columns, 7)
    batch = Batch(
        input_ids=torch.randint(5, 2000, (rows, columns)),
        token_type_ids=torch.zeros(rows, columns, dtype=torch.long),
        mask=None,
        masked_positions=positions,
        labels=torch.randint(5, 2000, (len(positions),)),
        sop_labels=torch.zeros(rows, dtype=torch.long),
    )
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        logits = model(batch.input_ids, batch.token_type_ids, batch.masked_positions)
        cross_entropy_sum(logits.mlm, batch.labels)
    return sum(storages.values())


def test_zero_stages_divide_what_they_should() -> None:
    config = resolve(recipe="ernie-base", environment={}, ranks=8)
    count = parameter_count(config.model)
    found = [memory(config, 8, stage) for stage in (0, 1, 2)]
    assert [m.weights for m in found] == [2 * count] * 3
    assert [m.gradients for m in found] == [2 * count, 2 * count, 2 * count // 8]
    assert [m.optimizer for m in found] == [12 * count, 12 * count // 8, 12 * count // 8]


def test_the_estimate_wants_to_know_the_vocabulary() -> None:
    with pytest.raises(UsageError, match="vocabulary"):
        estimate(resolve(recipe="ernie-demo", environment={}), 1)


def test_estimates_and_recipes_need_no_torch() -> None:
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "from trainer.estimate import estimate; from trainer.resolve import resolve\n"
        "print(estimate(resolve(recipe='ernie-base', environment={}), 1)['run']['parameters'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "100477778"
