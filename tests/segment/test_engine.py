from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import numpy as np
import pytest

from corpuskit.errors import DataError, UsageError
from corpuskit.io.discover import discover
from corpuskit.io.plan import plan
from corpuskit.segment import engine
from corpuskit.segment.engine import FlatAdapter, open_segmenter, segmenter_names
from corpuskit.segment.stage import SegmentStage
from corpuskit.work.stage import PartWriter, part_path
from tests.conftest import ROOT

SENTENCES = ["研究生命的起源", "他来到了网易杭研大厦", "iPhone 15 手机", " ", ""]


def test_the_built_in_engines_are_known() -> None:
    assert {"jieba", "lac", "lac-pos"} <= set(segmenter_names())


@pytest.mark.parametrize("name", ["jieba", "lac"])
def test_words_joined_are_the_sentence(name: str) -> None:
    words = open_segmenter(name).cut_batch(SENTENCES)
    assert ["".join(line) for line in words] == SENTENCES
    assert ["".join(line) for line in open_segmenter(name).cut_batch([])] == []


def test_an_unknown_engine_names_the_known() -> None:
    with pytest.raises(UsageError, match="unknown segmenter 'jeiba'") as caught:
        open_segmenter("jeiba")
    assert "jieba" in str(caught.value.hint)


@pytest.mark.parametrize("name", ["jieba", "lac"])
def test_a_dictionary_that_is_missing(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such dictionary"):
        open_segmenter(name, tmp_path / "none.txt")


def test_jieba_cuts_as_jieba() -> None:
    import jieba

    assert open_segmenter("jieba").cut_batch(SENTENCES) == [list(jieba.cut(s)) for s in SENTENCES]


def test_a_bad_jieba_dictionary_is_named(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    path.write_bytes(b"\xff\xfe\n")
    with pytest.raises(DataError, match="not a jieba dictionary"):
        open_segmenter("jieba", path).cut_batch(["好"])


def test_the_fingerprint_follows_the_dictionary(tmp_path: Path) -> None:
    prints = [open_segmenter("jieba").fingerprint()]
    for word in ("网易杭研", "杭研大厦"):
        path = tmp_path / f"{word}.txt"
        path.write_text(f"{word}\n", encoding="utf-8")
        prints.append(open_segmenter("jieba", path).fingerprint())
    assert len(set(prints)) == 3
    assert prints[0] == open_segmenter("jieba").fingerprint()


@pytest.mark.parametrize("name", ["jieba", "lac"])
def test_a_fingerprint_is_taken_without_loading_the_engine(name: str) -> None:
    """The parent of the workers needs no more than this."""
    code = f"""
from corpuskit.segment.engine import open_segmenter
def resident():
    return next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmRSS"))
engine = open_segmenter({name!r})
engine.fingerprint()
before = resident()
engine.cut_batch(["好"])
print(before, resident())
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    before, after = map(int, done.stdout.split())
    assert before < after - 2_000, "kilobytes before and after the first sentence"


class Bad:
    """A segmenter of somebody else that drops spaces."""

    name = "bad"

    def __init__(self, user_dict: Path | None = None) -> None:
        self.user_dict = user_dict

    def fingerprint(self) -> str:
        return "bad 1"

    def cut_batch(self, sentences: list[str]) -> list[list[str]]:
        return [sentence.split() for sentence in sentences]


@pytest.fixture
def letters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine of docs/segmenters.md, installed, and a bad one."""
    page = (ROOT / "docs" / "segmenters.md").read_text(encoding="utf-8")
    (tmp_path / "letters.py").write_text(re.findall(r"```python\n(.*?)```", page, re.S)[0])
    monkeypatch.syspath_prepend(tmp_path)
    entry = re.findall(r'"corpuskit.segmenters"\]\n(\w+) = "(.*?)"', page)[0]
    plug_ins = [
        EntryPoint(*entry, engine.GROUP),
        EntryPoint("bad", f"{__name__}:Bad", engine.GROUP),
    ]
    monkeypatch.setattr(engine, "entry_points", EntryPoints(plug_ins).select)


@pytest.mark.usefixtures("letters")
def test_a_plug_in_is_found_by_its_entry_point() -> None:
    assert segmenter_names() == ["bad", "letters"]
    assert open_segmenter("letters").cut_batch(["ab", ""]) == [["a", "b"], []]


@pytest.mark.usefixtures("letters")
def test_the_documented_engine_runs_a_stage(tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("北京很好 。𠀀\n\n好\n", encoding="utf-8")
    (tmp_path / "own.txt").write_text("北京\n", encoding="utf-8")
    stage = SegmentStage(engine="letters", user_dict=tmp_path / "own.txt")
    [source] = discover([tmp_path / "in.txt"])
    [unit] = plan([source])
    part = PartWriter(tmp_path, unit, stage.suffixes)
    stage.open().run(unit, part)
    record = part.finish()
    assert part_path(tmp_path, 0, "out").read_text("utf-8") == "北京 很 好   。\n𠀀\n\n好\n\n"
    assert record.counts == {"documents": 2, "sentences": 3, "words": 7}
    assert stage.options()["engine"] != SegmentStage(engine="letters").options()["engine"]


@pytest.mark.usefixtures("letters")
def test_the_adapter_gives_the_words_of_the_batch_call() -> None:
    adapted = open_segmenter("letters")
    data = "前中a𠀀好".encode()
    words = adapted.cut_flat(data, np.array([3, 7, 7, 14], dtype=np.int64))
    assert words.begin.tolist() == [3, 6, 7, 11, 14]
    assert words.line_begin.tolist() == [0, 2, 2, 4]


@pytest.mark.usefixtures("letters")
def test_a_plug_in_that_changes_text_is_refused() -> None:
    with pytest.raises(DataError, match="'bad' has changed a sentence: 'a b' became"):
        open_segmenter("bad").cut_flat(b"aba b", np.array([0, 2, 5], dtype=np.int64))


@pytest.mark.parametrize("name", ["jieba", "lac"])
def test_the_flat_call_and_the_batch_call_agree(name: str) -> None:
    segmenter = open_segmenter(name)
    adapted = FlatAdapter(segmenter)
    encoded = [sentence.encode() for sentence in SENTENCES]
    offsets = np.cumsum([0, *map(len, encoded)], dtype=np.int64)
    flat = segmenter.cut_flat(b"".join(encoded), offsets)
    again = adapted.cut_flat(b"".join(encoded), offsets)
    assert flat.begin.tolist() == again.begin.tolist()
    assert flat.line_begin.tolist() == again.line_begin.tolist()
