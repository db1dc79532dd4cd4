"""Tiny tokenizers of other kinds, trained here and now."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import sentencepiece
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

ENGLISH = ["the lower the newest, the widest", "newer and wider and lower"] * 9
CHINESE = ["研究生命的起源。", "中华人民共和国成立。", "研究生研究生命。"] * 9
END = "<|endoftext|>"


def train_byte_bpe(path: Path, texts: Sequence[str] = (*ENGLISH, *CHINESE)) -> Tokenizer:
    """A byte-level BPE as GPT-2's, with one special token; saved as ``tokenizer.json``."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=320, special_tokens=[END], initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.enable_truncation(4)
    tokenizer.enable_padding(length=64)
    tokenizer.save(str(path))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def train_sentencepiece(path: Path) -> sentencepiece.SentencePieceProcessor:
    """A SentencePiece unigram model."""
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter([*ENGLISH, *CHINESE]),
        model_prefix=str(path.with_suffix("")),
        vocab_size=40,
        minloglevel=2,
    )
    return sentencepiece.SentencePieceProcessor(model_file=str(path))
