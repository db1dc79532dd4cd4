"""Vocabularies and text that the tokenization tests share."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from corpuskit.index.format import IndexedDataset
from corpuskit.tokenize.stage import TokenizeStage
from corpuskit.vocab.vocabulary import SPECIALS, save_vocabulary
from corpuskit.work import RunOptions, run

TOKENS = [*SPECIALS, *"研究生命的卡拉很好看恤是一号中华人民共和国成立爱北京，。〇"]
TOKENS += ["##〇", "##号", "ok", "t", "a", "b", "c", "##a", "##b", "##c", "10", "##0", "the", "##s"]


def write_vocab(directory: Path, tokens: Sequence[str] = TOKENS) -> Path:
    save_vocabulary(directory / "vocab.txt", tokens)
    return directory / "vocab.txt"


def write_docs(directory: Path, texts: Sequence[str], name: str = "in.jsonl") -> Path:
    lines = (json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in texts)
    (directory / name).write_text("".join(lines), encoding="utf-8")
    return directory / name


def tokenize(
    directory: Path, source: Path, name: str = "out", *, workers: int = 1, **options: Any
) -> tuple[IndexedDataset, dict[str, Any]]:
    """Run the stage; the data set and the report."""
    unit_bytes = options.pop("unit_bytes", 1 << 26)
    run_options = RunOptions(workers=workers, unit_bytes=unit_bytes)
    report = run(TokenizeStage(**options), [source], directory / name, run_options)
    return IndexedDataset(directory / name), report


def documents_of(dataset: IndexedDataset) -> list[list[list[int]]]:
    """Ids of the sentences of each document."""
    borders = dataset.document_index
    return [
        [np.asarray(dataset[sentence]).tolist() for sentence in range(start, stop)]
        for start, stop in pairwise(borders)
    ]
