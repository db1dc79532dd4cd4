from __future__ import annotations

import subprocess
import sys
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import pytest

from corpuskit.errors import DataError, UsageError
from corpuskit.segment import engine
from corpuskit.segment.engine import open_segmenter, segmenter_names

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


def test_a_plug_in_is_found_by_its_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    plug_in = EntryPoint("letters", f"{__name__}:Letters", engine.GROUP)
    monkeypatch.setattr(engine, "entry_points", EntryPoints([plug_in]).select)
    assert segmenter_names() == ["letters"]
    assert open_segmenter("letters").cut_batch(["ab"]) == [["a", "b"]]


class Letters:
    """A segmenter of somebody else."""

    name = "letters"

    def __init__(self, user_dict: Path | None = None) -> None:
        self.user_dict = user_dict

    def fingerprint(self) -> str:
        return "letters 1"

    def cut_batch(self, sentences: list[str]) -> list[list[str]]:
        return [list(sentence) for sentence in sentences]
