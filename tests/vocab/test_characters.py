from __future__ import annotations

from collections import Counter
from pathlib import Path

from corpuskit.vocab.characters import CharactersStage
from corpuskit.vocab.counts import read_characters
from corpuskit.work import RunOptions, run
from tests.vocab.corpora import fuzz, sample_texts, write_jsonl


def test_counts_equal_a_counter(sample: Path, tmp_path: Path) -> None:
    texts = [*sample_texts(sample), *fuzz(50, 300), "", "\0\n"]
    source = write_jsonl(tmp_path / "in.jsonl", texts)
    expected = Counter(char for text in texts for char in text)
    for name, workers, unit_bytes in (("one", 1, 1 << 26), ("two", 2, 1 << 17)):
        options = RunOptions(workers=workers, unit_bytes=unit_bytes)
        report = run(CharactersStage(), [source], tmp_path / name, options)
        assert read_characters(tmp_path / name) == expected
        assert report["characters"] == expected.total()
        assert report["distinct"] == len(expected)
        assert report["documents"] == len(texts)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_nothing_to_count(tmp_path: Path) -> None:
    report = run(
        CharactersStage(),
        [write_jsonl(tmp_path / "in.jsonl", [])],
        tmp_path / "out",
        RunOptions(workers=1),
    )
    assert report["characters"] == 0
    assert (tmp_path / "out").read_bytes() == b""
