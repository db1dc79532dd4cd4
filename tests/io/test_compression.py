from __future__ import annotations

import gzip
import json
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
import zstandard

from corpuskit.errors import DataError
from corpuskit.io.compression import DamagedStream, compression_of, read_blocks
from tests.io.corpora import COMPRESS, TOOLS, read_file, rejects, texts, write

ALL = ["gz", "zst", "xz"]
SKIPPABLE = b"\x5a\x2a\x4d\x18" + (7).to_bytes(4, "little") + b"ignored"


def corpus(count: int = 2000) -> bytes:
    """Lines that do not compress too well."""
    return b"".join(
        json.dumps({"text": f"{i} {zlib.crc32(b'%d' % i):x} 中文"}).encode() + b"\n"
        for i in range(count)
    )


def expected(data: bytes) -> list[str]:
    return [json.loads(line)["text"] for line in data.splitlines()]


@pytest.mark.parametrize("compression", COMPRESS)
def test_recognised_by_content(compression: str) -> None:
    assert compression_of(COMPRESS[compression](b"text")) == compression
    assert compression_of(b"") == "none"


@pytest.mark.parametrize("tool", ["gzip", "zstd", "xz"])
def test_files_of_the_real_tools(tmp_path: Path, tool: str) -> None:
    data = corpus()
    run = subprocess.run([tool, "-c"], input=data, capture_output=True, check=True)
    path = tmp_path / "corpus"
    path.write_bytes(run.stdout)
    assert texts(read_file(path)[0]) == expected(data)


@pytest.mark.parametrize("compression", ALL)
def test_members_and_padding(tmp_path: Path, compression: str) -> None:
    data = corpus()
    pack = COMPRESS[compression]
    cut = len(data) // 3
    members = pack(data[:cut]) + pack(b"") + pack(data[cut:])
    path = tmp_path / "corpus"
    path.write_bytes(members + b"\0" * 40_000)
    assert texts(read_file(path)[0]) == expected(data)


def test_many_small_members(tmp_path: Path) -> None:
    data = corpus(300)
    path = tmp_path / "corpus"
    path.write_bytes(b"".join(gzip.compress(line) for line in data.splitlines(keepends=True)))
    assert texts(read_file(path)[0]) == expected(data)


def test_skippable_zstd_frames(tmp_path: Path) -> None:
    data = corpus(10)
    path = tmp_path / "corpus"
    path.write_bytes(SKIPPABLE + zstandard.compress(data) + SKIPPABLE)
    assert texts(read_file(path)[0]) == expected(data)


def test_long_zstd_windows(tmp_path: Path) -> None:
    parameters = zstandard.ZstdCompressionParameters.from_level(1, window_log=28)
    path = tmp_path / "corpus"
    path.write_bytes(zstandard.ZstdCompressor(compression_params=parameters).compress(corpus(10)))
    assert texts(read_file(path)[0]) == expected(corpus(10))


@pytest.mark.parametrize("compression", ALL)
@pytest.mark.parametrize("share", [0.02, 0.5, 0.9, 0.9999])
def test_truncated(tmp_path: Path, compression: str, share: float) -> None:
    data = corpus()
    packed = COMPRESS[compression](data)
    size = int(len(packed) * share)
    path = tmp_path / "corpus"
    path.write_bytes(packed[:size])
    items, _ = read_file(path, "jsonl")
    kept = texts(items)
    assert kept == expected(data)[: len(kept)]
    assert len(kept) > 100 or share < 0.6 or compression == "zst"
    (reject,) = rejects(items)
    tool = TOOLS[compression]
    assert reject.reason == f"truncated {tool} stream: at byte {size} of the compressed file"
    assert items[-1] is reject
    assert reject.line == len(kept) + 1
    assert reject.offset == sum(len(line) for line in data.splitlines(True)[: len(kept)])
    assert data[reject.offset :].startswith(reject.sample.encode())


@pytest.mark.parametrize("compression", ALL)
def test_damaged(tmp_path: Path, compression: str) -> None:
    data = corpus()
    packed = bytearray(COMPRESS[compression](data))
    middle = len(packed) // 2
    packed[middle : middle + 64] = b"\xff" * 64
    path = tmp_path / "corpus"
    path.write_bytes(packed)
    items, _ = read_file(path, "jsonl")
    kept = texts(items)
    assert kept[:100] == expected(data)[: min(len(kept), 100)]
    assert rejects(items)[-1].reason.startswith(f"damaged {TOOLS[compression]} stream: near byte")
    assert items[-1] is rejects(items)[-1]


@pytest.mark.parametrize("compression", ALL)
def test_garbage_after_the_end(tmp_path: Path, compression: str) -> None:
    data = corpus(50)
    path = tmp_path / "corpus"
    path.write_bytes(COMPRESS[compression](data) + b"garbage")
    items, _ = read_file(path)
    assert texts(items) == expected(data)
    assert "stream" in rejects(items)[0].reason
    assert len(rejects(items)) == 1


@pytest.mark.parametrize(("format", "data"), [("txt", b"one\n\ntwo"), ("wudao", b'[{"text":"a"},')])
def test_truncated_in_the_other_formats(tmp_path: Path, format: str, data: bytes) -> None:
    packer = zlib.compressobj(wbits=31)
    path = tmp_path / "corpus"
    path.write_bytes(packer.compress(data) + packer.flush(zlib.Z_SYNC_FLUSH))
    items, _ = read_file(path, format)
    assert len(texts(items)) == 1
    (reject,) = rejects(items)
    assert reject.reason.startswith("truncated gzip stream")


@pytest.mark.parametrize("compression", ALL)
def test_empty_files(tmp_path: Path, compression: str) -> None:
    path = write(tmp_path / "corpus", b"", compression)
    assert read_file(path) == ([], 0)


def test_a_range_of_a_plain_file(tmp_path: Path) -> None:
    path = write(tmp_path / "a", b"0123456789")
    assert b"".join(read_blocks(path, start=2, stop=5)) == b"234"
    assert b"".join(read_blocks(path, start=8)) == b"89"


def test_errors(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot read the input"):
        list(read_blocks(tmp_path / "absent"))
    with pytest.raises(DamagedStream):
        list(read_blocks(write(tmp_path / "a", b"text"), "gz"))


GROWTH = """
import sys
from pathlib import Path
from tests.io.corpora import discover, plan, Reader
(unit,) = plan(discover([sys.argv[1]]))
def peak():  # unlike ru_maxrss, VmHWM does not begin with the parent's peak
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024
before = peak()
count = sum(1 for _ in Reader(unit))
print(count, peak() - before)
"""


def growth(path: Path) -> tuple[int, float]:
    """Items read by a fresh process, and by how many MiB its peak memory grew."""
    root = Path(__file__).parents[2]
    run = subprocess.run(
        [sys.executable, "-c", GROWTH, str(path)], capture_output=True, check=True, cwd=root
    )
    count, mib = run.stdout.split()
    return int(count), float(mib)


@pytest.mark.slow
def test_memory_stays_flat(tmp_path: Path) -> None:
    text = "词语 " * 500
    block = b"".join(json.dumps({"text": f"{i} {text}"}).encode() + b"\n" for i in range(1000))
    repeats = (300 << 20) // len(block) + 1
    path = tmp_path / "corpus"
    with gzip.open(path, "wb", 1) as file:
        for _ in range(repeats):
            file.write(block)
    count, mib = growth(path)
    assert count == 1000 * repeats
    assert mib < 40


@pytest.mark.slow
def test_memory_of_an_endless_line(tmp_path: Path) -> None:
    path = tmp_path / "corpus"
    with gzip.open(path, "wb", 1) as file:
        file.write(b'{"text": "')
        for _ in range(700):
            file.write(b"x" * (1 << 20))
    count, mib = growth(path)
    assert count == 1
    assert mib < 300
