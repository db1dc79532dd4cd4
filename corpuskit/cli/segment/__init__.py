"""Cut documents into sentences and sentences into words.

Every input file gives one output file of the same name under the output directory: words
joined by one space, one sentence a line, a blank line after each document; or JSON Lines.
`eval` measures engines; an input of that name is ./eval.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from corpuskit.cli._options import add_inputs, add_work, run_options, show_report

EXAMPLES = [
    "corpuskit segment examples/sample/statutes.jsonl -o out/words",
    "corpuskit segment examples/sample/statutes.jsonl -o out/words-jsonl --to jsonl --workers 2",
    "corpuskit segment examples/sample/statutes.jsonl -o out/words-lac --engine lac --dry-run",
]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_inputs(parser)
    parser.add_argument("-o", "--output", required=True, metavar="DIR", help="output directory")
    parser.add_argument(
        "--engine",
        default="jieba",
        metavar="NAME",
        help="word segmenter: jieba, lac, lac-pos or an installed plug-in; auto: lac for up to "
        "1.3 GB of text, jieba for more (default: jieba)",
    )
    parser.add_argument("--user-dict", type=Path, metavar="FILE", help="your own dictionary")
    parser.add_argument(
        "--to", choices=("text", "jsonl"), default="text", help="output format (default: text)"
    )
    parser.add_argument(
        "--sentence-rules",
        choices=("default", "paddle"),
        default="default",
        help="where sentences end; paddle: exactly as the PaddleNLP tools (default: default)",
    )
    parser.add_argument(
        "--max-sentence-chars",
        type=int,
        default=0,
        metavar="N",
        help="cut longer sentences at commas (default: 0, never)",
    )
    add_work(parser)


def run(args: argparse.Namespace) -> None:
    from corpuskit.segment.choose import AUTO, choose_engine
    from corpuskit.segment.stage import SegmentStage
    from corpuskit.work import run as run_stage

    engine = args.engine
    if engine == AUTO:
        engine = choose_engine(args.inputs, args.format, args.user_dict)
    stage = SegmentStage(
        engine=engine,
        rules=args.sentence_rules,
        to=args.to,
        key=args.json_key,
        user_dict=args.user_dict,
        max_sentence_chars=args.max_sentence_chars,
    )
    report = run_stage(stage, args.inputs, args.output, run_options(args), format=args.format)
    show_report(report, "documents", "sentences", "words")
