"""Check a recipe file and show every mistake at once."""

from __future__ import annotations

import argparse

EXAMPLES = ["corpuskit recipe validate my.yaml"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("recipe", metavar="FILE", help="a YAML file, or a shipped recipe")
    parser.add_argument(
        "--nproc", type=int, default=1, metavar="N", help="for this many processes (default: 1)"
    )


def run(args: argparse.Namespace) -> None:
    from corpuskit.console import console
    from trainer.resolve import resolve

    config = resolve(recipe=args.recipe, environment={}, ranks=args.nproc)
    console.note(f"{args.recipe} is valid")
    console.result({"recipe": args.recipe, "valid": True, "config": config.to_dict()})
