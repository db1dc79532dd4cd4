from __future__ import annotations

import gzip
import random
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from corpuskit import _native

count_characters = _native.count_characters


def oracle(data: bytes) -> tuple[dict[int, int], int]:
    """Counts by code point, and the bytes that Python's decoder throws away."""
    text = data.decode("utf-8", "ignore")
    return dict(Counter(map(ord, text))), len(data) - len(text.encode())


def count(data: bytes) -> tuple[dict[int, int], int]:
    counts = np.zeros(0x110000, np.uint64)
    invalid = _native.count_characters(data, counts)
    return {int(code): int(counts[code]) for code in np.flatnonzero(counts)}, invalid


def test_every_code_point() -> None:
    codes = [code for code in range(0x110000) if not 0xD800 <= code <= 0xDFFF]
    found, invalid = count("".join(map(chr, codes)).encode())
    assert found == dict.fromkeys(codes, 1)
    assert invalid == 0


def test_equals_the_oracle_on_random_bytes() -> None:
    rng = random.Random(7)
    counts = np.zeros(0x110000, np.uint64)
    edges = bytes.fromhex("007f80bfc0c1c2dfe0a09fe4ecedeeeff0908ff1f3f4f5ff41")
    for _ in range(5000):
        data = bytes(rng.choices(edges, k=rng.randrange(24)))
        expected, invalid = oracle(data)
        assert _native.count_characters(data, counts) == invalid, data
        codes = list(expected)
        assert counts[codes].tolist() == list(expected.values()), data
        counts[codes] = 0
    assert not counts.any()


@pytest.mark.parametrize("name", ["zh_web.jsonl.gz", "en_docs.txt.gz"])
def test_equals_the_oracle_on_real_text(shared_data: Path, name: str) -> None:
    with gzip.open(shared_data / name) as file:
        data = file.read(4 << 20)
    assert count(data) == oracle(data)


def test_counts_add_up() -> None:
    counts = np.zeros(0x110000, np.uint64)
    for data in (b"aab", bytearray("a中".encode()), memoryview(b""), np.frombuffer(b"b", np.uint8)):
        assert _native.count_characters(data, counts) == 0
    assert (counts[ord("a")], counts[ord("b")], counts[ord("中")]) == (3, 2, 1)


def test_arguments_are_checked() -> None:
    with pytest.raises(ValueError, match="0x110000"):
        _native.count_characters(b"a", np.zeros(10, np.uint64))
    with pytest.raises(ValueError, match="one run of bytes"):
        _native.count_characters(np.zeros(4, np.int16), np.zeros(0x110000, np.uint64))
    with pytest.raises(TypeError):
        _native.count_characters(b"a", np.zeros(0x110000, np.int64))
    readonly = np.zeros(0x110000, np.uint64)
    readonly.flags.writeable = False
    with pytest.raises(ValueError, match="not writeable"):
        _native.count_characters(b"a", readonly)
