from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from corpuskit.errors import UsageError
from corpuskit.segment.choose import LAC_BYTES, choose_engine
from corpuskit.segment.engine import open_segmenter
from tests.conftest import Cli


def sparse(path: Path, size: int, head: bytes = b'{"text":"a"}\n') -> Path:
    """A file of a size that takes no room on disk."""
    path.write_bytes(head)
    with path.open("r+b") as file:
        file.truncate(size)
    return path


@pytest.mark.parametrize(("size", "engine"), [(LAC_BYTES, "lac"), (LAC_BYTES + 1, "jieba")])
def test_the_size_decides(
    size: int, engine: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    halves = [sparse(tmp_path / name, size // 2 + size % 2 * (name == "a")) for name in "ab"]
    assert choose_engine([*halves], "jsonl") == engine
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert f"engine: {engine}, " in said
    assert "1.30 GB" in said


def test_compressed_files_count_three_times(tmp_path: Path) -> None:
    packed = sparse(tmp_path / "a.gz", LAC_BYTES // 3 + 1, b"\x1f\x8b\x08")
    assert choose_engine([packed], "jsonl") == "jieba"


def test_a_dictionary_needs_an_engine(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot take a dictionary"):
        choose_engine([tmp_path], user_dict=tmp_path / "own.txt")


def test_choosing_jieba_loads_no_lac(tmp_path: Path) -> None:
    corpus = sparse(tmp_path / "corpus.jsonl", LAC_BYTES + 1)
    code = f"""
import sys
from corpuskit.segment.choose import choose_engine
from corpuskit.segment.engine import open_segmenter
engine = open_segmenter(choose_engine([{str(corpus)!r}], "jsonl"))
assert engine.cut_batch(["好"]) == [["好"]] and engine.name == "jieba"
assert not any("lac" in name.split(".")[-1] for name in sys.modules if "corpuskit" in name)
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_identity_names_the_engine_that_was_chosen(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("他来到了网易杭研大厦。\n", encoding="utf-8")
    done = cli("segment", "in.txt", "-o", "out", "--engine", "auto", "--workers", "1", "--json")
    assert "engine: lac" in done.stderr
    assert open_segmenter("lac").fingerprint() in json.dumps(json.loads(done.stdout)["identity"])
    again = cli("segment", "in.txt", "-o", "out", "--engine", "lac", "--json")
    assert "already complete" in again.stderr
