"""Small LAC packages with random networks, written as the real package lays out its files."""

from __future__ import annotations

import random
import struct
import tarfile
from pathlib import Path

import numpy as np

from tests.segment.lac_oracle import Matrix, Package

CHARACTERS = list("天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏，。 12abXY\U00020000")
FOLDED = {"張": "张", "Ａ": "a", "A": "a", "來": "来", "１": "1", "丁": "无", "\U0002f800": "天"}
UNSEEN = ["龘", "\U0001f600", "\u2028"]
CUTTING = {"天地": 5, "天地玄黄": 1, "宇宙洪": 9, "洪荒": 2, "日月": 7, "月盈": 7, "盈昃": 1}
CUTTING |= {"1a": 3, "秋收": 4, "秋收冬": 1, "冬藏": 2, "收冬藏": 2, "a天": 1}
WORDS = ["天地", "宇宙洪", "ab", "ab1", "日月", "冬藏", "不用"]
SEG_TAGS = ["-B", "-I", "-E", "-S"]
LAC_TAGS = [f"{label}-{position}" for label in ("n", "v", "PER", "w") for position in "BI"] + ["O"]


def random_package(model: str, hidden: int, embedding: int, seed: int) -> Package:
    """A network with weights large enough for every part of it to matter."""
    randomly = np.random.default_rng(seed)
    with_words = model == "lac"
    words = [*CHARACTERS, "无"][: None if with_words else -1] + (WORDS if with_words else [])
    tags = LAC_TAGS if with_words else SEG_TAGS

    def matrix(*shape: int) -> Matrix:
        return randomly.normal(0, 2 / np.sqrt(shape[0]), shape).astype(np.float32)

    parameters = {"word_emb": matrix(len(words) + 1, embedding) * np.float32(4)}
    for number in range(4):
        width = embedding if number < 2 else 2 * hidden
        parameters[f"fc_{number}.w_0"] = matrix(width, 3 * hidden)
        parameters[f"fc_{number}.b_0"] = matrix(3 * hidden)
        parameters[f"gru_{number}.w_0"] = matrix(hidden, 3 * hidden)
        parameters[f"gru_{number}.b_0"] = matrix(1, 3 * hidden)
    parameters["fc_4.w_0"] = matrix(2 * hidden, len(tags)) * np.float32(4)
    parameters["fc_4.b_0"] = matrix(len(tags))
    parameters["crfw"] = matrix(len(tags) + 2, len(tags))
    cutting = CUTTING if with_words else {}
    return Package(parameters, [*words, "OOV"], FOLDED, tags, cutting)


def random_lines(count: int, seed: int) -> list[str]:
    """Lines of known, folded and unseen characters with words in between; empty, short, long."""
    randomly = random.Random(seed)
    pieces = CHARACTERS * 2 + list(FOLDED) + UNSEEN + list(CUTTING) * 2 + WORDS
    lines = ["".join(randomly.choices(pieces, k=randomly.randrange(20))) for _ in range(count)]
    return ["", *lines, "天地" * 60]


def write_package(package: Package, model: str, folder: Path) -> Path:
    """Write a ``LAC`` directory that holds one model."""
    root = folder / "LAC" / f"{model}_model"
    (root / "model").mkdir(parents=True)
    (root / "conf").mkdir()
    for name, values in package.parameters.items():
        (root / "model" / name).write_bytes(parameter_bytes(values))
    numbered = [f"{i}\t{word}" for i, word in enumerate(package.words)]
    tags = [f"{i}\t{tag}" for i, tag in enumerate(package.tags)]
    tags[0:0] = ["0\tearlier-B"]  # of two names for one number the last counts
    _write_lines(root / "conf" / "word.dic", numbered)
    _write_lines(root / "conf" / "tag.dic", tags)
    _write_lines(root / "conf" / "q2b.dic", [f"{a}\t{b}" for a, b in package.folded.items()])
    _write_lines(root / "conf" / "small_seg.dic", [f"{w} {c}" for w, c in CUTTING.items()])
    return root.parent


def write_archive(package_folder: Path, archive: Path) -> Path:
    """The same as a source distribution."""
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(package_folder, "LAC-2.1.2/LAC")
    return archive


def parameter_bytes(values: Matrix) -> bytes:
    """Paddle's layout of one parameter."""
    dimensions = b"".join(b"\x10" + _varint(size) for size in values.shape)
    description = b"\x08\x05" + dimensions
    head = struct.pack("<IQIi", 0, 0, 0, len(description))
    return head + description + values.astype("<f4").tobytes()


def _varint(value: int) -> bytes:
    more = b""
    while value >= 0x80:
        more += bytes([value & 0x7F | 0x80])
        value >>= 7
    return more + bytes([value])


def _write_lines(path: Path, lines: list[str]) -> None:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
