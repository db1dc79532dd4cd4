"""``PREFIX.bin`` and ``PREFIX.idx``: token ids on disk, in Megatron's indexed format.

A data set is documents of sentences of ids. ``.bin`` holds the ids and nothing else;
``.idx`` says where the sentences and the documents begin. Both are read through ``mmap``:
opening takes the same time for a thousand sentences and for a billion.
"""

from __future__ import annotations

import contextlib
import operator
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import IO, Any, SupportsIndex

import numpy as np
from numpy.typing import DTypeLike, NDArray

from corpuskit.errors import DataError
from corpuskit.index.layout import CODES, HEADER, MAGIC, REWRITE, VERSION, Header, read_header
from corpuskit.index.sidecar import Sidecar, sidecar_path, write_sidecar
from corpuskit.io.files import atomic_write, disk_errors, read_json

_CHUNK = 1 << 20  # numbers handled at a time
_DOCUMENTS = 1 << 14  # documents copied at a time


def dtype_for(max_id: int) -> np.dtype[Any]:
    """The type that holds every id up to ``max_id``, the largest that can occur.

    >>> dtype_for(65535), dtype_for(65536)
    (dtype('uint16'), dtype('int32'))
    """
    return np.dtype(np.uint16 if max_id <= 65535 else np.int32)


# ---- reading


class IndexedDataset:
    """A data set on disk: ``ds[i]`` are the ids of sentence ``i``.

    Args:
        prefix: Path without ``.bin`` and ``.idx``.

    Attributes:
        sizes: int32[S], tokens of each sentence.
        pointers: int64[S], byte offset of each sentence in ``.bin``.
        document_index: int64[D + 1], first sentence of each document; ends with S.
        ids: All ids, one flat array of ``dtype``.
        dtype: Type of the ids.

    The arrays are views into the files: nothing is read before it is touched. A data set
    pickles as its prefix, so it may be sent to worker processes.

    Raises:
        DataError: A file is missing, cut short, or not of this format.
    """

    def __init__(self, prefix: str | Path) -> None:
        self.prefix = Path(prefix)
        idx = Path(f"{prefix}.idx")
        header = read_header(idx)
        raw = map_bytes(idx)
        if raw.size < header.idx_bytes:
            what = f"truncated: {raw.size:,} bytes where its header needs {header.idx_bytes:,}"
            raise DataError(what, where=idx, hint=REWRITE)
        self.dtype = header.dtype
        self.sizes, self.pointers, self.document_index = index_arrays(raw, header)
        self.ids = self._map_ids(Path(f"{prefix}.bin"))

    def _map_ids(self, path: Path) -> NDArray[Any]:
        """The ids; the last sentence must lie inside ``.bin``."""
        raw = map_bytes(path)
        end = 0
        if len(self):
            end = int(self.pointers[-1]) + int(self.sizes[-1]) * self.dtype.itemsize
        if end > raw.size:
            what = f"truncated: {raw.size:,} bytes where its index needs {end:,}"
            raise DataError(what, where=path, hint=REWRITE)
        return raw[: raw.size - raw.size % self.dtype.itemsize].view(self.dtype)

    def __len__(self) -> int:
        """Number of sentences."""
        return len(self.sizes)

    @property
    def documents(self) -> int:
        """Number of documents."""
        return len(self.document_index) - 1

    @property
    def tokens(self) -> int:
        """Number of ids in ``.bin``."""
        return len(self.ids)

    @cached_property
    def sidecar(self) -> dict[str, Any]:
        """``PREFIX.json`` as it stands; empty where there is none."""
        path = sidecar_path(self.prefix)
        return dict(read_json(path)) if path.exists() else {}

    def __getitem__(self, sentence: SupportsIndex) -> NDArray[Any]:
        return self.get(sentence)

    def get(
        self, sentence: SupportsIndex, offset: int = 0, length: int | None = None
    ) -> NDArray[Any]:
        """Ids ``offset`` to ``offset + length`` of a sentence, without a copy.

        Args:
            sentence: Number of the sentence; negative numbers count from the end.
            offset: First token, from 0.
            length: Number of tokens; all to the end of the sentence by default.

        Raises:
            IndexError: The sentence or the tokens do not exist.
        """
        number = operator.index(sentence)
        if not -len(self) <= number < len(self):
            raise IndexError(f"sentence {number} of {len(self)}")
        size = int(self.sizes[number])
        stop = size if length is None else offset + length
        if not 0 <= offset <= stop <= size:
            raise IndexError(f"tokens {offset} to {stop} of a sentence of {size}")
        first = int(self.pointers[number]) // self.dtype.itemsize
        found: NDArray[Any] = self.ids[first + offset : first + stop]
        return found

    def __reduce__(self) -> tuple[type[IndexedDataset], tuple[Path]]:
        return IndexedDataset, (self.prefix,)


def map_bytes(path: Path) -> NDArray[np.uint8]:
    """A file as an array of bytes; an empty one as an empty array."""
    try:
        if path.stat().st_size == 0:
            return np.empty(0, np.uint8)
        return np.memmap(path, np.uint8, mode="r")
    except OSError as error:
        raise DataError(error.strerror or str(error), where=path) from None


def index_arrays(
    raw: NDArray[np.uint8], header: Header
) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int64]]:
    """Sizes, pointers and document index: views into the bytes of an ``.idx``."""
    n, m = header.sentences, header.boundaries
    sizes = np.frombuffer(raw, "<i4", n, HEADER.size)
    pointers = np.frombuffer(raw, "<i8", n, HEADER.size + 4 * n)
    return sizes, pointers, np.frombuffer(raw, "<i8", m, HEADER.size + 12 * n)


# ---- writing
#
# .bin    ids of all sentences, little-endian, nothing else
#
# .idx    offset     type       content
#         0          9 bytes    "MMIDIDX" 0 0
#         9          u64        version, 1
#         17         u8         type of the ids: 4 int32, 8 uint16 (DTYPES has the others)
#         18         u64        n: number of sentences
#         26         u64        m: number of documents + 1
#         34         int32[n]   tokens of each sentence
#         34 + 4n    int64[n]   byte offset of each sentence in .bin
#         34 + 12n   int64[m]   first sentence of each document, at last n
#
# All little-endian and without padding: the arrays are not aligned.

Numbers = NDArray[Any] | Iterable[NDArray[Any]]


def write_index(
    path: str | Path, sizes: Numbers, document_index: Numbers, dtype: DTypeLike
) -> None:
    """Write an ``.idx`` atomically, in bounded memory.

    Args:
        path: The ``.idx``.
        sizes: Tokens of each sentence: one array (a memory map will do) or many in turn.
        document_index: First sentence of each document and the number of sentences, alike.
        dtype: Type of the ids in ``.bin``.

    Raises:
        DataError: A sentence is longer than 2**31 - 1 tokens.
    """
    little = np.dtype(dtype).newbyteorder("<")
    with disk_errors(path), atomic_write(path, "w+b") as handle:
        handle.write(bytes(HEADER.size))
        sentences = _write_numbers(handle, _int32(sizes, path), "<i4")
        _write_pointers(handle, sentences, little.itemsize)
        boundaries = _write_numbers(handle, _chunks(document_index), "<i8")
        handle.seek(0)
        handle.write(HEADER.pack(MAGIC, VERSION, CODES[little], sentences, boundaries))


def _chunks(numbers: Numbers) -> Iterator[NDArray[Any]]:
    for array in [numbers] if isinstance(numbers, np.ndarray) else numbers:
        for start in range(0, len(array), _CHUNK):
            yield array[start : start + _CHUNK]


def _int32(sizes: Numbers, path: str | Path) -> Iterator[NDArray[Any]]:
    for chunk in _chunks(sizes):
        if chunk.dtype.itemsize > 4 and chunk.max() > np.iinfo(np.int32).max:
            what = f"a sentence of {chunk.max():,} tokens; the format holds up to 2,147,483,647"
            raise DataError(what, where=path, hint="split documents into sentences")
        yield chunk


def _write_numbers(handle: IO[bytes], chunks: Iterable[NDArray[Any]], dtype: str) -> int:
    count = 0
    for chunk in chunks:
        handle.write(np.ascontiguousarray(chunk, dtype).data)
        count += len(chunk)
    return count


def _write_pointers(handle: IO[bytes], sentences: int, item_size: int) -> None:
    """Read the sizes back from ``handle`` and append the running sums behind them."""
    handle.flush()
    end = 0
    for start in range(0, sentences, _CHUNK):
        count = min(_CHUNK, sentences - start)
        raw = os.pread(handle.fileno(), 4 * count, HEADER.size + 4 * start)
        ends = end + np.cumsum(np.frombuffer(raw, "<i4"), dtype=np.int64) * item_size
        handle.write(np.concatenate([[end], ends[:-1]]).astype("<i8").data)
        end = int(ends[-1])


class IndexWriter:
    """Writes a data set part by part; its files appear together when the block ends.

    Sizes wait in unnamed files on the disk of the output, so memory stays small however
    many sentences there are. An error inside the block leaves nothing behind and old files
    untouched; ``.idx`` is published last, so a data set with an ``.idx`` is complete.

    >>> with IndexWriter("out/corpus", np.uint16, sidecar) as writer:  # doctest: +SKIP
    ...     writer.add("part-0.ids", sizes, sentences_per_document)

    Args:
        prefix: Path without ``.bin`` and ``.idx``.
        dtype: Type of the ids.
        sidecar: What to write into ``PREFIX.json``; the counts and the dtype are filled in.
            ``None`` writes none.
    """

    def __init__(self, prefix: str | Path, dtype: DTypeLike, sidecar: Sidecar | None = None):
        self.prefix = Path(prefix)
        self.dtype = np.dtype(dtype).newbyteorder("<")
        self.documents = self.sentences = self.tokens = 0
        self._sidecar = sidecar
        self._files = contextlib.ExitStack()

    def __enter__(self) -> IndexWriter:
        with disk_errors(self.prefix):
            self.prefix.parent.mkdir(parents=True, exist_ok=True)
            self._sizes = self._spool()
            self._lengths = self._spool()
            self._bin_file = atomic_write(f"{self.prefix}.bin")
            self._bin = self._bin_file.__enter__()
        return self

    def _spool(self) -> IO[bytes]:
        return self._files.enter_context(tempfile.TemporaryFile(dir=self.prefix.parent))

    def add(
        self,
        ids: NDArray[Any] | bytes | str | Path,
        sizes: NDArray[np.int32],
        sentences_per_document: NDArray[Any],
    ) -> None:
        """Append documents.

        Args:
            ids: The ids of all sentences: an array, its bytes in the type of the data set,
                or a file of such bytes.
            sizes: int32[s], tokens of each sentence.
            sentences_per_document: int[d], sums up to s.

        Raises:
            DataError: The three disagree, or an id does not fit the type of the data set.
        """
        with disk_errors(f"{self.prefix}.bin"):
            written = self._append(ids)
            self._sizes.write(np.ascontiguousarray(sizes, "<i4").data)
            self._lengths.write(np.ascontiguousarray(sentences_per_document, "<i8").data)
        tokens = int(sizes.sum(dtype=np.int64))
        if written != tokens * self.dtype.itemsize:
            what = f"{written:,} bytes of ids where the sizes say {tokens:,} tokens"
            raise DataError(what, where=ids if isinstance(ids, str | Path) else self.prefix)
        if int(sentences_per_document.sum()) != len(sizes):
            raise DataError("documents and sentences disagree", where=self.prefix)
        self.documents += len(sentences_per_document)
        self.sentences += len(sizes)
        self.tokens += tokens

    def add_documents(self, dataset: IndexedDataset, start: int, stop: int) -> None:
        """Append documents ``start`` to ``stop`` of another data set of the same type."""
        for first in range(start, stop, _DOCUMENTS):
            borders = dataset.document_index[first : min(first + _DOCUMENTS, stop) + 1]
            sentences = slice(int(borders[0]), int(borders[-1]))
            sizes = dataset.sizes[sentences]
            if not len(sizes):
                self.add(b"", sizes, np.diff(borders))
                continue
            begin = int(dataset.pointers[sentences.start]) // dataset.dtype.itemsize
            ids = dataset.ids[begin : begin + int(sizes.sum(dtype=np.int64))]
            self.add(ids, sizes, np.diff(borders))

    def _append(self, ids: NDArray[Any] | bytes | str | Path) -> int:
        before = self._bin.tell()
        if isinstance(ids, str | Path):
            with Path(ids).open("rb") as part:
                shutil.copyfileobj(part, self._bin, 1 << 20)
        elif isinstance(ids, np.ndarray):
            self._bin.write(np.ascontiguousarray(self._fitting(ids)).data)
        else:
            self._bin.write(ids)
        return int(self._bin.tell() - before)

    def _fitting(self, ids: NDArray[Any]) -> NDArray[Any]:
        if ids.dtype == self.dtype or not ids.size:
            return ids.astype(self.dtype, copy=False)
        limits = np.iinfo(self.dtype)
        if ids.min() < limits.min or ids.max() > limits.max:
            what = f"id {ids.max()} does not fit {self.dtype.name}"
            raise DataError(what, where=self.prefix, hint="write these ids as int32")
        return ids.astype(self.dtype)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._files, disk_errors(self.prefix):
            if error is None:
                Path(f"{self.prefix}.idx").unlink(missing_ok=True)
            self._bin_file.__exit__(kind, error, trace)
            if error is None:
                self._describe()
                index = _document_index(self._lengths)
                write_index(f"{self.prefix}.idx", _spooled(self._sizes, "<i4"), index, self.dtype)

    def _describe(self) -> None:
        if self._sidecar is None:
            sidecar_path(self.prefix).unlink(missing_ok=True)
            return
        counts = {key: getattr(self, key) for key in ("documents", "sentences", "tokens")}
        write_sidecar(self.prefix, replace(self._sidecar, dtype=self.dtype.name, **counts))


def _spooled(spool: IO[bytes], dtype: str) -> Iterator[NDArray[Any]]:
    spool.seek(0)
    while raw := spool.read(8 * _CHUNK):
        yield np.frombuffer(raw, dtype)


def _document_index(lengths: IO[bytes]) -> Iterator[NDArray[np.int64]]:
    end = np.zeros(1, np.int64)
    yield end
    for chunk in _spooled(lengths, "<i8"):
        boundaries = end + np.cumsum(chunk)
        yield boundaries
        end = boundaries[-1:]
