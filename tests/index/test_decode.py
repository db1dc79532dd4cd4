from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from corpuskit.errors import DataError, UsageError
from corpuskit.index import IndexedDataset
from corpuskit.index.decode import (
    Decoder,
    decode_sample,
    document_sentences,
    one_sentence,
    open_decoder,
)
from corpuskit.index.masking import MaskedBatcher, MaskingOptions
from corpuskit.index.sidecar import Continuation, Sidecar
from tests.index.data import SIDECAR, random_dataset, write

TOKENS = [
    "[PAD]",
    "[CLS]",
    "[SEP]",
    "[MASK]",
    "[UNK]",
    "北",
    "京",
    "hel",
    "##lo",
    "，",
    "world",
    "!",
]
HERE = Sidecar("f", "vocab.txt", len(TOKENS), Continuation(12, 2, [5, 6]), pieces=[[8, 9]])


def test_words_and_text() -> None:
    decoder = Decoder(TOKENS, HERE)
    ids = [5, 13, 9, 7, 8, 10, 11]
    assert [decoder.token(id) for id in ids] == ["北", "##京", "，", "hel", "##lo", "world", "!"]
    assert decoder.words(ids) == ["北京", "，", "hello", "world", "!"]
    assert decoder.text(ids) == "北京，hello world !"
    with pytest.raises(DataError, match="id 14 is not in the vocabulary of 14"):
        decoder.token(14)


def test_a_gap_before_the_continuations() -> None:
    decoder = Decoder(TOKENS, replace(HERE, continuation=Continuation(20, 2, [5, 6])))
    assert decoder.token(21) == "##京"


def test_the_vocabulary_is_the_one_that_the_sidecar_names(tmp_path: Path) -> None:
    vocab = tmp_path / "vocab.txt"
    vocab.write_text("\n".join(TOKENS) + "\n", encoding="utf-8")
    ids = (np.array([5, 13], np.uint16), np.array([2], np.int32), np.array([1]))
    write(tmp_path / "a", *ids, replace(HERE, vocab=str(vocab)))
    assert open_decoder(tmp_path / "a", None).text([5, 13]) == "北京"
    write(tmp_path / "b", *ids, replace(HERE, vocab="gone.txt"))
    with pytest.raises(UsageError, match="no vocabulary is known"):
        open_decoder(tmp_path / "b", None)
    write(tmp_path / "c", *ids, SIDECAR)
    with pytest.raises(UsageError, match="12 tokens, the ids were made with 200"):
        open_decoder(tmp_path / "c", vocab)


def test_documents_and_sentences(tmp_path: Path) -> None:
    ds = random_dataset(tmp_path / "a", documents=3)
    first, stop = ds.document_index[1:3]
    assert [s.tolist() for s in document_sentences(ds, 1)] == [
        ds[i].tolist() for i in range(first, stop)
    ]
    assert one_sentence(ds, 2).tolist() == ds[2].tolist()
    with pytest.raises(UsageError, match="no document 3: there are 3"):
        document_sentences(ds, 3)
    with pytest.raises(UsageError, match="no sentence -1"):
        one_sentence(ds, -1)


def test_a_sample_shows_what_is_masked(tmp_path: Path) -> None:
    ids = np.array([5, 13, 9, 7, 8, 10, 11] * 6, np.uint16)
    ds = write(tmp_path / "a", ids, np.array([21, 21], np.int32), np.array([2]), HERE)
    options = MaskingOptions(
        seed=1, max_seq_length=64, cls_id=1, sep_id=2, mask_id=3, pad_id=0, vocab_size=12
    )
    batcher = MaskedBatcher(ds, np.array([[0, 42, 61]]), options)
    sample = decode_sample(batcher, 0, Decoder(TOKENS, HERE))
    shown = [token.label or token.text for token in sample.tokens]
    half = ["北", "京", "，", "hel", "##lo", "world", "!"] * 3
    assert shown == ["[CLS]", *half, "[SEP]", *half, "[SEP]"]
    assert [token.segment for token in sample.tokens] == [0] * 23 + [1] * 22
    assert sum(token.label is not None for token in sample.tokens) in (5, 6)
    assert any(token.text == "[MASK]" and token.label for token in sample.tokens)
    with pytest.raises(UsageError, match="no sample 1: there are 1"):
        decode_sample(batcher, 1, Decoder(TOKENS, HERE))


def test_real_text_comes_back(chinese: IndexedDataset) -> None:
    decoder = open_decoder(chinese.prefix, None)
    words = {
        word
        for document in range(60)
        for ids in document_sentences(chinese, document)
        for word in decoder.words(ids)
    }
    assert {"数据库", "应用程序", "服务器", "文件", "的"} <= words
