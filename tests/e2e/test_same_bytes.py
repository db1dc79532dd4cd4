"""Every stage gives the same bytes with any number of workers, and in shards."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.command import outputs

STAGES: dict[str, list[str]] = {
    "segment": ["segment", "CORPUS"],
    "segment to jsonl": ["segment", "CORPUS", "--to", "jsonl"],
    "jsonl": ["jsonl", "CORPUS"],
    "jsonl in order": ["jsonl", "CORPUS", "--no-shuffle"],
    "characters": ["vocab", "chars", "CORPUS"],
    "pieces": ["vocab", "bpe", "ENGLISH", "--size", "900"],
    "ids": ["tokenize", "CORPUS", "--vocab", "VOCAB"],
    "marked sentences": [
        *["tokenize", "CORPUS", "--vocab", "VOCAB"],
        *["--split-sentences", "--cn-whole-word", "--append-eos"],
    ],
}


SLOW = ("segment to jsonl", "ids")
SOME = [pytest.param(stage, marks=pytest.mark.slow if stage in SLOW else []) for stage in STAGES]


@pytest.mark.parametrize("stage", SOME)
def test_workers_and_shards(
    stage: str, small_corpus: Path, small_vocabulary: Path, sample: Path, tmp_path: Path
) -> None:
    given = {
        "CORPUS": str(small_corpus),
        "VOCAB": str(small_vocabulary),
        "ENGLISH": str(sample / "sotu.txt"),
    }
    words = [given.get(word, word) for word in STAGES[stage]] + ["--unit-size", "30KB"]

    def start(name: str, *flags: str) -> subprocess.Popen[str]:
        (tmp_path / name).mkdir(exist_ok=True)
        command = [sys.executable, "-m", "corpuskit", *words, *flags, "--quiet"]
        output = ["-o", str(tmp_path / name / "out")]
        return subprocess.Popen([*command, *output], stderr=subprocess.PIPE, text=True)

    def finish(*runs: subprocess.Popen[str]) -> None:
        for run in runs:
            _, said = run.communicate(timeout=120)
            assert (run.returncode, said) == (0, "")

    for workers in ("1", "2", "5"):
        finish(start(workers, "--workers", workers))
    shards = [start("sharded", "--shard", f"{i}/3", "--workers", "1") for i in (3, 1, 2)]
    finish(*shards)  # all three at once
    finish(start("sharded", "--assemble"))

    expected = outputs(tmp_path / "1")
    assert sum(map(len, expected.values())) > 5_000
    for name in ("2", "5", "sharded"):
        assert outputs(tmp_path / name) == expected, name
