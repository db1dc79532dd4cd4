"""The sentence rules as regular expressions over strings."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

Splitter = Callable[[str], list[str]]

_CLOSING = "”’」』）】》〉〕｝\"')\\]}"
_EAST_ASIAN = "\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"
_END = re.compile(
    rf"(?:[。？！；｡]|…{{2,}}|[?!;](?=[?!;。…—“‘{_CLOSING}\s{_EAST_ASIAN}]|$))"
    rf"[。？！；｡?!;…{_CLOSING}]*"
    rf"|(?<![A-Z])\.[{_CLOSING}]*(?=\s+[\"'“‘(\[]*[A-Z0-9])"
)
_ABBREVIATION = re.compile(
    r"(?<![A-Za-z])(?:Mr|Mrs|Ms|Dr|Prof|St|Gen|Col|Sen|Rep|Gov|Capt|Lt|Sgt|Rev|Hon|Jr|Sr|"
    r"No|Nos|Fig|Figs|Eq|Sec|Ch|Vol|vs|etc|al|cf|e\.g|i\.e|approx|Inc|Ltd|Co|Corp|"
    r"Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec)$"
)
_LONGEST_ABBREVIATION = 6


def split_default(text: str) -> list[str]:
    """Sentences under the default rules, stripped, none empty.

    >>> split_default("他说：“走吧。”然后走了。真的?!不会吧……好")
    ['他说：“走吧。”', '然后走了。', '真的?!', '不会吧……', '好']
    """
    return [s for line in text.split("\n") for s in _sentences(line) if s]


def _sentences(line: str) -> Iterator[str]:
    start = 0
    for match in _END.finditer(line):
        if line[match.start()] == "." and _is_abbreviation(line, start, match.start()):
            continue
        yield line[start : match.end()].strip()
        start = match.end()
    yield line[start:].strip()


def _is_abbreviation(line: str, start: int, stop: int) -> bool:
    """Whether a sentence from ``start`` does not end with the full stop at ``stop``."""
    word = line[max(start, stop - _LONGEST_ABBREVIATION - 1) : stop]
    is_number = stop - start <= _LONGEST_ABBREVIATION and word.strip().isdecimal()
    return is_number or _ABBREVIATION.search(word) is not None


_PADDLE_ENDS = ("\n", "。", "?", "？", " ", ";", "；", "！", "!")
_PADDLE_COLLAPSE = [(re.compile(f"{re.escape(c)}+ *"), c) for c in _PADDLE_ENDS]
_PADDLE_BREAK = re.compile("[。?？;；！!]")


def split_paddle(text: str) -> list[str]:
    """Sentences under the ancestor's rules; a lone space or U+3000 survives as one.

    >>> split_paddle("真的?!不会吧；；是的")
    ['真的?', '!', '不会吧；', '是的']
    """
    for pattern, mark in _PADDLE_COLLAPSE:
        text = pattern.sub(mark, text)
    return [s for s in _PADDLE_BREAK.sub(lambda m: m[0] + "\n", text).split("\n") if s]


_COMMA = re.compile("[，、,：:]")


def cut_long(sentence: str, limit: int) -> list[str]:
    """Cut a sentence of more than ``limit`` characters at its commas, else anywhere.

    >>> cut_long("一二，三四五，六", 5)
    ['一二，', '三四五，六']
    """
    pieces = []
    start = 0
    while len(sentence) - start > limit:
        commas = [match.end() for match in _COMMA.finditer(sentence, start, start + limit)]
        stop = commas[-1] if commas else start + limit
        pieces.append(sentence[start:stop].strip())
        start = stop
    return [piece for piece in (*pieces, sentence[start:].strip()) if piece]


def split(text: str, rules: str = "default", max_chars: int = 0) -> list[str]:
    """The sentences of a document, as the kernel is to give them."""
    splitter: Splitter = {"default": split_default, "paddle": split_paddle}[rules]
    sentences = [sentence for sentence in splitter(text) if sentence.strip()]
    if max_chars:
        return [piece for sentence in sentences for piece in cut_long(sentence, max_chars)]
    return sentences
