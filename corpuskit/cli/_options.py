"""Where an option's value comes from, and the options that commands share.

Precedence, weakest first: built-in, ``--config`` file, ``CORPUSKIT_*`` environment, flag,
``--set``.
"""

from __future__ import annotations

import argparse
import difflib
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpuskit.errors import UsageError

if TYPE_CHECKING:
    from corpuskit.work.run import RunOptions

ENVIRONMENT_PREFIX = "CORPUSKIT_"
ENVIRONMENT_OTHER = {"CORPUSKIT_NO_PROGRESS", "CORPUSKIT_DEBUG", "CORPUSKIT_CACHE"}


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

    if args.shard and args.assemble:
        raise UsageError("--shard and --assemble exclude each other")
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
    names = [name for name in (*fields, "rejected", "seconds", "mb_per_second", "peak_rss_mb")]
    shown = [name for name in names if name in report]
    if "units" in report and "outputs" in report:
        console.table(shown, [[report[name] for name in shown]])


def parse(
    parser: argparse.ArgumentParser, words: list[str], *, layered: bool
) -> argparse.Namespace:
    """Parse ``words``; with ``layered``, below them a file and the environment."""
    if not layered:
        return parser.parse_args(words)
    parser.add_argument("--config", metavar="FILE", help="YAML file of option: value")
    parser.add_argument(
        "--set", action="append", default=[], metavar="K=V", help="set an option by name, last"
    )
    actions = {a.dest: a for a in parser._actions if a.option_strings and a.dest != "help"}
    early = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    early.add_argument("--config")
    early.add_argument("--set", action="append", default=[])
    known, _ = early.parse_known_args(words)
    problems: list[str] = []
    layers = _environment(actions)
    if known.config:
        layers = {**_config_file(Path(known.config), actions, problems), **layers}
    defaults = {dest: _convert(actions[dest], v, problems) for dest, v in layers.items()}
    last = _assignments(known.set, actions, problems)
    if problems:
        raise UsageError("; ".join(problems), hint=f"see `{parser.prog} --help`")
    for dest in (*defaults, *last):
        actions[dest].required = False
    parser.set_defaults(**defaults)
    args = parser.parse_args(words)
    for dest, value in last.items():
        setattr(args, dest, value)
    return args


def _environment(actions: dict[str, argparse.Action]) -> dict[str, Any]:
    names = {ENVIRONMENT_PREFIX + dest.upper(): dest for dest in actions}
    return {dest: os.environ[name] for name, dest in names.items() if name in os.environ}


def _config_file(
    path: Path, actions: dict[str, argparse.Action], problems: list[str]
) -> dict[str, Any]:
    import yaml

    try:
        record = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(error.strerror or str(error), where=path) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UsageError(f"not valid YAML: {error}", where=path) from None
    if not isinstance(record, dict):
        raise UsageError("the file must hold one mapping of option: value", where=path)
    pairs = {str(key).replace("-", "_"): value for key, value in record.items()}
    problems += unknown_names(pairs, actions, f"in {path}")
    return {key: value for key, value in pairs.items() if key in actions}


def _assignments(
    texts: list[str], actions: dict[str, argparse.Action], problems: list[str]
) -> dict[str, Any]:
    pairs: dict[str, Any] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals:
            problems.append(f"--set takes KEY=VALUE, not '{text}'")
            continue
        pairs[key.strip().replace("-", "_")] = value
    problems += unknown_names(pairs, actions, "in --set")
    return {k: _convert(actions[k], v, problems) for k, v in pairs.items() if k in actions}


def unknown_names(given: Iterable[str], known: Iterable[str], place: str) -> list[str]:
    """One sentence for every name that is not known, with the nearest that is."""
    known = list(known)
    sentences = []
    for name in given:
        if name in known:
            continue
        close = difflib.get_close_matches(name, known, n=1)
        guess = f" (did you mean '{close[0]}'?)" if close else ""
        sentences.append(f"unknown option '{name}' {place}{guess}")
    return sentences


_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}


def _convert(action: argparse.Action, value: Any, problems: list[str]) -> Any:
    """Give a value from text or YAML the type that the flag has."""
    if action.nargs == 0 or isinstance(action, argparse.BooleanOptionalAction):
        word = str(value).lower()
        if word not in _TRUE | _FALSE:
            problems.append(f"{action.dest} must be true or false, not '{value}'")
        return word in _TRUE
    try:
        if isinstance(action.type, type):
            value = action.type(value)
        elif action.type is not None:
            value = action.type(str(value))  # type: ignore[operator]
    except (ValueError, TypeError, argparse.ArgumentTypeError) as error:
        problems.append(f"{action.dest}: {error}")
    if action.choices is not None and value not in action.choices:
        choices = ", ".join(map(str, action.choices))
        problems.append(f"{action.dest} must be one of {choices}, not '{value}'")
    return value
