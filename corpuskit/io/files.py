"""Writing files so that a crash leaves the old file or the new one, never half of one."""

from __future__ import annotations

import contextlib
import errno
import functools
import glob
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import orjson

from corpuskit.errors import CorpuskitError, DataError


def temporary_name(path: Path) -> Path:
    """A name beside ``path`` for the file while it is being written.

    It is the same throughout one process and differs between processes, also between
    those of several machines that share the directory.
    """
    return path.with_name(f".{path.name}.{_process_token(os.getpid())}.tmp")


@functools.lru_cache
def _process_token(process: int) -> str:
    return f"{process}-{secrets.token_hex(4)}"


@contextlib.contextmanager
def temporary_directory(path: Path) -> Iterator[Path]:
    """A hidden directory beside ``path`` while it is being made."""
    prefix = f".{path.name}."
    with tempfile.TemporaryDirectory(".tmp", prefix, path.parent) as directory:
        yield Path(directory)


def remove_leftovers(path: Path) -> None:
    """Remove what writers of ``path`` that were killed have left beside it."""
    for leftover in path.parent.glob(f".{glob.escape(path.name)}.*.tmp"):
        if leftover.is_dir():
            shutil.rmtree(leftover)
        else:
            leftover.unlink()


def sync_directory(directory: Path) -> None:
    """Make renames inside ``directory`` durable."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def publish(written: Path, path: Path) -> None:
    """Rename a finished, synced file to its final name."""
    written.replace(path)
    sync_directory(path.parent)


@contextlib.contextmanager
def atomic_write(path: str | Path, mode: str = "wb") -> Iterator[IO[Any]]:
    """Open a file that appears under its name only when the block ends without an error.

    The bytes go to a hidden file in the same directory, are synced and renamed. On an
    error the hidden file is removed and an old ``path`` is untouched.
    """
    path = Path(path)
    aside = temporary_name(path)
    encoding = None if "b" in mode else "utf-8"
    try:
        with aside.open(mode, encoding=encoding) as handle:
            yield handle
            handle.flush()
            os.fsync(handle.fileno())
        publish(aside, path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise


def write_json(path: str | Path, record: object) -> None:
    """Write one JSON object, indented, atomically."""
    with atomic_write(path) as handle:
        handle.write(orjson.dumps(record, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def read_json(path: str | Path) -> Any:
    """Read one JSON value; a damaged file is an error that names it."""
    path = Path(path)
    try:
        return orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError as error:
        raise DataError(f"not valid JSON: {error}", where=path) from None


_DISK_ERRORS = {
    errno.ENOSPC: ("no space left on the disk", "make space and run the same command again"),
    errno.EDQUOT: ("disk quota exceeded", "make space and run the same command again"),
    errno.EROFS: ("the file system is read-only", "choose an output on a writable disk"),
    errno.EACCES: ("permission denied", "choose a directory that you may write to"),
    errno.EPERM: ("operation not permitted", "choose a directory that you may write to"),
    errno.ENOTDIR: ("a parent of the path is a file", "choose another output path"),
    errno.EEXIST: ("a file stands where a directory is needed", "choose another output path"),
    errno.EISDIR: ("a directory stands where a file is needed", "choose another output path"),
    errno.EFBIG: (
        "the file would be larger than allowed",
        "raise `ulimit -f`, or the disk's limit",
    ),
    errno.EIO: ("input/output error", "check the disk, then run the same command again"),
}


def disk_error(error: OSError, path: str | Path) -> CorpuskitError:
    """The one-line user error for a failed write to ``path``."""
    what, hint = _DISK_ERRORS.get(error.errno or 0, (error.strerror or str(error), None))
    return DataError(what, where=error.filename or path, hint=hint)


@contextlib.contextmanager
def disk_errors(path: str | Path) -> Iterator[None]:
    """Turn the ``OSError`` of a write into a user error that names the path."""
    try:
        yield
    except BrokenPipeError:  # a reader of our output has gone; no disk is at fault
        raise
    except OSError as error:
        raise disk_error(error, path) from error
