"""The dictionary and the model of the installed jieba package, as tables of the native engine.

The package's code is not imported: its data files are read where they lie. Logarithms are
taken here, by the function that jieba takes them by, so that the engine's scores are jieba's
to the last bit.
"""

from __future__ import annotations

import hashlib
import importlib.util
import math
import runpy
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpuskit import _native
from corpuskit.errors import DataError, UsageError

TAGS = "BEMS"
MOVES = ("EB", "SB", "BM", "MM", "BE", "ME", "ES", "SS")
MIN_FLOAT = -3.14e100

_FILES = (
    "dict.txt",
    "finalseg/prob_start.py",
    "finalseg/prob_trans.py",
    "finalseg/prob_emit.py",
)


class Dictionary(NamedTuple):
    """A compiled dictionary.

    Attributes:
        total: The sum of all frequencies.
        image: The tables, as :func:`corpuskit._native.jieba_compile` lays them out.
    """

    total: int
    image: memoryview


class Alphabet(NamedTuple):
    """The characters that words and emissions know, the most frequent one first.

    Attributes:
        characters: uint32[letters].
        emission: float64[letters + 1, 4]; row 0 is that of every other character.
    """

    characters: NDArray[np.uint32]
    emission: NDArray[np.float64]


def find_package() -> Path:
    """The directory of the installed jieba package.

    Raises:
        UsageError: jieba is not installed, or lacks its data.
    """
    found = importlib.util.find_spec("jieba")
    root = Path(found.origin).parent if found is not None and found.origin is not None else None
    if root is None or not all((root / name).is_file() for name in _FILES):
        raise UsageError("jieba's dictionary is not here", hint="pip install jieba")
    return root


def digest(package: Path) -> str:
    """Hash of everything in the package that decides the words."""
    content = hashlib.sha256()
    for name in _FILES:
        data = (package / name).read_bytes()
        content.update(len(data).to_bytes(8, "little"))
        content.update(data)
    return content.hexdigest()[:32]


def compile_package(package: Path) -> Dictionary:
    """Compile the dictionary and the model; takes a second or two.

    Raises:
        DataError: A line of the dictionary is no word with a frequency.
    """
    frequencies, total = read_frequencies(package / "dict.txt")
    start, trans, emit = (_read_model(package / name) for name in _FILES[1:])
    characters, begin = _flatten(list(frequencies))
    alphabet = _make_alphabet(characters, begin, list(frequencies.values()), emit)
    distinct, values = np.unique([0, *frequencies.values()], return_inverse=True)
    image = _native.jieba_compile(
        characters=characters,
        begin=begin,
        values=values[1:].astype(np.int32),
        frequency=distinct,
        log_frequency=np.array([math.log(frequency or 1) for frequency in distinct.tolist()]),
        alphabet=alphabet.characters,
        emission=alphabet.emission,
        start=np.array([start[tag] for tag in TAGS]),
        moves=np.array([trans[move[0]][move[1]] for move in MOVES]),
    )
    return Dictionary(total, memoryview(image))


def read_frequencies(path: Path) -> tuple[dict[str, int], int]:
    """Frequencies of the words (a repeated word has the last), and their sum over all lines."""
    frequencies: dict[str, int] = {}
    total = 0
    lines = path.read_bytes().removesuffix(b"\n").split(b"\n")
    for number, line in enumerate(lines, 1):
        try:
            word, frequency = line.strip().decode().split(" ")[:2]
            frequencies[word] = int(frequency)
        except ValueError:
            raise DataError("not a word with its frequency", where=f"{path}:{number}") from None
        total += frequencies[word]
    return frequencies, total


def _read_model(path: Path) -> Any:
    """The mapping ``P`` that the module assigns, and nothing else of its package."""
    return runpy.run_path(str(path))["P"]


def _flatten(words: list[str]) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Code points of all words, and where each word begins."""
    characters = np.frombuffer("".join(words).encode("utf-32-le"), np.uint32)
    return characters, np.cumsum([0, *map(len, words)], dtype=np.int64)


def _make_alphabet(
    characters: NDArray[np.uint32],
    begin: NDArray[np.int64],
    frequencies: list[int],
    emit: dict[str, dict[str, float]],
) -> Alphabet:
    weights = np.repeat(frequencies, np.diff(begin))
    emitting = np.array([ord(c) for c in set().union(*emit.values())], np.uint32)
    counts = np.bincount(characters, weights, minlength=int(emitting.max()) + 1)
    known = np.union1d(characters, emitting)
    ranked = known[np.argsort(-counts[known], kind="stable")]
    rows = [
        [emit[tag].get(character, MIN_FLOAT) for tag in TAGS]
        for character in ("", *map(chr, ranked.tolist()))
    ]
    return Alphabet(ranked.astype(np.uint32), np.array(rows))
