"""Print a plan in one of its forms, or how one text became another, as a unified diff."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import replace
from typing import Final, Literal

from lcc.grammar.diagnostics.terminal import dump_json, escape
from lcc.grammar.diagnostics.wording import seconds
from lcc.grammar.ir import Plan, TaskId, calls_of
from lcc.grammar.ir.json_form import to_json
from lcc.grammar.ir.text_form import print_ir
from lcc.grammar.signatures import Signature, Tools, show
from lcc.grammar.syntax.print_plan import comparable, print_plan


def emit(plan: Plan, tools: Tools, form: Literal["ir", "json", "plan", "python"]) -> str:
    """Return a plan as IR text with notes on its tools, as JSON, as a plan file, or as a program in Python."""
    if form == "json":
        return dump_json(to_json(plan)) + "\n"
    if form == "plan":
        return print_plan(plan)
    if form == "python":
        return _program(plan, tools)
    return print_ir(plan, _notes(plan, tools))


UNPROVED: Final = "# This program reads back as another plan: compare what the two do before you use it.\n"


def _program(plan: Plan, tools: Tools) -> str:
    """Return the program of a plan; where it doesn't read back as what it says, that stands at its head."""
    from lcc.grammar.front_ends import parse
    from lcc.grammar.python.lowering.program import stub_names
    from lcc.grammar.writing.program_text import print_python, statements_of

    names = {found.name: stub for stub, found in stub_names(tools).items() if stub.isidentifier()}
    text = print_python(plan, names)
    called = {task.tool: Signature(task.tool, ()) for task in calls_of(plan)}
    back = parse(text, "python", tools={**called, **tools})
    said = replace(plan, body=statements_of(plan), join=None)
    return text if back.ok and comparable(back.plan) == comparable(said) else f"{UNPROVED}{text}"


def _notes(plan: Plan, tools: Tools) -> dict[TaskId, str]:
    """Return what is known of each call's tool: effect, result, expected time."""
    return {task.id: _note(tools[task.tool]) for task in calls_of(plan) if task.tool in tools}


def _note(signature: Signature) -> str:
    cost = signature.cost.seconds
    return f"{signature.effect.value} -> {show(signature.result)}{'' if cost is None else f', {seconds(cost)}'}"


_COLORS: Final = {"+": "\x1b[32m", "-": "\x1b[31m", "@": "\x1b[36m"}
_HEADING: Final = "\x1b[1m"
_RESET: Final = "\x1b[0m"
_NO_LINE_FEED: Final = "\\ No newline at end of file\n"


def unified(before: str, after: str, old: str, new: str) -> str:
    """Return a unified diff that `patch` reads; empty if the texts are equal."""
    lines = difflib.unified_diff(_lines(before), _lines(after), fromfile=old, tofile=new)
    return "".join(line if line.endswith("\n") else f"{line}\n{_NO_LINE_FEED}" for line in lines)


def _lines(text: str) -> list[str]:
    lines = text.split("\n")
    last = lines.pop()
    return [f"{line}\n" for line in lines] + ([last] if last else [])


def for_terminal(diff: str, *, color: bool) -> str:
    """Return a diff that is safe to print, with the colours that `git diff` gives it."""
    return "".join(_for_terminal(diff, color))


def _for_terminal(diff: str, color: bool) -> Iterator[str]:
    for place, line in enumerate(diff.split("\n")[:-1]):
        style = (_HEADING if place < 2 else _COLORS.get(line[:1], "")) if color else ""
        yield f"{style}{escape(line)}{_RESET}\n" if style else f"{escape(line)}\n"
