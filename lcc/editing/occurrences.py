"""Find what a place of a text names, and every other place that names the same: ids of steps, inputs, tools."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from lcc.editing.open_text import OpenText
from lcc.grammar.diagnostics import Edit
from lcc.grammar.ir import NOWHERE, Input, Join, Ref, Statement, Task, Value
from lcc.grammar.ir.blocks import statement_values
from lcc.grammar.ir.walk import walk
from lcc.grammar.source import Span
from lcc.pages.highlight import tokens

_LABEL: Final = re.compile(r"[ \t]*([0-9]+)[ \t]*\.")
_REFERENCE: Final = re.compile(r"\$(?:\{[ ]*)?(\w+)")
_INPUT: Final = re.compile(r"(?:secret\s+)?input\s+(\w+)")
_NAME: Final = re.compile(r"[A-Za-z_]\w{0,99}\Z")
_ID: Final = re.compile(r"[1-9][0-9]{0,8}\Z")
LONGEST: Final = 100_000
"""Characters of a step in which its conditions are looked for."""


class Named(NamedTuple):
    """What a place names: a step's result (`id`), an input or a tool. `span`: the name alone; `declares`: whether it is given here."""

    kind: str
    name: str
    span: Span
    declares: bool = False
    value: Ref | Input | None = None

    @property
    def whole(self) -> Span:
        """The place with its path, where it has one."""
        return self.span if self.value is None else self.value.span


class CantRename(Exception):
    """A name that can't be changed, or not to this. The message says why."""


def occurrences(text: OpenText) -> Iterator[Named]:
    """Yield all places of a text that name something; one may come twice."""
    for declared in text.parsed.plan.inputs:
        found = _INPUT.match(text.source.text, declared.span.start, declared.span.end)
        if found is not None and found[1] == declared.name:
            yield Named("input", declared.name, Span(*found.span(1)), True)
        if declared.default is not None:
            yield from _in_value(declared.default, text.source.text)
    join = text.parsed.plan.join
    for statement in (*text.statements, *((join,) if join is not None else ())):
        yield from _in_statement(statement, text)


def _in_statement(statement: Statement | Join, text: OpenText) -> Iterator[Named]:
    source = text.source.text
    id = getattr(statement, "id", None)
    label = None if id is None or text.language != "plan" else _LABEL.match(source, *statement.span)
    if label is not None and label[1] == str(id):
        yield Named("id", label[1], Span(*label.span(1)), True)
    if isinstance(statement, Task) and source[slice(*statement.tool_span)] == statement.tool:
        yield Named("tool", statement.tool, statement.tool_span)
    values = statement.values if isinstance(statement, Join) else statement_values(statement)
    for value in values:
        yield from _in_value(value, source)
    if isinstance(statement, Task) and (statement.after or statement.ok or statement.instead is not None):
        yield from _in_conditions(statement, source)


def _in_value(value: Value, source: str) -> Iterator[Named]:
    for one in walk(value):
        if isinstance(one, Ref | Input) and one.span != NOWHERE:
            name = str(one.task) if isinstance(one, Ref) else one.name
            found = _REFERENCE.match(source, *one.span)
            if found is not None and found[1] == name:
                yield Named("id" if isinstance(one, Ref) else "input", name, Span(*found.span(1)), False, one)


def _in_conditions(task: Task, source: str) -> Iterator[Named]:
    """Yield the ids behind a call: `after $1`, `if failed $2`. They stand in the plan without places."""
    ids = {str(id) for id in (*task.after, *task.ok, task.instead) if id is not None}
    at = max([task.tool_span.end, *[arg.span.end for arg in task.args]])
    for kind, part in tokens(source[at : min(task.span.end, at + LONGEST)]):
        found = _REFERENCE.match(part) if kind == "reference" else None
        if found is not None and found[1] in ids:
            yield Named("id", found[1], Span(at + found.start(1), at + found.end(1)))
        at += len(part)


def named_at(text: OpenText, offset: int) -> Named | None:
    """Return what stands at an offset: of a path the reference that it belongs to."""
    inside = [one for one in occurrences(text) if one.whole.start <= offset <= one.whole.end]
    return min(inside, key=lambda one: one.whole.end - one.whole.start, default=None)


def declaration(text: OpenText, named: Named) -> Span | None:
    """Return where a step or an input is given; None for a tool, which stands elsewhere."""
    return next((one.span for one in occurrences(text) if one.declares and one[:2] == named[:2]), None)


def _check_new_name(text: OpenText, named: Named, new: str) -> None:
    if any(found.is_error for found in text.findings):
        raise CantRename("the plan has errors, so that a name could be missed; mend them first")
    if text.language != "plan" or named.kind == "tool":
        raise CantRename("only ids and inputs of plan files are renamed")
    if named.kind == "id" and not _ID.match(new):
        raise CantRename("an id is a whole number, such as 12")
    if named.kind == "input" and not _NAME.match(new):
        raise CantRename("an input's name is letters, digits and `_`, such as city")
    if any(one[:2] == (named.kind, new) for one in occurrences(text)):
        raise CantRename(f"there is another `{new}` already")


def rename(text: OpenText, named: Named, new: str) -> list[Edit]:
    """Return the edits that give an id or input another name everywhere; raise CantRename."""
    new = new.strip().removeprefix("$")
    if new == named.name:
        return []
    _check_new_name(text, named, new)
    spans = sorted({one.span for one in occurrences(text) if one[:2] == named[:2]})
    return [Edit(span, new) for span in spans]
