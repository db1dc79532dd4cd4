from __future__ import annotations

import io
import os
import tarfile
import zipfile
from pathlib import Path

import pytest

from corpuskit.errors import DataError, UsageError
from corpuskit.io.discover import describe, discover
from corpuskit.io.units import Source
from tests.io.corpora import COMPRESS, read_file, rejects, write

JSONL = b'{"text": "a"}\n'
WUDAO = b'[{"content": "a"}]'
CHINESE = "中文语料，一行一句。\n" * 20


def names(sources: list[Source]) -> list[str]:
    return [source.name for source in sources]


def test_directories_are_walked_in_the_order_of_names(tmp_path: Path) -> None:
    for name in ["b/2.txt", "b/10.txt", "a.txt", "c/d/e.txt", ".git/f", "c/.hidden"]:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("text")
    sources = discover([tmp_path])
    assert names(sources) == ["a.txt", "b/10.txt", "b/2.txt", "c/d/e.txt"]
    assert sources[1].path == tmp_path / "b/10.txt"
    assert (sources[1].size, sources[1].mtime_ns) == (4, (tmp_path / "b/10.txt").stat().st_mtime_ns)


def test_the_order_of_the_inputs_is_kept(tmp_path: Path) -> None:
    paths = [write(tmp_path / name, JSONL) for name in ("b", "a", ".c")]
    assert names(discover(paths)) == ["b", "a", ".c"]


def test_relative_inputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "a", JSONL)
    monkeypatch.chdir(tmp_path)
    for argument in (".", "a", f"../{tmp_path.name}/a"):
        (source,) = discover([argument])
        assert (source.name, source.path) == ("a", tmp_path / "a")


def test_links_are_followed_and_loops_end(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    write(tmp_path / "real/a", JSONL)
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "link").symlink_to(tmp_path / "real")
    (corpus / "loop").symlink_to(corpus)
    assert names(discover([corpus])) == ["link/a"]


@pytest.mark.parametrize("compression", COMPRESS)
@pytest.mark.parametrize(
    ("data", "format"),
    [
        (JSONL, "jsonl"),
        (b"\xef\xbb\xbf\r\n  " + JSONL, "jsonl"),
        (b'{"text": "cut', "jsonl"),
        (b"{}", "jsonl"),
        (WUDAO, "wudao"),
        (b'[\n  {\n    "content"', "wudao"),
        (b"[]", "wudao"),
        (b"[1] A footnote", "txt"),
        (b"{brackets} in prose", "txt"),
        (CHINESE.encode(), "txt"),
        (CHINESE.encode() * 300 + "文".encode()[:2], "txt"),
        (CHINESE.encode() * 10 + b"\xff", "txt"),
        (b"nul \0 bytes", "txt"),
        (b"", "txt"),
    ],
)
def test_formats(tmp_path: Path, data: bytes, format: str, compression: str) -> None:
    (source,) = discover([write(tmp_path / "misleading.parquet.gz", data, compression)])
    assert (source.format, source.compression) == (format, compression)


def test_a_named_format_is_taken(tmp_path: Path) -> None:
    path = write(tmp_path / "a", WUDAO)
    assert discover([path], "clue")[0].format == "clue"


def test_describe(tmp_path: Path) -> None:
    write(tmp_path / "a", JSONL, "gz")
    write(tmp_path / "b", JSONL, "gz")
    write(tmp_path / "c", WUDAO)
    assert describe(discover([tmp_path])) == "3 files: 2 jsonl (gz), 1 wudao"
    assert describe(discover([tmp_path / "c"])) == "1 file: 1 wudao"


def test_a_missing_input(tmp_path: Path) -> None:
    write(tmp_path / "corpus.jsonl", JSONL)
    with pytest.raises(DataError, match="input not found") as caught:
        discover([tmp_path / "corpus.json"])
    assert caught.value.hint == f"did you mean {tmp_path / 'corpus.jsonl'}?"
    with pytest.raises(DataError, match="check the path"):
        discover([tmp_path / "no/such/directory"])


def test_an_empty_directory(tmp_path: Path) -> None:
    (tmp_path / ".hidden").touch()
    with pytest.raises(DataError, match="no files in the directory"):
        discover([tmp_path])


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file(tmp_path: Path) -> None:
    write(tmp_path / "a", JSONL).chmod(0)
    with pytest.raises(DataError, match="cannot read the input: Permission denied"):
        discover([tmp_path])


def test_a_dangling_link(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "gone")
    with pytest.raises(DataError, match="cannot read the input: No such file"):
        discover([tmp_path])


def test_a_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DataError, match="not a regular file"):
        discover([tmp_path / "pipe"])


def test_the_same_name_twice(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write(tmp_path / name / "part", JSONL)
    with pytest.raises(DataError, match="the same name 'part'") as caught:
        discover([tmp_path / "a", tmp_path / "b"])
    assert caught.value.hint == "give the directory above both, so that their names differ"
    assert names(discover([tmp_path])) == ["a/part", "b/part"]


def test_the_same_file_twice(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    write(tmp_path / "a/part", JSONL)
    for inputs in ([tmp_path / "a/part"] * 2, [tmp_path, tmp_path / "a"]):
        with pytest.raises(DataError, match="the same input is given twice"):
            discover(inputs)


def test_an_unknown_format() -> None:
    with pytest.raises(UsageError, match="did you mean jsonl"):
        discover([], "json")
    with pytest.raises(UsageError, match="one of auto, jsonl, wudao, clue, txt, parquet"):
        discover([], "7")


def tar() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("part.jsonl"), io.BytesIO(JSONL))
    return buffer.getvalue()


def zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("part.jsonl", JSONL)
    return buffer.getvalue()


NO_TEXT = {
    "tar": (tar(), "none", "tar archive", "tar xf a"),
    "tar.gz": (tar(), "gz", "tar archive", "tar xf a"),
    "zip": (zipped(), "none", "zip archive", "unzip a"),
    "7z": (b"7z\xbc\xaf\x27\x1c\0\4", "none", "7z archive", "7z x a"),
    "bz2": (b"BZh91AY&SY\0", "none", "bzip2 is not read", "bunzip2 a"),
    "lz4": (b"\x04\x22\x4d\x18\0", "none", "lz4 is not read", "unlz4 a"),
    "utf-16": (CHINESE.encode("utf-16"), "none", "looks like UTF-16", "iconv -f UTF-16 -t UTF-8 a"),
    "gbk": (CHINESE.encode("gbk"), "none", "looks like GB18030", "iconv -f GB18030 -t UTF-8 a"),
    "gbk.gz": (CHINESE.encode("gbk"), "gz", "looks like GB18030", "iconv -f GB18030"),
    "binary": (bytes(range(256)) * 9, "none", "neither UTF-8 text", "--format"),
    "json": (b'{\n  "data": [1]\n}', "none", "over many lines is not JSON Lines", "jq -c"),
    "parquet.gz": (b"PAR1....", "gz", "not a plain Parquet file", "decompress it"),
}


@pytest.mark.parametrize("kind", NO_TEXT)
def test_what_holds_no_text_is_refused_with_a_remedy(tmp_path: Path, kind: str) -> None:
    data, compression, what, hint = NO_TEXT[kind]
    path = write(tmp_path / "a", data, compression)
    with pytest.raises(DataError, match=what) as caught:
        discover([tmp_path])
    assert caught.value.where == str(path)
    assert hint in (caught.value.hint or "")


def test_an_archive_is_refused_whatever_the_format_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="tar archive"):
        discover([write(tmp_path / "a", tar())], "jsonl")


def test_another_format_named_parquet(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="not a plain Parquet file"):
        discover([write(tmp_path / "a", JSONL)], "parquet")


def test_a_file_cut_within_its_first_block(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(COMPRESS["gz"](JSONL)[:12])
    items, _ = read_file(path)
    assert [reject.reason for reject in rejects(items)] == [
        "truncated gzip stream: at byte 12 of the compressed file"
    ]
