from __future__ import annotations

from itertools import groupby
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpuskit.io import lines as lines_module
from corpuskit.io import text as text_module
from tests.io.corpora import only_reject, read_file, rejects, texts, write

PROPERTY = settings(
    derandomize=True,
    deadline=None,
    max_examples=300,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def oracle(data: bytes) -> list[str]:
    """Paragraphs of a text, by the book."""
    lines = data.decode("utf-8-sig").split("\n")
    groups = groupby(lines, key=lambda line: bool(line.strip()))
    return ["\n".join(line.removesuffix("\r") for line in group) for full, group in groups if full]


@pytest.mark.parametrize("format", ["auto", "txt", "clue"])
def test_documents_between_blank_lines(tmp_path: Path, format: str) -> None:
    path = write(tmp_path / "a.txt", "\n\n第一句。\n第二句。\n \n　\n第三句。".encode())
    items, lines = read_file(path, format)
    assert texts(items) == ["第一句。\n第二句。", "第三句。"]
    assert lines == 7


def test_spaces_within_a_document_are_kept(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", "　　段落 \n\ttab\r\n".encode())
    assert texts(read_file(path)[0]) == ["　　段落 \n\ttab"]


def test_nul_is_text(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", b"a\0b\n\0\n")
    assert texts(read_file(path)[0]) == ["a\0b\n\0"]


def test_invalid_utf8_rejects_its_document_only(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", b"one\n\ntwo\n\xe4\xbd\ntwo\n\nthree\n")
    items, _ = read_file(path, "txt")
    assert texts(items) == ["one", "three"]
    (reject,) = rejects(items)
    assert reject.reason == "invalid UTF-8: byte 0xe4 at 4 of the record"
    assert (reject.line, reject.offset) == (3, 5)
    assert reject.sample == "two\n\\xe4\\xbd\ntwo"


def test_a_document_above_the_limit_is_rejected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines_module, "MAX_RECORD_BYTES", 1 << 20)
    monkeypatch.setattr(text_module, "MAX_RECORD_BYTES", 1 << 20)
    sentence = b"word " * 100 + b"\n"
    path = write(tmp_path / "a.txt", b"one\n\n" + sentence * 3000 + b"\nthree\n")
    items, _ = read_file(path)
    assert texts(items) == ["one", "three"]
    (reject,) = rejects(items)
    assert reject.reason == "document too long: above 1 MiB without a blank line"
    assert (reject.line, reject.offset, reject.sample) == (3, 5, ("word " * 40))


def test_a_line_above_the_limit_rejects_its_document(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines_module, "MAX_RECORD_BYTES", 1 << 20)
    path = write(tmp_path / "a.txt", b"one\n\ntwo\n" + b"x" * (3 << 20) + b"\ntwo\n\nthree")
    assert only_reject(path).reason == "line too long: above 1 MiB"
    assert texts(read_file(path)[0]) == ["one", "three"]


LINES = st.sampled_from(
    ["", "", " ", "　", "\t　 ", "a", "中文 ", "　第。", "a\rb", "\x1c", "\x85"]
)


@PROPERTY
@given(
    st.lists(LINES, max_size=14),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["", "\ufeff", "\n", "\r\n\r\n"]),
    st.integers(1, 64),
)
def test_units_add_up_to_the_file(
    tmp_path: Path, pieces: list[str], end: str, start: str, unit_bytes: int
) -> None:
    data = (start + end.join(pieces)).encode()
    path = write(tmp_path / "a.txt", data)
    items, lines = read_file(path, "txt", unit_bytes=unit_bytes)
    assert texts(items) == oracle(data)
    assert not rejects(items)
    assert lines == data.count(b"\n") + (not data.endswith(b"\n") and bool(data))


@PROPERTY
@given(
    st.lists(
        st.sampled_from([b"\n", b"\r", b" ", b"\xe3", b"\x80", b"a", b"\xff", b"\xef\xbb\xbf"])
    ),
    st.integers(1, 16),
)
def test_units_of_garbage_add_up_to_the_file(
    tmp_path: Path, pieces: list[bytes], unit_bytes: int
) -> None:
    path = write(tmp_path / "a.txt", b"".join(pieces))
    assert read_file(path, "txt", unit_bytes=unit_bytes) == read_file(path, "txt")
