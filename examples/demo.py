"""The whole road on the sample corpus: real text to a trained ERNIE that fills in masks.

Every step is a `corpuskit` command, shown before it runs. At the end stand a table, the
loss curve (`loss.png`) and a report (`index.html`) that needs no network. Running it again
goes on where it was interrupted.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from report import Row, write_report

from corpuskit.console import console

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
Result = dict[str, Any]
SEQUENCE = 64  # data.max_seq_length of the recipe


@dataclass
class Demo:
    """Runs commands one by one and remembers what they cost."""

    output: Path
    rows: list[Row] = field(default_factory=list)

    def run(self, command: str, source: str, target: str, rows: Callable[[Result], str]) -> Result:
        """Run one command; ``rows`` says what its result amounts to."""
        console.note(f"\n$ {command}")
        started = time.perf_counter()
        result, rss_mb = _call(command)
        seconds = time.perf_counter() - started
        size = self._size(source)
        row = Row(
            stage=_verb(command),
            source=source,
            target=target,
            rows=rows(result),
            mb_per_second=size / 1e6 / seconds if size else None,
            seconds=seconds,
            peak_rss_mb=max(rss_mb, result.get("peak_rss_mb", 0.0)),
        )
        self.rows.append(row)
        return result

    def _size(self, name: str) -> int:
        """Bytes of a file or a directory below the repository or the output."""
        path = ROOT / name if (ROOT / name).exists() else self.output / name
        if path.is_dir():
            return sum(p.stat().st_size for p in path.rglob("*") if p.is_file())
        return path.stat().st_size if path.is_file() else 0


def _call(command: str) -> tuple[Result, float]:
    """The JSON result of a command, and the peak resident size of its largest process."""
    words = [sys.executable, "-m", *shlex.split(command), "--json"]
    process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    printed = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(process.returncode)
    return json.loads(printed), usage.ru_maxrss * 1024 / 1e6


def _verb(command: str) -> str:
    words = shlex.split(command)[1:3]
    return " ".join(words) if words[0] in {"vocab", "index"} else words[0]


def _precision() -> list[str]:
    """fp32 where the processor has no bf16 arithmetic: emulating it is many times slower."""
    has_gpu = Path("/proc/driver/nvidia").exists()
    has_bf16 = "bf16" in Path("/proc/cpuinfo").read_text()
    return [] if has_gpu or has_bf16 else ["--set train.precision=fp32"]


def _count(name: str) -> Callable[[Result], str]:
    return lambda result: f"{result[name]:,} {name}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=ROOT / "out" / "demo")
    parser.add_argument("--set", action="append", default=[], help="passed on to train")
    args = parser.parse_args()
    started = time.perf_counter()
    output = args.output.resolve()
    output.mkdir(parents=True, exist_ok=True)
    out = os.path.relpath(output, ROOT)
    demo = Demo(output)
    sample = "examples/sample"
    corpus = f"{out}/corpus"
    settings = _precision() + [f"--set {shlex.quote(text)}" for text in args.set]

    road = [
        (f"segment {sample} -o {out}/words", sample, "words", _count("words")),
        (f"jsonl {out}/words -o {out}/docs.jsonl", "words", "docs.jsonl", _count("documents")),
        (
            f"vocab chars {sample} -o {out}/characters.tsv",
            sample,
            "characters.tsv",
            _count("characters"),
        ),
        (
            f"vocab bpe {sample} -o {out}/pieces.vocab --size 4000",
            sample,
            "pieces.vocab",
            _count("pieces"),
        ),
        (
            f"vocab merge --chars {out}/characters.tsv --bpe {out}/pieces.vocab "
            f"--min-count 5 -o {out}/vocab",
            "pieces.vocab",
            "vocab/vocab.txt",
            _count("tokens"),
        ),
        (
            f"tokenize {out}/docs.jsonl -o {corpus} --vocab {out}/vocab/vocab.txt "
            "--split-sentences --cn-whole-word --cn-split",
            "docs.jsonl",
            "corpus.bin",
            _count("tokens"),
        ),
        (
            f"index build {corpus} --max-seq-length {SEQUENCE}",
            "corpus.idx",
            "index-cache",
            lambda result: f"{sum(m['samples'] for m in result['maps']):,} samples",
        ),
        (f"index verify {corpus} --deep", "corpus.bin", "", lambda result: "no faults"),
    ]
    for command, source, target, rows in road:
        demo.run(f"corpuskit {command}", source, target, rows)
    training = demo.run(
        " ".join([f"corpuskit train --recipe ernie-demo --data {corpus} -o {out}/run", *settings]),
        "corpus.bin",
        "run",
        lambda result: f"{result['samples']:,} samples",
    )
    filled = demo.run(
        f"corpuskit predict --model {out}/run --input examples/held_out.txt --top-k 3",
        "examples/held_out.txt",
        "",
        lambda result: f"{sum(len(s['masks']) for s in result['sentences'])} masks",
    )
    # A child's peak memory begins with that of its parent: nothing large is loaded before.
    from corpuskit.index import IndexedDataset
    from corpuskit.index.entropy import unigram_entropy

    entropy = unigram_entropy(IndexedDataset(output / "corpus"))
    write_report(output, demo.rows, training, filled, entropy, time.perf_counter() - started)


if __name__ == "__main__":
    main()
