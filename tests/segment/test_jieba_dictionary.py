"""Compiled dictionaries: small ones full of ties, compared with jieba on the same file."""

from __future__ import annotations

import math
import random
import shutil
from pathlib import Path

import jieba
import numpy as np
import pytest

from corpuskit import _native
from corpuskit.errors import DataError, UsageError
from corpuskit.segment import jieba as engine
from corpuskit.segment import jieba_dictionary
from corpuskit.segment.jieba import JiebaSegmenter
from corpuskit.segment.jieba_dictionary import compile_package, digest, find_package
from tests.segment.jieba_texts import first_difference

ALPHABET = "中国人民大学生物AB1-髒龥"


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of the installed package's data, to be changed."""
    copy = tmp_path / "jieba"
    (copy / "finalseg").mkdir(parents=True)
    for name in jieba_dictionary._FILES:
        shutil.copy(find_package() / name, copy / name)
    return copy


def oracle(package: Path) -> jieba.Tokenizer:
    tokenizer = jieba.Tokenizer(str(package / "dict.txt"))
    tokenizer.tmp_dir = str(package)
    tokenizer.initialize()
    return tokenizer


def segmenter(package: Path, monkeypatch: pytest.MonkeyPatch, hmm: bool = True) -> JiebaSegmenter:
    monkeypatch.setattr(engine, "find_package", lambda: package)
    monkeypatch.setenv("CORPUSKIT_CACHE", str(package / "cache"))
    return JiebaSegmenter(hmm=hmm)


def random_word(source: random.Random, longest: int) -> str:
    return "".join(source.choices(ALPHABET, k=source.randint(1, longest)))


@pytest.mark.parametrize("seed", range(10))
def test_small_dictionaries(package: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """Few characters and equal frequencies: most routes have an equal rival."""
    source = random.Random(seed)
    frequencies = source.choice(([1], [8], [2, 4, 8], [0, 1, 7, 1000], [3]))
    entries = [
        f"{random_word(source, 5)} {source.choice(frequencies)} n"
        for _ in range(source.choice((3, 30, 300)))
    ]
    (package / "dict.txt").write_text("\n".join([*entries, "中 5"]), encoding="utf-8")
    texts = [random_word(source, 40) for _ in range(400)]
    for hmm in (True, False):
        words = segmenter(package, monkeypatch, hmm).cut_batch(texts)
        assert first_difference(texts, words, hmm, oracle(package)) is None


def test_lines_as_jieba_reads_them(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Repeated words, spaces at the ends, no tag, other bytes that end lines elsewhere."""
    content = "中国 5 ns\n 中国 7\t\n中 1\r\n国人 9 a b c\n𠀀好 4\n中国\u3000人 50\n民\x0b 3\n"
    (package / "dict.txt").write_text(content, encoding="utf-8", newline="")
    tokenizer = oracle(package)
    frequencies = segmenter(package, monkeypatch)._frequencies
    assert frequencies._total == tokenizer.total
    for word in [*tokenizer.FREQ, "国", "无", "人民"]:
        assert frequencies.get(word, -5) == tokenizer.FREQ.get(word, -5)


def test_every_frequency_is_kept() -> None:
    dictionary = compile_package(find_package())
    native = _native.JiebaSegmenter(dictionary.image, math.log(dictionary.total))
    jieba.initialize()
    assert dictionary.total == jieba.dt.total
    assert all(native.frequency(word) == count for word, count in jieba.dt.FREQ.items())
    strangers = [word + "龘" for word in jieba.dt.FREQ]
    assert not any(native.frequency(word) >= 0 for word in strangers)


def test_equal_packages_give_equal_images(package: Path) -> None:
    assert compile_package(package) == compile_package(find_package())


@pytest.mark.parametrize("line", ["中国", "中国 many", "", "中国  5", "5"])
def test_a_bad_line_is_named(package: Path, line: str) -> None:
    (package / "dict.txt").write_text(f"中 1\n{line}\n国 1\n", encoding="utf-8")
    with pytest.raises(DataError, match="not a word with its frequency") as caught:
        compile_package(package)
    assert str(caught.value.where).endswith("dict.txt:2")


@pytest.mark.parametrize("name", jieba_dictionary._FILES)
def test_the_digest_is_of_every_file(package: Path, name: str) -> None:
    assert digest(package) == digest(find_package())
    with (package / name).open("ab") as handle:
        handle.write(b"\n")
    assert digest(package) != digest(find_package())


def test_jieba_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(UsageError, match="dictionary is not here") as caught:
        JiebaSegmenter()
    assert caught.value.hint == "pip install jieba"


def test_an_image_of_another_size_is_refused() -> None:
    image = compile_package(find_package()).image
    for damaged in (image[:-2], image[:20], bytes(len(image)), np.zeros(0, np.uint8)):
        with pytest.raises(ValueError, match="not a compiled jieba dictionary"):
            _native.JiebaSegmenter(damaged, 1.0)
