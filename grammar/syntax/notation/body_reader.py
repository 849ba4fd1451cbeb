"""Read the steps of a plan that says more than calls, and put them together: a body, and what it hands over."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any, Final, Literal

from lcc.grammar.diagnostics import Diagnostic, Severity
from lcc.grammar.ir import (
    Arg,
    Block,
    ForEach,
    InputDecl,
    Join,
    Let,
    ListOf,
    Plan,
    Ref,
    Region,
    Statement,
    Target,
    Task,
    Value,
    names_of,
)
from lcc.grammar.limits import TextLimits
from lcc.grammar.python import tree
from lcc.grammar.python.lowering.names.assigned import nodes
from lcc.grammar.python.lowering.names.program_rules import Refused
from lcc.grammar.source import Source, Span
from lcc.grammar.syntax.notation.python_block import BlockReader
from lcc.grammar.syntax.notation.step_blocks import StepBlocks, calls_in, column_of, ids_of, is_loop
from lcc.grammar.syntax.notation.step_parser import StepParser
from lcc.grammar.syntax.notation.step_tokens import Faulty
from lcc.grammar.syntax.notation.step_values import StepValues
from lcc.grammar.syntax.notation.written import Entry, Written
from lcc.grammar.syntax.resolve import Scope
from lcc.grammar.syntax.scanner import Segment

_PYTHON: Final = re.compile(r"(?:[0-9]+[ \t]*\.[ \t]*)?python\b[^\r\n]*")
_RESERVED: Final = ("each", "when", "true", "false", "null")


class BodyReader:
    """Reads the steps of one text. What is wrong with them is reported to `found`."""

    def __init__(self, source: Source, limits: TextLimits, found: list[Diagnostic]) -> None:
        self.source = source
        self._limits = limits
        self._found = found
        self._parser = StepParser(limits, found.append)
        self._lost: set[int] = set()
        self.refusals: dict[int, Diagnostic] = {}  # what plan.lark says of a call, by where that begins

    def read(self, segment: Segment) -> Written:
        """Read a step; raise Faulty where it can't be."""
        before = len(self._found)
        try:
            head = _PYTHON.match(segment.text)
            if head is None:
                return self._parser.parse(segment.text, segment.start)
            line = head[0].partition("#")[0].rstrip()
            written = self._parser.parse(line, segment.start)
            at = head.end()
            return replace(
                written, text=segment.text[at:], text_at=segment.start + at, span=Span(segment.start, segment.end)
            )
        except Faulty:
            del self._found[before:]
            raise

    def has_expressions(self, segment: Segment) -> bool:
        """Whether texts of a call that plan.lark reads hold expressions."""
        before = len(self._found)
        try:
            written = self.read(segment)
        except Faulty:
            return True
        finally:
            del self._found[before:]
        return any(map(_is_expression, chain.from_iterable((arg.value, *nodes(arg.value)) for arg in written.args)))

    def plan(
        self,
        steps: Sequence[tuple[Segment, Written | Task, str]],
        end: tuple[Segment, str, int | None] | None,
        inputs: Sequence[InputDecl],
        unread: set[int],
        strict: bool,
        earlier: Collection[int] = (),
    ) -> Plan:
        """Return the plan that steps make. `end`: the join or answer, the thought before it, and its id. `earlier`: ids of plans before."""
        entries = self.entries(steps)
        blocks = StepBlocks(self.source.text, self._limits.nesting, self._found.append)
        for entry in entries:
            blocks.add(entry)
        last = None if end is None else self._end(end[0])
        if end is not None and last is not None:
            blocks.add(Entry(last, *column_of(self.source.text, end[0].start)))
        blocks.finish()
        if calls_in(blocks.top) > self._limits.tasks:
            message = f"more than {self._limits.tasks:,} tasks"
            self._error("P015", message, Span(0, 0), "split the plan, or raise the limit")
        ids = ids_of(blocks.top)
        unread |= self._lost
        scope = Scope({*ids, *unread, *earlier}, {one.name for one in inputs})
        first = max([*ids, *unread, *earlier, (end[2] if end else 0) or 0], default=0)
        maker = StepMaker(self, StepValues(self.source, scope, first), scope, unread)
        whole = self._whole(blocks.top)
        if whole is not None:
            body = maker.program(whole)
            strict = True
        else:
            body = maker.block(blocks.top)
        join = None if end is None else maker.join(last, end[1], blocks.top)
        self._found += maker.values.found.values()
        fails: Literal["independent", "strict"] = "strict" if strict else "independent"
        return Plan(tuple(inputs), (), join, (), body, fails)

    def entries(self, steps: Sequence[tuple[Segment, Written | Task, str]]) -> list[Entry]:
        """Return the steps in their places; calls with dollars in their texts are read anew, since these may name locals."""
        entries = []
        for segment, step, thought in steps:
            start, column = column_of(self.source.text, segment.start)
            if isinstance(step, Task) and "$" in segment.text:
                before = len(self._found)
                try:
                    read = self.read(segment)
                except Faulty as faulty:
                    self._found.append(faulty.found)
                    self._lost.add(step.id if isinstance(step.id, int) else 0)
                    continue
                del self._found[before:]  # said already
                step = replace(read, id=step.id if isinstance(step.id, int) else None)
            entries.append(Entry(step, start, column, thought))
        return entries

    def _end(self, segment: Segment) -> Written | None:
        """Return the end of the plan; what is wrong with its form is said already."""
        before = len(self._found)
        try:
            written = self.read(segment)
        except Faulty as faulty:
            self._found.append(faulty.found)
            return None
        del self._found[before:]
        return written

    def _whole(self, entries: Sequence[Entry]) -> Written | None:
        """Return the block that is a whole program."""
        for entry in entries:
            if isinstance(entry.step, Written) and entry.step.kind == "python" and entry.step.id is None:
                if len(entries) > 1:
                    self._error(
                        "P028",
                        "`python:` without a number holds a whole plan, and isn't alone",
                        entry.span,
                        "number it: `3. python:`",
                    )
                return entry.step
        return None

    def refuse(self, refused: Refused) -> None:
        """Report why a value can't stand where it does."""
        found = refused.finding
        start = -1 if found.span is None else found.span.start
        better = self.refusals.get(start) if found.code == "P006" else None
        self._found.append(found if better is None or "input" in (found.help or "") else better)

    def _error(self, code: str, message: str, span: Span, help_: str) -> None:
        self._found.append(Diagnostic(code, Severity.ERROR, message, span, help_))


def _is_expression(node: object) -> bool:
    """Whether a node is a field with more than a reference."""
    if not isinstance(node, tree.FormattedValue):
        return False
    plain = isinstance(node.value, tree.Name) and node.value.id[0] == "$"
    return not plain or node.conversion >= 0 or node.format_spec is not None


class StepMaker:
    """Makes the statements of entries."""

    def __init__(self, reader: BodyReader, values: StepValues, scope: Scope, unread: set[int]) -> None:
        self.values = values
        self._unread = unread
        self._failures = 0
        self._reader = reader
        self._scope = scope
        self._blocks = BlockReader(values, reader._limits, reader._found)

    def block(self, entries: Sequence[Entry]) -> Block:
        """Return the statements of a block."""
        return tuple([one for one in map(self._sound, entries) if one is not None])

    def program(self, written: Written) -> Block:
        """Return the statements of a whole program."""
        return self._blocks.program(written)

    def _sound(self, entry: Entry) -> Statement | None:
        """Return the statement of an entry; None for a call or value that can't be read: nothing is said of its readers."""
        before = self._failures
        made = self._statement(entry)
        if self._failures == before or isinstance(made, ForEach | Region):
            return made
        self._unread.add(entry.step.id if isinstance(entry.step.id, int) else 0)
        return None

    def _statement(self, entry: Entry) -> Statement:
        step = entry.step
        if isinstance(step, Task):
            return replace(step, thought=entry.thought)
        match step.kind:
            case "let":
                return Let(
                    self._value(step.value, kept=True), (), step.id, self._optional(step.when), entry.thought, step.span
                )
            case "for":
                return self._loop(entry, step)
            case "python":
                when = self._optional(step.when)
                body, names = self._blocks.region(step)
                return Region(step.id or 0, body, names, when, entry.thought, step.span)
            case _:
                return self._task(step, entry.thought)

    def _task(self, step: Written, thought: str) -> Task:
        args = tuple([Arg(one.name, self._value(one.value), one.each, one.span) for one in step.args])
        name_at = step.named.start - step.span.start
        when = self._optional(step.when)
        return Task(
            step.id or 0, step.tool, args, step.after, 0.0, thought, step.span, name_at, when, step.ok, step.instead
        )

    def _loop(self, entry: Entry, step: Written) -> ForEach:
        items, when = self._value(step.value), self._optional(step.when)
        target = self._target(step)
        yields = entry.yields
        with self.values.names(target):
            body = self.block(entry.body)
            value = None if yields is None else self._value(yields.value, kept=True)
            condition = None if yields is None else self._optional(yields.when)
        return ForEach(step.id or 0, target, items, body, value, condition, (), when, entry.thought, step.span)

    def _target(self, step: Written) -> Target:
        try:
            target = self.values.own_target(step.target)
        except Refused as refused:
            help_ = "write names: `2. for a, b in $1:`"
            self._reader._error(
                "P109", refused.finding.message.replace("a comprehension", "a loop"), step.target.span, help_
            )
            return "_"
        for name in names_of(target):
            if name in self._scope.inputs:
                self._reader._error(
                    "P023", f"`{name}` is an input, and the name of a loop", step.target.span, "use another name"
                )
            elif name in _RESERVED:
                self._reader._error("P023", f"`{name}` is a word of the language", step.target.span, "use another name")
        return target

    def _value(self, node: Any, *, kept: bool = False) -> Value:
        try:
            return self.values.expression(node, kept=kept)
        except Refused as refused:
            self._reader.refuse(refused)
            self._failures += 1
            return ListOf(())

    def _optional(self, node: Any) -> Value | None:
        return None if node is None else self._value(node)

    def join(self, step: Written | None, thought: str, entries: Sequence[Entry]) -> Join | None:
        """Return what a join or answer hands over."""
        if step is None:
            return None
        values = tuple([self._value(one.value, kept=True) for one in step.args])
        if step.tool == "answer":
            return Join(values[:1], None, True, step.id, thought, step.span)
        if not values:
            ids = tuple(
                [one.step.id for one in entries if isinstance(one.step.id, int) and (not is_loop(one) or one.yields)]
            )
            return Join(tuple([Ref(i, (), step.span) for i in ids]), ids, False, step.id, thought, step.span)
        labels = tuple([int(one.name) for one in step.args if one.name is not None and one.name.isdigit()])
        return Join(values, labels if len(labels) == len(values) else None, False, step.id, thought, step.span)
