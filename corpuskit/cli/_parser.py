"""argparse with our shape of error, and where an option's value comes from.

Precedence, weakest first: built-in, ``--config`` file, ``CORPUSKIT_*`` environment, flag,
``--set``.
"""

from __future__ import annotations

import argparse
import difflib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NoReturn

from corpuskit.errors import UsageError

ENVIRONMENT_PREFIX = "CORPUSKIT_"
SLIP = 0.85  # similarity from which a variable is taken for a mistyped option
Actions = dict[str, argparse.Action]


class Parser(argparse.ArgumentParser):
    """Raises a UsageError instead of ending the process."""

    def error(self, message: str) -> NoReturn:
        what, _, unknown = message.partition("unrecognized arguments: ")
        if not what and unknown.startswith("-"):
            flags = [flag for flag in unknown.split(" ") if flag.startswith("-")]
            known = [flag for flag in self._option_string_actions if flag.startswith("--")]
            message = "; ".join(unknown_names(flags, known))
        raise UsageError(message, hint=f"see `{self.prog} --help`")


def parse(parser: Parser, words: list[str], *, layered: bool) -> argparse.Namespace:
    """Parse ``words``; with ``layered``, below them a file and the environment.

    Raises:
        UsageError: Names every option that is unknown and every value that does not fit.
    """
    if not layered:
        return parser.parse_args(words)
    actions = {a.dest: a for a in parser._actions if a.option_strings and a.dest != "help"}
    early = Parser(prog=parser.prog, add_help=False, allow_abbrev=False)
    for layer in (parser, early):
        layer.add_argument("--config", metavar="FILE", help="YAML file of option: value")
        layer.add_argument(
            "--set", action="append", default=[], metavar="K=V", help="set an option by name, last"
        )
    known, _ = early.parse_known_args(words)
    problems: list[str] = []
    weaker = _config_file(Path(known.config), actions, problems) if known.config else {}
    weaker |= _environment(actions, problems)
    last = _assignments(known.set, actions, problems)
    if problems:
        raise UsageError("; ".join(problems), hint=f"see `{parser.prog} --help`")
    for dest in (*weaker, *last):
        actions[dest].required = False
    # argparse would add the values of a flag that may be repeated to such a default.
    lists = {dest: weaker.pop(dest) for dest in list(weaker) if isinstance(weaker[dest], list)}
    parser.set_defaults(**weaker)
    args = parser.parse_args(words)
    last = {d: value for d, value in lists.items() if getattr(args, d) is None} | last
    for dest, value in last.items():
        setattr(args, dest, value)
    return args


def _environment(actions: Actions, problems: list[str]) -> dict[str, Any]:
    """Variables that name an option of the command; others belong to other commands.

    A name that is only almost an option is taken for a slip.
    """
    names = {dest.upper(): dest for dest in actions}
    values = {}
    for variable, text in os.environ.items():
        name = variable.removeprefix(ENVIRONMENT_PREFIX)
        if name == variable:
            continue
        if name in names:
            values[names[name]] = _convert(actions[names[name]], text, problems)
        elif close := difflib.get_close_matches(name, names, n=1, cutoff=SLIP):
            meant = ENVIRONMENT_PREFIX + close[0]
            problems.append(f"unknown variable {variable} (did you mean {meant}?)")
    return values


def _config_file(path: Path, actions: Actions, problems: list[str]) -> dict[str, Any]:
    import yaml

    try:
        record = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(error.strerror or str(error), where=path) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UsageError(f"not valid YAML: {error}", where=path) from None
    if not isinstance(record, dict):
        raise UsageError("the file must hold one mapping of option: value", where=path)
    return _values(record, actions, problems, f"in {path}")


def _assignments(texts: list[str], actions: Actions, problems: list[str]) -> dict[str, Any]:
    pairs: dict[str, str] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if equals:
            pairs[key.strip()] = value
        else:
            problems.append(f"--set takes KEY=VALUE, not '{text}'")
    return _values(pairs, actions, problems, "in --set")


def _values(
    record: dict[Any, Any], actions: Actions, problems: list[str], place: str
) -> dict[str, Any]:
    pairs = {str(key).replace("-", "_"): value for key, value in record.items()}
    problems += unknown_names(pairs, actions, place)
    return {k: _convert(actions[k], v, problems) for k, v in pairs.items() if k in actions}


def unknown_names(given: Iterable[str], known: Iterable[str], place: str = "") -> list[str]:
    """One sentence for every name that is not known, with the nearest that is."""
    known = list(known)
    sentences = []
    for name in given:
        if name in known:
            continue
        close = difflib.get_close_matches(name, known, n=1)
        guess = f" (did you mean '{close[0]}'?)" if close else ""
        sentences.append(f"unknown option '{name}'{' ' + place if place else ''}{guess}")
    return sentences


_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}


def _convert(action: argparse.Action, value: Any, problems: list[str]) -> Any:
    """Give a value from text or YAML the type that the flag has."""
    if action.nargs == 0:
        word = str(value).lower()
        if word not in _TRUE | _FALSE:
            problems.append(f"{action.dest} must be true or false, not '{value}'")
        return word in _TRUE
    if isinstance(action, argparse._AppendAction):
        values = value if isinstance(value, list) else [value]
        return [_convert_one(action, each, problems) for each in values]
    return _convert_one(action, value, problems)


def _convert_one(action: argparse.Action, value: Any, problems: list[str]) -> Any:
    if not isinstance(value, str | int | float):
        problems.append(f"{action.dest} takes one value, not '{value}'")
        return value
    convert: Any = action.type or str
    try:
        value = convert(str(value))
    except (ValueError, TypeError, argparse.ArgumentTypeError) as error:
        problems.append(f"{action.dest}: {error}")
        return value
    if action.choices is not None and value not in action.choices:
        choices = ", ".join(map(str, action.choices))
        problems.append(f"{action.dest} must be one of {choices}, not '{value}'")
    return value
