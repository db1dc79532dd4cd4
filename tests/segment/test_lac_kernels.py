"""Every kernel this machine can run against the NumPy oracle, on random networks."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from corpuskit.errors import UsageError
from corpuskit.segment.lac import KERNEL_VARIABLE, LacSegmenter, kernels
from corpuskit.segment.lac_convert import convert
from tests.segment.lac_packages import random_lines, random_package, write_package

SHAPES = [("seg", 32, 16), ("seg", 96, 96), ("lac", 64, 32), ("lac", 128, 128)]


class Case(NamedTuple):
    model: str
    model_file: Path
    lines: list[str]
    words: list[list[tuple[str, str]]]


@pytest.fixture(scope="module", params=SHAPES, ids=str)
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Case:
    model, hidden, embedding = request.param
    folder = tmp_path_factory.mktemp("lac")
    package = random_package(model, hidden, embedding, seed=hidden)
    convert(write_package(package, model, folder), folder / "model", model)
    lines = random_lines(60, seed=embedding)
    return Case(model, folder / "model", lines, [package.cut(line) for line in lines])


@pytest.mark.parametrize("kernel", kernels())
def test_a_random_network_gives_the_oracles_words_and_labels(kernel: str, case: Case) -> None:
    segmenter = LacSegmenter(case.model, model_file=case.model_file, kernel=kernel)
    assert segmenter.tag_batch(case.lines) == case.words


def test_portable_is_always_there() -> None:
    assert kernels()[-1] == "portable"


def test_the_environment_chooses_the_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KERNEL_VARIABLE, "portable")
    assert LacSegmenter().kernel == "portable"


def test_an_unknown_kernel_is_an_error_that_names_the_known_ones() -> None:
    with pytest.raises(UsageError, match="portable"):
        LacSegmenter(kernel="vax")


@pytest.mark.parametrize("kernel", kernels())
def test_of_equal_scores_the_first_tag_wins(kernel: str, tmp_path: Path) -> None:
    package = random_package("seg", 32, 16, seed=0)
    for values in package.parameters.values():
        values[:] = 0
    convert(write_package(package, "seg", tmp_path), tmp_path / "model")
    segmenter = LacSegmenter(model_file=tmp_path / "model", kernel=kernel)
    assert segmenter.cut_batch(["天地玄"]) == [["天", "地", "玄"]]  # tag 0 is -B
