from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpuskit.io import shuffle
from corpuskit.io.shuffle import RANGES, RunFile, RunWriter, merged, record_key

RECORDS = st.lists(st.tuples(st.integers(0, 2**64 - 1), st.binary(max_size=40)))


def write_runs(path: Path, records: list[tuple[int, bytes]]) -> int:
    """Write the records as runs; returns the number of runs."""
    writer = RunWriter()
    pieces = [piece for key, record in records for piece in writer.add(key, record)]
    pieces += writer.flush()
    path.write_bytes(b"".join(pieces))
    return sum(len(piece) == 8 * (RANGES + 1) for piece in pieces)  # a table begins each run


def keyed(count: int, size: int = 60) -> list[tuple[int, bytes]]:
    return [(record_key(1, 0, n), str(n).encode().ljust(size)) for n in range(count)]


@settings(
    derandomize=True,
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(parts=st.lists(RECORDS, max_size=3))
def test_records_come_back_in_the_order_of_their_keys(
    parts: list[list[tuple[int, bytes]]], tmp_path: Path
) -> None:
    files = []
    for number, records in enumerate(parts):
        write_runs(tmp_path / str(number), records)
        files.append(RunFile(tmp_path / str(number)))
    expected = sorted(record for records in parts for record in records)
    assert list(merged(files)) == [record for _, record in expected]


def test_several_runs_and_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    records = keyed(5_000)
    assert write_runs(tmp_path / "one", records) == 1
    monkeypatch.setattr(shuffle, "RUN_BYTES", 50_000)
    assert write_runs(tmp_path / "many", records) == 6
    monkeypatch.setattr(shuffle, "READ_BYTES", 30_000)
    one, many = (list(merged([RunFile(tmp_path / name)])) for name in ("one", "many"))
    assert one == many == [record for _, record in sorted(records)]


def test_no_more_is_read_at_a_time_than_allowed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shuffle, "RUN_BYTES", 100_000)
    monkeypatch.setattr(shuffle, "READ_BYTES", 100_000)
    write_runs(tmp_path / "runs", keyed(20_000))
    held = []
    read = RunFile.read

    def watched(self: RunFile, start: int, stop: int) -> list[list[tuple[int, bytes]]]:
        runs = read(self, start, stop)
        held.append(sum(len(record) for run in runs for _, record in run))
        return runs

    monkeypatch.setattr(RunFile, "read", watched)
    assert sum(1 for _ in merged([RunFile(tmp_path / "runs")])) == 20_000
    assert max(held) < 150_000
    assert len(held) > 10


def test_the_first_and_the_last_key(tmp_path: Path) -> None:
    records = [
        (2**64 - 1, b"last"),
        (0, b"first"),
        (1 << 50, b"border"),
        ((1 << 50) - 1, b"before"),
    ]
    write_runs(tmp_path / "runs", records)
    assert list(merged([RunFile(tmp_path / "runs")])) == [b"first", b"before", b"border", b"last"]
    file = RunFile(tmp_path / "runs")
    assert file.read(0, 1) == [[(0, b"first"), ((1 << 50) - 1, b"before")]]
    assert file.read(RANGES - 1, RANGES) == [[(2**64 - 1, b"last")]]


def test_nothing_to_merge(tmp_path: Path) -> None:
    (tmp_path / "empty").write_bytes(b"")
    assert list(merged([])) == list(merged([RunFile(tmp_path / "empty")])) == []


def test_keys_are_spread_evenly() -> None:
    keys = [record_key(seed, unit, n) for seed in (0, -1) for unit in range(3) for n in range(999)]
    assert len(set(keys)) == len(keys)
    assert all(0 <= key < 1 << 64 for key in keys)
    for bit in range(64):
        assert 0.45 < sum(key >> bit & 1 for key in keys) / len(keys) < 0.55


def test_the_mixing_function_is_splitmix64() -> None:
    # The first outputs of the reference implementation for the state 1234567.
    state, outputs = 1234567, []
    for _ in range(3):
        outputs.append(shuffle._mix(state))
        state = (state + 0x9E3779B97F4A7C15) & (1 << 64) - 1
    assert outputs == [6457827717110365317, 3203168211198807973, 9817491932198370423]
