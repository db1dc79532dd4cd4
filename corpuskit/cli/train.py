"""Train a model on indexed data.

A recipe says everything; `--set section.key=value` changes single options. The same command
again goes on from the newest complete checkpoint. The directory OUT gets config.yaml,
metrics.csv, tensorboard/, checkpoints/, model/ (for transformers) and report.json.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpuskit.errors import UsageError

if TYPE_CHECKING:
    from trainer.config import Config
OWN_CONFIG = True

EXAMPLES = [
    "corpuskit train --recipe ernie-demo --data out/corpus -o out/run",
    "corpuskit train --recipe ernie-demo --data out/corpus -o out/run-2 --nproc 2",
    "corpuskit train --recipe ernie-3.0-medium --dry-run --nproc 8",
    "corpuskit train --recipe ernie-base --data out/corpus -o out/run"
    " --set train.steps=100000 --set model.vocab_size=null",
]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--recipe", metavar="NAME", help="a shipped recipe, or a YAML file")
    parser.add_argument("--config", metavar="FILE", help="YAML file that changes the recipe")
    parser.add_argument("--data", metavar="PREFIX", help="PREFIX.bin and PREFIX.idx")
    parser.add_argument("--vocab", metavar="FILE", help="vocab.txt (default: the data's own)")
    parser.add_argument("-o", "--output", metavar="OUT", help="the directory of the run")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="S.K=V",
        help="set an option of the configuration, such as train.steps=1000; may be repeated",
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--nproc", type=int, default=1, metavar="N", help="processes (default: 1)")
    where.add_argument(
        "--hostfile", metavar="FILE", help="machines, `NAME slots=N` a line, reached by ssh"
    )
    parser.add_argument("--overwrite", action="store_true", help="start anew in OUT")
    parser.add_argument(
        "--dry-run", action="store_true", help="show parameters, memory and tokens, then stop"
    )


def run(args: argparse.Namespace) -> int:
    from trainer.resolve import resolve

    if args.recipe is None and args.config is None:
        raise UsageError("no recipe", hint="choose one: corpuskit recipe ls")
    processes = _processes(args)
    config = resolve(
        recipe=args.recipe,
        file=args.config,
        flags={"data.prefix": args.data, "data.vocab": args.vocab},
        assignments=args.set,
        ranks=processes,
    )
    return _dry_run(config, processes) if args.dry_run else _train(args, config, processes)


def _processes(args: argparse.Namespace) -> int:
    from trainer.hosts import launched_processes, read_hostfile

    if args.nproc < 1:
        raise UsageError(f"--nproc must be at least 1, not {args.nproc}")
    if args.hostfile:
        return sum(read_hostfile(Path(args.hostfile)).values())
    return launched_processes() or args.nproc


def _dry_run(config: Config, processes: int) -> int:
    from corpuskit.console import console, human_bytes
    from trainer.estimate import estimate

    if config.data.prefix:
        config = _with_vocabulary(config)
    found = estimate(config, processes)
    console.table(("", ""), [(name, value) for name, value in found["run"].items()])
    columns = ("ZeRO stage", "weights", "gradients", "optimizer", "activations", "total")
    rows = [
        (str(row["stage"]), *(human_bytes(row[column]) for column in columns[1:]))
        for row in found["memory_per_device"]
    ]
    console.table(columns, rows, title="memory of one device")
    console.result(found)
    return 0


def _train(args: argparse.Namespace, config: Config, processes: int) -> int:
    from trainer.hosts import launched_processes
    from trainer.launch import launch_hostfile, launch_local, report_of
    from trainer.session import Session

    if not args.output:
        raise UsageError("no output directory", hint="give -o OUT")
    if not config.data.prefix:
        raise UsageError("no data", hint="give --data PREFIX")
    config = _with_vocabulary(config)
    session = Session(config, Path(args.output), args.overwrite, _command_line())
    if args.hostfile:
        code = launch_hostfile(session, Path(args.hostfile))
    elif processes > 1 and not launched_processes():
        code = launch_local(session, processes)
    else:
        from trainer.execute import run_session

        return _show(run_session(session))
    return code or _show(report_of(session))


def _with_vocabulary(config: Config) -> Config:
    """The model's vocabulary taken from the data, before torch is imported."""
    from corpuskit.index import IndexedDataset
    from trainer.data.vocabulary import complete, find_vocabulary

    prefix = str(config.data.prefix)
    IndexedDataset(prefix)  # what is wrong with the data comes first
    return complete(config, find_vocabulary(prefix, config.data.vocab))


def _command_line() -> str:
    """The command that goes on with this run: the same one, without ``--overwrite``."""
    import shlex
    import sys

    return shlex.join(["corpuskit", *(word for word in sys.argv[1:] if word != "--overwrite")])


def _show(report: dict[str, Any]) -> int:
    from corpuskit.console import console

    rows = []
    for part in ("train", "valid"):
        if part in report:
            rows.append((part, *(f"{report[part][name]:.4f}" for name in ("loss", "mlm", "sop"))))
    console.table(("", "loss", "mlm", "sop"), rows)
    console.note(
        f"{report['steps']:,} steps, {report['parameters']:,} parameters,"
        f" {report['tokens_per_second']:,.0f} tokens/s"
    )
    console.note(f"model: {report['model']}")
    console.result(report)
    return 0
