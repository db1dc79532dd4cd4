"""The LAC engines against the answers of the real Baidu LAC (see tools/lac_reference.py)."""

from __future__ import annotations

import gzip
import json
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from corpuskit.errors import DataError, UsageError
from corpuskit.segment.engine import open_segmenter
from corpuskit.segment.lac import PACKAGE_VARIABLE, LacSegmenter, kernels
from tests.segment.lac_packages import random_package, write_package
from tools.lac_reference import LAC_EVERY, blocks, checksum, distinct_lines

DATA = Path(__file__).with_name("data")
USER_DICT = DATA / "lac_user_dict.txt"
LINE = "百度是一家高科技公司。"


def golden(user_dict: bool, kernel: str = kernels()[0]) -> list[dict[str, Any]]:
    """The stored answers; a fifth of them for the slower kernels."""
    with gzip.open(DATA / "lac_golden.jsonl.gz", "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    chosen = [record for record in records if record["user_dict"] == user_dict]
    return chosen if kernel == kernels()[0] else chosen[::5]


def need_lac_model() -> None:
    try:
        LacSegmenter("lac")
    except UsageError:
        pytest.skip(f"needs the LAC package in {PACKAGE_VARIABLE}")


def texts(records: list[dict[str, Any]]) -> list[str]:
    return [record["text"] for record in records]


def tagged(records: list[dict[str, Any]]) -> list[list[tuple[str, str]]]:
    return [[(word, label) for word, label in record["lac"]] for record in records]


@pytest.mark.parametrize("kernel", kernels())
def test_seg_gives_lacs_words(kernel: str) -> None:
    records = golden(user_dict=False, kernel=kernel)
    found = LacSegmenter(kernel=kernel).cut_batch(texts(records))
    assert found == [record["seg"] for record in records]


@pytest.mark.parametrize("kernel", kernels())
def test_lac_gives_lacs_words_and_labels(kernel: str) -> None:
    need_lac_model()
    records = golden(user_dict=False, kernel=kernel)
    assert LacSegmenter("lac", kernel=kernel).tag_batch(texts(records)) == tagged(records)


def test_a_user_dictionary_acts_as_in_lac() -> None:
    records = golden(user_dict=True)
    lines, words = texts(records), [record["seg"] for record in records]
    assert LacSegmenter(user_dict=USER_DICT).cut_batch(lines) == words
    assert LacSegmenter().cut_batch(lines) != words


def test_a_user_dictionary_acts_as_in_lac_with_labels() -> None:
    need_lac_model()
    records = golden(user_dict=True)
    lines = texts(records)
    assert LacSegmenter("lac", USER_DICT).tag_batch(lines) == tagged(records)
    assert LacSegmenter("lac").tag_batch(lines) != tagged(records)


def check_blocks(place: str, folder: Path, model: str, step: int = 1) -> None:
    """Compare the checksums of every ``step``-th block there is one for."""
    segmenter = LacSegmenter(model)
    answer = segmenter.cut_batch if model == "seg" else segmenter.tag_batch
    for name, expected in json.loads((DATA / "lac_checksums.json").read_text())[place].items():
        lines = distinct_lines(folder / name, expected["every"])
        assert len(lines) == expected["lines"], name
        of_model = list(blocks(lines))[:: 1 if model == "seg" else LAC_EVERY]
        pairs = list(zip(of_model, expected[model], strict=True))
        for number, (block, wanted) in list(enumerate(pairs))[::step]:
            assert checksum(answer(block)) == wanted, (name, number)


def test_seg_gives_lacs_words_on_the_sample_corpus(sample: Path) -> None:
    check_blocks("sample", sample, "seg")


def test_seg_gives_lacs_words_on_a_part_of_the_corpora(shared_data: Path) -> None:
    check_blocks("corpora", shared_data, "seg", step=25)


def test_lac_gives_lacs_words_on_the_sample_corpus(sample: Path) -> None:
    need_lac_model()
    check_blocks("sample", sample, "lac")


@pytest.mark.slow
@pytest.mark.parametrize("model", ["seg", "lac"])
def test_every_block_of_the_corpora(model: str, shared_data: Path) -> None:
    if model == "lac":
        need_lac_model()
    check_blocks("corpora", shared_data, model)


def test_empty_sentences_keep_their_places() -> None:
    lines = ["", "", "你好", "", "世界"]
    assert LacSegmenter().cut_batch(lines) == [[], [], ["你好"], [], ["世界"]]
    assert lines == ["", "", "你好", "", "世界"]
    assert LacSegmenter().cut_batch([]) == []


def test_neighbours_and_order_change_nothing() -> None:
    segmenter = LacSegmenter()
    lines = texts(golden(user_dict=False))[:200]
    together = segmenter.cut_batch(lines)
    assert [segmenter.cut_batch([line])[0] for line in lines] == together
    assert segmenter.cut_batch(lines[::-1]) == together[::-1]


def test_words_join_to_the_sentence_even_with_surrogates() -> None:
    lines = ["半个\ud83d字符", "\udcff", *texts(golden(user_dict=False))]
    assert ["".join(words) for words in LacSegmenter().cut_batch(lines)] == lines


def test_the_flat_call_takes_any_bytes() -> None:
    data = "你好世界".encode() + b"\xff\xc3\xe4\xbd" + "再见".encode() + b"\xf0\x9f"
    words = LacSegmenter().cut_flat(data, np.array([0, 6, 6, len(data)]))
    assert words.line_begin.tolist() == [0, 1, 1, len(words.labels)]
    assert words.begin[0] == 0
    assert words.begin[-1] == len(data)
    assert (np.diff(words.begin) > 0).all()


@pytest.mark.parametrize("offsets", [[0, 99], [3, 0], [-1, 3], []])
def test_the_flat_call_refuses_wrong_offsets(offsets: list[int]) -> None:
    with pytest.raises(ValueError, match="offsets"):
        LacSegmenter().cut_flat(b"abc", np.array(offsets, np.int64))


def test_threads_share_an_engine() -> None:
    segmenter = LacSegmenter()
    lines = texts(golden(user_dict=False))[:300]
    expected = segmenter.cut_batch(lines)
    found: list[list[list[str]]] = []
    threads = [
        threading.Thread(target=lambda: found.append(segmenter.cut_batch(lines))) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 3


def test_the_fingerprint_is_that_of_model_and_dictionary(tmp_path: Path) -> None:
    dictionary = tmp_path / "dict.txt"
    dictionary.write_text("高科技公司\n", encoding="utf-8")
    plain, first = LacSegmenter(), LacSegmenter(user_dict=dictionary)
    dictionary.write_text("高 科技公司\n", encoding="utf-8")
    second = LacSegmenter(user_dict=dictionary)
    assert plain.fingerprint() == LacSegmenter().fingerprint()
    assert len({plain.fingerprint(), first.fingerprint(), second.fingerprint()}) == 3


def test_the_engine_is_found_by_name() -> None:
    segmenter = open_segmenter("lac")
    assert segmenter.name == "lac"
    assert segmenter.cut_batch([LINE]) == [["百度", "是", "一家", "高科技", "公司", "。"]]


@pytest.fixture
def without_lac(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv(PACKAGE_VARIABLE, raising=False)


@pytest.mark.usefixtures("without_lac")
def test_a_missing_lac_model_says_what_to_run() -> None:
    with pytest.raises(UsageError) as caught:
        open_segmenter("lac-pos")
    assert "pip download" in str(caught.value)
    assert PACKAGE_VARIABLE in str(caught.value)


@pytest.mark.usefixtures("without_lac")
def test_the_lac_model_is_converted_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = random_package("lac", 32, 16, seed=3)
    monkeypatch.setenv(PACKAGE_VARIABLE, str(write_package(package, "lac", tmp_path)))
    first = LacSegmenter("lac").tag_batch(["天地玄黄"])
    monkeypatch.delenv(PACKAGE_VARIABLE)
    assert LacSegmenter("lac").tag_batch(["天地玄黄"]) == first == [package.cut("天地玄黄")]


@pytest.mark.usefixtures("without_lac")
def test_a_wrong_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PACKAGE_VARIABLE, str(tmp_path / "LAC-2.1.2.tar.gz"))
    with pytest.raises(DataError) as caught:
        LacSegmenter("lac")
    assert caught.value.where == str(tmp_path / "LAC-2.1.2.tar.gz")
