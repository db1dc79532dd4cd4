from __future__ import annotations

import pytest

from corpuskit.io.documents import sample_of


@pytest.mark.parametrize("shift", range(4))
@pytest.mark.parametrize("character", ["a", "é", "中", "𠀀"])
def test_a_sample_ends_with_a_whole_character(character: str, shift: int) -> None:
    raw = b"x" * shift + character.encode() * 300
    sample = sample_of(raw)
    assert sample == "x" * shift + character * ((200 - shift) // len(character.encode()))


def test_undecodable_bytes_are_escaped() -> None:
    assert sample_of(b"\x80" * 300) == "\\x80" * 197
    assert sample_of("中".encode()[:2]) == "\\xe4\\xb8"
