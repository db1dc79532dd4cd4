"""User words: every step is taken with jieba too, on a tokenizer of its own."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import jieba
import jieba.finalseg
import pytest

from corpuskit.errors import DataError, UsageError
from corpuskit.segment.jieba import JiebaSegmenter
from tests.segment.jieba_texts import NEAR_MISSES, first_difference, mixture

TEXTS = [
    "江州市长江大桥参加了长江大桥的通车仪式",
    "如果放到post中将出错",
    "李小福是创新办主任也是云计算方面的专家; 什么是八一双鹿",
    "「台中」正確應該不會被切開",
    "他来到了网易杭研大厦",
    "髒水AT&TX光片 c++ 石墨烯 easy_install 凱特琳",
    *NEAR_MISSES,
]


@pytest.fixture
def oracle() -> Iterator[jieba.Tokenizer]:
    """A tokenizer with the words of jieba's dictionary, and no forced splits before or after."""
    jieba.initialize()
    tokenizer = jieba.Tokenizer()
    tokenizer.FREQ, tokenizer.total = dict(jieba.dt.FREQ), jieba.dt.total
    tokenizer.initialized = True
    jieba.finalseg.Force_Split_Words.clear()
    yield tokenizer
    jieba.finalseg.Force_Split_Words.clear()


def check(segmenter: JiebaSegmenter, oracle: jieba.Tokenizer, texts: list[str]) -> None:
    difference = first_difference(texts, segmenter.cut_batch(texts), segmenter.hmm, oracle)
    assert difference is None


def write(tmp_path: Path, content: str | bytes) -> Path:
    path = tmp_path / "words.txt"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize("hmm", [True, False])
@pytest.mark.parametrize(
    "content",
    [
        "云计算 5\n李小福 2 nr\n创新办 3 i\neasy_install 3 eng\n好用 300\n韩玉赏鉴 3 nz\n"
        "八一双鹿 3 nz\n台中\n凱特琳 nz\nEdu Trust认证 2000\n",
        "网易杭研\n杭研大厦\n网易杭研大厦\n",
        "\ufeff石墨烯\n\n  长江大桥参加 7  \r\n江大桥 n\r\n \t\n\ufeff\n长江\u3000大桥\n",
        "髒水 0\n长江 0\n大桥 0 n\n通车 0\n",
        "哈哈哈哈 5\n太太太 100000\n太 0\n-_ 9\n5% 70\n1.2.3 8\n",
        "髒 5\n很髒\n龥龥 3\n龘靐\n中中中中中\n",
        "γ射 20\nγ射线\n γ\n𠀀好 5\n好 😀\n",
        "长 99999999999999999999999\n江州 1\n",
        "5\nabc 5 n x\nabc  5\nn 5 5\n词 5n\n词 5 N\n",
        "",
    ],
)
def test_dictionaries(oracle: jieba.Tokenizer, tmp_path: Path, content: str, hmm: bool) -> None:
    path = write(tmp_path, content)
    oracle.load_userdict(str(path))
    check(JiebaSegmenter(path, hmm), oracle, [*TEXTS, *content.split("\n"), *mixture(5, 3000)])


@pytest.mark.parametrize("hmm", [True, False])
@pytest.mark.parametrize("seed", range(4))
def test_random_changes(oracle: jieba.Tokenizer, seed: int, hmm: bool) -> None:
    """Words of the texts added, changed, tuned and removed, and the texts cut in between."""
    source = random.Random(seed)
    texts = [*TEXTS, *mixture(seed, 1000)]
    segmenter = JiebaSegmenter(hmm=hmm)
    for _ in range(12):
        for _ in range(10):
            change(source, segmenter, oracle, texts)
        check(segmenter, oracle, texts)


def change(
    source: random.Random, segmenter: JiebaSegmenter, oracle: jieba.Tokenizer, texts: list[str]
) -> None:
    text = source.choice([text for text in texts if len(text) > 5])
    begin = source.randrange(len(text) - 4)
    word = text[begin : begin + source.randrange(1, 5)]
    kind = source.randrange(4)
    if kind == 0:
        segmenter.add_word(word)
        oracle.add_word(word)
    elif kind == 1:
        frequency = source.choice((0, 1, 5, 1000, 10**6))
        segmenter.add_word(word, frequency)
        oracle.add_word(word, frequency)
    elif kind == 2:
        segmenter.del_word(word)
        oracle.del_word(word)
    else:
        tune = source.random() < 0.5
        segment = word if source.random() < 0.5 else tuple(word)
        assert segmenter.suggest_freq(segment, tune) == oracle.suggest_freq(segment, tune)


def test_a_split_that_is_asked_for(oracle: jieba.Tokenizer) -> None:
    segmenter = JiebaSegmenter(hmm=False)
    assert segmenter.cut("如果放到post中将出错") == ["如果", "放到", "post", "中将", "出错"]
    assert segmenter.suggest_freq(("中", "将"), tune=True) == oracle.suggest_freq(("中", "将"))
    assert segmenter.cut("如果放到post中将出错") == ["如果", "放到", "post", "中", "将", "出错"]


def test_segmenters_do_not_share_words(oracle: jieba.Tokenizer) -> None:
    first, second = JiebaSegmenter(), JiebaSegmenter()
    first.add_word("长江大桥参加")
    first.del_word("髒水")
    check(second, oracle, TEXTS)


def test_a_line_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, "好词\n".encode() + "坏词\n".encode("gb18030"))
    with pytest.raises(DataError, match="not a jieba dictionary") as caught:
        JiebaSegmenter(path).cut("好")
    assert caught.value.where == f"{path}:2"


def test_a_dictionary_that_is_gone(tmp_path: Path) -> None:
    segmenter = JiebaSegmenter(tmp_path / "gone.txt")
    for use in (segmenter.fingerprint, lambda: segmenter.cut("好")):
        with pytest.raises(DataError, match="cannot read the dictionary"):
            use()


@pytest.mark.parametrize(("word", "frequency"), [("", 5), ("好\ud800", 5), ("好", -1)])
def test_words_that_cannot_be(word: str, frequency: int) -> None:
    with pytest.raises(UsageError):
        JiebaSegmenter().add_word(word, frequency)
