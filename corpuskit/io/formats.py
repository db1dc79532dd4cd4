"""The formats and compressions that can be read."""

from __future__ import annotations

FORMATS = ("jsonl", "wudao", "clue", "txt", "parquet")
COMPRESSIONS = ("none", "gz", "zst", "xz")
