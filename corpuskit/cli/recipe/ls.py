"""List the shipped recipes."""

from __future__ import annotations

import argparse

EXAMPLES = ["corpuskit recipe ls"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No arguments."""


def run(args: argparse.Namespace) -> None:
    from corpuskit.console import console
    from trainer.estimate import parameter_count
    from trainer.resolve import recipe_description, recipe_names, recipe_path, resolve

    rows = []
    for name in recipe_names():
        model = resolve(recipe=name, environment={}).model
        size = f"{parameter_count(model) / 1e6:,.1f} M" if model.vocab_size else "by the data"
        rows.append((name, size, recipe_description(recipe_path(name))))
    console.table(("recipe", "parameters", "description"), rows)
    console.result({"recipes": [row[0] for row in rows]})
