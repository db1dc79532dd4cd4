"""Check data sets; exit code 1 where something is wrong.

The index and the sidecar are always checked completely; --deep also reads every id.
"""

from __future__ import annotations

import argparse

EXAMPLES = [
    "corpuskit index verify out/corpus",
    "corpuskit index verify --deep out/corpus",
]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("prefixes", nargs="+", metavar="PREFIX", help="path without .bin and .idx")
    parser.add_argument("--deep", action="store_true", help="check every id as well")


def run(args: argparse.Namespace) -> int:
    from corpuskit.console import console
    from corpuskit.index.verify import verify

    faults = {prefix: verify(prefix, deep=args.deep) for prefix in args.prefixes}
    for prefix, found in faults.items():
        if not console.json:
            console.out(f"{prefix}: " + (f"{len(found)} faults" if found else "ok"))
        for fault in found:
            if not console.json:
                console.out(f"  {fault.what}\n    at {fault.where}\n    hint: {fault.hint}")
    console.result({prefix: [vars(fault) for fault in found] for prefix, found in faults.items()})
    return 1 if any(faults.values()) else 0
