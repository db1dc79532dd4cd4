from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from corpuskit.vocab.merge import MergeOptions, merge_vocabulary
from corpuskit.vocab.report import ReportStage, look_alikes, unreachable
from corpuskit.vocab.unicode import is_basic_cjk, script_of
from corpuskit.vocab.vocabulary import build_tokenizer, load_vocabulary, save_vocabulary
from corpuskit.work import RunOptions, run
from tests.conftest import Cli
from tests.vocab.corpora import SCRIPTS, sample_texts, write_jsonl

GOOD = ["[PAD]", "[UNK]", "a", "##a", "the", "##ing", "国", "，", "😊", "##😊", "#", "7", "##7"]


@pytest.mark.parametrize(
    "token",
    [
        "The", "##A", "café", "##é", "##,", "##国", "国家", "a国", "a b", " ", "##", "###", "a,",
        "\u200b", "a\u00a0", "##\u3000x", "[unused1]", "が", "a" * 101, "##" + "a" * 100,
    ],
)  # fmt: skip
def test_planted_entries_are_found(token: str) -> None:
    assert unreachable([*GOOD, token, "x"], lowercase=True) == [token]


def test_an_entry_hidden_behind_a_longer_one_is_found() -> None:
    starts = ["[UNK]", "a", "b", "##c"]
    assert unreachable(starts, lowercase=True) == []
    assert unreachable([*starts, "ac"], lowercase=True) == []
    assert unreachable([*starts, "ac", "bc"], lowercase=True) == ["##c"]


def test_case_decides() -> None:
    tokens = [*GOOD, "The", "café", "##é", "が"]
    assert unreachable(tokens, lowercase=False) == []
    assert unreachable(tokens, lowercase=True) == tokens[len(GOOD) :]


def test_a_published_vocabulary(shared_data: Path) -> None:
    tokens = load_vocabulary(shared_data / "vocab" / "bert_base_chinese_vocab_21128.txt")
    found = unreachable(tokens, lowercase=True)
    assert [token for token in found if token.startswith("[unused")] == tokens[1:100]
    ideographs = [t for t in tokens if t.startswith("##") and is_basic_cjk(t[2:])]
    assert set(ideographs) <= set(found)
    assert len(ideographs) > 7_000


def test_look_alikes() -> None:
    assert look_alikes(["a", "ａ", "⼀", "一", "ｂ", "①"]) == [("ａ", "a"), ("⼀", "一")]


def report_of(texts: list[str], tokens: list[str], directory: Path, **run_options: int) -> dict:
    save_vocabulary(directory / "vocab.txt", tokens)
    source = write_jsonl(directory / "in.jsonl", texts)
    options = RunOptions(**{"workers": 1, **run_options})
    output = directory / "report.json"
    report = run(ReportStage(directory / "vocab.txt"), [source], output, options)
    written = json.loads(output.read_text(encoding="utf-8"))
    assert all(json.loads(json.dumps(report[name])) == value for name, value in written.items())
    return written


def test_the_unknown_rate_of_each_script(tmp_path: Path) -> None:
    report = report_of(["aa the 国， жжжж 国家", "7ж Aing"], GOOD, tmp_path)
    scripts = {name: (row["characters"], row["unknown"]) for name, row in report["scripts"].items()}
    assert scripts == {
        "latin": (9, 0),
        "cjk": (3, 1),
        "cyrillic": (5, 5),
        "common": (2, 1),  # the digit in 7ж, which is one unknown word
    }
    assert report["scripts"]["cjk"]["unknown_rate"] == pytest.approx(1 / 3)
    assert (report["unknown_tokens"], report["tokens"]) == (3, 11)
    assert report["unknown_rate"] == pytest.approx(3 / 11)
    assert report["tokens_per_character"] == pytest.approx(11 / 19)
    assert report["tokens_per_word"] == pytest.approx(11 / 9)
    assert report["characters_in_unknown"] == [["ж", 5], ["7", 1], ["家", 1]]
    assert report["vocab_size"] == len(GOOD)
    assert report["unreachable"] == report["look_alikes"] == []


def test_real_text_against_a_count_by_hand(sample: Path, tmp_path: Path) -> None:
    texts = [*sample_texts(sample), "x\x1cy ж\u200bж\x85ж"]
    tokens = merge_vocabulary(dict.fromkeys("，。", 1), ["▁the"], MergeOptions(1))
    report = report_of(texts, tokens, tmp_path, workers=2, unit_bytes=1 << 17)
    tokenizer = build_tokenizer(tokens, specials=False)
    characters = Counter(script_of(c) for text in texts for c in text if not c.isspace())
    unknown = Counter[str]()
    total = 0
    for text in texts:
        encoding = tokenizer.encode(text)
        total += len(encoding.ids)
        for token, (start, stop) in zip(encoding.tokens, encoding.offsets, strict=True):
            if token == "[UNK]":
                unknown.update(script_of(c) for c in text[start:stop] if not c.isspace())
    assert {name: row["characters"] for name, row in report["scripts"].items()} == characters
    assert {n: r["unknown"] for n, r in report["scripts"].items() if r["unknown"]} == unknown
    assert report["tokens"] == total


def test_no_text_at_all(tmp_path: Path) -> None:
    report = report_of([], GOOD, tmp_path)
    assert report["scripts"] == {}
    assert report["unknown_rate"] == report["tokens_per_word"] == 0


def test_the_command(tmp_path: Path, cli: Cli) -> None:
    save_vocabulary(tmp_path / "vocab.txt", [*GOOD, "The"])
    write_jsonl(tmp_path / "in.jsonl", [SCRIPTS])
    words = ["vocab", "report", "in.jsonl", "--vocab", "vocab.txt", "-o", "r.json", "--workers", 1]
    table = cli(*words).stdout
    assert "cyrillic" in table and "unreachable" in table
    assert json.loads(cli(*words, "--json").stdout)["unreachable"] == ["The"]
