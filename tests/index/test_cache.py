from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from corpuskit.errors import DataError
from corpuskit.index.cache import cached_array

fork = multiprocessing.get_context("fork")


def slow_build(aside: Path) -> None:
    with (aside.parent / "builders.log").open("a") as log:
        log.write(f"{os.getpid()}\n")
    time.sleep(0.3)
    np.save(aside, np.arange(5))


def failing_build(aside: Path) -> None:
    (aside.parent / "started").touch()
    time.sleep(0.3)
    raise DataError("no usable sample", where="corpus", hint="turn it off")


def hanging_build(aside: Path) -> None:
    aside.write_bytes(b"half")
    (aside.parent / "started").touch()
    time.sleep(60)


def wait_for(path: Path) -> None:
    deadline = time.monotonic() + 20
    while not path.exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def ask(path: Path, answers: multiprocessing.SimpleQueue) -> None:
    try:
        answers.put(cached_array(path, slow_build).tolist())
    except DataError as error:
        answers.put(str(error))


def test_several_processes_build_once(tmp_path: Path) -> None:
    answers = fork.SimpleQueue()
    workers = [fork.Process(target=ask, args=(tmp_path / "a.npy", answers)) for _ in range(5)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [answers.get() for _ in workers] == [[0, 1, 2, 3, 4]] * 5
    assert len((tmp_path / "builders.log").read_text().splitlines()) == 1


def test_several_threads_build_once(tmp_path: Path) -> None:
    found: list[list[int]] = []
    threads = [
        threading.Thread(
            target=lambda: found.append(cached_array(tmp_path / "a.npy", slow_build).tolist())
        )
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [[0, 1, 2, 3, 4]] * 4
    assert len((tmp_path / "builders.log").read_text().splitlines()) == 1


def test_those_who_wait_see_why_the_builder_failed(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    builder = fork.Process(target=lambda: cached_array(path, failing_build))
    builder.start()
    wait_for(tmp_path / "started")
    with pytest.raises(DataError, match="no usable sample") as caught:
        cached_array(path, slow_build)
    builder.join()
    assert (caught.value.where, caught.value.hint) == ("corpus", "turn it off")
    assert cached_array(path, slow_build).tolist() == [0, 1, 2, 3, 4]


def test_a_killed_builder_gives_way(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    builder = fork.Process(target=cached_array, args=(path, hanging_build))
    builder.start()
    wait_for(tmp_path / "started")
    answers = fork.SimpleQueue()
    waiter = fork.Process(target=ask, args=(path, answers))
    waiter.start()
    time.sleep(0.2)
    assert waiter.is_alive() and answers.empty()
    os.kill(builder.pid, signal.SIGKILL)
    builder.join()
    waiter.join()
    assert answers.get() == [0, 1, 2, 3, 4]
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "a.lock",
        "a.npy",
        "builders.log",
        "started",
    ]


def test_waiting_has_an_end(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    builder = fork.Process(target=cached_array, args=(path, hanging_build))
    builder.start()
    wait_for(tmp_path / "started")
    with pytest.raises(DataError, match=rf"process {builder.pid} on .* after 0 s"):
        cached_array(path, slow_build, wait_seconds=0.2)
    builder.kill()
    builder.join()


def test_a_damaged_array_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.npy").write_bytes(b"half")
    with pytest.raises(DataError, match="unreadable cache file") as caught:
        cached_array(tmp_path / "a.npy", slow_build)
    assert "delete the file" in str(caught.value)
