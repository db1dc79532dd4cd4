"""A run that was killed, stopped or damaged ends as one that was left alone."""

from __future__ import annotations

import csv
import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from corpuskit.errors import CorpuskitError, Interrupted
from tests.trainer.harness import run_ranks
from trainer import checkpoint
from trainer.callbacks import Callback
from trainer.config import Config
from trainer.execute import run_session
from trainer.session import Session

KEYS = ("step", "part", "loss", "mlm", "sop", "lr", "grad_norm")


class Trap(Callback):
    """Does something to the process after an update."""

    def __init__(self, step: int, number: int) -> None:
        self.step, self.number = step, number

    def update(self, run: Any, update: Any, learning_rate: float) -> None:
        if run.step == self.step:
            os.kill(os.getpid(), self.number)


def session(config: Config, output: Path, trap: Callback | None = None, **more: Any) -> str:
    """Run; how it ended."""
    from trainer import execute as module

    if trap is not None:
        standard = module.standard_callbacks
        module.standard_callbacks = lambda config: [*standard(config), trap]
    try:
        run_session(Session(config, output, command="corpuskit train again", **more))
    except Interrupted as stop:
        return str(stop)
    except CorpuskitError as error:
        return f"{type(error).__name__}: {error}"
    return "done"


def metrics(output: Path) -> list[list[str]]:
    with (output / "metrics.csv").open() as file:
        return [[row[key] for key in KEYS] for row in csv.DictReader(file)]


def weights(output: Path) -> bytes:
    return (output / "model" / "model.safetensors").read_bytes()


@pytest.fixture
def dropout(small: Config) -> Config:
    """20 steps, a checkpoint every 4, a line every 2."""
    small = small.replace("checkpoint", every=4, keep=2)
    return small.replace("logging", every=2)


@pytest.mark.parametrize(("ranks", "precision", "stage"), [(1, "fp32", 0), (2, "bf16", 2)])
def test_resuming_is_bit_exact(
    dropout: Config, tmp_path: Path, ranks: int, precision: str, stage: int
) -> None:
    config = dropout.replace("train", precision=precision, zero_stage=stage)
    straight, broken = tmp_path / "straight", tmp_path / "broken"
    assert run_ranks(ranks, session, config, straight) == ["done"] * ranks
    with pytest.raises(AssertionError, match=r"without an answer|closed by peer"):
        run_ranks(ranks, session, config, broken, Trap(9, signal.SIGKILL))
    assert sorted(p.name for p in (broken / "checkpoints").glob("step-*"))[-1] == "step-00000008"
    assert run_ranks(ranks, session, config, broken) == ["done"] * ranks
    assert metrics(broken) == metrics(straight)
    assert weights(broken) == weights(straight)


def test_a_signal_saves_and_tells_how_to_go_on(dropout: Config, tmp_path: Path) -> None:
    straight, stopped = tmp_path / "straight", tmp_path / "stopped"
    found = run_ranks(2, session, dropout, stopped, Trap(6, signal.SIGTERM))
    for text in found:
        assert text == "stopped after step 6, all saved\nhint: corpuskit train again"
    assert (stopped / "checkpoints" / "latest").read_text() == "step-00000006\n"
    assert not (stopped / "model").exists()
    run_ranks(2, session, dropout, stopped)
    run_ranks(2, session, dropout, straight)
    assert weights(stopped) == weights(straight)


@pytest.fixture(scope="module")
def finished(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Config, Path]:
    """A complete run with the checkpoints of steps 16 and 20."""
    from tests.trainer.conftest import SMALL
    from trainer.resolve import resolve

    flags = {**SMALL, "data.prefix": str(corpus), "checkpoint.every": 4, "checkpoint.keep": 2}
    config, output = resolve(environment={}, flags=flags), tmp_path_factory.mktemp("run")
    assert run_ranks(1, session, config, output) == ["done"]
    return config, output


def test_the_run_directory(finished: tuple[Config, Path]) -> None:
    _, output = finished
    names = {path.name for path in output.iterdir()}
    assert names == {"config.yaml", "metrics.csv", "checkpoints", "model", "report.json"}
    assert sorted(path.name for path in (output / "checkpoints").iterdir()) == [
        "latest",
        "step-00000016",
        "step-00000020",
    ]
    report = json.loads((output / "report.json").read_text())
    assert report["steps"] == 20
    assert report["samples"] == 160
    assert report["valid"]["samples"] == 16
    for name in ("parameters", "seconds", "tokens_per_second", "peak_rss_mb"):
        assert report[name] > 0
    state = json.loads((output / "checkpoints/step-00000020/state.json").read_text())
    assert (state["step"], state["consumed_samples"], state["processes"]) == (20, 160, 1)


def test_damage_is_seen(finished: tuple[Config, Path], tmp_path: Path) -> None:
    import shutil

    _, output = finished
    shutil.copytree(output, tmp_path / "run")
    root = tmp_path / "run" / "checkpoints"
    newer, older = root / "step-00000020", root / "step-00000016"
    assert checkpoint.newest(tmp_path / "run") == newer
    weights_file = next((newer / "engine").glob("mp_rank*"))
    content = bytearray(weights_file.read_bytes())
    content[len(content) // 2] ^= 1
    weights_file.write_bytes(content)
    assert "damaged" in (checkpoint.damage(newer) or "")
    assert checkpoint.newest(tmp_path / "run") == older
    (older / "random-0.pt").unlink()
    assert checkpoint.damage(older) == "random-0.pt is missing"
    with pytest.raises(CorpuskitError, match="no checkpoint is intact"):
        checkpoint.newest(tmp_path / "run")


@pytest.mark.parametrize(
    ("section", "changes", "sentence"),
    [
        ("data", {"mask_prob": 0.2}, "data.mask_prob was 0.15, is 0.2 now"),
        ("data", {"seed": 1}, "data.seed was 1234, is 1 now"),
        ("train", {"global_batch": 4}, "train.global_batch was 8, is 4 now"),
        ("model", {"num_layers": 3}, "model.num_layers was 2, is 3 now"),
    ],
)
def test_other_data_or_models_are_refused(
    finished: tuple[Config, Path], section: str, changes: dict[str, Any], sentence: str
) -> None:
    config, output = finished
    before = sorted(path.stat().st_mtime_ns for path in output.rglob("*"))
    found = run_ranks(1, session, config.replace(section, **changes), output)[0]
    assert found.startswith("UsageError")
    assert sentence in found
    assert "--overwrite" in found
    assert sorted(path.stat().st_mtime_ns for path in output.rglob("*")) == before


def test_another_number_of_processes_is_refused(finished: tuple[Config, Path]) -> None:
    config, output = finished
    found = run_ranks(2, session, config, output)
    assert found[0] == found[1]
    assert "processes was 1, is 2 now" in found[0]


def test_a_finished_run_is_left_alone_and_can_be_extended(
    finished: tuple[Config, Path], tmp_path: Path
) -> None:
    import shutil

    config, output = finished
    copy = tmp_path / "run"
    shutil.copytree(output, copy)
    assert run_ranks(1, session, config, copy) == ["done"]
    assert weights(copy) == weights(output)
    longer = config.replace("train", steps=22).replace("schedule", max_lr=1e-4)
    assert run_ranks(1, session, longer, copy) == ["done"]
    assert metrics(copy)[: len(metrics(output))] == metrics(output)
    assert json.loads((copy / "report.json").read_text())["steps"] == 22


def test_overwrite_starts_anew(finished: tuple[Config, Path], tmp_path: Path) -> None:
    import functools
    import shutil

    config, output = finished
    copy = tmp_path / "run"
    shutil.copytree(output, copy)
    (copy / "notes.txt").write_text("mine")
    other = config.replace("train", steps=4)
    assert run_ranks(1, functools.partial(session, overwrite=True), other, copy) == ["done"]
    assert {row[0] for row in metrics(copy)} == {"4"}
    assert (copy / "notes.txt").read_text() == "mine"
