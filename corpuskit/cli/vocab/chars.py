"""Count every character of a corpus."""

from __future__ import annotations

import argparse

from corpuskit.cli._options import add_inputs, add_work, run_options, show_report

EXAMPLES = ["corpuskit vocab chars examples/sample -o out/characters.tsv"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_inputs(parser)
    parser.add_argument("-o", "--output", required=True, metavar="FILE", help="count file (TSV)")
    add_work(parser)


def run(args: argparse.Namespace) -> None:
    from corpuskit.vocab.characters import CharactersStage
    from corpuskit.work import run as run_stage

    stage = CharactersStage(args.json_key)
    report = run_stage(stage, args.inputs, args.output, run_options(args), format=args.format)
    show_report(report, "documents", "characters", "distinct")
