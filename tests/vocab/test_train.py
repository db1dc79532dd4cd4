from __future__ import annotations

import json
from pathlib import Path

import pytest

from corpuskit.errors import UsageError
from corpuskit.vocab.merge import MergeOptions
from corpuskit.vocab.report import unreachable
from corpuskit.vocab.train import run_train
from corpuskit.vocab.vocabulary import build_tokenizer, load_vocabulary
from corpuskit.work import RunOptions
from tests.conftest import Cli
from tests.vocab.corpora import sample_texts, write_jsonl


@pytest.mark.parametrize("lowercase", [True, False])
def test_one_vocabulary_over_all_scripts(lowercase: bool, sample: Path, tmp_path: Path) -> None:
    texts = [*sample_texts(sample, 10), "Привет, Привет и пока. " * 9]
    source = write_jsonl(tmp_path / "in.jsonl", texts)
    output = tmp_path / "new" / "vocab"
    options = MergeOptions(1, lowercase)
    record = run_train([str(source)], output, RunOptions(workers=1), options, pieces=1000)
    tokens = load_vocabulary(output / "vocab.txt")
    assert record["tokens"] == len(tokens) and record["pieces"] == 1000
    assert unreachable(tokens, lowercase=lowercase) == []
    assert ("привет" if lowercase else "Привет") in tokens
    assert ("The" in tokens) != lowercase
    tokenizer = build_tokenizer(tokens, lowercase=lowercase, specials=False)
    for text in texts[:10]:
        assert "[UNK]" not in tokenizer.encode(text).tokens


def test_one_step_of_many_machines_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="several stages"):
        run_train(["in.txt"], tmp_path, RunOptions(shard=(1, 2)), MergeOptions(), pieces=1000)


def test_the_commands(sample: Path, cli: Cli, tmp_path: Path) -> None:
    write_jsonl(tmp_path / "in.jsonl", sample_texts(sample, 5))
    cli("vocab", "chars", "in.jsonl", "-o", "chars.tsv", "--workers", 1)
    bpe = ["vocab", "bpe", "in.jsonl", "-o", "pieces.vocab", "--size", 500, "--workers", 1]
    assert json.loads(cli(*bpe, "--json").stdout)["pieces"] == 500
    merge = ["vocab", "merge", "--chars", "chars.tsv", "--bpe", "pieces.vocab", "-o", "v"]
    record = json.loads(cli(*merge, "--min-count", 5, "--size", 21_455, "--json").stdout)
    assert record["tokens"] == 21_455
    assert unreachable(load_vocabulary(tmp_path / "v" / "vocab.txt"), lowercase=True) == []
