from __future__ import annotations

import random
import time
from collections.abc import Sequence
from itertools import islice, pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpuskit.io.discover import discover
from corpuskit.io.documents import Document
from corpuskit.io.plan import plan
from corpuskit.io.read import read
from corpuskit.segment.sentences import RULES, split_default, split_flat, split_text
from tests.segment.oracle_sentences import split, split_paddle

PROPERTY = settings(derandomize=True, deadline=None, max_examples=200)

# Letters that the rules treat alike are left out, so that the marks meet often.
ODDITIES = st.text(
    st.sampled_from("好aZ1.?!;。？！；…，“”‘’\"')(】《— \t\r\n\u3000\x85\u2028é한𠀀")
)
TEXTS = st.one_of(
    ODDITIES,
    st.text(),
    st.lists(st.sampled_from(["Mr.", "U.S.", "No.", "1.", "”", "。", "?!", " ", "He", "\n"])).map(
        "".join
    ),
)

PADDLE = [
    ("今天天气真好！！！  我们去公园。。。好吗？？", ["今天天气真好！", "我们去公园。", "好吗？"]),
    ("他说：“走吧。”然后走了", ["他说：“走吧。", "”然后走了"]),
    ("第一行\n\n   第二行  有  空格", ["第一行", "第二行 有 空格"]),
    ("真的?!不会吧；；是的", ["真的?", "!", "不会吧；", "是的"]),
    ("A.B. C; D", ["A.B. C;", "D"]),
    ("\u3000\n正文。", ["\u3000", "正文。"]),
    ("结尾……下一句", ["结尾……下一句"]),
]

DEFAULT = [
    ("他说：“走吧。”然后走了", ["他说：“走吧。”", "然后走了"]),
    ("「走吧！」『好？』（是。）", ["「走吧！」", "『好？』", "（是。）"]),
    ("“走吧！”。然后", ["“走吧！”。", "然后"]),
    ("真的?!不会吧？！！是的", ["真的?!", "不会吧？！！", "是的"]),
    ("真的?“是的。”", ["真的?", "“是的。”"]),
    ("结尾……下一句…不是", ["结尾……", "下一句…不是"]),
    ("天气真好！！！  去公园。。。好吗？？", ["天气真好！！！", "去公园。。。", "好吗？？"]),
    ("\u3000\n \n\t\n正文。\u3000", ["正文。"]),
    ("一行\n二行\r\n三行", ["一行", "二行", "三行"]),
    ("见 https://a.cn/b?c=1;d=2!e 和 a.b@c.cn。", ["见 https://a.cn/b?c=1;d=2!e 和 a.b@c.cn。"]),
    ("升至3.5%。版本1.2.3，好", ["升至3.5%。", "版本1.2.3，好"]),
    ("it rose 3.5%. Then fell.", ["it rose 3.5%.", "Then fell."]),
    ("Mr. Smith and Dr. Who met. They left.", ["Mr. Smith and Dr. Who met.", "They left."]),
    (
        "He joined the U.S. Army in May. It was hot.",
        ["He joined the U.S. Army in May.", "It was hot."],
    ),
    ("Use a tool, e.g. Vim, i.e. Vi. Good.", ["Use a tool, e.g. Vim, i.e. Vi.", "Good."]),
    ("J. F. Kennedy spoke. All heard.", ["J. F. Kennedy spoke.", "All heard."]),
    ("See Fig. 3 and No. 5. Then go.", ["See Fig. 3 and No. 5.", "Then go."]),
    ("1. Buy it. 2. Use it.", ["1. Buy it.", "2. Use it."]),
    ("It was 2004. The end.", ["It was 2004.", "The end."]),
    ('She said "no." He said (so.) "Yes."', ['She said "no."', "He said (so.)", '"Yes."']),
    ("Is it? Yes! Good; fine", ["Is it?", "Yes!", "Good;", "fine"]),
    ("好。Mr. Smith来了", ["好。", "Mr. Smith来了"]),
    ("물?한국。", ["물?", "한국。"]),
    ("見｡然后", ["見｡", "然后"]),
    ("１２. Buy it.\n١. Use it.", ["１２. Buy it.", "١. Use it."]),
    ("", []),
]
LONG = [
    ("一二三，四五，六七八九十", 7, ["一二三，四五，", "六七八九十"]),
    ("一二三四五六", 4, ["一二三四", "五六"]),
    ("一，二、三,四:五", 2, ["一，", "二、", "三,", "四:", "五"]),
    ("短。", 4, ["短。"]),
]

TRICKY = [
    *"好aZz1٣.?!;。？！；｡…，,：:、“”‘’\"')(】《—[]} \t\r\n\u3000\x85\xa0\u2028\x1c\u1680é한𠀀𝟘",
    *("Mr.", "U.S.", "No.", "e.g.", "approx.", "1.", "12.", " . A", "……", "?!", "  ", "\n "),
    *("他说：“", "He", " I", "”。", "。", "。", "，", "https://a.cn/b?c=1;d=2"),
]


# Digits since Unicode 15, which the newest Pythons know.
NEW_DIGITS = {*range(0x11F50, 0x11F5A), *range(0x1E4F0, 0x1E4FA)}


def kernel(texts: Sequence[str], rules: str, max_chars: int) -> list[list[str]]:
    """The sentences of each document of a batch."""
    encoded = [text.encode() for text in texts]
    offsets = np.cumsum([0, *map(len, encoded)], dtype=np.int64)
    sentences = split_flat(b"".join(encoded), offsets, rules, max_chars)
    data, begin = sentences.data.tobytes(), sentences.begin.tolist()
    assert begin[0] == 0
    assert begin[-1] == len(data)
    lines = iter(data[start:stop].decode() for start, stop in pairwise(begin))
    split = [list(islice(lines, count)) for count in sentences.per_document.tolist()]
    assert next(lines, None) is None
    return split


def check(texts: Sequence[str], max_chars: int) -> None:
    for rules in RULES:
        for limit in (0, max_chars):
            assert kernel(texts, rules, limit) == [split(text, rules, limit) for text in texts]


def fuzz(characters: int, seed: int) -> None:
    chance = random.Random(seed)
    while characters > 0:
        texts = ["".join(chance.choices(TRICKY, k=chance.randint(0, 60))) for _ in range(200)]
        check(texts, chance.randint(1, 12))
        characters -= sum(map(len, texts))


def check_corpus(path: Path) -> None:
    for unit in plan(discover([path]), 1 << 22):
        check([item.text for item in read(unit) if isinstance(item, Document)], 40)


def test_the_kernel_on_tricky_characters() -> None:
    fuzz(200_000, seed=1)


@pytest.mark.slow
def test_the_kernel_on_millions_of_tricky_characters() -> None:
    fuzz(5_000_000, seed=2)


@PROPERTY
@given(st.lists(TEXTS), st.integers(1, 12))
def test_the_kernel_on_any_text(texts: list[str], limit: int) -> None:
    check(texts, limit)


def test_the_kernel_on_the_sample(small_corpus: Path, sample: Path) -> None:
    for path in (*sorted(small_corpus.iterdir()), sample / "sotu.txt"):
        check_corpus(path)


@pytest.mark.slow
def test_the_kernel_on_real_corpora(shared_data: Path) -> None:
    for path in sorted(shared_data.glob("*.gz")):
        check_corpus(path)


def test_the_edges_of_every_class_of_characters() -> None:
    """Around them, all places where the rules ask for a character's class."""
    edges = [0x9FFF, 0xAC00, 0xD7A3, 0xF900, 0xFAFF, 0xFF00, 0xFFEF, 0x20000, 0x3FFFF, 0x10FFFE]
    digits = [code for code in range(0x110000) if chr(code).isdecimal() and code not in NEW_DIGITS]
    codes = {code + step for code in (*edges, *digits) for step in (-1, 0, 1)}
    characters = [chr(code) for code in sorted({*range(0x3100), *codes} - NEW_DIGITS)]
    check([f"{c}1. He?{c}b。{c} Mr.{c}A.{c} A;{c}" for c in characters], 5)


@pytest.mark.parametrize(
    "data", [b"\xe3\x80", b"a\xff.\xe3", b"\x80\x80\x80?", b". \xf0\x9f", b"\xef"]
)
@pytest.mark.parametrize("rules", RULES)
def test_malformed_text_loses_nothing(data: bytes, rules: str) -> None:
    offsets = np.array([0, len(data)], dtype=np.int64)
    for limit in (0, 1):
        sentences = split_flat(data, offsets, rules, limit)
        assert sentences.data.tobytes().replace(b" ", b"") == data.replace(b" ", b"")


@pytest.mark.parametrize(
    ("offsets", "rules", "limit"),
    [
        ([0, 4], "default", 0),
        ([-1, 3], "default", 0),
        ([2, 1], "default", 0),
        ([], "default", 0),
        ([0, 3], "other", 0),
        ([0, 3], "paddle", -1),
    ],
)
def test_arguments_that_do_not_fit(offsets: list[int], rules: str, limit: int) -> None:
    with pytest.raises(ValueError):
        split_flat(b"abc", np.array(offsets, dtype=np.int64), rules, limit)


@pytest.mark.parametrize(("text", "sentences"), PADDLE)
def test_paddle_rules(text: str, sentences: list[str]) -> None:
    assert split_paddle(text) == sentences
    assert split_text(text, "paddle") == [sentence for sentence in sentences if sentence.strip()]


@pytest.mark.parametrize(("text", "sentences"), DEFAULT)
def test_default_rules(text: str, sentences: list[str]) -> None:
    assert split_default(text) == sentences


@PROPERTY
@given(TEXTS)
def test_nothing_but_white_space_at_the_joints_is_lost(text: str) -> None:
    position = 0
    for sentence in split_default(text):
        assert sentence == sentence.strip() != ""
        found = text.index(sentence, position)
        assert not text[position:found].strip()
        position = found + len(sentence)
    assert not text[position:].strip()


@PROPERTY
@given(TEXTS)
def test_a_sentence_is_one_sentence(text: str) -> None:
    for sentence in split_default(text):
        assert split_default(sentence) == [sentence]


ADVERSARIES = (
    ".",
    '"',
    " ",
    "?",
    "。",
    "…",
    ". ",
    '."',
    "?”",
    "Mr. A ",
    "1. A",
    ". “",
    "!\n",
    "A. ",
)


@pytest.mark.parametrize("unit", ADVERSARIES)
@pytest.mark.parametrize("rules", RULES)
def test_time_grows_with_the_length_alone(unit: str, rules: str) -> None:
    text = unit * (3_000_000 // len(unit))
    started = time.process_time()
    split_text(text, rules)
    assert time.process_time() - started < 3


@PROPERTY
@given(TEXTS, st.integers(1, 12))
def test_long_sentences_are_cut_within_the_limit(text: str, limit: int) -> None:
    pieces = split_text(text, max_chars=limit)
    assert "".join("".join(pieces).split()) == "".join(text.split())
    assert all(0 < len(piece) <= limit for piece in pieces)


@pytest.mark.parametrize(("text", "limit", "pieces"), LONG)
def test_long_sentences_are_cut_at_commas(text: str, limit: int, pieces: list[str]) -> None:
    assert split_text(text, max_chars=limit) == pieces


def test_cutting_a_long_sentence_takes_time_in_proportion() -> None:
    started = time.process_time()
    assert len(split_text("字" * 400_000, max_chars=4)) == 100_000
    assert len(split_text("，字字字" * 100_000, max_chars=100_000)) == 5
    assert time.process_time() - started < 2
