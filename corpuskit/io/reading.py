"""One pass over a unit: what is asked for, and how far it has come."""

from __future__ import annotations

from dataclasses import dataclass, field

from corpuskit.io.documents import Reject, sample_of
from corpuskit.io.units import Unit


@dataclass
class Reading:
    """The state that the readers of all formats share.

    Attributes:
        unit: What to read.
        key: Key (column) of the text.
        carry: Keep the other fields of the records.
        lines: Lines (rows, for Parquet) of the unit read so far. A line belongs to the
            unit in which it begins, so that the units of a file add up to its lines.
    """

    unit: Unit
    key: str = "text"
    carry: bool = True
    lines: int = field(default=0, init=False)

    def reject_line(self, reason: str, offset: int, raw: bytes) -> Reject:
        """A reject at the line in hand."""
        return Reject(reason, self.lines, offset, sample_of(raw))
