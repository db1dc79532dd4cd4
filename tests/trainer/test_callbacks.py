"""What a run writes down."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.trainer.harness import run_ranks
from trainer.callbacks.csv_file import COLUMNS, keep_until
from trainer.config import Config
from trainer.execute import run_session
from trainer.schedule import learning_rate
from trainer.session import Session


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory, corpus: Path) -> Path:
    """A run of 12 steps, a line every 5, an evaluation every 4, on two processes."""
    from tests.trainer.conftest import SMALL
    from trainer.resolve import resolve

    changes = {"train.steps": 12, "evaluation.every": 4, "logging.tensorboard": True}
    flags = {**SMALL, **changes, "data.prefix": str(corpus)}
    directory = tmp_path_factory.mktemp("run")
    run_ranks(2, _train, resolve(environment={}, flags=flags), directory)
    return directory


def _train(config: Config, directory: Path) -> None:
    run_session(Session(config, directory))


def rows(output: Path, part: str) -> list[dict[str, str]]:
    with (output / "metrics.csv").open() as file:
        return [row for row in csv.DictReader(file) if row["part"] == part]


def test_rows_come_when_they_are_due_and_at_the_end(output: Path, small: Config) -> None:
    train = rows(output, "train")
    assert [int(row["step"]) for row in train] == [5, 10, 12]
    assert [int(row["step"]) for row in rows(output, "valid")] == [4, 8, 12]
    for row in train:
        expected = learning_rate(small.schedule, int(row["step"]), 12)
        assert float(row["lr"]) == pytest.approx(expected)
        assert float(row["loss"]) == pytest.approx(float(row["mlm"]) + float(row["sop"]))
        assert 3 < float(row["mlm"]) < 5  # near ln 72 at first
        assert float(row["tokens_per_second"]) > float(row["samples_per_second"]) > 0
    assert float(train[-1]["seconds_left"]) == 0


def test_tensorboard_has_the_same_values(output: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(output / "tensorboard"))
    events.Reload()
    for part in ("train", "valid"):
        found = [(e.step, e.value) for e in events.Scalars(f"{part}/mlm")]
        expected = [(int(row["step"]), float(row["mlm"])) for row in rows(output, part)]
        assert [step for step, _ in found] == [step for step, _ in expected]
        assert [v for _, v in found] == pytest.approx([v for _, v in expected], rel=1e-6)
    assert "train/grad_norm" in events.Tags()["scalars"]


def test_rows_after_a_checkpoint_are_dropped(tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"
    keep_until(path, 0)
    assert path.read_text().strip() == ",".join(COLUMNS)
    with path.open("a", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="")
        for step in (5, 10, 15):
            writer.writerow({"step": step, "part": "train", "loss": step / 10})
    keep_until(path, 10)
    with path.open(newline="") as file:
        assert [row["step"] for row in csv.DictReader(file)] == ["5", "10"]
    keep_until(path, 0)
    assert len(path.read_text().splitlines()) == 1
