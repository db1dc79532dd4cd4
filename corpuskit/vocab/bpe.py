"""Byte pair encoding pieces, trained from word counts by SentencePiece.

Training from counts needs memory for the distinct words only, whatever the corpus.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpuskit.errors import DataError
from corpuskit.io.files import atomic_write, temporary_directory
from corpuskit.io.units import Source
from corpuskit.vocab.words import WordsStage
from corpuskit.work.stage import Part

META_PIECES = 3  # <unk>, <s>, </s>: SentencePiece always has them
MANY_PREFIXES = 1_000_000


@dataclass(frozen=True)
class PiecesStage(WordsStage):
    """Counts words (``OUTPUT.words``) and trains pieces from them (``OUTPUT``).

    Attributes:
        size: Pieces to train.
    """

    name = "vocab-bpe"

    size: int = 17000

    def options(self) -> dict[str, Any]:
        return {**super().options(), "size": self.size}

    def finals(self, sources: Sequence[Source], output: Path) -> list[Path]:
        return [_words_of(output), output]

    def assemble(self, parts: Sequence[Part], output: Path) -> dict[str, Any]:
        words = _words_of(output)
        counted = super().assemble(parts, words)
        return {**counted, "pieces": train_bpe(words, output, size=self.size)}


def _words_of(output: Path) -> Path:
    return output.with_name(output.name + ".words")


def train_bpe(counts: Path, output: Path, *, size: int) -> int:
    """Train at most ``size`` pieces from a word count file.

    Words of one character, ideographs and punctuation for example, teach nothing about
    joining characters and are left out. Writes ``output`` (SentencePiece's ``.vocab``
    format: ``piece TAB score``, word-initial pieces begin with U+2581). Returns the number
    of pieces, specials not counted; a small corpus has fewer than ``size``.

    Raises:
        DataError: There are no words, or ``size`` is less than the number of characters.
    """
    with temporary_directory(output) as directory:
        words, prefix = directory / "words.tsv", directory / "bpe"
        least, most = _select(counts, words)
        if size < least:
            raise DataError(
                f"the words have {least:,} different characters, {size:,} pieces cannot hold them",
                where=counts,
                hint=f"start anew with --size {least} --overwrite, or leave out rare words with "
                "--min-count",
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
