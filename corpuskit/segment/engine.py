"""Word segmenters: the protocol, and how one is found by its name.

Engines are entry points of the group ``corpuskit.segmenters``, the built-in ones too, so
that choosing one never imports another. ``docs/segmenters.md`` shows how to write one.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import entry_points
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple, Protocol, TypeGuard

import numpy as np
from numpy.typing import NDArray

from corpuskit.errors import DataError, UsageError

GROUP = "corpuskit.segmenters"


class Words(Protocol):
    """The words of a batch of lines, as positions in the text of the lines.

    Attributes:
        begin: int64[words + 1]; word ``w`` is ``data[begin[w]:begin[w + 1]]``.
        line_begin: int64[lines + 1]; line ``i`` has the words ``line_begin[i]`` up to
            ``line_begin[i + 1]``.
    """

    @property
    def begin(self) -> NDArray[np.int64]: ...
    @property
    def line_begin(self) -> NDArray[np.int64]: ...


class BatchSegmenter(Protocol):
    """The least that an engine has.

    An engine is made by a callable that takes ``user_dict: Path | None``.
    """

    name: str

    def fingerprint(self) -> str:
        """Version of the engine and of everything that decides its words."""
        ...

    def cut_batch(self, sentences: Sequence[str]) -> list[list[str]]:
        """The words of each sentence; joined without a gap they are the sentence."""
        ...


class Segmenter(BatchSegmenter, Protocol):
    """An engine that can also cut text without a string for every word."""

    def cut_flat(self, data: bytes | memoryview, offsets: NDArray[np.int64]) -> Words:
        """The words of lines that stand one after the other.

        Args:
            data: UTF-8.
            offsets: int64[lines + 1]; line ``i`` is ``data[offsets[i]:offsets[i + 1]]``.
        """
        ...


def segmenter_names() -> list[str]:
    """The engines that are installed."""
    return sorted(entry_points(group=GROUP).names)


def open_segmenter(name: str, user_dict: Path | None = None) -> Segmenter:
    """Make the engine called ``name``.

    Raises:
        UsageError: There is no such engine or dictionary, or the engine cannot work here.
    """
    if user_dict is not None and not user_dict.is_file():
        raise UsageError("no such dictionary", where=user_dict)
    found = entry_points(group=GROUP, name=name)
    if not found:
        known = ", ".join(segmenter_names())
        raise UsageError(f"unknown segmenter '{name}'", hint=f"installed: {known}")
    engine: BatchSegmenter | Segmenter = next(iter(found)).load()(user_dict)
    return engine if _is_flat(engine) else FlatAdapter(engine)


def _is_flat(engine: BatchSegmenter | Segmenter) -> TypeGuard[Segmenter]:
    return hasattr(engine, "cut_flat")


class FlatWords(NamedTuple):
    """:class:`Words` of the adapter."""

    begin: NDArray[np.int64]
    line_begin: NDArray[np.int64]


class FlatAdapter:
    """Makes a :class:`Segmenter` of an engine that has only ``cut_batch``."""

    def __init__(self, engine: BatchSegmenter) -> None:
        self.name = engine.name
        self.fingerprint = engine.fingerprint
        self.cut_batch = engine.cut_batch

    def cut_flat(self, data: bytes | memoryview, offsets: NDArray[np.int64]) -> FlatWords:
        """Words by way of strings.

        Raises:
            DataError: The engine has lost, added or changed text.
        """
        text = bytes(data)
        lines = [text[start:stop].decode() for start, stop in pairwise(offsets.tolist())]
        lists = self.cut_batch(lines)
        for line, words in zip(lines, lists, strict=True):
            if "".join(words) != line:
                raise self._changed(line, words)
        sizes = [len(word.encode()) for words in lists for word in words]
        begin = np.cumsum([int(offsets[0]), *sizes], dtype=np.int64)
        return FlatWords(begin, np.cumsum([0, *map(len, lists)], dtype=np.int64))

    def _changed(self, line: str, words: list[str]) -> DataError:
        return DataError(
            f"the segmenter '{self.name}' has changed a sentence: {line!r} became {words}",
            hint="the words of an engine, joined, have to be the sentence with all its spaces",
        )
