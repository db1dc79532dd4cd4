"""Running a stage from inputs to a finished output."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpuskit.console import console
from corpuskit.errors import Interrupted, UsageError
from corpuskit.io.discover import describe, discover
from corpuskit.io.files import disk_errors, remove_leftovers, write_json
from corpuskit.io.plan import plan as cut
from corpuskit.io.units import UNIT_BYTES, Unit
from corpuskit.usage import peak_rss_mb
from corpuskit.work.ledger import Ledger, ledger_path, read_ledgers
from corpuskit.work.local import run_local
from corpuskit.work.plan import Plan
from corpuskit.work.rejects import RejectLimit, write_rejects
from corpuskit.work.sample import estimate_seconds
from corpuskit.work.site import Site
from corpuskit.work.stage import Part, PartRecord, Stage
from corpuskit.work.worker import STOP_SIGNALS

EXECUTORS = ("local", "ray")


@dataclass(frozen=True)
class RunOptions:
    """How to run; nothing here but ``unit_bytes`` can change a byte of the output.

    Attributes:
        workers: Worker processes; None for one a core of this machine, or of the cluster.
        executor: ``local`` or ``ray``.
        shard: ``(i, n)``: run only the i-th (from 1) of n shares.
        assemble: Join the parts of shards; every unit must be done.
        max_rejects: Share (below 1) or number of records that may be rejected.
        overwrite: Forget an earlier result.
        dry_run: Only plan, and estimate the time from one second of work.
        unit_bytes: Size of a unit in bytes; part of the plan's identity.
    """

    workers: int | None = None
    executor: str = "local"
    shard: tuple[int, int] | None = None
    assemble: bool = False
    max_rejects: float = 0.01
    overwrite: bool = False
    dry_run: bool = False
    unit_bytes: int = UNIT_BYTES

    def __post_init__(self) -> None:
        if self.executor not in EXECUTORS:
            raise UsageError(f"unknown executor '{self.executor}'", hint="use local or ray")
        if self.shard and self.assemble:
            raise UsageError("--shard and --assemble exclude each other")
        if self.overwrite and (self.shard or self.assemble):
            raise UsageError(
                "--overwrite would throw away what other shards have done",
                hint="remove OUTPUT.corpuskit and OUTPUT.report.json, then start the shards",
            )


def run(
    stage: Stage,
    inputs: Sequence[str | Path],
    output: str | Path,
    options: RunOptions | None = None,
    *,
    format: str = "auto",
) -> dict[str, Any]:
    """Run ``stage`` over ``inputs``; returns the report.

    The same call goes on after a crash, and does nothing when all is done.

    Raises:
        UsageError: The output belongs to other options or inputs, or is in use.
        DataError: Too many rejects, a full disk, a worker that died twice.
        Interrupted: SIGINT or SIGTERM; what is finished is kept.
    """
    options = options or RunOptions()
    output = _absolute(output)
    sources = discover(inputs, format)
    console.note(f"input: {describe(sources)}")
    units = cut(sources, options.unit_bytes)
    plan = Plan.make(stage, sources, units, options.unit_bytes)
    if options.dry_run:
        return _dry_run(stage, plan, options)
    finals = stage.finals(sources, output)
    _refuse_overlap(inputs, output, finals)
    try:
        with disk_errors(output):
            return _Run(stage, plan, Site(output), options, finals).go()
    except KeyboardInterrupt:
        raise Interrupted("stopped at once; finished units are kept") from None


def _absolute(path: str | Path) -> Path:
    return Path(os.path.abspath(path))  # noqa: PTH100 - links keep their names


def _refuse_overlap(inputs: Sequence[str | Path], output: Path, finals: list[Path]) -> None:
    """An output among the inputs would be read back by the next run, or replace one."""
    for path in map(_absolute, inputs):
        if path in finals or (path.is_dir() and output.is_relative_to(path)):
            raise UsageError(
                "the output is one of the inputs, or lies inside one",
                where=output,
                hint="choose an output elsewhere",
            )


def _dry_run(stage: Stage, plan: Plan, options: RunOptions) -> dict[str, Any]:
    workers = worker_count(options)
    report: dict[str, Any] = {
        "stage": stage.name,
        "units": len(plan.units),
        "bytes": plan.input_bytes,
        "workers": workers,
        "estimated_seconds": estimate_seconds(stage, plan.units, workers),
    }
    console.table(list(report), [list(report.values())])
    return report


def worker_count(options: RunOptions) -> int:
    """Worker processes to use: as asked, or one for every core we may run on."""
    return options.workers or len(os.sched_getaffinity(0))


class _Run:
    """One run: what is to do, what is done, what it came to."""

    def __init__(
        self, stage: Stage, plan: Plan, site: Site, options: RunOptions, finals: list[Path]
    ) -> None:
        self.stage = stage
        self.plan = plan
        self.site = site
        self.options = options
        self.finals = finals
        self.started = time.perf_counter()
        self.resumed = 0
        self.fresh_bytes = 0

    def go(self) -> dict[str, Any]:
        report = self._finished()
        if report is not None and not self.site.work.exists():
            return report
        self.site.prepare(self.finals)
        with self.site.lock(self._shard_name()):
            if self.options.overwrite:
                self.site.clear()
            report = self._finished()
            if report is None:
                self.site.settle(self.plan)
                report = self._work()
            if not self.options.shard:
                self.site.remove_work()
            return report

    def _finished(self) -> dict[str, Any] | None:
        """The report of an earlier complete run, if it is to stay."""
        if self.options.overwrite:
            return None
        report = self.site.finished(self.plan, self.finals)
        if report is not None:
            console.note(f"already complete: {self.site.output}")
        return report

    def _work(self) -> dict[str, Any]:
        done = self._done()
        if not self.options.assemble:
            done |= self._execute(done)
            if self.options.shard:
                return self._shard_report(done)
        return self._assemble(self._complete(done))

    def _shard_name(self) -> str | None:
        return "{}-of-{}".format(*self.options.shard) if self.options.shard else None

    def _done(self) -> dict[int, PartRecord]:
        """Finished parts whose files are still whole."""
        records = read_ledgers(self.site.work, self.plan.fingerprint)
        return {
            unit.index: records[unit.index]
            for unit in self.plan.units
            if unit.index in records and self._part(unit, records[unit.index]).intact()
        }

    def _part(self, unit: Unit, record: PartRecord) -> Part:
        return Part(unit, record, self.site.parts)

    def _mine(self) -> list[Unit]:
        if self.options.shard is None:
            return self.plan.units
        index, count = self.options.shard
        return self.plan.units[index - 1 :: count]

    def _execute(self, done: dict[int, PartRecord]) -> dict[int, PartRecord]:
        """Run what is not done yet."""
        mine = self._mine()
        todo = [unit for unit in mine if unit.index not in done]
        self.resumed = len(mine) - len(todo)
        if self.resumed:
            console.note(f"going on: {self.resumed} of {len(mine)} units are done")
        if not self.options.shard:
            self.site.clear_leftovers()
        limit = RejectLimit(self.options.max_rejects)
        for record in done.values():
            limit.count(record)
        sizes = {unit.index: unit.size for unit in todo}
        fresh: dict[int, PartRecord] = {}
        with (
            Ledger(
                ledger_path(self.site.work, self.plan.fingerprint, self._shard_name())
            ) as ledger,
            console.progress(sum(sizes.values()), self.stage.name) as bar,
            _stop_signals() as stopping,
        ):
            for record in self._records(todo, stopping):
                ledger.append(record)
                fresh[record.unit] = record
                shown = {k: n for k, n in record.counts.items() if k in ("documents", "tokens")}
                bar.update(sizes[record.unit], **shown)
                limit.count(record)
                limit.check(self.site, early=True)
            if len(fresh) < len(todo):
                count = len(done) + len(fresh)
                raise Interrupted(
                    f"interrupted; {count} of {len(self.plan.units)} units are done and kept"
                )
        self.plan.check_inputs()
        self.fresh_bytes = sum(sizes.values())
        return fresh

    def _records(self, todo: list[Unit], stopping: Callable[[], bool]) -> Iterator[PartRecord]:
        if self.options.executor == "ray":
            from corpuskit.work.ray import run_ray

            return run_ray(self.stage, todo, self.site.parts, self.options.workers, stopping)
        return run_local(self.stage, todo, self.site.parts, worker_count(self.options), stopping)

    def _complete(self, done: dict[int, PartRecord]) -> list[Part]:
        """All parts in order, if every unit is done."""
        missing = [unit.index for unit in self.plan.units if unit.index not in done]
        if missing:
            raise UsageError(
                f"{len(missing)} of {len(self.plan.units)} units are not done, "
                f"the first is unit {missing[0]}",
                where=self.site.work,
                hint="run the shards that are missing, or the command without --assemble",
            )
        return [self._part(unit, done[unit.index]) for unit in self.plan.units]

    def _assemble(self, parts: list[Part]) -> dict[str, Any]:
        limit = RejectLimit(self.options.max_rejects)
        for part in parts:
            limit.count(part.record)
        kinds: Counter[str] = Counter()
        if limit.rejected:
            kinds = write_rejects(parts, self.site.rejects)
        else:
            self.site.rejects.unlink(missing_ok=True)
        limit.check(self.site, early=False)
        for path in (*self.finals, self.site.report, self.site.rejects):
            remove_leftovers(path)
        extra = self.stage.assemble(parts, self.site.output)
        report = self._report([part.record for part in parts], extra)
        write_json(self.site.report, report)
        if limit.rejected:
            named = ", ".join(f"{count:,} {kind}" for kind, count in kinds.most_common())
            console.warn(f"rejected records: {named}; see {self.site.rejects}")
        return report

    def _report(self, records: list[PartRecord], extra: dict[str, Any]) -> dict[str, Any]:
        counts: Counter[str] = Counter()
        for record in records:
            counts.update(record.counts)
        seconds = time.perf_counter() - self.started
        return {
            "stage": self.stage.name,
            "documents": 0,
            **counts,
            **extra,
            "rejected": sum(record.rejected for record in records),
            "bytes": self.plan.input_bytes,
            "seconds": round(seconds, 3),
            "mb_per_second": round(self.fresh_bytes / 1e6 / max(seconds, 1e-9), 3),
            "peak_rss_mb": max([peak_rss_mb(), *(record.rss_mb for record in records)]),
            "executor": self.options.executor,
            "workers": self._workers(),
            "units": len(self.plan.units),
            "resumed_units": self.resumed,
            "outputs": self.site.output_sizes(self.finals),
            "identity": self.plan.identity,
            "fingerprint": self.plan.fingerprint,
        }

    def _workers(self) -> int | None:
        """As asked; unknown where the size of a cluster decides."""
        local = self.options.executor == "local"
        return worker_count(self.options) if local else self.options.workers

    def _shard_report(self, done: dict[int, PartRecord]) -> dict[str, Any]:
        mine = [done[unit.index] for unit in self._mine()]
        console.note(f"shard {self._shard_name()}: {len(mine)} units done; next: --assemble")
        counts: Counter[str] = Counter()
        for record in mine:
            counts.update(record.counts)
        return {"stage": self.stage.name, "shard": self._shard_name(), "units": len(mine), **counts}


@contextmanager
def _stop_signals() -> Iterator[Callable[[], bool]]:
    """Let the first SIGINT or SIGTERM ask for a stop; the second one ends at once."""
    asked = False

    def ask(signum: int, frame: object) -> None:
        nonlocal asked
        if asked:
            raise KeyboardInterrupt
        asked = True
        console.warn("stopping after the units in hand; once more to stop at once")

    try:
        old = {number: signal.signal(number, ask) for number in STOP_SIGNALS}
    except ValueError:  # not the main thread: the caller handles signals
        old = {}
    try:
        yield lambda: asked
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)
