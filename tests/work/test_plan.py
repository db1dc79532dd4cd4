from __future__ import annotations

import os
from pathlib import Path

import pytest

from corpuskit.errors import DataError
from corpuskit.io.discover import discover
from corpuskit.io.plan import plan
from corpuskit.work.plan import Plan, differences
from tests.work.toy import LINE, Toy, write_orders


def plan_of(*paths: Path, option: str = "a", unit_bytes: int = LINE) -> Plan:
    sources = discover(paths)
    return Plan.make(Toy(option), sources, plan(sources, unit_bytes), unit_bytes)


@pytest.fixture
def two(tmp_path: Path) -> tuple[Path, Path]:
    return write_orders(tmp_path / "a.jsonl", ["n 1"]), write_orders(tmp_path / "b.jsonl", ["n 2"])


def test_equal_plans_have_equal_fingerprints(two: tuple[Path, Path]) -> None:
    assert plan_of(*two).fingerprint == plan_of(*two).fingerprint
    assert differences(plan_of(*two).identity, plan_of(*two).identity) == ""


def test_the_order_of_inputs_is_part_of_the_identity(two: tuple[Path, Path]) -> None:
    there, back = plan_of(*two), plan_of(*reversed(two))
    assert there.fingerprint != back.fingerprint
    assert "input a.jsonl was" in differences(there.identity, back.identity)


def test_differences_are_named(two: tuple[Path, Path]) -> None:
    old = plan_of(*two).identity
    assert differences(old, plan_of(*two, option="b").identity) == (
        'option option was "a" and is now "b"'
    )
    assert differences(old, plan_of(*two, unit_bytes=128).identity) == (
        "unit size was 64 and is now 128"
    )
    assert differences(old, plan_of(two[0]).identity) == "input b.jsonl is gone"
    assert differences(plan_of(two[0]).identity, old) == "input b.jsonl is new"


def test_many_differences_are_counted() -> None:
    new = {f"input {i}": 1 for i in range(9)}
    assert differences({}, new).endswith("input 4 is new; and 4 more differences")


@pytest.mark.parametrize("change", ["longer", "touched"])
def test_an_input_that_changes_is_noticed(two: tuple[Path, Path], change: str) -> None:
    made = plan_of(*two)
    made.check_inputs()
    if change == "longer":
        with two[1].open("ab") as handle:
            handle.write(b"{}\n")
    else:
        os.utime(two[1], ns=(1, 1))
    with pytest.raises(DataError, match="the input changed while it was read") as caught:
        made.check_inputs()
    assert caught.value.where == str(two[1])


def test_a_plan_is_saved_with_its_units(two: tuple[Path, Path], tmp_path: Path) -> None:
    made = plan_of(*two)
    made.save(tmp_path / "plan.json")
    assert Plan.load_identity(tmp_path / "plan.json") == made.identity
