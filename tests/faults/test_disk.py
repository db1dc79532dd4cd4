"""A full disk, a directory that cannot be written: one line, exit 1, and it goes on."""

from __future__ import annotations

import resource
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.command import CORPUSKIT, outputs
from tests.faults.conftest import Job


def _mount(directory: Path, *options: str) -> None:
    command = ["mount", "-t", "tmpfs", "-o", ",".join(options), "tmpfs", str(directory)]
    if shutil.which("mount") is None or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("needs the right to mount a tmpfs")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 KB."""
    directory = tmp_path / "disk"
    directory.mkdir()
    _mount(directory, "size=64k")
    yield directory
    subprocess.run(["umount", "-l", str(directory)], check=True)


def remount(disk: Path, option: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{option}", str(disk)], check=True)


def _failing(job: Job, disk: Path, what: str) -> None:
    command = job.start(disk)
    assert command.wait() == 1, command.err
    errors = command.err[command.err.index("error: ") :].splitlines()
    assert errors[0] == f"error: {what}"
    assert errors[1].startswith(f"  at {disk}")
    assert errors[2].startswith("hint: ") and len(errors) == 3
    assert command.out == ""


def test_a_full_disk(job: Job, disk: Path) -> None:
    for size in ("64k", "96k", "160k", "256k"):  # full in parts, then in the assembly
        remount(disk, f"size={size}")
        _failing(job, disk, "no space left on the disk")
        shown = [path.name for path in disk.iterdir() if not path.name.startswith("out")]
        assert shown == []
    remount(disk, "size=4m")
    job.finish(disk)


def test_a_disk_that_became_read_only(job: Job, disk: Path) -> None:
    remount(disk, "size=4m,ro")
    _failing(job, disk, "the file system is read-only")
    remount(disk, "rw")
    job.finish(disk)


def test_a_limit_on_the_size_of_files(job: Job, tmp_path: Path) -> None:
    """The parts fit under the limit, the assembled file does not."""
    done = subprocess.run(
        [*CORPUSKIT, *map(str, job.words), "-o", str(tmp_path / "out")],
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000)),
    )
    assert done.returncode == 1
    assert "error: the file would be larger than allowed\n  at " in done.stderr
    assert outputs(tmp_path).keys() == {
        name for name in outputs(tmp_path) if name.startswith("out.corpuskit/")
    }


def test_a_file_in_the_place_of_a_directory(job: Job, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    command = job.start(tmp_path / "file")
    assert command.wait() == 1
    assert "error: a " in command.err and str(tmp_path / "file") in command.err
    assert "Traceback" not in command.err
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
