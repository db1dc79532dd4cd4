from __future__ import annotations

from pathlib import Path

import pytest

from corpuskit.work.ledger import Ledger, ledger_path, read_ledgers
from corpuskit.work.stage import PartRecord


def record(unit: int) -> PartRecord:
    return PartRecord(unit, {"out": (3, "abc")}, {"documents": 2}, documents=2, lines=5)


def filled(path: Path, *units: int) -> Path:
    with Ledger(path) as ledger:
        for unit in units:
            ledger.append(record(unit))
    return path


def test_records_survive_the_round_trip(tmp_path: Path) -> None:
    filled(ledger_path(tmp_path, "f1", None), 0, 3)
    assert read_ledgers(tmp_path, "f1") == {0: record(0), 3: record(3)}


def test_shards_write_ledgers_of_their_own(tmp_path: Path) -> None:
    filled(ledger_path(tmp_path, "f1", "1-of-2"), 0)
    filled(ledger_path(tmp_path, "f1", "2-of-2"), 1)
    assert sorted(read_ledgers(tmp_path, "f1")) == [0, 1]


def test_records_of_another_plan_do_not_count(tmp_path: Path) -> None:
    filled(ledger_path(tmp_path, "f1", None), 0)
    assert read_ledgers(tmp_path, "f2") == {}


@pytest.mark.parametrize("cut", [1, 20, -2])
def test_a_torn_line_is_cut_off_before_the_next(tmp_path: Path, cut: int) -> None:
    path = filled(ledger_path(tmp_path, "f1", None), 0, 1)
    first, second = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(first + second[:cut])
    assert sorted(read_ledgers(tmp_path, "f1")) == [0]
    filled(path, 2)
    assert sorted(read_ledgers(tmp_path, "f1")) == [0, 2]
    assert len(path.read_bytes().splitlines()) == 2


@pytest.mark.parametrize(
    "line", [b"", b"null", b"[1]", b'{"unit":1}', b'{"unit":1,"files":[]}', b"\0\0"]
)
def test_lines_that_are_no_records_are_passed_over(tmp_path: Path, line: bytes) -> None:
    path = filled(ledger_path(tmp_path, "f1", None), 0)
    path.write_bytes(line + b"\n" + path.read_bytes())
    assert sorted(read_ledgers(tmp_path, "f1")) == [0]
