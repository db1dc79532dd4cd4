"""One data set into several, by documents."""

from __future__ import annotations

from pathlib import Path

from corpuskit.console import console
from corpuskit.errors import UsageError
from corpuskit.index.format import IndexedDataset, IndexWriter
from corpuskit.index.ranges import PARTS, Range, split_ranges
from corpuskit.index.sidecar import read_sidecar


def split_by_shares(prefix: str | Path, output: str | Path, shares: str) -> list[IndexedDataset]:
    """``OUTPUT-train``, ``OUTPUT-valid``, ``OUTPUT-test``: see ``split_ranges``.

    A part with a share of 0 is not written.
    """
    dataset = IndexedDataset(prefix)
    ranges = split_ranges(shares, dataset.documents)
    named = zip(PARTS, ranges, strict=True)
    return _write(dataset, {f"{output}-{part}": r for part, r in named if r[0] < r[1]})


def split_by_count(prefix: str | Path, output: str | Path, documents: int) -> list[IndexedDataset]:
    """``OUTPUT-00000``, ``OUTPUT-00001``, ...: at most ``documents`` documents each."""
    if documents < 1:
        raise UsageError(f"{documents} documents in a part", hint="one or more")
    dataset = IndexedDataset(prefix)
    starts = range(0, dataset.documents, documents)
    ranges = [(start, min(start + documents, dataset.documents)) for start in starts]
    return _write(dataset, {f"{output}-{n:05}": r for n, r in enumerate(ranges)})


def _write(dataset: IndexedDataset, parts: dict[str, Range]) -> list[IndexedDataset]:
    if str(dataset.prefix) in parts:
        raise UsageError("the output is the input", where=dataset.prefix, hint="another -o")
    sidecar = read_sidecar(dataset.prefix)
    with console.progress(dataset.documents, "split", "documents") as bar:
        for prefix, (start, stop) in parts.items():
            with IndexWriter(prefix, dataset.dtype, sidecar) as writer:
                writer.add_documents(dataset, start, stop)
            bar.update(stop - start)
    return [IndexedDataset(prefix) for prefix in parts]
