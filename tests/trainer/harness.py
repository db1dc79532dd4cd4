"""Runs of several processes, each forked from one warm server: about a second a run."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import queue
import time
import traceback
from collections.abc import Callable
from typing import Any

from trainer.hosts import free_port

WARM = [
    "torch._dynamo",
    "torch._inductor.config",
    "torch._inductor.compile_fx",
    "deepspeed.runtime.compiler",
    "deepspeed.compile.config",
    "deepspeed.compile.init_z3",
    "torch.utils.tensorboard",
    "trainer.execute",
    "trainer.export",
]
TIMEOUT = 120.0

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(WARM)


def run_ranks(count: int, work: Callable[..., Any], *args: Any) -> list[Any]:
    """``work(*args)`` in ``count`` joined processes; the results in the order of the ranks.

    Raises:
        AssertionError: With the traceback of the process that failed.
    """
    results: multiprocessing.Queue[tuple[int, bool, Any]] = _context.Queue()
    port = str(free_port())
    processes = [
        _context.Process(target=_rank, args=(rank, count, port, results, work, args), daemon=True)
        for rank in range(count)
    ]
    for process in processes:
        process.start()
    try:
        return _collect(processes, results)
    finally:
        for process in processes:
            process.join(5)
            process.kill()


def _collect(
    processes: list[Any], results: multiprocessing.Queue[tuple[int, bool, Any]]
) -> list[Any]:
    found: dict[int, Any] = {}
    deadline = time.monotonic() + TIMEOUT
    while len(found) < len(processes):
        dead = [p.exitcode for rank, p in enumerate(processes) if p.exitcode and rank not in found]
        assert not dead, f"a process ended without an answer, exit code {dead[0]}"
        assert time.monotonic() < deadline, f"only processes {sorted(found)} answered"
        with contextlib.suppress(queue.Empty):
            rank, good, value = results.get(timeout=0.1)
            assert good, f"process {rank}:\n{value}"
            found[rank] = value
    return [found[rank] for rank in range(len(processes))]


def _rank(
    rank: int,
    count: int,
    port: str,
    results: multiprocessing.Queue[tuple[int, bool, Any]],
    work: Callable[..., Any],
    args: tuple[Any, ...],
) -> None:
    import torch

    names = {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": count, "MASTER_PORT": port}
    os.environ.update({name: str(value) for name, value in names.items()})
    os.environ["MASTER_ADDR"] = "127.0.0.1"
    torch.set_num_threads(1)
    try:
        answer = (rank, True, work(*args))
    except BaseException:
        answer = (rank, False, traceback.format_exc())
    results.put(answer)
    results.close()
    results.join_thread()
    os._exit(0)
