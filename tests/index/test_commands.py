"""``corpuskit index`` as a user runs it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import Cli
from tests.index.data import SIDECAR, VOCAB_SIZE, random_dataset


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    names = ["[PAD]", "[CLS]", "[SEP]", "[MASK]", "[UNK]"]
    names += [f"t{id}" for id in range(5, 150)] + [f"##p{id}" for id in range(150, VOCAB_SIZE)]
    (tmp_path / "vocab.txt").write_text("\n".join(names) + "\n")
    random_dataset(tmp_path / "a", sidecar=replace(SIDECAR, vocab=str(tmp_path / "vocab.txt")))
    return tmp_path / "a"


def test_show(cli: Cli, prefix: Path) -> None:
    text = cli("index", "show", prefix).stdout
    assert "documents" in text and "50" in text and "█" in text
    record = json.loads(cli("index", "show", "--json", prefix).stdout)
    assert record["documents"] == 50 and record["dtype"] == "uint16"


def test_verify(cli: Cli, prefix: Path) -> None:
    assert cli("index", "verify", "--deep", prefix).stdout == f"{prefix}: ok\n"
    path = Path(f"{prefix}.bin")
    path.write_bytes(path.read_bytes()[:-2])
    done = cli("index", "verify", prefix, code=1)
    assert "1 faults" in done.stdout and "truncated" in done.stdout and "hint: " in done.stdout
    faults = json.loads(cli("index", "verify", "--json", prefix, code=1).stdout)
    assert faults[str(prefix)][0]["where"] == f"{prefix}.bin"


def test_split_merge_convert(cli: Cli, prefix: Path, tmp_path: Path) -> None:
    cli("index", "split", prefix, "--documents", 20, "-o", "part")
    done = cli("index", "merge", "part-00000", "part-00001", "part-00002", "-o", "b", "--json")
    assert json.loads(done.stdout)["datasets"][0]["documents"] == 50
    cli("index", "convert", "b", "--to", "npy", "-o", "c")
    cli("index", "convert", "c", "--to", "mmap", "-o", "d")
    assert (tmp_path / "d.bin").read_bytes() == Path(f"{prefix}.bin").read_bytes()
    assert (tmp_path / "d.idx").read_bytes() == Path(f"{prefix}.idx").read_bytes()


def test_build_and_decode(cli: Cli, prefix: Path) -> None:
    maps = json.loads(cli("index", "build", prefix, "--samples", 70, "--json").stdout)["maps"]
    assert [(m["part"], m["samples"]) for m in maps] == [("train", 70), ("valid", 70), ("test", 70)]
    text = cli("index", "decode", prefix, "--sample", 3, "--map", maps[0]["file"]).stdout
    assert text.startswith("[CLS] ") and "[MASK]{" in text and "\x1b" not in text
    plain = cli(
        "index", "decode", prefix, "--sample", 3, "--map", maps[0]["file"], "--mask-prob", 0
    )
    assert "{" not in plain.stdout
    assert cli("index", "decode", prefix, "--document", 49).stdout.strip()
    record = json.loads(
        cli("index", "decode", prefix, "--sentence", 5, "--tokens", "--json").stdout
    )
    assert all(token.lstrip("#")[0] in "tp[" for token in record["sentences"][0].split())


def test_documents_that_give_no_sample_are_told(cli: Cli, tmp_path: Path) -> None:
    random_dataset(tmp_path / "a", sentences=2)
    done = cli("index", "build", "a", "--part", "train")
    assert "documents have too few sentences for a sample" in done.stderr


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["show", "nowhere"], 1, "hint: PREFIX is the path without .bin or .idx"),
        (["decode", "a", "--sample", "1"], 2, "--sample needs --map FILE"),
        (["decode", "a", "--document", "50"], 2, "no document 50"),
        (["build", "a", "--split", "x"], 2, "'x' is not a split"),
        (["split", "a", "-o", "b"], 2, "one of the arguments --shares --documents is required"),
        (["merge", "a", "-o", "a"], 2, "the output is one of the inputs"),
    ],
)
def test_errors_are_short(
    cli: Cli, prefix: Path, words: list[str], code: int, message: str
) -> None:
    done = cli("index", *words, code=code)
    assert message in done.stderr and "Traceback" not in done.stderr
