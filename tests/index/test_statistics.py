from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from corpuskit.index.statistics import bar, describe, plot
from tests.index.data import random_dataset, write


def test_counts_and_lengths(tmp_path: Path) -> None:
    sizes = np.array([1, 2, 3, 4, 4, 100, 70_000], np.int32)
    write(tmp_path / "a", np.zeros(sizes.sum(), np.uint16), sizes, np.array([3, 4]))
    found = describe(tmp_path / "a")
    assert (found.documents, found.sentences, found.tokens) == (2, 7, 70_114)
    assert found.dtype == "uint16"
    counts = {(first, last): count for first, last, count in found.histogram if count}
    assert counts == {(1, 1): 1, (2, 2): 1, (3, 4): 3, (65, 128): 1, (32_769, 65_536): 1}
    assert found.percentiles == {"50%": 4, "90%": 65_536, "99%": 65_536, "100%": 65_536}


def test_nothing_to_count(tmp_path: Path) -> None:
    write(tmp_path / "a", np.zeros(0, np.uint16), np.zeros(0, np.int32), np.zeros(0, int))
    found = describe(tmp_path / "a")
    assert (found.sentences, found.histogram, found.percentiles) == (0, [], {})


def test_bars() -> None:
    assert [bar(count, 80) for count in (0, 1, 40, 80)] == ["", "█", "█" * 20, "█" * 40]


def test_an_image_is_drawn(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    random_dataset(tmp_path / "a")
    plot(tmp_path / "a", tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
