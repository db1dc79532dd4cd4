"""User errors: what happened, where, and what to do about it.

Anything that a user can cause is raised as one of these and shown as two or three short
lines; every other exception is a bug and keeps its traceback.
"""

from __future__ import annotations

from pathlib import Path


class CorpuskitError(Exception):
    """An error with a remedy.

    Args:
        what: One line, no full stop.
        where: A path, or ``path:line``, or the name of an option.
        hint: What to do next, best of all a command.
    """

    exit_code = 1

    def __init__(self, what: str, *, where: str | Path | None = None, hint: str | None = None):
        super().__init__(what)
        self.what = what
        self.where = None if where is None else str(where)
        self.hint = hint

    def __str__(self) -> str:
        lines = [self.what]
        if self.where:
            lines.append(f"  at {self.where}")
        if self.hint:
            lines.append(f"hint: {self.hint}")
        return "\n".join(lines)


class DataError(CorpuskitError):
    """The data are at fault: exit code 1."""


class UsageError(CorpuskitError):
    """The command or the configuration is at fault: exit code 2."""

    exit_code = 2


class Interrupted(CorpuskitError):
    """The user stopped a run that the same command continues: exit code 130."""

    exit_code = 130
