"""From recipes, files, environment, flags and ``--set`` to one checked ``Config``.

Precedence, weakest first: built-in < recipe < ``--config`` file < ``CORPUSKIT_SECTION_KEY``
in the environment < flags < ``--set section.key=value``. All mistakes are reported at once.
"""

from __future__ import annotations

import dataclasses
import difflib
import os
import typing
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from corpuskit.errors import UsageError
from corpuskit.io.files import atomic_write
from trainer.config import SECTIONS, Config, contradictions
from trainer.options import convert, read_text

RECIPES = Path(__file__).parent / "recipes"
PREFIX = "CORPUSKIT_"


@dataclass(frozen=True)
class Layer:
    """Values from one place: ``values["section.key"]``; ``source`` names it in errors.

    ``text`` says that the values are texts still to be read, as their options want it.
    """

    source: str
    values: dict[str, Any]
    text: bool = False


def recipe_names() -> list[str]:
    """The shipped recipes."""
    return sorted(path.stem for path in RECIPES.glob("*.yaml"))


def recipe_path(name: str) -> Path:
    """The file of a shipped recipe, or of a recipe given by path."""
    if name in recipe_names():
        return RECIPES / f"{name}.yaml"
    path = Path(name)
    if path.suffix in (".yaml", ".yml"):
        return path
    close = difflib.get_close_matches(name, recipe_names(), n=1)
    hint = f"did you mean '{close[0]}'?" if close else "list them: corpuskit recipe ls"
    raise UsageError(f"unknown recipe '{name}'", hint=hint)


def recipe_description(path: Path) -> str:
    """The ``description`` of a recipe file."""
    return str(_read_mapping(path).get("description", ""))


def resolve(
    *,
    recipe: str | None = None,
    file: str | Path | None = None,
    environment: Mapping[str, str] | None = None,
    flags: Mapping[str, Any] | None = None,
    assignments: Sequence[str] = (),
    ranks: int = 1,
) -> Config:
    """The configuration of a run.

    Args:
        recipe: Name of a shipped recipe, or the path of a YAML file.
        file: YAML file that changes some options of the recipe.
        environment: Defaults to the environment of this process.
        flags: ``{"section.key": value}`` from the command line; ``None`` means not given.
        assignments: Texts ``section.key=value``.
        ranks: Data-parallel processes, for the rules of the batch size.

    Raises:
        UsageError: With every mistake, one a line.
    """
    problems: list[str] = []
    layers = [file_layer(recipe_path(recipe), problems)] if recipe else []
    if file:
        layers.append(file_layer(Path(file), problems))
    layers.append(_environment_layer(os.environ if environment is None else environment))
    given = {key: value for key, value in (flags or {}).items() if value is not None}
    layers += [Layer("flag", given), _assignment_layer(assignments, problems)]
    config = merge(layers, problems)
    problems += _about_good_values(contradictions(config, ranks), problems)
    if problems:
        raise UsageError("\n  ".join([_headline(problems), *problems]), hint=_HINT)
    return config


def _about_good_values(sentences: Iterable[str], problems: Sequence[str]) -> list[str]:
    """The broken rules that do not follow from a value that was refused already."""
    refused = {word for text in problems for word in text.split() if _section(word) in SECTIONS}
    return [text for text in sentences if refused.isdisjoint(text.split())]


def _section(key: str) -> str:
    return key.partition(".")[0]


_HINT = "see every option with its meaning: corpuskit recipe show ernie-base"


def _headline(problems: list[str]) -> str:
    plural = "s" if len(problems) > 1 else ""
    return f"{len(problems)} mistake{plural} in the configuration"


def merge(layers: Iterable[Layer], problems: list[str]) -> Config:
    """Built-in values under ``layers``; mistakes are added to ``problems``."""
    chosen: dict[str, dict[str, Any]] = {name: {} for name in SECTIONS}
    for layer in layers:
        for key, value in layer.values.items():
            try:
                section, name, converted = _convert(key, value, layer.text)
            except ValueError as error:
                problems.append(f"{error} (from {layer.source})")
            else:
                chosen[section][name] = converted
    return Config(**{name: kind(**chosen[name]) for name, kind in SECTIONS.items()})


def _convert(key: str, value: Any, text: bool) -> tuple[str, str, Any]:
    section, _, name = key.partition(".")
    if section not in SECTIONS or name not in _fields(section):
        raise ValueError(f"unknown option '{key}'{_guess(key)}")
    field = _fields(section)[name]
    kind = typing.get_type_hints(SECTIONS[section])[name]
    try:
        found = read_text(value, kind) if text else value
        return section, name, convert(found, kind, field.metadata)
    except ValueError as error:
        raise ValueError(f"{key} {error}") from None


def _fields(section: str) -> dict[str, dataclasses.Field[Any]]:
    return {field.name: field for field in dataclasses.fields(SECTIONS[section])}


def _guess(key: str) -> str:
    known = [f"{section}.{name}" for section in SECTIONS for name in _fields(section)]
    close = difflib.get_close_matches(key, known, n=1)
    if not close:  # the right name in the wrong section, or without one
        tail = key.rpartition(".")[2]
        close = [name for name in known if name.rpartition(".")[2] == tail][:1]
    return f", did you mean '{close[0]}'?" if close else ""


def file_layer(path: Path, problems: list[str]) -> Layer:
    """The options of a YAML file."""
    values: dict[str, Any] = {}
    for section, content in _read_mapping(path).items():
        if section == "description":
            continue
        if isinstance(content, dict):
            values.update({f"{section}.{name}": value for name, value in content.items()})
        elif section in SECTIONS:
            problems.append(f"'{section}' must be a mapping of option: value (from {path})")
        else:
            values[str(section)] = content
    return Layer(str(path), values)


def _read_mapping(path: Path) -> dict[Any, Any]:
    try:
        record = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(error.strerror or str(error), where=path) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UsageError(f"not valid YAML: {error}", where=path) from None
    if not isinstance(record, dict):
        raise UsageError("the file must hold a mapping of sections", where=path)
    return record


def _environment_layer(environment: Mapping[str, str]) -> Layer:
    """``CORPUSKIT_TRAIN_STEPS=100`` is ``train.steps``."""
    values = {}
    for name, text in sorted(environment.items()):
        section, _, key = name.removeprefix(PREFIX).lower().partition("_")
        if name.startswith(PREFIX) and section in SECTIONS and key:
            values[f"{section}.{key}"] = text
    return Layer("environment", values, text=True)


def _assignment_layer(texts: Sequence[str], problems: list[str]) -> Layer:
    values: dict[str, Any] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if equals:
            values[key.strip()] = value
        else:
            problems.append(f"--set takes section.key=value, not '{text}'")
    return Layer("--set", values, text=True)


def to_yaml(config: Config, description: str = "") -> str:
    """Every option with its value and, as a comment, its meaning."""
    lines = [f"description: {_scalar(description)}"] if description else []
    for section, values in config.to_dict().items():
        lines += ["", f"{section}:"] if lines else [f"{section}:"]
        fields = _fields(section)
        for name, value in values.items():
            text = f"  {name}: {_scalar(value)}"
            lines.append(f"{text:32}  # {fields[name].metadata['help']}")
    return "\n".join(lines) + "\n"


def _scalar(value: Any) -> str:
    return yaml.safe_dump(value, allow_unicode=True, width=10_000).removesuffix("...\n").strip()


def from_dict(record: Mapping[str, Mapping[str, Any]]) -> Config:
    """The inverse of ``Config.to_dict``, checked."""
    problems: list[str] = []
    values = {f"{s}.{name}": v for s, content in record.items() for name, v in content.items()}
    config = merge([Layer("saved configuration", values)], problems)
    if problems:
        raise UsageError("\n  ".join([_headline(problems), *problems]))
    return config


def full_text(recipe: str) -> str:
    """A recipe with every option written out."""
    config = resolve(recipe=recipe, environment={})
    return to_yaml(config, recipe_description(recipe_path(recipe)))


def copy_recipe(recipe: str, destination: Path, *, overwrite: bool = False) -> Path:
    """Write ``full_text`` to a file, or into a directory; returns the file's path."""
    text = full_text(recipe)
    name = recipe_path(recipe).name
    path = destination / name if destination.is_dir() else destination
    if path.exists() and not overwrite:
        raise UsageError("the file exists", where=path, hint="--overwrite replaces it")
    with atomic_write(path, "w") as file:
        file.write(text)
    return path
