"""One configuration of a suite in a process of its own: a request in, lines of JSON out.

Each line is an object with one key: first ``ready``, which says that from now on SIGINT ends the
work with what is known; then ``progress``; at the end ``report``, ``error`` (the user's) or
``failure`` (ours). A parent that is gone ends the work.
"""

from __future__ import annotations

import dataclasses
import json
import os
import sys
import time
import traceback
from typing import TextIO

from knell.checker.results import Progress
from knell.cli.execute import execute, prepare
from knell.cli.pool import INTERRUPTED
from knell.cli.request import parse
from knell.spec.errors import KnellError

_PAUSE = 0.5


def main() -> int:
    """Do the work; whatever happens is told in the last line."""
    with _own_stdout() as out:
        try:
            _work(out)
        except BrokenPipeError:
            os._exit(1)  # nobody listens, and nothing is to be flushed
        except KnellError as error:
            _tell(out, "error", str(error))
        except KeyboardInterrupt:
            _tell(out, "failure", INTERRUPTED)
        except Exception as error:  # noqa: BLE001  # the parent says it in one line
            if os.environ.get("KNELL_DEBUG"):
                traceback.print_exception(error)
            _tell(out, "failure", " ".join(f"{type(error).__name__}: {error}".split()))
    return 0


def _work(out: TextIO) -> None:
    _tell(out, "ready", True)
    request = parse(sys.stdin.readline())
    last = time.monotonic()

    def progress(now: Progress) -> None:
        nonlocal last
        if time.monotonic() - last >= _PAUSE:
            last = time.monotonic()
            _tell(out, "progress", dataclasses.asdict(now))

    report = execute(request, prepare(request), progress)
    _tell(out, "report", dataclasses.asdict(report))


def _own_stdout() -> TextIO:
    """The pipe to the parent; whatever else is printed goes to standard error."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return out


def _tell(out: TextIO, key: str, value: object) -> None:
    out.write(json.dumps({key: value}) + "\n")
    out.flush()


if __name__ == "__main__":
    sys.exit(main())
