"""Count, train and merge one vocabulary over all scripts in one go."""

from __future__ import annotations

import argparse
from pathlib import Path

from corpuskit.cli._options import add_inputs, add_work, run_options

EXAMPLES = ["corpuskit vocab train examples/sample -o out/vocab-all --size 3000 --min-count 5"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_inputs(parser)
    parser.add_argument(
        "-o", "--output", required=True, type=Path, metavar="DIR", help="output directory"
    )
    parser.add_argument(
        "--size", type=int, default=17000, metavar="N", help="pieces to train (default: 17000)"
    )
    parser.add_argument(
        "--min-count",
        type=int,
        default=200,
        metavar="N",
        help="other characters than ideographs and ASCII need N occurrences (default: 200)",
    )
    parser.add_argument("--cased", action="store_true", help="keep case and accents")
    add_work(parser)


def run(args: argparse.Namespace) -> None:
    from corpuskit.console import console
    from corpuskit.vocab.merge import MergeOptions
    from corpuskit.vocab.train import run_train

    record = run_train(
        args.inputs,
        args.output,
        run_options(args),
        MergeOptions(args.min_count, not args.cased),
        pieces=args.size,
        key=args.json_key,
        format=args.format,
    )
    console.result(record)
    shown = {name: value for name, value in record.items() if name != "fingerprint"}
    console.table(list(shown), [list(shown.values())])
