"""The commands, run as a user runs them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import Cli
from tests.trainer.conftest import SMALL
from tests.trainer.corpus import CHARACTERS

OPTIONS = [word for key, value in SMALL.items() for word in ("--set", f"{key}={value}")]


def train_words(corpus: Path, *more: object) -> list[str]:
    words = ["train", "--recipe", "ernie-demo", "--data", corpus, "-o", "run", *OPTIONS, *more]
    return [str(word) for word in words]


def test_recipes_are_listed_shown_copied_and_checked(cli: Cli, tmp_path: Path) -> None:
    listed = json.loads(cli("recipe", "ls", "--json").stdout)["recipes"]
    assert "ernie-demo" in listed
    shown = cli("recipe", "show", "ernie-3.0-nano").stdout
    assert "hidden_size: 312 " in shown
    cli("recipe", "cp", "ernie-3.0-nano", "mine.yaml")
    assert (tmp_path / "mine.yaml").read_text() == shown
    cli("recipe", "validate", "mine.yaml")
    (tmp_path / "mine.yaml").write_text(shown.replace("num_heads: 12", "num_heads: 11"))
    error = cli("recipe", "validate", "mine.yaml", code=2).stderr
    assert "model.hidden_size 312 is not divisible by model.num_heads 11" in error
    assert "exists" in cli("recipe", "cp", "ernie-demo", "mine.yaml", code=2).stderr


def test_a_dry_run_allocates_nothing(cli: Cli, corpus: Path, tmp_path: Path) -> None:
    found = json.loads(
        cli("train", "--recipe", "ernie-large", "--dry-run", "--nproc", 8, "--json").stdout
    )
    assert found["run"]["parameters"] == 318_063_106
    assert [row["stage"] for row in found["memory_per_device"]] == [0, 1, 2]
    text = cli(*train_words(corpus, "--dry-run")).stdout
    assert "tokens per step" in text
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--recipe", "ernie-demo"], "no output directory"),
        (["-o", "x"], "no recipe"),
        (["--recipe", "ernie-demo", "-o", "x"], "no data"),
        (["--recipe", "ernie-dem", "-o", "x"], "did you mean 'ernie-demo'"),
        (["--recipe", "ernie-demo", "-o", "x", "--nproc", "0"], "--nproc must be at least 1"),
        (["--recipe", "ernie-demo", "-o", "x", "--nproc", "3"], "3 data-parallel processes"),
    ],
)
def test_usage_errors(cli: Cli, words: list[str], message: str) -> None:
    assert message in cli("train", *words, code=2).stderr


def test_two_processes_train_and_predict(cli: Cli, corpus: Path, tmp_path: Path) -> None:
    done = cli(*train_words(corpus, "--nproc", 2, "--json"))
    report = json.loads(done.stdout)
    assert report["processes"] == 2
    assert report["steps"] == 20
    assert "step 20/20" in done.stderr
    assert report == json.loads((tmp_path / "run/report.json").read_text())
    assert "complete already" in cli(*train_words(corpus, "--nproc", 2)).stderr
    text = f"{CHARACTERS[0]}[MASK]{CHARACTERS[3]}"
    found = json.loads(cli("predict", "--model", "run", "--text", text, "--json").stdout)
    assert len(found["sentences"][0]["masks"][0]["candidates"]) == 5
    (tmp_path / "in.txt").write_text(f"{text}\n\n{text}\n")
    table = cli("predict", "--model", "run", "--input", "in.txt", "--top-k", 2).stdout
    assert table.count(text) == 2


def test_a_signal_to_the_launcher_stops_all_and_the_command_goes_on(
    corpus: Path, tmp_path: Path, cli: Cli
) -> None:
    words = train_words(corpus, "--nproc", 2, "--set", "train.steps=100000")
    program = [sys.executable, "-m", "corpuskit", *words]
    with subprocess.Popen(program, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        for line in running.stderr:
            if line.startswith("step"):
                break
        running.send_signal(signal.SIGINT)
        rest = running.stderr.read()
    assert running.returncode == 130, rest
    assert "all saved" in rest
    assert "hint: corpuskit train --recipe ernie-demo" in rest
    saved = max(int(path.name[5:]) for path in (tmp_path / "run/checkpoints").glob("step-*"))
    ended = cli(*train_words(corpus, "--nproc", 2, "--set", f"train.steps={saved + 2}"))
    assert f"going on after step {saved}" in ended.stderr


def test_workers_stop_when_the_launcher_is_killed(corpus: Path, tmp_path: Path) -> None:
    words = train_words(corpus, "--nproc", 2, "--set", "train.steps=100000")
    program = [sys.executable, "-m", "corpuskit", *words]
    with subprocess.Popen(program, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        for line in running.stderr:
            if line.startswith("step"):
                break
        workers = _children(running.pid)
        running.kill()
        running.stderr.read()  # ends when the last worker has ended
    assert len(workers) == 2
    deadline = time.monotonic() + 10
    while any(Path(f"/proc/{pid}").exists() for pid in workers):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def _children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_under_deepspeeds_launcher(corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "hosts").write_text("localhost slots=2\n")
    words = train_words(corpus, "--hostfile", "hosts", "--set", "train.steps=2", "--json")
    done = subprocess.run(
        [sys.executable, "-m", "corpuskit", *words],
        cwd=tmp_path,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["processes"] == 2
