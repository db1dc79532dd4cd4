"""One process of ``corpuskit train``, from a configuration to ``report.json``."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Any

from corpuskit.console import console
from corpuskit.errors import Interrupted
from corpuskit.io.files import atomic_write, read_json, write_json
from corpuskit.usage import peak_rss_mb
from trainer import checkpoint
from trainer.callbacks import standard_callbacks
from trainer.config import Config
from trainer.data.masked import MaskedData, MaskedSource
from trainer.engine import Engine
from trainer.estimate import parameter_count
from trainer.export import save_model
from trainer.loop import StopRequest, train
from trainer.models import build_model
from trainer.processes import Processes
from trainer.resolve import to_yaml
from trainer.run import Run
from trainer.session import Session

OWN_FILES = ("config.yaml", "metrics.csv", "tensorboard", "checkpoints", "model", "report.json")


def run_session(session: Session) -> dict[str, Any]:
    """Train, or go on training, to the last step; returns the report.

    Every process of the run calls this.

    Raises:
        UsageError: The output holds a run with other data or another model.
        Interrupted: A signal stopped the run; its state is saved.
    """
    with StopRequest().watch() as stop:
        processes = Processes()
        source = MaskedSource(session.config)
        facts = {
            "config": source.config.to_dict(),
            "data": source.facts(),
            "processes": processes.count,
        }
        found = processes.on_first(lambda: _prepare(session, source.config, facts))
        if found is not None and _is_finished(found, source.config, session.output):
            return _old_report(session.output, processes.first)
        run = _build(session, source, processes, facts)
        if found is not None:
            checkpoint.load(run, found)
        train(run, stop)
        if not run.finished:
            raise Interrupted(f"stopped after step {run.step}, all saved", hint=session.command)
        return _finish(run, source)


def _build(
    session: Session, source: MaskedSource, processes: Processes, facts: dict[str, Any]
) -> Run:
    config = source.config
    return Run(
        config=config,
        directory=session.output,
        processes=processes,
        engine=Engine(build_model(config.model, config.train.seed), config, processes),
        data=MaskedData(source, processes.rank, processes.count),
        callbacks=standard_callbacks(config),
        facts=facts,
    )


def _prepare(session: Session, config: Config, facts: dict[str, Any]) -> Path | None:
    """Ready the output directory; the checkpoint to go on from, if any."""
    if session.overwrite:
        _clear(session.output)
    session.output.mkdir(parents=True, exist_ok=True)
    found = checkpoint.newest(session.output)
    if found is not None:
        checkpoint.check_same(read_json(found / checkpoint.STATE), facts, found)
    with atomic_write(session.output / "config.yaml", "w") as file:
        file.write(to_yaml(config))
    return found


def _clear(output: Path) -> None:
    for name in OWN_FILES:
        path = output / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _is_finished(found: Path, config: Config, output: Path) -> bool:
    done = int(read_json(found / checkpoint.STATE)["step"])
    return done >= config.train.steps and (output / "report.json").exists()


def _old_report(output: Path, first: bool) -> dict[str, Any]:
    if first:
        console.note("the run is complete already; --overwrite starts it anew")
    report: dict[str, Any] = read_json(output / "report.json")
    return report


def _finish(run: Run, source: MaskedSource) -> dict[str, Any]:
    weights = run.engine.full_weights()
    peak = run.processes.sum([peak_rss_mb()])[0]
    report = {
        "steps": run.step,
        "parameters": parameter_count(run.config.model),
        "samples": run.step * run.config.train.global_batch,
        "processes": run.processes.count,
        "seconds": run.seconds,
        "peak_rss_mb": peak,
        **run.report,
        "model": str(run.directory / "model"),
        "finished": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }

    def write() -> None:
        save_model(run.directory / "model", run.config.model, weights, source.vocabulary)
        write_json(run.directory / "report.json", report)

    run.processes.on_first(write)
    return report
