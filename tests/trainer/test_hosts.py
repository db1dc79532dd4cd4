from __future__ import annotations

from pathlib import Path

import pytest

from corpuskit.errors import UsageError
from trainer.hosts import read_hostfile


def test_machines_and_their_slots(tmp_path: Path) -> None:
    path = tmp_path / "hosts"
    path.write_text("a slots=8\n\n# spare\nb  slots=4  # half\n")
    assert read_hostfile(path) == {"a": 8, "b": 4}


@pytest.mark.parametrize(
    "text", ["a\n", "a slots=x\n", "a slots=0\n", "a slots=1\na slots=2\n", "", "# none\n"]
)
def test_other_lines_are_errors(tmp_path: Path, text: str) -> None:
    path = tmp_path / "hosts"
    path.write_text(text)
    with pytest.raises(UsageError):
        read_hostfile(path)
    with pytest.raises(UsageError):
        read_hostfile(tmp_path / "none")
