"""Parse a plan file: text to IR, with every error of the text in one go.

The scanner cuts the text into statements, the grammar parses each alone, and a statement that fails is reported and left
out: the others are still read. What a dollar in a text means is settled at the end, when all tasks are known.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import field, replace
from itertools import chain
from typing import TYPE_CHECKING, Literal, assert_never

from lcc.grammar.dataclass import dataclass
from lcc.grammar.diagnostics import Diagnostic, Label, Severity, has_errors
from lcc.grammar.ir import InputDecl, Join, Plan, Ref, Task
from lcc.grammar.limits import DEFAULT_LIMITS, TextLimits
from lcc.grammar.shown import Shown
from lcc.grammar.source import Source, Span
from lcc.grammar.syntax.lalr import Unexpected
from lcc.grammar.syntax.resolve import Scope, resolve_args
from lcc.grammar.syntax.scanner import Kind, Scanner, Segment
from lcc.grammar.syntax.statement import Call, Marker, StatementParser
from lcc.grammar.syntax.strings import may_have_expressions

if TYPE_CHECKING:
    from lcc.grammar.syntax.notation.body_reader import BodyReader
    from lcc.grammar.syntax.notation.written import Written


@dataclass(frozen=True, slots=True)
class Parsed(Shown):
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
    reader = PlanReader(source, limits)
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


def _explained(segment: Segment, error: Unexpected | None = None) -> Diagnostic:
    """Say what is wrong with a segment that is no statement, or one that the grammar refused."""
    from lcc.grammar.syntax.errors import explain, explain_line, explain_open  # most texts have no errors

    if error is not None:
        return explain(error, segment)
    return explain_open(segment) if segment.kind is Kind.OPEN else explain_line(segment)


@dataclass(slots=True)
class PlanReader:
    """Collect the statements of one text.

    `steps`: those that plan.lark doesn't read, by their places among `tasks`; `places`: the segments of all.
    `earlier`: the ids of steps of earlier plans, which this one may read.
    """

    source: Source
    limits: TextLimits
    earlier: Collection[int] = ()
    parser: StatementParser = field(init=False)
    inputs: list[InputDecl] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)
    templated: list[int] = field(default_factory=list)  # places in `tasks` of those whose texts hold dollars
    places: list[Segment] = field(default_factory=list)
    steps: dict[int, Written] = field(default_factory=dict)
    body: BodyReader | None = None
    strict: bool = False
    exact: Plan | None = None  # what a block of IR text holds
    whole: bool = False  # there are steps, or an end, that only a plan with a body can hold
    ends: Segment | None = None
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
            case Kind.STEP:
                self._step(segment, None)
            case Kind.THOUGHT:
                self.thoughts.append(segment.text[8:].strip())
            case Kind.TEXT | Kind.OPEN:
                self._refuse(segment, _explained(segment))
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
        if self.exact is not None:
            help_ = "move it into the block, in the form of IR text"
            self._report(Diagnostic("P028", Severity.ERROR, "`ir:` holds a whole plan, and isn't alone", end, help_))
            return False
        if self.join is None:
            return True
        call = self.join[0]
        if segment.kind in (Kind.CALL, Kind.STEP) and segment.text.lstrip("0123456789. \t").startswith(
            ("join", "answer")
        ):
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
            if segment.kind is Kind.CALL:
                self._step(segment, error)
            else:
                self._refuse(segment, _explained(segment, error))
            return
        match statement:
            case Call(kind="task"):
                self._task(statement, segment)
            case Call():
                self.join, self.ends = (statement, self._thought()), segment
                self.whole = self.whole or (statement.templated and self._has_expressions(segment))
            case InputDecl():
                self.inputs.append(statement)
            case Marker():
                raise AssertionError(statement)  # the scanner has its own kinds for them

    def _task(self, call: Call, segment: Segment) -> None:
        if len(self.tasks) == self.limits.tasks:
            message = f"more than {self.limits.tasks:,} tasks"
            help_ = "split the plan, or raise the limit"
            self._report(Diagnostic("P015", Severity.ERROR, message, call.span, help_))
        if call.templated or "${" in segment.text:
            self.templated.append(len(self.tasks))
            self.whole = self.whole or self._has_expressions(segment)
        self.tasks.append(Task(call.id or 0, call.tool, call.args, (), 0.0, self._thought(), call.span, call.name_at))
        self.places.append(segment)

    def _has_expressions(self, segment: Segment) -> bool:
        """Whether texts of a call hold more than references. Only braces make that possible."""
        if "${" not in segment.text or not may_have_expressions(segment.text):
            return False
        return self._body_reader().has_expressions(segment)

    def _step(self, segment: Segment, refused: Unexpected | None) -> None:
        """Read a step that plan.lark doesn't; what it says of a call is kept, since it may say better what is wrong."""
        if segment.text.startswith("strict"):
            self._be_strict(segment)
            return
        if segment.text.startswith("ir"):
            self._exact(segment)
            return
        from lcc.grammar.syntax.notation.step_tokens import Faulty

        body = self._body_reader()
        other = None if refused is None else _explained(segment, refused)
        if other is not None and other.span is not None:
            body.refusals[other.span.start] = other
        try:
            written = body.read(segment)
        except Faulty as faulty:
            self._refuse(segment, faulty.found if other is None else _better(faulty.found, other))
            return
        self.whole = True
        if written.kind == "call" and written.tool in ("join", "answer"):
            self.ends, self.join = (
                segment,
                (Call(_kind(written.tool), written.id, written.tool, (), False, written.span), self._thought()),
            )
            return
        self.steps[len(self.tasks)] = written
        self.tasks.append(Task(written.id or 0, written.tool, (), (), 0.0, self._thought(), written.span))
        self.places.append(segment)

    def _be_strict(self, segment: Segment) -> None:
        span = Span(segment.start, segment.end)
        if self.strict:
            self._report(Diagnostic("P028", Severity.ERROR, "`strict` stands here a second time", span, "remove it"))
        elif self.tasks:
            help_ = "move it before the first step"
            self._report(Diagnostic("P028", Severity.ERROR, "`strict` follows a step", span, help_))
        self.strict = self.whole = True

    def _exact(self, segment: Segment) -> None:
        """Read a block of IR text, which holds a whole plan."""
        from lcc.grammar.ir.text_form import IrSyntaxError, parse_ir

        head = segment.text.splitlines()[0]
        span, begin = Span(segment.start, segment.start + len(head)), segment.start + len(head)
        try:
            if head.partition(":")[2].partition("#")[0].strip():
                raise IrSyntaxError(
                    self.source.text, segment.start + head.index(":") + 1, "the block stands below `ir:`"
                )
            block = segment.text[len(head) :].replace("\r\n", " \n").replace("\r", "\n")
            self.exact = parse_ir(" " * begin + block)
        except IrSyntaxError as error:
            here = Span(error.offset, min(error.offset + 1, segment.end))
            self._report(Diagnostic("P036", Severity.ERROR, error.message, here, "`lcc explain P036` shows the form"))
            return
        if self.exact.body is None:
            help_ = "write calls as steps: `1. search(…)`"
            self._report(Diagnostic("P036", Severity.ERROR, "`ir:` holds a plan with a body", span, help_))
        if self.tasks or self.inputs or self.strict:
            help_ = "move what stands before it into the block"
            self._report(Diagnostic("P028", Severity.ERROR, "`ir:` holds a whole plan, and isn't alone", span, help_))

    def _body_reader(self) -> BodyReader:
        """Return the reader of steps. It is made, and its grammar loaded, where a plan has some."""
        if self.body is None:
            from lcc.grammar.syntax.notation.body_reader import BodyReader

            self.body = BodyReader(self.source, self.limits, self.parser.diagnostics)
        self.body.source = self.source
        return self.body

    def _refuse(self, segment: Segment, found: Diagnostic) -> None:
        """Report a segment that can't be read, and leave it out."""
        self._report(found)
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
        if self.exact is not None:
            return self.exact
        if self.whole:
            return self._whole_plan()
        ids = {task.id for task in self.tasks if isinstance(task.id, int)}
        scope = Scope(ids | self.unread, {declared.name for declared in self.inputs})
        for place in self.templated:
            task = self.tasks[place]
            self.tasks[place] = replace(task, args=resolve_args(task.args, scope, self._report))
        tasks = tuple(self.tasks)
        join = None if self.join is None else build_join(*self._resolved(*self.join, scope), tasks)
        return Plan(tuple(self.inputs), tasks, join)

    def _whole_plan(self) -> Plan:
        """Build a plan with a body."""
        steps = list(self.written())
        end = None if self.join is None or self.ends is None else (self.ends, self.join[1], self.join[0].id)
        return self._body_reader().plan(steps, end, self.inputs, self.unread, self.strict, self.earlier)

    def written(self, first: int = 0) -> Iterator[tuple[Segment, Written | Task, str]]:
        """Yield the steps from one on, with their places and thoughts."""
        for place in range(first, len(self.tasks)):
            yield self.places[place], self.steps.get(place, self.tasks[place]), self.tasks[place].thought

    def _resolved(self, call: Call, thought: str, scope: Scope) -> tuple[Call, str]:
        return replace(call, args=resolve_args(call.args, scope, self._report)), thought

    def _report(self, diagnostic: Diagnostic) -> None:
        self.parser.diagnostics.append(diagnostic)


def _kind(tool: str) -> Literal["join", "answer"]:
    return "join" if tool == "join" else "answer"


def _better(found: Diagnostic, other: Diagnostic) -> Diagnostic:
    """Return what to say of a call that neither grammar reads: `other` is what plan.lark says, which comes less far."""
    if found.span is None or other.span is None or found.code == "P005":
        return other
    further = found.span.start > other.span.start
    return found if further or found.code in ("P028", "P029", "P011", "P107") else other


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
