from __future__ import annotations

import os
import struct
from pathlib import Path

import numpy as np
import pytest

from corpuskit.errors import DataError
from corpuskit.segment import lac
from corpuskit.segment.lac_convert import convert, read_parameter
from corpuskit.segment.lac_file import read_model
from tests.segment.lac_packages import (
    parameter_bytes,
    random_package,
    write_archive,
    write_package,
)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    return write_package(random_package("lac", 32, 16, seed=1), "lac", tmp_path)


@pytest.mark.parametrize("shape", [(3,), (1, 5), (130, 300)])
def test_a_parameter_keeps_shape_and_values(shape: tuple[int, ...]) -> None:
    values = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    assert np.array_equal(read_parameter(parameter_bytes(values)), values)


def test_a_parameter_with_levels_of_detail() -> None:
    plain = parameter_bytes(np.ones((2, 2), np.float32))
    with_levels = struct.pack("<IQQ", 0, 1, 16) + bytes(16) + plain[12:]
    assert read_parameter(with_levels).tolist() == [[1, 1], [1, 1]]


def test_archive_and_folder_give_equal_bytes(package: Path, tmp_path: Path) -> None:
    archive = write_archive(package, tmp_path / "LAC-2.1.2.tar.gz")
    convert(package, tmp_path / "a", "lac")
    convert(archive, tmp_path / "b", "lac")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_model_that_the_package_lacks(package: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no LAC model 'seg'"):
        convert(package, tmp_path / "out", "seg")


@pytest.mark.parametrize("name", ["model/crfw", "conf/word.dic"])
def test_a_damaged_package_is_an_error_and_leaves_nothing(
    name: str, package: Path, tmp_path: Path
) -> None:
    path = package / "lac_model" / name
    path.write_bytes(path.read_bytes()[:15])
    with pytest.raises(DataError, match="damaged"):
        convert(package, tmp_path / "out", "lac")
    assert not (tmp_path / "out").exists()


def test_a_damaged_archive(package: Path, tmp_path: Path) -> None:
    archive = write_archive(package, tmp_path / "LAC-2.1.2.tar.gz")
    archive.write_bytes(archive.read_bytes()[:2000])
    with pytest.raises(DataError, match="cannot read the archive"):
        convert(archive, tmp_path / "out", "lac")


@pytest.mark.parametrize("size", [0, 4, 400, -1])
def test_a_converted_file_cut_short(size: int, package: Path, tmp_path: Path) -> None:
    convert(package, tmp_path / "whole", "lac")
    (tmp_path / "cut").write_bytes((tmp_path / "whole").read_bytes()[:size])
    with pytest.raises(DataError, match="cut short"):
        read_model(tmp_path / "cut")


def test_the_shipped_model_is_what_the_package_converts_to(tmp_path: Path) -> None:
    named = os.environ.get(lac.PACKAGE_VARIABLE)
    if not named:
        pytest.skip(f"needs the LAC package in {lac.PACKAGE_VARIABLE}")
    convert(Path(named), tmp_path / "seg")
    shipped = Path(lac.__file__).with_name("data") / "lac_seg.safetensors"
    assert (tmp_path / "seg").read_bytes() == shipped.read_bytes()
