"""The report of the demo: a table on the terminal, ``loss.png`` and ``index.html``."""

from __future__ import annotations

import base64
import csv
import html
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpuskit.console import console, human_time
from corpuskit.io.files import atomic_write, write_json

COLUMNS = ("stage", "input", "output", "rows", "MB/s", "seconds", "peak RSS, MB")


@dataclass
class Row:
    """What one command cost."""

    stage: str
    source: str
    target: str
    rows: str
    mb_per_second: float | None
    seconds: float
    peak_rss_mb: float

    def cells(self) -> list[str]:
        speed = "" if self.mb_per_second is None else f"{self.mb_per_second:,.2f}"
        return [
            self.stage,
            self.source,
            self.target,
            self.rows,
            speed,
            f"{self.seconds:,.1f}",
            f"{self.peak_rss_mb:,.0f}",
        ]


def write_report(
    output: Path,
    rows: Sequence[Row],
    training: dict[str, Any],
    filled: dict[str, Any],
    entropy: float,
    seconds: float,
) -> None:
    """Show the tables and write the files of the report."""
    loss = training["valid"]["mlm"]
    relation = "below" if loss < entropy else "not below"
    verdict = (
        f"held-out MLM loss: {loss:.3f} nats a token, {relation} the unigram entropy of the "
        f"corpus, {entropy:.3f} nats"
    )
    masks = fill_rows(filled)
    console.table(COLUMNS, [row.cells() for row in rows], title="\nthe road")
    console.table(MASK_COLUMNS, masks, title="\nsentences that the model never saw")
    plot_loss(output / "run" / "metrics.csv", entropy, output / "loss.png")
    page = _page(rows, masks, verdict, output / "loss.png", seconds)
    with atomic_write(output / "index.html", "w") as handle:
        handle.write(page)
    record = {"entropy": entropy, "valid_mlm_loss": loss, "seconds": seconds}
    write_json(output / "demo.json", {**record, "stages": [vars(row) for row in rows]})
    console.out(f"\n{verdict}")
    console.out(f"all of it took {human_time(seconds)}; open {output / 'index.html'}")


MASK_COLUMNS = ("sentence", "mask", "candidates")


def fill_rows(filled: dict[str, Any]) -> list[list[str]]:
    """One row a mask: the sentence, which mask, its best candidates."""
    rows = []
    for sentence in filled["sentences"]:
        for number, mask in enumerate(sentence["masks"], start=1):
            candidates = "  ".join(
                f"{c['token']} {c['probability']:.2f}" for c in mask["candidates"]
            )
            rows.append([sentence["text"] if number == 1 else "", str(number), candidates])
    return rows


def plot_loss(metrics: Path, entropy: float, path: Path) -> None:
    """Training and held-out MLM loss over steps, with the unigram entropy as a line."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 4), layout="constrained")
    with metrics.open(newline="") as lines:
        records = list(csv.DictReader(lines))
    for part, label in (("train", "training"), ("valid", "held out")):
        points = [(int(r["step"]), float(r["mlm"])) for r in records if r["part"] == part]
        axes.plot(*zip(*points, strict=True), label=label, marker="o" if part == "valid" else "")
    axes.axhline(entropy, color="grey", linestyle="--", label="unigram entropy")
    axes.set(xlabel="step", ylabel="MLM loss, nats a token")
    axes.legend()
    figure.savefig(path, dpi=120)
    pyplot.close(figure)


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f"<th>{html.escape(column)}</th>" for column in columns)
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>\n"
        for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>\n{body}</tbody></table>"


def _page(
    rows: Sequence[Row],
    masks: Sequence[Sequence[str]],
    verdict: str,
    picture: Path,
    seconds: float,
) -> str:
    encoded = base64.b64encode(picture.read_bytes()).decode()
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>corpuskit: the whole road</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem;
        color: #222; background: #fff; }}
table {{ border-collapse: collapse; margin: 1rem 0; font-size: 0.9rem; }}
th, td {{ text-align: left; padding: 0.25rem 0.75rem 0.25rem 0; border-bottom: 1px solid #ddd; }}
td {{ font-variant-numeric: tabular-nums; }}
img {{ max-width: 100%; }}
</style></head><body>
<h1>From raw text to a trained ERNIE</h1>
<p><strong>{html.escape(verdict)}.</strong>
All of it took {human_time(seconds)} (minutes:seconds).</p>
<h2>The road</h2>
{_table(COLUMNS, [row.cells() for row in rows])}
<h2>Loss</h2>
<img alt="MLM loss over training steps" src="data:image/png;base64,{encoded}">
<h2>Sentences that the model never saw</h2>
{_table(MASK_COLUMNS, masks)}
<p>The sentences are from statutes that are not part of the sample corpus. A few hundred steps
teach which characters belong to which kind of text and little of their order: train longer
(<code>--set train.steps=20000</code>) for masks that are filled well.</p>
</body></html>
"""
