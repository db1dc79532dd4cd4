"""Where a run keeps its things: the working directory, the lock, the report."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from corpuskit.console import console
from corpuskit.errors import UsageError
from corpuskit.io.files import read_json
from corpuskit.work.plan import Plan, differences

NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)


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

    def prepare(self, finals: Sequence[Path]) -> None:
        """Make the directories that the finals need, before any work is spent on them."""
        for directory in {path.parent for path in finals}:
            directory.mkdir(parents=True, exist_ok=True)
        for path in finals:
            if path.is_dir():
                raise UsageError(
                    "the output is a directory and has to be a file",
                    where=path,
                    hint="add a file name",
                )

    @contextlib.contextmanager
    def lock(self, shard: str | None) -> Iterator[None]:
        """Keep other runs away: a whole run excludes all, a shard only its twin."""
        with contextlib.ExitStack() as stack:
            self._lock(stack, "lock", fcntl.LOCK_SH if shard else fcntl.LOCK_EX)
            if shard:
                self._lock(stack, f"lock-{shard}", fcntl.LOCK_EX)
            yield

    def _lock(self, stack: contextlib.ExitStack, name: str, kind: int) -> None:
        """Lock a file of the working directory, which an ending run may just remove."""
        path = self.work / name
        while True:
            self.parts.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(FileNotFoundError), contextlib.ExitStack() as attempt:
                handle = attempt.enter_context(path.open("ab+"))
                self._flock(handle, kind)
                if _is_at(handle, path):
                    stack.push(attempt.pop_all())
                    return

    def _flock(self, handle: IO[bytes], kind: int) -> None:
        try:
            fcntl.flock(handle, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UsageError(
                "another run is writing this output",
                where=self.work,
                hint="wait for it to end, or choose another output",
            ) from None
        except OSError as error:
            if error.errno not in NO_LOCKS:
                raise
            console.warn("this file system has no locks: see to it that nothing else writes here")

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
        if not isinstance(report, dict) or "identity" not in report:
            raise UsageError(
                "this file is not a report of ours and would be overwritten",
                where=self.report,
                hint="move it away, or choose another output",
            )
        self._refuse_other(report["identity"], plan)
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
        """Forget an earlier run; its finals stay until new ones replace them.

        Ledgers go first: a crash in between leaves parts that nothing refers to.
        """
        for ledger in self.work.glob("ledger*.jsonl"):
            ledger.unlink()
        for part in self.parts.iterdir():
            part.unlink()
        self.plan.unlink(missing_ok=True)
        self.report.unlink(missing_ok=True)

    def remove_work(self) -> None:
        """Remove plan, ledgers and parts of a complete run."""
        shutil.rmtree(self.work, ignore_errors=True)

    def clear_leftovers(self) -> None:
        """Remove hidden files of parts that were never finished."""
        for path in self.parts.glob(".*.tmp"):
            path.unlink(missing_ok=True)


def _is_at(handle: IO[bytes], path: Path) -> bool:
    """Whether an open file is still the one under its name."""
    return os.path.samestat(os.fstat(handle.fileno()), path.stat())
