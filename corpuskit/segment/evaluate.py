"""How well a segmenter's words agree with a gold standard.

Precision and recall of words as spans of characters, as in the SIGHAN bakeoffs (Sproat and
Emerson, "The First International Chinese Word Segmentation Bakeoff", 2003). Recall of
out-of-vocabulary words counts the gold words that a training text does not have.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpuskit.errors import DataError, UsageError
from corpuskit.segment.engine import BatchSegmenter, open_segmenter

Span = tuple[int, int]


@dataclass
class Score:
    """Counts of words, and the rates that follow from them."""

    gold: int = 0
    predicted: int = 0
    correct: int = 0
    unknown: int = 0
    unknown_found: int = 0

    @property
    def precision(self) -> float:
        return self.correct / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        return self.correct / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        total = self.gold + self.predicted
        return 2 * self.correct / total if total else 0.0

    @property
    def unknown_recall(self) -> float | None:
        """Recall of words that the training text does not have; None where none are counted."""
        return self.unknown_found / self.unknown if self.unknown else None

    def to_json(self) -> dict[str, Any]:
        return {
            "gold_words": self.gold,
            "predicted_words": self.predicted,
            "correct_words": self.correct,
            "precision": self.precision,
            "recall": self.recall,
            "f1": self.f1,
            "oov_words": self.unknown,
            "oov_recall": self.unknown_recall,
        }


def read_gold(path: str | Path) -> list[list[str]]:
    """Sentences of words from a file of one sentence a line, words between spaces.

    Raises:
        DataError: The file cannot be read, is not UTF-8, or has no word.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"not UTF-8: {error.reason}", where=path) from None
    except OSError as error:
        raise DataError(error.strerror or str(error), where=path) from None
    sentences = [line.split() for line in text.split("\n")]
    if not any(sentences):
        raise DataError("no words", where=path, hint="one sentence a line, words between spaces")
    return [words for words in sentences if words]


def evaluate(
    segmenter: BatchSegmenter, gold: Sequence[Sequence[str]], known: Collection[str] | None = None
) -> Score:
    """Compare an engine with gold sentences; it sees them without the spaces.

    Args:
        gold: The words of each sentence.
        known: The words of a training text; None counts no word as unknown.
    """
    score = Score()
    found = segmenter.cut_batch(["".join(words) for words in gold])
    for expected, words in zip(gold, found, strict=True):
        gold_spans = list(spans(expected))
        right = set(gold_spans) & set(spans(words))
        score.gold += len(expected)
        score.predicted += len(words)
        score.correct += len(right)
        if known is not None:
            pairs = zip(gold_spans, expected, strict=True)
            unknown = [span for span, word in pairs if word not in known]
            score.unknown += len(unknown)
            score.unknown_found += sum(span in right for span in unknown)
    return score


def spans(words: Iterable[str]) -> Iterator[Span]:
    """Character ranges of words that follow one another.

    >>> list(spans(["北京", "好"]))
    [(0, 2), (2, 3)]
    """
    start = 0
    for word in words:
        yield start, start + len(word)
        start += len(word)


def _words_of(paths: Iterable[str | Path]) -> set[str]:
    return {word for path in paths for words in read_gold(path) for word in words}


def evaluate_files(
    gold: Sequence[str | Path],
    engines: Sequence[str],
    train: Sequence[str | Path] | None = None,
    user_dict: Path | None = None,
) -> list[dict[str, Any]]:
    """Scores of every engine on every gold file.

    Args:
        gold: Files for :func:`read_gold`.
        engines: Names of engines.
        train: Files whose words are known.
        user_dict: Dictionary of the only engine.

    Returns:
        ``gold``, ``engine`` and :meth:`Score.to_json`, file by file.

    Raises:
        UsageError: An engine is unknown, or there are several for one dictionary.
        DataError: As :func:`read_gold`.
    """
    if user_dict is not None and len(engines) > 1:
        raise UsageError(
            "a dictionary is in the format of one engine, and several are to be measured",
            where=user_dict,
            hint="name one --engine",
        )
    segmenters = {name: open_segmenter(name, user_dict) for name in engines}
    known = None if train is None else _words_of(train)
    rows = []
    for path in gold:
        sentences = read_gold(path)
        for name, segmenter in segmenters.items():
            score = evaluate(segmenter, sentences, known)
            rows.append({"gold": str(path), "engine": name, **score.to_json()})
    return rows
