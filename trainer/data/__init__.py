"""Batches out of indexed data: the thin torch side of ``corpuskit.index``."""
