from __future__ import annotations

from pathlib import Path

import pytest

from corpuskit.errors import DataError
from corpuskit.vocab.counts import (
    by_frequency,
    read_characters,
    read_pieces,
    write_characters,
    write_words,
)


def test_characters_there_and_back(tmp_path: Path) -> None:
    counts = {"中": 3, "\t": 9, "\n": 1, "\0": 1, "\u3000": 2, "😊": 3, "\u0301": 1}
    write_characters(tmp_path / "c.tsv", counts)
    assert read_characters(tmp_path / "c.tsv") == counts
    lines = (tmp_path / "c.tsv").read_text(encoding="utf-8").splitlines()
    assert lines[:3] == ["U+0009\t9\t", "U+4E2D\t3\t中", "U+1F60A\t3\t😊"]


def test_the_order_is_total() -> None:
    assert by_frequency({"b": 1, "c": 2, "a": 1}) == [("c", 2), ("a", 1), ("b", 1)]


@pytest.mark.parametrize("line", ["中\t3", "U+4E2D", "U+4E2D\tmany\t中", "U+110000\t1\t", ""])
def test_a_bad_line_is_named(line: str, tmp_path: Path) -> None:
    path = tmp_path / "c.tsv"
    path.write_text(f"U+4E2D\t3\t中\n{line}\n", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_characters(path)
    assert caught.value.where == f"{path}:2"


def test_surrogates_are_no_characters(tmp_path: Path) -> None:
    (tmp_path / "c.tsv").write_text("U+D800\t3\t\n")
    with pytest.raises(DataError):
        read_characters(tmp_path / "c.tsv")


def test_words_and_pieces(tmp_path: Path) -> None:
    write_words(tmp_path / "w.tsv", [("the", 5), ("中", 1)])
    assert (tmp_path / "w.tsv").read_text(encoding="utf-8") == "the\t5\n中\t1\n"
    (tmp_path / "p.vocab").write_text("▁the\t-1\ne\t-2.5\n", encoding="utf-8")
    assert read_pieces(tmp_path / "p.vocab") == ["▁the", "e"]
    (tmp_path / "p.vocab").write_text("▁the\n", encoding="utf-8")
    with pytest.raises(DataError, match="piece TAB score"):
        read_pieces(tmp_path / "p.vocab")


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "bad").write_bytes(b"\xff\n")
    for path in (tmp_path / "bad", tmp_path / "none"):
        with pytest.raises(DataError) as caught:
            read_characters(path)
        assert caught.value.where == str(path)
