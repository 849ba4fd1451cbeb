"""Run the `lcc` command: the process's edge, where interrupts, closed pipes and exit statuses are settled.

Exit status: 0 fine, 1 findings or a failed run, 2 usage, 130 interrupted, 141 closed pipe.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence

INTERRUPTED = 130
CLOSED_PIPE = 141
_ALLOCATIONS = 200_000
"""So many objects more before garbage is looked for: what a start loads is none, and looking takes a tenth of its time."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line (by default the process's) and return its exit status.

    Where a run left threads behind that can't be stopped, or didn't come to say whether it did, and `argv` is None, the
    process ends here, since an interpreter that shuts down would wait for them.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    leave = True
    try:
        status, leave = _answer(arguments, own=argv is None)
        _flush()
    except KeyboardInterrupt:
        status = _quietly("interrupted", INTERRUPTED)
    except BrokenPipeError:
        _discard_output()
        status = CLOSED_PIPE
    except OSError as error:
        _discard_output(keep_stderr=True)
        place = f"{error.filename!r}: " if error.filename is not None else ""
        status = _quietly(f"error: {place}{error.strerror or error}", 1)
    _close_servers()
    _close_journals()
    if leave and argv is None:
        os._exit(status)
    return status


def _answer(arguments: list[str], *, own: bool) -> tuple[int, bool]:
    """Return the exit status, and whether to leave the process without waiting for its threads."""
    if arguments == ["--version"]:
        from lcc import __version__

        print(f"lcc {__version__}")
        return 0, False
    if own:
        gc.set_threshold(_ALLOCATIONS)
    from lcc.cli.main import dispatch

    return dispatch(arguments, own=own)


def _close_servers() -> None:
    """End the servers of tools that were started here, if any were: a process that just leaves wouldn't."""
    host = sys.modules.get("lcc.mcp_client.host")
    if host is not None:
        host.close_servers()


def _close_journals() -> None:
    """Wait for journals that are being closed, if there are any."""
    journals = sys.modules.get("lcc.runtime.journal.file")
    if journals is not None:
        journals.wait_for_closing()


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()


def _quietly(text: str, status: int) -> int:
    """Say something on the way out, if anybody can still hear it."""
    try:
        print(text, file=sys.stderr)
        _flush()
    except OSError:
        _discard_output()
    return status


def _discard_output(*, keep_stderr: bool = False) -> None:
    """Point the standard streams nowhere, so that the interpreter's last flush of what they hold can't fail."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout,) if keep_stderr else (sys.stdout, sys.stderr):
        try:
            os.dup2(nowhere, stream.fileno())
        except (OSError, ValueError, AttributeError):
            continue
    os.close(nowhere)


if __name__ == "__main__":
    sys.exit(main())
