"""The real Ray, on a cluster of this machine."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpuskit.errors import DataError, UsageError
from corpuskit.work import run
from tests.work.toy import Toy, options, write_orders


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    ray = pytest.importorskip("ray")
    root = str(Path(__file__).resolve().parents[2])
    ray.init(
        num_cpus=2,
        include_dashboard=False,
        log_to_driver=False,
        runtime_env={"env_vars": {"PYTHONPATH": root}},
    )
    yield
    ray.shutdown()


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2, 5])
def test_the_same_bytes_as_local(cluster: None, tmp_path: Path, workers: int) -> None:
    """Five actors on two CPUs: those that have to wait must not block the run."""
    orders = write_orders(tmp_path / "orders.jsonl", [f"n {i}" for i in range(40)])
    run(Toy(), [orders], tmp_path / "local", options())
    run(Toy(), [orders], tmp_path / "ray", options(executor="ray", workers=workers))
    assert (tmp_path / "ray").read_bytes() == (tmp_path / "local").read_bytes()


@pytest.mark.slow
def test_a_lost_actor_is_replaced_once(
    cluster: None, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as short:
        dying = f"die_once {short}/m"
        orders = write_orders(tmp_path / "orders.jsonl", ["n 0", dying, "n 2"])
        run(Toy(), [orders], tmp_path / "out", options(executor="ray"))
    assert (tmp_path / "out").read_bytes() == f"n 0\n{dying}\nn 2\n".encode()
    assert "a worker was lost" in capfd.readouterr().err


@pytest.mark.slow
def test_a_unit_that_loses_two_actors_is_an_error(cluster: None, tmp_path: Path) -> None:
    orders = write_orders(tmp_path / "orders.jsonl", ["die"])
    with pytest.raises(DataError, match=r"a worker was lost .* 2 times"):
        run(Toy(), [orders], tmp_path / "out", options(executor="ray"))


@pytest.mark.slow
def test_errors_of_an_actor_are_raised_here(cluster: None, tmp_path: Path) -> None:
    orders = write_orders(tmp_path / "orders.jsonl", ["full"])
    with pytest.raises(DataError, match="no space left on the disk"):
        run(Toy(), [orders], tmp_path / "out", options(executor="ray"))


@pytest.mark.slow
def test_the_command_starts_and_ends_a_cluster_of_its_own(tmp_path: Path, sample: Path) -> None:
    pytest.importorskip("ray")
    words = [sys.executable, "-m", "corpuskit", "jsonl", str(sample / "sotu.txt")]
    words += ["--unit-size", "200KB", "--executor"]
    for name, executor in (("a", "local"), ("b", "ray")):
        done = subprocess.run(
            [*words, executor, "-o", str(tmp_path / name), "--json"], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith('{"stage":"jsonl"')
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_without_ray_the_error_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    orders = write_orders(tmp_path / "orders.jsonl", ["n 0"])
    with pytest.raises(UsageError, match="needs Ray") as caught:
        run(Toy(), [orders], tmp_path / "out", options(executor="ray"))
    assert caught.value.hint == "pip install 'corpuskit[ray]'"
