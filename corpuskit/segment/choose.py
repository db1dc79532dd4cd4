"""Which engine to use where nobody has said: the better one where there is time for it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from corpuskit.console import console
from corpuskit.errors import UsageError
from corpuskit.io.discover import discover
from corpuskit.io.units import Source

AUTO = "auto"
LAC_BYTES = 13 * 10**8  # about an hour of one core
COMPRESSION = 3  # bytes of Chinese text from a byte of gzip


def choose_engine(
    inputs: Sequence[str | Path], format: str = "auto", user_dict: Path | None = None
) -> str:
    """``lac`` for up to 1.3 GB of input, ``jieba`` for more; says so.

    The choice depends on the sizes of the files alone, so that the same command always makes
    the same one. Compressed files and Parquet count three times their size.

    Raises:
        UsageError: There is a dictionary, whose format only one engine can read.
        DataError: As :func:`~corpuskit.io.discover.discover`.
    """
    if user_dict is not None:
        raise UsageError(
            "--engine auto cannot take a dictionary: each engine has its own format",
            where=user_dict,
            hint="name the engine: --engine jieba or --engine lac",
        )
    size = sum(map(_text_bytes, discover(inputs, format)))
    engine = "lac" if size <= LAC_BYTES else "jieba"
    why = "the better words" if engine == "lac" else "the faster engine"
    relation = "at most" if engine == "lac" else "more than"
    console.note(f"engine: {engine}, {why}: {size / 1e9:.2f} GB of text is {relation} 1.3 GB")
    return engine


def _text_bytes(source: Source) -> int:
    packed = source.compression != "none" or source.format == "parquet"
    return source.size * (COMPRESSION if packed else 1)
