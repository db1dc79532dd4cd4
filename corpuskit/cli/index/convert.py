"""Convert to and from PREFIX_ids.npy and PREFIX_idx.npz, the arrays of PaddleNLP's ERNIE."""

from __future__ import annotations

import argparse

EXAMPLES = [
    "corpuskit index convert out/corpus --to npy -o out/ernie",
    "corpuskit index convert out/ernie --to mmap -o out/again",
]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("prefix", metavar="PREFIX", help="path without the endings")
    parser.add_argument(
        "--to",
        required=True,
        choices=("npy", "mmap"),
        help="npy: write the two arrays; mmap: write .bin and .idx from them",
    )
    parser.add_argument("-o", "--output", required=True, metavar="PREFIX", help="the new files")


def run(args: argparse.Namespace) -> None:
    from corpuskit.cli.index._result import show_datasets
    from corpuskit.index import IndexedDataset
    from corpuskit.index.convert import from_npy, to_npy

    if args.to == "npy":
        to_npy(args.prefix, args.output)
        show_datasets([IndexedDataset(args.prefix)])
    else:
        show_datasets([from_npy(args.prefix, args.output)])
