"""Hold the two streams of a command: results go to standard output, diagnostics and progress to standard error.

What tools print, and whatever else uses the streams of the process, is kept apart: it goes to standard error, line by line and
escaped, since it may be text from anywhere, and standard output holds results that another program reads. What a subprocess of a
tool writes there goes to standard error too, as it is. A command that can't go on raises: bad input is a diagnostic and exit status
1, a bad command line is status 2.
"""

from __future__ import annotations

import codecs
import contextlib
import io
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import field
from threading import Lock
from typing import TYPE_CHECKING, Final, TextIO

from lcc.grammar.dataclass import dataclass
from lcc.grammar.diagnostics import Diagnostic, Severity
from lcc.grammar.diagnostics.render import MOST_SHOWN, count, render
from lcc.grammar.diagnostics.terminal import escape, escape_lines
from lcc.grammar.source import Source, Span

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

DEFAULT_WIDTH: Final = 120


def wants_color(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Whether to colour what goes to a stream.

    `NO_COLOR` (no-color.org) forbids it and `FORCE_COLOR` (force-color.org) demands it, unless empty; the first wins. Else
    a terminal that isn't dumb gets colour.
    """
    if environ.get("NO_COLOR"):
        return False
    if environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and environ.get("TERM") != "dumb"


@dataclass(slots=True)
class Console:
    """Where a command writes.

    `color` and `color_results`: whether standard error, and standard output, take colour. `width`: of the terminal, in cells.
    `above`: writes a line while a view is drawn below. `aside`: keeps that view away for as long as its block lasts. `leave`: what ran can't be stopped, so the process must end without waiting for it.
    """

    stdout: TextIO
    stderr: TextIO
    color: bool = False
    color_results: bool = False
    width: int = 120
    above: Callable[[str], None] | None = None
    aside: Callable[[], AbstractContextManager[None]] = nullcontext
    leave: bool = False
    _counts: Counter[Severity] = field(default_factory=Counter)

    def print(self, text: str) -> None:
        """Write a result that is safe to print; text that ends in a line feed gets no second one."""
        self.stdout.write(_line(text))

    def print_data(self, text: str) -> None:
        """Write a file's content: as it is where it goes to a file or a pipe, escaped on a terminal."""
        if self.stdout.isatty():
            text = escape_lines(text)
        self.stdout.write(text)

    def say(self, text: str) -> None:
        """Write a line of progress, which is safe to print."""
        self.stderr.write(_line(text))

    def tell(self, text: str) -> None:
        """Write a line of somebody else's, which is safe to print, where it doesn't get in the way."""
        (self.above or self.say)(text)

    def fail(self, text: str) -> None:
        """Write what went wrong outside any source text; it is escaped."""
        head = "\x1b[1;31merror:\x1b[0m" if self.color else "error:"
        self.say(f"{head} {escape(text)}")

    def report(self, diagnostics: Iterable[Diagnostic], source: Source) -> None:
        """Write diagnostics to standard error, a bounded number in all, and count them for the summary."""
        diagnostics = tuple(diagnostics)
        room = max(0, MOST_SHOWN - self._counts.total())
        self._counts.update(d.severity for d in diagnostics)
        self.stderr.write(render(diagnostics, source, color=self.color, width=self.width, most=room))

    def summarize(self) -> None:
        """Write how many diagnostics of each severity were reported, if any."""
        if self._counts:
            self.say(count(self._counts))


def _line(text: str) -> str:
    return text if text.endswith("\n") else f"{text}\n"


def standard_console() -> Console:
    """Return the console of the process.

    Plans and JSON are UTF-8 whatever the locale says, so that a redirected stream holds what a terminal would show. What a
    terminal can't show is escaped rather than an error.
    """
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding=None if stream.isatty() else "utf-8", errors="backslashreplace")
    stdout, stderr = sys.stdout or _nowhere(), sys.stderr or _nowhere()
    return Console(
        stdout,
        stderr,
        color=wants_color(stderr, os.environ),
        color_results=wants_color(stdout, os.environ),
        width=_width(stderr, stdout),
    )


def _width(*streams: TextIO) -> int:
    """Return the width of the terminal that one of the streams goes to, whatever another one was redirected to."""
    named = os.environ.get("COLUMNS", "")
    if named.isdecimal() and 0 < int(named) < 10_000 and any(stream.isatty() for stream in streams):
        return int(named)
    for stream in streams:
        with contextlib.suppress(OSError, ValueError, AttributeError):
            if stream.isatty():
                return os.get_terminal_size(stream.fileno()).columns or DEFAULT_WIDTH
    return DEFAULT_WIDTH


def _nowhere() -> TextIO:
    return open(os.devnull, "w", encoding="utf-8")


class BadInput(Exception):
    """Input that a command can't use. The diagnostics say why, and are reported at the edge."""

    def __init__(self, diagnostics: Sequence[Diagnostic], source: Source) -> None:
        super().__init__("; ".join(d.message for d in diagnostics))
        self.diagnostics = tuple(diagnostics)
        self.source = source


class Usage(Exception):
    """A command line that asks for what can't be done."""


def bad_input(code: str, message: str, source: Source, help_: str | None = None, span: Span | None = None) -> BadInput:
    """Return a BadInput of one error."""
    return BadInput([Diagnostic(code, Severity.ERROR, message, span, help_)], source)


_LONGEST: Final = 8_192
"""Characters after which a line is told although it hasn't ended."""


@contextlib.contextmanager
def printed_apart(console: Console) -> Iterator[None]:
    """Have the streams of the process lead to standard error while a command runs; the console's own stay as they are."""
    out, err = lines_to(console.tell), lines_to(console.tell)
    with _output_elsewhere(console), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            yield
        finally:
            out.buffer.end()
            err.buffer.end()


def lines_to(say: Callable[[str], None]) -> io.TextIOWrapper[_Lines]:
    """Return a stream whose text is handed on by line, safe to print."""
    return io.TextIOWrapper(_Lines(say), encoding="utf-8", errors="backslashreplace", write_through=True)


class _Lines(io.BufferedIOBase):
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
