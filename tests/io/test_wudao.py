from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpuskit.io import lines as lines_module
from corpuskit.io import wudao as wudao_module
from corpuskit.io.documents import Document
from tests.io.corpora import only_reject, read_file, rejects, texts, write

PROPERTY = settings(
    derandomize=True,
    deadline=None,
    max_examples=100,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def array(*objects: object, **options: Any) -> bytes:
    return json.dumps(objects, ensure_ascii=False, **options).encode()


def test_content_stands_in_for_text(tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", array({"content": "c", "title": "t"}, {"text": "x"}))
    assert read_file(path)[0] == [Document("c", {"title": "t"}), Document("x", {})]


def test_content_does_not_stand_in_for_other_keys(tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", array({"content": "c", "title": "t"}))
    assert texts(read_file(path, key="title")[0]) == ["t"]
    assert only_reject(path, key="titel").reason.endswith("did you mean 'title'?")


@pytest.mark.parametrize("data", [b"[]", b" [ \n ] \n", b"\xef\xbb\xbf[]", b"[][ ]"])
def test_empty_arrays(tmp_path: Path, data: bytes) -> None:
    assert read_file(write(tmp_path / "a.json", data)) == ([], 0)


def test_arrays_one_after_the_other(tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", array({"content": "1"}) + b"\n" + array({"content": "2"}))
    assert texts(read_file(path)[0]) == ["1", "2"]


def test_bad_elements_are_rejected_one_by_one(tmp_path: Path) -> None:
    elements = [
        b'{"content":"a"}', b"3", b"[1,2]", b'{"content":"\xff"}', b'{"content":}',
        b'{"content":"b"} {"content":"c"}', b'{"content":"\\ud800"}', b'{"content":"d"}}',
        b'{"content":"e"}',
    ]  # fmt: skip
    path = write(tmp_path / "a.json", b"[" + b",".join(elements) + b"]")
    items, _ = read_file(path, "wudao")
    assert texts(items) == ["a", "e"]
    found = rejects(items)
    kinds = ["not an object", "not an object", "invalid UTF-8", "not valid JSON"]
    kinds += ["not valid JSON", "lone surrogate", "not valid JSON"]
    assert [reject.reason.split(":")[0] for reject in found] == kinds
    data = path.read_bytes()
    for reject, element in zip(found, elements[1:-1], strict=True):
        assert data[reject.offset :].startswith(element)
        assert reject.sample == element.decode("utf-8", "backslashreplace")
        assert reject.line is None


@pytest.mark.parametrize(
    ("tail", "offset"), [(b'{"content": "cut', 0), (b"", 0), (b"\n", 1), (b"12", 0)]
)
def test_a_truncated_array(tmp_path: Path, tail: bytes, offset: int) -> None:
    good = b'[{"content": "1"},'
    reject = only_reject(path := write(tmp_path / "a.json", good + tail))
    assert texts(read_file(path)[0]) == ["1"]
    assert reject.reason == "truncated array: the file ends before its closing bracket"
    assert reject.offset == len(good) + offset
    assert reject.sample == tail[offset:].decode()


def test_what_stands_outside_the_array_is_rejected_line_by_line(tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", b'{"content": "0"}\n' + array({"content": "1"}) + b"\nend")
    items, _ = read_file(path, "wudao")
    assert texts(items) == ["1"]
    first, last = rejects(items)
    assert first.reason == last.reason
    assert first.reason.startswith("outside the array")
    assert (first.sample, last.sample) == ('{"content": "0"}', "end")


def test_an_element_above_the_limit_is_rejected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines_module, "MAX_RECORD_BYTES", 2 << 20)
    monkeypatch.setattr(wudao_module, "MAX_RECORD_BYTES", 2 << 20)
    long = {"content": "x" * (5 << 20)}
    path = write(tmp_path / "a.json", array({"content": "1"}, long, {"content": "2"}))
    assert texts(read_file(path)[0]) == ["1", "2"]
    reject = only_reject(path)
    assert reject.reason == "record too long: above 2 MiB"
    assert path.read_bytes()[reject.offset :].startswith(reject.sample.encode())
    assert len(reject.sample) == 200


TEXTS = st.text(st.sampled_from('a中},{[]":\\ \n'), max_size=12)
VALUES = st.recursive(
    TEXTS | st.integers() | st.none(),
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
    max_leaves=6,
)
OBJECTS = st.builds(lambda content, other: {"content": content, "o": other}, TEXTS, VALUES)


@PROPERTY
@given(
    st.lists(OBJECTS, max_size=8),
    st.sampled_from([None, 0, 2]),
    st.booleans(),
    st.sampled_from(["", " \r\n", "\ufeff"]),
    st.integers(1, 64),
)
def test_units_add_up_to_the_array(
    tmp_path: Path, objects: list[Any], indent: int | None, ascii: bool, start: str, size: int
) -> None:
    data = start + json.dumps(objects, indent=indent, ensure_ascii=ascii) + "\n"
    path = write(tmp_path / "a.json", data.encode())
    expected = [Document(item["content"], {"o": item["o"]}) for item in objects]
    assert read_file(path, "wudao", unit_bytes=size) == (expected, 0)


@PROPERTY
@given(
    st.lists(
        st.sampled_from([b"[", b"]", b"{", b"}", b'"', b",", b"\\", b"\n", b"1", b'{"content":""}'])
    ),
    st.integers(1, 16),
)
def test_units_of_garbage_add_up_to_the_file(
    tmp_path: Path, pieces: list[bytes], unit_bytes: int
) -> None:
    path = write(tmp_path / "a.json", b"".join(pieces))
    assert read_file(path, "wudao", unit_bytes=unit_bytes) == read_file(path, "wudao")
