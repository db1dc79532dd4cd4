"""Data sets of made-up characters that follow each other by a rule."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from corpuskit.index.format import IndexWriter
from corpuskit.index.sidecar import Sidecar
from corpuskit.vocab.vocabulary import SPECIALS, fingerprint, save_vocabulary

CHARACTERS = [chr(0x4E00 + number) for number in range(60)]
TOKENS = [*SPECIALS, *CHARACTERS]


def write_corpus(prefix: Path, *, documents: int, seed: int) -> Path:
    """Documents of 2 to 9 sentences; every character is the one before plus 1 or 2."""
    rng = np.random.default_rng(seed)
    save_vocabulary(prefix.with_name("vocab.txt"), TOKENS)
    sidecar = Sidecar(
        fingerprint=fingerprint(TOKENS, lowercase=True),
        vocab="vocab.txt",
        vocab_size=len(TOKENS),
        specials=list(range(len(SPECIALS))),
        options={"lowercase": True},
    )
    sentences = rng.integers(2, 10, documents)
    sizes = rng.integers(4, 30, int(sentences.sum())).astype(np.int32)
    walk = np.cumsum(rng.integers(1, 3, int(sizes.sum()))) % len(CHARACTERS)
    with IndexWriter(prefix, np.uint16, sidecar) as writer:
        writer.add((walk + len(SPECIALS)).astype(np.uint16), sizes, sentences)
    return prefix
