"""Fixtures that every room uses."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "examples" / "sample"

Cli = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real corpora that are not shipped; they lie beside the checkout where they exist."""
    path = ROOT.parent / "shared" / "data"
    if not path.is_dir():
        pytest.skip("the development corpora (../shared/data) are not here")
    return path


@pytest.fixture(scope="session")
def sample() -> Path:
    """The sample corpus of the repository."""
    return SAMPLE


@pytest.fixture(scope="session")
def small_corpus(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with 180 kB of the sample corpus: jsonl and text."""
    directory = tmp_path_factory.mktemp("corpus")
    for name, size in (("statutes.jsonl", 120_000), ("sanguo.txt", 60_000)):
        head = (sample / name).read_bytes()[:size]
        (directory / name).write_bytes(head[: head.rindex(b"\n") + 1])
    return directory


@pytest.fixture(scope="session")
def small_vocabulary(small_corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A vocab.txt of the characters of the small corpus's statutes."""
    characters = set((small_corpus / "statutes.jsonl").read_text(encoding="utf-8"))
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokens += sorted(char for char in characters if not char.isspace())
    path = tmp_path_factory.mktemp("vocabulary") / "vocab.txt"
    path.write_text("\n".join(tokens) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    """Run the real command line in ``tmp_path``.

    ``cli("index", "show", prefix)`` expects exit code 0; ``code=1`` another one.
    """

    def run(*words: object, code: int = 0, **environment: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "corpuskit", *map(str, words)],
            cwd=tmp_path,
            env={**os.environ, "NO_COLOR": "1", **environment},
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == code, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    return run
