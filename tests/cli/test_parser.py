"""Precedence: built-in < --config < CORPUSKIT_* < flag < --set."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from corpuskit.cli._options import parse_size
from corpuskit.cli._parser import Parser, parse
from corpuskit.errors import UsageError


def parsed(*words: str) -> argparse.Namespace:
    parser = Parser(prog="corpuskit toy", allow_abbrev=False)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--unit-size", type=parse_size, default=10)
    parser.add_argument("--workers", default="auto")
    parser.add_argument("--format", choices=("auto", "jsonl"), default="auto")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--shuffle", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--quiet", action="store_true")
    return parse(parser, ["--output", "out", *words], layered=True)


@pytest.fixture
def config(tmp_path: Path) -> str:
    path = tmp_path / "toy.yaml"
    path.write_text("seed: 2\nunit-size: 4KB\nworkers: 3\nshuffle: false\n")
    return str(path)


def test_each_layer_beats_the_one_below(config: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert parsed().seed == 1
    words = ["--config", config]
    assert parsed(*words).seed == 2
    monkeypatch.setenv("CORPUSKIT_SEED", "3")
    assert parsed(*words).seed == 3
    words += ["--seed", "4"]
    assert parsed(*words).seed == 4
    words += ["--set", "seed=5"]
    assert parsed(*words).seed == 5


def test_values_get_the_type_of_the_flag(config: str, monkeypatch: pytest.MonkeyPatch) -> None:
    args = parsed("--config", config)
    assert (args.unit_size, args.workers, args.shuffle) == (4000, "3", False)
    monkeypatch.setenv("CORPUSKIT_UNIT_SIZE", "1MiB")
    monkeypatch.setenv("CORPUSKIT_QUIET", "yes")
    args = parsed("--set", "shuffle=on", "--set", "output=else/where")
    assert (args.unit_size, args.quiet, args.shuffle) == (1 << 20, True, True)
    assert args.output == Path("else/where")


def test_a_flag_that_may_be_repeated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def texts(*words: str) -> list[str] | None:
        parser = Parser(prog="corpuskit toy")
        parser.add_argument("--text", action="append")
        found: list[str] | None = parse(parser, list(words), layered=True).text
        return found

    config = tmp_path / "toy.yaml"
    config.write_text("text: [one, two]\n")
    assert texts() is None
    assert texts("--config", str(config)) == ["one", "two"]
    monkeypatch.setenv("CORPUSKIT_TEXT", "three")
    assert texts("--config", str(config)) == ["three"]
    assert texts("--text", "four", "--text", "five") == ["four", "five"]
    assert texts("--text", "four", "--set", "text=six") == ["six"]


def test_a_required_option_may_come_from_any_layer(monkeypatch: pytest.MonkeyPatch) -> None:
    parser = Parser(prog="corpuskit toy")
    parser.add_argument("--output", required=True)
    monkeypatch.setenv("CORPUSKIT_OUTPUT", "there")
    assert parse(parser, [], layered=True).output == "there"


def test_all_mistakes_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "toy.yaml"
    path.write_text("sed: 2\nformat: jsnl\nseed: [1, 2]\n")
    monkeypatch.setenv("CORPUSKIT_WROKERS", "3")
    monkeypatch.setenv("CORPUSKIT_QUIET", "perhaps")
    with pytest.raises(UsageError) as caught:
        parsed("--config", str(path), "--set", "unitsize=3", "--set", "x", "--set", "config=a")
    assert caught.value.what.split("; ") == [
        f"unknown option 'sed' in {path} (did you mean 'seed'?)",
        "format must be one of auto, jsonl, not 'jsnl'",
        "seed takes one value, not '[1, 2]'",
        "unknown variable CORPUSKIT_WROKERS (did you mean CORPUSKIT_WORKERS?)",
        "quiet must be true or false, not 'perhaps'",
        "--set takes KEY=VALUE, not 'x'",
        "unknown option 'unitsize' in --set (did you mean 'unit_size'?)",
        "unknown option 'config' in --set",
    ]


def test_variables_of_other_commands_are_no_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("VOCAB", "TRAIN_STEPS", "NO_PROGRESS", "DEBUG", "CACHE", "DATA_PREFIX"):
        monkeypatch.setenv(f"CORPUSKIT_{name}", "1")
    parsed()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "No such file"),
        ("- 1", "one mapping"),
        ("", "one mapping"),
        ("a: [", "not valid YAML"),
    ],
)
def test_a_config_file_that_is_none(tmp_path: Path, content: str | None, message: str) -> None:
    path = tmp_path / "toy.yaml"
    if content is not None:
        path.write_text(content)
    with pytest.raises(UsageError, match=message) as caught:
        parsed("--config", str(path))
    assert caught.value.where == str(path)


def test_config_without_a_file_is_one_of_our_errors() -> None:
    with pytest.raises(UsageError, match="--config: expected one argument") as caught:
        parsed("--config")
    assert caught.value.hint == "see `corpuskit toy --help`"
