"""Merging characters and pieces into one vocabulary in which every entry can occur.

The order is that of the ERNIE vocabularies: special tokens, ideographs by frequency, all
other ideographs of U+4E00-U+9FA5, sub-word pieces, and the remaining characters by
frequency; ASCII stands before the pieces, whatever its frequency. Unlike the recipe it comes
from, every entry is one that the encoder can produce, and every character that may stand
inside a word has its ``##`` form.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpuskit.errors import DataError
from corpuskit.io.files import write_json
from corpuskit.vocab.counts import by_frequency, read_characters, read_pieces
from corpuskit.vocab.unicode import CJK_FIRST, CJK_LAST, is_basic_cjk, is_cjk, is_punctuation
from corpuskit.vocab.vocabulary import (
    SPECIALS,
    fingerprint,
    save_tokenizer_json,
    save_vocabulary,
)
from corpuskit.vocab.words import is_word, normalize

WORD_START = "\u2581"


@dataclass(frozen=True)
class MergeOptions:
    """How a vocabulary is put together.

    Attributes:
        min_count: Characters outside the ideographs and ASCII need this many occurrences.
        lowercase: The encoder folds case and strips accents.
        size: Upper limit of entries; the rarest characters are left out. None for none.
    """

    min_count: int = 200
    lowercase: bool = True
    size: int | None = None


def merge_vocabulary(
    characters: Mapping[str, int], pieces: Sequence[str], options: MergeOptions
) -> list[str]:
    """The tokens in the order of their ids.

    Args:
        characters: Counts by character.
        pieces: SentencePiece pieces; a leading U+2581 marks the beginning of a word.

    Raises:
        DataError: ``options.size`` cannot hold what must be there.
    """
    folded = _fold(characters, options.lowercase)
    required = dict.fromkeys(SPECIALS)
    required |= dict.fromkeys(_ideographs(folded))
    required |= dict.fromkeys(_ascii(options.lowercase))
    required |= dict.fromkeys(_word_pieces(pieces, options.lowercase))
    others = [t for t in _others(folded, options.min_count) if t not in required]
    tokens = [*required, *dict.fromkeys(others)]
    if options.size is None or len(tokens) <= options.size:
        return tokens
    if len(required) > options.size:
        raise DataError(
            f"{len(required):,} entries must be in the vocabulary, {options.size:,} are allowed",
            hint="allow more with --size, or train fewer pieces with `corpuskit vocab bpe --size`",
        )
    return tokens[: options.size]


def _fold(characters: Mapping[str, int], lowercase: bool) -> dict[str, int]:
    """Counts of the characters that the encoder sees once it has normalised the text."""
    folded: Counter[str] = Counter()
    for char, count in characters.items():
        for seen in normalize(char, lowercase=lowercase):
            folded[seen] += count
    del folded[" "]
    return folded


def _ideographs(counts: Mapping[str, int]) -> Iterator[str]:
    seen = [char for char, _ in by_frequency(counts) if is_basic_cjk(char)]
    yield from seen
    rest = set(map(chr, range(CJK_FIRST, CJK_LAST + 1))).difference(seen)
    yield from sorted(rest)


def _ascii(lowercase: bool) -> Iterator[str]:
    for char in map(chr, range(0x21, 0x7F)):
        if not (lowercase and char.isupper()):
            yield char
            if char.isalnum():
                yield f"##{char}"


def _word_pieces(pieces: Sequence[str], lowercase: bool) -> Iterator[str]:
    """WordPiece forms of the pieces that the encoder can produce."""
    for piece in pieces:
        body = piece.removeprefix(WORD_START)
        if body and WORD_START not in body and is_word(f"0{body}", lowercase=lowercase):
            yield body if piece.startswith(WORD_START) else f"##{body}"


def _others(counts: Mapping[str, int], min_count: int) -> Iterator[str]:
    for char, count in by_frequency(counts):
        if count < min_count or is_basic_cjk(char):
            continue
        yield char
        if not is_cjk(char) and not is_punctuation(char):
            yield f"##{char}"


def run_merge(
    characters: Path, pieces: Path | None, output: Path, options: MergeOptions
) -> dict[str, Any]:
    """Write ``vocab.txt``, ``vocab.json`` and ``tokenizer.json`` into the directory ``output``."""
    counts = read_characters(characters)
    tokens = merge_vocabulary(counts, read_pieces(pieces) if pieces else [], options)
    return write_vocabulary_files(output, tokens, options)


def write_vocabulary_files(
    output: Path, tokens: Sequence[str], options: MergeOptions
) -> dict[str, Any]:
    """The three files of a vocabulary; returns what ``vocab.json`` says."""
    output.mkdir(parents=True, exist_ok=True)
    save_vocabulary(output / "vocab.txt", tokens)
    save_tokenizer_json(output / "tokenizer.json", tokens, lowercase=options.lowercase)
    record = {
        "tokens": len(tokens),
        "special": len(SPECIALS),
        "ideographs": sum(map(is_basic_cjk, tokens)),
        "continuations": sum(token.startswith("##") for token in tokens),
        "lowercase": options.lowercase,
        "min_count": options.min_count,
        "fingerprint": fingerprint(tokens, lowercase=options.lowercase),
    }
    write_json(output / "vocab.json", record)
    return record
