"""Cutting sources into units."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from corpuskit._native import JsonArrayScanner
from corpuskit.io.compression import read_blocks
from corpuskit.io.units import UNIT_BYTES, Source, Unit

Range = tuple[int, int, int]  # start, stop, bytes on disk


def plan(sources: Sequence[Source], unit_bytes: int = UNIT_BYTES) -> list[Unit]:
    """Cut sources into units of about ``unit_bytes``; every source has at least one.

    The cut is a function of the sources and ``unit_bytes`` alone. JSON Lines and text are
    cut at multiples of ``unit_bytes``, WuDao arrays at the first element after each
    multiple, Parquet between row groups; a compressed file is one unit.

    Raises:
        DataError: A file cannot be read, or a Parquet file has no valid footer.
    """
    ranges = ((source, piece) for source in sources for piece in _ranges(source, unit_bytes))
    return [Unit(index, source, *piece) for index, (source, piece) in enumerate(ranges)]


def _ranges(source: Source, unit_bytes: int) -> Iterator[Range]:
    if source.format == "parquet":
        yield from _row_groups(source, unit_bytes)
        return
    if source.compression != "none" or source.size <= unit_bytes:
        starts = [0]
    elif source.format == "wudao":
        starts = [0, *json_array_cuts(source, unit_bytes)]
    else:
        starts = list(range(0, source.size, unit_bytes))
    for start, stop in zip(starts, [*starts[1:], source.size], strict=True):
        yield start, stop, stop - start


def json_array_cuts(source: Source, unit_bytes: int) -> Iterator[int]:
    """Offsets of the first array element at or after each multiple of ``unit_bytes``."""
    scanner = JsonArrayScanner()
    wanted = unit_bytes
    for block in read_blocks(source.path):
        spans = scanner.feed(block)
        begins = spans[spans[:, 2] == 1, 0]
        while (index := int(begins.searchsorted(wanted))) < len(begins):
            cut = int(begins[index])
            yield cut
            wanted = (cut // unit_bytes + 1) * unit_bytes


def _row_groups(source: Source, unit_bytes: int) -> Iterator[Range]:
    """Runs of row groups, each as short as reaches ``unit_bytes``."""
    from corpuskit.io.parquet import open_parquet  # Arrow is slow to import

    with open_parquet(source.path) as file:
        metadata = file.metadata
    start = size = 0
    for group in range(metadata.num_row_groups):
        row_group = metadata.row_group(group)
        columns = range(row_group.num_columns)
        size += sum(row_group.column(column).total_compressed_size for column in columns)
        if size >= unit_bytes:
            yield start, group + 1, size
            start, size = group + 1, 0
    if start < metadata.num_row_groups or start == 0:
        yield start, metadata.num_row_groups, size
