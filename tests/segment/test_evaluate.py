from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from corpuskit.errors import DataError, UsageError
from corpuskit.segment.evaluate import Score, evaluate, evaluate_files, read_gold, spans
from tests.conftest import Cli

GOLD = [["研究", "生命", "的", "起源"], ["我", "爱", "北京"]]
CUT = {"研究生命的起源": ["研究生", "命", "的", "起源"], "我爱北京": ["我", "爱", "北京"]}


class Answers:
    """An engine that knows a few sentences."""

    name = "answers"

    def fingerprint(self) -> str:
        return "answers 1"

    def cut_batch(self, sentences: Sequence[str]) -> list[list[str]]:
        return [CUT[sentence] for sentence in sentences]


def test_words_are_right_where_both_ends_are() -> None:
    score = evaluate(Answers(), GOLD, known={"的", "起源", "我", "爱"})
    assert score == Score(gold=7, predicted=7, correct=5, unknown=3, unknown_found=1)
    assert score.precision == score.recall == score.f1 == 5 / 7
    assert score.unknown_recall == 1 / 3


def test_precision_and_recall_of_different_counts() -> None:
    score = Score(gold=10, predicted=8, correct=6)
    assert (score.precision, score.recall) == (0.75, 0.6)
    assert score.f1 == pytest.approx(2 * 0.75 * 0.6 / (0.75 + 0.6))


def test_nothing_known_and_nothing_there() -> None:
    assert evaluate(Answers(), GOLD).unknown_recall is None
    empty = evaluate(Answers(), [])
    assert (empty.precision, empty.recall, empty.f1) == (0, 0, 0)


def test_spans_are_of_characters() -> None:
    assert list(spans(["𠀀b", "中"])) == [(0, 2), (2, 3)]


def test_reading_gold(tmp_path: Path) -> None:
    path = tmp_path / "gold.txt"
    path.write_bytes("\ufeff我 爱\u3000北京\r\n\n  好 \n".encode())
    assert read_gold(path) == [["我", "爱", "北京"], ["好"]]


@pytest.mark.parametrize(("content", "what"), [(b"\xff", "not UTF-8"), (b"\n \n", "no words")])
def test_gold_that_is_none(content: bytes, what: str, tmp_path: Path) -> None:
    path = tmp_path / "gold.txt"
    path.write_bytes(content)
    with pytest.raises(DataError, match=what) as caught:
        read_gold(path)
    assert caught.value.where == str(path)


def test_gold_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="No such file"):
        read_gold(tmp_path / "none.txt")


def test_a_dictionary_is_for_one_engine(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="one engine"):
        evaluate_files([], ["jieba", "lac"], user_dict=tmp_path / "own.txt")


def test_the_command(cli: Cli, tmp_path: Path) -> None:
    for name, lines in (("gold", "我 爱 北京\n石墨烯电池组 很 贵\n"), ("train", "我 爱 很\n")):
        (tmp_path / name).write_text(lines, encoding="utf-8")
    shown = cli("segment", "eval", "gold").stdout
    assert [name for name in ("jieba", "lac", "F1", "OOV recall") if name not in shown] == []
    words = ["segment", "eval", "gold", "gold", "--engine", "jieba", "--train", "train", "--json"]
    scores = json.loads(cli(*words).stdout)["scores"]
    assert [score["gold"] for score in scores] == ["gold", "gold"]
    assert scores[0]["gold_words"] == 6
    assert scores[0]["oov_words"] == 3
    assert scores[0]["recall"] < 1
    (tmp_path / "own.txt").write_text("石墨烯电池组 100000\n", encoding="utf-8")
    scores = json.loads(cli(*words, "--user-dict", "own.txt").stdout)["scores"]
    assert scores[0]["f1"] == scores[0]["oov_recall"] == 1
    cli("segment", "eval", "gold", "--user-dict", "own.txt", code=2)
    cli("segment", "eval", "none", code=1)


def test_the_group_is_a_command_too(cli: Cli, tmp_path: Path) -> None:
    shown = cli("segment", "--help").stdout
    assert "--max-sentence-chars" in shown
    assert "\n  eval " in shown
    (tmp_path / "eval").write_text("好。\n", encoding="utf-8")
    cli("segment", "./eval", "-o", "out", "--workers", "1")
    assert (tmp_path / "out" / "eval.txt").read_text("utf-8") == "好 。\n\n"


def test_real_gold(shared_data: Path) -> None:
    """Figures below these would mean that an engine has lost quality."""
    rows = evaluate_files([shared_data / "gold" / "ud_cfl_test.txt"], ["jieba", "lac"])
    assert [row["f1"] > 0.82 for row in rows] == [True, True]
