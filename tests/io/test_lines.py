from __future__ import annotations

import sys

from corpuskit.io.lines import is_blank, split_lines


def test_blank_is_what_python_calls_white_space() -> None:
    for code in range(sys.maxunicode + 1):
        if not 0xD800 <= code <= 0xDFFF:
            assert is_blank(chr(code).encode()) == chr(code).isspace(), hex(code)
    assert is_blank(b"")
    assert is_blank(" 　\t\r".encode())
    assert not is_blank(b" \xe3\x80")


def test_lines_do_not_depend_on_the_blocks() -> None:
    data = b"one\n\ntwo\r\n\nthree"
    expected = [(0, b"one", None), (4, b"", None), (5, b"two\r", None), (10, b"", None)]
    expected += [(11, b"three", None)]
    for size in range(1, len(data) + 1):
        blocks = (data[i : i + size] for i in range(0, len(data), size))
        assert list(split_lines(blocks)) == expected


def test_only_the_start_of_a_file_has_a_byte_order_mark() -> None:
    blocks = [b"\xef", b"\xbb", b"\xbfa\n\xef\xbb\xbfb\n"]
    assert list(split_lines(blocks)) == [(0, b"a", None), (5, b"\xef\xbb\xbfb", None)]
    assert next(split_lines(blocks, offset=9)) == (9, b"\xef\xbb\xbfa", None)
