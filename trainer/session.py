"""What a process of a run is told to do; free of torch, so that launchers start at once."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trainer.config import Config
from trainer.resolve import from_dict


@dataclass(frozen=True)
class Session:
    """One invocation of ``corpuskit train``, the first of a run or a later one.

    Attributes:
        output: The run's directory, on a disk that all processes share.
        overwrite: Throw away what an earlier run has left there.
        command: The command line that continues the run.
    """

    config: Config
    output: Path
    overwrite: bool = False
    command: str = ""

    def to_dict(self) -> dict[str, Any]:
        record = dataclasses.asdict(self)
        return {**record, "output": str(self.output)}

    @staticmethod
    def from_dict(record: dict[str, Any]) -> Session:
        changes = {"config": from_dict(record["config"]), "output": Path(record["output"])}
        return Session(**{**record, **changes})
