"""The vocabulary behind a data set, as far as training needs it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from corpuskit.errors import UsageError
from corpuskit.index.sidecar import Sidecar, read_sidecar
from corpuskit.vocab.vocabulary import CLS, MASK, PAD, SEP, fingerprint, load_vocabulary
from trainer.config import Config


@dataclass(frozen=True)
class Vocabulary:
    """Tokens by id, and whether text is lower-cased before the look-up."""

    tokens: list[str]
    lowercase: bool
    path: Path

    def id(self, token: str) -> int:
        """
        Raises:
            UsageError: The vocabulary lacks the token.
        """
        if token not in self.tokens:
            raise UsageError(f"the vocabulary has no {token}", where=self.path)
        return self.tokens.index(token)

    def masking_ids(self) -> dict[str, int]:
        """Ids of the tokens that masked samples are framed and filled with."""
        names = {"cls_id": CLS, "sep_id": SEP, "mask_id": MASK, "pad_id": PAD}
        return {name: self.id(token) for name, token in names.items()}


def find_vocabulary(prefix: str, given: str | None) -> Vocabulary:
    """The ``vocab.txt`` of a data set: the given one, else the one that its sidecar names.

    Raises:
        UsageError: There is none, or it is not the one that the data were encoded with.
    """
    sidecar = read_sidecar(prefix)
    path = Path(given) if given else _from_sidecar(prefix, sidecar)
    lowercase = bool(sidecar.options.get("lowercase", True)) if sidecar else True
    tokens = load_vocabulary(path)
    if sidecar and fingerprint(tokens, lowercase=lowercase) != sidecar.fingerprint:
        raise UsageError(
            "the data were not encoded with this vocabulary",
            where=path,
            hint=f"{prefix}.json names {sidecar.vocab} with {sidecar.vocab_size:,} tokens",
        )
    return Vocabulary(tokens, lowercase, path)


def _from_sidecar(prefix: str, sidecar: Sidecar | None) -> Path:
    hint = "name it: --vocab vocab.txt"
    if sidecar is None:
        raise UsageError("no sidecar tells the vocabulary", where=f"{prefix}.json", hint=hint)
    named = Path(sidecar.vocab)
    for path in (named, Path(prefix).parent / named, Path(prefix).parent / named.name):
        if path.is_file():
            return path
    raise UsageError(f"the vocabulary of the data is gone: {named}", where=prefix, hint=hint)


def complete(config: Config, vocabulary: Vocabulary) -> Config:
    """``config`` with the vocabulary's size, rounded up to 8, and its padding id.

    Raises:
        UsageError: The model's ``vocab_size`` is fixed, and too small.
    """
    needed = len(vocabulary.tokens)
    size = config.model.vocab_size or -(-needed // 8) * 8
    if size < needed:
        raise UsageError(
            f"model.vocab_size {size:,} is less than the {needed:,} tokens of the vocabulary",
            where=vocabulary.path,
            hint="--set model.vocab_size=null takes the size from the data",
        )
    return config.replace("model", vocab_size=size, pad_id=vocabulary.masking_ids()["pad_id"])
