"""``corpuskit vocab report``: how well a vocabulary covers a text."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
from numpy.typing import NDArray

from corpuskit.io.files import write_json
from corpuskit.io.units import Source, Unit
from corpuskit.vocab.counts import by_frequency
from corpuskit.vocab.unicode import is_cjk, is_punctuation, script_of
from corpuskit.vocab.vocabulary import (
    MAX_WORD_CHARS,
    SPECIALS,
    UNK,
    build_tokenizer,
    encode_serially,
    fingerprint,
    load_vocabulary,
)
from corpuskit.vocab.words import is_word
from corpuskit.work.stage import Part, PartWriter, Stage

if TYPE_CHECKING:
    from tokenizers import Encoding

COUNTERS = ("sums", "characters", "missing")
BATCH_DOCUMENTS = 64
SHOWN_CHARACTERS = 20


def unreachable(tokens: Sequence[str], *, lowercase: bool) -> list[str]:
    """The entries that no text can ever be encoded to.

    An entry is reachable when the encoder gives it for its own surface: ``##ing`` is tried
    inside a word, after every kind of character that may precede it.
    """
    tokenizer = build_tokenizer(tokens, lowercase=lowercase, specials=False)
    starts = [t for t in tokens if len(t) == 1 and not is_cjk(t) and not is_punctuation(t)]

    def reachable(token: str) -> bool:
        body = token.removeprefix("##")
        if body == token or not body:
            return token in tokenizer.encode(token).tokens
        # Most entries that fail do so here; only the others are worth trying every start.
        if len(body) >= MAX_WORD_CHARS or not is_word(f"0{body}", lowercase=lowercase):
            return False
        return any(tokenizer.encode(start + body).tokens[1:] == [token] for start in starts)

    return [token for token in tokens if token not in SPECIALS and not reachable(token)]


def look_alikes(tokens: Sequence[str]) -> list[tuple[str, str]]:
    """Single characters that NFKC folds onto another entry: radicals, full-width forms."""
    known = set(tokens)
    pairs = []
    for token in tokens:
        folded = unicodedata.normalize("NFKC", token)
        if len(token) == 1 and folded != token and folded in known:
            pairs.append((token, folded))
    return pairs


@dataclass(frozen=True)
class ReportStage(Stage):
    """Options of a coverage report.

    Attributes:
        vocab: Path of ``vocab.txt``.
        lowercase: The encoder folds case.
        key: Key of the text in the records.
    """

    name = "vocab-report"
    suffixes = ("counts",)

    vocab: Path
    lowercase: bool = True
    key: str = "text"

    def options(self) -> dict[str, Any]:
        tokens = load_vocabulary(self.vocab)
        return {"vocab": fingerprint(tokens, lowercase=self.lowercase), "json key": self.key}

    def open(self) -> ReportKernel:
        encode_serially()
        return ReportKernel(self)

    def finals(self, sources: Sequence[Source], output: Path) -> list[Path]:
        return [output]

    def assemble(self, parts: Sequence[Part], output: Path) -> dict[str, Any]:
        totals: dict[str, Counter[str]] = {}
        for part in parts:
            for name, counts in orjson.loads(part.read("counts")).items():
                totals.setdefault(name, Counter()).update(counts)
        tokens = load_vocabulary(self.vocab)
        record = {
            **_coverage(totals),
            "vocab_size": len(tokens),
            "unreachable": unreachable(tokens, lowercase=self.lowercase),
            "look_alikes": look_alikes(tokens),
        }
        write_json(output, record)
        return record


def _coverage(totals: dict[str, Counter[str]]) -> dict[str, Any]:
    sums, characters, missing = (totals.get(name, Counter()) for name in COUNTERS)
    unknown = _by_script(missing)
    scripts = {
        script: {
            "characters": count,
            "unknown": unknown[script],
            "unknown_rate": unknown[script] / count,
        }
        for script, count in _by_script(characters).most_common()
    }
    return {
        "scripts": scripts,
        "unknown_tokens": sums["unknown"],
        "unknown_rate": sums["unknown"] / max(sums["tokens"], 1),
        "tokens": sums["tokens"],
        "tokens_per_character": sums["tokens"] / max(characters.total(), 1),
        "tokens_per_word": sums["tokens"] / max(sums["words"], 1),
        "characters_in_unknown": by_frequency(missing)[:SHOWN_CHARACTERS],
    }


def _by_script(characters: Counter[str]) -> Counter[str]:
    scripts: Counter[str] = Counter()
    for char, count in characters.items():
        scripts[script_of(char)] += count
    return scripts


class ReportKernel:
    """Counts tokens, words, characters, and the characters inside unknown words."""

    def __init__(self, stage: ReportStage) -> None:
        self._key = stage.key
        tokens = load_vocabulary(stage.vocab)
        self._tokenizer = build_tokenizer(tokens, lowercase=stage.lowercase, specials=False)
        self._unknown = tokens.index(UNK)
        self._continues = np.array([token.startswith("##") for token in tokens])

    def run(self, unit: Unit, part: PartWriter) -> None:
        sums, characters, missing = counters = tuple(Counter[str]() for _ in COUNTERS)
        for texts in self._batches(part):
            for text, encoding in zip(texts, self._tokenizer.encode_batch(texts), strict=True):
                ids = np.array(encoding.ids, np.int32)
                unknown = np.flatnonzero(ids == self._unknown)
                sums["tokens"] += len(ids)
                sums["words"] += len(ids) - int(self._continues[ids].sum())
                sums["unknown"] += len(unknown)
                characters.update(text)
                missing.update(_covered(text, encoding, unknown))
        part.counts["tokens"] += sums["tokens"]
        counts = dict(zip(COUNTERS, map(_without_space, counters), strict=True))
        part.write("counts", orjson.dumps(counts))

    def _batches(self, part: PartWriter) -> Iterator[list[str]]:
        batch: list[str] = []
        for document in part.documents(self._key):
            part.counts["documents"] += 1
            batch.append(document.text)
            if len(batch) == BATCH_DOCUMENTS:
                yield batch
                batch = []
        if batch:
            yield batch


def _covered(text: str, encoding: Encoding, tokens: NDArray[np.int64]) -> str:
    """What ``tokens`` stand for in the text."""
    if not len(tokens):
        return ""
    offsets = encoding.offsets
    return "".join(text[slice(*offsets[token])] for token in tokens)


def _without_space(counter: Counter[str]) -> dict[str, int]:
    return {name: count for name, count in counter.items() if not name.isspace()}
