"""Where a sentence ends.

Two sets of rules:

``default``
    Chinese and ASCII terminators, ``……`` and line ends close a sentence; a run of
    terminators stays together (``?!``) and closing quotes and brackets stay with the
    sentence they close. An ASCII ``?``, ``!`` or ``;`` ends a sentence only before a space,
    a CJK character or the end, so that addresses stay whole; a full stop ends one before a
    space and a capital letter, but not after an abbreviation or an initial.
``paddle``
    The rules of the PaddleNLP ERNIE data tools (``words_segmentation.py``), to the letter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

RULES = ("default", "paddle")

Splitter = Callable[[str], list[str]]

_CLOSING = "”’」』）】》〉〕｝\"')\\]}"
_END = re.compile(
    rf"(?:[。？！；｡]|…{{2,}}|[?!;](?=[?!;。？！；{_CLOSING}\s\u2e80-\u9fff\uff00-\uffef]|$))"
    rf"[。？！；｡?!;…]*[{_CLOSING}]*"
    rf"|(?<![A-Z])\.[{_CLOSING}]*(?=\s+[\"'“‘(\[]*[A-Z0-9])"
)
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\"'“‘])(?:Mr|Mrs|Ms|Dr|Prof|St|Gen|Col|Sen|Rep|Gov|Capt|Lt|Sgt|Rev|Hon|Jr|Sr|"
    r"No|Nos|Fig|Figs|Eq|Sec|Ch|Vol|vs|etc|al|cf|e\.g|i\.e|approx|Inc|Ltd|Co|Corp|"
    r"Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec)$"
)


def split_default(text: str) -> list[str]:
    """Sentences under the default rules, stripped, none empty.

    >>> split_default("他说：“走吧。”然后走了。真的?!不会吧……好")
    ['他说：“走吧。”', '然后走了。', '真的?!', '不会吧……', '好']
    """
    return [s for line in text.split("\n") for s in _sentences(line) if s]


def _sentences(line: str) -> Iterator[str]:
    start = 0
    for match in _END.finditer(line):
        if line[match.start()] == "." and _ABBREVIATION.search(line, start, match.start()):
            continue
        yield line[start : match.end()].strip()
        start = match.end()
    yield line[start:].strip()


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


def splitter(rules: str) -> Splitter:
    """The splitter of a rule set."""
    return {"default": split_default, "paddle": split_paddle}[rules]


_COMMA = re.compile("[，、,：:]")


def cut_long(sentence: str, limit: int) -> list[str]:
    """Cut a sentence of more than ``limit`` characters at its commas, else anywhere.

    >>> cut_long("一二，三四五，六", 5)
    ['一二，', '三四五，六']
    """
    pieces = []
    while len(sentence) > limit:
        commas = [m.end() for m in _COMMA.finditer(sentence, 0, limit)]
        at = commas[-1] if commas else limit
        pieces.append(sentence[:at].strip())
        sentence = sentence[at:].strip()
    return [piece for piece in (*pieces, sentence) if piece]
