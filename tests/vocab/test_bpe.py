from __future__ import annotations

from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from corpuskit.errors import DataError
from corpuskit.vocab.bpe import PiecesStage, train_bpe
from corpuskit.vocab.counts import read_pieces, write_words
from corpuskit.work import RunOptions, run
from tests.vocab.corpora import sample_texts, write_jsonl

WORDS = [("low", 50), ("lower", 20), ("newest", 60), ("widest", 30), ("straße", 9), ("日本", 4)]


def trained(directory: Path, words: list[tuple[str, int]], size: int) -> list[str]:
    write_words(directory / "words.tsv", words)
    count = train_bpe(directory / "words.tsv", directory / "pieces.vocab", size=size)
    pieces = read_pieces(directory / "pieces.vocab")
    assert pieces[:3] == ["<unk>", "<s>", "</s>"]
    assert len(pieces) == count + 3
    return pieces[3:]


def test_the_size_is_kept(tmp_path: Path) -> None:
    for size in (20, 25, 30):
        pieces = trained(tmp_path, WORDS, size)
        assert len(pieces) == len(set(pieces)) == size
        assert {"▁", "l", "o", "w", "ß", "日", "本"} <= set(pieces)


def test_the_most_frequent_pair_comes_first(tmp_path: Path) -> None:
    pairs = Counter[str]()
    for word, count in WORDS:
        pairs.update({first + second: count for first, second in pairwise(f"▁{word}")})
    first = trained(tmp_path, WORDS, 25)[0]
    assert pairs[first] == max(pairs.values())


def test_a_small_corpus_has_fewer_pieces(tmp_path: Path) -> None:
    pieces = trained(tmp_path, WORDS, 17000)
    assert {f"▁{word}" for word, _ in WORDS} <= set(pieces)
    assert len(pieces) < 100
    assert trained(tmp_path, [("ab", 1)], 17000) == ["ab", "▁ab", "a", "b", "▁"]


def test_words_of_one_character_take_no_room(tmp_path: Path) -> None:
    ideographs = [(chr(point), 1000) for point in range(0x4E00, 0x4F00)]
    assert trained(tmp_path, [*ideographs, *WORDS], 30) == trained(tmp_path, WORDS, 30)


def test_fewer_than_the_characters_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="15 different characters") as caught:
        trained(tmp_path, WORDS, 14)
    assert "--size 15" in str(caught.value.hint)
    assert len(trained(tmp_path, WORDS, 15)) == 15


def test_no_words(tmp_path: Path) -> None:
    for words in ([], [("中", 5), (",", 3)]):
        with pytest.raises(DataError, match="no words") as caught:
            trained(tmp_path, words, 100)
        assert "--scripts all" in str(caught.value.hint)


def test_equal_runs_give_equal_pieces(sample: Path, tmp_path: Path) -> None:
    source = write_jsonl(tmp_path / "in.jsonl", sample_texts(sample, 20))
    written = set()
    for name, workers, unit_bytes in (("one", 1, 1 << 26), ("two", 2, 1 << 17)):
        options = RunOptions(workers=workers, unit_bytes=unit_bytes)
        report = run(PiecesStage("all", size=3000), [source], tmp_path / name, options)
        assert report["pieces"] == 3000
        assert report["stage"] == "vocab-bpe"
        written.add((tmp_path / name).read_bytes())
    assert len(written) == 1
