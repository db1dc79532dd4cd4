"""Arrays that many processes need and one of them builds.

The builder holds a lock on a file beside the array; the kernel releases it when the process
ends, however it ends. The others wait. A failure is written into the lock file, so that
those who waited raise the builder's error and not one of their own.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from corpuskit.console import console
from corpuskit.errors import CorpuskitError, DataError
from corpuskit.io.files import disk_errors, publish, temporary_name

WAIT_SECONDS = 3600.0
_POLL_SECONDS = 0.05

Build = Callable[[Path], None]


def cached_array(path: Path, build: Build, wait_seconds: float = WAIT_SECONDS) -> NDArray[Any]:
    """The array at ``path``, memory-mapped; built once, whoever asks first.

    Args:
        path: The ``.npy``. Its name must hold a hash of all that the contents depend on.
        build: Writes the array to the path that it is given.
        wait_seconds: How long to wait for another builder.

    Raises:
        DataError: The builder failed, here or in another process, or took too long.
    """
    if not path.exists():
        with disk_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.with_suffix(".lock").open("a+") as lock:
                _build_or_wait(path, build, lock, wait_seconds)
    return open_array(path)


def open_array(path: Path) -> NDArray[Any]:
    """Memory-map a published array."""
    try:
        array: NDArray[Any] = np.load(path, mmap_mode="r")
    except (OSError, ValueError) as error:
        hint = "delete the file; it is built again"
        raise DataError(f"unreadable cache file: {error}", where=path, hint=hint) from None
    return array


def _build_or_wait(path: Path, build: Build, lock: IO[str], wait_seconds: float) -> None:
    waited = _acquire(lock, wait_seconds, path)
    if path.exists():
        return
    state = _read_state(lock)
    if waited and "failed" in state:
        raise DataError(state["failed"], where=state.get("where"), hint=state.get("hint"))
    _write_state(lock, {"builder": f"process {os.getpid()} on {socket.gethostname()}"})
    try:
        _build(path, build)
    except BaseException as error:
        _write_state(lock, _failure(error))
        raise
    _write_state(lock, {})


def _acquire(lock: IO[str], wait_seconds: float, path: Path) -> bool:
    """Take the lock; returns whether somebody else had it first."""
    deadline = time.monotonic() + wait_seconds
    waited = False
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return waited
        except BlockingIOError:
            builder = _read_state(lock).get("builder", "another process")
            if not waited:
                console.note(f"waiting for {builder} to build {path}")
            waited = True
            if time.monotonic() >= deadline:
                hint = "see what it is doing; if it hangs, end it and start again"
                what = f"{builder} has not finished building after {wait_seconds:,.0f} s"
                raise DataError(what, where=path, hint=hint) from None
            time.sleep(_POLL_SECONDS)


def _build(path: Path, build: Build) -> None:
    for left_by_the_dead in path.parent.glob(f".{path.name}.*.npy"):
        left_by_the_dead.unlink()
    aside = temporary_name(path).with_suffix(".npy")
    try:
        build(aside)
        with aside.open("rb") as handle:
            os.fsync(handle.fileno())
        publish(aside, path)
    finally:
        aside.unlink(missing_ok=True)


def _failure(error: BaseException) -> dict[str, str]:
    if isinstance(error, CorpuskitError):
        record = {"failed": error.what, "where": error.where, "hint": error.hint}
        return {key: value for key, value in record.items() if value}
    return {"failed": f"the builder failed: {type(error).__name__}: {error}"}


def _read_state(lock: IO[str]) -> dict[str, str]:
    lock.seek(0)
    try:
        state = json.loads(lock.read() or "{}")
    except json.JSONDecodeError:  # the builder is writing it at this moment
        return {}
    return dict(state)


def _write_state(lock: IO[str], state: dict[str, str]) -> None:
    lock.truncate(0)
    lock.write(json.dumps(state))
    lock.flush()
