"""Write calls and values for people: on one line, escaped."""

from __future__ import annotations

from lcc.grammar.diagnostics.terminal import escape
from lcc.grammar.ir import Join, Task
from lcc.grammar.syntax.print_value import print_keyword, print_value


def call_text(task: Task) -> str:
    """Return a call as a plan has it, without its id: `search("tides", limit=3)`."""
    shown = []
    for arg in task.args:
        keyword = "" if arg.name is None else f"{print_keyword(arg.name)}="
        shown.append(f"{keyword}{'each ' if arg.each else ''}{print_value(arg.value)}")
    return escape(f"{task.tool}({', '.join(shown)})")


def join_text(join: Join) -> str:
    """Return what a join reads, as a plan has it."""
    values = ", ".join(print_value(value) for value in join.values)
    return escape(f"{'answer' if join.direct else 'join'}({'' if join.labels is not None else values})")


def seconds(duration: float) -> str:
    """Return a duration with a unit that suits it: `3 µs`, `12 ms`, `1.25 s`, `2 min 5 s`."""
    if duration < 0.001:
        return f"{duration * 1e6:.0f} µs"
    if duration < 1:
        return f"{duration * 1e3:.0f} ms"
    if duration < 120:
        return f"{duration:.2f} s"
    minutes, rest = divmod(round(duration), 60)
    return f"{minutes} min {rest} s"


def plural(number: int, noun: str) -> str:
    """Return a count with its noun: `1 task`, `2 tasks`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
