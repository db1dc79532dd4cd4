"""Join data sets into one, in the order given.

The result is the same as tokenizing all their input at once. Data sets of different types,
tokenizers or vocabularies are refused.
"""

from __future__ import annotations

import argparse

EXAMPLES = ["corpuskit index merge out/part-00000 out/part-00001 -o out/merged"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("prefixes", nargs="+", metavar="PREFIX", help="path without .bin and .idx")
    parser.add_argument("-o", "--output", required=True, metavar="PREFIX", help="the new data set")


def run(args: argparse.Namespace) -> None:
    from corpuskit.cli.index._result import show_datasets
    from corpuskit.index.merge import merge

    show_datasets([merge(args.prefixes, args.output)])
