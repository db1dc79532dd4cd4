"""What happens inside a worker: one engine, then unit after unit."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import time
import traceback
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from corpuskit.errors import CorpuskitError
from corpuskit.io.files import disk_error
from corpuskit.io.units import Unit
from corpuskit.work.stage import Kernel, PartRecord, PartWriter, Stage

PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Failure:
    """A unit that did not work out: a user error, or the text of a traceback."""

    error: CorpuskitError | None
    trace: str = ""


def run_unit(stage: Stage, kernel: Kernel, unit: Unit, parts: Path) -> PartRecord:
    """Turn one unit into one part on disk.

    Raises:
        DataError: The part could not be written.
    """
    started = time.perf_counter()
    part = PartWriter(parts, unit, stage.suffixes)
    try:
        kernel.run(unit, part)
        record = part.finish()
    except OSError as error:
        part.discard()
        raise disk_error(error, parts) from error
    except BaseException:
        part.discard()
        raise
    record.seconds = round(time.perf_counter() - started, 6)
    record.rss_mb = peak_rss_mb()
    return record


def peak_rss_mb() -> float:
    """The largest resident size this process has had, in MB (10^6 bytes)."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6, 1)


def worker_main(connection: Connection, stage: Stage, parts: Path, parent: int) -> None:
    """Serve units from ``connection`` until it closes."""
    _die_with(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    kernel = None
    while True:
        try:
            unit = connection.recv()
        except EOFError:
            return
        try:
            kernel = kernel or stage.open()
            answer: PartRecord | Failure = run_unit(stage, kernel, unit, parts)
        except CorpuskitError as error:
            answer = Failure(type(error)(error.what, where=error.where, hint=error.hint))
        except Exception:
            answer = Failure(None, traceback.format_exc())
        connection.send(answer)


def _die_with(parent: int) -> None:
    """Ask the kernel to end this process when its parent ends, however that happens."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)
