"""A stage whose documents are orders to its kernel."""

from __future__ import annotations

import errno
import json
import os
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpuskit.io.files import atomic_write
from corpuskit.io.units import Source, Unit
from corpuskit.work import Part, PartWriter, RunOptions, Stage

LINE = 64  # bytes of a record and of a unit: a unit is one document


@dataclass(frozen=True)
class Toy(Stage):
    name = "toy"
    suffixes = ("out",)

    option: str = "a"

    def options(self) -> dict[str, Any]:
        return {"option": self.option}

    def open(self) -> ToyKernel:
        return ToyKernel()

    def finals(self, sources: Sequence[Source], output: Path) -> list[Path]:
        return [output]

    def assemble(self, parts: Sequence[Part], output: Path) -> dict[str, Any]:
        with atomic_write(output) as handle:
            for part in parts:
                part.copy_to("out", handle)
        return {}


class ToyKernel:
    """Obeys documents such as ``sleep 0.5``; any other text goes to the output."""

    def run(self, unit: Unit, part: PartWriter) -> None:
        for document in part.documents("text"):
            order, _, argument = document.text.partition(" ")
            getattr(self, f"_{order}", lambda _: None)(argument)
            part.counts["documents"] += 1
            size = int(argument) if order == "large" else 1
            part.write("out", f"{document.text}\n".encode() * size)

    def _sleep(self, seconds: str) -> None:
        time.sleep(float(seconds))

    def _die(self, _: str) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def _die_once(self, marker: str) -> None:
        if not Path(marker).exists():
            Path(marker).touch()
            self._die("")

    def _bug(self, _: str) -> None:
        raise ZeroDivisionError("a bug of the kernel")

    def _full(self, _: str) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _huge(self, _: str) -> None:
        raise MemoryError


def write_orders(path: Path, orders: Sequence[str]) -> Path:
    """A jsonl file of which every record is one unit."""
    with path.open("wb") as handle:
        for order in orders:
            line = json.dumps({"text": order}).encode()
            assert len(line) < LINE, order
            handle.write(line.ljust(LINE - 1) + b"\n")
    return path


def options(**changes: Any) -> RunOptions:
    return RunOptions(**{"unit_bytes": LINE, "workers": 1, **changes})
