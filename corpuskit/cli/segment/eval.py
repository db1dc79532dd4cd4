"""Measure how well engines cut words, against gold standards.

A gold file has one sentence a line, words between spaces. Precision, recall and F1 are those
of the SIGHAN bakeoffs; OOV recall is that of the words that are not in --train.
"""

from __future__ import annotations

import argparse
from pathlib import Path

EXAMPLES = [
    "corpuskit segment eval out/words/statutes.jsonl.txt --engine jieba --engine lac",
]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("gold", nargs="+", metavar="GOLD", help="files of segmented sentences")
    parser.add_argument(
        "--engine",
        action="append",
        metavar="NAME",
        help="engine to measure; may be repeated (default: jieba and lac)",
    )
    parser.add_argument(
        "--train",
        action="append",
        metavar="FILE",
        help="segmented text whose words are known; may be repeated",
    )
    parser.add_argument(
        "--user-dict", type=Path, metavar="FILE", help="your own dictionary, for one engine"
    )


def run(args: argparse.Namespace) -> None:
    from corpuskit.console import console
    from corpuskit.segment.evaluate import evaluate_files

    engines = args.engine or ["jieba", "lac"]
    rows = evaluate_files(args.gold, engines, args.train, args.user_dict)
    console.result({"scores": rows})
    columns = ("gold", "engine", "words", "precision", "recall", "F1", "OOV recall")
    fields = ("gold", "engine", "gold_words", "precision", "recall", "f1", "oov_recall")
    table = [[_shown(row[field]) for field in fields] for row in rows]
    console.table(columns, table)


def _shown(value: object) -> object:
    if value is None:
        return "-"
    return f"{100 * value:.2f}" if isinstance(value, float) else value
