"""Write what the real Baidu LAC answers, for the tests of ``corpuskit.segment.lac``.

Runs outside corpuskit's environment, on the standard library, Paddle and LAC alone::

    python -m venv paddle && paddle/bin/pip install paddlepaddle==3.3.1
    echo 'setuptools<81' > constraint.txt
    PIP_CONSTRAINT=$PWD/constraint.txt pip download --no-deps --no-binary :all: LAC==2.1.2
    tar xzf LAC-2.1.2.tar.gz
    paddle/bin/python tools/lac_reference.py LAC-2.1.2 tests/segment/data --corpora ../shared/data

Two files come out. ``lac_golden.jsonl.gz`` holds lines with their words and labels: lines of
the sample corpus, hand-made ones, random ones, and some cut with the dictionary
``lac_user_dict.txt``. ``lac_checksums.json`` holds a checksum per block of lines for text
that is too long to store or not ours to ship.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import random
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
BLOCK_LINES = 250
GOLDEN_LINES = 900  # of each sample file
LAC_EVERY = 3  # the blocks that the slower model labels too

# (path, take one document in so many)
SAMPLE = [("statutes.jsonl", 3), ("sanguo.txt", 3), ("sotu.txt", 20)]
CORPORA = [
    ("zh_web.jsonl.gz", 3),
    ("zh_docs.jsonl.gz", 30),
    ("en_docs.txt.gz", 400),
    ("labelled/waimai_10k.csv", 2),
]

HAND_MADE = """\
百度是一家高科技公司。
LAC是个优秀的分词工具，版本号是2.1.2。
今天天气不错，Hello World！ 2008年8月8日晚8时，第29届奥运会在北京开幕。
ＡＢＣ　１２３，全形字母與數字；繁體中文也要能處理。
萬國覲見，鬱鬱蔥蔥，龜兔賽跑。
AA制、T恤、卡拉OK、X光、3D打印、4S店、5G网络。
https://example.com/a?b=1&c=2 和 user@example.com
WindowsXP和windows 10以及iOS14，C++、C#、.NET、Node.js
OOV OOVOOV aOOVb 未登录词
南京市长江大桥。研究生命的起源。乒乓球拍卖完了。结婚的和尚未结婚的。
三点一四一五九二六，百分之五十，１００％，３．１４，-40℃，1/2，50%
“引号”‘单引号’《书名》〈篇名〉【标题】（括号）——……、；：？！·～
ひらがなカタカナ한국어Русский язык Ελληνικά العربية
😀👍🏽👨‍👩‍👧𠀀𠮷野家𪚥
㐀㐁䶵龥龦鿿豈﨩〇々〆ヶ
a
中
我 爱  北京   天安门
０
é e\u0301 ﬁ ﷺ Å \u200b零宽\u200d空格\ufeff
\u00a0不换行空格\u3000全角空格\u2028行分隔\u2029段分隔
王小明在中国科学院计算技术研究所上学，后来去了阿里巴巴杭州总部工作。
张三丰、欧阳修、司马相如、买买提·艾力、约翰·史密斯
2023-12-31 23:59:59 UTC+08:00，￥1,234.56，$99.99，€5
ATGCATGC, H2O, CO2, NaCl, pH=7.4, E=mc2, x+y=z, α+β≥γ
哈哈哈哈哈哈哈哈哈哈，啊啊啊啊，哦哦，呵呵。。。。。。！！！！
"""


def documents(path: Path) -> Iterator[str]:
    """Texts of a file: the ``text`` of JSON lines, or what blank lines separate."""
    with (
        gzip.open(path, "rt", encoding="utf-8")
        if path.suffix == ".gz"
        else path.open(encoding="utf-8") as lines
    ):
        if ".jsonl" in path.name:
            yield from (json.loads(line)["text"] for line in lines)
        else:
            yield from lines.read().split("\n\n")


def distinct_lines(path: Path, every: int) -> list[str]:
    """Lines of every so many documents, each once, in the order of the file."""
    chosen = islice(documents(path), 0, None, every)
    return list(dict.fromkeys(line for text in chosen for line in text.split("\n") if line))


def blocks(lines: list[str]) -> Iterator[list[str]]:
    """Lines by the block."""
    return (lines[i : i + BLOCK_LINES] for i in range(0, len(lines), BLOCK_LINES))


def checksum(lines: list[Any]) -> str:
    """Checksum of a block's answers: lists of words, or of (word, label)."""
    text = json.dumps(lines, ensure_ascii=False, separators=(",", ":"))
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def open_lac(package: Path, model: str) -> Any:
    """The real thing, on a Paddle that no longer has the names LAC imports."""
    import paddle
    import paddle.base as base

    sys.modules.update({"paddle.fluid": base, "paddle.fluid.core": base.core})
    paddle.fluid = base
    create = base.core.create_paddle_predictor

    def create_plain(config: Any) -> Any:
        config.disable_mkldnn()  # many times slower on variable lengths
        return create(config)

    base.core.create_paddle_predictor = create_plain
    sys.path.insert(0, str(package))
    from LAC import LAC

    base.core.create_paddle_predictor = create
    return LAC(mode=model)


def answers(lac: Any, lines: list[str]) -> list[Any]:
    """Words of each line, or (word, label) pairs."""
    found = []
    for i in range(0, len(lines), 32):
        for answer in lac.run(lines[i : i + 32]):
            pairs = len(answer) == 2 and isinstance(answer[0], list)
            found.append(list(zip(*answer, strict=True)) if pairs else answer)
    return found


def random_lines(package: Path, count: int) -> Iterator[str]:
    """Random lines of the network's characters and words, ASCII and everything else."""
    conf = package / "LAC" / "lac_model" / "conf"
    entries = (conf / "small_seg.dic").read_text(encoding="utf-8").split("\n")
    words = [line.split(" ")[0] for line in entries]
    folded = [c for c in (conf / "q2b.dic").read_text(encoding="utf-8") if c not in "\t\n"]
    ascii_characters = [chr(c) for c in range(32, 127)]
    strange = list("\t\r\x00\x7f\x85\u00a0\u2028\u3000\ufeff\U0001f600\U00020000")
    randomly = random.Random(20210525)
    everything = [chr(c) for c in range(0x80, 0x2FFFF) if not 0xD800 <= c < 0xE000]
    pools = [words, words, folded, ascii_characters, strange, everything]
    for _ in range(count):
        weights = [randomly.random() ** 3 for _ in pools]
        length = randomly.randrange(1, 40)
        chosen = randomly.choices(pools, weights, k=length)
        yield "".join(randomly.choice(pool) for pool in chosen)


def golden_lines(package: Path) -> list[str]:
    """The lines to store."""
    randomly = random.Random(1)
    lines = [*HAND_MADE.rstrip().split("\n"), *random_lines(package, 800)]
    lines += ["长" * 3000, "很长的一行。" * 700]
    for name, every in SAMPLE:
        candidates = distinct_lines(ROOT / "examples" / "sample" / name, every)
        randomly.shuffle(candidates)
        lines += [line for line in candidates if len(line) < 200][:GOLDEN_LINES]
    return list(dict.fromkeys(lines))


def user_lines(dictionary: Path) -> list[str]:
    """Lines in which phrases of the dictionary occur, alone, overlapping and at the ends."""
    entries = dictionary.read_text(encoding="utf-8").split("\n")
    phrases = ["".join(item.rpartition("/")[0] or item for item in e.split()) for e in entries]
    phrases = [phrase for phrase in phrases if phrase]
    randomly = random.Random(2)
    fillers = ["我们在", "的", "。", "公司 ", "ABC", "了，", "春", "天", "开", "高", "1998", ""]
    lines = phrases.copy()
    for _ in range(300):
        pieces = randomly.choices(phrases + fillers, k=randomly.randrange(1, 9))
        lines.append("".join(piece[: randomly.choice([None, None, None, -1])] for piece in pieces))
    return list(dict.fromkeys(line for line in lines if line))


def write_golden(models: dict[str, Any], package: Path, out: Path) -> None:
    """Lines with their answers, without and with the user's dictionary."""
    dictionary = out / "lac_user_dict.txt"
    plain, custom = golden_lines(package), user_lines(dictionary)
    records = [{"text": line, "user_dict": False} for line in plain]
    records += [{"text": line, "user_dict": True} for line in custom]
    for name, lac in models.items():
        found = answers(lac, plain)
        lac.load_customization(str(dictionary))
        found += answers(lac, custom)
        lac.model.custom = None
        for record, answer in zip(records, found, strict=True):
            record[name] = answer
    text = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    (out / "lac_golden.jsonl.gz").write_bytes(gzip.compress(text.encode(), mtime=0))


def file_checksums(models: dict[str, Any], path: Path, every: int) -> dict[str, Any]:
    """Checksums of a file's blocks; ``lac`` has one of every ``LAC_EVERY`` blocks."""
    lines = distinct_lines(path, every)
    found: dict[str, Any] = {"every": every, "lines": len(lines), "seg": [], "lac": []}
    for number, block in enumerate(blocks(lines)):
        found["seg"].append(checksum(answers(models["seg"], block)))
        if number % LAC_EVERY == 0:
            found["lac"].append(checksum(answers(models["lac"], block)))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("package", type=Path, help="the unpacked source distribution")
    parser.add_argument("out", type=Path, help="where the files go")
    parser.add_argument("--corpora", type=Path, help="further text, for checksums only")
    args = parser.parse_args()
    models = {name: open_lac(args.package, name) for name in ("seg", "lac")}
    write_golden(models, args.package, args.out)
    places = [("sample", ROOT / "examples" / "sample", SAMPLE), ("corpora", args.corpora, CORPORA)]
    checksums = {
        place: {name: file_checksums(models, folder / name, every) for name, every in files}
        for place, folder, files in places
        if folder is not None
    }
    text = json.dumps(checksums, indent=1) + "\n"
    (args.out / "lac_checksums.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
