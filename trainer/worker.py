"""``python -m trainer.worker LAUNCH.json``: one process of a run that a launcher started."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import traceback
from pathlib import Path

from corpuskit.console import console
from corpuskit.errors import CorpuskitError, Interrupted
from corpuskit.io.files import read_json
from trainer.session import Session

INTERNAL_ERROR = 3
_PR_SET_PDEATHSIG = 1


def main(path: str) -> int:
    """Run the session; returns the exit code."""
    end_with_parent()
    record = read_json(Path(path))
    console.configure(**record["console"])
    try:
        from trainer.execute import run_session  # takes seconds; may be interrupted

        run_session(Session.from_dict(record["session"]))
    except KeyboardInterrupt:
        return Interrupted.exit_code
    except CorpuskitError as error:
        if os.environ.get("RANK", "0") == "0":
            console.error(error)
        return error.exit_code
    except Exception:
        traceback.print_exc()
        return INTERNAL_ERROR
    return 0


def end_with_parent() -> None:
    """Have Linux stop this process, as SIGTERM would, when its launcher dies."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


if __name__ == "__main__":
    code = main(sys.argv[1])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # a peer that has failed must not hold up the end of this process
