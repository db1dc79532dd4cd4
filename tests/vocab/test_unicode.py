from __future__ import annotations

import pytest
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer

from corpuskit.vocab.unicode import is_basic_cjk, is_cjk, is_punctuation, script_of
from tests.vocab.corpora import SCRIPTS, fuzz

CHARS = sorted({char for text in (SCRIPTS, *fuzz(20, 500)) for char in text})
EDGES = [0x3400, 0x4DBF, 0x4E00, 0x9FA5, 0x9FA6, 0x9FFF, 0x20000, 0x2A6DF, 0x2B740, 0x2B81F]
EDGES += [0x2B820, 0x2B91F, 0x2B920, 0x2CEAF, 0x2CEB0, 0xF900, 0xFAFF, 0x2F800, 0x2FA1F]
EDGES += [edge + step for edge in EDGES for step in (-1, 1)]


def test_ideographs_are_those_that_the_normaliser_sets_apart() -> None:
    normalize = BertNormalizer(lowercase=False).normalize_str
    for char in (*CHARS, *map(chr, EDGES)):
        assert is_cjk(char) == (normalize(f"a{char}a") == f"a {char} a"), hex(ord(char))


def test_punctuation_is_what_the_pre_tokenizer_isolates() -> None:
    cut = BertPreTokenizer().pre_tokenize_str
    for char in CHARS:
        words = [word for word, _ in cut(f"中{char}b")]
        assert is_punctuation(char) == (words == ["中", char, "b"]), hex(ord(char))


def test_basic_ideographs() -> None:
    found = [point for point in range(0x110000) if is_basic_cjk(chr(point))]
    assert (len(found), found[0], found[-1]) == (20902, 0x4E00, 0x9FA5)
    assert not is_basic_cjk("中国") and not is_basic_cjk("")


@pytest.mark.parametrize(
    ("char", "script"),
    [
        ("中", "cjk"),
        ("𠀀", "cjk"),
        ("a", "latin"),
        ("é", "latin"),
        ("Ａ", "fullwidth"),
        ("か", "hiragana"),
        ("カ", "katakana"),
        ("ｱ", "katakana"),
        ("한", "hangul"),
        ("ж", "cyrillic"),
        ("ไ", "thai"),
        ("8", "common"),
        ("。", "common"),
        ("😊", "common"),
        (" ", "common"),
        ("\u0378", "common"),
    ],
)
def test_scripts(char: str, script: str) -> None:
    assert script_of(char) == script
