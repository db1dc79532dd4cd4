"""``corpuskit vocab train``: pre-tokenise, then train one vocabulary over all scripts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from corpuskit.errors import UsageError
from corpuskit.vocab.bpe import PiecesStage
from corpuskit.vocab.characters import CharactersStage
from corpuskit.vocab.merge import MergeOptions, run_merge
from corpuskit.work import RunOptions
from corpuskit.work import run as run_stage


def run_train(
    inputs: Sequence[str],
    output: Path,
    options: RunOptions,
    merge: MergeOptions,
    *,
    pieces: int,
    key: str = "text",
    format: str = "auto",
) -> dict[str, Any]:
    """Count, train and merge in one go; every step is kept in ``output`` and resumable."""
    if options.shard or options.assemble or options.dry_run:
        raise UsageError(
            "vocab train runs several stages and has no --shard, --assemble or --dry-run",
            hint="use `corpuskit vocab chars`, `bpe --scripts all` and `merge` one by one",
        )
    output.mkdir(parents=True, exist_ok=True)
    characters = output / "characters.tsv"
    counted = run_stage(CharactersStage(key), inputs, characters, options, format=format)
    pieces_file = output / "pieces.vocab"
    stage = PiecesStage(scripts="all", lowercase=merge.lowercase, key=key, size=pieces)
    trained = run_stage(stage, inputs, pieces_file, options, format=format)
    record = run_merge(characters, pieces_file, output, merge)
    seconds = counted["seconds"] + trained["seconds"]
    return {"stage": "vocab-train", **record, "pieces": trained["pieces"], "seconds": seconds}
