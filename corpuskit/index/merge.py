"""Many data sets into one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from corpuskit.console import console
from corpuskit.errors import DataError, UsageError
from corpuskit.index.format import IndexedDataset, IndexWriter
from corpuskit.index.sidecar import Sidecar, read_sidecar

# What must agree before ids may stand in one file, and how to say it.
_SAME = {
    "fingerprint": "tokenizer fingerprint",
    "vocab_size": "vocabulary size",
    "continuation": "continuation ids",
    "pieces": "word pieces",
    "specials": "special ids",
    "bos": "id before each document",
    "eos": "id after each document",
}


def merge(prefixes: Sequence[str | Path], output: str | Path) -> IndexedDataset:
    """Join data sets in the order given; the same as tokenizing all their input at once.

    Memory stays small whatever their size.

    Args:
        prefixes: Two or more data sets.
        output: Prefix of the new one.

    Raises:
        DataError: They differ in dtype, tokenizer or vocabulary; names both and the difference.
        UsageError: The output is one of the inputs.
    """
    if Path(output).absolute() in {Path(prefix).absolute() for prefix in prefixes}:
        raise UsageError("the output is one of the inputs", where=output, hint="another -o")
    datasets = [IndexedDataset(prefix) for prefix in prefixes]
    for dataset in datasets[1:]:
        _check_same(datasets[0], dataset)
    total = sum(dataset.ids.nbytes for dataset in datasets)
    with (
        console.progress(total, "merge") as bar,
        IndexWriter(output, datasets[0].dtype, _joined(datasets)) as writer,
    ):
        for dataset in datasets:
            writer.add_documents(dataset, 0, dataset.documents)
            bar.update(dataset.ids.nbytes, documents=dataset.documents)
    return IndexedDataset(output)


def _check_same(first: IndexedDataset, other: IndexedDataset) -> None:
    if first.dtype != other.dtype:
        raise _differ(first, other, f"dtype: {first.dtype.name} and {other.dtype.name}")
    one, two = read_sidecar(first.prefix), read_sidecar(other.prefix)
    if one is None and two is None:
        return
    if one is None or two is None:
        raise _differ(first, other, f"{(other if one else first).prefix}.json is missing")
    for name, label in _SAME.items():
        left, right = getattr(one, name), getattr(two, name)
        if left != right:
            shown = isinstance(left, str | int | None) and isinstance(right, str | int | None)
            raise _differ(first, other, f"{label}: {left} and {right}" if shown else label)


def _differ(first: IndexedDataset, other: IndexedDataset, difference: str) -> DataError:
    return DataError(
        f"{first.prefix} and {other.prefix} cannot be merged; they differ in {difference}",
        where=f"{other.prefix}.idx",
        hint="tokenize both with the same vocabulary and options",
    )


def _joined(datasets: Sequence[IndexedDataset]) -> Sidecar | None:
    """The first sidecar; options that are not the same everywhere are left out."""
    sidecars = [read_sidecar(dataset.prefix) for dataset in datasets]
    first = sidecars[0]
    if first is None:
        return None
    options = {
        key: value
        for key, value in first.options.items()
        if all(sidecar and sidecar.options.get(key) == value for sidecar in sidecars)
    }
    return replace(first, options=options)
