"""Baidu LAC in NumPy, on the parameters as Paddle stores them: slow, plain, the oracle."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[Any]


@dataclass
class Package:
    """One LAC model: parameters under Paddle's names, and the dictionaries."""

    parameters: dict[str, Matrix]
    words: list[str]  # id = position
    folded: dict[str, str]
    tags: list[str]
    cutting: dict[str, int] = field(default_factory=dict)  # only in the model "lac"

    def cut(self, line: str) -> list[tuple[str, str]]:
        """(word, label) of a line."""
        units = self._units(line)
        tags: list[str] = []
        for unit, number in zip(units, self._tag([self._id(u) for u in units]), strict=True):
            tag = self.tags[number]
            tags += [tag, *[f"{tag[:-2]}-I"] * (len(unit) - 1)]
        words: list[tuple[str, str]] = []
        for character, tag in zip(line, tags, strict=True):
            if not words or tag[-1] in "BS":
                words.append((character, tag[:-2]))
            else:
                words[-1] = (words[-1][0] + character, tag[:-2])
        return words

    def _id(self, unit: str) -> int:
        unit = self.folded.get(unit, unit)
        return self.words.index(unit if unit in self.words else "OOV")

    def _units(self, line: str) -> list[str]:
        if not self.cutting:
            return list(line)
        units: list[str] = []
        for piece in self._pieces(line):
            units += [piece] if piece in self.words else list(piece)
        return units

    def _pieces(self, line: str) -> list[str]:
        """Best words by log(length) - log(total), single ASCII letters and digits joined."""
        total = math.log(sum(self.cutting.values()))
        best: list[tuple[float, int]] = [(0.0, 0)] * (len(line) + 1)
        for begin in reversed(range(len(line))):
            ends = range(begin + 1, len(line) + 1)
            best[begin] = max(
                (math.log(end - begin) - total + best[end][0], end)
                for end in ends
                if end == begin + 1 or line[begin:end] in self.cutting
            )
        pieces: list[str] = []
        at, joining = 0, False
        while at < len(line):
            piece = line[at : best[at][1]]
            single = len(piece) == 1 and piece.isascii() and piece.isalnum()
            if single and joining:
                pieces[-1] += piece
            else:
                pieces.append(piece)
            joining, at = single, best[at][1]
        return pieces

    def _tag(self, ids: list[int]) -> list[int]:
        if not ids:
            return []
        p = self.parameters
        states = p["word_emb"][ids]
        for layer in (0, 1):
            ahead = self._gru(states, 2 * layer)
            back = self._gru(states[::-1], 2 * layer + 1)[::-1]
            states = np.concatenate([ahead, back], axis=1)
        return viterbi(states @ p["fc_4.w_0"] + p["fc_4.b_0"], p["crfw"])

    def _gru(self, inputs: Matrix, number: int) -> Matrix:
        """Paddle's GRU: update, reset, candidate; the reset gate before the product."""
        p = self.parameters
        flat, bias = p[f"gru_{number}.w_0"].reshape(-1), p[f"gru_{number}.b_0"].reshape(-1)
        size = len(bias) // 3
        gates = flat[: 2 * size * size].reshape(size, 2 * size)
        candidate = flat[2 * size * size :].reshape(size, size)
        h, states = np.zeros(size), []
        for x in inputs @ p[f"fc_{number}.w_0"] + p[f"fc_{number}.b_0"] + bias:
            u, r = np.split(1 / (1 + np.exp(-x[: 2 * size] - h @ gates)), 2)
            h = (1 - u) * h + u * np.tanh(x[2 * size :] + (r * h) @ candidate)
            states.append(h)
        return np.array(states)


def viterbi(emissions: Matrix, crf: Matrix) -> list[int]:
    """The best path; rows of ``crf``: start, stop, from -> to. The first maximum wins."""
    scores, back = crf[0] + emissions[0], []
    for emission in emissions[1:]:
        paths = scores[:, None] + crf[2:]
        back.append(paths.argmax(axis=0))
        scores = paths.max(axis=0) + emission
    path = [int((scores + crf[1]).argmax())]
    for pointers in reversed(back):
        path.append(int(pointers[path[-1]]))
    return path[::-1]
