"""Ids back into text: documents, sentences, and samples with their masks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpuskit.errors import DataError, UsageError
from corpuskit.index.cache import open_array
from corpuskit.index.format import IndexedDataset
from corpuskit.index.maps import map_request
from corpuskit.index.masking import MaskedBatcher, MaskingOptions
from corpuskit.index.sidecar import Sidecar, read_sidecar
from corpuskit.vocab.unicode import is_cjk, is_punctuation
from corpuskit.vocab.vocabulary import CLS, MASK, PAD, SEP, load_vocabulary


class Decoder:
    """Turns ids into tokens and tokens into text.

    Args:
        tokens: The base vocabulary, by id.
        sidecar: Of the data; tells the continuation ids.
    """

    def __init__(self, tokens: Sequence[str], sidecar: Sidecar | None) -> None:
        self.tokens = list(tokens)
        self.base_size = len(tokens)
        extra = sidecar.continuation if sidecar else None
        if extra:
            self.tokens += [""] * (extra.first - len(self.tokens))
            self.tokens[extra.first :] = ["##" + tokens[base] for base in extra.base_ids]

    def token(self, id: int) -> str:
        """The token of an id; raises ``DataError`` for an id outside the vocabulary."""
        if not 0 <= id < len(self.tokens):
            what = f"id {id:,} is not in the vocabulary of {len(self.tokens):,} tokens"
            raise DataError(what, hint="is this the vocabulary that made the ids?")
        return self.tokens[id]

    def id(self, token: str) -> int:
        """The id of a token; raises ``UsageError`` where the vocabulary lacks it."""
        if token not in self.tokens:
            raise UsageError(f"the vocabulary has no {token}")
        return self.tokens.index(token)

    def words(self, ids: Iterable[int]) -> list[str]:
        """Tokens with the continuations joined to what they continue."""
        words: list[str] = []
        for token in map(self.token, ids):
            if words and _continues(token):
                words[-1] += token[2:]
            else:
                words.append(token)
        return words

    def text(self, ids: Iterable[int]) -> str:
        """Readable text: a space between two words, none where one is Chinese."""
        text = ""
        for word in self.words(ids):
            glued = not text or _unspaced(text[-1]) or _unspaced(word[0])
            text += word if glued else f" {word}"
        return text


def _unspaced(char: str) -> bool:
    return is_cjk(char) or (is_punctuation(char) and not char.isascii())


def _continues(token: str) -> bool:
    return len(token) > 2 and token.startswith("##")


def open_decoder(prefix: str | Path, vocab: str | Path | None) -> Decoder:
    """A decoder for a data set; without ``vocab`` the file that the sidecar names.

    Raises:
        UsageError: No vocabulary is known.
    """
    sidecar = read_sidecar(prefix)
    if vocab is None and sidecar and Path(sidecar.vocab).is_file():
        vocab = sidecar.vocab
    if vocab is None:
        what = "no vocabulary is known for these ids"
        raise UsageError(what, where=f"{prefix}.idx", hint="name it: --vocab vocab.txt")
    tokens = load_vocabulary(vocab)
    if sidecar and len(tokens) != sidecar.vocab_size:
        what = f"{len(tokens):,} tokens, the ids were made with {sidecar.vocab_size:,}"
        raise UsageError(what, where=vocab, hint=f"the sidecar names {sidecar.vocab}")
    return Decoder(tokens, sidecar)


def document_sentences(dataset: IndexedDataset, document: int) -> list[NDArray[np.int64]]:
    """The ids of each sentence of a document.

    Raises:
        UsageError: There is no such document.
    """
    if not 0 <= document < dataset.documents:
        what = f"no document {document:,}: there are {dataset.documents:,}, counted from 0"
        raise UsageError(what, where=dataset.prefix)
    first, stop = dataset.document_index[document : document + 2]
    return [dataset[sentence] for sentence in range(first, stop)]


def one_sentence(dataset: IndexedDataset, sentence: int) -> NDArray[np.int64]:
    """The ids of a sentence; raises ``UsageError`` where there is no such sentence."""
    if not 0 <= sentence < len(dataset):
        what = f"no sentence {sentence:,}: there are {len(dataset):,}, counted from 0"
        raise UsageError(what, where=dataset.prefix)
    return dataset[sentence]


@dataclass(frozen=True)
class SampleToken:
    """One column of a sample.

    Attributes:
        text: What the model sees.
        label: What it has to predict, or ``None``.
        segment: 0 or 1.
    """

    text: str
    label: str | None
    segment: int


@dataclass(frozen=True)
class DecodedSample:
    """A sample without its padding; ``swapped`` is its sentence order label."""

    tokens: list[SampleToken]
    swapped: bool


def decode_sample(batcher: MaskedBatcher, index: int, decoder: Decoder) -> DecodedSample:
    """What the model sees of sample ``index``, and what it has to predict.

    Raises:
        UsageError: There is no such sample.
    """
    if not 0 <= index < len(batcher):
        raise UsageError(f"no sample {index:,}: there are {len(batcher):,}, counted from 0")
    batch = batcher(np.array([index]))
    labels = dict(zip(batch["masked_positions"].tolist(), batch["labels"].tolist(), strict=True))
    columns = range(int(batch["lengths"][0]))
    tokens = [
        SampleToken(
            decoder.token(int(batch["input_ids"][0, column])),
            decoder.token(labels[column]) if column in labels else None,
            int(batch["token_type_ids"][0, column]),
        )
        for column in columns
    ]
    return DecodedSample(tokens, bool(batch["sop_labels"][0]))


def masked_batcher(
    prefix: str | Path, map_file: str | Path, decoder: Decoder, *, seed: int, mask_prob: float
) -> MaskedBatcher:
    """A batcher for a map in the cache, with the lengths that the map was built for.

    Raises:
        DataError: The map or the record beside it cannot be read.
        UsageError: The vocabulary lacks a special token.
    """
    request = map_request(Path(map_file))
    options = MaskingOptions(
        seed=seed,
        max_seq_length=request.max_seq_length,
        mask_prob=mask_prob,
        sop=request.min_sentences > 1,
        cls_id=decoder.id(CLS),
        sep_id=decoder.id(SEP),
        mask_id=decoder.id(MASK),
        pad_id=decoder.id(PAD),
        vocab_size=decoder.base_size,
    )
    return MaskedBatcher(IndexedDataset(prefix), open_array(Path(map_file)), options)
