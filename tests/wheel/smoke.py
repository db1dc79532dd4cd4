"""Build sdist and wheel, install the wheel into an empty environment elsewhere, and use it.

Run by `make test-wheel`. The environment gets no compiler work, no torch and no checkout:
what runs there is what a user of the published package has.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

ROAD = (
    "segment {sample} -o words --workers 2",
    "jsonl words -o docs.jsonl",
    "vocab chars {sample} -o characters.tsv",
    "vocab bpe {sample} -o pieces.vocab --size 500",
    "vocab merge --chars characters.tsv --bpe pieces.vocab --min-count 5 -o vocab",
    "tokenize docs.jsonl -o corpus --vocab vocab/vocab.txt "
    "--split-sentences --cn-whole-word --cn-split",
    "index build corpus --max-seq-length 64",
    "index verify corpus --deep",
    "index decode corpus --document 0",
    "recipe ls",
    "train --recipe ernie-base --dry-run",
    "doctor",
)


def call(*words: object, cwd: Path, quiet: bool = False) -> None:
    print("$", *words, flush=True)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    out = subprocess.DEVNULL if quiet else None
    subprocess.run(list(map(str, words)), cwd=cwd, check=True, env=environment, stdout=out)


def build(output: Path) -> Path:
    """Both distributions, the wheel from the sdist; returns the wheel."""
    shutil.rmtree(output, ignore_errors=True)
    call(sys.executable, "-m", "build", "--outdir", output, cwd=ROOT, quiet=True)
    (sdist,), (wheel,) = output.glob("*.tar.gz"), output.glob("*.whl")
    print(f"{sdist.name}: {sdist.stat().st_size / 1e6:.1f} MB")
    print(f"{wheel.name}: {wheel.stat().st_size / 1e6:.1f} MB")
    return wheel


def cut_sample(target: Path) -> None:
    """A little of every sample file."""
    target.mkdir()
    for source in sorted((ROOT / "examples" / "sample").iterdir()):
        lines = source.read_text(encoding="utf-8").split("\n")[:60]
        (target / source.name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, required=True)
    wheel = build(parser.parse_args().output.resolve())
    with tempfile.TemporaryDirectory() as directory:
        place = Path(directory)
        call(sys.executable, "-m", "venv", "venv", cwd=place)
        python = place / "venv" / "bin" / "python"
        constraints = ROOT / "constraints.txt"
        call(python, "-m", "pip", "install", "-q", "-c", constraints, wheel, cwd=place)
        cut_sample(place / "sample")
        for command in ROAD:
            words = command.format(sample="sample").split()
            call(place / "venv" / "bin" / "corpuskit", *words, "--quiet", cwd=place, quiet=True)
    print("the wheel works in an empty environment")


if __name__ == "__main__":
    main()
