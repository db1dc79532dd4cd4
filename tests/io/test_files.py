from __future__ import annotations

import os
from pathlib import Path

import pytest

from corpuskit.errors import DataError
from corpuskit.io.files import (
    atomic_write,
    disk_errors,
    read_json,
    remove_leftovers,
    temporary_name,
    write_json,
)


def test_a_file_appears_only_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    with atomic_write(path) as handle:
        handle.write(b"new")
        handle.flush()
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_an_error_leaves_the_old_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    with pytest.raises(KeyboardInterrupt), atomic_write(path, "w") as handle:
        handle.write("new")
        raise KeyboardInterrupt
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


def test_processes_have_temporary_names_of_their_own(tmp_path: Path) -> None:
    ours = temporary_name(tmp_path / "file")
    assert ours == temporary_name(tmp_path / "file")
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writer, str(temporary_name(tmp_path / "file")).encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert Path(os.read(reader, 4096).decode()) != ours


def test_leftovers_of_one_file(tmp_path: Path) -> None:
    for name in ("[a].bin", ".[a].bin.7-x.tmp", ".a.bin.7-x.tmp", ".[a].bin.8-y.tmp"):
        (tmp_path / name).touch()
    (tmp_path / ".[a].bin.9-z.tmp").mkdir()
    remove_leftovers(tmp_path / "[a].bin")
    assert sorted(path.name for path in tmp_path.iterdir()) == [".a.bin.7-x.tmp", "[a].bin"]


def test_disk_errors_name_the_path_and_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="a directory stands") as caught, disk_errors(tmp_path):
        (tmp_path / "sub").mkdir()
        (tmp_path / "sub").open("wb")
    assert caught.value.where == str(tmp_path / "sub")
    with (
        pytest.raises(DataError, match="no space left") as caught,
        disk_errors(tmp_path),
        Path("/dev/full").open("wb") as full,
    ):
        full.write(b"x")
    assert caught.value.where == str(tmp_path)


def test_json_files(tmp_path: Path) -> None:
    write_json(tmp_path / "file.json", {"a": "中"})
    assert read_json(tmp_path / "file.json") == {"a": "中"}
    (tmp_path / "file.json").write_text("{")
    with pytest.raises(DataError, match="not valid JSON"):
        read_json(tmp_path / "file.json")
