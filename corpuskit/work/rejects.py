"""Rejected records: counted, limited, and written down."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import orjson

from corpuskit.errors import DataError, UsageError
from corpuskit.io.files import atomic_write
from corpuskit.work.site import Site
from corpuskit.work.stage import REJECTS, Part, PartRecord

ENOUGH_FOR_A_SHARE = 10_000


class RejectLimit:
    """Counts records and says when too many were rejected.

    Args:
        limit: A share below 1, or a number of records; infinite for no limit.
    """

    def __init__(self, limit: float) -> None:
        self.limit = limit
        self.seen = 0
        self.rejected = 0

    def count(self, record: PartRecord) -> None:
        self.seen += record.documents + record.rejected
        self.rejected += record.rejected

    def exceeded(self, *, early: bool) -> bool:
        """``early``: in mid-run, when a share means little before many records are seen."""
        if self.limit >= 1:
            return self.rejected > self.limit
        if early and self.limit > 0 and self.seen < ENOUGH_FOR_A_SHARE:
            return False
        return self.rejected > self.limit * self.seen

    def check(self, site: Site, *, early: bool) -> None:
        """Raise a DataError when the limit is exceeded; finished parts are kept."""
        if not self.exceeded(early=early):
            return
        share = 100 * self.rejected / max(self.seen, 1)
        where = site.parts if early else site.rejects
        raise DataError(
            f"{self.rejected:,} of {self.seen:,} records rejected ({share:.2f}%), "
            f"more than --max-rejects allows ({_shown(self.limit)})",
            where=where,
            hint="mend the input, or allow more: --max-rejects "
            f"{_shown_share(share)} goes on from here",
        )


def _shown(limit: float) -> str:
    return f"{limit:.0f}" if limit >= 1 else f"{100 * limit:g}%"


def _shown_share(percent: float) -> str:
    return f"{min(100, int(percent) + 1)}%"


def parse_limit(text: str) -> float:
    """``1%`` is a share, ``20`` a number of records, ``100%`` no limit.

    >>> parse_limit("0.5%"), parse_limit("20"), parse_limit("0"), parse_limit("100%")
    (0.005, 20.0, 0.0, inf)
    """
    try:
        if text.endswith("%"):
            share = float(text[:-1]) / 100
            if 0 <= share <= 1:
                return share if share < 1 else math.inf
        elif int(text) >= 0:
            return float(int(text))
    except ValueError:
        pass
    raise UsageError(f"--max-rejects takes a number or a share like 1%, not '{text}'")


def write_rejects(parts: Sequence[Part], path: Path) -> Counter[str]:
    """Join the rejects of all parts, with line numbers counted from the file's start.

    Returns how many there are of each kind; a reason is its kind, a colon, particulars.
    """
    before: dict[str, int] = {}
    kinds: Counter[str] = Counter()
    with atomic_write(path) as handle:
        for part in parts:
            name = part.unit.source.name
            for line in part.read(REJECTS).splitlines():
                record = orjson.loads(line)
                kinds[record["reason"].partition(":")[0]] += 1
                if record["line"] is not None:
                    record["line"] += before.get(name, 0)
                handle.write(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE))
            before[name] = before.get(name, 0) + part.record.lines
    return kinds
