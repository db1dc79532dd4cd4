"""``corpuskit vocab report``: how well a vocabulary covers a text."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from corpuskit.io.files import write_json
from corpuskit.io.units import Source, Unit
from corpuskit.vocab.unicode import is_cjk, is_punctuation, script_of
from corpuskit.vocab.vocabulary import (
    MAX_WORD_CHARS,
    SPECIALS,
    UNK,
    build_tokenizer,
    fingerprint,
    load_vocabulary,
)
from corpuskit.work.stage import Part, PartWriter, Stage

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

BATCH_DOCUMENTS = 64
SHOWN_CHARACTERS = 20


def unreachable(tokens: Sequence[str], *, lowercase: bool) -> list[str]:
    """The entries that no text can ever be encoded to.

    An entry is reachable when the encoder gives it for its own surface: ``##ing`` is tried
    inside a word, after every kind of character that may precede it.
    """
    tokenizer = build_tokenizer(tokens, lowercase=lowercase, specials=False)
    starts = [t for t in tokens if len(t) == 1 and not is_cjk(t) and not is_punctuation(t)]
    bad = []
    for token in tokens:
        if token not in SPECIALS and not _reachable(token, tokenizer, starts):
            bad.append(token)
    return bad


def _reachable(token: str, tokenizer: Tokenizer, starts: Sequence[str]) -> bool:
    if not token.startswith("##") or token == "##":
        return token in tokenizer.encode(token).tokens
    body = token[2:]
    if len(body) >= MAX_WORD_CHARS:
        return False
    return any(tokenizer.encode(start + body).tokens[1:] == [token] for start in starts)


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
    sums = totals.get("sums", Counter())
    scripts = {
        script: {
            "characters": count,
            "unknown": totals["unknown"][script],
            "unknown_rate": totals["unknown"][script] / count,
        }
        for script, count in totals.get("characters", Counter()).most_common()
    }
    missing = totals.get("missing", Counter()).most_common(SHOWN_CHARACTERS)
    return {
        "scripts": scripts,
        "unknown_tokens": sums["unknown"],
        "unknown_rate": sums["unknown"] / max(sums["tokens"], 1),
        "tokens": sums["tokens"],
        "tokens_per_character": sums["tokens"] / max(sums["characters"], 1),
        "tokens_per_word": sums["tokens"] / max(sums["words"], 1),
        "characters_in_unknown": missing,
    }


class ReportKernel:
    """Counts tokens, words and unknown characters by script."""

    def __init__(self, stage: ReportStage) -> None:
        self._key = stage.key
        tokens = load_vocabulary(stage.vocab)
        self._tokenizer = build_tokenizer(tokens, lowercase=stage.lowercase, specials=False)

    def run(self, unit: Unit, part: PartWriter) -> None:
        counts = {name: Counter[str]() for name in ("sums", "characters", "unknown", "missing")}
        for texts in self._batches(part):
            for text, encoding in zip(texts, self._tokenizer.encode_batch(texts), strict=True):
                _count(text, encoding, counts)
        part.counts["tokens"] += counts["sums"]["tokens"]
        part.write("counts", orjson.dumps({name: dict(c) for name, c in counts.items()}))

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


def _count(text: str, encoding: Encoding, counts: dict[str, Counter[str]]) -> None:
    tokens = encoding.tokens
    unknown = [i for i, token in enumerate(tokens) if token == UNK]
    counts["sums"].update(
        tokens=len(tokens),
        unknown=len(unknown),
        words=sum(not token.startswith("##") for token in tokens),
        characters=sum(not char.isspace() for char in text),
    )
    counts["characters"].update(script_of(char) for char in text if not char.isspace())
    for index in unknown:
        start, stop = encoding.offsets[index]
        counts["unknown"].update(map(script_of, text[start:stop]))
        counts["missing"].update(text[start:stop])
