"""The plan of a run: stage, options, inputs, units; and how two plans differ."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from corpuskit import __version__
from corpuskit.errors import DataError
from corpuskit.io.files import read_json, write_json
from corpuskit.io.units import Source, Unit
from corpuskit.work.stage import Stage

NAMED_DIFFERENCES = 5


@dataclass(frozen=True)
class Plan:
    """Which units a run consists of, and the identity that decides whether it can go on.

    Attributes:
        identity: Stage, versions, options and inputs as flat ``name: value`` pairs.
        units: All units in order.
    """

    identity: dict[str, Any]
    units: list[Unit]

    @staticmethod
    def make(stage: Stage, sources: Sequence[Source], units: list[Unit], unit_bytes: int) -> Plan:
        identity: dict[str, Any] = {
            "stage": f"{stage.name} {stage.version}",
            "corpuskit": __version__,
            "unit size": unit_bytes,
        }
        identity |= {f"option {k}": v for k, v in stage.options().items()}
        identity |= {f"input {s.name}": _input_identity(n, s) for n, s in enumerate(sources, 1)}
        return Plan(_plain(identity), units)

    @property
    def fingerprint(self) -> str:
        """Hash of the identity."""
        text = orjson.dumps(self.identity, option=orjson.OPT_SORT_KEYS)
        return hashlib.blake2b(text, digest_size=16).hexdigest()

    @property
    def input_bytes(self) -> int:
        return sum(unit.size for unit in self.units)

    def check_inputs(self) -> None:
        """Raise a DataError when an input is not what it was when the plan was made."""
        for source in {unit.source for unit in self.units}:
            stat = source.path.stat()
            if (stat.st_size, stat.st_mtime_ns) != (source.size, source.mtime_ns):
                raise DataError(
                    "the input changed while it was read",
                    where=source.path,
                    hint="add --overwrite to start anew when nothing writes to it any more",
                )

    def save(self, path: Path) -> None:
        record = {"identity": self.identity, "units": [u.to_json() for u in self.units]}
        write_json(path, record)

    @staticmethod
    def load_identity(path: Path) -> dict[str, Any]:
        identity: dict[str, Any] = read_json(path)["identity"]
        return identity


def _input_identity(position: int, source: Source) -> str:
    """The order counts: it decides which units there are."""
    return f"number {position}, {source.format}, {source.size} bytes, modified {source.mtime_ns}"


def _plain(record: dict[str, Any]) -> dict[str, Any]:
    """The record as it looks after a round trip through JSON."""
    plain: dict[str, Any] = orjson.loads(orjson.dumps(record))
    return plain


def differences(old: dict[str, Any], new: dict[str, Any]) -> str:
    """What differs between two identities, in words; empty when nothing does.

    >>> differences({"option engine": "jieba"}, {"option engine": "lac"})
    'option engine was "jieba" and is now "lac"'
    """
    sentences = []
    for name in [*old, *(n for n in new if n not in old)]:
        if name not in new:
            sentences.append(f"{name} is gone")
        elif name not in old:
            sentences.append(f"{name} is new")
        elif old[name] != new[name]:
            was, now = (orjson.dumps(value).decode() for value in (old[name], new[name]))
            sentences.append(f"{name} was {was} and is now {now}")
    more = len(sentences) - NAMED_DIFFERENCES
    tail = [f"and {more} more differences"] if more > 0 else []
    return "; ".join(sentences[:NAMED_DIFFERENCES] + tail)
