"""Where a run keeps its things: the working directory, the lock, the report."""

from __future__ import annotations

import contextlib
import fcntl
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from corpuskit.errors import UsageError
from corpuskit.io.files import read_json
from corpuskit.work.plan import Plan, differences


class Site:
    """Paths around one output.

    Beside the output ``NAME`` (a file, a prefix or a directory) stand ``NAME.report.json``
    and, if there are any, ``NAME.rejects.jsonl``; until the run is complete,
    ``NAME.corpuskit/`` holds plan, ledger and parts.
    """

    def __init__(self, output: Path) -> None:
        self.output = output
        self.work = output.with_name(output.name + ".corpuskit")
        self.parts = self.work / "parts"
        self.plan = self.work / "plan.json"
        self.report = output.with_name(output.name + ".report.json")
        self.rejects = output.with_name(output.name + ".rejects.jsonl")

    def prepare(self) -> None:
        self.parts.mkdir(parents=True, exist_ok=True)
        self.report.parent.mkdir(parents=True, exist_ok=True)

    @contextlib.contextmanager
    def lock(self, shard: str | None) -> Iterator[None]:
        """Keep other runs away: a whole run excludes all, a shard only its twin."""
        with contextlib.ExitStack() as stack:
            self._lock(stack, "lock", fcntl.LOCK_SH if shard else fcntl.LOCK_EX)
            if shard:
                self._lock(stack, f"lock-{shard}", fcntl.LOCK_EX)
            yield

    def _lock(self, stack: contextlib.ExitStack, name: str, kind: int) -> None:
        handle = stack.enter_context((self.work / name).open("ab"))
        try:
            fcntl.flock(handle, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UsageError(
                "another run is writing this output",
                where=self.work,
                hint="wait for it to end, or choose another output",
            ) from None

    def finished(self, plan: Plan, finals: list[Path]) -> dict[str, Any] | None:
        """The report of an earlier complete run of the same plan, or None.

        Raises:
            UsageError: The output is there but comes from other options or inputs.
        """
        present = [path for path in finals if path.exists()]
        if not self.report.exists():
            if present and not self.plan.exists():
                raise UsageError(
                    "the output exists and no report tells where it comes from",
                    where=present[0],
                    hint="add --overwrite, or choose another output",
                )
            return None
        report: dict[str, Any] = read_json(self.report)
        self._refuse_other(report.get("identity", {}), plan)
        return report if report.get("outputs") == self.output_sizes(finals) else None

    def output_sizes(self, finals: list[Path]) -> dict[str, int | None]:
        """Bytes of every final, by its path from the output's parent; None if missing."""
        return {
            path.relative_to(self.output.parent).as_posix(): (
                path.stat().st_size if path.exists() else None
            )
            for path in finals
        }

    def settle(self, plan: Plan) -> None:
        """Write the plan, or check it against that of an interrupted run."""
        if self.plan.exists():
            self._refuse_other(Plan.load_identity(self.plan), plan)
        else:
            plan.save(self.plan)

    def _refuse_other(self, old: dict[str, Any], plan: Plan) -> None:
        different = differences(old, plan.identity)
        if different:
            raise UsageError(
                f"this output was begun with something else: {different}",
                where=self.output,
                hint="add --overwrite to start anew, or choose another output",
            )

    def clear(self) -> None:
        """Forget an earlier run; its finals stay until new ones replace them."""
        shutil.rmtree(self.work, ignore_errors=True)
        self.report.unlink(missing_ok=True)

    def clear_leftovers(self) -> None:
        """Remove hidden files of parts that were never finished."""
        for path in self.parts.glob(".*.tmp"):
            path.unlink(missing_ok=True)
