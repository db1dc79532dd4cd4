from __future__ import annotations

import json
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from corpuskit.io import shuffle
from corpuskit.io.units import Source, Unit
from corpuskit.jsonl.stage import JsonlStage
from corpuskit.segment.stage import SegmentStage
from corpuskit.segment.words import unsegment
from corpuskit.work import RunOptions, run
from corpuskit.work.stage import Part, PartWriter
from tests.conftest import Cli


def documents(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def write(path: Path, records: list[dict[str, Any]]) -> Path:
    lines = (json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    path.write_text("".join(lines), encoding="utf-8")
    return path


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    records = [{"id": n, "text": f"这是第{n}篇，有\n两行的文章。"} for n in range(500)]
    return write(tmp_path / "in.jsonl", records)


def test_a_shuffle_is_a_permutation(corpus: Path, tmp_path: Path) -> None:
    report = run(JsonlStage(), [corpus], tmp_path / "out.jsonl", RunOptions(workers=1))
    shuffled, source = documents(tmp_path / "out.jsonl"), documents(corpus)
    assert sorted(shuffled, key=lambda record: record["id"]) == source
    places = [record["id"] for record in shuffled]
    assert sum(place == index for index, place in enumerate(places)) < 10
    assert sum(a < b for a, b in pairwise(places)) in range(200, 300)
    assert report["documents"] == 500 and report["short_documents"] == 0


def test_the_order_depends_on_the_seed_alone(corpus: Path, tmp_path: Path) -> None:
    written = {}
    for seed in (1234, 5):
        for workers in (1, 2):
            output = tmp_path / f"{seed}-{workers}.jsonl"
            options = RunOptions(workers=workers, unit_bytes=1 << 13)
            assert run(JsonlStage(seed=seed), [corpus], output, options)["units"] > 3
            written[seed, workers] = output.read_bytes()
    assert written[1234, 1] == written[1234, 2] != written[5, 1] == written[5, 2]


def test_without_shuffling_the_order_is_kept(corpus: Path, tmp_path: Path) -> None:
    options = RunOptions(workers=2, unit_bytes=1 << 13)
    run(JsonlStage(shuffle=False), [corpus], tmp_path / "out.jsonl", options)
    assert documents(tmp_path / "out.jsonl") == documents(corpus)


def shuffled_here(path: Path, directory: Path, stage: JsonlStage) -> list[dict[str, Any]]:
    """Run kernel and assembly in this process, where sizes can be changed."""
    source = Source(path, path.name, "jsonl", "none", path.stat().st_size, 0)
    unit = Unit(0, source, 0, source.size, source.size)
    directory.mkdir()
    writer = PartWriter(directory, unit, stage.suffixes)
    stage.open().run(unit, writer)
    part = Part(unit, writer.finish(), directory)
    stage.assemble([part], directory / "out.jsonl")
    return documents(directory / "out.jsonl")


def test_many_runs_and_many_reads_give_the_same_order(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = shuffled_here(corpus, tmp_path / "whole", JsonlStage())
    monkeypatch.setattr(shuffle, "RUN_BYTES", 4_000)
    monkeypatch.setattr(shuffle, "READ_BYTES", 200_000)
    pieces = shuffled_here(corpus, tmp_path / "pieces", JsonlStage())
    size = (tmp_path / "pieces" / "000000.out").stat().st_size
    assert size > 5 * (tmp_path / "whole" / "000000.out").stat().st_size
    assert whole == pieces


def test_short_documents_are_counted(tmp_path: Path) -> None:
    texts = ["一二三四五六七八九\n", "一二三四五六七八九十\n", "短", "", "一二三四五六七八九十一"]
    source = write(tmp_path / "in.jsonl", [{"text": text} for text in texts])
    for limit, kept in ((10, [texts[1], texts[4]]), (0, [t for t in texts if t])):
        stage = JsonlStage(shuffle=False, min_document_length=limit)
        output = tmp_path / f"{limit}.jsonl"
        report = run(stage, [source], output, RunOptions(workers=1))
        assert [record["text"] for record in documents(output)] == kept
        assert report["documents"] == len(kept)
        assert report["short_documents"] == len(texts) - len(kept)


def test_other_fields_and_another_key(tmp_path: Path) -> None:
    record = {"id": 1, "body": "够长的一篇文章，有十个字以上。", "meta": {"a": [1, None]}}
    source = write(tmp_path / "in.jsonl", [record])
    run(JsonlStage(key="body"), [source], tmp_path / "out.jsonl", RunOptions(workers=1))
    assert documents(tmp_path / "out.jsonl") == [record]


def test_plain_text(sample: Path, tmp_path: Path) -> None:
    run(JsonlStage(), [sample / "sotu.txt"], tmp_path / "out.jsonl", RunOptions(workers=1))
    text = (sample / "sotu.txt").read_text(encoding="utf-8")
    expected = Counter(part.strip("\n") for part in text.split("\n\n") if part.strip())
    assert Counter(record["text"] for record in documents(tmp_path / "out.jsonl")) == expected


def test_segmented_text_there_and_back(corpus: Path, tmp_path: Path) -> None:
    one = RunOptions(workers=1)
    run(SegmentStage(), [corpus], tmp_path / "words", one)
    run(JsonlStage(), [tmp_path / "words"], tmp_path / "out.jsonl", one)
    texts = {
        "".join(unsegment(line) for line in record["text"].split("\n"))
        for record in documents(tmp_path / "out.jsonl")
    }
    assert texts == {record["text"].replace("\n", "") for record in documents(corpus)}


def test_nothing_at_all(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_bytes(b"")
    report = run(
        JsonlStage(), [tmp_path / "in.jsonl"], tmp_path / "out.jsonl", RunOptions(workers=1)
    )
    assert (tmp_path / "out.jsonl").read_bytes() == b""
    assert report["documents"] == report["short_documents"] == 0


def test_the_command(corpus: Path, cli: Cli, tmp_path: Path) -> None:
    words = ["jsonl", corpus, "-o", "out.jsonl", "--workers", 1, "--json"]
    report = json.loads(cli(*words, "--no-shuffle", "--min-doc-length", 15).stdout)
    assert report["short_documents"] == 100
    assert len(documents(tmp_path / "out.jsonl")) == 400
    cli(*words, "--seed", "7", code=2)
    cli(*words, "--seed", "7", "--overwrite")
    assert documents(tmp_path / "out.jsonl") != documents(corpus)
