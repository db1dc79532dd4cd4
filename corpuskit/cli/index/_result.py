"""How commands show the data sets that they wrote."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from corpuskit.console import console

if TYPE_CHECKING:
    from corpuskit.index import IndexedDataset


def show_datasets(datasets: Sequence[IndexedDataset]) -> None:
    """One row or JSON record for each: prefix, documents, sentences, tokens."""
    rows = [[str(d.prefix), d.documents, len(d), d.tokens] for d in datasets]
    columns = ["prefix", "documents", "sentences", "tokens"]
    console.table(columns, rows)
    console.result({"datasets": [dict(zip(columns, row, strict=True)) for row in rows]})
