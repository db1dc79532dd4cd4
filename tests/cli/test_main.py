from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from corpuskit import cli
from corpuskit.cli._parser import parse
from corpuskit.errors import Interrupted, UsageError
from tests.cli.commands import COMMANDS
from tests.conftest import Cli

HEAVY = ("torch", "numpy", "pyarrow", "rich", "yaml", "jieba", "multiprocessing", "trainer")

HELP_OF_ALL = f"""
import contextlib, io, json, sys
from corpuskit.cli import main
for words in json.loads(sys.argv[1]):
    text = io.StringIO()
    with contextlib.redirect_stdout(text), contextlib.suppress(SystemExit):
        main([*words, "--help"])
    assert "examples:" in text.getvalue() and "--json" in text.getvalue(), words
    heavy = [name for name in {HEAVY!r} if name in sys.modules]
    assert not heavy, (words, heavy)
"""


def test_help_of_every_command_imports_nothing_heavy() -> None:
    """Help within 0.3 s: what costs more is not imported."""
    words = json.dumps([name.split() for name in COMMANDS])
    subprocess.run([sys.executable, "-c", HELP_OF_ALL, words], check=True)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_summary_and_examples(name: str) -> None:
    module, full, _ = cli._find(name.split())
    assert module is not None and full == f"corpuskit {name}"
    assert module.__doc__ and module.__doc__.splitlines()[0].endswith(".")
    assert module.EXAMPLES
    assert all(f"{example} ".startswith(f"{full} ") for example in module.EXAMPLES)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_example_is_accepted(name: str) -> None:
    module, full, _ = cli._find(name.split())
    assert module is not None
    for example in module.EXAMPLES:
        words = shlex.split(example)[1 + len(name.split()) :]
        layered = not hasattr(module, "OWN_CONFIG")
        parse(cli.build_parser(module, full), words, layered=layered)


def test_overview_lists_all_commands(cli: Cli) -> None:
    shown = cli("--help").stdout
    assert all(f"\n  {name.split()[0]} " in shown for name in COMMANDS)
    assert cli("vocab", code=2).stdout.startswith("usage: corpuskit vocab COMMAND")
    assert cli("--version").stdout.startswith("corpuskit ")


@pytest.mark.parametrize(
    ("words", "error", "hint"),
    [
        (["tokenise"], "unknown command 'tokenise'", "did you mean `corpuskit tokenize`?"),
        (["vocab", "char"], "unknown command 'char'", "did you mean `corpuskit vocab chars`?"),
        (["xyz"], "unknown command 'xyz'", "see `corpuskit --help`"),
        (["--jsn"], "unknown option '--jsn'", "see `corpuskit --help`"),
        (
            ["jsonl", "in", "-o", "out", "--shufle", "--wrokers", "3"],
            "unknown option '--shufle' (did you mean '--shuffle'?); "
            "unknown option '--wrokers' (did you mean '--workers'?)",
            "see `corpuskit jsonl --help`",
        ),
        (
            ["jsonl", "in"],
            "the following arguments are required: -o/--output",
            "see `corpuskit jsonl --help`",
        ),
        (
            ["jsonl", "in", "-o", "out", "--unit-size", "0"],
            "argument --unit-size: a size like 64MiB was expected, not '0'",
            "see `corpuskit jsonl --help`",
        ),
        (
            ["jsonl", "in", "-o", "out", "--shard", "3/2"],
            "--shard takes I/N with 1 <= I <= N, not '3/2'",
            None,
        ),
        (
            ["jsonl", "in", "-o", "out", "--workers", "no"],
            "--workers takes a positive number or auto, not 'no'",
            None,
        ),
    ],
)
def test_mistakes_in_a_command(
    words: list[str], error: str, hint: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(words) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == f"error: {error}\n" + (f"hint: {hint}\n" if hint else "")


@pytest.fixture
def text(tmp_path: Path, sample: Path) -> Path:
    path = tmp_path / "text.txt"
    path.write_bytes((sample / "sotu.txt").read_bytes()[:20_000])
    return path


def test_json_is_one_object_and_the_same_as_the_report(
    cli: Cli, text: Path, tmp_path: Path
) -> None:
    done = cli("jsonl", text, "-o", "out", "--json")
    assert done.stdout.count("\n") == 1
    assert json.loads(done.stdout) == json.loads((tmp_path / "out.report.json").read_bytes())
    assert done.stderr == "input: 1 file: 1 txt\n"
    again = cli("jsonl", text, "-o", "out", "--json")
    assert again.stdout == done.stdout


def test_quiet_says_nothing_beside_the_result(cli: Cli, text: Path) -> None:
    done = cli("jsonl", text, "-o", "out", "--quiet")
    assert done.stderr == ""
    assert done.stdout.startswith("documents")
    done = cli("jsonl", text, "-o", "again", "--quiet", "--json")
    assert done.stderr == "" and json.loads(done.stdout)


def test_errors_of_data_and_bugs(cli: Cli, tmp_path: Path) -> None:
    done = cli("jsonl", "missing", "-o", "out", "--json", code=1)
    assert done.stdout == ""
    assert done.stderr.startswith("error: input not found\n  at missing\n")
    assert "Traceback" in cli("jsonl", "missing", "-o", "out", code=1, CORPUSKIT_DEBUG="1").stderr
    (tmp_path / "corpuskit_bug.py").write_text(
        "import sys\nfrom corpuskit import cli\nfrom corpuskit.io import discover\n"
        "discover.describe = None\nsys.exit(cli.main(sys.argv[1:]))\n"
    )
    (tmp_path / "in.txt").write_text("text\n")
    bug = [sys.executable, "corpuskit_bug.py", "jsonl", "in.txt", "-o", "out"]
    done = subprocess.run(bug, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 3 and "TypeError" in done.stderr


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    for words in (["recipe", "ls"], ["--help"], ["segment", "--help"], ["vocab", "--help"]):
        reader, writer = os.pipe()
        os.close(reader)
        command = [sys.executable, "-m", "corpuskit", *words]
        done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, text=True)
        os.close(writer)
        assert (done.returncode, done.stderr) == (0, ""), words


def test_remarks_that_nobody_reads_do_not_stop_a_run(text: Path, tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "corpuskit", "jsonl", str(text), "-o", str(tmp_path / "out")]
    done = subprocess.run(command, stderr=writer, stdout=subprocess.PIPE)
    os.close(writer)
    assert done.returncode == 0 and (tmp_path / "out").exists()


def test_an_interruption_names_the_command_that_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stop(words: list[str]) -> int:
        raise Interrupted("interrupted; 1 of 2 units are done and kept")

    monkeypatch.setattr(cli, "_dispatch", stop)
    assert cli.main(["jsonl", "a b", "-o", "out", "--overwrite"]) == 130
    assert capsys.readouterr().err == (
        "error: interrupted; 1 of 2 units are done and kept\n"
        "hint: go on with: corpuskit jsonl 'a b' -o out\n"
    )


def test_unknown_commands_raise() -> None:
    with pytest.raises(UsageError):
        cli._find(["nothing"])
