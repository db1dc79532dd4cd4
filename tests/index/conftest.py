"""Real Chinese text as ids with whole-word marks."""

from __future__ import annotations

import gzip
import json
from itertools import islice
from pathlib import Path

import jieba
import numpy as np
import pytest

from corpuskit.index import IndexedDataset
from corpuskit.index.sidecar import Continuation, Sidecar, pieces_as_ranges
from tests.index.data import write

SPECIALS = ["[PAD]", "[CLS]", "[SEP]", "[MASK]", "[UNK]"]


@pytest.fixture(scope="session")
def chinese(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> IndexedDataset:
    """60 documents of technical prose: BERT's vocabulary, jieba's words, one id a character."""
    path = shared_data / "vocab" / "bert_base_chinese_vocab_21128.txt"
    tokens = path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    ids = {token: id for id, token in enumerate(tokens)}
    base = [id for id, token in enumerate(tokens) if len(token) == 1 and "一" <= token <= "龥"]
    marked = {tokens[id]: len(tokens) + k for k, id in enumerate(base)}
    pieces = [id for id, token in enumerate(tokens) if token.startswith("##") and len(token) > 2]
    sentences, counts = [], []
    with gzip.open(shared_data / "zh_docs.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in islice(lines, 60):
            text = json.loads(line)["text"]
            made = [_encode(s, ids, marked) for s in text.replace("。", "。\n").splitlines()]
            kept = [sentence for sentence in made if sentence]
            sentences += kept
            counts.append(len(kept))
    return write(
        tmp_path_factory.mktemp("chinese") / "corpus",
        np.concatenate(sentences).astype(np.uint16),
        np.array([len(s) for s in sentences], np.int32),
        np.array(counts),
        Sidecar(
            fingerprint="f" * 32,
            vocab=str(path),
            vocab_size=len(tokens),
            continuation=Continuation(len(tokens), len(base), base),
            pieces=pieces_as_ranges(pieces),
            specials=sorted(ids[token] for token in SPECIALS),
        ),
    )


def _encode(sentence: str, ids: dict[str, int], marked: dict[str, int]) -> list[int]:
    encoded = []
    for word in jieba.cut(sentence.strip().lower()):
        for position, char in enumerate(word):
            if not char.isspace():
                inside = marked.get(char) if position else None
                encoded.append(inside or ids.get(char, ids["[UNK]"]))
    return encoded
