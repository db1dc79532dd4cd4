"""Fill in the [MASK]s of sentences with a trained model."""

from __future__ import annotations

import argparse
from pathlib import Path

from corpuskit.errors import UsageError

EXAMPLES = [
    "corpuskit predict --model out/run --text '中华人民共和国主[MASK]'",
    "corpuskit predict --model out/run/model --input sentences.txt --top-k 3 --json",
]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--model", required=True, type=Path, metavar="DIR", help="a run, or an exported model"
    )
    parser.add_argument("--vocab", type=Path, metavar="FILE", help="default: the model's own")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--text", action="append", help="a sentence; may be repeated")
    source.add_argument("--input", type=Path, metavar="FILE", help="one sentence a line")
    parser.add_argument(
        "--top-k", type=int, default=5, metavar="K", help="candidates a mask (default: 5)"
    )


def run(args: argparse.Namespace) -> None:
    from corpuskit.console import console
    from trainer.predict import fill_mask, load_predictor

    if args.top_k < 1:
        raise UsageError(f"--top-k must be at least 1, not {args.top_k}")
    model, tokenizer = load_predictor(args.model, args.vocab)
    filled = fill_mask(model, tokenizer, args.text or _lines(args.input), args.top_k)
    for one in filled:
        rows = [
            (mask.position, *(f"{c.token} {c.probability:.1%}" for c in mask.candidates))
            for mask in one.masks
        ]
        ranks = [str(rank) for rank in range(1, args.top_k + 1)]
        console.table(("token", *ranks), rows, title=f"{one.text}\n{one.best}")
    console.result({"sentences": [one.to_dict() for one in filled]})


def _lines(path: Path) -> list[str]:
    try:
        return [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot be read: {error}", where=path) from None
