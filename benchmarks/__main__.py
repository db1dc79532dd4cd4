"""Run benchmarks by name, or all of them."""

from __future__ import annotations

import argparse
import importlib
import json
import pkgutil
from pathlib import Path

import benchmarks


def names() -> list[str]:
    found = (module.name for module in pkgutil.iter_modules(benchmarks.__path__))
    return sorted(name for name in found if not name.startswith("_"))


def main() -> None:
    parser = argparse.ArgumentParser(description=benchmarks.__doc__)
    parser.add_argument("names", nargs="*", choices=[*names(), []], metavar="NAME")
    parser.add_argument("--output", type=Path, default=Path("out/benchmarks"))
    args = parser.parse_args()
    args.output.mkdir(parents=True, exist_ok=True)
    for name in args.names or names():
        print(f"== {name}", flush=True)
        figures = importlib.import_module(f"benchmarks.{name}").run(args.output)
        text = json.dumps(figures, indent=2, ensure_ascii=False)
        (args.output / f"{name}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
