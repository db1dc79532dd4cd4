"""The command line: flags in, one call to the library, the result shown.

Commands are found by their file names: ``cli/segment.py`` is ``corpuskit segment``, and
``cli/index/verify.py`` is ``corpuskit index verify``. A command module has a docstring
(its first line is the summary), ``EXAMPLES``, ``add_arguments(parser)`` and ``run(args)``;
a group that has them too, as ``cli/segment/``, is itself a command.
"""

from __future__ import annotations

import argparse
import importlib
import os
import pkgutil
import shlex
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import TYPE_CHECKING

from corpuskit.errors import CorpuskitError, Interrupted, UsageError

if TYPE_CHECKING:
    from corpuskit.cli._parser import Parser

INTERNAL_ERROR = 3


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        code = _dispatch(words)
        sys.stdout.flush()
        return code
    except Interrupted as error:
        error.hint = error.hint or f"go on with: {_continuing(words)}"
        return _report(error)
    except CorpuskitError as error:
        return _report(error)
    except KeyboardInterrupt:
        return _report(Interrupted("interrupted"))
    except BrokenPipeError:  # the reader of our output has gone, as in `corpuskit ... | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception:
        import traceback

        traceback.print_exc()
        return INTERNAL_ERROR


def _continuing(words: list[str]) -> str:
    """The command that goes on after an interruption: it must not start anew."""
    return shlex.join(["corpuskit", *(word for word in words if word != "--overwrite")])


def _report(error: CorpuskitError) -> int:
    from corpuskit.console import console

    if "CORPUSKIT_DEBUG" in os.environ:
        import traceback

        traceback.print_exception(error)
    console.error(error)
    return error.exit_code


def _dispatch(words: list[str]) -> int:
    module, name, rest = _find(words)
    if module is None:
        return _overview(words)
    if is_command(module):
        return _run(module, name, rest)
    return _group_overview(module, name, rest)


def _find(words: list[str]) -> tuple[ModuleType | None, str, list[str]]:
    """The module of the command that ``words`` name, its full name, and the words left."""
    module = sys.modules[__name__]
    name, found = "corpuskit", None
    while words and not words[0].startswith("-") and _is_group(module):
        verb = words[0]
        if verb not in command_names(module):
            if is_command(module):
                break
            raise _unknown(verb, name, command_names(module))
        module = found = importlib.import_module(f"{module.__name__}.{_file_name(verb)}")
        name, words = f"{name} {verb}", words[1:]
    return found, name, words


def _is_group(module: ModuleType) -> bool:
    return hasattr(module, "__path__")


def is_command(module: ModuleType) -> bool:
    """Whether a module can be run, be it a group as well or not."""
    return hasattr(module, "run")


def _file_name(verb: str) -> str:
    return verb.replace("-", "_")


def command_names(group: ModuleType) -> list[str]:
    """The commands inside a group, by their file names."""
    names = (entry.name for entry in pkgutil.iter_modules(group.__path__))
    return sorted(name.replace("_", "-") for name in names if not name.startswith("_"))


def _unknown(verb: str, name: str, known: list[str]) -> UsageError:
    import difflib

    close = difflib.get_close_matches(verb, known, n=1)
    hint = f"did you mean `{name} {close[0]}`?" if close else f"see `{name} --help`"
    return UsageError(f"unknown command '{verb}'", hint=hint)


def _summary(module: ModuleType) -> str:
    return (module.__doc__ or "").strip().splitlines()[0].rstrip(".")


def _listing(group: ModuleType) -> str:
    lines = []
    for verb in command_names(group):
        module = importlib.import_module(f"{group.__name__}.{_file_name(verb)}")
        lines.append(f"  {verb:10} {_summary(module)}")
    return "\n".join(lines)


def _overview(words: list[str]) -> int:
    from corpuskit import __version__

    if words[:1] == ["--version"]:
        sys.stdout.write(f"corpuskit {__version__}\n")
        return 0
    if words and words[0] not in ("-h", "--help"):
        raise UsageError(f"unknown option '{words[0]}'", hint="see `corpuskit --help`")
    sys.stdout.write(
        "usage: corpuskit COMMAND ...\n\n"
        "From raw Chinese and English text to a trained language model.\n\n"
        f"commands:\n{_listing(sys.modules[__name__])}\n\n"
        "`corpuskit COMMAND --help` shows options and examples.\n"
    )
    return 0


def _group_overview(module: ModuleType, name: str, rest: list[str]) -> int:
    if rest and rest[0] not in ("-h", "--help"):
        raise UsageError(f"unknown option '{rest[0]}'", hint=f"see `{name} --help`")
    sys.stdout.write(
        f"usage: {name} COMMAND ...\n\n{(module.__doc__ or '').strip()}\n\n"
        f"commands:\n{_listing(module)}\n"
    )
    return 0 if rest else UsageError.exit_code


def build_parser(module: ModuleType, name: str) -> Parser:
    """The parser of one command, with the flags that every command has."""
    from corpuskit.cli._options import add_common
    from corpuskit.cli._parser import Parser

    examples = "\n".join(f"  {line}" for line in module.EXAMPLES)
    others = f"commands:\n{_listing(module)}\n\n" if _is_group(module) else ""
    parser = Parser(
        prog=name,
        description=(module.__doc__ or "").strip(),
        epilog=f"{others}examples:\n{examples}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    module.add_arguments(parser)
    add_common(parser)
    return parser


def _run(module: ModuleType, name: str, words: list[str]) -> int:
    from corpuskit.cli._parser import parse

    parser = build_parser(module, name)
    args = parse(parser, words, layered=not getattr(module, "OWN_CONFIG", False))
    from corpuskit.console import console

    console.configure(json=args.json, quiet=args.quiet, progress=args.progress)
    return module.run(args) or 0
