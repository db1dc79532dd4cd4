"""Conversion of Baidu LAC 2.1.2's models from the LAC package to one file each.

Nothing of Paddle is needed: every parameter is a file of its own in Paddle's binary layout
(version, level-of-detail table, tensor description, row-major values), and the
vocabularies are tab-separated text.

The word-segmentation model (``seg``) has characters as input units. The lexical-analysis
model (``lac``: words and their parts of speech) has characters and words, and a second
dictionary that cuts a line into both.
"""

from __future__ import annotations

import struct
import tarfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpuskit.errors import DataError
from corpuskit.segment.lac_file import Tensors, write_model

MODELS = ("seg", "lac")

_FLOAT32 = b"\x08\x05"
_CELLS = tuple((layer, direction) for layer in (0, 1) for direction in ("forward", "backward"))


def convert(source: Path, out: Path, model: str = "seg") -> None:
    """Convert one model of the LAC package.

    Args:
        source: The source distribution ``LAC-2.1.2.tar.gz`` or an (installed) ``LAC`` directory.
        out: The file to write; equal models give equal bytes.
        model: ``seg`` or ``lac``.

    Raises:
        DataError: The package lacks the model, or a file of it is damaged.
    """
    files = read_package(source, model)
    try:
        tensors = {**_network(files), **_characters(files)}
        if model == "lac":
            tensors |= _words(files)
        metadata = _metadata(files, model)
    except (KeyError, ValueError, struct.error) as error:
        raise DataError(f"the LAC package is damaged: {error}", where=source) from error
    write_model(out, tensors, metadata)


def read_package(source: Path, model: str) -> dict[str, bytes]:
    """The files of one model by their path inside it, for example ``conf/word.dic``."""
    folder = f"{model}_model/"
    if source.is_dir():
        root = source / folder
        paths = (path for path in sorted(root.glob("*/*")) if path.is_file())
        files = {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}
    else:
        files = _read_archive(source, f"/LAC/{folder}")
    if not files:
        raise DataError(f"no LAC model '{model}' in the package", where=source)
    return files


def _read_archive(source: Path, folder: str) -> dict[str, bytes]:
    files = {}
    try:
        with tarfile.open(source) as archive:
            for member in archive:
                _, found, name = member.name.partition(folder)
                content = archive.extractfile(member) if found else None
                if content is not None:
                    files[name] = content.read()
    except (tarfile.TarError, EOFError, OSError) as error:
        raise DataError(f"cannot read the archive: {error}", where=source) from error
    return files


def read_parameter(data: bytes) -> NDArray[np.float32]:
    """One parameter in Paddle's layout.

    uint32 0, uint64 levels, per level (uint64 size, data), uint32 0, int32 size of the tensor
    description (protobuf: 08 05 = float32, then 10 and a varint per dimension), values.
    """
    (levels,) = struct.unpack_from("<Q", data, 4)
    offset = 12
    for _ in range(levels):
        offset += 8 + int(struct.unpack_from("<Q", data, offset)[0])
    (size,) = struct.unpack_from("<i", data, offset + 4)
    offset += 8
    description = data[offset : offset + size]
    if not description.startswith(_FLOAT32):
        raise ValueError("a parameter is not float32")
    shape = _dimensions(description[2:])
    return np.frombuffer(data, "<f4", -1, offset + size).reshape(shape)


def _dimensions(description: bytes) -> list[int]:
    dimensions, value, shift = [], 0, 0
    in_value = False
    for byte in description:
        if not in_value:
            in_value, value, shift = True, 0, 0
            continue
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            dimensions.append(value)
            in_value = False
    return dimensions


def _network(files: Mapping[str, bytes]) -> Tensors:
    """The network's matrices, with the shapes documented in ``native/lac_tagger.h``."""
    tensors: Tensors = {"embedding": read_parameter(files["model/word_emb"])}
    for number, (layer, direction) in enumerate(_CELLS):
        name = f"gru.{layer}.{direction}"
        recurrent = read_parameter(files[f"model/gru_{number}.w_0"])
        hidden = len(recurrent)
        # Paddle's [hidden, 3 * hidden] is two matrices one after the other.
        gates, candidate = np.split(recurrent.reshape(-1), [2 * hidden * hidden])
        input_bias = read_parameter(files[f"model/fc_{number}.b_0"])
        recurrent_bias = read_parameter(files[f"model/gru_{number}.b_0"])
        tensors[f"{name}.input"] = read_parameter(files[f"model/fc_{number}.w_0"])
        tensors[f"{name}.bias"] = input_bias.reshape(-1) + recurrent_bias.reshape(-1)
        tensors[f"{name}.gates"] = gates.reshape(hidden, 2 * hidden)
        tensors[f"{name}.candidate"] = candidate.reshape(hidden, hidden)
    tensors["output.weight"] = read_parameter(files["model/fc_4.w_0"])
    tensors["output.bias"] = read_parameter(files["model/fc_4.b_0"])
    tensors["crf"] = read_parameter(files["model/crfw"])
    return tensors


def _pairs(content: bytes) -> Iterable[tuple[str, str]]:
    """The lines of a dictionary that consist of two fields."""
    for line in content.decode("utf-8").split("\n"):
        fields = line.split("\t")
        if len(fields) == 2:
            yield fields[0], fields[1]


def _vocabulary(files: Mapping[str, bytes]) -> dict[str, int]:
    return {word: int(number) for number, word in _pairs(files["conf/word.dic"])}


def _characters(files: Mapping[str, bytes]) -> Tensors:
    """Character to id, with LAC's folding of width, case and traditional forms applied."""
    ids = _vocabulary(files)
    folded = dict(_pairs(files["conf/q2b.dic"]))
    known = {character for character in ids if len(character) == 1} | set(folded)
    table = {ord(c): ids[folded.get(c, c)] for c in known if folded.get(c, c) in ids}
    characters = sorted(table)
    return {
        "characters": np.array(characters, "<u4"),
        "character_ids": np.array([table[c] for c in characters], "<i4"),
    }


def _cutting_counts(files: Mapping[str, bytes]) -> dict[str, int]:
    lines = files["conf/small_seg.dic"].decode("utf-8").strip().split("\n")
    return {word: int(count) for word, count in (line.split(" ") for line in lines)}


def _words(files: Mapping[str, bytes]) -> Tensors:
    """The words of the vocabulary, and those of the dictionary that cuts lines."""
    words = {word: number for word, number in _vocabulary(files).items() if len(word) > 1}
    return {
        **_flatten("vocabulary", words),
        "vocabulary.ids": np.array(list(words.values()), "<i4"),
        **_flatten("cutting", _cutting_counts(files)),
    }


def _flatten(name: str, words: Iterable[str]) -> Tensors:
    """Words as one array of characters and the offset of each word, and the end."""
    listed = list(words)
    return {
        f"{name}.characters": np.frombuffer("".join(listed).encode("utf-32-le"), "<u4"),
        f"{name}.begin": np.cumsum([0, *map(len, listed)], dtype="<i4"),
    }


def _metadata(files: Mapping[str, bytes], model: str) -> dict[str, str]:
    names = dict(_pairs(files["conf/tag.dic"]))  # of two names for one number the last counts
    tags = [names[str(number)] for number in range(len(names))]
    metadata = {
        "model": model,
        "source": "Baidu LAC 2.1.2, Apache License 2.0; modified: converted to another format",
        "unknown": str(_vocabulary(files)["OOV"]),
        "tags": " ".join(tags),
    }
    if model == "lac":
        metadata["cutting_total"] = str(sum(_cutting_counts(files).values()))
    return metadata
