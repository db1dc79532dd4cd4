"""Show how well a vocabulary covers a text: unknown rate by script, dead entries.

Also tokens per character and per word, and look-alike entries.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from corpuskit.cli._options import add_inputs, add_work, run_options

EXAMPLES = [
    "corpuskit vocab report examples/sample --vocab out/vocab/vocab.txt -o out/coverage.json"
]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_inputs(parser)
    parser.add_argument("--vocab", required=True, type=Path, metavar="FILE", help="vocab.txt")
    parser.add_argument("-o", "--output", required=True, metavar="FILE", help="report (JSON)")
    parser.add_argument("--cased", action="store_true", help="the encoder keeps case")
    add_work(parser)


def run(args: argparse.Namespace) -> None:
    from corpuskit.console import console
    from corpuskit.vocab.report import ReportStage
    from corpuskit.work import run as run_stage

    stage = ReportStage(args.vocab, not args.cased, args.json_key)
    report = run_stage(stage, args.inputs, args.output, run_options(args), format=args.format)
    console.result(report)
    if "scripts" in report:
        _show(report)


def _show(report: dict[str, Any]) -> None:
    from corpuskit.console import console

    rows = [
        [script, row["characters"], row["unknown"], f"{100 * row['unknown_rate']:.4f}%"]
        for script, row in report["scripts"].items()
    ]
    console.table(["script", "characters", "in [UNK]", "rate"], rows, title="coverage")
    summary = {
        "entries": report["vocab_size"],
        "unreachable": len(report["unreachable"]),
        "look-alikes": len(report["look_alikes"]),
        "[UNK] of tokens": f"{100 * report['unknown_rate']:.4f}%",
        "tokens/character": report["tokens_per_character"],
        "tokens/word": report["tokens_per_word"],
    }
    console.table(list(summary), [list(summary.values())])
