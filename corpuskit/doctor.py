"""What is installed here, and which engines and accelerators work."""

from __future__ import annotations

import importlib
import os
import platform
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from corpuskit import __version__
from corpuskit.errors import CorpuskitError
from corpuskit.segment.engine import open_segmenter, segmenter_names

OK, MISSING, BROKEN = "ok", "missing", "broken"
Finding = tuple[str, str, str]

REQUIRED = ("numpy", "orjson", "pyarrow", "sentencepiece", "tokenizers", "zstandard")
OPTIONAL = {
    "torch": "train",
    "deepspeed": "train",
    "tensorboard": "train",
    "flash-attn": "cuda",
    "ray": "ray",
}
PROBE = "今天天气真好"


def examine() -> list[Finding]:
    """(what, ``ok`` | ``missing`` | ``broken``, details) of everything that matters."""
    findings = [_machine(), ("corpuskit", OK, __version__), _try("native kernels", _native)]
    findings += [_package(name, None) for name in REQUIRED]
    findings += [_package(name, extra) for name, extra in OPTIONAL.items()]
    findings += [_try(f"segmenter {name}", _engine(name)) for name in segmenter_names()]
    findings.append(_try("accelerator", _accelerator))
    return findings


def _machine() -> Finding:
    cores = len(os.sched_getaffinity(0))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    details = f"{platform.system()} {platform.machine()}, {cores} cores, {memory:.0f} GB"
    return "machine", OK, f"{details}, Python {platform.python_version()}"


def _package(name: str, extra: str | None) -> Finding:
    try:
        return name, OK, version(name)
    except PackageNotFoundError:
        how = f'pip install "corpuskit[{extra}]"' if extra else f"pip install {name}"
        return name, MISSING, how


def _try(what: str, probe: Callable[[], Finding | str]) -> Finding:
    try:
        found = probe()
    except CorpuskitError as error:
        return what, MISSING, " · ".join(filter(None, (error.what, error.hint)))
    except Exception as error:
        return what, BROKEN, f"{type(error).__name__}: {error}"
    return (what, OK, found) if isinstance(found, str) else found


def _native() -> str:
    module = importlib.import_module("corpuskit._native")
    return Path(module.__file__ or "").name


def _engine(name: str) -> Callable[[], str]:
    def probe() -> str:
        words = open_segmenter(name).cut_batch([PROBE])[0]
        return " / ".join(words)

    return probe


def _accelerator() -> Finding | str:
    try:
        torch = importlib.import_module("torch")
    except ImportError:
        return "accelerator", MISSING, "PyTorch is not installed"
    if not torch.cuda.is_available():
        return "none; training runs on the CPU"
    names = [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())]
    return ", ".join(names)
