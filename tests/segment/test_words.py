from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpuskit.segment.words import join_words, split_words, unsegment

PROPERTY = settings(derandomize=True, deadline=None, max_examples=200)
WORDS = st.lists(st.one_of(st.just(" "), st.text("中aé\u3000\t", min_size=1)))


@PROPERTY
@given(WORDS)
def test_the_words_of_a_line_come_back(words: list[str]) -> None:
    assert split_words(join_words(words)) == words


@PROPERTY
@given(st.lists(st.text("中a ")))
def test_the_text_comes_back_from_words_with_spaces_inside(words: list[str]) -> None:
    assert unsegment(join_words(words)) == "".join(words)


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
    assert split_words(join_words(["New York", "  ", "是"])) == ["New", " ", "York", " ", " ", "是"]
