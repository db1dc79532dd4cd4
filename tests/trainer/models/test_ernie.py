"""Our network against the one of ``transformers``, with the same weights."""

from __future__ import annotations

import pytest
import torch
from transformers import ErnieConfig, ErnieForPreTraining

from trainer.config import ModelConfig
from trainer.export import from_huggingface, huggingface_config
from trainer.models import build_model, sinusoids
from trainer.models.ernie import Ernie
from trainer.models.losses import cross_entropy_sum

SMALL = ModelConfig(
    vocab_size=96,
    hidden_size=32,
    num_layers=3,
    num_heads=4,
    ffn_size=48,
    max_positions=20,
    type_vocab_size=4,
    hidden_dropout=0.0,
    attention_dropout=0.0,
)
VARIANTS = {
    "plain": {},
    "task types, relu": {"task_type_vocab_size": 3, "activation": "relu"},
    "eager, recompute": {"attention": "eager", "recompute": True},
}


def variant(name: str) -> ModelConfig:
    return ModelConfig(**{**vars(SMALL), **VARIANTS[name]})


def reference(config: ModelConfig) -> tuple[Ernie, ErnieForPreTraining]:
    """A transformers model with random weights, biases included, and ours with the same."""
    torch.manual_seed(3)
    theirs = ErnieForPreTraining(ErnieConfig(**huggingface_config(config)))
    for parameter in theirs.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    ours = build_model(config, seed=0)
    names = iter([name for name, _ in ours.named_parameters()])
    ours.load_state_dict(from_huggingface(theirs.state_dict(), names))
    return ours.train(), theirs.eval()


@pytest.mark.parametrize("name", VARIANTS)
def test_logits_losses_and_gradients_equal_transformers(name: str) -> None:
    ours, theirs = reference(variant(name))
    generator = torch.Generator().manual_seed(5)
    ids = torch.randint(5, 96, (4, 18), generator=generator)
    types = torch.randint(0, 4, (4, 18), generator=generator)
    mask = torch.arange(18) < torch.tensor([18, 9, 13, 2])[:, None]
    positions = torch.tensor([1, 4, 17, 19, 37, 55])
    labels = torch.randint(5, 96, (6,), generator=generator)
    sop = torch.tensor([0, 1, 1, 0])
    full = torch.full((4 * 18,), -100)
    full[positions] = labels

    theirs_out = theirs(
        ids,
        attention_mask=mask.long(),
        token_type_ids=types,
        labels=full.view(4, 18),
        next_sentence_label=sop,
    )
    logits = ours(ids, types, positions, mask)
    expected = theirs_out.prediction_logits.flatten(0, 1)[positions]
    torch.testing.assert_close(logits.mlm, expected, rtol=0, atol=1e-5)
    torch.testing.assert_close(logits.sop, theirs_out.seq_relationship_logits, rtol=0, atol=1e-5)
    loss = cross_entropy_sum(logits.mlm, labels) / 6 + cross_entropy_sum(logits.sop, sop) / 4
    torch.testing.assert_close(loss, theirs_out.loss, rtol=0, atol=1e-5)

    loss.backward()
    theirs_out.loss.backward()
    gradients = {n: p.grad for n, p in theirs.named_parameters()}
    names = iter([n for n, _ in ours.named_parameters()])
    for name_, expected in from_huggingface(gradients, names).items():
        found = ours.get_parameter(name_).grad
        torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5, msg=name_)


def test_without_masked_tokens_the_loss_is_zero() -> None:
    nothing = torch.zeros(0, dtype=torch.long)
    model = build_model(SMALL, seed=1)
    ids = torch.ones(2, 5, dtype=torch.long)
    logits = model(ids, torch.zeros_like(ids), nothing)
    assert cross_entropy_sum(logits.mlm, nothing).item() == 0.0


def test_losses_are_summed_in_fp32() -> None:
    logits = torch.randn(4000, 8).bfloat16()
    labels = torch.zeros(4000, dtype=torch.long)
    found = cross_entropy_sum(logits, labels)
    assert found.dtype == torch.float32
    expected = torch.nn.functional.cross_entropy(logits.double(), labels, reduction="sum")
    assert found.item() == pytest.approx(expected.item(), rel=1e-5)


def test_initial_weights() -> None:
    model = build_model(SMALL, seed=1)
    assert model.embedding.word.weight.std().item() == pytest.approx(0.02, rel=0.1)
    assert model.embedding.word.weight[SMALL.pad_id].abs().sum() == 0
    for name, parameter in model.named_parameters():
        if name.endswith("bias"):
            assert parameter.abs().sum() == 0, name
        if "norm" in name and name.endswith("weight"):
            assert (parameter == 1).all(), name


def test_layers_draw_independently() -> None:
    """The weights of a layer do not depend on how many there are before or after it."""
    deep = build_model(ModelConfig(**{**vars(SMALL), "num_layers": 5}), seed=1)
    shallow = build_model(SMALL, seed=1)
    for name, parameter in shallow.blocks.named_parameters():
        assert torch.equal(parameter, deep.blocks.get_parameter(name)), name


def test_sinusoidal_positions() -> None:
    config = ModelConfig(**{**vars(SMALL), "position_init": "sinusoidal"})
    table = build_model(config, seed=1).embedding.position.weight
    assert torch.allclose(table, sinusoids(20, 32) * 0.02)
    likeness = torch.nn.functional.cosine_similarity(table[10:11], table, dim=1)
    assert likeness.argsort(descending=True)[:3].tolist()[0] == 10
    assert likeness[9] > likeness[7] > likeness[2]
