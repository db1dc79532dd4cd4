"""Fill in the blanks: candidates for every ``[MASK]`` of a sentence."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from corpuskit.errors import DataError, UsageError
from corpuskit.io.files import read_json
from corpuskit.vocab.vocabulary import MASK, build_tokenizer, load_vocabulary
from trainer.export import load_model
from trainer.models.ernie import Ernie

if TYPE_CHECKING:
    from tokenizers import Tokenizer

BATCH = 32


@dataclass(frozen=True)
class Candidate:
    """A token that may stand at a mask."""

    token: str
    probability: float


@dataclass(frozen=True)
class Mask:
    """One mask: its position among the tokens, ``[CLS]`` being 0, and the best tokens."""

    position: int
    candidates: list[Candidate]


@dataclass(frozen=True)
class Filled:
    """A sentence with its masks; ``best`` has the first candidate at each."""

    text: str
    best: str
    masks: list[Mask]

    def to_dict(self) -> dict[str, Any]:
        return dataclasses.asdict(self)


def load_predictor(directory: Path, vocab: Path | None = None) -> tuple[Ernie, Tokenizer]:
    """The model of a run or of an export directory, and the tokenizer of its vocabulary."""
    exported = directory / "model" if (directory / "model").is_dir() else directory
    if (directory / "checkpoints").is_dir() and exported == directory:
        hint = "finish it: the same train command again"
        raise UsageError("the run has not exported its model yet", where=directory, hint=hint)
    model = load_model(exported)
    options = exported / "tokenizer_config.json"
    lowercase = read_json(options)["do_lower_case"] if options.exists() else True
    tokens = load_vocabulary(vocab or exported / "vocab.txt")
    if len(tokens) > (model.config.vocab_size or 0):
        raise UsageError(
            f"{len(tokens):,} tokens, but the model knows {model.config.vocab_size:,}",
            where=vocab,
            hint="give the vocabulary that the model was trained with",
        )
    return model, build_tokenizer(tokens, lowercase=lowercase)


def fill_mask(
    model: Ernie, tokenizer: Tokenizer, sentences: Sequence[str], top_k: int = 5
) -> list[Filled]:
    """The ``top_k`` likeliest tokens at every ``[MASK]``.

    Args:
        tokenizer: Frames with ``[CLS]`` and ``[SEP]``, and knows ``[MASK]``.

    Raises:
        DataError: A sentence has no mask, or is longer than the model's positions.
    """
    filled: list[Filled] = []
    for first in range(0, len(sentences), BATCH):
        filled += _fill_batch(model, tokenizer, sentences[first : first + BATCH], top_k)
    return filled


def _fill_batch(
    model: Ernie, tokenizer: Tokenizer, sentences: Sequence[str], top_k: int
) -> Iterator[Filled]:
    mask_id = tokenizer.token_to_id(MASK)
    rows = [encoding.ids for encoding in tokenizer.encode_batch(list(sentences))]
    for sentence, ids in zip(sentences, rows, strict=True):
        _check(sentence, ids, mask_id, model.config.max_positions)
    ids = _padded(rows, model.config.pad_id)
    lengths = torch.tensor([len(row) for row in rows])
    real = torch.arange(ids.shape[1]) < lengths[:, None]
    places = (ids == mask_id).flatten().nonzero()[:, 0]
    with torch.inference_mode():
        logits = model(ids, torch.zeros_like(ids), places, real).mlm[
            :, : tokenizer.get_vocab_size()
        ]
    top = logits.float().softmax(-1).topk(min(top_k, logits.shape[1]))
    found = zip(places.tolist(), top.values.tolist(), top.indices.tolist(), strict=True)
    masks: list[list[Mask]] = [[] for _ in rows]
    for place, probabilities, tokens in found:
        row, column = divmod(place, ids.shape[1])
        pairs = zip(tokens, probabilities, strict=True)
        best = [Candidate(tokenizer.id_to_token(token), value) for token, value in pairs]
        masks[row].append(Mask(column, best))
    for sentence, found_masks in zip(sentences, masks, strict=True):
        yield Filled(sentence, _with_best(sentence, found_masks), found_masks)


def _check(sentence: str, ids: list[int], mask_id: int, longest: int) -> None:
    if mask_id not in ids:
        raise DataError(f"no {MASK} in the sentence: {sentence[:60]}", hint=f"write {MASK}")
    if len(ids) > longest:
        raise DataError(
            f"{len(ids):,} tokens, the model takes {longest:,}: {sentence[:60]}",
            hint="cut the sentence",
        )


def _padded(rows: Sequence[list[int]], pad: int) -> torch.Tensor:
    width = max(len(row) for row in rows)
    return torch.tensor([row + [pad] * (width - len(row)) for row in rows])


def _with_best(sentence: str, masks: Sequence[Mask]) -> str:
    for mask in masks:
        sentence = sentence.replace(MASK, mask.candidates[0].token.removeprefix("##"), 1)
    return sentence
