from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from corpuskit.errors import DataError, UsageError
from corpuskit.work import RunOptions, run
from tests.work.toy import Toy, options, write_orders


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    return write_orders(tmp_path / "orders.jsonl", [f"n {i}" for i in range(6)])


EXPECTED = b"".join(b"n %d\n" % i for i in range(6))


def test_a_run_leaves_output_and_report(orders: Path, tmp_path: Path) -> None:
    report = run(Toy(), [orders], tmp_path / "out", options())
    assert (tmp_path / "out").read_bytes() == EXPECTED
    assert json.loads((tmp_path / "out.report.json").read_bytes()) == report
    assert report["documents"] == report["units"] == 6 and report["outputs"] == {"out": 24}
    assert sorted(p.name for p in tmp_path.iterdir()) == ["orders.jsonl", "out", "out.report.json"]


def test_a_complete_run_again_does_nothing(
    orders: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = run(Toy(), [orders], tmp_path / "out", options())
    before = (tmp_path / "out").stat()
    assert run(Toy(), [orders], tmp_path / "out", options(workers=3)) == first
    assert (tmp_path / "out").stat() == before
    assert "already complete" in capsys.readouterr().err


def test_outputs_deleted_after_completion_are_made_again(orders: Path, tmp_path: Path) -> None:
    run(Toy(), [orders], tmp_path / "out", options())
    (tmp_path / "out").unlink()
    run(Toy(), [orders], tmp_path / "out", options())
    assert (tmp_path / "out").read_bytes() == EXPECTED


def _other_stage(orders: Path, output: Path) -> None:
    run(Toy("b"), [orders], output, options())


def _other_unit_size(orders: Path, output: Path) -> None:
    run(Toy(), [orders], output, options(unit_bytes=128))


def _other_input(orders: Path, output: Path) -> None:
    write_orders(orders, ["n 7"])
    run(Toy(), [orders], output, options())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_other_stage, 'option option was "a" and is now "b"'),
        (_other_unit_size, "unit size was 64 and is now 128"),
        (_other_input, "input orders.jsonl was .*384 bytes.* and is now .*64 bytes"),
    ],
)
@pytest.mark.parametrize("complete", [True, False])
def test_another_plan_is_refused_and_named(
    orders: Path, tmp_path: Path, change: Any, message: str, complete: bool
) -> None:
    output = tmp_path / "out"
    if complete:
        run(Toy(), [orders], output, options())
    else:
        run(Toy(), [orders], output, options(shard=(1, 2)))
    before = sorted(path.name for path in tmp_path.rglob("*"))
    with pytest.raises(UsageError, match=message) as caught:
        change(orders, output)
    assert "--overwrite" in (caught.value.hint or "")
    assert sorted(path.name for path in tmp_path.rglob("*")) == before


def test_overwrite_starts_anew(orders: Path, tmp_path: Path) -> None:
    run(Toy(), [orders], tmp_path / "out", options())
    run(Toy(), [orders], tmp_path / "half", options(shard=(1, 2)))
    write_orders(orders, ["n 7", "n 8"])
    for name in ("out", "half"):
        report = run(Toy(), [orders], tmp_path / name, options(overwrite=True))
        assert (tmp_path / name).read_bytes() == b"n 7\nn 8\n"
        assert report["resumed_units"] == 0
        assert not (tmp_path / f"{name}.corpuskit").exists()


def test_a_file_of_someone_else_is_not_replaced(orders: Path, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("precious")
    with pytest.raises(UsageError, match="no report tells where it comes from"):
        run(Toy(), [orders], tmp_path / "out", options())
    assert (tmp_path / "out").read_text() == "precious"
    assert not (tmp_path / "out.corpuskit").exists()


def test_a_report_of_someone_else_is_not_replaced(orders: Path, tmp_path: Path) -> None:
    (tmp_path / "out.report.json").write_text("[]")
    with pytest.raises(UsageError, match="not a report of ours"):
        run(Toy(), [orders], tmp_path / "out", options())


def test_an_output_among_the_inputs_is_refused(orders: Path, tmp_path: Path) -> None:
    for inputs, output in (([orders], orders), ([tmp_path], tmp_path / "deep" / "out")):
        with pytest.raises(UsageError, match="one of the inputs"):
            run(Toy(), inputs, output, options(overwrite=True))
    assert orders.stat().st_size == 6 * 64


def test_shards_and_assembly(orders: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    for index in (3, 1):
        report = run(Toy(), [orders], output, options(shard=(index, 3)))
        assert report["units"] == report["documents"] == 2
    with pytest.raises(UsageError, match="2 of 6 units are not done, the first is unit 1"):
        run(Toy(), [orders], output, options(assemble=True))
    run(Toy(), [orders], output, options(shard=(2, 3)))
    report = run(Toy(), [orders], output, options(assemble=True))
    assert output.read_bytes() == EXPECTED
    assert report["mb_per_second"] == 0  # this run read nothing


def test_a_whole_run_takes_over_what_shards_have_done(orders: Path, tmp_path: Path) -> None:
    run(Toy(), [orders], tmp_path / "out", options(shard=(1, 3)))
    assert run(Toy(), [orders], tmp_path / "out", options())["resumed_units"] == 2
    assert (tmp_path / "out").read_bytes() == EXPECTED


@pytest.mark.parametrize(
    "wrong",
    [
        {"executor": "slurm"},
        {"shard": (1, 2), "assemble": True},
        {"shard": (1, 2), "overwrite": True},
        {"assemble": True, "overwrite": True},
    ],
)
def test_options_that_do_not_go_together(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        RunOptions(**wrong)


def test_too_many_rejects_keep_the_parts(orders: Path, tmp_path: Path) -> None:
    lines = orders.read_bytes().splitlines(keepends=True)
    orders.write_bytes(b"".join([*lines[:3], b"{".ljust(63) + b"\n", *lines[3:]]))
    with pytest.raises(DataError, match=r"1 of 7 records rejected \(14.29%\)") as caught:
        run(Toy(), [orders], tmp_path / "out", options())
    assert caught.value.hint == (
        "mend the input, or allow more: --max-rejects 15% goes on from here"
    )
    report = run(Toy(), [orders], tmp_path / "out", options(max_rejects=0.15))
    assert report["resumed_units"] == 7 and report["rejected"] == 1
    assert (tmp_path / "out").read_bytes() == EXPECTED


def test_rejects_of_an_earlier_run_do_not_stay(orders: Path, tmp_path: Path) -> None:
    good = orders.read_bytes()
    orders.write_bytes(good + b"{\n")
    run(Toy(), [orders], tmp_path / "out", options(max_rejects=1))
    assert (tmp_path / "out.rejects.jsonl").exists()
    orders.write_bytes(good)
    run(Toy(), [orders], tmp_path / "out", options(overwrite=True))
    assert not (tmp_path / "out.rejects.jsonl").exists()


@pytest.mark.parametrize("damage", ["missing", "torn", "changed"])
def test_damaged_parts_are_made_again(orders: Path, tmp_path: Path, damage: str) -> None:
    output = tmp_path / "out"
    run(Toy(), [orders], output, options(shard=(1, 1)))
    part = tmp_path / "out.corpuskit" / "parts" / "000002.out"
    {
        "missing": part.unlink,
        "torn": lambda: part.write_bytes(b"n"),
        "changed": lambda: part.write_bytes(b"m 2\n"),
    }[damage]()
    if damage == "changed":
        with pytest.raises(DataError, match="a part changed on disk"):
            run(Toy(), [orders], output, options())
    assert run(Toy(), [orders], output, options())["resumed_units"] == 5
    assert output.read_bytes() == EXPECTED


def test_leftovers_of_killed_runs_are_removed(orders: Path, tmp_path: Path) -> None:
    run(Toy(), [orders], tmp_path / "out", options(shard=(1, 2)))
    stale = [tmp_path / ".out.77-abc.tmp", tmp_path / ".out.report.json.77-abc.tmp"]
    for path in stale:
        path.touch()
    other = tmp_path / ".outlook.77-abc.tmp"
    other.touch()
    run(Toy(), [orders], tmp_path / "out", options())
    assert other.exists() and not any(path.exists() for path in stale)


def test_an_input_that_changes_in_mid_run_is_an_error(tmp_path: Path) -> None:
    orders = write_orders(tmp_path / "orders.jsonl", ["n 1", "sleep 2", "n 3"])
    writer = threading.Timer(1.5, lambda: os.utime(orders, ns=(1, 1)))
    writer.start()
    with pytest.raises(DataError, match="the input changed while it was read"):
        run(Toy(), [orders], tmp_path / "out", options())
    assert not (tmp_path / "out").exists()


def test_dry_run_makes_nothing(
    orders: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = run(Toy(), [orders], tmp_path / "out", options(dry_run=True, workers=2))
    assert (report["units"], report["bytes"], report["workers"]) == (6, 384, 2)
    assert report["estimated_seconds"] < 1
    assert [path.name for path in tmp_path.iterdir()] == ["orders.jsonl"]
