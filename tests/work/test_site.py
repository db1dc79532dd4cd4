from __future__ import annotations

import errno
import fcntl
import shutil
from pathlib import Path

import pytest

from corpuskit.errors import UsageError
from corpuskit.work.site import Site


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path / "out")


def test_a_whole_run_excludes_all(site: Site) -> None:
    with site.lock(None):
        for shard in (None, "1-of-2"):
            with pytest.raises(UsageError, match="another run is writing"), site.lock(shard):
                pass


def test_shards_exclude_their_twins_and_whole_runs(site: Site) -> None:
    with site.lock("1-of-2"), site.lock("2-of-2"):
        for shard in (None, "1-of-2"):
            with pytest.raises(UsageError, match="another run is writing"), site.lock(shard):
                pass
    with site.lock(None):
        pass


def test_the_lock_outlives_a_run_that_ends_meanwhile(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another run removes the working directory between our open and our lock."""
    flock, removed = fcntl.flock, []

    def late(handle: object, kind: int) -> None:
        if not removed:
            shutil.rmtree(site.work)
            removed.append(True)
        flock(handle, kind)  # type: ignore[arg-type]

    monkeypatch.setattr("corpuskit.work.site.fcntl.flock", late)
    with site.lock(None), pytest.raises(UsageError), site.lock(None):
        pass
    assert removed


def test_without_locks_a_run_warns_and_goes_on(
    site: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def unsupported(handle: object, kind: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("corpuskit.work.site.fcntl.flock", unsupported)
    with site.lock(None):
        assert "has no locks" in capsys.readouterr().err


def test_a_directory_in_the_place_of_an_output(site: Site) -> None:
    site.output.mkdir()
    with pytest.raises(UsageError, match="is a directory and has to be a file"):
        site.prepare([site.output])


def test_clearing_removes_ledgers_before_parts_and_the_plan_last(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crash at any point must not leave a ledger whose parts belong to another plan."""
    removed = []
    unlink = Path.unlink

    def noted(path: Path, missing_ok: bool = False) -> None:
        removed.append(path.name)
        unlink(path, missing_ok)

    with site.lock(None):
        names = ["parts/000000.out", "ledger-f1.jsonl", "ledger-f1-1-of-2.jsonl", "plan.json"]
        for name in names:
            (site.work / name).touch()
        site.report.touch()
        monkeypatch.setattr(Path, "unlink", noted)
        site.clear()
    assert sorted(removed[:2]) == ["ledger-f1-1-of-2.jsonl", "ledger-f1.jsonl"]
    assert removed[2:] == ["000000.out", "plan.json", "out.report.json"]
    assert (site.work / "lock").exists()
