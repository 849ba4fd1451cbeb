"""Keep what tools print, and whatever else uses the streams of the process, apart from what the command itself writes.

It goes to standard error, line by line and escaped: it may be text from anywhere, and standard output holds results that another
program reads. What a subprocess of a tool writes there goes to standard error too, as it is.
"""

from __future__ import annotations

import codecs
import contextlib
import io
import os
from collections.abc import Callable, Iterator
from threading import Lock
from typing import TYPE_CHECKING, Final

from lcc.grammar.diagnostics.terminal import escape_lines

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

    from lcc.cli.console import Console

_LONGEST: Final = 8_192
"""Characters after which a line is told although it hasn't ended."""


@contextlib.contextmanager
def printed_apart(console: Console) -> Iterator[None]:
    """Have the streams of the process lead to standard error while a command runs; the console's own stay as they are."""
    out, err = Lines(console.tell), Lines(console.tell)
    with (
        _output_elsewhere(console),
        contextlib.redirect_stdout(_text(out)),
        contextlib.redirect_stderr(_text(err)),
    ):
        try:
            yield
        finally:
            out.end()
            err.end()


def _text(lines: Lines) -> io.TextIOWrapper:
    return io.TextIOWrapper(lines, encoding="utf-8", errors="backslashreplace", write_through=True)


class Lines(io.BufferedIOBase):
    """Takes what is written, from any thread, and hands it on by line, safe to print."""

    name = "<what tools print>"

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._lock = Lock()
        self._decode = codecs.getincrementaldecoder("utf-8")("backslashreplace").decode
        self._line = ""

    def writable(self) -> bool:
        """Return that it is."""
        return True

    def write(self, data: ReadableBuffer, /) -> int:
        """Take bytes; they may end anywhere."""
        given = bytes(data)
        with self._lock:
            *lines, self._line = (self._line + self._decode(given)).split("\n")
            if len(self._line) > _LONGEST:
                lines, self._line = [*lines, self._line], ""
        for line in lines:
            self._say(escape_lines(line.removesuffix("\r")))
        return len(given)

    def end(self) -> None:
        """Hand on a line that nobody ended."""
        if self._line:
            self.write(b"\n")


@contextlib.contextmanager
def _output_elsewhere(console: Console) -> Iterator[None]:
    """Have the process's output lead to its error stream, for those who don't use Python's; the console keeps its own way to it."""
    stdout = console.stdout
    try:
        if stdout.isatty() or (stdout.fileno(), console.stderr.fileno()) != (1, 2):
            raise OSError
        kept = os.dup(1)
    except OSError:  # on a terminal no program reads it; elsewhere it isn't the process's
        yield
        return
    stdout.flush()
    console.stdout = os.fdopen(kept, "w", encoding="utf-8", errors="backslashreplace", newline="")
    os.dup2(2, 1)
    try:
        yield
    finally:
        own, console.stdout = console.stdout, stdout
        os.dup2(kept, 1)
        own.close()
