"""Texts that a jieba engine can get wrong, and jieba itself: the oracle."""

from __future__ import annotations

import logging
import random
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import jieba

jieba.setLogLevel(logging.WARNING)

# Texts on which other engines were seen to differ from jieba, and the edges of its rules.
NEAR_MISSES = [
    "",
    " ",
    "apt-get install libc6-dev",
    "UTF-8",
    "UTF - 8",
    "pg_dump sources.list",
    "--",
    "---",
    "-_-",
    "a--b",
    "字段",
    "设为可选",
    "新华社北京5月1日讯",
    "太太太",
    "太太太太太太",
    "哈哈哈哈哈",
    "哈哈哈哈哈哈哈哈",
    "这个海灘很髒",
    "髒水",
    "髒髒髒",
    "臺灣的環境與經濟發展",
    "龘靐齉爩",
    "2000-100",
    "5-6",
    "AMD2200+1.50GH2",
    "增长了3.14%",
    "100%",
    "5%%",
    "%5",
    ".5",
    "5.",
    "1.2.3.4",
    "1..2",
    "99.9%的A股B股",
    "c++与C#和AT&T",
    "T恤衫K歌之王",
    "IP地址192.168.0.1:8080",
    "γ射线",
    "他来到了网易杭研大厦",
    "小明硕士毕业于中国科学院计算所，后在日本京都大学深造",
    "乒乓球拍卖完了",
    "结婚的和尚未结婚的",
    "\r\n",
    "\r\r\n\n\r",
    "好\r\n好\r好\n好",
    "好\u3000好\u00a0好\u2028好\x85好\x1c好\u200b好",
    "a\tb\vc\fd",
    "䷿一龥鿕鿖㐀",
    "䀀鿿ꀀ",
    "𠀀𠀁好𠀂",
    "😀👍🏽好",
    "é e\u0301 ＡＢＣ１２３％",
    "\x00\x7f\x80\u07ff\u0800\ud7ff\ue000\uffff\U00010000\U0010ffff",
    "#话题#@用户&nbsp;a_b",
    "…………",
    "中" * 300,
    "1" * 300,
]

_RANGES = [
    (0x20, 0x7F, 20),
    (0x30, 0x3A, 20),
    (0x4E00, 0x9FD6, 30),
    (0x4DF0, 0x4E10, 1),
    (0x9FA0, 0xA000, 2),
    (0x3000, 0x3020, 3),
    (0xFF00, 0xFF60, 3),
    (0x80, 0x400, 2),
    (0x2000, 0x2070, 2),
    (0x10000, 0x30000, 1),
    (0, 0x20, 2),
]
_SYMBOLS = ["%", ".", "-", "+", "#", "&", "_", "\r\n", "\r", "\n", " ", "，", "。", "1.5%"]


def mixture(seed: int, characters: int) -> list[str]:
    """Lines of random mixtures: words of the dictionary, characters alone, symbols, numbers."""
    source = random.Random(seed)
    lines: list[str] = []
    while characters > 0:
        lines.append(_line(source))
        characters -= len(lines[-1]) + 1
    return lines


def _line(source: random.Random) -> str:
    words, weights = _words()
    pieces: list[str] = []
    for _ in range(source.choice((1, 3, 10, 30))):
        kind = source.random()
        if kind < 0.35:
            pieces += source.choices(words, k=3)
        elif kind < 0.65:
            common = "".join(source.choices(words, cum_weights=weights, k=6))
            pieces.append(common[source.randrange(3) : -source.randrange(1, 3)])
        elif kind < 0.8:
            pieces += source.choices(_SYMBOLS, k=2)
        else:
            pieces.append(_characters(source))
    return "".join(pieces)


def _characters(source: random.Random) -> str:
    ranges = source.choices(_RANGES, [weight for *_, weight in _RANGES], k=4)
    return "".join(chr(source.randrange(begin, end)) for begin, end, _ in ranges)


@cache
def _words() -> tuple[list[str], list[int]]:
    """The dictionary's words, and the running sum of their frequencies."""
    jieba.initialize()
    words = [word for word, frequency in jieba.dt.FREQ.items() if frequency]
    running, total = [], 0
    for word in words:
        total += jieba.dt.FREQ[word]
        running.append(total)
    return words, running


def sample_lines(sample: Path) -> list[str]:
    """Every line of the sample corpus; the JSON Lines as they are, with their escapes."""
    files = sorted(path for path in sample.iterdir() if path.is_file())
    return [line for file in files for line in _lines(file)]


def _lines(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8", newline="\n") as handle:
        yield from (line.removesuffix("\n") for line in handle)


def first_difference(
    lines: Sequence[str],
    words: Sequence[list[str]],
    hmm: bool,
    oracle: jieba.Tokenizer = jieba.dt,
) -> tuple[str, list[str], list[str]] | None:
    """(line, words, jieba's words) of the first line whose words differ."""
    for line, ours in zip(lines, words, strict=True):
        theirs = list(oracle.cut(line, HMM=hmm))
        if ours != theirs:
            return line, ours, theirs
    return None
