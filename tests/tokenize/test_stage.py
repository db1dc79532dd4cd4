from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from corpuskit.errors import UsageError
from corpuskit.index.sidecar import read_sidecar
from corpuskit.segment.sentences import split_default
from corpuskit.segment.stage import SegmentStage
from corpuskit.tokenize.encoder import WordPieceEncoder
from corpuskit.tokenize.stage import TokenizeStage
from corpuskit.vocab.unicode import is_basic_cjk
from corpuskit.vocab.vocabulary import build_tokenizer, save_vocabulary
from corpuskit.work import RunOptions, run
from tests.conftest import Cli
from tests.tokenize.corpora import TOKENS, documents_of, tokenize, write_docs, write_vocab
from tests.tokenize.models import CHINESE, ENGLISH, train_byte_bpe, train_sentencepiece
from tests.vocab.corpora import sample_texts

SEP = TOKENS.index("[SEP]")
DOCS = ["研究生命。爱北京，的。", "", "好。\u200b\n\u200b。\n看", "\u3000\n", "\u200b", "北京 abc"]


def ids_of(*tokens: str) -> list[int]:
    """Ids of the tokens, and of the marks ``##中`` behind them."""
    marks = [f"##{token}" for token in TOKENS if is_basic_cjk(token)]
    return [[*TOKENS, *marks].index(token) for token in tokens]


@pytest.fixture
def vocab(tmp_path: Path) -> Path:
    return write_vocab(tmp_path)


def test_documents_and_sentences(vocab: Path, tmp_path: Path) -> None:
    dataset, report = tokenize(
        tmp_path, write_docs(tmp_path, DOCS), vocab=vocab, split_sentences=True
    )
    expected = [
        [[*"研究生命。"], [*"爱北京，的。"]],
        [["好", "。"], ["。"], ["看"]],
        [["北", "京", "a", "##b", "##c"]],
    ]
    assert documents_of(dataset) == [[ids_of(*s) for s in document] for document in expected]
    counts = {"documents": 3, "empty_documents": 3, "sentences": 6, "tokens": 20}
    assert {name: report[name] for name in counts} == counts
    assert report["dtype"] == "uint16"


def test_whole_documents(vocab: Path, tmp_path: Path) -> None:
    dataset, report = tokenize(tmp_path, write_docs(tmp_path, DOCS), vocab=vocab)
    expected = [[*"研究生命。爱北京，的。"], [*"好。。看"], ["北", "京", "a", "##b", "##c"]]
    assert documents_of(dataset) == [[ids_of(*document)] for document in expected]
    assert report["sentences"] == report["documents"] == 3


@pytest.mark.parametrize("split", [True, False])
def test_documents_are_framed(split: bool, vocab: Path, tmp_path: Path) -> None:
    save_vocabulary(vocab, [*TOKENS, "<s>"])
    bos = len(TOKENS)
    docs = ["\u200b。\n\u200b", "\u200b\n好。\n\u200b\n看\n\u200b", "\u200b", "。"]
    dataset, _ = tokenize(
        tmp_path,
        write_docs(tmp_path, docs),
        vocab=vocab,
        split_sentences=split,
        append_eos=True,
        prepend_bos=True,
    )
    stop, good, look = ids_of("。", "好", "看")
    middle = [[bos, good, stop], [look, SEP]] if split else [[bos, good, stop, look, SEP]]
    assert documents_of(dataset) == [[[bos, stop, SEP]], middle, [[bos, stop, SEP]]]
    sidecar = read_sidecar(tmp_path / "out")
    assert sidecar is not None and (sidecar.bos, sidecar.eos) == (bos, SEP)


@pytest.mark.parametrize("flag", ["append_eos", "prepend_bos"])
def test_a_frame_that_the_vocabulary_lacks(flag: str, tmp_path: Path) -> None:
    save_vocabulary(tmp_path / "vocab.txt", ["[UNK]", "a"])
    with pytest.raises(UsageError, match="the vocabulary has none of"):
        TokenizeStage(vocab=tmp_path / "vocab.txt", **{flag: True}).options()


def test_no_documents_at_all(vocab: Path, tmp_path: Path) -> None:
    for name, docs in (("none", []), ("empty", ["", "\u3000", "\u200b"])):
        dataset, report = tokenize(
            tmp_path,
            write_docs(tmp_path, docs, f"{name}.jsonl"),
            name,
            vocab=vocab,
            split_sentences=True,
            whole_word=True,
            segmented=True,
            append_eos=True,
        )
        assert (len(dataset), dataset.documents, dataset.tokens) == (0, 0, 0)
        assert report["documents"] == report["tokens"] == 0


def test_special_tokens_in_text_are_text(vocab: Path, tmp_path: Path) -> None:
    dataset, _ = tokenize(tmp_path, write_docs(tmp_path, ["[MASK]的[SEP]"]), vocab=vocab)
    assert set(dataset[0].tolist()) == set(ids_of("[UNK]", "的"))


@pytest.mark.parametrize("split", [True, False])
@pytest.mark.parametrize("engine", ["jieba", "lac"])
def test_segmented_text_gives_the_ids_of_inline_segmentation(
    engine: str, split: bool, sample: Path, shared_data: Path, tmp_path: Path
) -> None:
    texts = [text[:3_000] for text in sample_texts(sample, 9)] + ["中国  首都\n北京 A B"]
    source = write_docs(tmp_path, texts)
    vocab = shared_data / "vocab" / "ernie_1.0_zh_vocab.txt"
    stage = SegmentStage(engine=engine, to="jsonl")
    run(stage, [source], tmp_path / "words", RunOptions(workers=1))
    options = {"vocab": vocab, "split_sentences": split, "whole_word": True}
    inline, _ = tokenize(tmp_path, source, "inline", engine=engine, **options)
    words = tmp_path / "words" / "in.jsonl.jsonl"
    segmented, _ = tokenize(tmp_path, words, "segmented", segmented=True, **options)
    plain, _ = tokenize(tmp_path, source, "plain", **{**options, "whole_word": False})
    for name in ("ids", "sizes", "document_index"):
        assert np.array_equal(getattr(inline, name), getattr(segmented, name))
    assert np.array_equal(inline.sizes, plain.sizes)
    sidecar = read_sidecar(tmp_path / "inline")
    assert sidecar is not None and sidecar.continuation is not None
    base = np.array([*range(sidecar.vocab_size), *sidecar.continuation.base_ids])
    assert np.array_equal(base[inline.ids], plain.ids)
    marked = (inline.ids >= sidecar.vocab_size).mean()
    assert 0.1 < marked < 0.6


@pytest.mark.parametrize("split", [True, False])
def test_segmented_text_without_marks_is_joined_again(
    split: bool, vocab: Path, tmp_path: Path
) -> None:
    source = write_docs(tmp_path, ["研 究 abc。 \n\u3000\n北   京 a   b\n\n"])
    dataset, _ = tokenize(tmp_path, source, vocab=vocab, segmented=True, split_sentences=split)
    first = ids_of(*"研究", "a", "##b", "##c", "。")
    second = ids_of("北", "京", "a", "b")
    assert documents_of(dataset) == ([[first, second]] if split else [[first + second]])


def test_real_text_equals_the_tokenizer(sample: Path, shared_data: Path, tmp_path: Path) -> None:
    vocab = shared_data / "vocab" / "bert_base_chinese_vocab_21128.txt"
    texts = sample_texts(sample)
    dataset, report = tokenize(
        tmp_path,
        write_docs(tmp_path, texts),
        vocab=vocab,
        split_sentences=True,
        workers=2,
        unit_bytes=1 << 16,
    )
    tokens = WordPieceEncoder(vocab, lowercase=True).tokens
    assert tokens is not None and report["units"] > 2
    tokenizer = build_tokenizer(tokens, specials=False)
    expected = [[tokenizer.encode(s).ids for s in split_default(text)] for text in texts]
    assert documents_of(dataset) == [[ids for ids in document if ids] for document in expected]


@pytest.mark.parametrize("split", [True, False])
def test_hugging_face_and_sentencepiece(split: bool, tmp_path: Path) -> None:
    texts = ["\n".join(ENGLISH[:2]), CHINESE[0] + CHINESE[1]]
    source = write_docs(tmp_path, texts)
    byte_bpe = train_byte_bpe(tmp_path / "tokenizer.json")
    pieces = train_sentencepiece(tmp_path / "pieces.model")
    encoders = {
        "tokenizer.json": lambda text: byte_bpe.encode(text).ids,
        "pieces.model": pieces.encode,
    }
    for name, encode in encoders.items():
        dataset, _ = tokenize(
            tmp_path, source, f"out-{name}", tokenizer=tmp_path / name, split_sentences=split
        )
        entries = [split_default(text) if split else [text] for text in texts]
        assert documents_of(dataset) == [[encode(entry) for entry in doc] for doc in entries]


@pytest.mark.parametrize(
    ("ideographs", "others", "whole_word", "dtype"),
    [
        (1, 65_529, False, "uint16"),  # the largest id is 65,534, then 65,535, then 65,536
        (1, 65_530, False, "uint16"),
        (1, 65_531, False, "int32"),
        (20_902, 44_634 - 20_907, True, "uint16"),
        (20_902, 44_634 - 20_906, True, "int32"),
    ],
)
def test_the_type_of_ids_follows_the_largest(
    ideographs: int, others: int, whole_word: bool, dtype: str, tmp_path: Path
) -> None:
    tokens = [*TOKENS[:5], *(chr(0x4E00 + k) for k in range(ideographs))]
    save_vocabulary(tmp_path / "vocab.txt", [*tokens, *(f"x{k}" for k in range(others))])
    stage = TokenizeStage(vocab=tmp_path / "vocab.txt", whole_word=whole_word)
    assert stage.dtype.name == dtype
    strict = TokenizeStage(vocab=tmp_path / "vocab.txt", whole_word=whole_word, int32=False)
    if dtype == "int32":
        with pytest.raises(UsageError, match="do not fit uint16"):
            strict.options()
    else:
        assert strict.dtype.name == "uint16"


def test_ids_beyond_uint16_arrive(tmp_path: Path) -> None:
    others = [f"x{k}" for k in range(66_000)]
    save_vocabulary(tmp_path / "vocab.txt", [*TOKENS[:5], *others, "末"])
    dataset, report = tokenize(
        tmp_path, write_docs(tmp_path, ["末x65999"]), vocab=tmp_path / "vocab.txt"
    )
    assert dataset[0].tolist() == [66_005, 66_004]
    assert report["dtype"] == dataset.dtype.name == "int32"


def test_the_sidecar(vocab: Path, tmp_path: Path) -> None:
    source = write_docs(tmp_path, DOCS)
    dataset, report = tokenize(
        tmp_path, source, vocab=vocab, split_sentences=True, whole_word=True, segmented=True
    )
    sidecar = read_sidecar(tmp_path / "out")
    assert sidecar is not None and sidecar.continuation is not None
    assert sidecar.vocab_size == sidecar.continuation.first == len(TOKENS)
    ideographs = [index for index, token in enumerate(TOKENS) if is_basic_cjk(token)]
    assert sidecar.continuation.base_ids == ideographs
    pieces = [index for index, token in enumerate(TOKENS) if token.startswith("##")]
    assert [index for start, stop in sidecar.pieces for index in range(start, stop)] == pieces
    assert sidecar.specials == [0, 1, 2, 3, 4]
    assert (sidecar.bos, sidecar.eos, sidecar.dtype) == (None, None, "uint16")
    assert (sidecar.documents, sidecar.sentences) == (dataset.documents, len(dataset))
    assert sidecar.tokens == report["tokens"] == dataset.tokens
    assert sidecar.fingerprint == WordPieceEncoder(vocab, lowercase=True).fingerprint()
    assert sidecar.options["whole word"] and sidecar.options["lowercase"]
    assert sidecar.options["engine"] is None


def test_arrays_of_the_ancestor(vocab: Path, tmp_path: Path) -> None:
    source = write_docs(tmp_path, DOCS)
    options = {"vocab": vocab, "split_sentences": True}
    dataset, _ = tokenize(tmp_path, source, "mmap", **options)
    stage = TokenizeStage(out_format="npy", **options)
    report = run(stage, [source], tmp_path / "npy", RunOptions(workers=1))
    assert sorted(report["outputs"]) == ["npy.json", "npy_ids.npy", "npy_idx.npz"]
    assert np.array_equal(np.load(tmp_path / "npy_ids.npy"), dataset.ids)
    index = np.load(tmp_path / "npy_idx.npz")
    assert np.array_equal(index["lens"], dataset.sizes)
    assert np.array_equal(index["docs"], dataset.document_index)
    assert not list(tmp_path.glob("npy.*mmap*")) + list(tmp_path.glob("npy.bin"))
    again = run(stage, [source], tmp_path / "npy", RunOptions(workers=1))
    assert again == report


def test_units_and_workers_do_not_change_the_ids(sample: Path, vocab: Path, tmp_path: Path) -> None:
    source = write_docs(tmp_path, [*sample_texts(sample, 30), "", "\u3000"])
    written = set()
    for name, workers, unit_bytes in (("one", 1, 1 << 26), ("two", 2, 1 << 15)):
        tokenize(
            tmp_path,
            source,
            name,
            workers=workers,
            unit_bytes=unit_bytes,
            vocab=vocab,
            split_sentences=True,
            append_eos=True,
        )
        suffixes = (".bin", ".idx", ".json")
        written.add(b"".join((tmp_path / f"{name}{suffix}").read_bytes() for suffix in suffixes))
    assert len(written) == 1


def test_the_command(vocab: Path, cli: Cli, tmp_path: Path) -> None:
    write_docs(tmp_path, DOCS)
    words = ["tokenize", "in.jsonl", "-o", "out/ids", "--workers", 1, "--json"]
    report = json.loads(cli(*words, "--vocab", vocab, "--split-sentences", "--append-eos").stdout)
    assert report["documents"] == 3
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "ids.bin",
        "ids.idx",
        "ids.json",
        "ids.report.json",
    ]
    for wrong in (
        [],
        ["--vocab", vocab, "--tokenizer", vocab],
        ["--vocab", vocab, "--cn-engine", "lac"],
        ["--vocab", vocab, "--cn-whole-word", "--cn-split", "--cn-engine", "lac"],
        ["--vocab", vocab, "--prepend-bos"],
    ):
        cli(*words, *wrong, "--overwrite", code=2)
