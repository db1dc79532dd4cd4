"""Parquet: one row, one document; a unit is a run of row groups."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from corpuskit.errors import DataError
from corpuskit.io.compression import unreadable
from corpuskit.io.documents import Document, Reject, sample_of
from corpuskit.io.reading import Reading
from corpuskit.io.records import BadRecord, document_of, invalid_utf8, missing_key

BATCH_ROWS = 512
BUFFER_BYTES = 1 << 20


def open_parquet(path: Path) -> pq.ParquetFile:
    """Open a file and read its footer.

    Raises:
        DataError: The file cannot be read, or has no valid footer.
    """
    try:
        return pq.ParquetFile(path, buffer_size=BUFFER_BYTES, pre_buffer=False)
    except pa.ArrowInvalid as error:
        hint = "get the file anew, or leave it out"
        raise DataError(f"damaged Parquet file: {error}", where=path, hint=hint) from None
    except OSError as error:
        raise unreadable(path, error) from error


def read_parquet(reading: Reading) -> Iterator[Document | Reject]:
    """The documents of the unit's row groups.

    Carried columns become JSON values: dates, decimals and binary values their text. Rows
    that cannot be read are rejected one by one, so that each of them is counted.
    """
    unit = reading.unit
    with open_parquet(unit.source.path) as file:
        groups = list(range(unit.start, unit.stop))
        rows = sum(file.metadata.row_group(group).num_rows for group in groups)
        schema = file.schema_arrow
        if reading.key not in schema.names:
            strings = {f.name: "" if _is_string(f.type) else None for f in schema}
            yield from _rejects(reading, missing_key(reading.key, strings), rows)
            return
        columns = schema.names if reading.carry else [reading.key]
        try:
            for batch in file.iter_batches(BATCH_ROWS, groups, columns):
                yield from _documents(reading, batch)
        except (OSError, pa.ArrowException) as error:
            reason = f"damaged Parquet data: {str(error).splitlines()[0]}"
            yield from _rejects(reading, reason, rows)


def _rejects(reading: Reading, reason: str, rows: int) -> Iterator[Reject]:
    """One reject for each row up to ``rows`` that has not been read."""
    while reading.lines < rows:
        reading.lines += 1
        yield Reject(reason, reading.lines)


def _documents(reading: Reading, batch: pa.RecordBatch) -> Iterator[Document | Reject]:
    for row in _rows(batch):
        reading.lines += 1
        if isinstance(row, UnicodeDecodeError):
            yield Reject(invalid_utf8(row), reading.lines, sample=sample_of(row.object))
            continue
        try:
            yield document_of(row, (reading.key,), reading.carry)
        except BadRecord as bad:
            yield Reject(str(bad), reading.lines, sample=sample_of(orjson.dumps(row)))


def _rows(batch: pa.RecordBatch) -> Iterator[dict[str, Any] | UnicodeDecodeError]:
    """The rows as JSON objects; where one is not UTF-8, the error instead of the row."""
    plain = all(_is_plain(field.type) for field in batch.schema)
    try:
        yield from (row if plain else _as_json(row) for row in batch.to_pylist())
    except UnicodeDecodeError as error:
        if batch.num_rows == 1:
            yield error
        else:
            for index in range(batch.num_rows):
                yield from _rows(batch.slice(index, 1))


def _is_string(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _is_plain(kind: pa.DataType) -> bool:
    """Whether Arrow gives such values as JSON knows them."""
    tests = (_is_string, pa.types.is_integer, pa.types.is_floating, pa.types.is_boolean)
    return any(test(kind) for test in tests)


def _as_json(row: dict[str, Any]) -> dict[str, Any]:
    record: dict[str, Any] = orjson.loads(orjson.dumps(row, default=str))
    return record
