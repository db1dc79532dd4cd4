from __future__ import annotations

from itertools import pairwise

import numpy as np
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpuskit.segment.engine import FlatWords
from corpuskit.segment.sentences import FlatSentences
from corpuskit.segment.words import join_words, split_words, unsegment
from tests.segment import oracle_words

PROPERTY = settings(derandomize=True, deadline=None, max_examples=100)
WORDS = st.lists(st.one_of(st.just(" "), st.text("中aé\u3000\t", min_size=1)))
DOCUMENTS = st.lists(
    st.lists(st.lists(st.text(st.sampled_from('中a𠀀 \t\r"\\/\x00\x1f\x7f\u2028'))))
)


def flat(documents: list[list[list[str]]]) -> tuple[FlatSentences, FlatWords]:
    """Documents of lines of words, as the kernels have them."""
    lines = [[word.encode() for word in line] for document in documents for line in document]
    words = [word for line in lines for word in line]
    data = np.frombuffer(b"".join(words), np.uint8)
    begin = np.cumsum([0, *map(len, words)], dtype=np.int64)
    line_begin = np.cumsum([0, *map(len, lines)], dtype=np.int64)
    per_document = np.array([len(document) for document in documents], dtype=np.int64)
    return FlatSentences(data, begin[line_begin], per_document), FlatWords(begin, line_begin)


def kernel(documents: list[list[list[str]]], json: bool) -> list[bytes]:
    joined = join_words(*flat(documents), json=json)
    data, begin = joined.data.tobytes(), joined.begin.tolist()
    assert begin[-1] == len(data)
    return [data[start:stop] for start, stop in pairwise(begin)]


def join_line(words: list[str]) -> str:
    return kernel([[words]], json=False)[0].decode().removesuffix("\n\n")


@PROPERTY
@given(DOCUMENTS)
def test_the_kernel_and_the_oracle(documents: list[list[list[str]]]) -> None:
    lines = [[oracle_words.join_words(line) for line in document] for document in documents]
    assert kernel(documents, json=False) == [oracle_words.as_text(part) for part in lines]
    records = [b'{"text":"%s"}\n' % text for text in kernel(documents, json=True)]
    assert records == [oracle_words.as_json("text", part, {}) for part in lines]


def test_every_character_in_json() -> None:
    words = [chr(c) for c in (*range(0x3000), 0xFFFF, 0x1F600, 0x10FFFF) if chr(c) not in " \n"]
    text = kernel([[words]], json=True)[0]
    assert b'"%s"' % text == orjson.dumps(" ".join(words))


@pytest.mark.parametrize(
    ("begin", "line_begin", "lines"),
    [
        ([0, 4], [0, 1], [1]),
        ([2, 1], [0, 1], [1]),
        ([0, 3], [0, 2], [1]),
        ([0, 3], [1, 1], [1]),
        ([0, 1, 2, 3], [0, 2, 1, 3], [3]),
        ([0, 3], [0, 1], [2]),
        ([0, 3], [0, 0, 1], [3, -1]),
        ([0, 3], [0, 1], []),
    ],
)
def test_arguments_that_do_not_fit(
    begin: list[int], line_begin: list[int], lines: list[int]
) -> None:
    words = FlatWords(np.array(begin, dtype=np.int64), np.array(line_begin, dtype=np.int64))
    counts = np.array(lines, dtype=np.int64)
    data = np.frombuffer(b"abc", np.uint8)
    with pytest.raises(ValueError):
        join_words(FlatSentences(data, words.begin, counts), words)


@PROPERTY
@given(WORDS)
def test_the_words_of_a_line_come_back(words: list[str]) -> None:
    assert split_words(join_line(words)) == words


@PROPERTY
@given(st.lists(st.text("中a ")))
def test_the_text_comes_back_from_words_with_spaces_inside(words: list[str]) -> None:
    assert unsegment(join_line(words)) == "".join(words)


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("a b", "ab"),
        ("a  b", "ab"),
        ("a   b", "a b"),
        ("a    b", "a b"),
        ("a     b", "a  b"),
        ("", ""),
        ("a", "a"),
        ("  a", " a"),
        ("a  ", "a "),
        (" a ", "a"),
    ],
)
def test_runs_of_spaces(line: str, text: str) -> None:
    assert unsegment(line) == text


def test_every_space_stands_alone() -> None:
    assert split_words(join_line(["New York", "  ", "是"])) == ["New", " ", "York", " ", " ", "是"]
