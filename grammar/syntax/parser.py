"""Parse a plan file: text to IR, with every error of the text in one go.

The scanner cuts the text into statements, the grammar parses each alone, and a statement that fails is reported and left
out: the others are still read. What a dollar in a text means is settled at the end, when all tasks are known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import assert_never

from lcc.grammar.diagnostics import Diagnostic, Label, Severity, has_errors
from lcc.grammar.ir import InputDecl, Join, Plan, Ref, Task
from lcc.grammar.limits import DEFAULT_LIMITS, TextLimits
from lcc.grammar.source import Source, Span
from lcc.grammar.syntax.errors import explain, explain_line, explain_open
from lcc.grammar.syntax.lalr import Unexpected
from lcc.grammar.syntax.resolve import Scope, resolve_args
from lcc.grammar.syntax.scanner import Kind, Scanner, Segment
from lcc.grammar.syntax.statement import Call, Marker, StatementParser


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a text says. `plan` holds every statement that could be read; `unread` the ids of tasks that could not.

    `repaired` maps the id of a task to the codes of the repairs made in its text; empty for a plan file.
    """

    plan: Plan
    diagnostics: tuple[Diagnostic, ...]
    source: Source
    unread: frozenset[int] = frozenset()
    repaired: Mapping[int, tuple[str, ...]] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether the text was read without an error."""
        return not has_errors(self.diagnostics)


def parse_plan(text: str, *, path: str = "<string>", limits: TextLimits = DEFAULT_LIMITS) -> Parsed:
    """Parse the text of a plan file. Never raises for what the text holds: errors are diagnostics."""
    source = Source(path, text)
    refused = check_text(text, limits)
    if refused:
        return Parsed(Plan(), (refused,), source)
    reader = _Reader(limits)
    for segment in segments(text, limits):
        reader.take(segment)
    plan = reader.finish()
    found = sorted(reader.parser.diagnostics, key=lambda d: (d.span or Span(0, 0)).start)
    return Parsed(plan, tuple(found), source, frozenset(reader.unread))


def segments(text: str, limits: TextLimits) -> Iterator[Segment]:
    """Cut a whole text into segments; a byte-order mark at its beginning is skipped."""
    scanner = Scanner(limits.nesting)
    return chain(scanner.feed(f" {text[1:]}" if text.startswith("\ufeff") else text), scanner.close())


def check_text(text: str, limits: TextLimits) -> Diagnostic | None:
    """Return why a text can't be a plan at all: too large, or not text."""
    if len(text) > limits.size:
        return _too_large(limits)
    nul = text.find("\0")
    if nul >= 0:
        message = "a NUL character: this is binary data, not a plan"
        return Diagnostic("P016", Severity.ERROR, message, Span(nul, nul + 1), "name the plan file")
    try:
        size = len(text) if text.isascii() else len(text.encode())
    except UnicodeEncodeError as error:
        message = f"U+{ord(text[error.start]):04X} is half of a surrogate pair"
        return Diagnostic("P016", Severity.ERROR, message, Span(error.start, error.start + 1), "save the file as UTF-8")
    return _too_large(limits) if size > limits.size else None


def _too_large(limits: TextLimits) -> Diagnostic:
    message = f"the text is larger than {limits.size:,} bytes"
    return Diagnostic("P015", Severity.ERROR, message, Span(0, 0), "split the plan, or raise the limit")


@dataclass(slots=True)
class _Reader:
    """Collect the statements of one text."""

    limits: TextLimits
    parser: StatementParser = field(init=False)
    inputs: list[InputDecl] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)
    templated: list[int] = field(default_factory=list)  # places in `tasks` of those whose texts hold dollars
    join: tuple[Call, str] | None = None
    end: Segment | None = None
    thoughts: list[str] = field(default_factory=list)
    unread: set[int] = field(default_factory=set)
    any: bool = False

    def __post_init__(self) -> None:
        self.parser = StatementParser(self.limits)

    def take(self, segment: Segment) -> None:
        kind = segment.kind
        if kind is Kind.COMMENT:
            return
        self.any = True
        if kind is Kind.END and self.end is None:
            self.end = segment
            return
        if not self._may_stand(segment):
            return
        match kind:
            case Kind.CALL | Kind.INPUT:
                self._statement(segment)
            case Kind.THOUGHT:
                self.thoughts.append(segment.text[8:].strip())
            case Kind.TEXT:
                self._report(explain_line(segment))
                self._lose(segment)
            case Kind.OPEN:
                self._report(explain_open(segment))
                self._lose(segment)
            case Kind.END | Kind.ASIDE:
                return
            case _:
                assert_never(kind)

    def _may_stand(self, segment: Segment) -> bool:
        """Report what follows the end of the plan."""
        end = Span(segment.start, segment.end)
        if self.end is not None:
            self._report(_after(end, "`<END_OF_PLAN>`", Span(self.end.start, self.end.end)))
            return False
        if self.join is None:
            return True
        call = self.join[0]
        if segment.kind is Kind.CALL and segment.text.lstrip("0123456789. \t").startswith(("join", "answer")):
            labels = (Label(call.span, "the plan ends here"),)
            help_ = "keep the one that is meant"
            self._report(Diagnostic("P019", Severity.ERROR, "the plan ends a second time", end, help_, labels))
        else:
            self._report(_after(end, f"`{call.kind}`", call.span))
        return False

    def _statement(self, segment: Segment) -> None:
        before = len(self.parser.diagnostics)
        try:
            statement = self.parser.parse(segment.text, segment.start)
        except Unexpected as error:
            del self.parser.diagnostics[before:]
            self._report(explain(error, segment))
            self._lose(segment)
            return
        match statement:
            case Call(kind="task"):
                if len(self.tasks) == self.limits.tasks:
                    message = f"more than {self.limits.tasks:,} tasks"
                    help_ = "split the plan, or raise the limit"
                    self._report(Diagnostic("P015", Severity.ERROR, message, statement.span, help_))
                if statement.templated:
                    self.templated.append(len(self.tasks))
                id_, thought = statement.id or 0, self._thought()
                self.tasks.append(
                    Task(id_, statement.tool, statement.args, (), 0.0, thought, statement.span, statement.name_at)
                )
            case Call():
                self.join = (statement, self._thought())
            case InputDecl():
                self.inputs.append(statement)
            case Marker():
                raise AssertionError(statement)  # the scanner has its own kinds for them

    def _lose(self, segment: Segment) -> None:
        number = segment.text.lstrip("-* \tStep#")[:9]
        digits = number[: len(number) - len(number.lstrip("0123456789"))]
        if digits:
            self.unread.add(int(digits))
        self.thoughts.clear()

    def _thought(self) -> str:
        if not self.thoughts:
            return ""
        thought = "\n".join(self.thoughts)
        self.thoughts.clear()
        return thought

    def finish(self) -> Plan:
        """Build the plan, once every statement is known."""
        if not self.any:
            message = "there is no statement in this text"
            help_ = 'a plan looks like this: 1. search("tides")'
            self._report(Diagnostic("P017", Severity.ERROR, message, Span(0, 0), help_))
            return Plan()
        ids = {task.id for task in self.tasks if isinstance(task.id, int)}
        scope = Scope(ids | self.unread, {declared.name for declared in self.inputs})
        for place in self.templated:
            task = self.tasks[place]
            self.tasks[place] = replace(task, args=resolve_args(task.args, scope, self._report))
        tasks = tuple(self.tasks)
        join = None if self.join is None else build_join(*self._resolved(*self.join, scope), tasks)
        return Plan(tuple(self.inputs), tasks, join)

    def _resolved(self, call: Call, thought: str, scope: Scope) -> tuple[Call, str]:
        return replace(call, args=resolve_args(call.args, scope, self._report)), thought

    def _report(self, diagnostic: Diagnostic) -> None:
        self.parser.diagnostics.append(diagnostic)


def build_join(call: Call, thought: str, tasks: tuple[Task, ...]) -> Join:
    """Return the join that a call says: every task of the plan for a bare `join()`."""
    if call.kind == "answer":
        return Join(tuple(a.value for a in call.args[:1]), None, True, call.id, thought, call.span)
    if not call.args:
        ids = tuple(task.id for task in tasks if isinstance(task.id, int))
        return Join(tuple(Ref(i, (), call.span) for i in ids), ids, False, call.id, thought, call.span)
    values = tuple(a.value for a in call.args)
    labels = tuple(int(a.name) for a in call.args if a.name is not None and a.name.isdigit())
    return Join(values, labels if len(labels) == len(values) else None, False, call.id, thought, call.span)


def _after(span: Span, what: str, end: Span) -> Diagnostic:
    labels = (Label(end, "the plan ends here"),)
    message = f"this follows {what} and would never be read"
    return Diagnostic("P018", Severity.ERROR, message, span, f"move it before {what}, or remove it", labels)
