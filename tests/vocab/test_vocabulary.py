from __future__ import annotations

import functools
from pathlib import Path

import pytest
from tokenizers import Tokenizer

from corpuskit.errors import DataError
from corpuskit.vocab.merge import MergeOptions, merge_vocabulary
from corpuskit.vocab.vocabulary import (
    SPECIALS,
    build_tokenizer,
    fingerprint,
    load_vocabulary,
    save_tokenizer_json,
    save_vocabulary,
)
from tests.vocab.corpora import SCRIPTS, fuzz, sample_texts

PIECES = ["▁the", "ing", "▁of", "ed", "▁The"]


@functools.cache
def vocabulary(lowercase: bool) -> list[str]:
    characters = dict.fromkeys("，。；：“”《》、ж😊か", 1000)
    return merge_vocabulary(characters, PIECES, MergeOptions(200, lowercase))


def test_there_and_back(tmp_path: Path) -> None:
    save_vocabulary(tmp_path / "vocab.txt", vocabulary(True))
    assert load_vocabulary(tmp_path / "vocab.txt") == vocabulary(True)
    assert (tmp_path / "vocab.txt").read_bytes().count(b"\n") == len(vocabulary(True))


@pytest.mark.parametrize("name", ["bert_base_chinese_vocab_21128.txt", "ernie_1.0_zh_vocab.txt"])
def test_published_vocabularies(name: str, shared_data: Path) -> None:
    lines = (shared_data / "vocab" / name).read_text(encoding="utf-8").split("\n")
    assert [*load_vocabulary(shared_data / "vocab" / name), ""] == lines


@pytest.mark.parametrize("text", ["[UNK]\na\nb", "[UNK]\r\na\r\nb\r\n", "\ufeff[UNK]\na\nb\n"])
def test_line_ends_and_byte_order_mark(text: str, tmp_path: Path) -> None:
    (tmp_path / "vocab.txt").write_bytes(text.encode())
    assert load_vocabulary(tmp_path / "vocab.txt") == ["[UNK]", "a", "b"]


def test_strange_line_ends_are_characters(tmp_path: Path) -> None:
    (tmp_path / "vocab.txt").write_bytes("[UNK]\na\u2028b\nc\x85\n\x0c\n".encode())
    assert load_vocabulary(tmp_path / "vocab.txt") == ["[UNK]", "a\u2028b", "c\x85", "\x0c"]


@pytest.mark.parametrize(
    ("text", "what", "line"),
    [
        ("[UNK]\n$\na\n$\n", "'\\$' stands on lines 2 and 4", ":4"),
        ("[UNK]\n\na\n", "an empty line", ":2"),
        ("[UNK]\na\n\n", "an empty line", ":3"),
        ("", "an empty line", ":1"),
        ("[PAD]\na\n", r"has no \[UNK\]", ""),
    ],
)
def test_a_bad_vocabulary_is_refused(text: str, what: str, line: str, tmp_path: Path) -> None:
    path = tmp_path / "vocab.txt"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=what) as caught:
        load_vocabulary(path)
    assert caught.value.where == f"{path}{line}"


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "bad.txt").write_bytes(b"[UNK]\n\xff\n")
    for name in ("bad.txt", "none.txt"):
        with pytest.raises(DataError) as caught:
            load_vocabulary(tmp_path / name)
        assert caught.value.where == str(tmp_path / name)


def test_the_fingerprint_knows_tokens_order_and_case() -> None:
    prints = {
        fingerprint(["[UNK]", "a", "b"], lowercase=True),
        fingerprint(["[UNK]", "b", "a"], lowercase=True),
        fingerprint(["[UNK]", "ab"], lowercase=True),
        fingerprint(["[UNK]", "a", "b"], lowercase=False),
    }
    assert len(prints) == 4


TEXTS = (SCRIPTS, "[MASK] [mask]a[SEP]", "the The going", "", *fuzz(20, 100))


@pytest.mark.parametrize("lowercase", [True, False])
def test_tokenizer_json_in_tokenizers(lowercase: bool, sample: Path, tmp_path: Path) -> None:
    tokens = vocabulary(lowercase)
    save_tokenizer_json(tmp_path / "tokenizer.json", tokens, lowercase=lowercase)
    loaded = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    built = build_tokenizer(tokens, lowercase=lowercase)
    assert [loaded.id_to_token(index) for index in range(len(tokens))] == tokens
    for text in (*TEXTS, *sample_texts(sample, 3)):
        assert loaded.encode(text).ids == built.encode(text).ids
        assert loaded.encode(text, "国").type_ids == built.encode(text, "国").type_ids


@pytest.mark.parametrize("lowercase", [True, False])
@pytest.mark.parametrize("kind", ["PreTrainedTokenizerFast", "BertTokenizerFast"])
def test_tokenizer_json_in_transformers(
    kind: str, lowercase: bool, sample: Path, tmp_path: Path
) -> None:
    transformers = pytest.importorskip("transformers")
    save_tokenizer_json(tmp_path / "tokenizer.json", vocabulary(lowercase), lowercase=lowercase)
    path = str(tmp_path / "tokenizer.json")
    options = {"do_lower_case": lowercase} if kind == "BertTokenizerFast" else {}
    loaded = getattr(transformers, kind)(tokenizer_file=path, **options)
    built = build_tokenizer(vocabulary(lowercase), lowercase=lowercase)
    for text in (*TEXTS, *sample_texts(sample, 2)):
        assert loaded(text)["input_ids"] == built.encode(text).ids


def test_special_tokens_in_text_are_text_without_specials() -> None:
    raw = build_tokenizer(vocabulary(True), specials=False)
    framed = build_tokenizer(vocabulary(True))
    assert raw.encode("[MASK]").tokens[0] != "[MASK]"
    assert set(raw.encode("".join(SPECIALS)).tokens).isdisjoint(
        {"[PAD]", "[CLS]", "[SEP]", "[MASK]"}
    )
    assert framed.encode("[MASK]").tokens == ["[CLS]", "[MASK]", "[SEP]"]


def test_long_words_are_unknown() -> None:
    tokenizer = build_tokenizer(vocabulary(True), specials=False)
    assert len(tokenizer.encode("a" * 100).tokens) == 100
    assert tokenizer.encode("a" * 101).tokens == ["[UNK]"]
