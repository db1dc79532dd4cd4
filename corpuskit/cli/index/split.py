"""Cut a data set by documents, into shares or into parts of equal size."""

from __future__ import annotations

import argparse

EXAMPLES = [
    "corpuskit index split out/corpus --shares 949,50,1 -o out/corpus",
    "corpuskit index split out/corpus --documents 400 -o out/part",
]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("prefix", metavar="PREFIX", help="path without .bin and .idx")
    how = parser.add_mutually_exclusive_group(required=True)
    how.add_argument(
        "--shares", metavar="A,B,C", help="write OUT-train, OUT-valid and OUT-test in these shares"
    )
    how.add_argument(
        "--documents", type=int, metavar="N", help="write OUT-00000, ... of N documents each"
    )
    parser.add_argument(
        "-o", "--output", required=True, metavar="OUT", help="beginning of the new prefixes"
    )


def run(args: argparse.Namespace) -> None:
    from corpuskit.cli.index._result import show_datasets
    from corpuskit.index.split import split_by_count, split_by_shares

    if args.shares is not None:
        show_datasets(split_by_shares(args.prefix, args.output, args.shares))
    else:
        show_datasets(split_by_count(args.prefix, args.output, args.documents))
