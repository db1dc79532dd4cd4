"""All commands, found as the command line finds them."""

from __future__ import annotations

import importlib
from types import ModuleType

from corpuskit import cli


def _commands(group: ModuleType, prefix: str = "") -> list[str]:
    names = []
    for verb in cli.command_names(group):
        module = importlib.import_module(f"{group.__name__}.{verb.replace('-', '_')}")
        if cli.is_command(module):
            names.append(f"{prefix}{verb}")
        if hasattr(module, "__path__"):
            names += _commands(module, f"{prefix}{verb} ")
    return names


COMMANDS = _commands(cli)
