"""One option of a configuration: its default, its help, its type and its range.

Options are fields of frozen dataclasses. The type is the annotation (``int``, ``float``,
``bool``, ``str``, a ``Literal`` or any of them ``| None``); values are converted strictly:
``1`` is no boolean, ``true`` is no number, ``1.5`` is no integer.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from typing import Any, Literal

import yaml


def option(
    default: Any,
    help: str,
    *,
    low: float | None = None,
    high: float | None = None,
    above: float | None = None,
    below: float | None = None,
) -> Any:
    """A dataclass field with a one-line help and a range.

    Args:
        low, high: Bounds that belong to the range.
        above, below: Bounds that do not.
    """
    bounds = {"low": low, "high": high, "above": above, "below": below}
    return dataclasses.field(default=default, metadata={"help": help, **bounds})


def read_text(text: str, kind: Any) -> Any:
    """The value that ``text`` means for an option of type ``kind``: itself, or as in YAML."""
    choices = _alternatives(kind)
    if str in choices:
        return None if text == "null" and type(None) in choices else text
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        return text


def convert(value: Any, kind: Any, metadata: typing.Mapping[str, Any]) -> Any:
    """``value`` as an option of type ``kind``.

    Raises:
        ValueError: Half a sentence that goes on after the option's name.
    """
    for choice in _alternatives(kind):
        try:
            found = _convert_one(value, choice)
        except ValueError:
            continue
        _check_range(found, metadata)
        return found
    raise ValueError(f"must be {_describe(kind)}, not {value!r}")


def _alternatives(kind: Any) -> tuple[Any, ...]:
    if typing.get_origin(kind) in (types.UnionType, typing.Union):
        return typing.get_args(kind)
    return (kind,)


def _convert_one(value: Any, kind: Any) -> Any:
    if typing.get_origin(kind) is Literal:
        if value in typing.get_args(kind) and not isinstance(value, bool):
            return value
    elif kind is float:
        return _to_float(value)
    elif kind is type(None):
        if value is None:
            return None
    elif type(value) is kind:
        return value
    raise ValueError


def _to_float(value: Any) -> float:
    """YAML reads ``1e-4`` as text, so text that is a number counts as one."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError
    return float(value)


def _check_range(value: Any, metadata: typing.Mapping[str, Any]) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return
    wrong = {
        "low": lambda bound: not value >= bound,
        "high": lambda bound: not value <= bound,
        "above": lambda bound: not value > bound,
        "below": lambda bound: not value < bound,
    }
    words = {"low": "at least", "high": "at most", "above": "more than", "below": "less than"}
    for name, fails in wrong.items():
        bound = metadata.get(name)
        if bound is not None and fails(bound):
            raise ValueError(f"must be {words[name]} {bound}, not {value}")


_NAMES = {int: "a whole number", float: "a number", bool: "true or false", str: "text"}


def _describe(kind: Any) -> str:
    parts = []
    for choice in _alternatives(kind):
        if typing.get_origin(choice) is Literal:
            parts += [str(word) for word in typing.get_args(choice)]
        else:
            parts.append("null" if choice is type(None) else _NAMES[choice])
    return " or ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 2 else parts)
