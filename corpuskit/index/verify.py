"""Is a data set what its files say it is? Every fault comes with its remedy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpuskit.console import Progress, console
from corpuskit.errors import DataError
from corpuskit.index.format import index_arrays, map_bytes
from corpuskit.index.layout import REWRITE, Header, read_header
from corpuskit.index.sidecar import Sidecar, read_sidecar, sidecar_path

_CHUNK = 1 << 20
_NEW_SIDECAR = "the sidecar is of other ids: put the right one beside them, or tokenize again"
_NEW_INDEX = "the index is damaged: copy it again, or write it again with `corpuskit tokenize`"


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong.

    Attributes:
        what: One line.
        where: The file.
        hint: What to do about it.
    """

    what: str
    where: str
    hint: str


@dataclass(frozen=True)
class _Index:
    path: Path
    header: Header
    sizes: NDArray[np.int32]
    pointers: NDArray[np.int64]
    document_index: NDArray[np.int64]


def verify(prefix: str | Path, *, deep: bool = False) -> list[Fault]:
    """Check a data set.

    All of the index and the sidecar are checked always. ``deep`` reads every id as well:
    about as long as reading the file takes.

    Args:
        prefix: Path without ``.bin`` and ``.idx``.
        deep: Check that every id is in the vocabulary.

    Returns:
        All faults; empty where there are none.
    """
    try:
        index = _open(Path(f"{prefix}.idx"))
        raw = map_bytes(Path(f"{prefix}.bin"))
    except DataError as error:
        return [Fault(error.what, error.where or str(prefix), error.hint or REWRITE)]
    faults = list(_check_index(index, raw.size, Path(f"{prefix}.bin")))
    try:
        sidecar = read_sidecar(prefix)
    except DataError as error:
        sidecar = None
        faults.append(Fault(error.what, str(sidecar_path(prefix)), error.hint or _NEW_SIDECAR))
    if sidecar:
        faults += [
            Fault(what, str(sidecar_path(prefix)), _NEW_SIDECAR)
            for what in _check_sidecar(sidecar, index)
        ]
    if deep:
        faults += _check_ids(prefix, index, raw, sidecar)
    return faults


def _open(path: Path) -> _Index:
    header = read_header(path)
    raw = map_bytes(path)
    if raw.size < header.idx_bytes:
        what = f"truncated: {raw.size:,} bytes where its header needs {header.idx_bytes:,}"
        raise DataError(what, where=path, hint=REWRITE)
    return _Index(path, header, *index_arrays(raw, header))


# ---- the index


def _check_index(index: _Index, bin_bytes: int, bin_path: Path) -> Iterator[Fault]:
    extra = index.path.stat().st_size - index.header.idx_bytes
    if extra:
        yield Fault(f"{extra:,} bytes too many after the index", str(index.path), _NEW_INDEX)
    wrong = _wrong_sentences(index) or _wrong_documents(index)
    if wrong:
        yield Fault(wrong, str(index.path), _NEW_INDEX)
    elif bin_bytes != (total := _total_bytes(index)):
        kind = "truncated" if bin_bytes < total else "too long"
        what = f"{kind}: {bin_bytes:,} bytes where the sizes add up to {total:,}"
        yield Fault(
            what, str(bin_path), "the .bin and the .idx do not belong together, or " + REWRITE
        )


def _total_bytes(index: _Index) -> int:
    if not len(index.sizes):
        return 0
    return int(index.pointers[-1]) + int(index.sizes[-1]) * index.header.dtype.itemsize


def _wrong_sentences(index: _Index) -> str | None:
    """The first sentence with an impossible size or a pointer that is not the sum before it."""
    end = 0
    for start in range(0, len(index.sizes), _CHUNK):
        sizes = index.sizes[start : start + _CHUNK]
        if sizes.min() < 0:
            at = int(np.argmax(sizes < 0))
            return f"sentence {start + at:,} has {sizes[at]:,} tokens"
        ends = end + np.cumsum(sizes, dtype=np.int64) * index.header.dtype.itemsize
        expected = np.concatenate([[end], ends[:-1]])
        found = index.pointers[start : start + _CHUNK]
        if (differs := expected != found).any():
            at = int(np.argmax(differs))
            return (
                f"sentence {start + at:,} begins at byte {found[at]:,}, "
                f"the sizes before it add up to {expected[at]:,}"
            )
        end = int(ends[-1])
    return None


def _wrong_documents(index: _Index) -> str | None:
    borders, sentences = index.document_index, len(index.sizes)
    if not len(borders) or borders[0] != 0:
        return "the document index does not begin with 0"
    for start in range(0, len(borders) - 1, _CHUNK):
        steps = np.diff(borders[start : start + _CHUNK + 1])
        if steps.min() < 0:
            at = start + int(np.argmax(steps < 0))
            return f"document {at:,} ends before it begins: {borders[at]:,} to {borders[at + 1]:,}"
    if borders[-1] != sentences:
        return f"the last document ends with sentence {borders[-1]:,} of {sentences:,}"
    return None


# ---- the sidecar


def _check_sidecar(sidecar: Sidecar, index: _Index) -> Iterator[str]:
    counts = {
        "documents": len(index.document_index) - 1,
        "sentences": len(index.sizes),
        "tokens": _total_bytes(index) // index.header.dtype.itemsize,
        "dtype": index.header.dtype.name,
    }
    for key, value in counts.items():
        if getattr(sidecar, key) != value:
            yield f"{key} is {getattr(sidecar, key)} here and {value} in the index"
    if sidecar.max_id > np.iinfo(index.header.dtype).max:
        yield f"ids up to {sidecar.max_id:,} do not fit {index.header.dtype.name}"
    extra = sidecar.continuation
    if extra and extra.first < sidecar.vocab_size:
        yield f"continuation ids from {extra.first:,} overlap the {sidecar.vocab_size:,} base ids"
    if extra and len(extra.base_ids) != extra.count:
        yield f"{extra.count:,} continuation ids but {len(extra.base_ids):,} base ids for them"
    if extra and not all(0 <= base < sidecar.vocab_size for base in extra.base_ids):
        yield "a continuation id stands for an id outside the base vocabulary"


# ---- the ids


def _check_ids(
    prefix: str | Path, index: _Index, raw: NDArray[np.uint8], sidecar: Sidecar | None
) -> list[Fault]:
    size = index.header.dtype.itemsize
    ids = raw[: raw.size // size * size].view(index.header.dtype)
    with console.progress(ids.nbytes, "verify") as bar:
        at = _first_outside(ids, sidecar, bar)
    if at is None:
        return []
    sentence = int(np.searchsorted(index.pointers, at * size, "right")) - 1
    what = f"id {ids[at]:,} in sentence {sentence:,} is not in the vocabulary"
    hint = "the ids were made with another vocabulary than the sidecar says: tokenize again"
    return [Fault(what, f"{prefix}.bin", hint)]


def _first_outside(ids: NDArray[Any], sidecar: Sidecar | None, bar: Progress) -> int | None:
    """The first position that holds an impossible id; without a sidecar, a negative one."""
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        outside = chunk < 0
        if sidecar:
            outside |= chunk > sidecar.max_id
            if sidecar.continuation:
                gap = (chunk >= sidecar.vocab_size) & (chunk < sidecar.continuation.first)
                outside |= gap
        if outside.any():
            return start + int(np.argmax(outside))
        bar.update(chunk.nbytes)
    return None
