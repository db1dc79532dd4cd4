"""Build sample maps ahead of training.

Training builds the maps that it needs; building them before saves the first process of a
large job the wait, and shows how many samples there are.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from corpuskit.index.maps import MapRequest

EXAMPLES = [
    "corpuskit index build out/corpus",
    "corpuskit index build out/corpus --split 98,1,1 --part train --samples 100000",
]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("prefix", metavar="PREFIX", help="path without .bin and .idx")
    parser.add_argument(
        "--split", default="949,50,1", metavar="A,B,C", help="shares (default: 949,50,1)"
    )
    parser.add_argument(
        "--part", choices=("train", "valid", "test"), help="one part only (default: all)"
    )
    parser.add_argument("--samples", type=int, metavar="N", help="rows (default: one epoch)")
    parser.add_argument(
        "--max-seq-length", type=int, default=512, metavar="N", help="tokens (default: 512)"
    )
    parser.add_argument(
        "--short-seq-prob",
        type=float,
        default=0.1,
        metavar="P",
        help="share of samples with a random, shorter length (default: 0.1)",
    )
    parser.add_argument("--seed", type=int, default=1234, metavar="N", help="(default: 1234)")
    parser.add_argument(
        "--sop",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="samples of two sentences or more, for sentence order prediction (default: yes)",
    )
    parser.add_argument("--compat", action="store_true", help="Megatron's mapping and split")
    parser.add_argument("--cache-dir", metavar="DIR", help="(default: index-cache beside the data)")


def run(args: argparse.Namespace) -> None:
    from corpuskit.console import console

    records = [_build(request, args.cache_dir) for request in _requests(args)]
    columns = ["part", "samples", "epochs", "documents", "unused", "file", "seconds"]
    console.table(columns, [[record[c] for c in columns] for record in records])
    for record in records:
        if record["unused"]:
            console.warn(
                f"{record['part']}: {record['unused']:,} of {record['documents']:,} documents "
                "have too few sentences for a sample"
            )
    console.result({"maps": records})


def _requests(args: argparse.Namespace) -> list[MapRequest]:
    from corpuskit.index import IndexedDataset
    from corpuskit.index.maps import MapRequest
    from corpuskit.index.ranges import PARTS, split_ranges

    ranges = split_ranges(args.split, IndexedDataset(args.prefix).documents, compat=args.compat)
    filled = [part for part, (start, stop) in zip(PARTS, ranges, strict=True) if start < stop]
    return [
        MapRequest(
            prefix=args.prefix,
            split=args.split,
            part=part,
            samples=args.samples,
            max_seq_length=args.max_seq_length,
            short_seq_prob=args.short_seq_prob,
            seed=args.seed,
            min_sentences=2 if args.sop else 1,
            compat=args.compat,
        )
        for part in ([args.part] if args.part else filled)
    ]


def _build(request: MapRequest, cache_dir: str | None) -> dict[str, Any]:
    import time

    from corpuskit.index.maps import load_map, map_counts, map_path

    started = time.monotonic()
    load_map(request, cache_dir)
    path = map_path(request, cache_dir)
    counts = map_counts(path)
    return {
        "part": request.part,
        "samples": counts.samples,
        "epochs": counts.epochs,
        "documents": counts.documents,
        "unused": counts.unused_documents,
        "file": str(path),
        "seconds": round(time.monotonic() - started, 2),
    }
