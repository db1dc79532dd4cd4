from __future__ import annotations

import gzip
import random
from pathlib import Path

import numpy as np
import pytest

from corpuskit import _native

Spans = list[tuple[int, int, int]]


def oracle(data: bytes) -> tuple[Spans, int, bool]:
    """Spans, begin of the open element, inside an array? One byte at a time."""
    spans: Spans = []
    state, opened, depth = "outside", -1, 0
    for at, byte in enumerate(data):
        char = chr(byte)
        if state == "string":
            state = {"\\": "escape", '"': "element"}.get(char, state)
            continue
        if state == "escape":
            state = "string"
            continue
        if state == "stray":
            if char == "\n":
                spans.append((opened, at, 0))
                state, opened = "outside", -1
            continue
        if state == "outside":
            if char == "[":
                state = "between"
            elif char not in " \n\r\t" and char != "\xef\xbb\xbf"[at : at + 1]:
                state, opened = "stray", at
            continue
        if state == "between":
            if char == "]":
                state = "outside"
                continue
            if char in ", \n\r\t":
                continue
            state, opened, depth = "element", at, 0
        elif depth == 0 and char in ",]":
            spans.append((opened, at, 1))
            state, opened = ("between" if char == "," else "outside"), -1
            continue
        if char == '"':
            state = "string"
        elif char in "{[":
            depth += 1
        elif char in "}]":
            depth = max(0, depth - 1)
    return spans, opened, state not in ("outside", "stray")


def scan(data: bytes, cuts: list[int]) -> tuple[Spans, int, bool]:
    scanner = _native.JsonArrayScanner()
    spans: Spans = []
    for start, stop in zip([0, *cuts], [*cuts, len(data)], strict=True):
        found = scanner.feed(data[start:stop])
        assert found.dtype == np.int64
        assert found.shape[1:] == (3,)
        spans += [tuple(span) for span in found.tolist()]
    return spans, scanner.open, scanner.inside


def test_equals_the_oracle_on_random_bytes() -> None:
    rng = random.Random(7)
    for _ in range(3000):
        start = rng.choice([b"", b"[", b"[", b"\xef\xbb\xbf["])
        data = start + bytes(rng.choices(b'[]{},"\\\n xu1', k=rng.randrange(120)))
        cuts = sorted(rng.randrange(len(data) + 1) for _ in range(rng.randrange(4)))
        assert scan(data, cuts) == oracle(data)


def test_equals_the_oracle_on_long_strings() -> None:
    rng = random.Random(8)
    for _ in range(300):
        strings = (
            b"x" * rng.randrange(70) + rng.choice([b'\\"', b"\\\\", b"\\\\\\n", b""])
            for _ in range(9)
        )
        data = b'["' + b'", "'.join(strings) + b'"]'
        cuts = sorted(rng.randrange(len(data) + 1) for _ in range(rng.randrange(4)))
        assert scan(data, cuts) == oracle(data)


def test_finds_every_line_of_a_real_corpus(shared_data: Path) -> None:
    with gzip.open(shared_data / "zh_web.jsonl.gz") as file:
        lines = file.read(8 << 20).splitlines()[:-1]
    data = b"[" + b",\n".join(lines) + b"]"
    spans, opened, inside = scan(data, list(range(1 << 16, len(data), 1 << 16)))
    assert [data[begin:end] for begin, end, _ in spans] == lines
    assert (opened, inside) == (-1, False)


def test_beginning_between_elements() -> None:
    scanner = _native.JsonArrayScanner(inside=True, offset=100)
    assert scanner.feed(b"{}, 1]").tolist() == [[100, 102, 1], [104, 105, 1]]


def test_only_bytes_are_taken() -> None:
    with pytest.raises(ValueError, match="one run of bytes"):
        _native.JsonArrayScanner().feed(np.zeros(4, np.int32))
    with pytest.raises(ValueError, match="one run of bytes"):
        _native.JsonArrayScanner().feed(memoryview(b"abcd")[::2])
