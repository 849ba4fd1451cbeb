"""Hold the two streams of a command: results go to standard output, diagnostics and progress to standard error."""

from __future__ import annotations

import os
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TextIO

DEFAULT_WIDTH: Final = 120

if TYPE_CHECKING:
    from lcc.grammar.diagnostics import Diagnostic, Severity
    from lcc.grammar.source import Source


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
            from lcc.grammar.diagnostics.terminal import escape_lines

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
        from lcc.grammar.diagnostics.terminal import escape

        head = "\x1b[1;31merror:\x1b[0m" if self.color else "error:"
        self.say(f"{head} {escape(text)}")

    def report(self, diagnostics: Iterable[Diagnostic], source: Source) -> None:
        """Write diagnostics to standard error, and count them for the summary."""
        from lcc.grammar.diagnostics.render import render

        diagnostics = tuple(diagnostics)
        self._counts.update(d.severity for d in diagnostics)
        self.stderr.write(render(diagnostics, source, color=self.color, width=self.width))

    def summarize(self) -> None:
        """Write how many diagnostics of each severity were reported, if any."""
        from lcc.grammar.diagnostics.render import count

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
    terminal = stdout.isatty() or stderr.isatty()
    return Console(
        stdout,
        stderr,
        color=wants_color(stderr, os.environ),
        color_results=wants_color(stdout, os.environ),
        width=shutil.get_terminal_size((DEFAULT_WIDTH, 24)).columns if terminal else DEFAULT_WIDTH,
    )


def _nowhere() -> TextIO:
    return open(os.devnull, "w", encoding="utf-8")
