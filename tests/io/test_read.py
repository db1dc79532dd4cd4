"""Real corpora in every format and compression."""

from __future__ import annotations

import gzip
import itertools
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpuskit.errors import DataError
from corpuskit.io.discover import discover
from corpuskit.io.documents import Document
from corpuskit.io.plan import plan
from corpuskit.io.read import read
from tests.io.corpora import COMPRESS, read_file, texts, write

UNIT_BYTES = 300_000


@pytest.fixture(scope="module")
def records(shared_data: Path) -> list[dict[str, object]]:
    with gzip.open(shared_data / "zh_web.jsonl.gz") as file:
        return [json.loads(line) for line in itertools.islice(file, 3000)]


@pytest.mark.parametrize(
    ("format", "compression"),
    [*itertools.product(["jsonl", "wudao"], COMPRESS), ("parquet", "none")],
)
def test_real_records(
    tmp_path: Path, records: list[dict[str, object]], format: str, compression: str
) -> None:
    path = tmp_path / "corpus"
    if format == "jsonl":
        rows = (json.dumps(record, ensure_ascii=False) + "\n" for record in records)
        write(path, "".join(rows).encode(), compression)
    elif format == "wudao":
        write(path, json.dumps(records, ensure_ascii=False).encode(), compression)
    else:
        pq.write_table(pa.Table.from_pylist(records), path, row_group_size=500)
    items, lines = read_file(path, unit_bytes=UNIT_BYTES)
    fields = [{k: v for k, v in record.items() if k != "text"} for record in records]
    assert texts(items) == [record["text"] for record in records]
    assert [item.fields for item in items if isinstance(item, Document)] == fields
    assert lines == (0 if format == "wudao" else len(records))


@pytest.mark.parametrize("format", ["txt", "clue"])
def test_real_text(tmp_path: Path, shared_data: Path, format: str) -> None:
    data = gzip.decompress((shared_data / "en_docs.txt.gz").read_bytes())[: 4 << 20]
    path = write(tmp_path / "a.txt", data)
    documents = [d for d in data.decode("utf-8", "ignore").split("\n\n") if d.strip()]
    items, lines = read_file(path, format, unit_bytes=UNIT_BYTES)
    assert len(items) == len(documents)
    assert [text.split() for text in texts(items)] == [text.split() for text in documents]
    assert lines == data.count(b"\n") + (not data.endswith(b"\n"))


def test_nothing_is_carried_unless_asked(tmp_path: Path) -> None:
    path = write(tmp_path / "a", b'{"text": "a", "id": 1}\n')
    (unit,) = plan(discover([path]))
    assert list(read(unit, carry=False)) == [Document("a")]
    assert list(read(unit)) == [Document("a", {"id": 1})]


def test_a_reader_can_be_read_again(tmp_path: Path) -> None:
    path = write(tmp_path / "a", b'{"text": "a"}\n{"text": 1}\n')
    reader = read(plan(discover([path]))[0])
    assert list(reader) == list(reader)
    assert reader.lines == 2


def test_a_file_that_vanished_names_itself(tmp_path: Path) -> None:
    path = write(tmp_path / "a", b'{"text": "a"}\n')
    (unit,) = plan(discover([path]))
    path.unlink()
    with pytest.raises(DataError, match="cannot read the input") as caught:
        list(read(unit))
    assert caught.value.where == str(path)
