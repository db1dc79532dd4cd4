"""The LAC engines: Baidu's Bi-GRU-CRF word segmentation, computed by a native kernel.

The network is that of LAC 2.1.2 in float32, and gives LAC's words on every sentence; Paddle
is not needed. ``seg`` (4 MB, shipped) cuts words; ``lac`` (35 MB, converted from the LAC
package when first used) cuts larger units, names for example, and knows parts of speech.

Reference: Jiao, Sun and Sun, "Chinese Lexical Analysis with Deep Bi-GRU-CRF Network", 2018.
"""

from __future__ import annotations

import hashlib
import importlib.util
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpuskit import _native
from corpuskit.errors import UsageError
from corpuskit.segment.lac_convert import MODELS, convert
from corpuskit.segment.lac_dictionary import read_dictionary
from corpuskit.segment.lac_file import ModelFile, read_model

ENGINE_VERSION = "1"
PACKAGE_VARIABLE = "CORPUSKIT_LAC_PACKAGE"
KERNEL_VARIABLE = "CORPUSKIT_LAC_KERNEL"

_SHIPPED = Path(__file__).with_name("data") / "lac_seg.safetensors"
_NAMES = {"seg": "lac", "lac": "lac-pos"}


class FlatWords(NamedTuple):
    """The words of a batch of lines.

    Attributes:
        begin: int64[words + 1]; word ``w`` is ``data[begin[w]:begin[w + 1]]``.
        line_begin: int64[lines + 1]; line ``i`` has the words ``line_begin[i]`` up to
            ``line_begin[i + 1]``.
        labels: int32[words]; positions in :attr:`LacSegmenter.labels`.
    """

    begin: NDArray[np.int64]
    line_begin: NDArray[np.int64]
    labels: NDArray[np.int32]


class LacSegmenter:
    """Words as Baidu LAC gives them.

    Args:
        model: ``seg``: words; ``lac``: words and parts of speech.
        user_dict: A dictionary in LAC's format: a phrase a line, its words separated by
            spaces, each with a label after ``/`` or without.
        model_file: A file of :func:`~corpuskit.segment.lac_convert.convert` to use, a model
            that you trained for example, instead of LAC's own.
        kernel: One of :func:`kernels`; by default ``CORPUSKIT_LAC_KERNEL``, or the fastest.

    Raises:
        UsageError: The ``lac`` model is nowhere to be found, or the kernel cannot run here.
    """

    def __init__(
        self,
        model: str = "seg",
        user_dict: Path | None = None,
        *,
        model_file: Path | None = None,
        kernel: str | None = None,
    ) -> None:
        if model not in MODELS:
            raise UsageError(f"unknown LAC model '{model}'", hint=f"models: {', '.join(MODELS)}")
        self.name = _NAMES[model]
        self.kernel = _choose_kernel(kernel)
        self._path = model_file or (_SHIPPED if model == "seg" else lac_model_path())
        self._phrases = [] if user_dict is None else read_dictionary(user_dict)

    def fingerprint(self) -> str:
        digest = hashlib.blake2b(self._path.read_bytes(), digest_size=8)
        digest.update(repr(self._phrases).encode("utf-8", "surrogatepass"))
        return f"{self.name} {ENGINE_VERSION} model {digest.hexdigest()}"

    @cached_property
    def labels(self) -> list[str]:
        """Labels of words: those of the model, then those of the user's dictionary."""
        of_model = [label for label, _ in _tags(self._file.metadata)]
        of_user = [label for phrase in self._phrases for label in phrase.labels if label]
        return list(dict.fromkeys([*of_model, *of_user]))

    def cut_flat(self, data: bytes | memoryview, offsets: NDArray[np.int64]) -> FlatWords:
        """Cut lines without making a string of any word.

        Args:
            data: UTF-8. A byte that is no part of a valid sequence counts as a character.
            offsets: int64[lines + 1]; line ``i`` is ``data[offsets[i]:offsets[i + 1]]``.
        """
        return FlatWords(*self._native.cut(data, offsets))

    def cut_batch(self, sentences: Sequence[str]) -> list[list[str]]:
        data, words = self._cut(sentences)
        return [[data[a:b].decode("utf-8", "surrogatepass") for a, b, _ in line] for line in words]

    def tag_batch(self, sentences: Sequence[str]) -> list[list[tuple[str, str]]]:
        """The words of each sentence with their parts of speech or entity types.

        The model ``seg`` knows none: all labels but those of a user's dictionary are empty.
        """
        data, words = self._cut(sentences)
        return [
            [(data[a:b].decode("utf-8", "surrogatepass"), self.labels[c]) for a, b, c in line]
            for line in words
        ]

    def _cut(self, sentences: Sequence[str]) -> tuple[bytes, Iterator[Iterator[Any]]]:
        """The sentences' bytes; per sentence (begin, end, label) of its words."""
        encoded = [sentence.encode("utf-8", "surrogatepass") for sentence in sentences]
        data = b"".join(encoded)
        words = self.cut_flat(data, np.cumsum([0, *map(len, encoded)], dtype=np.int64))
        begin, labels = words.begin.tolist(), words.labels.tolist()
        lines = words.line_begin.tolist()
        spans = (
            zip(begin[a:b], begin[a + 1 : b + 1], labels[a:b], strict=True)
            for a, b in pairwise(lines)
        )
        return data, spans

    @cached_property
    def _file(self) -> ModelFile:
        return read_model(self._path)

    @cached_property
    def _native(self) -> _native.LacSegmenter:
        numbers = {label: number for number, label in enumerate(self.labels)}
        native = open_native(self._file, self.kernel, numbers)
        for phrase in self._phrases:
            characters = np.frombuffer(phrase.text.encode("utf-32-le"), np.uint32)
            labels = [numbers[label] if label else -1 for label in phrase.labels]
            native.add_phrase(characters, phrase.ends, labels)
        return native


def open_seg(user_dict: Path | None = None) -> LacSegmenter:
    """The engine ``lac``."""
    return LacSegmenter("seg", user_dict)


def open_pos(user_dict: Path | None = None) -> LacSegmenter:
    """The engine ``lac-pos``."""
    return LacSegmenter("lac", user_dict)


def kernels() -> list[str]:
    """The kernels this machine can run, the fastest first; ``portable`` is always there."""
    names: list[str] = _native.lac_kernels()
    return names


def _choose_kernel(name: str | None) -> str:
    known = kernels()
    name = name or os.environ.get(KERNEL_VARIABLE) or known[0]
    if name not in known:
        raise UsageError(
            f"the LAC kernel '{name}' cannot run on this machine",
            hint=f"use {' or '.join(known)}, or leave {KERNEL_VARIABLE} unset",
        )
    return name


def _tags(metadata: Mapping[str, str]) -> list[tuple[str, str]]:
    """(label, position) of the network's outputs: ``n-B`` is ("n", "B"), ``O`` is ("", "O")."""
    return [(tag[:-2], tag[-1]) for tag in metadata["tags"].split(" ")]


def open_native(
    file: ModelFile, kernel: str, label_numbers: Mapping[str, int]
) -> _native.LacSegmenter:
    """The native segmenter for a converted model."""
    metadata, tensors = file
    tags = _tags(metadata)
    with_words = "vocabulary.ids" in tensors
    native = _native.LacSegmenter(
        kernel=kernel,
        tensors=tensors,
        # The table of a vocabulary with words would take 180 MB.
        tabulate=not with_words,
        characters=tensors["characters"],
        ids=tensors["character_ids"],
        unknown=int(metadata["unknown"]),
        tag_begins=[position in "BS" for _, position in tags],
        tag_labels=[label_numbers[label] for label, _ in tags],
    )
    if with_words:
        native.set_words(
            vocabulary=tensors["vocabulary.characters"],
            vocabulary_begin=tensors["vocabulary.begin"].astype(np.int64),
            ids=tensors["vocabulary.ids"],
            cutting=tensors["cutting.characters"],
            cutting_begin=tensors["cutting.begin"].astype(np.int64),
            log_total=math.log(int(metadata["cutting_total"])),
        )
    return native


def lac_model_path() -> Path:
    """The converted ``lac`` model in the user's cache, converted now if need be.

    Raises:
        UsageError: It was never converted, and there is no LAC package to convert.
    """
    path = _cache_directory() / "lac_2.1.2.safetensors"
    if not path.exists():
        source = _find_package()
        path.parent.mkdir(parents=True, exist_ok=True)
        convert(source, path, "lac")
    return path


def _cache_directory() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "corpuskit"


def _find_package() -> Path:
    named = os.environ.get(PACKAGE_VARIABLE)
    if named:
        return Path(named)
    installed = importlib.util.find_spec("LAC")
    if installed is not None and installed.origin is not None:
        return Path(installed.origin).parent
    raise UsageError(
        "the lac-pos model is not here: it is part of the LAC package",
        hint="fetch the package (65 MB), then run your command again with its name:\n"
        "  echo 'setuptools<81' > lac.txt && PIP_CONSTRAINT=lac.txt "
        "pip download --no-deps --no-binary :all: LAC==2.1.2\n"
        f"  export {PACKAGE_VARIABLE}=$PWD/LAC-2.1.2.tar.gz",
    )
