"""Copy a recipe, every option and its meaning written out, to edit it."""

from __future__ import annotations

import argparse
from pathlib import Path

EXAMPLES = ["corpuskit recipe cp ernie-demo my.yaml"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("recipe", metavar="NAME", help="a shipped recipe, or a YAML file")
    parser.add_argument("destination", metavar="DEST", type=Path, help="file or directory")
    parser.add_argument("--overwrite", action="store_true", help="replace an existing file")


def run(args: argparse.Namespace) -> None:
    from corpuskit.console import console
    from trainer.resolve import copy_recipe

    path = copy_recipe(args.recipe, args.destination, overwrite=args.overwrite)
    console.note(f"use it: corpuskit train --recipe {path}")
    console.result({"recipe": str(path)})
