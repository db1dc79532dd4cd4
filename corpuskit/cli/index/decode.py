"""Show documents, sentences or samples as text.

A sample shows what the model sees; what it has to predict stands in braces.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from corpuskit.errors import UsageError

if TYPE_CHECKING:
    from corpuskit.index.decode import DecodedSample, Decoder, SampleToken
    from corpuskit.index.masking import MaskedBatcher

EXAMPLES = [
    "corpuskit index decode out/corpus --document 0",
    "corpuskit index decode out/corpus --sentence 10 --tokens",
    "corpuskit index decode out/corpus --sample 3 --map out/index-cache/MAP.npy",
]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("prefix", metavar="PREFIX", help="path without .bin and .idx")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--document", type=int, default=0, metavar="N", help="from 0 (default: 0)")
    what.add_argument("--sentence", type=int, metavar="N", help="from 0")
    what.add_argument("--sample", type=int, metavar="N", help="row N of --map, with its masks")
    parser.add_argument("--map", metavar="FILE", help="a map of `corpuskit index build`")
    parser.add_argument(
        "--vocab", metavar="FILE", help="vocab.txt (default: the one that PREFIX.json names)"
    )
    parser.add_argument("--tokens", action="store_true", help="show tokens, not joined text")
    parser.add_argument(
        "--seed", type=int, default=1234, metavar="N", help="seed of the masks (default: 1234)"
    )
    parser.add_argument(
        "--mask-prob", type=float, default=0.15, metavar="P", help="share masked (default: 0.15)"
    )


def run(args: argparse.Namespace) -> None:
    from corpuskit.index.decode import open_decoder

    decoder = open_decoder(args.prefix, args.vocab)
    if args.sample is not None:
        _show_sample(args, decoder)
    else:
        _show_text(args, decoder)


def _show_text(args: argparse.Namespace, decoder: Decoder) -> None:
    from corpuskit.console import console
    from corpuskit.index import IndexedDataset
    from corpuskit.index.decode import document_sentences, one_sentence

    dataset = IndexedDataset(args.prefix)
    if args.sentence is None:
        sentences = document_sentences(dataset, args.document)
    else:
        sentences = [one_sentence(dataset, args.sentence)]
    texts = [
        " ".join(map(decoder.token, ids.tolist())) if args.tokens else decoder.text(ids.tolist())
        for ids in sentences
    ]
    if not console.json:
        console.out("\n".join(texts))
    console.result({"sentences": texts})


def _show_sample(args: argparse.Namespace, decoder: Decoder) -> None:
    from corpuskit.console import console
    from corpuskit.index.decode import decode_sample

    sample = decode_sample(_batcher(args, decoder), args.sample, decoder)
    if not console.json:
        console.out(" ".join(_shown(token, sys.stdout.isatty()) for token in sample.tokens))
        console.note("segments swapped" if sample.swapped else "segments in order")
    console.result(_as_json(sample))


def _batcher(args: argparse.Namespace, decoder: Decoder) -> MaskedBatcher:
    from corpuskit.index.decode import masked_batcher

    if args.map is None:
        hint = "`corpuskit index build` makes one and prints its name"
        raise UsageError("--sample needs --map FILE", hint=hint)
    return masked_batcher(args.prefix, args.map, decoder, seed=args.seed, mask_prob=args.mask_prob)


_MASKED, _SECOND, _PLAIN = "\x1b[1;33m", "\x1b[36m", "\x1b[0m"


def _shown(token: SampleToken, color: bool) -> str:
    text = token.text if token.label is None else f"{token.text}{{{token.label}}}"
    if not color or (token.label is None and token.segment == 0):
        return text
    return f"{_SECOND if token.label is None else _MASKED}{text}{_PLAIN}"


def _as_json(sample: DecodedSample) -> dict[str, object]:
    return {"tokens": [vars(token) for token in sample.tokens], "swapped": sample.swapped}
