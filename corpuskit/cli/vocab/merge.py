"""Join character counts and pieces into vocab.txt.

Writes vocab.txt, vocab.json (what it holds) and tokenizer.json (for `tokenizers` and
`transformers`) into a directory. All 20,902 ideographs U+4E00-U+9FA5 are always there.
"""

from __future__ import annotations

import argparse
from pathlib import Path

EXAMPLES = [
    "corpuskit vocab merge --chars out/characters.tsv --bpe out/pieces.vocab -o out/vocab",
    "corpuskit vocab merge --chars out/characters.tsv --min-count 20 -o out/vocab-small",
]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--chars", required=True, type=Path, metavar="FILE", help="count file")
    parser.add_argument("--bpe", type=Path, metavar="FILE", help="pieces (.vocab)")
    parser.add_argument(
        "-o", "--output", required=True, type=Path, metavar="DIR", help="output directory"
    )
    parser.add_argument(
        "--min-count",
        type=int,
        default=200,
        metavar="N",
        help="other characters than ideographs and ASCII need N occurrences (default: 200)",
    )
    parser.add_argument(
        "--size", type=int, metavar="N", help="leave out the rarest characters beyond N entries"
    )
    parser.add_argument("--cased", action="store_true", help="the encoder keeps case")


def run(args: argparse.Namespace) -> None:
    from corpuskit.console import console
    from corpuskit.io.files import disk_errors
    from corpuskit.vocab.merge import MergeOptions, run_merge

    options = MergeOptions(args.min_count, not args.cased, args.size)
    with disk_errors(args.output):
        record = run_merge(args.chars, args.bpe, args.output, options)
    console.result(record)
    shown = {name: value for name, value in record.items() if name != "fingerprint"}
    console.table(list(shown), [list(shown.values())])
