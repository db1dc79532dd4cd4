"""Finding the input files and what is in them."""

from __future__ import annotations

import difflib
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NoReturn

from corpuskit.errors import DataError, UsageError
from corpuskit.io.compression import DamagedStream, compression_of, read_blocks, unreadable
from corpuskit.io.formats import FORMATS
from corpuskit.io.sniff import HEAD_BYTES, NoText, format_of, refuse_archive
from corpuskit.io.units import Source


def discover(inputs: Sequence[str | Path], format: str = "auto") -> list[Source]:
    """Find all files of the inputs, their compression and their format.

    Directories are walked recursively, links followed, files sorted by name; names that
    begin with a dot are skipped. Compression is decided by content, and so is the format
    where it is ``auto``. Empty files are fine: they hold no documents.

    Args:
        inputs: Files and directories; their order is kept.
        format: ``auto``, ``jsonl``, ``wudao``, ``clue``, ``txt`` or ``parquet``.

    Raises:
        UsageError: Unknown format.
        DataError: An input is missing, unreadable, an empty directory, no text, or given
            twice.
    """
    _check_format(format)
    sources: dict[str, Source] = {}
    names: dict[Path, str] = {}
    for argument in inputs:
        for path, name in _files(Path(argument)):
            if name in sources or path in names:
                _refuse_twice(sources.get(name) or sources[names[path]], path)
            names[path] = name
            sources[name] = _source(path, name, format)
    return list(sources.values())


def describe(sources: Sequence[Source]) -> str:
    """The sources in one line.

    >>> describe([])
    '0 files'
    """
    count = f"{len(sources)} file{'' if len(sources) == 1 else 's'}"
    kinds = Counter((source.format, source.compression) for source in sources)
    words = [
        f"{number} {format}" + (f" ({compression})" if compression != "none" else "")
        for (format, compression), number in sorted(kinds.items())
    ]
    return f"{count}: {', '.join(words)}" if words else count


def _check_format(format: str) -> None:
    known = ("auto", *FORMATS)
    if format not in known:
        close = difflib.get_close_matches(format, known, n=1)
        hint = f"did you mean {close[0]}?" if close else f"one of {', '.join(known)}"
        raise UsageError(f"unknown format '{format}'", where="--format", hint=hint)


def _files(argument: Path) -> Iterator[tuple[Path, str]]:
    """Absolute path and name of every file of one argument."""
    path = Path(os.path.abspath(argument))  # noqa: PTH100 - links keep their names
    if path.is_dir():
        files = sorted((file.relative_to(path).as_posix(), file) for file in _walk(path))
        if not files:
            hint = "names that begin with a dot are skipped; check the path"
            raise DataError("no files in the directory", where=argument, hint=hint)
        yield from ((file, name) for name, file in files)
    elif path.exists():
        yield path, path.name
    else:
        raise DataError("input not found", where=argument, hint=_similar(path))


def _similar(path: Path) -> str:
    """A hint with the name that is most like a missing one."""
    names = [other.name for other in path.parent.iterdir()] if path.parent.is_dir() else []
    close = difflib.get_close_matches(path.name, names, n=1)
    return f"did you mean {path.parent / close[0]}?" if close else "check the path"


def _walk(top: Path) -> Iterator[Path]:
    seen = set()
    for directory, directories, files in os.walk(top, onerror=_refuse, followlinks=True):
        real = os.path.realpath(directory)
        directories[:] = sorted(name for name in directories if not name.startswith("."))
        if real in seen:  # a loop of links
            directories.clear()
            continue
        seen.add(real)
        yield from (Path(directory, name) for name in files if not name.startswith("."))


def _refuse(error: OSError) -> NoReturn:
    raise unreadable(Path(error.filename), error) from error


def _source(path: Path, name: str, format: str) -> Source:
    try:
        stat = path.stat()
    except OSError as error:
        raise unreadable(path, error) from error
    if not path.is_file():
        hint = "write it to a file first, or leave it out"
        raise DataError("not a regular file", where=path, hint=hint)
    compression = compression_of(_head(path, "none"))
    format = _format(path, compression, format)
    return Source(path, name, format, compression, stat.st_size, stat.st_mtime_ns)


def _format(path: Path, compression: str, format: str) -> str:
    head = _head(path, compression)
    try:
        if format == "auto":
            format = format_of(head)
        else:
            refuse_archive(head)
    except NoText as error:
        hint = error.hint.replace("FILE", path.name)
        raise DataError(str(error), where=path, hint=hint) from None
    if format == "parquet" and (compression != "none" or not head.startswith(b"PAR1")):
        hint = "decompress it, or leave --format away"
        raise DataError("not a plain Parquet file", where=path, hint=hint)
    return format


def _head(path: Path, compression: str) -> bytes:
    """The first bytes of a file; as many as there are before any damage."""
    head = b""
    try:
        for block in read_blocks(path, compression, 0, HEAD_BYTES):
            head += block
            if len(head) >= HEAD_BYTES:
                break
    except DamagedStream:
        pass  # the reader will reject what cannot be read
    return head[:HEAD_BYTES]


def _refuse_twice(first: Source, path: Path) -> NoReturn:
    if first.path == path:
        hint = "give every file once; a directory already holds all files below it"
        raise DataError("the same input is given twice", where=path, hint=hint)
    raise DataError(
        f"two inputs have the same name '{first.name}': {first.path} and {path}",
        hint="give the directory above both, so that their names differ",
    )
