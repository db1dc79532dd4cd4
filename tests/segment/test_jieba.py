from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

import corpuskit.segment
from corpuskit.errors import DataError
from corpuskit.segment.jieba import JiebaSegmenter
from tests.segment.jieba_texts import NEAR_MISSES, first_difference, mixture, sample_lines

BATCH = 20_000


@pytest.fixture(scope="module", params=[True, False], ids=["hmm", "no-hmm"])
def segmenter(request: pytest.FixtureRequest) -> JiebaSegmenter:
    return JiebaSegmenter(hmm=request.param)


def check(segmenter: JiebaSegmenter, lines: list[str]) -> None:
    difference = first_difference(lines, segmenter.cut_batch(lines), segmenter.hmm)
    assert difference is None


def flat(lines: list[str]) -> tuple[bytes, np.ndarray]:
    encoded = [line.encode() for line in lines]
    return b"".join(encoded), np.cumsum([0, *map(len, encoded)])


def test_near_misses(segmenter: JiebaSegmenter) -> None:
    check(segmenter, NEAR_MISSES)


def test_near_misses_on_one_line(segmenter: JiebaSegmenter) -> None:
    check(segmenter, ["".join(NEAR_MISSES), "".join(reversed(NEAR_MISSES))])


def test_the_sample(segmenter: JiebaSegmenter, sample: Path) -> None:
    check(segmenter, sample_lines(sample)[::23])


@pytest.mark.parametrize("seed", range(3))
def test_random_mixtures(segmenter: JiebaSegmenter, seed: int) -> None:
    check(segmenter, mixture(seed, 60_000))


def test_a_huge_line(segmenter: JiebaSegmenter) -> None:
    """One line of one block: nothing in it ends a run of Han, letters and symbols."""
    kept = [c for line in mixture(7, 60_000) for c in line if "\u4e00" <= c <= "\u9fd5" or c == "-"]
    check(segmenter, ["".join(kept)])


def test_every_character_alone_and_between_others(segmenter: JiebaSegmenter) -> None:
    """All of the basic plane, and some beyond."""
    characters = [chr(c) for c in range(0x10800) if not 0xD800 <= c < 0xE000]
    check(segmenter, [f"{c}我{c}1{c}" for c in characters])


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 120))
def test_fifty_million_random_characters(seed: int) -> None:
    for number in range(10):
        check(JiebaSegmenter(), mixture(1000 * seed + number, 250_000))


@pytest.mark.slow
def test_five_million_random_characters_without_hmm() -> None:
    for seed in range(20):
        check(JiebaSegmenter(hmm=False), mixture(seed, 250_000))


@pytest.mark.slow
def test_all_of_the_sample(segmenter: JiebaSegmenter, sample: Path) -> None:
    check(segmenter, sample_lines(sample))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["zh_web.jsonl.gz", "zh_docs.jsonl.gz", "en_docs.txt.gz"])
def test_all_of_the_corpora(segmenter: JiebaSegmenter, shared_data: Path, name: str) -> None:
    lines = corpus_lines(shared_data / name)
    while batch := list(islice(lines, BATCH)):
        check(segmenter, batch)


@pytest.mark.slow
def test_all_of_the_labelled_texts(segmenter: JiebaSegmenter, shared_data: Path) -> None:
    for path in sorted([*shared_data.glob("gold/*"), *shared_data.glob("labelled/*")]):
        check(segmenter, path.read_text(encoding="utf-8").split("\n"))


def corpus_lines(path: Path) -> Iterator[str]:
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as handle:
        for line in handle:
            if ".jsonl" in path.name:
                yield from json.loads(line)["text"].split("\n")
            else:
                yield line.removesuffix("\n")


def test_flat_words_are_the_words(segmenter: JiebaSegmenter) -> None:
    data, offsets = flat(NEAR_MISSES)
    words = segmenter.cut_flat(data, offsets)
    assert words.begin.dtype == words.line_begin.dtype == np.int64
    assert words.begin[-1] == len(data)
    assert len(words.line_begin) == len(NEAR_MISSES) + 1
    pieces = [data[a:b].decode() for a, b in zip(words.begin, words.begin[1:], strict=False)]
    lines = [pieces[a:b] for a, b in zip(words.line_begin, words.line_begin[1:], strict=False)]
    assert lines == segmenter.cut_batch(NEAR_MISSES)


def test_lines_may_be_a_part_of_the_data(segmenter: JiebaSegmenter) -> None:
    data = "前面我爱北京天安门后面".encode()
    words = segmenter.cut_flat(data, np.array([6, 12, 27]))
    assert words.begin.tolist() == [6, 9, 12, 18, 27]
    assert words.line_begin.tolist() == [0, 2, 4]


def test_no_lines(segmenter: JiebaSegmenter) -> None:
    assert segmenter.cut_batch([]) == []
    assert segmenter.cut_flat(b"", np.array([0])).begin.tolist() == [0]


def test_a_lone_surrogate_is_named() -> None:
    with pytest.raises(DataError, match=r"lone surrogate \('\\ud800'\)") as caught:
        JiebaSegmenter().cut_batch(["好", "不\ud800好"])
    assert caught.value.where == "sentence 1, character 1"


@pytest.mark.parametrize(
    "bad",
    [
        *["ff", "80", "c3", "e4b8", "e9bf", "e4b861", "c080", "e08080", "eda080", "f09f98"],
        *["f0808080", "f4908080", "f5808080"],
    ],
)
def test_bytes_that_are_not_utf8_are_named(bad: str) -> None:
    data = "好".encode() + bytes.fromhex(bad)
    with pytest.raises(UnicodeDecodeError):
        data.decode()
    with pytest.raises(DataError, match="not UTF-8 at byte 3"):
        JiebaSegmenter().cut_flat(data, np.array([0, len(data)]))


@pytest.mark.parametrize("offsets", [[0, 9], [3, 1], [-1, 3], [0, 2, 1, 3]])
def test_offsets_outside_of_the_data_are_refused(offsets: list[int]) -> None:
    with pytest.raises(DataError, match="offsets"):
        JiebaSegmenter().cut_flat("好".encode(), np.array(offsets))


def test_threads_share_a_segmenter(segmenter: JiebaSegmenter) -> None:
    batches = [mixture(seed, 5000) for seed in range(8)]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(segmenter.cut_batch, batches)) == [
            segmenter.cut_batch(batch) for batch in batches
        ]


def test_the_fingerprint_tells_modes_and_dictionaries_apart(tmp_path: Path) -> None:
    words = tmp_path / "words.txt"
    words.write_text("网易杭研 5\n", encoding="utf-8")
    segmenters = [JiebaSegmenter(user, hmm) for user in (None, words) for hmm in (True, False)]
    assert len({segmenter.fingerprint() for segmenter in segmenters}) == 4


def test_the_library_functions() -> None:
    assert corpuskit.segment.cut("我来到北京清华大学") == ["我", "来到", "北京", "清华大学"]
    assert corpuskit.segment.cut_batch(["你好 A", ""]) == [["你好", " ", "A"], []]


def test_jieba_itself_is_not_imported() -> None:
    code = """
import sys, corpuskit.segment
assert "numpy" not in sys.modules
corpuskit.segment.cut("好")
assert "jieba" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)
