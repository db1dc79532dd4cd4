from __future__ import annotations

import threading
import tracemalloc
from pathlib import Path

import pytest

from corpuskit.errors import DataError
from corpuskit.io.discover import discover
from corpuskit.io.plan import plan
from corpuskit.io.units import Unit
from corpuskit.work.attempts import WorkerFault
from corpuskit.work.local import run_local
from tests.work.toy import LINE, Toy, write_orders


def units_of(directory: Path, *orders: str) -> list[Unit]:
    return plan(discover([write_orders(directory / "orders.jsonl", orders)]), LINE)


def never() -> bool:
    return False


def test_every_unit_once_with_any_number_of_workers(tmp_path: Path) -> None:
    units = units_of(tmp_path, *(f"n {i}" for i in range(20)))
    records = list(run_local(Toy(), units, tmp_path, 3, never))
    assert sorted(record.unit for record in records) == list(range(20))
    assert (tmp_path / "000007.out").read_bytes() == b"n 7\n"


def test_a_killed_worker_is_replaced_and_its_unit_tried_again(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    units = units_of(tmp_path, "n 0", "die_once marker", "n 2")
    records = list(run_local(Toy(), units, tmp_path, 1, never))
    assert sorted(record.unit for record in records) == [0, 1, 2]
    said = capfd.readouterr().err
    assert said == (
        "warning: a worker was killed (SIGKILL) in unit 1 (orders.jsonl, 64-128); "
        "the unit is tried once more\n"
    )


def test_a_unit_that_kills_two_workers_is_an_error(tmp_path: Path) -> None:
    units = units_of(tmp_path, "n 0", "die")
    with pytest.raises(DataError, match=r"killed \(SIGKILL\) in the same unit 2 times") as caught:
        list(run_local(Toy(), units, tmp_path, 2, never))
    assert caught.value.where == "unit 1 (orders.jsonl, 64-128)"
    assert "fewer --workers" in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("order", "error", "message"),
    [
        ("bug", WorkerFault, "unit 0 .*\n(.*\n)*ZeroDivisionError: a bug of the kernel"),
        ("full", DataError, "no space left on the disk"),
        ("huge", DataError, "out of memory"),
    ],
)
def test_what_a_kernel_meets_is_raised_here(
    tmp_path: Path, order: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        list(run_local(Toy(), units_of(tmp_path, order), tmp_path, 1, never))
    assert not list(tmp_path.glob("*.tmp")) and not list(tmp_path.glob(".*.tmp"))


def test_stopping_finishes_what_is_in_hand_and_begins_nothing(tmp_path: Path) -> None:
    units = units_of(tmp_path, "n 0", *["sleep 0.5"] * 8)
    finished: list[int] = []
    for record in run_local(Toy(), units, tmp_path, 2, lambda: bool(finished)):
        finished.append(record.unit)
    assert finished[0] == 0 and len(finished) == 2


def test_runs_outside_the_main_thread(tmp_path: Path) -> None:
    units = units_of(tmp_path, "n 0", "n 1")
    records: list[int] = []
    thread = threading.Thread(
        target=lambda: records.extend(r.unit for r in run_local(Toy(), units, tmp_path, 1, never))
    )
    thread.start()
    thread.join(60)
    assert records == [0, 1]


def test_the_parent_keeps_only_small_records(tmp_path: Path) -> None:
    orders = ["large 10000"] * 300  # 120 kB of output a unit
    units = units_of(tmp_path, *orders)
    tracemalloc.start()
    try:
        records = list(run_local(Toy(), units, tmp_path, 1, never))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert sum(size for r in records for size, _ in r.files.values()) == 300 * 120_000
    assert peak < 300 * 4096 + (1 << 20)
