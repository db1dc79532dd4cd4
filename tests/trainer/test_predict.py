from __future__ import annotations

from pathlib import Path

import pytest
import torch

from corpuskit.errors import DataError, UsageError
from tests.trainer.corpus import CHARACTERS
from tests.trainer.test_export import config, export
from trainer.predict import fill_mask, load_predictor

TEXT = "".join(CHARACTERS[:4])


def test_the_candidates_are_those_of_the_model(tmp_path: Path) -> None:
    ours = export(tmp_path / "m", config())
    model, tokenizer = load_predictor(tmp_path / "m")
    sentence = f"{TEXT}[MASK]{CHARACTERS[9]}[MASK]"
    found = fill_mask(model, tokenizer, [sentence, "[MASK]"], top_k=3)
    ids = torch.tensor([[1, 5, 6, 7, 8, 3, 14, 3, 2]])
    with torch.no_grad():
        logits = ours(ids, torch.zeros_like(ids), torch.tensor([5, 7])).mlm[:, :65]
    expected = logits.softmax(-1).topk(3)
    assert [mask.position for mask in found[0].masks] == [5, 7]
    for row, mask in enumerate(found[0].masks):
        tokens = [tokenizer.token_to_id(c.token) for c in mask.candidates]
        assert tokens == expected.indices[row].tolist()
        probabilities = [c.probability for c in mask.candidates]
        assert probabilities == pytest.approx(expected.values[row].tolist(), abs=1e-5)
    best = [mask.candidates[0].token for mask in found[0].masks]
    assert found[0].best == f"{TEXT}{best[0]}{CHARACTERS[9]}{best[1]}"
    assert [mask.position for mask in found[1].masks] == [1]


def test_neighbours_in_a_batch_change_nothing(tmp_path: Path) -> None:
    export(tmp_path / "m", config())
    model, tokenizer = load_predictor(tmp_path / "m")
    sentences = ["[MASK]", f"{TEXT}[MASK]", f"[MASK]{TEXT * 3}[MASK]"] * 15
    together = fill_mask(model, tokenizer, sentences)
    for sentence, found in zip(sentences[:3], together, strict=False):
        alone = fill_mask(model, tokenizer, [sentence])[0]
        for one, other in zip(alone.masks, found.masks, strict=True):
            assert one.candidates[0].token == other.candidates[0].token
            assert one.candidates[0].probability == pytest.approx(
                other.candidates[0].probability, abs=1e-5
            )
    assert len(together) == 45


@pytest.mark.parametrize(("text", "what"), [(TEXT, "no \\[MASK\\]"), ("[MASK]" * 30, "32 tokens")])
def test_sentences_that_cannot_be_filled(tmp_path: Path, text: str, what: str) -> None:
    export(tmp_path / "m", config())
    with pytest.raises(DataError, match=what):
        fill_mask(*load_predictor(tmp_path / "m"), [text])


def test_a_run_without_a_model_yet(tmp_path: Path) -> None:
    (tmp_path / "checkpoints").mkdir()
    with pytest.raises(UsageError, match="not exported its model yet"):
        load_predictor(tmp_path)


def test_a_vocabulary_that_is_too_large(tmp_path: Path) -> None:
    export(tmp_path / "m", config())
    vocab = tmp_path / "v.txt"
    vocab.write_text((tmp_path / "m/vocab.txt").read_text() + "\n".join("abcdefghij") + "\n")
    with pytest.raises(UsageError, match="75 tokens, but the model knows 72"):
        load_predictor(tmp_path / "m", vocab)
