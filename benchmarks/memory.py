"""Peak memory of every data stage on a small corpus and on one ten times as large.

Memory must not grow with the corpus: the ratio is to stay within 10 %. The figure is the sum of
the resident sizes of all processes of a command, sampled every 20 ms.
"""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from corpuskit.console import console

SAMPLE = Path(__file__).resolve().parent.parent / "examples" / "sample"
SMALL_MB, LARGE_MB = 100, 1000
WORKERS = 2

STAGES = {
    "segment": "segment {corpus} -o {out}/words --to jsonl",
    "jsonl": "jsonl {corpus} -o {out}/docs.jsonl",
    "jsonl, in order": "jsonl {corpus} -o {out}/ordered.jsonl --no-shuffle",
    "vocab chars": "vocab chars {corpus} -o {out}/characters.tsv",
    "vocab bpe": "vocab bpe {corpus} -o {out}/pieces.vocab --size 4000",
    "tokenize": "tokenize {out}/words -o {out}/corpus --vocab {out}/vocab/vocab.txt "
    "--split-sentences --cn-whole-word --cn-split",
    "vocab report": "vocab report {corpus} -o {out}/coverage.json --vocab {out}/vocab/vocab.txt",
}
MERGE = "vocab merge --chars {out}/characters.tsv --bpe {out}/pieces.vocab -o {out}/vocab"


def paragraphs() -> list[str]:
    lines = []
    for path in sorted(SAMPLE.iterdir()):
        for line in path.read_text(encoding="utf-8").split("\n"):
            text = json.loads(line)["text"] if path.suffix == ".jsonl" and line else line
            lines += [part for part in text.split("\n") if part]
    return lines


def documents(megabytes: int) -> Iterator[bytes]:
    """Random documents of real paragraphs until there are enough bytes."""
    lines, chance, size = paragraphs(), random.Random(1), 0
    while size < megabytes * 10**6:
        text = "\n".join(chance.choices(lines, k=chance.randint(1, 30)))
        record = json.dumps({"text": text}, ensure_ascii=False).encode() + b"\n"
        size += len(record)
        yield record


def tree_rss(root: int) -> int:
    """Resident bytes of a process and all its descendants."""
    total, open_ = 0, [root]
    while open_:
        pid = open_.pop()
        try:
            fields = Path(f"/proc/{pid}/status").read_text().split("\n")
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
        except OSError:
            continue
        total += next((int(f.split()[1]) * 1024 for f in fields if f.startswith("VmRSS")), 0)
        open_ += map(int, children.split())
    return total


def measure(command: str) -> tuple[float, float]:
    """(peak MB, seconds) of a command."""
    words = [sys.executable, "-m", "corpuskit", *command.split(), "--quiet"]
    started = time.perf_counter()
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
    peak = 0
    while process.poll() is None:
        peak = max(peak, tree_rss(process.pid))
        time.sleep(0.02)
    if process.returncode:
        raise SystemExit(f"failed: {command}")
    return peak / 1e6, time.perf_counter() - started


def measure_all(megabytes: int, scratch: Path) -> dict[str, tuple[float, float]]:
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    corpus = scratch / "corpus.jsonl"
    with corpus.open("wb") as target:
        target.writelines(documents(megabytes))
    found = {}
    for name, command in STAGES.items():
        words = command.format(corpus=corpus, out=scratch) + f" --workers {WORKERS}"
        found[name] = measure(words)
        if name == "vocab bpe":
            measure(MERGE.format(out=scratch))
        console.note(f"{megabytes} MB, {name}: {found[name][0]:.0f} MB, {found[name][1]:.0f} s")
    shutil.rmtree(scratch)
    return found


def run(output: Path) -> dict[str, Any]:
    small = measure_all(SMALL_MB, output / "memory")
    large = measure_all(LARGE_MB, output / "memory")
    figures = {
        name: {
            f"peak_mb_{SMALL_MB}": small[name][0],
            f"peak_mb_{LARGE_MB}": large[name][0],
            "ratio": large[name][0] / small[name][0],
            "mb_per_second": LARGE_MB / large[name][1],
        }
        for name in STAGES
    }
    columns = ("stage", f"{SMALL_MB} MB corpus", f"{LARGE_MB} MB corpus", "ratio", "MB/s")
    rows = [[name, *map(float, row.values())] for name, row in figures.items()]
    console.table(columns, rows, title=f"peak memory in MB, {WORKERS} workers")
    return figures
