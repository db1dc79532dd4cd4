from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest
import torch

from corpuskit.errors import UsageError
from tests.trainer.corpus import TOKENS, write_corpus
from trainer.batch import Batch
from trainer.config import Config
from trainer.data.masked import MaskedData, MaskedSource


def rows(batches: list[Batch]) -> list[tuple[object, ...]]:
    """Every sample of the batches, as plain values."""
    found = []
    for batch in batches:
        size = batch.input_ids.shape[1]
        for row in range(batch.samples):
            inside = batch.masked_positions // size == row
            columns = (batch.masked_positions[inside] - row * size).tolist()
            found.append(
                (
                    batch.input_ids[row].tolist(),
                    batch.token_type_ids[row].tolist(),
                    columns,
                    batch.labels[inside].tolist(),
                    int(batch.sop_labels[row]),
                )
            )
    return found


def global_step(source: MaskedSource, step: int, ranks: int) -> list[tuple[object, ...]]:
    """The samples of an update over all processes, in the order of their numbers."""
    parts = [MaskedData(source, rank, ranks).step(step) for rank in range(ranks)]
    return rows([batch for passes in zip(*parts, strict=True) for batch in passes])


@pytest.mark.parametrize(("ranks", "micro_batch"), [(1, 8), (1, 2), (2, 4), (2, 2), (4, 1)])
def test_the_order_depends_on_the_global_batch_alone(
    small: Config, ranks: int, micro_batch: int
) -> None:
    reference = MaskedSource(small)
    source = MaskedSource(small.replace("train", micro_batch=micro_batch, steps=7))
    for step in (1, 2, 30, 61):  # some of them hold the end of an epoch
        assert global_step(source, step, ranks) == global_step(reference, step, 1)


def test_epochs_follow_each_other_with_other_masks(small: Config) -> None:
    data = MaskedData(MaskedSource(small.replace("train", global_batch=1)), 0, 1)
    size = data.starts[1]
    first = rows([data.samples(number) for number in range(size)])
    second = rows([data.samples(number) for number in range(size, 2 * size)])
    assert 30 < size < 500
    assert first != second
    assert len({str(row) for row in first + second}) > 1.9 * size


def test_a_batch_may_span_epochs(small: Config) -> None:
    one = MaskedData(MaskedSource(small.replace("train", global_batch=1)), 0, 1)
    many = MaskedData(MaskedSource(small.replace("train", global_batch=1000)), 0, 1)
    assert many.starts[1] < 300
    assert rows([many.samples(0)])[-1] == rows([one.samples(999)])[0]
    assert len(many.starts) > 4


def test_masked_tokens_carry_their_labels(small: Config) -> None:
    source = MaskedSource(small)
    batch = MaskedData(source, 0, 1).step(1)[0]
    assert batch.input_ids.shape == (8, 24)
    assert batch.mask is not None
    real = batch.mask.flatten()
    assert real[batch.masked_positions].all()
    share = len(batch.labels) / int(real.sum())
    assert 0.05 < share < 0.25
    masked = batch.input_ids.flatten()[batch.masked_positions]
    assert (masked == TOKENS.index("[MASK]")).float().mean() > 0.5
    assert int(batch.labels.min()) >= 5


def test_evaluation_is_the_same_for_any_number_of_processes(small: Config) -> None:
    source = MaskedSource(small)
    alone = MaskedData(source, 0, 1)
    expected = rows(list(alone.evaluation()))
    assert rows(list(alone.evaluation())) == expected
    assert len(expected) == small.evaluation.samples
    parts = [rows(list(MaskedData(source, rank, 2).evaluation())) for rank in range(2)]
    assert sorted(map(str, parts[0] + parts[1])) == sorted(map(str, expected))


def test_without_validation_documents_there_is_a_warning(
    small: Config, capsys: pytest.CaptureFixture[str]
) -> None:
    data = MaskedData(MaskedSource(small.replace("data", split="1")), 0, 1)
    assert list(data.evaluation()) == []
    assert "warning: no evaluation" in capsys.readouterr().err


def test_the_model_takes_its_vocabulary_from_the_data(small: Config) -> None:
    model = MaskedSource(small).config.model
    assert (model.vocab_size, model.pad_id) == (72, 0)  # 65 rounded up
    fixed = small.replace("model", vocab_size=100)
    assert MaskedSource(fixed).config.model.vocab_size == 100
    with pytest.raises(UsageError, match="vocab_size 64 is less than the 65 tokens"):
        MaskedSource(small.replace("model", vocab_size=64))


def test_the_vocabulary_must_be_that_of_the_data(small: Config, tmp_path: Path) -> None:
    prefix = write_corpus(tmp_path / "c", documents=3, seed=1)
    config = small.replace("data", prefix=str(prefix))
    vocab = tmp_path / "vocab.txt"
    vocab.write_text("".join(f"{token}\n" for token in reversed(TOKENS)))
    with pytest.raises(UsageError, match="not encoded with this vocabulary"):
        MaskedSource(config)
    vocab.unlink()
    with pytest.raises(UsageError, match="vocabulary of the data is gone"):
        MaskedSource(config)


def test_batches_move_to_a_device(small: Config) -> None:
    batch = MaskedData(MaskedSource(small), 0, 1).step(1)[0].to(torch.device("meta"))
    for field in fields(batch):
        assert getattr(batch, field.name).device.type == "meta"
