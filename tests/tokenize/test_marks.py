from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from corpuskit.errors import UsageError
from corpuskit.segment.words import split_words
from corpuskit.tokenize.encoder import HuggingFaceEncoder, WordPieceEncoder
from corpuskit.tokenize.marks import Marker, continuation_of
from corpuskit.vocab.unicode import is_basic_cjk
from corpuskit.vocab.vocabulary import build_tokenizer
from tests.tokenize.corpora import TOKENS, write_vocab
from tests.tokenize.models import train_byte_bpe


def marked_tokens(sentences: Sequence[Sequence[str]], encoder: WordPieceEncoder) -> list[str]:
    """The marked ids as tokens, continuation ids as ``##中``."""
    continuation = continuation_of(encoder)
    texts = ["".join(words) for words in sentences]
    encoded = encoder.encode(texts, starts=True)
    ids = Marker(continuation, encoder.vocab_size).mark(encoded, sentences)
    assert encoder.tokens is not None
    names = [*encoder.tokens, *(f"##{encoder.tokens[i]}" for i in continuation.base_ids)]
    return [names[index] for index in ids]


def oracle(sentences: Sequence[Sequence[str]], tokens: Sequence[str]) -> list[str]:
    """Mark each ideograph that is not the first character of its word, one by one."""
    tokenizer = build_tokenizer(tokens, specials=False)
    marked = []
    for words in sentences:
        is_first = [place == 0 for word in words for place in range(len(word))]
        encoding = tokenizer.encode("".join(words))
        for token, (start, _) in zip(encoding.tokens, encoding.offsets, strict=True):
            marked.append(token if is_first[start] or not is_basic_cjk(token) else f"##{token}")
    return marked


@pytest.fixture
def encoder(tmp_path: Path) -> WordPieceEncoder:
    return WordPieceEncoder(write_vocab(tmp_path), lowercase=True)


CASES = [
    ("研究 生命 的 研究生", "研 ##究 生 ##命 的 研 ##究 ##生"),
    ("的 的 的确", "的 的 的 [UNK]"),
    ("中华人民共和国 成立", "中 ##华 ##人 ##民 ##共 ##和 ##国 成 ##立"),
    ("卡拉OK 很 好", "卡 ##拉 ok 很 好"),
    ("T恤 好看", "t ##恤 好 ##看"),
    ("10号 北京", "10 ##号 北 ##京"),
    ("〇 一〇一 号", "〇 一 〇 ##一 号"),
    ("研㐀究 a研", "研 [UNK] ##究 a ##研"),
    ("研\U00020000究 生", "研 [UNK] ##究 生"),
    ("研确究 生", "研 [UNK] ##究 生"),
    ("研   究", "研 究"),
    ("研\u200b究 abc", "研 ##究 a ##b ##c"),
    ("中国，北京", "中 ##国 ， ##北 ##京"),
    ("ab研c", "a ##b ##研 c"),
]


@pytest.mark.parametrize(("line", "expected"), CASES)
def test_marks(line: str, expected: str, encoder: WordPieceEncoder) -> None:
    words = split_words(line)
    assert marked_tokens([words], encoder) == expected.split()
    assert oracle([words], TOKENS) == expected.split()


def test_sentences_do_not_mix(encoder: WordPieceEncoder) -> None:
    sentences = [["研究"], [], ["", "生命"], [" "], ["\U00020000"], ["北", "京"]]
    expected = ["研", "##究", "生", "##命", "[UNK]", "北", "京"]
    assert marked_tokens(sentences, encoder) == expected


@pytest.mark.parametrize("sentences", [[], [[]], [[""], []], [["\u3000"]]])
def test_nothing_to_mark(sentences: list[list[str]], encoder: WordPieceEncoder) -> None:
    assert marked_tokens(sentences, encoder) == []


def test_random_words_against_the_oracle(encoder: WordPieceEncoder) -> None:
    rng = random.Random(3)
    alphabet = "研究生命的卡好中国北京，。〇㐀𠀀确aBc10 é\u200b\u3000\n豈"
    for _ in range(100):
        sentences = [
            ["".join(rng.choices(alphabet, k=rng.randint(1, 9))) for _ in range(rng.randint(0, 12))]
            for _ in range(rng.randint(0, 6))
        ]
        assert marked_tokens(sentences, encoder) == oracle(sentences, TOKENS)


@pytest.mark.parametrize("name", ["bert_base_chinese_vocab_21128.txt", "ernie_1.0_zh_vocab.txt"])
def test_hand_segmented_text_against_the_oracle(name: str, shared_data: Path) -> None:
    encoder = WordPieceEncoder(shared_data / "vocab" / name, lowercase=True)
    gold = (shared_data / "gold" / "ud_gsdsimp_dev.txt").read_text(encoding="utf-8")
    sentences = [line.split() for line in gold.splitlines()[:300]]
    assert encoder.tokens is not None
    assert marked_tokens(sentences, encoder) == oracle(sentences, encoder.tokens)


def test_continuations_follow_the_largest_id(encoder: WordPieceEncoder) -> None:
    continuation = continuation_of(encoder)
    ideographs = [token for token in TOKENS if is_basic_cjk(token)]
    assert continuation.first == len(TOKENS)
    assert continuation.count == len(continuation.base_ids) == len(ideographs)
    assert [TOKENS[index] for index in continuation.base_ids] == ideographs
    assert "〇" in TOKENS and "〇" not in ideographs


def test_only_a_word_piece_vocabulary_can_be_marked(tmp_path: Path) -> None:
    train_byte_bpe(tmp_path / "tokenizer.json")
    with pytest.raises(UsageError, match="WordPiece") as caught:
        continuation_of(HuggingFaceEncoder(tmp_path / "tokenizer.json"))
    assert "--vocab" in str(caught.value.hint)
