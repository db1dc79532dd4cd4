from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from tokenizers import BertWordPieceTokenizer

from corpuskit.errors import DataError, UsageError
from corpuskit.tokenize.encoder import (
    BOS_NAMES,
    EOS_NAMES,
    Encoded,
    HuggingFaceEncoder,
    SentencePieceEncoder,
    WordPieceEncoder,
    open_encoder,
)
from corpuskit.vocab.vocabulary import save_tokenizer_json
from tests.tokenize.corpora import TOKENS, write_vocab
from tests.tokenize.models import CHINESE, END, ENGLISH, train_byte_bpe, train_sentencepiece
from tests.vocab.corpora import SCRIPTS, fuzz, sample_texts

PUBLISHED = ["bert_base_chinese_vocab_21128.txt", "ernie_1.0_zh_vocab.txt"]
TEXTS = [SCRIPTS, "[MASK] [CLS]中[SEP]", "", " ", "Café 中文", *fuzz(100, 60)]


def split(encoded: Encoded) -> list[list[int]]:
    """The ids of each text."""
    return [ids.tolist() for ids in np.split(encoded.ids, np.cumsum(encoded.sizes))[:-1]]


@pytest.mark.parametrize("lowercase", [True, False])
@pytest.mark.parametrize("name", [*PUBLISHED, "own"])
def test_word_piece_equals_tokenizers(
    name: str, lowercase: bool, shared_data: Path, sample: Path, tmp_path: Path
) -> None:
    path = write_vocab(tmp_path) if name == "own" else shared_data / "vocab" / name
    reference = BertWordPieceTokenizer(str(path), lowercase=lowercase, strip_accents=lowercase)
    # Text must not be able to name special tokens; the reference is asked for the same.
    reference._tokenizer.encode_special_tokens = True
    texts = [*TEXTS, *sample_texts(sample, 20)]
    encoded = WordPieceEncoder(path, lowercase=lowercase).encode(texts)
    expected = reference.encode_batch(texts, add_special_tokens=False)
    assert split(encoded) == [encoding.ids for encoding in expected]
    assert encoded.starts is None


@pytest.mark.parametrize("name", PUBLISHED)
def test_word_piece_equals_transformers(name: str, shared_data: Path, sample: Path) -> None:
    transformers = pytest.importorskip("transformers")
    path = shared_data / "vocab" / name
    reference = transformers.BertTokenizerFast(str(path), do_lower_case=True)
    texts = [text for text in (*TEXTS, *sample_texts(sample, 10)) if "[MASK]" not in text]
    encoded = WordPieceEncoder(path, lowercase=True).encode(texts)
    assert split(encoded) == reference(texts, add_special_tokens=False)["input_ids"]


def test_special_tokens_in_text_are_text(tmp_path: Path) -> None:
    encoder = WordPieceEncoder(write_vocab(tmp_path), lowercase=True)
    found = set(encoder.encode(["[MASK][CLS][SEP] [PAD]"]).ids.tolist())
    assert found == {TOKENS.index("[UNK]")}


def test_character_offsets(tmp_path: Path) -> None:
    encoder = WordPieceEncoder(write_vocab(tmp_path), lowercase=True)
    texts = ["", "研究 ABC!\U00020000究", "\u200b研\u3000A10"]
    encoded = encoder.encode(texts, starts=True)
    assert encoded.starts is not None
    assert encoded.sizes.tolist() == [0, 8, 2]
    assert encoded.starts.tolist() == [0, 1, 3, 4, 5, 6, 7, 8, 1, 3]


def test_word_piece_knows_its_ids(tmp_path: Path) -> None:
    encoder = WordPieceEncoder(write_vocab(tmp_path), lowercase=True)
    assert encoder.vocab_size == len(TOKENS)
    assert encoder.token_id(EOS_NAMES) == 2
    assert encoder.token_id(BOS_NAMES) is None
    assert encoder.special_ids() == [0, 1, 2, 3, 4]
    assert (
        encoder.fingerprint()
        != WordPieceEncoder(tmp_path / "vocab.txt", lowercase=False).fingerprint()
    )


def test_hugging_face(tmp_path: Path) -> None:
    reference = train_byte_bpe(tmp_path / "tokenizer.json")
    encoder = HuggingFaceEncoder(tmp_path / "tokenizer.json")
    texts = [*ENGLISH[:2], *CHINESE[:2], SCRIPTS, ""]
    assert split(encoder.encode(texts)) == [e.ids for e in reference.encode_batch(texts)]
    assert encoder.vocab_size == reference.get_vocab_size() == 320
    assert encoder.special_ids() == [encoder.token_id(EOS_NAMES)] == [reference.token_to_id(END)]
    assert encoder.tokens is None


def test_special_tokens_in_text_are_text_for_hugging_face_too(tmp_path: Path) -> None:
    reference = train_byte_bpe(tmp_path / "tokenizer.json")
    encoder = HuggingFaceEncoder(tmp_path / "tokenizer.json")
    ids = encoder.encode([f"the{END}lower"]).ids
    assert reference.token_to_id(END) not in ids
    assert reference.decode(ids.tolist()) == f"the{END}lower"


def test_our_tokenizer_json_encodes_as_the_vocabulary(tmp_path: Path, sample: Path) -> None:
    path = write_vocab(tmp_path)
    save_tokenizer_json(tmp_path / "tokenizer.json", TOKENS, lowercase=True)
    texts = [*TEXTS, *sample_texts(sample, 5)]
    words = WordPieceEncoder(path, lowercase=True).encode(texts)
    other = HuggingFaceEncoder(tmp_path / "tokenizer.json").encode(texts)
    assert split(words) == split(other)


def test_sentencepiece(tmp_path: Path) -> None:
    reference = train_sentencepiece(tmp_path / "spiece.model")
    encoder = SentencePieceEncoder(tmp_path / "spiece.model")
    texts = [*ENGLISH[:2], *CHINESE[:2], SCRIPTS, "", "<s></s>"]
    assert split(encoder.encode(texts)) == [reference.encode(text) for text in texts]
    assert encoder.vocab_size == 40
    assert (encoder.token_id(BOS_NAMES), encoder.token_id(EOS_NAMES)) == (1, 2)
    assert encoder.token_id(["<nothing>"]) is None
    assert encoder.special_ids() == [0, 1, 2]
    assert encoder.encode([]).ids.tolist() == encoder.encode([]).sizes.tolist() == []


def test_a_directory_holds_one_of_several(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no tokenizer in the directory"):
        open_encoder(None, tmp_path, lowercase=True)
    write_vocab(tmp_path)
    assert isinstance(open_encoder(None, tmp_path, lowercase=False), WordPieceEncoder)
    train_sentencepiece(tmp_path / "spiece.model")
    assert isinstance(open_encoder(None, tmp_path, lowercase=True), SentencePieceEncoder)
    train_byte_bpe(tmp_path / "tokenizer.json")
    assert isinstance(open_encoder(None, tmp_path, lowercase=True), HuggingFaceEncoder)


def test_either_a_vocabulary_or_a_tokenizer(tmp_path: Path) -> None:
    path = write_vocab(tmp_path)
    for pair in ((None, None), (path, path)):
        with pytest.raises(UsageError, match="either --vocab"):
            open_encoder(*pair, lowercase=True)


def test_cased_is_refused_where_it_would_be_ignored(tmp_path: Path) -> None:
    train_byte_bpe(tmp_path / "tokenizer.json")
    with pytest.raises(UsageError, match="--cased"):
        open_encoder(None, tmp_path / "tokenizer.json", lowercase=False)


@pytest.mark.parametrize("name", ["tokenizer.json", "spiece.model"])
def test_a_damaged_tokenizer_is_named(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"{}")
    with pytest.raises(DataError, match="not a ") as caught:
        open_encoder(None, tmp_path / name, lowercase=True)
    assert caught.value.where == str(tmp_path / name)
    shutil.rmtree(tmp_path)
    with pytest.raises(UsageError, match="no such tokenizer"):
        open_encoder(None, tmp_path / name, lowercase=True)
