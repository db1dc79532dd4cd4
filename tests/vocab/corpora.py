"""Text that the vocabulary tests share."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

SCRIPTS = (
    "Hello, World! e.g. C++11 ≥ 3.5% naïve Straße Ærø 3×4 Ⅳ ①½ ﬁne ｆｕｌｌ Ａ１ O'Neill "
    "x\u200by\u00adz\n"
    "汉字，还有〇。㐀𠀀豈\U0002b825 ラピュタが ｱ 한국어 Привет ΣΊΣΥΦΟΣ "
    "שָׁלוֹם العربية ไทย हिन्दी 😊 \u0301a\u0301\n"
)


def write_jsonl(path: Path, texts: Iterable[str]) -> Path:
    lines = (json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in texts)
    path.write_text("".join(lines), encoding="utf-8")
    return path


def sample_texts(sample: Path, documents: int = 60) -> list[str]:
    """Chinese and English of the sample corpus, and a little of other scripts."""
    with (sample / "statutes.jsonl").open(encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line, _ in zip(lines, range(documents), strict=False)]
    english = (sample / "sotu.txt").read_text(encoding="utf-8")[:60_000]
    return [*texts, english, SCRIPTS]


def fuzz(texts: int, length: int, seed: int = 7) -> Iterator[str]:
    """Random text from all planes, the lower ones more often; no surrogates."""
    rng = np.random.default_rng(seed)
    tops = np.array([0x80, 0x250, 0x3000, 0xD800, 0x20000, 0x110000])
    for _ in range(texts):
        points = rng.integers(0, rng.choice(tops, length))
        points[(points >= 0xD800) & (points < 0xE000)] = 0x20
        yield "".join(map(chr, points))
