"""Checkpoints that are complete or absent, and runs that go on from them.

``checkpoints/step-00000600/`` holds ``engine/`` (weights and optimizer, DeepSpeed's files),
``random-N.pt`` (the random state of process N), ``state.json`` (step, options, data) and
``manifest.json`` (size and SHA-256 of every other file). All is written to a hidden
directory first, the manifest last; a rename publishes it, and ``latest`` names it.
The directory must be on a disk that all processes share.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path
from typing import Any

import torch

from corpuskit.console import console
from corpuskit.errors import DataError, UsageError
from corpuskit.io.files import atomic_write, publish, read_json, write_json
from trainer.deepspeed_quiet import get_accelerator
from trainer.run import Run

DIRECTORY, MANIFEST, STATE, LATEST = "checkpoints", "manifest.json", "state.json", "latest"

# options that may differ when a run goes on: they change neither data nor saved tensors
_FREE = {
    "data.prefix",  # the fingerprint of the data counts, not its place
    "data.vocab",
    "data.cache_dir",
    "model.attention",
    "model.recompute",
    "train.steps",
    "train.micro_batch",
}
_FREE_SECTIONS = {"optimizer", "schedule", "evaluation", "checkpoint", "logging"}


def save(run: Run) -> Path:
    """Write a checkpoint of the run as it stands; every process must call this."""
    root = run.directory / DIRECTORY
    final = root / f"step-{run.step:08}"
    aside = root / f".{final.name}.tmp"
    run.processes.on_first(lambda: _empty(aside))
    run.engine.save(aside)
    torch.save(_random_state(), aside / f"random-{run.processes.rank}.pt")
    run.processes.barrier()
    run.processes.on_first(lambda: _complete(run, aside, final))
    return final


def _empty(directory: Path) -> None:
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)


def _complete(run: Run, aside: Path, final: Path) -> None:
    state = {"step": run.step, "seconds": run.seconds, "report": run.report, **run.facts}
    state["consumed_samples"] = run.step * run.config.train.global_batch
    write_json(aside / STATE, state)
    write_json(aside / MANIFEST, {"files": _checksums(aside)})
    shutil.rmtree(final, ignore_errors=True)
    publish(aside, final)
    with atomic_write(final.parent / LATEST, "w") as file:
        file.write(final.name + "\n")
    for old in _by_age(final.parent)[run.config.checkpoint.keep :]:
        shutil.rmtree(old)


def _checksums(directory: Path) -> dict[str, dict[str, Any]]:
    """Size and SHA-256 of every file, which is synced to the disk on the way."""
    found = {}
    for path in sorted(p for p in directory.rglob("*") if p.is_file() and p.name != MANIFEST):
        name = path.relative_to(directory).as_posix()
        found[name] = {"bytes": path.stat().st_size, "sha256": _sha256(path)}
    return found


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
        os.fsync(file.fileno())
    return digest.hexdigest()


def _by_age(root: Path) -> list[Path]:
    """Published checkpoints, newest first."""
    return sorted(root.glob("step-*"), reverse=True)


def damage(directory: Path) -> str | None:
    """What is wrong with a checkpoint, or ``None`` if it is intact."""
    try:
        expected = read_json(directory / MANIFEST)["files"]
        found = _checksums(directory)
    except (OSError, DataError, KeyError) as error:
        return f"its manifest cannot be read ({error})"
    for name, facts in expected.items():
        if found.get(name) != facts:
            return f"{name} is {'damaged' if name in found else 'missing'}"
    return None


def newest(output: Path) -> Path | None:
    """The newest intact checkpoint of a run; damaged ones are passed over with a warning.

    Raises:
        DataError: There are checkpoints, but none is intact.
    """
    candidates = _by_age(output / DIRECTORY)
    for directory in candidates:
        problem = damage(directory)
        if problem is None:
            return directory
        console.warn(f"checkpoint passed over, {problem}: {directory}")
    if candidates:
        raise DataError(
            "no checkpoint is intact",
            where=output / DIRECTORY,
            hint="start anew with --overwrite",
        )
    return None


def check_same(saved: dict[str, Any], facts: dict[str, Any], where: Path) -> None:
    """Refuse to go on with other data or another model.

    Raises:
        UsageError: Naming every option that differs.
    """
    different = [
        f"{name} was {old!r}, is {new!r} now" for name, old, new in _differences(saved, facts)
    ]
    if different:
        raise UsageError(
            "\n  ".join(["the checkpoint belongs to another run:", *different]),
            where=where,
            hint="use the old options, another output, or --overwrite to start anew",
        )


def _differences(saved: dict[str, Any], facts: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    pairs = [(name, saved.get(name), facts[name]) for name in ("data", "processes")]
    for section, options in facts["config"].items():
        if section in _FREE_SECTIONS:
            continue
        before = saved["config"].get(section, {})
        names = [name for name in options if f"{section}.{name}" not in _FREE]
        pairs += [(f"{section}.{name}", before.get(name), options[name]) for name in names]
    return [pair for pair in pairs if pair[1] != pair[2]]


def load(run: Run, directory: Path) -> None:
    """Put the run into the state of a checkpoint; every process must call this."""
    state = read_json(directory / STATE)
    run.engine.load(directory)
    _set_random_state(torch.load(directory / f"random-{run.processes.rank}.pt"))
    run.step, run.seconds, run.report = state["step"], state["seconds"], state["report"]
    if run.processes.first:
        console.note(f"going on after step {run.step}, from {directory}")


def _random_state() -> dict[str, torch.Tensor]:
    return {"cpu": torch.get_rng_state(), "device": get_accelerator().get_rng_state()}


def _set_random_state(state: dict[str, torch.Tensor]) -> None:
    get_accelerator().set_rng_state(state["device"])
    torch.set_rng_state(state["cpu"])
