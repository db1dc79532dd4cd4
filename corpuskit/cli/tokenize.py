"""Turn documents into token ids: PREFIX.bin and PREFIX.idx.

The files are Megatron's indexed format; PREFIX.json says which vocabulary made them.
With --cn-whole-word, ideographs that continue a word get ids of their own, which training
uses for whole-word masking and maps back.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from corpuskit.cli._options import add_inputs, add_work, run_options, show_report
from corpuskit.errors import UsageError

EXAMPLES = [
    "corpuskit tokenize out/docs.jsonl -o out/corpus --vocab out/vocab/vocab.txt "
    "--split-sentences --cn-whole-word",
    "corpuskit tokenize out/words-jsonl -o out/corpus-segmented --vocab out/vocab/vocab.txt "
    "--split-sentences --cn-whole-word --cn-split --workers 2",
]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_inputs(parser)
    parser.add_argument("-o", "--output", required=True, metavar="PREFIX", help="output prefix")
    tokenizer = parser.add_argument_group("tokenizer")
    tokenizer.add_argument("--vocab", type=Path, metavar="FILE", help="WordPiece vocab.txt")
    tokenizer.add_argument(
        "--tokenizer",
        type=Path,
        metavar="PATH",
        help="tokenizer.json, a directory that has one, or a SentencePiece model",
    )
    tokenizer.add_argument("--cased", action="store_true", help="WordPiece keeps case and accents")
    tokenizer.add_argument(
        "--append-eos", action="store_true", help="end every document with the EOS token"
    )
    tokenizer.add_argument(
        "--prepend-bos", action="store_true", help="begin every document with the BOS token"
    )
    text = parser.add_argument_group("text")
    text.add_argument(
        "--split-sentences", action="store_true", help="one entry a sentence, not one a document"
    )
    text.add_argument(
        "--cn-whole-word", action="store_true", help="mark ideographs that continue a word"
    )
    text.add_argument(
        "--cn-split", action="store_true", help="the text is words joined by one space"
    )
    text.add_argument(
        "--cn-engine",
        metavar="NAME",
        help="segmenter for --cn-whole-word without --cn-split (default: jieba)",
    )
    parser.add_argument(
        "--out-format",
        choices=("mmap", "npy"),
        default="mmap",
        help="mmap: .bin/.idx; npy: _ids.npy/_idx.npz (default: mmap)",
    )
    parser.add_argument(
        "--uint16", action="store_true", help="refuse a vocabulary whose ids need int32"
    )
    add_work(parser)


def run(args: argparse.Namespace) -> None:
    from corpuskit.tokenize.stage import TokenizeStage
    from corpuskit.work import run as run_stage

    if args.cn_engine and (args.cn_split or not args.cn_whole_word):
        raise UsageError("--cn-engine is for --cn-whole-word without --cn-split")
    stage = TokenizeStage(
        vocab=args.vocab,
        tokenizer=args.tokenizer,
        lowercase=not args.cased,
        split_sentences=args.split_sentences,
        whole_word=args.cn_whole_word,
        segmented=args.cn_split,
        engine=args.cn_engine or "jieba",
        append_eos=args.append_eos,
        prepend_bos=args.prepend_bos,
        key=args.json_key,
        out_format=args.out_format,
        int32=not args.uint16,
    )
    report = run_stage(stage, args.inputs, args.output, run_options(args), format=args.format)
    show_report(report, "documents", "sentences", "tokens", "dtype")
