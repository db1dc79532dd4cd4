from __future__ import annotations

import json
from pathlib import Path

import pytest

from corpuskit.errors import DataError
from corpuskit.vocab.counts import write_characters
from corpuskit.vocab.merge import MergeOptions, merge_vocabulary, run_merge
from corpuskit.vocab.report import unreachable
from corpuskit.vocab.unicode import is_basic_cjk
from corpuskit.vocab.vocabulary import SPECIALS, build_tokenizer, load_vocabulary

CHARACTERS = {
    "国": 20, "的": 90, "，": 500, "。": 400, "ア": 300, "の": 300, "が": 250, "😊": 220, "ж": 210,
    "Ж": 1, "é": 205, "E": 100, "①": 203, "ａ": 202, "Ａ": 201, "稀": 1, "\u8c48": 2, "\uf900": 1,
    "7": 200, "ß": 204, "\u200b": 900, "\ue000": 900, "\u3000": 900, "\n": 900, "㐀": 260,
    "한": 200, "少": 199, "ř": 199, "ψ": 199, "\u0301": 900, "〇": 240,
}  # fmt: skip
PIECES = [
    "<unk>", "<s>", "</s>", "▁t", "he", "▁the", "▁The", "The", "e", "▁e", ",", "▁,", "(", "##",
    "▁", "中文", "▁中", "a,b", "caf\u00e9", "▁café", "a▁b", "при", "▁straße", "▁a\u0301", "[UNK]",
    "ing", "\u200bx",
]  # fmt: skip


def merged(lowercase: bool = True, size: int | None = None) -> list[str]:
    return merge_vocabulary(CHARACTERS, PIECES, MergeOptions(200, lowercase, size))


def after_ideographs(tokens: list[str]) -> list[str]:
    return tokens[len(SPECIALS) + 20902 :]


def test_the_order(tmp_path: Path) -> None:
    tokens = merged()
    assert tokens[:5] == ["[PAD]", "[CLS]", "[SEP]", "[MASK]", "[UNK]"]
    ideographs = tokens[5 : 5 + 20902]
    assert ideographs[:5] == ["少", "的", "国", "\u8c48", "稀"]
    assert ideographs[5:8] == ["一", "丁", "丂"] and ideographs[-1] == "龥"
    assert all(map(is_basic_cjk, ideographs)) and len(set(ideographs)) == 20902
    rest = after_ideographs(tokens)
    ascii_chars = [char for char in map(chr, range(33, 127)) if not char.isupper()]
    assert [token for token in rest[:104] if len(token) == 1] == ascii_chars
    assert rest[rest.index("z") : 104] == ["z", "##z", "{", "|", "}", "~"]
    assert rest[104:] == [
        "##he", "the", "##при", "straße", "##ing",
        "，", "ａ", "##ａ", "。", "の", "##の", "ア", "##ア", "㐀", "か", "##か", "〇", "##〇",
        "😊", "##😊", "ж", "##ж", "ß", "##ß", "①", "##①",
        "ᄒ", "##ᄒ", "ᅡ", "##ᅡ", "ᆫ", "##ᆫ",
    ]  # fmt: skip


def test_a_cased_vocabulary_keeps_case_and_accents() -> None:
    rest = after_ideographs(merged(lowercase=False))
    for token in ("Z", "##Z", "The", "##The", "café", "##café", "한", "##한", "が", "##é", "Ａ"):
        assert token in rest
    assert "##\u200bx" not in rest and "\uf900" not in rest


@pytest.mark.parametrize("lowercase", [True, False])
def test_every_entry_occurs_once_and_can_be_reached(lowercase: bool) -> None:
    tokens = merged(lowercase)
    assert len(tokens) == len(set(tokens))
    assert unreachable(tokens, lowercase=lowercase) == []


@pytest.mark.parametrize("lowercase", [True, False])
def test_any_character_at_all_gives_entries_that_can_be_reached(lowercase: bool) -> None:
    points = [*range(0x3400), *range(0xA000, 0xD800, 7), *range(0xE000, 0x20000, 23), 0x2B830]
    tokens = merge_vocabulary(
        dict.fromkeys(map(chr, points), 1), [], MergeOptions(1, lowercase, None)
    )
    assert len(tokens) > 40_000
    assert unreachable(tokens, lowercase=lowercase) == []


def test_every_character_kept_can_stand_inside_a_word() -> None:
    tokenizer = build_tokenizer(merged(), specials=False)
    tokens = ["ж", "##ж", "##e", "##ß", "##の", "##①", "##①"]
    assert tokenizer.encode("жжéßの①①").tokens == tokens
    assert tokenizer.encode("㐀㐀国").tokens == ["㐀", "㐀", "国"]


def test_the_size_leaves_out_the_rarest() -> None:
    tokens = merged()
    assert merged(size=len(tokens)) == merged(size=10**6) == tokens
    assert merged(size=len(tokens) - 8) == tokens[:-8]


def test_a_size_that_cannot_hold_what_must_be_there() -> None:
    with pytest.raises(DataError, match="21,016 entries must be") as caught:
        merged(size=20_000)
    assert "--size" in str(caught.value.hint)


def test_the_files(tmp_path: Path) -> None:
    write_characters(tmp_path / "chars.tsv", CHARACTERS)
    pieces = "".join(f"{piece}\t{-rank}\n" for rank, piece in enumerate(PIECES))
    (tmp_path / "pieces.vocab").write_text(pieces, encoding="utf-8")
    options = MergeOptions(200, True, None)
    record = run_merge(
        tmp_path / "chars.tsv", tmp_path / "pieces.vocab", tmp_path / "new" / "vocab", options
    )
    directory = tmp_path / "new" / "vocab"
    assert load_vocabulary(directory / "vocab.txt") == merged()
    assert json.loads((directory / "vocab.json").read_text()) == record
    assert record["tokens"] == len(merged()) and record["ideographs"] == 20902
    assert sorted(path.name for path in directory.iterdir()) == [
        "tokenizer.json",
        "vocab.json",
        "vocab.txt",
    ]
