"""What happens inside a worker: one engine, then unit after unit."""

from __future__ import annotations

import ctypes
import os
import signal
import time
import traceback
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from corpuskit.errors import CorpuskitError, DataError
from corpuskit.io.files import disk_error
from corpuskit.io.units import Unit
from corpuskit.usage import peak_rss_mb
from corpuskit.work.heap import Heap
from corpuskit.work.stage import Kernel, PartRecord, PartWriter, Stage

PR_SET_PDEATHSIG = 1
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True)
class Failure:
    """A unit that did not work out: a user error, or the text of a traceback."""

    error: CorpuskitError | None
    trace: str = ""


class Engine:
    """The kernel of a stage, built with the first unit, and the directory of its parts."""

    def __init__(self, stage: Stage, parts: Path) -> None:
        self._stage = stage
        self._parts = parts
        self._kernel: Kernel | None = None

    def attempt(self, unit: Unit) -> PartRecord | Failure:
        """Turn one unit into one part on disk, or say why not."""
        try:
            self._kernel = self._kernel or self._stage.open()
            return run_unit(self._stage, self._kernel, unit, self._parts)
        except CorpuskitError as error:
            return Failure(type(error)(error.what, where=error.where, hint=error.hint))
        except MemoryError:
            hint = "use fewer --workers; the same command goes on from here"
            return Failure(DataError("out of memory", where=str(unit), hint=hint))
        except Exception:
            return Failure(None, traceback.format_exc())


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


def worker_main(connection: Connection, stage: Stage, parts: Path, parent: int) -> None:
    """Serve units from ``connection`` until it closes.

    Stop signals are the parent's business: they reach the whole process group, and the
    unit in hand is to be finished.
    """
    _die_with(parent)
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
    heap = Heap()
    engine = Engine(stage, parts)
    while True:
        try:
            unit = connection.recv()
        except EOFError:
            return
        connection.send(engine.attempt(unit))
        heap.trim()


def _die_with(parent: int) -> None:
    """Ask the kernel to end this process when its parent ends, however that happens."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)
