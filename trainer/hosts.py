"""Machines, processes and ports of a run, before torch is imported."""

from __future__ import annotations

import os
import re
import socket
from pathlib import Path

from corpuskit.errors import UsageError

HERE = {"localhost", "127.0.0.1"}


def launched_processes() -> int:
    """Processes that a launcher (torchrun, srun, deepspeed) has started; 0 without one."""
    return int(os.environ["WORLD_SIZE"]) if "RANK" in os.environ else 0


def free_port() -> int:
    """A TCP port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def read_hostfile(path: Path) -> dict[str, int]:
    """Processes by machine, from lines ``NAME slots=N``.

    Raises:
        UsageError: The file cannot be read, or a line is something else.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise UsageError(error.strerror or str(error), where=path) from None
    hosts: dict[str, int] = {}
    for number, line in enumerate(lines, start=1):
        text = line.partition("#")[0].strip()
        found = re.fullmatch(r"(\S+)\s+slots=([1-9]\d*)", text)
        if found and found[1] not in hosts:
            hosts[found[1]] = int(found[2])
        elif text:
            raise UsageError(
                f"not a new machine as `NAME slots=N`: {text}", where=f"{path}:{number}"
            )
    if not hosts:
        raise UsageError("no machine", where=path, hint="one a line: NAME slots=N")
    return hosts
