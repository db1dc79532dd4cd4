from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest

from corpuskit.io.discover import discover
from corpuskit.io.plan import plan
from corpuskit.io.units import Unit
from tests.io.corpora import write


def ranges(units: list[Unit]) -> list[tuple[int, int]]:
    return [(unit.start, unit.stop) for unit in units]


@pytest.mark.parametrize("format", ["jsonl", "txt", "clue"])
def test_line_formats_are_cut_at_multiples(tmp_path: Path, format: str) -> None:
    path = write(tmp_path / "a", b"x" * 25)
    assert ranges(plan(discover([path], format), 10)) == [(0, 10), (10, 20), (20, 25)]
    assert ranges(plan(discover([path], format), 25)) == [(0, 25)]


def test_arrays_are_cut_at_elements(tmp_path: Path) -> None:
    data = json.dumps([{"content": "},{" * i} for i in range(40)]).encode()
    path = write(tmp_path / "a", data)
    units = plan(discover([path]), 100)
    assert len(units) > 10
    assert units[0].start == 0
    assert units[-1].stop == len(data)
    for before, unit in itertools.pairwise(units):
        assert before.stop == unit.start
        assert data[unit.start :].startswith(b'{"content"')
        assert unit.start // 100 > before.start // 100


def test_a_compressed_file_is_one_unit(tmp_path: Path) -> None:
    path = write(tmp_path / "a", b'{"text": "a"}\n' * 1000, "gz")
    assert ranges(plan(discover([path]), 10)) == [(0, path.stat().st_size)]


@pytest.mark.parametrize("format", ["jsonl", "txt", "clue", "wudao"])
@pytest.mark.parametrize("compression", ["none", "gz"])
def test_an_empty_file_has_one_unit(tmp_path: Path, format: str, compression: str) -> None:
    path = write(tmp_path / "a", b"", compression)
    assert ranges(plan(discover([path], format))) == [(0, path.stat().st_size)]


def test_units_are_numbered_across_sources_and_sizes_add_up(tmp_path: Path) -> None:
    write(tmp_path / "a", b"x" * 25)
    write(tmp_path / "b", b'{"text": "b"}', "zst")
    write(tmp_path / "c", b'[{"content": "c"}, {"content": "d"}]')
    sources = discover([tmp_path])
    units = plan(sources, 10)
    assert [unit.index for unit in units] == list(range(len(units)))
    for source in sources:
        assert sum(unit.size for unit in units if unit.source is source) == source.size
    assert plan(discover([tmp_path]), 10) == units


def test_round_trip_through_json(tmp_path: Path) -> None:
    write(tmp_path / "a", b"x" * 25)
    for unit in plan(discover([tmp_path]), 10):
        assert Unit.from_json(json.loads(json.dumps(unit.to_json()))) == unit
