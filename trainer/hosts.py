"""How many processes a run has, before torch is imported."""

from __future__ import annotations

import os
import re
from pathlib import Path

from corpuskit.errors import UsageError


def launched_processes() -> int:
    """Processes that a launcher (torchrun, srun, deepspeed) has started; 0 without one."""
    return int(os.environ["WORLD_SIZE"]) if "RANK" in os.environ else 0


def slots(hostfile: Path) -> int:
    """The sum of the slots of a hostfile of lines ``NAME slots=N``."""
    try:
        lines = hostfile.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise UsageError(error.strerror or str(error), where=hostfile) from None
    total = 0
    for number, line in enumerate(lines, start=1):
        text = line.partition("#")[0].strip()
        if not text:
            continue
        found = re.fullmatch(r"\S+\s+slots=(\d+)", text)
        if found is None:
            raise UsageError(
                f"not `NAME slots=N`: {text}", where=f"{hostfile}:{number}", hint="one host a line"
            )
        total += int(found[1])
    if total == 0:
        raise UsageError("no slots", where=hostfile, hint="one host a line: NAME slots=N")
    return total
