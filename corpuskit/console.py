"""The only place that prints.

Results go to standard output, everything else to standard error. With ``--json`` the
results are one JSON object; without a terminal a progress bar becomes one plain line
every ten seconds.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Any

import orjson

from corpuskit.errors import CorpuskitError

PLAIN_INTERVAL = 10.0


class Console:
    """Where words go; configured once by the command line."""

    def __init__(self) -> None:
        self.json = False
        self.quiet = False
        self.bars = True

    def configure(self, *, json: bool, quiet: bool, progress: bool) -> None:
        self.json = json
        self.quiet = quiet
        self.bars = progress and not quiet and "CORPUSKIT_NO_PROGRESS" not in os.environ

    def out(self, text: str) -> None:
        """Plain data on standard output."""
        sys.stdout.write(text + "\n")

    def note(self, text: str) -> None:
        """A remark on standard error."""
        if not self.quiet:
            _remark(text)

    def warn(self, text: str) -> None:
        _remark(f"warning: {text}")

    def error(self, error: CorpuskitError) -> None:
        _remark(f"error: {error}")

    def table(
        self, columns: Sequence[str], rows: Sequence[Sequence[Any]], title: str | None = None
    ) -> None:
        """A table on standard output; silent with ``--json``.

        Numbers are right-aligned. Where standard output is not a terminal the table is
        never cut to a width.
        """
        if self.json:
            return
        from rich.console import Console as Rich
        from rich.table import Table

        table = Table(title=title, title_justify="left", box=None, pad_edge=False)
        for position, column in enumerate(columns):
            numbers = any(isinstance(row[position], int | float) for row in rows)
            table.add_column(column, justify="right" if numbers else "left", overflow="fold")
        for row in rows:
            table.add_row(*(_cell(value) for value in row))
        width = None if sys.stdout.isatty() else 10_000
        rich = Rich(file=sys.stdout, highlight=False, markup=False, width=width)
        with rich.capture() as capture:  # Rich would end the process on a closed pipe
            rich.print(table)
        self.out(capture.get().rstrip("\n"))

    def result(self, record: dict[str, Any]) -> None:
        """The one JSON object of a ``--json`` run."""
        if self.json:
            self.out(orjson.dumps(record, option=orjson.OPT_SERIALIZE_NUMPY).decode())

    def progress(self, total: int, label: str, unit: str = "B") -> Progress:
        """Progress over ``total`` units of work (bytes by default)."""
        if not self.bars:
            return Progress(total, label, unit)
        return (
            BarProgress(total, label, unit)
            if sys.stderr.isatty()
            else PlainProgress(total, label, unit)
        )


def _remark(text: str) -> None:
    """One or more lines on standard error; work goes on when nobody reads them."""
    with contextlib.suppress(BrokenPipeError):
        sys.stderr.write(text + "\n")
        sys.stderr.flush()


def _cell(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return f"{value:,}" if isinstance(value, int) else f"{value:,.2f}"


def human_bytes(count: float) -> str:
    """Decimal units, as disks are sold.

    >>> human_bytes(1_500_000)
    '1.5 MB'
    """
    for unit in ("B", "kB", "MB", "GB"):
        if abs(count) < 1000:
            return f"{count:.0f} B" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"


def human_time(seconds: float) -> str:
    """
    >>> human_time(3725)
    '1:02:05'
    """
    minutes, second = divmod(round(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


class Progress:
    """Counts work; this base shows nothing."""

    def __init__(self, total: int, label: str, unit: str) -> None:
        self.total = total
        self.label = label
        self.unit = unit
        self.done = 0
        self.counters: dict[str, int] = {}
        self.started = time.monotonic()

    def __enter__(self) -> Progress:
        self.started = time.monotonic()
        self.show()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def update(self, delta: int, **counters: int) -> None:
        """Add finished work and the counters (documents, tokens, ...) it brought."""
        self.done += delta
        for name, value in counters.items():
            self.counters[name] = self.counters.get(name, 0) + value
        self.show()

    def show(self) -> None:
        """Draw the present state."""

    def close(self) -> None:
        """Leave the last state on the screen."""

    def rates(self) -> str:
        """``12.0 MB of 30.0 MB · 3.1 MB/s · 1,200 documents/s · 0:06 left``."""
        seconds = max(time.monotonic() - self.started, 1e-9)
        if self.unit == "B":
            parts = [f"{human_bytes(self.done)} of {human_bytes(self.total)}"]
            parts.append(f"{self.done / seconds / 1e6:.1f} MB/s")
        else:
            parts = [f"{self.done:,} of {self.total:,} {self.unit}"]
        parts += [f"{n / seconds:,.0f} {name}/s" for name, n in self.counters.items() if n]
        if 0 < self.done < self.total:
            parts.append(f"{human_time((self.total - self.done) * seconds / self.done)} left")
        return " · ".join(parts)


class PlainProgress(Progress):
    """One line every ten seconds, for logs."""

    shown = 0.0

    def show(self) -> None:
        now = time.monotonic()
        if self.shown == 0.0:
            self.shown = now
        elif now - self.shown >= PLAIN_INTERVAL:
            self.shown = now
            _remark(f"{self.label}: {self.rates()}")


class BarProgress(Progress):
    """A bar on a terminal."""

    def __enter__(self) -> Progress:
        from rich.console import Console as Rich
        from rich.progress import BarColumn, TextColumn
        from rich.progress import Progress as RichProgress

        self._bar = RichProgress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            TextColumn("{task.percentage:>3.0f}%"),
            TextColumn("{task.fields[rates]}"),
            console=Rich(file=sys.stderr),
        )
        self._task = self._bar.add_task(self.label, total=max(self.total, 1), rates="")
        self._bar.start()
        return super().__enter__()

    def show(self) -> None:
        self._bar.update(self._task, completed=self.done, rates=self.rates())

    def close(self) -> None:
        self._bar.stop()


console = Console()
