"""Byte pair encoding pieces, trained from word counts by SentencePiece.

Training from counts needs memory for the distinct words only, whatever the corpus.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from corpuskit.errors import DataError
from corpuskit.io.files import atomic_write
from corpuskit.vocab.words import WordsStage
from corpuskit.work import RunOptions
from corpuskit.work import run as run_stage

META_PIECES = 3  # <unk>, <s>, </s>: SentencePiece always has them
NO_MORE_PAIRS = "Vocabulary size is too large"


def train_bpe(counts: Path, output: Path, *, size: int) -> int:
    """Train at most ``size`` pieces from a word count file.

    Writes ``output`` (SentencePiece's ``.vocab`` format: ``piece TAB score``, word-initial
    pieces begin with U+2581). Returns the number of pieces, specials not counted; a small
    corpus has fewer than ``size``.
    """
    if counts.stat().st_size == 0:
        raise DataError(
            "no words to train on",
            where=counts,
            hint="the corpus has no words of this script; try --scripts all",
        )
    with tempfile.TemporaryDirectory(dir=output.parent) as directory:
        prefix = Path(directory) / "bpe"
        _train(counts, prefix, size + META_PIECES)
        pieces = prefix.with_suffix(".vocab").read_bytes()
    with atomic_write(output) as handle:
        handle.write(pieces)
    return pieces.count(b"\n") - META_PIECES


def _train(counts: Path, prefix: Path, vocab_size: int) -> None:
    import sentencepiece

    sentencepiece.SentencePieceTrainer.train(
        input=str(counts),
        input_format="tsv",
        model_prefix=str(prefix),
        model_type="bpe",
        vocab_size=min(vocab_size, _ceiling(counts)),
        hard_vocab_limit=False,
        character_coverage=1.0,
        normalization_rule_name="identity",
        remove_extra_whitespaces=False,
        split_by_unicode_script=False,
        split_by_number=False,
        num_threads=1,
        minloglevel=2,
    )


def _ceiling(counts: Path) -> int:
    """No vocabulary is larger than its characters and all prefixes of its words."""
    prefixes: set[str] = set()
    with counts.open(encoding="utf-8") as lines:
        for line in lines:
            word = line.partition("\t")[0]
            prefixes.update(word[:end] for end in range(1, len(word) + 1))
            if len(prefixes) > 1_000_000:
                break
    return max(len(prefixes) * 2, META_PIECES + 1) + META_PIECES


def run_bpe(
    stage: WordsStage,
    inputs: Sequence[str],
    output: Path,
    options: RunOptions,
    *,
    size: int,
    format: str = "auto",
) -> dict[str, Any]:
    """Count words (``OUTPUT.words``, resumable) and train pieces from them (``OUTPUT``)."""
    words = output.with_name(output.name + ".words")
    report = run_stage(stage, inputs, words, options, format=format)
    if "outputs" not in report:
        return report
    return {**report, "stage": "vocab-bpe", "pieces": train_bpe(words, output, size=size)}
