from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from corpuskit.errors import DataError, UsageError
from corpuskit.work import run
from corpuskit.work.rejects import RejectLimit, parse_limit
from corpuskit.work.site import Site
from corpuskit.work.stage import PartRecord
from tests.work.toy import LINE, Toy, options


def counted(limit: float, *, documents: int, rejected: int) -> RejectLimit:
    counter = RejectLimit(limit)
    counter.count(PartRecord(0, {}, documents=documents, rejected=rejected))
    return counter


@pytest.mark.parametrize(
    ("text", "limit"), [("1%", 0.01), ("0", 0), ("0%", 0), ("20", 20), ("100%", math.inf)]
)
def test_limits(text: str, limit: float) -> None:
    assert parse_limit(text) == limit


@pytest.mark.parametrize("text", ["", "x", "-1", "-1%", "101%", "1.5", "nan%"])
def test_what_is_no_limit(text: str) -> None:
    with pytest.raises(UsageError, match="--max-rejects takes a number or a share"):
        parse_limit(text)


@pytest.mark.parametrize(
    ("limit", "documents", "rejected", "early", "at_the_end"),
    [
        (0.01, 99, 1, False, False),
        (0.01, 98, 2, False, True),
        (0.01, 19_000, 1_000, True, True),
        (0, 99, 1, True, True),
        (2, 10, 2, False, False),
        (2, 10, 3, True, True),
        (math.inf, 0, 10**9, False, False),
        (0.01, 0, 0, False, False),
    ],
)
def test_when_a_limit_is_exceeded(
    limit: float, documents: int, rejected: int, early: bool, at_the_end: bool
) -> None:
    counter = counted(limit, documents=documents, rejected=rejected)
    assert counter.exceeded(early=True) is early
    assert counter.exceeded(early=False) is at_the_end


def test_the_hint_is_enough(tmp_path: Path) -> None:
    for documents, rejected in ((98, 2), (0, 5), (1, 99), (999, 1)):
        counter = counted(0.0001, documents=documents, rejected=rejected)
        with pytest.raises(DataError) as caught:
            counter.check(Site(tmp_path / "out"), early=False)
        words = str(caught.value.hint).split()
        enough = parse_limit(words[words.index("--max-rejects") + 1])
        assert not counted(enough, documents=documents, rejected=rejected).exceeded(early=False)


def test_lines_count_from_the_start_of_the_file(tmp_path: Path) -> None:
    """Whatever the unit, a reject names the line that an editor shows."""
    bad = {3, 4, 17, 18, 19, 40}
    for name in ("a.jsonl", "b.jsonl"):
        lines = [
            "{broken" if number in bad else json.dumps({"text": f"n {number}"})
            for number in range(1, 51)
        ]
        lines.insert(0, "")  # a blank line is a line
        (tmp_path / name).write_text("\n".join(lines) + "\n")
    inputs = [tmp_path / "a.jsonl", tmp_path / "b.jsonl"]
    report = run(Toy(), inputs, tmp_path / "out", options(max_rejects=20, unit_bytes=2 * LINE))
    found = [json.loads(line) for line in (tmp_path / "out.rejects.jsonl").open()]
    assert report["rejected"] == len(found) == 12
    for name in ("a.jsonl", "b.jsonl"):
        rejects = [reject for reject in found if reject["file"] == name]
        assert [reject["line"] for reject in rejects] == [number + 1 for number in sorted(bad)]
        content = (tmp_path / name).read_bytes()
        assert all(content[reject["offset"] :].startswith(b"{broken") for reject in rejects)
