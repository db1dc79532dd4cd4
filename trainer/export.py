"""Models in Hugging Face's form: ``config.json``, ``model.safetensors``, ``vocab.txt``.

``transformers`` loads the directory as ``ErnieForPreTraining`` or, for the MLM head alone,
through ``AutoModelForMaskedLM``; ``load_model`` reads it back.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from corpuskit.errors import DataError, UsageError
from corpuskit.io.files import publish, read_json, write_json
from corpuskit.vocab.vocabulary import (
    CLS,
    MASK,
    PAD,
    SEP,
    UNK,
    save_tokenizer_json,
    save_vocabulary,
)
from trainer.config import ModelConfig
from trainer.data.vocabulary import Vocabulary
from trainer.models import FAMILIES
from trainer.models.ernie import Ernie

_EMBEDDING = {
    "embedding.word": "ernie.embeddings.word_embeddings",
    "embedding.position": "ernie.embeddings.position_embeddings",
    "embedding.token_type": "ernie.embeddings.token_type_embeddings",
    "embedding.task_type": "ernie.embeddings.task_type_embeddings",
    "embedding.norm": "ernie.embeddings.LayerNorm",
}
_BLOCK = {
    "attention.output": "attention.output.dense",
    "attention_norm": "attention.output.LayerNorm",
    "feed_forward.expand": "intermediate.dense",
    "feed_forward.contract": "output.dense",
    "feed_forward_norm": "output.LayerNorm",
}
_HEAD = {
    "head.transform": "cls.predictions.transform.dense",
    "head.norm": "cls.predictions.transform.LayerNorm",
    "head.pooler": "ernie.pooler.dense",
    "head.sentence_order": "cls.seq_relationship",
}
_QKV = "attention.query_key_value"
_QKV_PARTS = ("attention.self.query", "attention.self.key", "attention.self.value")
_BIAS, _HF_BIAS = "head.vocabulary_bias", "cls.predictions.bias"


def huggingface_names(name: str) -> list[str]:
    """The Hugging Face names of one of our parameters; three for a fused projection.

    >>> huggingface_names("blocks.3.feed_forward.expand.weight")
    ['ernie.encoder.layer.3.intermediate.dense.weight']
    """
    if name == _BIAS:
        return [_HF_BIAS]
    module, _, kind = name.rpartition(".")
    if module in (plain := {**_EMBEDDING, **_HEAD}):
        return [f"{plain[module]}.{kind}"]
    _, number, inner = module.split(".", 2)
    parts = _QKV_PARTS if inner == _QKV else (_BLOCK[inner],)
    return [f"ernie.encoder.layer.{number}.{part}.{kind}" for part in parts]


def to_huggingface(weights: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Our weights under Hugging Face's names, fused projections cut apart."""
    found = {}
    for name, tensor in weights.items():
        names = huggingface_names(name)
        for part, piece in zip(names, tensor.chunk(len(names)), strict=True):
            found[part] = piece.contiguous()
    return found


def from_huggingface(
    weights: dict[str, torch.Tensor], names: Iterator[str]
) -> dict[str, torch.Tensor]:
    """The inverse of ``to_huggingface`` for the parameters ``names``."""
    return {name: torch.cat([weights[part] for part in huggingface_names(name)]) for name in names}


def huggingface_config(model: ModelConfig) -> dict[str, Any]:
    """The contents of ``config.json``."""
    return {
        "architectures": ["ErnieForPreTraining" if model.sop else "ErnieForMaskedLM"],
        "model_type": "ernie",
        "vocab_size": model.vocab_size,
        "hidden_size": model.hidden_size,
        "num_hidden_layers": model.num_layers,
        "num_attention_heads": model.num_heads,
        "intermediate_size": model.ffn_size,
        "max_position_embeddings": model.max_positions,
        "type_vocab_size": model.type_vocab_size,
        "use_task_id": model.task_type_vocab_size > 0,
        "task_type_vocab_size": model.task_type_vocab_size,
        "pad_token_id": model.pad_id,
        "hidden_act": model.activation,
        "hidden_dropout_prob": model.hidden_dropout,
        "attention_probs_dropout_prob": model.attention_dropout,
        "initializer_range": model.init_std,
        "layer_norm_eps": model.layer_norm_eps,
        "tie_word_embeddings": True,
    }


def model_config(record: dict[str, Any]) -> ModelConfig:
    """Our configuration of a ``config.json``, for inference."""
    return ModelConfig(
        vocab_size=record["vocab_size"],
        hidden_size=record["hidden_size"],
        num_layers=record["num_hidden_layers"],
        num_heads=record["num_attention_heads"],
        ffn_size=record["intermediate_size"],
        max_positions=record["max_position_embeddings"],
        type_vocab_size=record["type_vocab_size"],
        task_type_vocab_size=record["task_type_vocab_size"] if record["use_task_id"] else 0,
        pad_id=record["pad_token_id"],
        activation=record["hidden_act"],
        hidden_dropout=record["hidden_dropout_prob"],
        attention_dropout=record["attention_probs_dropout_prob"],
        init_std=record["initializer_range"],
        layer_norm_eps=record["layer_norm_eps"],
        sop="ErnieForPreTraining" in record["architectures"],
    )


def save_model(
    directory: Path,
    model: ModelConfig,
    weights: dict[str, torch.Tensor],
    vocabulary: Vocabulary,
) -> None:
    """Write the directory aside, then rename it over an older one."""
    aside = directory.with_name(f".{directory.name}.{os.getpid()}.tmp")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    save_file(to_huggingface(weights), aside / "model.safetensors", metadata={"format": "pt"})
    write_json(aside / "config.json", huggingface_config(model))
    save_vocabulary(aside / "vocab.txt", vocabulary.tokens)
    save_tokenizer_json(aside / "tokenizer.json", vocabulary.tokens, lowercase=vocabulary.lowercase)
    write_json(aside / "tokenizer_config.json", _tokenizer_config(model, vocabulary))
    shutil.rmtree(directory, ignore_errors=True)
    publish(aside, directory)


def _tokenizer_config(model: ModelConfig, vocabulary: Vocabulary) -> dict[str, Any]:
    return {
        "tokenizer_class": "BertTokenizer",
        "do_lower_case": vocabulary.lowercase,
        "model_max_length": model.max_positions,
        "pad_token": PAD,
        "cls_token": CLS,
        "sep_token": SEP,
        "mask_token": MASK,
        "unk_token": UNK,
    }


def load_model(directory: Path) -> Ernie:
    """An exported model, in fp32 on the CPU, ready for inference.

    Raises:
        UsageError: There is no model in the directory.
        DataError: A weight is missing.
    """
    if not (directory / "config.json").exists():
        raise UsageError("no exported model here", where=directory)
    weights = load_file(directory / "model.safetensors")
    with torch.device("meta"):
        model = FAMILIES["ernie"](model_config(read_json(directory / "config.json")))
    names = [name for name, _ in model.named_parameters()]
    try:
        model.load_state_dict(from_huggingface(weights, iter(names)), assign=True)
    except KeyError as error:
        raise DataError(f"the weight {error} is missing", where=directory) from None
    return model.eval()
