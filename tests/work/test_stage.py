from __future__ import annotations

from pathlib import Path

import pytest

from corpuskit.errors import DataError
from corpuskit.io.discover import discover
from corpuskit.io.plan import plan
from corpuskit.io.units import Unit
from corpuskit.work.stage import SPOOL_BYTES, Part, PartRecord, PartWriter
from tests.work.toy import write_orders


@pytest.fixture
def unit(tmp_path: Path) -> Unit:
    return plan(discover([write_orders(tmp_path / "orders.jsonl", ["n 1"])]))[0]


def written(directory: Path, unit: Unit, *pieces: bytes) -> Part:
    writer = PartWriter(directory, unit, ["out", "empty"])
    for piece in pieces:
        writer.write("out", piece)
    return Part(unit, writer.finish(), directory)


@pytest.mark.parametrize("repeats", [1, 3])
def test_a_part_holds_what_was_written(tmp_path: Path, unit: Unit, repeats: int) -> None:
    piece = bytes(range(256)) * (SPOOL_BYTES // 512)  # three pass the spool's 16 MB
    part = written(tmp_path, unit, *[piece] * repeats)
    assert part.intact() and part.read("out") == piece * repeats
    assert part.read("empty") == part.read("rejects") == b""
    assert PartRecord.from_json(part.record.to_json()) == part.record


def test_a_discarded_part_leaves_nothing(tmp_path: Path, unit: Unit) -> None:
    before = set(tmp_path.iterdir())
    writer = PartWriter(tmp_path, unit, ["out"])
    writer.write("out", bytes(SPOOL_BYTES))
    assert set(tmp_path.iterdir()) != before
    writer.discard()
    assert set(tmp_path.iterdir()) == before


@pytest.mark.parametrize("damage", ["missing", "short", "long"])
def test_a_part_of_another_size_is_not_intact(tmp_path: Path, unit: Unit, damage: str) -> None:
    part = written(tmp_path, unit, b"content")
    if damage == "missing":
        part.path("out").unlink()
    else:
        part.path("out").write_bytes(b"conten" if damage == "short" else b"content!")
    assert not part.intact()


def test_a_changed_part_is_removed_when_it_is_read(tmp_path: Path, unit: Unit) -> None:
    part = written(tmp_path, unit, b"content")
    part.path("out").write_bytes(b"contemt")
    assert part.intact()
    with pytest.raises(DataError, match="a part changed on disk") as caught:
        part.verify("out")
    assert caught.value.where == str(part.path("out"))
    assert not part.intact()
