"""The options that commands share."""

from __future__ import annotations

import argparse
import re
from typing import TYPE_CHECKING, Any

from corpuskit.errors import UsageError

if TYPE_CHECKING:
    from corpuskit.work.run import RunOptions


def add_common(parser: argparse.ArgumentParser) -> None:
    """Flags of every command."""
    group = parser.add_argument_group("output of the command")
    group.add_argument("--json", action="store_true", help="print one JSON object as the result")
    group.add_argument("--quiet", "-q", action="store_true", help="no remarks, no progress")
    group.add_argument(
        "--no-progress", dest="progress", action="store_false", help="no progress bar"
    )


def add_inputs(parser: argparse.ArgumentParser, *, formats: bool = True) -> None:
    """Input files and directories, and how to read them."""
    from corpuskit.io.formats import FORMATS

    parser.add_argument("inputs", nargs="+", metavar="IN", help="files or directories")
    if formats:
        parser.add_argument(
            "--format",
            choices=("auto", *FORMATS),
            default="auto",
            help="format of the inputs; auto decides by content and says so (default: auto)",
        )
    parser.add_argument(
        "--json-key", default="text", metavar="KEY", help="key of the text (default: text)"
    )


def add_work(parser: argparse.ArgumentParser) -> None:
    """How the units of a data stage are run."""
    group = parser.add_argument_group("running")
    group.add_argument(
        "--workers", default="auto", metavar="N", help="worker processes (default: one a core)"
    )
    group.add_argument(
        "--executor",
        choices=("local", "ray"),
        default="local",
        help="where the workers run: here, or as tasks of a Ray cluster (default: local)",
    )
    group.add_argument(
        "--shard",
        metavar="I/N",
        help="run only the I-th of N shares of the units, for job arrays; then --assemble",
    )
    group.add_argument(
        "--assemble", action="store_true", help="join the parts that shards have made"
    )
    group.add_argument(
        "--max-rejects",
        default="1%",
        metavar="N|P%",
        help="stop when more records than this are rejected (default: 1%%)",
    )
    group.add_argument(
        "--unit-size",
        type=parse_size,
        default=parse_size("64MiB"),
        metavar="SIZE",
        help="cut the inputs into units of this many bytes (default: 64MiB)",
    )
    group.add_argument(
        "--overwrite", action="store_true", help="throw away an earlier result and start anew"
    )
    group.add_argument(
        "--dry-run", action="store_true", help="show units, bytes and the expected time, then stop"
    )


_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30}


def parse_size(text: str) -> int:
    """Bytes from ``64MiB``, ``10MB``, ``4096``.

    >>> parse_size("64MiB"), parse_size("10MB"), parse_size("4096")
    (67108864, 10000000, 4096)
    """
    match = re.fullmatch(r"(\d+)\s*(K|M|G|Ki|Mi|Gi|)B?", text.strip())
    if match is None or int(match[1]) == 0:
        raise argparse.ArgumentTypeError(f"a size like 64MiB was expected, not '{text}'")
    return int(match[1]) * _UNITS[match[2]]


def run_options(args: argparse.Namespace) -> RunOptions:
    """The flags of :func:`add_work` as the library takes them."""
    from corpuskit.work.rejects import parse_limit
    from corpuskit.work.run import RunOptions

    return RunOptions(
        workers=_workers(args.workers),
        executor=args.executor,
        shard=_shard(args.shard) if args.shard else None,
        assemble=args.assemble,
        max_rejects=parse_limit(args.max_rejects),
        overwrite=args.overwrite,
        dry_run=args.dry_run,
        unit_bytes=args.unit_size,
    )


def _workers(text: str) -> int | None:
    if text == "auto":
        return None
    if text.isdecimal() and int(text) > 0:
        return int(text)
    raise UsageError(f"--workers takes a positive number or auto, not '{text}'")


def _shard(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d+)/(\d+)", text)
    if match and 1 <= int(match[1]) <= int(match[2]):
        return int(match[1]), int(match[2])
    raise UsageError(f"--shard takes I/N with 1 <= I <= N, not '{text}'")


def show_report(report: dict[str, Any], *fields: str) -> None:
    """A finished stage: its main figures as a table, or everything as JSON."""
    from corpuskit.console import console

    console.result(report)
    names = (*fields, "rejected", "seconds", "mb_per_second", "peak_rss_mb")
    shown = [name for name in names if name in report]
    if "units" in report and "outputs" in report:
        console.table(shown, [[report[name] for name in shown]])
