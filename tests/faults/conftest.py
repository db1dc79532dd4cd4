"""For three stages the command and what it writes when nothing disturbs it."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.faults.command import Command, outputs


@dataclass(frozen=True)
class Job:
    """A command without its output, what it writes, and the seconds it takes."""

    words: tuple[object, ...]
    expected: dict[str, bytes]
    seconds: float

    def start(self, directory: Path) -> Command:
        return Command(*self.words, "-o", directory / "out")

    def finish(self, directory: Path) -> None:
        """Run to the end; the output has to be the undisturbed one, and nothing else."""
        command = self.start(directory)
        assert command.wait() == 0, command.err
        assert outputs(directory) == self.expected


@pytest.fixture(scope="session")
def job_of(
    small_corpus: Path, small_vocabulary: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Job]:
    """The job of a stage."""
    words = {
        "jsonl": (),
        "segment": (),
        "tokenize": ("--vocab", small_vocabulary, "--split-sentences"),
    }
    work = ("--unit-size", "4KB", "--workers", 2, "--no-progress")

    @functools.cache
    def undisturbed(stage: str) -> Job:
        directory = tmp_path_factory.mktemp("undisturbed")
        command_words = (stage, small_corpus, *work, *words[stage])
        started = time.perf_counter()
        command = Command(*command_words, "-o", directory / "out")
        assert command.wait() == 0, command.err
        seconds = time.perf_counter() - started
        expected = outputs(directory)
        assert sum(map(len, expected.values())) > 100_000
        return Job(command_words, expected, seconds)

    return undisturbed


@pytest.fixture
def job(job_of: Callable[[str], Job]) -> Job:
    """A quick one, of many units."""
    return job_of("tokenize")
