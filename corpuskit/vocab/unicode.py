"""Facts about characters that vocabularies are built from."""

from __future__ import annotations

import functools
import unicodedata

CJK_FIRST, CJK_LAST = 0x4E00, 0x9FA5
_CJK_RANGES = (
    (0x4E00, 0x9FFF),
    (0x3400, 0x4DBF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2B73F),
    (0x2B740, 0x2B81F),
    (0x2B920, 0x2CEAF),  # so in `tokenizers`; the block begins at U+2B820
    (0xF900, 0xFAFF),
    (0x2F800, 0x2FA1F),
)


def is_basic_cjk(char: str) -> bool:
    """One of the 20,902 ideographs U+4E00-U+9FA5."""
    return len(char) == 1 and CJK_FIRST <= ord(char) <= CJK_LAST


def is_cjk(char: str) -> bool:
    """An ideograph in the sense of BERT's tokenizer: always a token of its own."""
    point = ord(char)
    return any(first <= point <= last for first, last in _CJK_RANGES)


@functools.cache
def is_punctuation(char: str) -> bool:
    """Whether BERT's pre-tokenizer makes a token of its own of it.

    That is category P* of the Unicode version that ``tokenizers`` knows, and all ASCII
    symbols.
    """
    from tokenizers.pre_tokenizers import BertPreTokenizer

    return len(BertPreTokenizer().pre_tokenize_str(f"a{char}a")) == 3


_ALIASES = {"FULLWIDTH": "FULLWIDTH", "HALFWIDTH": "KATAKANA", "IDEOGRAPHIC": "CJK"}


@functools.lru_cache(maxsize=65536)
def script_of(char: str) -> str:
    """The script of a letter or mark, by the first word of its Unicode name.

    Digits, punctuation, symbols, spaces and unassigned code points give ``common``.

    >>> script_of("中"), script_of("か"), script_of("ж"), script_of("!")
    ('cjk', 'hiragana', 'cyrillic', 'common')
    """
    if unicodedata.category(char)[0] not in "LM":
        return "common"
    word = unicodedata.name(char, "COMMON").split()[0].split("-")[0]
    return _ALIASES.get(word, word).lower()
