from __future__ import annotations

import datetime
import decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpuskit.errors import DataError
from corpuskit.io.discover import discover
from corpuskit.io.documents import Document
from corpuskit.io.plan import plan
from corpuskit.io.read import read
from tests.io.corpora import read_file, rejects, texts


def write(path: Path, table: pa.Table, rows: int = 100) -> Path:
    pq.write_table(table, path, row_group_size=rows)
    return path


@pytest.mark.parametrize("unit_bytes", [1, 3000, 1 << 20])
def test_units_add_up_to_the_file(tmp_path: Path, unit_bytes: int) -> None:
    expected = [f"{i} 中文" * (i % 7) for i in range(1050)]
    path = write(tmp_path / "a.parquet", pa.table({"id": range(1050), "text": expected}))
    items, lines = read_file(path, unit_bytes=unit_bytes)
    assert items == [Document(text, {"id": i}) for i, text in enumerate(expected)]
    assert lines == 1050


def test_small_row_groups_share_a_unit(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", pa.table({"text": ["x" * 10] * 100}), rows=10)
    sources = discover([path])
    assert [(u.start, u.stop) for u in plan(sources)] == [(0, 10)]
    each = plan(sources, unit_bytes=1)
    assert [(u.start, u.stop) for u in each] == [(i, i + 1) for i in range(10)]
    assert sum(unit.size for unit in each) < sources[0].size


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.dictionary("int32", "string")])
def test_kinds_of_string(tmp_path: Path, kind: pa.DataType) -> None:
    column = pa.array(["一", "二", None, "一"]).cast(kind)
    items, _ = read_file(write(tmp_path / "a.parquet", pa.table({"text": column})))
    assert texts(items) == ["一", "二", "一"]
    (reject,) = rejects(items)
    assert (reject.reason, reject.line) == ("'text' is not a string: it is null", 3)


def test_carried_columns_become_json(tmp_path: Path) -> None:
    table = pa.table(
        {
            "text": ["a"],
            "day": [datetime.date(2024, 5, 1)],
            "price": [decimal.Decimal("1.50")],
            "tags": [["x", "y"]],
        }
    )
    items, _ = read_file(write(tmp_path / "a.parquet", table))
    assert items == [Document("a", {"day": "2024-05-01", "price": "1.50", "tags": ["x", "y"]})]


def test_only_the_text_is_read_when_nothing_is_carried(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", pa.table({"text": ["a"], "id": [1]}))
    (unit,) = plan(discover([path]))
    assert list(read(unit, carry=False)) == [Document("a")]


def test_invalid_utf8_rejects_its_row_only(tmp_path: Path) -> None:
    raw = pa.array([b"one", b"\xff\xfe", b"three"])
    column = pa.Array.from_buffers(pa.string(), 3, raw.buffers())
    items, lines = read_file(write(tmp_path / "a.parquet", pa.table({"text": column})))
    assert texts(items) == ["one", "three"]
    (reject,) = rejects(items)
    assert reject.reason == "invalid UTF-8: byte 0xff at 0 of the record"
    assert (reject.line, reject.sample, lines) == (2, "\\xff\\xfe", 3)


def test_a_missing_column_rejects_every_row(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", pa.table({"id": [1, 2], "content": ["a", "b"]}))
    items, lines = read_file(path)
    reason = "no key 'text': the keys are 'id', 'content'; did you mean 'content'?"
    assert [(r.reason, r.line) for r in rejects(items)] == [(reason, 1), (reason, 2)]
    assert lines == 2


def test_a_column_of_numbers(tmp_path: Path) -> None:
    items, _ = read_file(write(tmp_path / "a.parquet", pa.table({"text": [1], "id": [2]})))
    (reject,) = rejects(items)
    assert reject.reason == "'text' is not a string: it is a number"
    assert reject.sample == '{"id":2}'


def test_damaged_data_rejects_the_rows_that_are_lost(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", pa.table({"text": [f"text {i}" for i in range(400)]}))
    data = bytearray(path.read_bytes())
    start = pq.ParquetFile(path).metadata.row_group(2).column(0).data_page_offset
    data[start : start + 8] = b"\xff" * 8
    path.write_bytes(data)
    items, lines = read_file(path, unit_bytes=1)
    assert texts(items) == [f"text {i}" for i in [*range(200), *range(300, 400)]]
    found = rejects(items)
    assert [reject.line for reject in found] == list(range(201, 301))
    assert found[0].reason.startswith("damaged Parquet data: ")
    assert lines == 400


def test_a_file_without_its_footer_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", pa.table({"text": ["a"] * 1000}))
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(DataError, match="damaged Parquet file"):
        plan(discover([path]))


def test_no_rows(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", pa.table({"text": pa.array([], pa.string())}))
    assert read_file(path) == ([], 0)
