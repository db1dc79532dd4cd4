from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from corpuskit.segment import jieba_cache
from corpuskit.segment.jieba import JiebaSegmenter
from corpuskit.segment.jieba_cache import cache_directory, open_dictionary, read_dictionary
from corpuskit.segment.jieba_dictionary import Dictionary, compile_package, find_package

TEXT, WORDS = "我来到北京清华大学", ["我", "来到", "北京", "清华大学"]


@pytest.fixture(scope="module")
def compiled() -> Dictionary:
    return compile_package(find_package())


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CORPUSKIT_CACHE", str(tmp_path / "deep" / "cache"))
    return tmp_path / "deep" / "cache"


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch, compiled: Dictionary) -> list[Path]:
    """The packages that were compiled; the work itself is done once for all tests."""
    packages: list[Path] = []

    def compile_package(package: Path) -> Dictionary:
        packages.append(package)
        return compiled

    monkeypatch.setattr(jieba_cache, "compile_package", compile_package)
    return packages


def only_file(cache: Path) -> Path:
    (path,) = cache.iterdir()
    return path


def test_the_dictionary_is_compiled_once(
    cache: Path, counted: list[Path], compiled: Dictionary
) -> None:
    assert open_dictionary(find_package()) == compiled
    assert open_dictionary(find_package()) == compiled
    assert counted == [find_package()]
    assert read_dictionary(only_file(cache)) == compiled


@pytest.mark.parametrize("size", [0, 10, 31, 32, 100, 4096, -1])
def test_a_file_that_was_cut_short_is_replaced(
    cache: Path, counted: list[Path], compiled: Dictionary, size: int
) -> None:
    open_dictionary(find_package())
    whole = only_file(cache).read_bytes()
    only_file(cache).write_bytes(whole[:size])
    assert open_dictionary(find_package()) == compiled
    assert len(counted) == 2
    assert only_file(cache).read_bytes() == whole


@pytest.mark.parametrize("position", [0, 15, 16, 24, 32, 5000, -1])
def test_a_changed_byte_is_found(
    cache: Path, counted: list[Path], compiled: Dictionary, position: int
) -> None:
    open_dictionary(find_package())
    damaged = bytearray(only_file(cache).read_bytes())
    damaged[position] ^= 1
    only_file(cache).write_bytes(damaged)
    with pytest.raises(ValueError, match="damaged"):
        read_dictionary(only_file(cache))
    assert open_dictionary(find_package()) == compiled
    assert len(counted) == 2


def test_a_cache_that_cannot_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, counted: list[Path]
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("CORPUSKIT_CACHE", str(tmp_path / "file" / "cache"))
    assert JiebaSegmenter().cut(TEXT) == WORDS
    assert len(counted) == 1


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="no file system that refuses files")
def test_a_cache_on_a_file_system_that_refuses_files(
    monkeypatch: pytest.MonkeyPatch, counted: list[Path]
) -> None:
    monkeypatch.setenv("CORPUSKIT_CACHE", "/proc/self")
    assert JiebaSegmenter().cut(TEXT) == WORDS
    assert len(counted) == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_cache(cache: Path, counted: list[Path]) -> None:
    cache.mkdir(parents=True)
    cache.chmod(0o500)
    assert JiebaSegmenter().cut(TEXT) == WORDS
    assert list(cache.iterdir()) == []


def test_no_home_directory(monkeypatch: pytest.MonkeyPatch, counted: list[Path]) -> None:
    def no_home(path: Path) -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("CORPUSKIT_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "expanduser", no_home)
    assert JiebaSegmenter().cut(TEXT) == WORDS


def test_where_the_cache_lies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/someone")
    monkeypatch.delenv("CORPUSKIT_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert cache_directory() == Path("/home/someone/.cache/corpuskit")
    monkeypatch.setenv("XDG_CACHE_HOME", "/var/cache")
    assert cache_directory() == Path("/var/cache/corpuskit")
    monkeypatch.setenv("CORPUSKIT_CACHE", "/fast/cache")
    assert cache_directory() == Path("/fast/cache")


def test_processes_that_start_together(cache: Path) -> None:
    code = f"import corpuskit.segment; assert corpuskit.segment.cut({TEXT!r}) == {WORDS!r}"
    started = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(3)]
    assert [process.wait() for process in started] == [0, 0, 0]
    assert read_dictionary(only_file(cache)).total > 0


def test_opening_is_quick(cache: Path, counted: list[Path]) -> None:
    """About 10 ms of CPU; jieba takes a second."""
    open_dictionary(find_package())
    seconds = []
    for _ in range(5):
        begin = time.process_time()
        open_dictionary(find_package())
        seconds.append(time.process_time() - begin)
    assert min(seconds) < 0.1
