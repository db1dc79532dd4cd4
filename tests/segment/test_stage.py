from __future__ import annotations

import json
from pathlib import Path

import jieba
import pytest

from corpuskit.errors import UsageError
from corpuskit.segment.sentences import split_default
from corpuskit.segment.stage import SegmentStage
from corpuskit.segment.words import unsegment
from corpuskit.work import RunOptions, run
from tests.conftest import Cli
from tests.io.corpora import read_file, texts

ONE = RunOptions(workers=1)
RECORDS = [
    {"id": 1, "text": "第一篇文章的第一句。第二句有 空格！", "meta": {"from": ["a"]}},
    {"id": 2, "text": "第二篇文章。\n\u3000\n \t\n还没有完。"},
    {"id": 3, "text": ""},
    {"id": 4, "text": "\u3000\u3000"},
    {"id": 5, "text": "He paid 3.5%.  Two  spaces."},
]


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    path = tmp_path / "corpus.jsonl"
    lines = (json.dumps(record, ensure_ascii=False) for record in RECORDS)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def oracle(text: str) -> list[str]:
    sentences = split_default(text)
    return [" ".join(jieba.cut(sentence)) for sentence in sentences]


def test_text_output(corpus: Path, tmp_path: Path) -> None:
    report = run(SegmentStage(), [corpus], tmp_path / "words", ONE)
    written = (tmp_path / "words" / "corpus.jsonl.txt").read_text(encoding="utf-8")
    lines = [oracle(str(record["text"])) for record in RECORDS]
    assert written == "".join("".join(f"{line}\n" for line in part) + "\n" for part in lines)
    assert report["documents"] == len(RECORDS)
    assert report["sentences"] == sum(map(len, lines))
    words = [word for part in lines for line in part for word in jieba.cut(unsegment(line))]
    assert report["words"] == len(words)


def test_jsonl_output_carries_the_other_fields(corpus: Path, tmp_path: Path) -> None:
    run(SegmentStage(to="jsonl"), [corpus], tmp_path / "words", ONE)
    lines = (tmp_path / "words" / "corpus.jsonl.jsonl").read_text(encoding="utf-8").splitlines()
    expected = [{**record, "text": "\n".join(oracle(str(record["text"])))} for record in RECORDS]
    assert [json.loads(line) for line in lines] == expected


@pytest.mark.parametrize("rules", ["default", "paddle"])
def test_no_document_is_split_by_a_line_of_space(rules: str, corpus: Path, tmp_path: Path) -> None:
    report = run(SegmentStage(rules=rules), [corpus], tmp_path / "words", ONE)
    items, _ = read_file(tmp_path / "words" / "corpus.jsonl.txt", "txt")
    back = ["".join(unsegment(line) for line in text.split("\n")) for text in texts(items)]
    source = [str(record["text"]) for record in RECORDS if str(record["text"]).strip()]
    assert ["".join(text.split()) for text in back] == ["".join(text.split()) for text in source]
    assert report["sentences"] == sum(text.count("\n") + 1 for text in texts(items))


def test_inputs_whose_paths_end_alike_give_an_output_each(tmp_path: Path) -> None:
    names = ["a/the_same_long_name.txt", "b/the_same_long_name.txt", "the_same_long_name.txt"]
    for name in names:
        path = tmp_path / "corpus" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"来自{name[0]}。\n", encoding="utf-8")
    run(SegmentStage(), [tmp_path / "corpus"], tmp_path / "words", ONE)
    for name in names:
        written = (tmp_path / "words" / f"{name}.txt").read_text(encoding="utf-8")
        assert written == f"来自 {name[0]} 。\n\n"


def test_a_dictionary_of_the_user(tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("石墨烯电池组很贵。", encoding="utf-8")
    (tmp_path / "own.txt").write_text("石墨烯电池组 100000\n", encoding="utf-8")
    stage = SegmentStage(user_dict=tmp_path / "own.txt")
    run(stage, [tmp_path / "in.txt"], tmp_path / "words", ONE)
    assert (tmp_path / "words" / "in.txt.txt").read_text("utf-8") == "石墨烯电池组 很 贵 。\n\n"


def test_long_sentences_are_cut(tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("一二三，四五六，七八九。", encoding="utf-8")
    report = run(SegmentStage(max_sentence_chars=8), [tmp_path / "in.txt"], tmp_path / "out", ONE)
    lines = (tmp_path / "out" / "in.txt.txt").read_text("utf-8").splitlines()
    assert [unsegment(line) for line in lines] == ["一二三，四五六，", "七八九。", ""]
    assert report["sentences"] == 2


def test_a_negative_limit_is_refused() -> None:
    with pytest.raises(UsageError, match="--max-sentence-chars"):
        SegmentStage(max_sentence_chars=-1)


def test_units_and_workers_do_not_change_the_output(sample: Path, tmp_path: Path) -> None:
    lines = (sample / "statutes.jsonl").read_bytes().splitlines(keepends=True)[:60]
    source = tmp_path / "statutes.jsonl"
    source.write_bytes(b"".join(lines))
    written = set()
    for workers, unit_bytes in ((1, 1 << 26), (2, 1 << 15)):
        output = tmp_path / f"out-{workers}"
        run(SegmentStage(), [source], output, RunOptions(workers=workers, unit_bytes=unit_bytes))
        written.add((output / "statutes.jsonl.txt").read_bytes())
    assert len(written) == 1


def test_the_command(corpus: Path, cli: Cli, tmp_path: Path) -> None:
    words = ["segment", corpus, "-o", "out", "--to", "jsonl", "--workers", "1", "--json"]
    report = json.loads(cli(*words, "--sentence-rules", "paddle").stdout)
    assert report["documents"] == 5
    assert (tmp_path / "out" / "corpus.jsonl.jsonl").is_file()
    cli(*words, "--overwrite", "--max-sentence-chars=-3", code=2)
    cli(*words, "--overwrite", "--user-dict", "none.txt", code=2)
