"""Token ids on disk, and the samples that training reads from them."""

from corpuskit.index.format import IndexedDataset

__all__ = ["IndexedDataset"]
