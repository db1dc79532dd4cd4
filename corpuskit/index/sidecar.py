"""``PREFIX.json``: what the ids in ``PREFIX.bin`` mean.

The ``.bin/.idx`` pair says nothing of the tokenizer that made it. The sidecar does, so that
mixing or training on ids of another vocabulary is an error and not a bad model.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from corpuskit.errors import DataError
from corpuskit.io.files import read_json, write_json

VERSION = 1


@dataclass(frozen=True)
class Continuation:
    """Ids appended after the base vocabulary that mark the inside of a word.

    Id ``first + k`` is the continuation form (``##中``) of the base id ``base_ids[k]``.
    """

    first: int
    count: int
    base_ids: list[int]


@dataclass(frozen=True)
class Sidecar:
    """The contents of ``PREFIX.json``.

    Attributes:
        fingerprint: Hash of the tokenizer; equal fingerprints give equal ids.
        vocab: Path or name of the vocabulary.
        vocab_size: Size of the base vocabulary, that is of the model's embedding.
        continuation: The appended continuation ids, if any.
        pieces: Base ids that continue a word (``##ing``), as [first, last + 1] ranges.
        specials: Base ids of special tokens, ``[UNK]`` among them.
        bos, eos: Id put before or after each document, if any.
        dtype: ``uint16`` or ``int32``.
        documents, sentences, tokens: Counts.
        options: The options of the run that wrote the ids.
    """

    fingerprint: str
    vocab: str
    vocab_size: int
    continuation: Continuation | None = None
    pieces: list[list[int]] = field(default_factory=list)
    specials: list[int] = field(default_factory=list)
    bos: int | None = None
    eos: int | None = None
    dtype: str = ""
    documents: int = 0
    sentences: int = 0
    tokens: int = 0
    options: dict[str, Any] = field(default_factory=dict)
    version: int = VERSION

    @property
    def max_id(self) -> int:
        """The largest id that may occur in the data."""
        if self.continuation and self.continuation.count:
            return self.continuation.first + self.continuation.count - 1
        return self.vocab_size - 1

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_json(record: dict[str, Any], where: str | Path | None = None) -> Sidecar:
        """Read the parsed object; raises ``DataError`` naming what is missing or wrong."""
        if not isinstance(record, dict) or record.get("version") != VERSION:
            raise DataError(
                f"not a sidecar of version {VERSION}",
                where=where,
                hint="write the ids again with `corpuskit tokenize`",
            )
        try:
            extra = record.get("continuation")
            values = {**record, "continuation": Continuation(**extra) if extra else None}
            return Sidecar(**values)
        except TypeError as error:
            text = str(error).replace("Sidecar.__init__() ", "")
            raise DataError(f"damaged sidecar: {text}", where=where) from None


def sidecar_path(prefix: str | Path) -> Path:
    """``PREFIX.json``."""
    return Path(f"{prefix}.json")


def read_sidecar(prefix: str | Path) -> Sidecar | None:
    """The sidecar of a data set; ``None`` where there is none (ids of another tool)."""
    path = sidecar_path(prefix)
    return Sidecar.from_json(read_json(path), path) if path.exists() else None


def write_sidecar(prefix: str | Path, sidecar: Sidecar) -> None:
    """Write ``PREFIX.json`` atomically."""
    write_json(sidecar_path(prefix), sidecar.to_json())


def pieces_as_ranges(ids: list[int]) -> list[list[int]]:
    """Sorted ids as [first, last + 1] ranges.

    >>> pieces_as_ranges([3, 4, 5, 9])
    [[3, 6], [9, 10]]
    """
    ranges: list[list[int]] = []
    for number in ids:
        if ranges and ranges[-1][1] == number:
            ranges[-1][1] += 1
        else:
            ranges.append([number, number + 1])
    return ranges
