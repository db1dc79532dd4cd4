"""The LAC engines on one thread, by kernel; and Baidu LAC itself where it is installed.

MB of UTF-8 per CPU second on Chinese text of the sample corpus, the median of interleaved
rounds. "words as strings" is what a caller of ``cut_batch`` gets; the others leave out the
making of strings.
"""

from __future__ import annotations

import importlib.util
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.memory import paragraphs
from corpuskit.console import console
from corpuskit.errors import UsageError
from corpuskit.segment.lac import LacSegmenter, kernels
from tools.lac_reference import answers, open_lac

ROUNDS = 5
EVERY = 16  # paragraphs of the sample corpus

Pass = Callable[[], object]


def flat_pass(segmenter: LacSegmenter, lines: list[str]) -> Pass:
    encoded = [line.encode() for line in lines]
    data = b"".join(encoded)
    offsets = np.cumsum([0, *map(len, encoded)], dtype=np.int64)
    return lambda: segmenter.cut_flat(data, offsets)


def native_passes(lines: list[str]) -> dict[str, Pass]:
    """One pass over the lines for every kernel and model that can run here."""
    passes: dict[str, Pass] = {}
    for model, name in (("seg", "lac"), ("lac", "lac-pos")):
        try:
            segmenters = {kernel: LacSegmenter(model, kernel=kernel) for kernel in kernels()}
        except UsageError as error:
            console.note(f"{name} is left out: {error.what}")
            continue
        for kernel, segmenter in segmenters.items():
            passes[f"{name}, {kernel}"] = flat_pass(segmenter, lines)
        fastest = segmenters[kernels()[0]]
        passes[f"{name}, words as strings"] = lambda fastest=fastest: fastest.cut_batch(lines)
    return passes


def peer_passes(lines: list[str]) -> dict[str, Pass]:
    """Baidu LAC on Paddle, which has to be in this environment."""
    found = importlib.util.find_spec("LAC")
    if found is None or found.origin is None or importlib.util.find_spec("paddle") is None:
        console.note("Baidu LAC is left out: packages LAC and paddlepaddle are not installed")
        return {}
    package = Path(found.origin).parent.parent
    peers = {"Baidu LAC seg": open_lac(package, "seg"), "Baidu LAC lac": open_lac(package, "lac")}
    return {name: lambda lac=lac: answers(lac, lines) for name, lac in peers.items()}


def cpu_seconds(work: Pass) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def run(output: Path) -> dict[str, Any]:
    lines = [line for line in paragraphs() if not line.isascii()][::EVERY]
    megabytes = sum(len(line.encode()) for line in lines) / 1e6
    passes = native_passes(lines) | peer_passes(lines)
    for work in passes.values():
        work()
    rounds = [{name: cpu_seconds(work) for name, work in passes.items()} for _ in range(ROUNDS)]
    figures = {
        name: {
            "mb_per_second": megabytes / statistics.median(r[name] for r in rounds),
            "best_mb_per_second": megabytes / min(r[name] for r in rounds),
        }
        for name in passes
    }
    rows = [[name, *map(float, row.values())] for name, row in figures.items()]
    console.table(("engine", "median", "best"), rows, title=f"MB/s, {megabytes:.1f} MB of text")
    return figures
