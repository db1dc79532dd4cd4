"""Train sub-word pieces (BPE) from the words of a corpus.

Words are counted first (FILE.words), then pieces are trained from the counts.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from corpuskit.cli._options import add_inputs, add_work, run_options, show_report

EXAMPLES = ["corpuskit vocab bpe examples/sample/sotu.txt -o out/pieces.vocab --size 4000"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_inputs(parser)
    parser.add_argument(
        "-o", "--output", required=True, type=Path, metavar="FILE", help="pieces (.vocab)"
    )
    parser.add_argument(
        "--size", type=int, default=17000, metavar="N", help="pieces to train (default: 17000)"
    )
    parser.add_argument(
        "--scripts",
        choices=("latin", "all"),
        default="latin",
        help="words of which scripts (default: latin)",
    )
    parser.add_argument("--cased", action="store_true", help="keep case and accents")
    parser.add_argument(
        "--min-count", type=int, default=2, metavar="N", help="leave out rarer words (default: 2)"
    )
    add_work(parser)


def run(args: argparse.Namespace) -> None:
    from corpuskit.vocab.bpe import PiecesStage
    from corpuskit.work import run as run_stage

    stage = PiecesStage(args.scripts, not args.cased, args.json_key, args.min_count, args.size)
    report = run_stage(stage, args.inputs, args.output, run_options(args), format=args.format)
    show_report(report, "documents", "words", "distinct", "pieces")
