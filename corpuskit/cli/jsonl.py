"""Join documents of any format into one JSON Lines file, shuffled with a seed.

Documents are {"text": ...}; other fields of the records are carried along. The shuffle
needs bounded memory whatever the size of the corpus.
"""

from __future__ import annotations

import argparse

from corpuskit.cli._options import add_inputs, add_work, run_options, show_report

EXAMPLES = [
    "corpuskit jsonl examples/sample/statutes.jsonl examples/sample/sotu.txt -o out/docs.jsonl",
    "corpuskit jsonl examples/sample/sotu.txt -o out/sotu.jsonl --no-shuffle --min-doc-length 100",
]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_inputs(parser)
    parser.add_argument("-o", "--output", required=True, metavar="FILE", help="output file")
    parser.add_argument(
        "--shuffle",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="shuffle the documents (default: yes)",
    )
    parser.add_argument(
        "--seed", type=int, default=1234, metavar="N", help="seed of the shuffle (default: 1234)"
    )
    parser.add_argument(
        "--min-doc-length",
        type=int,
        default=10,
        metavar="N",
        help="keep documents of more than N characters (default: 10)",
    )
    add_work(parser)


def run(args: argparse.Namespace) -> None:
    from corpuskit.jsonl.stage import JsonlStage
    from corpuskit.work import run as run_stage

    stage = JsonlStage(
        key=args.json_key,
        shuffle=args.shuffle,
        seed=args.seed,
        min_document_length=args.min_doc_length,
    )
    report = run_stage(stage, args.inputs, args.output, run_options(args), format=args.format)
    show_report(report, "documents", "short_documents")
