from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpuskit.segment.sentences import Splitter, cut_long, split_default, split_paddle

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
    ("", []),
]


@pytest.mark.parametrize(("text", "sentences"), PADDLE)
def test_paddle_rules(text: str, sentences: list[str]) -> None:
    assert split_paddle(text) == sentences


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
@pytest.mark.parametrize("split", [split_default, split_paddle])
def test_time_grows_with_the_length_alone(unit: str, split: Splitter) -> None:
    text = unit * (300_000 // len(unit))
    started = time.process_time()
    split(text)
    assert time.process_time() - started < 2


@PROPERTY
@given(TEXTS, st.integers(1, 12))
def test_long_sentences_are_cut_within_the_limit(text: str, limit: int) -> None:
    pieces = cut_long(text, limit)
    assert "".join("".join(pieces).split()) == "".join(text.split())
    assert all(0 < len(piece) <= limit for piece in pieces if len(text) > limit)


def test_long_sentences_are_cut_at_commas() -> None:
    assert cut_long("一二三，四五，六七八九十", 7) == ["一二三，四五，", "六七八九十"]
    assert cut_long("一二三四五六", 4) == ["一二三四", "五六"]
    assert cut_long("短。", 4) == ["短。"]


def test_cutting_a_long_sentence_takes_time_in_proportion() -> None:
    started = time.process_time()
    assert len(cut_long("字" * 400_000, 4)) == 100_000
    assert time.process_time() - started < 2
