from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpuskit.io import lines as lines_module
from corpuskit.io.documents import Document
from tests.io.corpora import only_reject, read_file, rejects, texts, write

PROPERTY = settings(
    derandomize=True,
    deadline=None,
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def records(*objects: object) -> bytes:
    return b"".join(json.dumps(obj, ensure_ascii=False).encode() + b"\n" for obj in objects)


def test_text_and_other_fields(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", records({"id": 7, "text": "中文", "meta": {"a": [1]}}))
    items, lines = read_file(path)
    assert items == [Document("中文", {"id": 7, "meta": {"a": [1]}})]
    assert lines == 1


def test_another_key(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", records({"body": "b", "text": "t"}))
    assert read_file(path, key="body")[0] == [Document("b", {"text": "t"})]


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"])
def test_line_ends_and_byte_order_mark(tmp_path: Path, start: bytes, end: bytes) -> None:
    path = write(tmp_path / "a.jsonl", start + end.join([b'{"text":"1"}', b'{"text":"2"}']))
    assert texts(read_file(path)[0]) == ["1", "2"]


def test_a_byte_order_mark_later_on_is_no_white_space(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", b'{"text":"1"}\n\xef\xbb\xbf{"text":"2"}\n')
    assert only_reject(path).line == 2


def test_blank_lines_are_counted_and_skipped(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", b'\n{"text":"1"}\n \t\r\n\n{"text":2}\n\n')
    items, lines = read_file(path)
    assert texts(items) == ["1"]
    assert [(r.line, r.offset) for r in rejects(items)] == [(5, 19)]
    assert lines == 6


BAD_LINES = {
    b'{"text":"\xff"}': "invalid UTF-8: byte 0xff at 9 of the record",
    b'{"text":"\xed\xa0\x80"}': "invalid UTF-8: byte 0xed at 9 of the record",
    b'{"text":"a"': "not valid JSON: ",
    b"{'text':'a'}": "not valid JSON: ",
    b'{"text":"a\0"}': "not valid JSON: ",
    b'{"text":"a"}{"text":"b"}': "not valid JSON: ",
    b"[" * 2000: "not valid JSON: ",
    b'["text"]': "not an object: it is an array",
    b'"text"': "not an object: it is a string",
    b"null": "not an object: it is null",
    b"1.5": "not an object: it is a number",
    b'{"text":null}': "'text' is not a string: it is null",
    b'{"text":["a"]}': "'text' is not a string: it is an array",
    b'{"text":true}': "'text' is not a string: it is a boolean",
    b'{"text":"\\ud800"}': "lone surrogate: ",
    b'{"text":"\\udc00x"}': "lone surrogate: ",
    b'{"txt":"a","id":1}': "no key 'text': the keys are 'txt', 'id'; did you mean 'txt'?",
    b'{"id":1,"content":"long"}': (
        "no key 'text': the keys are 'id', 'content'; did you mean 'content'?"
    ),
    b'{"id":1}': "no key 'text': the keys are 'id'",
    b"{}": "no key 'text': the object is empty",
}


@pytest.mark.parametrize("bad", BAD_LINES)
def test_a_bad_line_is_rejected_with_its_place(tmp_path: Path, bad: bytes) -> None:
    good = records({"text": "before"})
    path = write(tmp_path / "a.jsonl", good + bad + b"\n" + records({"text": "after"}))
    items, lines = read_file(path)
    assert texts(items) == ["before", "after"]
    (reject,) = rejects(items)
    assert reject.reason.startswith(BAD_LINES[bad])
    assert (reject.line, reject.offset, lines) == (2, len(good), 3)
    assert reject.sample == bad[:200].decode("utf-8", "backslashreplace")


def test_escaped_nul_is_text(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", b'{"text":"a\\u0000b"}\n')
    assert texts(read_file(path)[0]) == ["a\0b"]


def test_at_most_eight_keys_are_shown(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", records({f"k{i}": i for i in range(9)}))
    assert only_reject(path).reason.endswith("'k6', 'k7', …")


def test_a_line_above_the_limit_is_rejected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines_module, "MAX_RECORD_BYTES", 1 << 21)
    long = json.dumps({"text": "x" * (3 << 20)}).encode()
    fits = "y" * ((1 << 21) - len('{"text": ""}'))
    path = write(tmp_path / "a.jsonl", long + b"\n" + records({"text": fits}) + long)
    items, lines = read_file(path)
    assert texts(items) == [fits]
    first, last = rejects(items)
    assert first.reason == last.reason == "line too long: above 2 MiB"
    assert (first.line, first.offset) == (1, 0)
    assert (last.line, last.offset, lines) == (3, len(long) + (1 << 21) + 2, 3)
    assert first.sample == long[:200].decode()


LINES = st.sampled_from(
    [
        b"",
        b" ",
        "　".encode(),
        b'{"text":"a"}',
        '{"text":"中\\n文","n":1}'.encode(),
        b'{"text":1}',
        b'{"tex',
        b"\xff",
        b'{"text":"\r"}',
    ]
)


@PROPERTY
@given(
    st.lists(LINES, max_size=12),
    st.sampled_from([b"\n", b"\r\n"]),
    st.sampled_from([b"", b"\xef\xbb\xbf", b"\n"]),
    st.integers(1, 64),
)
def test_units_add_up_to_the_file(
    tmp_path: Path, pieces: list[bytes], end: bytes, start: bytes, unit_bytes: int
) -> None:
    data = start + end.join(pieces)
    path = write(tmp_path / "a.jsonl", data)
    whole = read_file(path, "jsonl")
    assert read_file(path, "jsonl", unit_bytes=unit_bytes) == whole
    assert whole[1] == len(data.split(b"\n")) - data.endswith((b"\n",)) - (not data)
    assert texts(whole[0]) == [
        json.loads(line)["text"]
        for line in data.removeprefix(b"\xef\xbb\xbf").split(b"\n")
        if line.strip() in (b'{"text":"a"}', '{"text":"中\\n文","n":1}'.encode())
    ]
