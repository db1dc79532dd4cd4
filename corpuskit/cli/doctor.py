"""Show what is installed and which engines and accelerators work.

Exit code 1 where something that must work does not.
"""

from __future__ import annotations

import argparse

EXAMPLES = ["corpuskit doctor", "corpuskit doctor --json"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    pass


def run(args: argparse.Namespace) -> int:
    from corpuskit.console import console
    from corpuskit.doctor import BROKEN, REQUIRED, examine

    findings = examine()
    columns = ("what", "state", "details")
    console.table(columns, findings)
    console.result({"findings": [dict(zip(columns, row, strict=True)) for row in findings]})
    bad = [w for w, state, _ in findings if state == BROKEN or (w in REQUIRED and state != "ok")]
    return 1 if bad else 0
