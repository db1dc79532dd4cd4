from __future__ import annotations

from pathlib import Path

import pytest

from corpuskit.errors import DataError
from corpuskit.segment.lac_dictionary import Phrase, parse_phrase, read_dictionary


@pytest.mark.parametrize(
    ("line", "phrase"),
    [
        ("春天/SEASON", Phrase("春天", [2], ["SEASON"])),
        ("花/n 开/v", Phrase("花开", [1, 2], ["n", "v"])),
        ("秋天 的\t风", Phrase("秋天的风", [2, 3, 4], ["", "", ""])),
        ("a/b/c", Phrase("a/b", [3], ["c"])),
        ("/n", Phrase("/n", [2], [""])),
        ("大桥/", Phrase("大桥", [2], [""])),
        ("和/c", Phrase("和", [1], ["c"])),
        ("和", None),
        ("   ", None),
    ],
)
def test_lines(line: str, phrase: Phrase | None) -> None:
    assert parse_phrase(line) == phrase


def test_a_file_with_byte_order_mark_and_empty_lines(tmp_path: Path) -> None:
    path = tmp_path / "dict.txt"
    path.write_text("\ufeff春天\r\n\n花 开\n", encoding="utf-8")
    assert [phrase.text for phrase in read_dictionary(path)] == ["春天", "花开"]


@pytest.mark.parametrize("content", [b"\xb0\xd9\xb6\xc8\n", None], ids=["gbk", "missing"])
def test_an_unreadable_file_is_named(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "dict.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        read_dictionary(path)
    assert caught.value.where == str(path)
