"""Encoders: text in, flat arrays of ids out, whatever tokenizer stands behind.

WordPiece (``vocab.txt``), Hugging Face (``tokenizer.json`` or a directory that has one) and
SentencePiece models share one small protocol.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from corpuskit.errors import DataError, UsageError
from corpuskit.vocab.vocabulary import SPECIALS, build_tokenizer, fingerprint, load_vocabulary

if TYPE_CHECKING:
    from tokenizers import Tokenizer

EOS_NAMES = ("[SEP]", "</s>", "<|endoftext|>", "<|end_of_text|>", "<eos>", "<|im_end|>")
BOS_NAMES = ("<s>", "<|begin_of_text|>", "<bos>", "<|endoftext|>")


@dataclass(frozen=True)
class Encoded:
    """A batch of encoded texts.

    Attributes:
        ids: int32[T], the ids of all texts one after the other.
        sizes: int32[N], ids of each text.
        starts: int32[T], character offset of each token in its text; None where they were
            not asked for.
    """

    ids: NDArray[np.int32]
    sizes: NDArray[np.int32]
    starts: NDArray[np.int32] | None


class Encoder(Protocol):
    """A tokenizer, ready to encode.

    Attributes:
        name: Where it comes from, for the sidecar.
        vocab_size: One more than the largest id it can give.
        tokens: Its tokens by id where whole-word marks are possible, else None.
    """

    name: str
    vocab_size: int
    tokens: Sequence[str] | None

    def fingerprint(self) -> str: ...

    def encode(self, texts: Sequence[str], *, starts: bool = False) -> Encoded:
        """Encode a batch; special tokens inside a text are text like any other.

        Args:
            starts: Give character offsets too (encoders with ``tokens``).
        """
        ...

    def token_id(self, names: Sequence[str]) -> int | None:
        """Id of the first of ``names`` that is a token."""
        ...

    def special_ids(self) -> list[int]:
        """Ids that stand for no text, the unknown token among them."""
        ...


def open_encoder(vocab: Path | None, tokenizer: Path | None, *, lowercase: bool) -> Encoder:
    """The encoder of ``--vocab`` or ``--tokenizer``.

    Raises:
        UsageError: None or both were given, or the path holds no tokenizer.
    """
    if (vocab is None) == (tokenizer is None):
        raise UsageError("give either --vocab vocab.txt or --tokenizer PATH")
    if vocab is not None:
        return WordPieceEncoder(vocab, lowercase=lowercase)
    assert tokenizer is not None
    return _open_tokenizer(tokenizer, lowercase=lowercase)


def _open_tokenizer(path: Path, *, lowercase: bool) -> Encoder:
    if path.is_dir():
        for name in ("tokenizer.json", "tokenizer.model", "spiece.model", "vocab.txt"):
            if (path / name).is_file():
                return _open_tokenizer(path / name, lowercase=lowercase)
        raise UsageError(
            "no tokenizer in the directory",
            where=path,
            hint="it must hold tokenizer.json, tokenizer.model, spiece.model or vocab.txt",
        )
    if not path.is_file():
        raise UsageError("no such tokenizer", where=path)
    if path.suffix not in (".json", ".model"):
        return WordPieceEncoder(path, lowercase=lowercase)
    if not lowercase:
        raise UsageError("--cased is for vocab.txt; this tokenizer knows its own case", where=path)
    return HuggingFaceEncoder(path) if path.suffix == ".json" else SentencePieceEncoder(path)


def _encode_batch(tokenizer: Tokenizer, texts: Sequence[str], starts: bool = False) -> Encoded:
    encode = tokenizer.encode_batch if starts else tokenizer.encode_batch_fast
    encodings = encode(list(texts), add_special_tokens=False)
    ids = [encoding.ids for encoding in encodings]
    if not starts:
        return _flat(ids)
    offsets = (encoding.offsets for encoding in encodings)
    return _flat(ids, (start for of_text in offsets for start, _ in of_text))


def _flat(ids: Sequence[Sequence[int]], starts: Iterable[int] | None = None) -> Encoded:
    sizes = np.fromiter(map(len, ids), np.int32, len(ids))
    total = int(sizes.sum())
    flat = np.fromiter(chain.from_iterable(ids), np.int32, total)
    return Encoded(flat, sizes, None if starts is None else np.fromiter(starts, np.int32, total))


class WordPieceEncoder:
    """BERT's tokenizer over a ``vocab.txt``."""

    def __init__(self, path: Path, *, lowercase: bool) -> None:
        self.name = str(path)
        self.tokens: Sequence[str] | None = load_vocabulary(path)
        self.vocab_size = len(self.tokens)
        self._lowercase = lowercase
        self._ids = {token: index for index, token in enumerate(self.tokens)}
        self._tokenizer = build_tokenizer(self.tokens, lowercase=lowercase, specials=False)

    def fingerprint(self) -> str:
        assert self.tokens is not None
        return fingerprint(self.tokens, lowercase=self._lowercase)

    def encode(self, texts: Sequence[str], *, starts: bool = False) -> Encoded:
        return _encode_batch(self._tokenizer, texts, starts)

    def token_id(self, names: Sequence[str]) -> int | None:
        return next((self._ids[name] for name in names if name in self._ids), None)

    def special_ids(self) -> list[int]:
        return sorted(self._ids[token] for token in SPECIALS if token in self._ids)


class HuggingFaceEncoder:
    """A ``tokenizer.json``."""

    tokens: Sequence[str] | None = None

    def __init__(self, path: Path) -> None:
        from tokenizers import Tokenizer

        self.name = str(path)
        self._path = path
        try:
            self._tokenizer = Tokenizer.from_file(str(path))
        except Exception as error:  # the library raises bare Exception
            raise DataError(f"not a tokenizer.json: {error}", where=path) from None
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._tokenizer.encode_special_tokens = True
        self._ids = self._tokenizer.get_vocab(with_added_tokens=True)
        self.vocab_size = max(self._ids.values()) + 1

    def fingerprint(self) -> str:
        return hashlib.blake2b(self._path.read_bytes(), digest_size=16).hexdigest()

    def encode(self, texts: Sequence[str], *, starts: bool = False) -> Encoded:
        return _encode_batch(self._tokenizer, texts, starts)

    def token_id(self, names: Sequence[str]) -> int | None:
        return next((self._ids[name] for name in names if name in self._ids), None)

    def special_ids(self) -> list[int]:
        added: dict[int, Any] = self._tokenizer.get_added_tokens_decoder()
        return sorted(index for index, token in added.items() if token.special)


class SentencePieceEncoder:
    """A SentencePiece ``.model``."""

    tokens: Sequence[str] | None = None

    def __init__(self, path: Path) -> None:
        import sentencepiece

        self.name = str(path)
        self._path = path
        try:
            self._model = sentencepiece.SentencePieceProcessor(model_file=str(path))
        except (OSError, RuntimeError) as error:
            raise DataError(f"not a SentencePiece model: {error}", where=path) from None
        self.vocab_size = self._model.get_piece_size()

    def fingerprint(self) -> str:
        return hashlib.blake2b(self._path.read_bytes(), digest_size=16).hexdigest()

    def encode(self, texts: Sequence[str], *, starts: bool = False) -> Encoded:
        return _flat(self._model.encode(list(texts), out_type=int, num_threads=1))

    def token_id(self, names: Sequence[str]) -> int | None:
        unknown = self._model.unk_id()
        ids = (self._model.piece_to_id(name) for name in names)
        return next((index for index in ids if index != unknown), None)

    def special_ids(self) -> list[int]:
        model = self._model
        return [i for i in range(self.vocab_size) if model.is_control(i) or model.is_unknown(i)]
