"""Every example of every command, run one after the other in a fresh directory."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from corpuskit import cli
from tests.cli.commands import COMMANDS
from tests.conftest import ROOT

DATA = [
    *["segment", "segment eval", "jsonl", "vocab chars", "vocab bpe", "vocab merge", "vocab train"],
    "tokenize",
    *["vocab report", "index verify", "index show", "index build", "index decode"],
    *["index split", "index merge", "index convert", "recipe ls", "recipe show", "recipe cp"],
    *["recipe validate", "doctor"],
]
TRAINING = ["train", "predict"]
FEW_STEPS = {"CORPUSKIT_TRAIN_STEPS": "2"}


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("examples")
    shutil.copytree(ROOT / "examples", path / "examples")
    (path / "sentences.txt").write_text("中华人民共和国主[MASK]\n", encoding="utf-8")
    return path


def test_no_command_is_left_out() -> None:
    assert sorted([*DATA, *TRAINING]) == sorted(COMMANDS)


def _examples(name: str) -> list[str]:
    module, _, _ = cli._find(name.split())
    return list(module.EXAMPLES) if module else []


def _run(directory: Path, example: str) -> None:
    if "MAP.npy" in example:
        maps = sorted((directory / "out" / "index-cache").glob("*.train.*.npy"))
        example = example.replace("out/index-cache/MAP.npy", str(maps[0]))
    done = subprocess.run(
        [sys.executable, "-m", *shlex.split(example)],
        cwd=directory,
        env={**os.environ, **FEW_STEPS},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f"{example}\n{done.stdout}\n{done.stderr}"


@pytest.mark.parametrize("name", DATA)
def test_data(directory: Path, name: str) -> None:
    for example in _examples(name):
        _run(directory, example)


@pytest.mark.slow
@pytest.mark.parametrize("name", TRAINING)
def test_training(directory: Path, name: str) -> None:
    for example in _examples(name):
        large = "ernie-base" in example and "--dry-run" not in example
        _run(directory, f"{example} --dry-run" if large else example)
