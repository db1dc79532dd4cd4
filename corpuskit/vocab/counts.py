"""Count files: tab-separated, most frequent first, ties in code point order.

A word line is ``word TAB count``. A character line is ``U+4E2D TAB count TAB 中``; the
third column is left empty for characters that cannot be shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from corpuskit.errors import DataError
from corpuskit.io.files import atomic_write


def by_frequency(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Most frequent first; a total order, so that equal corpora give equal files."""
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def write_characters(path: Path, counts: Mapping[str, int]) -> None:
    with atomic_write(path) as handle:
        for char, count in by_frequency(counts):
            shown = char if char.isprintable() and not char.isspace() else ""
            handle.write(f"U+{ord(char):04X}\t{count}\t{shown}\n".encode())


def read_characters(path: str | Path) -> dict[str, int]:
    """Counts by character."""
    counts: dict[str, int] = {}
    for where, fields in _rows(Path(path)):
        try:
            char = chr(int(fields[0].removeprefix("U+"), 16))
            char.encode()  # refuses surrogates
            counts[char] = int(fields[1])
        except (ValueError, IndexError, OverflowError):
            raise DataError(
                "expected `U+4E2D TAB count TAB character`",
                where=where,
                hint="make the file with `corpuskit vocab chars`",
            ) from None
    return counts


def write_words(path: Path, counts: Iterable[tuple[str, int]]) -> None:
    with atomic_write(path) as handle:
        for word, count in counts:
            handle.write(f"{word}\t{count}\n".encode())


def read_pieces(path: str | Path) -> list[str]:
    """The pieces of a SentencePiece ``.vocab`` file (``piece TAB score``), in order."""
    pieces = []
    for where, fields in _rows(Path(path)):
        if len(fields) != 2:
            raise DataError("expected `piece TAB score`", where=where)
        pieces.append(fields[0])
    return pieces


def _rows(path: Path) -> Iterator[tuple[str, list[str]]]:
    try:
        with path.open(encoding="utf-8", newline="\n") as lines:
            for number, line in enumerate(lines, start=1):
                yield f"{path}:{number}", line.rstrip("\n").split("\t")
    except UnicodeDecodeError as error:
        raise DataError(f"not UTF-8: {error.reason}", where=path) from None
    except OSError as error:
        raise DataError(error.strerror or str(error), where=path) from None
