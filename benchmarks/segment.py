"""The whole of `corpuskit segment`, JSON Lines in and out, against its engine alone.

The engine is called with all sentences of the corpus, in batches as large as those of the
command: once for strings (`cut_batch`), once for positions (`cut_flat`). Seconds of CPU count
children too; a wall time says something only where the cores are free. Medians of 3 rounds.
"""

from __future__ import annotations

import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from benchmarks.memory import documents
from corpuskit.console import console
from corpuskit.segment.engine import open_segmenter
from corpuskit.segment.sentences import FlatSentences, split_flat
from corpuskit.segment.stage import BATCH_BYTES

MEGABYTES = {"jieba": 200, "lac": 3}
ROUNDS = 3
MIN_UNITS = 8

Seconds = dict[str, tuple[float, float]]


def write_corpus(path: Path, megabytes: int) -> None:
    with path.open("wb") as target:
        target.writelines(documents(megabytes))


def batches(corpus: Path) -> Iterator[FlatSentences]:
    """The sentences of the corpus, as the command cuts them."""
    texts: list[bytes] = []
    size = 0
    with corpus.open("rb") as lines:
        for line in lines:
            texts.append(orjson.loads(line)["text"].encode())
            size += len(texts[-1])
            if size >= BATCH_BYTES:
                yield split_flat(b"".join(texts), offsets_of(texts))
                texts, size = [], 0
    yield split_flat(b"".join(texts), offsets_of(texts))


def offsets_of(texts: list[bytes]) -> NDArray[np.int64]:
    return np.cumsum([0, *map(len, texts)], dtype=np.int64)


def strings(sentences: FlatSentences) -> list[str]:
    data = sentences.data.tobytes()
    return [data[start:stop].decode() for start, stop in pairwise(sentences.begin.tolist())]


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """(CPU seconds with those of children, wall seconds)."""
    before, started = _cpu(), time.perf_counter()
    work()
    return _cpu() - before, time.perf_counter() - started


def _cpu() -> float:
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in usage)


def engine_alone(engine: str, corpus: Path) -> Seconds:
    """Seconds of both calls; making their arguments is not counted."""
    segmenter = open_segmenter(engine)
    segmenter.cut_batch(["好"])
    total = {"cut_flat": (0.0, 0.0), "cut_batch": (0.0, 0.0)}
    for sentences in batches(corpus):
        lines = strings(sentences)
        for name, work in (
            ("cut_flat", lambda s=sentences: segmenter.cut_flat(s.data.data, s.begin)),
            ("cut_batch", lambda lines=lines: segmenter.cut_batch(lines)),
        ):
            cpu, wall = timed(work)
            total[name] = total[name][0] + cpu, total[name][1] + wall
    return total


def whole_command(engine: str, corpus: Path, workers: int) -> tuple[float, float]:
    output = corpus.with_name("words")
    words = ["segment", corpus, "-o", output, "--engine", engine, "--to", "jsonl", "--quiet"]
    words += ["--workers", workers, "--unit-size", corpus.stat().st_size // MIN_UNITS + 1]
    command = [sys.executable, "-m", "corpuskit", *map(str, words), "--overwrite"]
    return timed(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL))


def one_round(engine: str, corpus: Path) -> Seconds:
    seconds = engine_alone(engine, corpus)
    for workers in (1, 2):
        seconds[f"command, {workers} worker{'s' * (workers > 1)}"] = whole_command(
            engine, corpus, workers
        )
    return seconds


def measure(engine: str, scratch: Path) -> dict[str, dict[str, float]]:
    corpus = scratch / "corpus.jsonl"
    write_corpus(corpus, MEGABYTES[engine])
    rounds = [one_round(engine, corpus) for _ in range(ROUNDS)]
    figures = {}
    for name in rounds[0]:
        cpu = statistics.median(each[name][0] for each in rounds)
        wall = statistics.median(each[name][1] for each in rounds)
        megabytes = corpus.stat().st_size / 1e6
        figures[name] = {
            "cpu_seconds": cpu,
            "wall_seconds": wall,
            "mb_per_cpu_second": megabytes / cpu,
            "mb_per_second": megabytes / wall,
        }
    return figures


def run(output: Path) -> dict[str, Any]:
    scratch = output / "segment"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    figures = {engine: measure(engine, scratch) for engine in MEGABYTES}
    shutil.rmtree(scratch)
    for engine, rows in figures.items():
        columns = ("", "CPU s", "wall s", "MB/CPU s", "MB/s")
        table = [[name, *row.values()] for name, row in rows.items()]
        console.table(columns, table, title=f"{engine}, {MEGABYTES[engine]} MB of JSON Lines")
    return figures
