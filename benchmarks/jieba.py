"""The jieba engine, jieba and rjieba on one thread: speed, exactness, and time to the first word.

MB of UTF-8 per CPU second on the Chinese and the English part of the sample corpus, the median
of interleaved rounds. "offsets" is what the stages use, "strings" what a caller of
``cut_batch`` gets and what the peers give.
"""

from __future__ import annotations

import importlib.util
import logging
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jieba
import numpy as np

from benchmarks.memory import paragraphs
from corpuskit.console import console
from corpuskit.segment.jieba import JiebaSegmenter

ROUNDS = 7
EVERY = 4  # paragraphs of the sample corpus

Pass = Callable[[], object]

_FIRST_WORDS = {
    "corpuskit": "import corpuskit.segment; corpuskit.segment.cut('好')",
    "jieba": "import jieba; jieba.setLogLevel(40); list(jieba.cut('好'))",
    "rjieba": "import rjieba; rjieba.cut('好')",
}


def native_passes(lines: list[str], hmm: bool) -> dict[str, Pass]:
    segmenter = JiebaSegmenter(hmm=hmm)
    encoded = [line.encode() for line in lines]
    data = b"".join(encoded)
    offsets = np.cumsum([0, *map(len, encoded)], dtype=np.int64)
    return {
        "corpuskit, offsets": lambda: segmenter.cut_flat(data, offsets),
        "corpuskit, strings": lambda: segmenter.cut_batch(lines),
    }


def peer_passes(lines: list[str], hmm: bool) -> dict[str, Pass]:
    """jieba, and rjieba if it is installed."""
    jieba.setLogLevel(logging.WARNING)
    passes: dict[str, Pass] = {"jieba": lambda: [list(jieba.cut(x, HMM=hmm)) for x in lines]}
    if importlib.util.find_spec("rjieba") is not None:
        import rjieba

        passes["rjieba"] = lambda: [rjieba.cut(line, hmm) for line in lines]
    return passes


def cpu_seconds(work: Pass) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def speeds(lines: list[str], hmm: bool) -> dict[str, dict[str, float]]:
    """MB/s, the ratio to jieba, and the percentage of lines that are cut as jieba does."""
    megabytes = sum(len(line.encode()) for line in lines) / 1e6
    passes = native_passes(lines, hmm) | peer_passes(lines, hmm)
    expected: Any = passes["jieba"]()
    exact = {name: equal_lines(work(), expected) for name, work in passes.items()}
    rounds = [{name: cpu_seconds(work) for name, work in passes.items()} for _ in range(ROUNDS)]
    return {
        name: {
            "mb_per_second": megabytes / statistics.median(r[name] for r in rounds),
            "times_jieba": statistics.median(r["jieba"] / r[name] for r in rounds),
        }
        | exact[name]
        for name in passes
    }


def equal_lines(words: Any, expected: list[list[str]]) -> dict[str, float]:
    """Nothing for offsets, which have no lists to compare."""
    if not isinstance(words, list):
        return {}
    equal = sum(a == b for a, b in zip(words, expected, strict=True))
    return {"equal_lines_percent": 100 * equal / len(expected)}


def first_word_seconds(code: str) -> float:
    """CPU time of a fresh process up to its first word, less that of an empty one."""
    probe = f"import time; t = time.process_time(); {code}; print(time.process_time() - t)"
    command = [sys.executable, "-c", probe]
    outputs = [subprocess.run(command, capture_output=True, check=True) for _ in range(ROUNDS)]
    return statistics.median(float(done.stdout) for done in outputs)


def show(title: str, figures: dict[str, dict[str, float]]) -> None:
    rows = [
        [name, row["mb_per_second"], row["times_jieba"], row.get("equal_lines_percent", "")]
        for name, row in figures.items()
    ]
    console.table(("engine", "MB/s", "times jieba", "lines as jieba, %"), rows, title=title)


def run(output: Path) -> dict[str, Any]:
    lines = paragraphs()[::EVERY]
    texts = {
        "Chinese": [line for line in lines if not line.isascii()],
        "English": [line for line in lines if line.isascii()],
    }
    figures: dict[str, Any] = {}
    for language, chosen in texts.items():
        for hmm in (True, False):
            name = f"{language}, {'HMM' if hmm else 'no HMM'}"
            figures[name] = speeds(chosen, hmm)
            show(name, figures[name])
    first = {
        name: first_word_seconds(code)
        for name, code in _FIRST_WORDS.items()
        if name == "corpuskit" or importlib.util.find_spec(name) is not None
    }
    console.table(("engine", "seconds"), list(first.items()), title="to the first word")
    return figures | {"first_word_seconds": first}
