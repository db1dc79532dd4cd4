"""Print a recipe with every option and its meaning."""

from __future__ import annotations

import argparse

EXAMPLES = ["corpuskit recipe show ernie-demo"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("recipe", metavar="NAME", help="a shipped recipe, or a YAML file")


def run(args: argparse.Namespace) -> None:
    from corpuskit.console import console
    from trainer.resolve import full_text, resolve

    if console.json:
        console.result(resolve(recipe=args.recipe, environment={}).to_dict())
    else:
        console.out(full_text(args.recipe).rstrip())
