"""Sentences and words: sentence rules, and word segmenters behind one protocol."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from corpuskit.segment.jieba import JiebaSegmenter


def cut(text: str) -> list[str]:
    """The words of a text, those of ``jieba.cut``.

    >>> cut("我来到北京清华大学")
    ['我', '来到', '北京', '清华大学']
    """
    return _jieba().cut(text)


def cut_batch(texts: Sequence[str]) -> list[list[str]]:
    """The words of each text; much quicker than one call for each."""
    return _jieba().cut_batch(texts)


@cache
def _jieba() -> JiebaSegmenter:
    from corpuskit.segment.jieba import JiebaSegmenter

    return JiebaSegmenter()
