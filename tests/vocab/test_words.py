from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

from corpuskit.vocab.counts import write_words
from corpuskit.vocab.words import (
    WordsStage,
    all_words,
    is_word,
    latin_words,
    merge_counts,
    merge_files,
    normalize,
)
from corpuskit.work import RunOptions, run
from tests.vocab.corpora import SCRIPTS, fuzz, sample_texts, write_jsonl


def bert_words(text: str, *, lowercase: bool) -> list[str]:
    """The words as the `tokenizers` library cuts them."""
    normal = BertNormalizer(lowercase=lowercase).normalize_str(text)
    return [word for word, _ in BertPreTokenizer().pre_tokenize_str(normal)]


def our_words(text: str, *, lowercase: bool) -> list[str]:
    runs = normalize(text, lowercase=lowercase).split()
    return [word for run in runs for word in all_words(run)]


@pytest.mark.parametrize("lowercase", [True, False])
def test_words_are_those_of_the_encoder(lowercase: bool, sample: Path) -> None:
    for text in (*sample_texts(sample, 10), *fuzz(200, 100)):
        assert our_words(text, lowercase=lowercase) == bert_words(text, lowercase=lowercase)


@pytest.mark.parametrize("lowercase", [True, False])
def test_the_table_normalises_as_the_library(lowercase: bool) -> None:
    library = BertNormalizer(lowercase=lowercase)
    for text in (SCRIPTS, *fuzz(100, 100, seed=8)):
        assert normalize(text, lowercase=lowercase) == library.normalize_str(text)


def test_latin_words() -> None:
    assert latin_words("abc中文i'm 3×4 straße") == ["abc", "i", "m", "3", "4", "straße"]
    assert latin_words("при") == []


def test_what_the_encoder_leaves_whole() -> None:
    whole = ["the", "9", "straße", "при", "😊"]
    broken = ["", "The", "café", "中", "a,", "a b", "a\u200b", "###", "が"]
    assert [is_word(text, lowercase=True) for text in whole] == [True] * len(whole)
    assert [is_word(text, lowercase=True) for text in broken] == [False] * len(broken)
    assert is_word("Café", lowercase=False)


@pytest.mark.parametrize("scripts", ["latin", "all"])
@pytest.mark.parametrize("lowercase", [True, False])
def test_counts_equal_a_count_by_hand(
    scripts: str, lowercase: bool, sample: Path, tmp_path: Path
) -> None:
    texts = sample_texts(sample)
    source = write_jsonl(tmp_path / "in.jsonl", texts)
    stage = WordsStage(scripts, lowercase, min_count=3)
    options = RunOptions(workers=1, unit_bytes=1 << 16)
    report = run(stage, [source], tmp_path / "words.tsv", options)
    words = [word for text in texts for word in bert_words(text, lowercase=lowercase)]
    if scripts == "latin":
        latin = re.compile(r"(?:(?![×÷])[0-9A-Za-zÀ-ɏ\u0300-\u036fḀ-ỿ])+")
        words = [piece for word in words for piece in latin.findall(word)]
    expected = {word: count for word, count in Counter(words).items() if count >= 3}
    lines = (tmp_path / "words.tsv").read_text(encoding="utf-8").splitlines()
    pairs = [line.split("\t") for line in lines]
    assert {word: int(count) for word, count in pairs} == expected
    assert [word for word, _ in pairs] == sorted(expected)
    assert report["distinct"] == len(expected)
    assert report["words"] == len(words)


def test_counts_merge_as_a_stream() -> None:
    runs = [iter([("a", 1), ("c", 2)]), iter([("a", 3), ("b", 4)]), iter([])]
    assert list(merge_counts(runs)) == [("a", 4), ("b", 4), ("c", 2)]


def test_more_count_files_than_may_be_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("corpuskit.vocab.words.OPEN_RUNS", 3)
    expected: Counter[str] = Counter()
    runs = []
    for number in range(23):
        counts = {f"w{word}": word + 1 for word in range(number % 5, 40, number % 7 + 1)}
        expected.update(counts)
        runs.append(tmp_path / f"run-{number}")
        write_words(runs[-1], sorted(counts.items()))
    (tmp_path / "between").mkdir()
    assert dict(merge_files(runs, tmp_path / "between")) == expected
