"""Show what a data set holds: counts, type, lengths of its sentences."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from corpuskit.index.statistics import Statistics

EXAMPLES = [
    "corpuskit index show out/corpus",
    "corpuskit index show out/corpus --png out/lengths.png",
]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("prefix", metavar="PREFIX", help="path without .bin and .idx")
    parser.add_argument("--png", metavar="FILE", help="also draw the lengths; needs matplotlib")


def run(args: argparse.Namespace) -> None:
    from corpuskit.console import console
    from corpuskit.index.statistics import describe, plot

    statistics = describe(args.prefix)
    show(statistics)
    if args.png:
        plot(args.prefix, args.png)
    console.result(statistics.to_json())


def show(statistics: Statistics) -> None:
    from corpuskit.console import console
    from corpuskit.index.statistics import bar

    counts = [[name, getattr(statistics, name)] for name in ("documents", "sentences", "tokens")]
    percentiles = [[f"tokens at {k}", v] for k, v in statistics.percentiles.items()]
    console.table(["", ""], [*counts, ["type", statistics.dtype], *percentiles])
    largest = max((count for _, _, count in statistics.histogram), default=0)
    rows = [
        [f"{first}-{last}" if last > first else str(first), count, bar(count, largest)]
        for first, last, count in statistics.histogram
    ]
    console.table(["tokens", "sentences", ""], rows, title="\nlengths")
