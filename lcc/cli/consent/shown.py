"""Show what waits in a journal for somebody's answer: calls with their arguments, or a plan. The answer is for exactly that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any

from lcc.cli.consent.approve import call_line
from lcc.grammar.diagnostics.terminal import escape, escape_lines
from lcc.grammar.diagnostics.wording import plural
from lcc.grammar.values import Json
from lcc.runtime.journal.file import JournalFile
from lcc.runtime.journal.pending import Wanted, wanted


def waiting_of(file: JournalFile, owner: str) -> Wanted | None:
    """Return what a run, or a question, waits for."""
    return next((one for one in reversed(wanted(file, owner)) if one.allowed is None), None)


def waiting_lines(path: str, owner: str) -> Iterator[str]:
    """Yield the lines that show what a run, or a question, of a journal waits for."""
    with closing(JournalFile(path)) as file:
        found = waiting_of(file, owner)
    if found is not None:
        yield from lines_of(found)


def lines_of(found: Wanted) -> Iterator[str]:
    """Yield the lines that show a request."""
    shown: Mapping[str, Any] = found.shown
    if "calls" not in shown:
        yield (
            "waits for approval of this plan:"
            if shown.get("language") == "plan"
            else "waits for approval of this program:"
        )
        for line in str(shown["text"]).rstrip("\n").split("\n"):
            yield f"  {escape_lines(line)}"
        return
    tool, calls = shown["calls"]
    repeats = shown.get("repeats", {})
    yield f"waits for approval of {plural(len(calls), 'call')} of {escape(tool)}:"
    for id_, arguments in calls:
        yield f"  {call_line(id_, tool, arguments)}"
        if id_ in repeats:
            yield f"     {escape(repeats[id_])}"


def json_of(found: Wanted) -> dict[str, Json]:
    """Return a request as JSON: `tool` and `calls`, each with `id` and `arguments`, whole; or the plan's `text` and what it changes."""
    shown: Mapping[str, Any] = found.shown
    if "calls" not in shown:
        return dict(shown)
    tool, calls = shown["calls"]
    return {"tool": tool, "calls": [{"id": id_, "arguments": given} for id_, given in calls]}
