from __future__ import annotations

import json
import shutil
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from corpuskit.index import IndexedDataset
from corpuskit.index.verify import verify
from tests.index.data import SIDECAR, VOCAB_SIZE, random_dataset, write

Damage = Callable[[Path], None]


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    random_dataset(tmp_path / "a")
    return tmp_path / "a"


def poke(path: Path, offset: int, value: bytes) -> None:
    raw = bytearray(path.read_bytes())
    offset %= len(raw)
    raw[offset : offset + len(value)] = value
    path.write_bytes(raw)


def sentences(path: Path) -> int:
    return int(struct.unpack_from("<Q", path.read_bytes(), 18)[0])


def size_of(number: int, value: int) -> Damage:
    return lambda path: poke(path, 34 + 4 * number, struct.pack("<i", value))


def pointer_of(number: int, value: int) -> Damage:
    return lambda p: poke(p, 34 + 4 * sentences(p) + 8 * number, struct.pack("<q", value))


def border_of(number: int, value: int) -> Damage:
    return lambda p: poke(p, 34 + 12 * sentences(p) + 8 * number, struct.pack("<q", value))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-2])


def grow(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\0\0")


def put(**values: object) -> Damage:
    def damage(path: Path) -> None:
        path.write_text(json.dumps({**json.loads(path.read_text()), **values}))

    return damage


CONTINUATION = {"first": VOCAB_SIZE, "count": 50, "base_ids": list(range(10, 60))}
FAULTS: list[tuple[str, str, Damage, str]] = [
    ("no index", ".idx", Path.unlink, "No such file"),
    ("no ids", ".bin", Path.unlink, "No such file"),
    ("magic", ".idx", lambda p: poke(p, 0, b"X"), "does not begin with MMIDIDX"),
    ("version", ".idx", lambda p: poke(p, 9, b"\7"), "index version 7"),
    ("type", ".idx", lambda p: poke(p, 17, b"\6"), "unknown type code 6"),
    ("header cut", ".idx", lambda p: p.write_bytes(p.read_bytes()[:30]), "inside its header"),
    ("index cut", ".idx", cut, "truncated: "),
    ("index grown", ".idx", grow, "2 bytes too many"),
    ("sentence count", ".idx", lambda p: poke(p, 18, b"\xff" * 7), "truncated: "),
    ("ids cut", ".bin", cut, "truncated: "),
    ("ids grown", ".bin", grow, "too long: "),
    ("negative size", ".idx", size_of(7, -3), "sentence 7 has -3 tokens"),
    ("wrong size", ".idx", size_of(7, 1000), "sentence 8 begins at byte"),
    ("last size", ".idx", lambda p: size_of(sentences(p) - 1, 77)(p), "truncated: "),
    ("wrong pointer", ".idx", pointer_of(9, 1), "sentence 9 begins at byte 1,"),
    ("first pointer", ".idx", pointer_of(0, 2), "sentence 0 begins at byte 2,"),
    ("documents begin late", ".idx", border_of(0, 1), "does not begin with 0"),
    ("documents go back", ".idx", border_of(4, 0), "document 3 ends before it begins"),
    (
        "documents end early",
        ".idx",
        lambda p: poke(p, -8, struct.pack("<q", 10**6)),
        "1,000,000 of",
    ),
    ("sidecar syntax", ".json", lambda p: p.write_text("{"), "not valid JSON"),
    ("sidecar version", ".json", put(version=9), "not a sidecar of version 1"),
    ("sidecar field", ".json", put(colour="red"), "damaged sidecar"),
    ("sidecar documents", ".json", put(documents=3), "documents is 3 here and 50"),
    ("sidecar sentences", ".json", put(sentences=3), "sentences is 3 here"),
    ("sidecar tokens", ".json", put(tokens=3), "tokens is 3 here"),
    ("sidecar type", ".json", put(dtype="int32"), "dtype is int32 here and uint16"),
    ("sidecar ids", ".json", put(vocab_size=70000, continuation=None), "do not fit uint16"),
    ("overlap", ".json", put(continuation={**CONTINUATION, "first": 190}), "overlap the 200"),
    ("base count", ".json", put(continuation={**CONTINUATION, "count": 51}), "but 50 base ids"),
    (
        "base id",
        ".json",
        put(continuation={**CONTINUATION, "base_ids": [*range(10, 59), 200]}),
        "outside the base vocabulary",
    ),
]


def test_a_sound_data_set(prefix: Path) -> None:
    assert verify(prefix) == verify(prefix, deep=True) == []


@pytest.mark.parametrize(
    ("suffix", "damage", "what"), [f[1:] for f in FAULTS], ids=[f[0] for f in FAULTS]
)
def test_each_fault_is_found_and_has_a_remedy(
    prefix: Path, suffix: str, damage: Damage, what: str
) -> None:
    path = Path(f"{prefix}{suffix}")
    damage(path)
    faults = verify(prefix)
    assert faults and what in faults[0].what
    assert all(Path(f.where).with_suffix("") == prefix and f.hint for f in faults)


@pytest.mark.parametrize("id", [VOCAB_SIZE + 50, 65535])
def test_ids_outside_the_vocabulary_are_found_by_a_deep_scan(prefix: Path, id: int) -> None:
    ds = IndexedDataset(prefix)
    offset = int(ds.pointers[20]) + 2 * int(ds.sizes[20]) - 2
    poke(Path(f"{prefix}.bin"), offset, struct.pack("<H", id))
    assert verify(prefix) == []
    (fault,) = verify(prefix, deep=True)
    assert fault.what == f"id {id:,} in sentence 20 is not in the vocabulary"


def test_negative_ids_are_found_without_a_sidecar(tmp_path: Path) -> None:
    ids = np.array([3, 4, 5, -2, 8], np.int32)
    write(tmp_path / "a", ids, np.array([3, 2], np.int32), np.array([2]), sidecar=None)
    assert verify(tmp_path / "a") == []
    assert "id -2 in sentence 1" in verify(tmp_path / "a", deep=True)[0].what


def test_ids_between_the_vocabulary_and_its_continuations_are_found(tmp_path: Path) -> None:
    write(tmp_path / "a", np.array([205], np.uint16), np.array([1], np.int32), np.array([1]))
    record = {**SIDECAR.to_json(), "continuation": {**CONTINUATION, "first": 210}}
    (tmp_path / "a.json").write_text(
        json.dumps({**record, "documents": 1, "sentences": 1, "tokens": 1, "dtype": "uint16"})
    )
    assert "id 205 in sentence 0" in verify(tmp_path / "a", deep=True)[0].what


def test_several_faults_are_all_told(prefix: Path) -> None:
    grow(Path(f"{prefix}.idx"))
    cut(Path(f"{prefix}.bin"))
    put(documents=1, tokens=1)(Path(f"{prefix}.json"))
    assert len(verify(prefix)) == 4


def test_a_sidecar_of_other_data(prefix: Path, tmp_path: Path) -> None:
    random_dataset(tmp_path / "b", seed=8, documents=20)
    shutil.copy(tmp_path / "b.json", tmp_path / "a.json")
    assert {fault.what.split()[0] for fault in verify(prefix)} == {
        "documents",
        "sentences",
        "tokens",
    }
