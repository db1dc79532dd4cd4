"""What ``transformers`` makes of an exported model."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import AutoModelForMaskedLM, AutoTokenizer, ErnieForPreTraining

from corpuskit.errors import DataError, UsageError
from tests.trainer.corpus import CHARACTERS, TOKENS
from trainer.config import ModelConfig
from trainer.data.vocabulary import Vocabulary
from trainer.export import load_model, save_model
from trainer.models import build_model

VOCABULARY = Vocabulary(TOKENS, lowercase=True, path=Path("vocab.txt"))


def config(**changes: object) -> ModelConfig:
    small = {
        "vocab_size": 72,
        "hidden_size": 32,
        "num_layers": 2,
        "num_heads": 2,
        "ffn_size": 64,
        "max_positions": 20,
        **changes,
    }
    return ModelConfig(**small)  # type: ignore[arg-type]


def export(directory: Path, model: ModelConfig) -> torch.nn.Module:
    """A model with random weights everywhere, exported."""
    built = build_model(model, seed=1)
    torch.manual_seed(1)
    for parameter in built.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    weights = {name: p.detach() for name, p in built.named_parameters()}
    save_model(directory, model, weights, VOCABULARY)
    return built.eval()


def batch() -> tuple[torch.Tensor, torch.Tensor]:
    ids = torch.randint(5, 65, (3, 16), generator=torch.Generator().manual_seed(2))
    return ids, torch.arange(ids.numel())


@pytest.mark.parametrize("task_types", [0, 3])
def test_transformers_gives_equal_logits(tmp_path: Path, task_types: int) -> None:
    ours = export(tmp_path / "m", config(task_type_vocab_size=task_types))
    theirs, report = ErnieForPreTraining.from_pretrained(tmp_path / "m", output_loading_info=True)
    assert not report["missing_keys"]
    assert not report["unexpected_keys"]
    ids, everywhere = batch()
    with torch.no_grad():
        mine = ours(ids, torch.zeros_like(ids), everywhere)
        yours = theirs.eval()(ids)
    found = yours.prediction_logits.flatten(0, 1)
    torch.testing.assert_close(found, mine.mlm, rtol=0, atol=1e-5)
    torch.testing.assert_close(yours.seq_relationship_logits, mine.sop, rtol=0, atol=1e-5)


@pytest.mark.parametrize("sop", [True, False])
def test_the_auto_class_finds_the_masked_language_model(tmp_path: Path, sop: bool) -> None:
    ours = export(tmp_path / "m", config(sop=sop))
    theirs = AutoModelForMaskedLM.from_pretrained(tmp_path / "m").eval()
    ids, everywhere = batch()
    with torch.no_grad():
        expected = ours(ids, torch.zeros_like(ids), everywhere).mlm
        found = theirs(ids).logits.flatten(0, 1)
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("sop", [True, False])
def test_an_export_is_read_back(tmp_path: Path, sop: bool) -> None:
    ours = export(tmp_path / "m", config(sop=sop, task_type_vocab_size=2, activation="relu"))
    again = load_model(tmp_path / "m")
    assert again.config == ours.config
    for name, parameter in ours.named_parameters():
        assert torch.equal(again.get_parameter(name), parameter), name


def test_the_tokenizer_comes_along(tmp_path: Path) -> None:
    export(tmp_path / "m", config())
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "m")
    text = "".join(CHARACTERS[:3]) + "[MASK]"
    assert tokenizer(text)["input_ids"] == [1, 5, 6, 7, 3, 2]
    assert (tmp_path / "m" / "vocab.txt").read_text().splitlines() == TOKENS


def test_a_damaged_export_names_what_is_missing(tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    export(tmp_path / "m", config())
    path = tmp_path / "m" / "model.safetensors"
    weights = load_file(path)
    del weights["ernie.encoder.layer.1.attention.self.key.bias"]
    save_file(weights, path)
    with pytest.raises(DataError, match=r"layer\.1\.attention\.self\.key\.bias"):
        load_model(tmp_path / "m")
    with pytest.raises(UsageError, match="no exported model"):
        load_model(tmp_path)
