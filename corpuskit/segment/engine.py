"""Word segmenters: the protocol, and how one is found by its name.

Engines are entry points of the group ``corpuskit.segmenters``, the built-in ones too, so
that choosing one never imports another.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import entry_points
from pathlib import Path
from typing import Protocol

from corpuskit.errors import UsageError

GROUP = "corpuskit.segmenters"


class Segmenter(Protocol):
    """Cuts sentences into words.

    An engine is made by a callable that takes ``user_dict: Path | None``.
    """

    name: str

    def fingerprint(self) -> str:
        """Version of the engine and of everything that decides its words."""
        ...

    def cut_batch(self, sentences: Sequence[str]) -> list[list[str]]:
        """The words of each sentence; joined without a gap they are the sentence."""
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
    segmenter: Segmenter = next(iter(found)).load()(user_dict)
    return segmenter
