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
MANY_PREFIXES = 1_000_000


def train_bpe(counts: Path, output: Path, *, size: int) -> int:
    """Train at most ``size`` pieces from a word count file.

    Words of one character, ideographs and punctuation for example, teach nothing about
    joining characters and are left out. Writes ``output`` (SentencePiece's ``.vocab``
    format: ``piece TAB score``, word-initial pieces begin with U+2581). Returns the number
    of pieces, specials not counted; a small corpus has fewer than ``size``.

    Raises:
        DataError: There are no words, or ``size`` is less than the number of characters.
    """
    with tempfile.TemporaryDirectory(dir=output.parent) as directory:
        words, prefix = Path(directory) / "words.tsv", Path(directory) / "bpe"
        least, most = _select(counts, words)
        if size < least:
            raise DataError(
                f"the words have {least:,} different characters, {size:,} pieces cannot hold them",
                where=counts,
                hint=f"allow more with --size {least}, or leave out rare words with --min-count",
            )
        _train(words, prefix, min(size, most) + META_PIECES)
        pieces = prefix.with_suffix(".vocab").read_bytes()
    with atomic_write(output) as handle:
        handle.write(pieces)
    return pieces.count(b"\n") - META_PIECES


def _select(counts: Path, words: Path) -> tuple[int, int]:
    """Copy the words to train on; returns how many pieces they need and can fill.

    Needed are the word beginning and every character. No more can be filled than there are
    prefixes of words, with and without the word beginning.
    """
    characters: set[str] = set()
    prefixes: set[str] = set()
    with counts.open(encoding="utf-8", newline="\n") as lines, words.open("wb") as selected:
        for line in lines:
            word = line.partition("\t")[0]
            if len(word) > 1:
                selected.write(line.encode())
                characters.update(word)
                if len(prefixes) < MANY_PREFIXES:
                    prefixes.update(word[:end] for end in range(1, len(word) + 1))
    if not characters:
        raise DataError(
            "no words to train on",
            where=counts,
            hint="try --scripts all, or `corpuskit vocab merge` without --bpe",
        )
    return len(characters) + 1, 2 * len(prefixes) + 1


def _train(words: Path, prefix: Path, vocab_size: int) -> None:
    import sentencepiece

    sentencepiece.SentencePieceTrainer.train(
        input=str(words),
        input_format="tsv",
        model_prefix=str(prefix),
        model_type="bpe",
        vocab_size=vocab_size,
        hard_vocab_limit=False,
        character_coverage=1.0,
        normalization_rule_name="identity",
        remove_extra_whitespaces=False,
        split_by_unicode_script=False,
        split_by_number=False,
        num_threads=1,
        minloglevel=2,
    )


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
