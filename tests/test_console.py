from __future__ import annotations

import json

import pytest

from corpuskit.console import Console, human_bytes, human_time


@pytest.fixture
def console() -> Console:
    return Console()


def test_a_table_is_never_cut_where_there_is_no_terminal(
    console: Console, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    path = "/a/long/path/" * 30
    console.table(["file", "tokens"], [[path, 1234567], ["短 路径", 2.5]], title="all files here")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].rstrip() == "all files here"
    assert [line.split() for line in lines[1:]] == [
        ["file", "tokens"],
        [path, "1,234,567"],
        ["短", "路径", "2.50"],
    ]


def test_markup_in_cells_is_text(console: Console, capsys: pytest.CaptureFixture[str]) -> None:
    console.table(["token"], [["[MASK]"], ["[red]"]])
    assert capsys.readouterr().out.split() == ["token", "[MASK]", "[red]"]


def test_with_json_only_the_result(console: Console, capsys: pytest.CaptureFixture[str]) -> None:
    console.configure(json=True, quiet=False, progress=True)
    console.table(["a"], [[1]])
    console.note("a remark")
    console.result({"a": "中"})
    said = capsys.readouterr()
    assert json.loads(said.out) == {"a": "中"} and said.out.count("\n") == 1
    assert said.err == "a remark\n"


def test_quiet_keeps_warnings(console: Console, capsys: pytest.CaptureFixture[str]) -> None:
    console.configure(json=False, quiet=True, progress=True)
    console.note("a remark")
    console.warn("a worry")
    with console.progress(10, "work") as bar:
        bar.update(10, documents=1)
    assert capsys.readouterr().err == "warning: a worry\n"


def test_plain_progress_says_a_line_every_ten_seconds(
    console: Console, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    console.configure(json=False, quiet=False, progress=True)
    clock = iter(range(100, 200, 4))
    monkeypatch.setattr("corpuskit.console.time.monotonic", lambda: next(clock))
    with console.progress(100_000_000, "segment") as bar:
        for _ in range(4):
            bar.update(10_000_000, documents=1000)
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("segment: ") and " of 100.0 MB · " in line and " documents/s · " in line


def test_human_figures() -> None:
    assert [human_bytes(n) for n in (0, 999, 1500, 2.5e12)] == ["0 B", "999 B", "1.5 kB", "2.5 TB"]
    assert [human_time(n) for n in (5, 65, 3725)] == ["0:05", "1:05", "1:02:05"]
