"""Read the text form of the IR, a line at a time, with the grammar of `ir.lark`.

Lines are read one by one, so that the memory a text needs is that of its plan and an error is in one line. Blocks are put
together on a stack: a line that ends with `{` opens one, one that begins with `}` closes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import field, replace
from functools import cache
from importlib.resources import files
from typing import Any, Final, TypeAlias

from lark import Lark, UnexpectedCharacters, UnexpectedToken

from lcc.grammar.dataclass import dataclass
from lcc.grammar.diagnostics.terminal import shorten
from lcc.grammar.ir.expressions import NOWHERE, Value
from lcc.grammar.ir.nodes import Block, Exit, Handler, InputDecl, Join, Let, Origin, Plan, Statement, Task
from lcc.grammar.ir.text_nodes import LINE_AT, Body, Closed, Fault, Nodes, Opened, Sections, Turned
from lcc.grammar.ir.walk import beyond_flat
from lcc.grammar.limits import BODY_NESTING, IR_NESTING
from lcc.grammar.source import Span

Line: TypeAlias = InputDecl | Task | Body | Join | Origin


class IrSyntaxError(ValueError):
    """A text is not the text form of an IR. `line` and `column` count from 1, the column and `offset` in code points."""

    def __init__(self, text: str, offset: int, message: str) -> None:
        self.line = text.count("\n", 0, offset) + 1
        self.column = offset - text.rfind("\n", 0, offset)
        super().__init__(f"line {self.line}, column {self.column}: {message}")
        self.offset = offset
        self.message = message


def parse_ir(text: str) -> Plan:
    """Return the plan that `print_ir` printed; raise IrSyntaxError for any other text.

    Only the form is checked: whether ids are unique and references point backwards is for `verify`. Spans are places in the text.
    """
    reader = _Reader()
    start = 0
    try:
        for line in text.split("\n"):
            if line and not line.isspace() and not line.lstrip().startswith(";"):
                reader.read(line, start)
            start += len(line) + 1
        return reader.plan()
    except Fault as fault:
        raise IrSyntaxError(text, fault.offset, fault.message) from None


_PARTS: Final = ("an input", "a task", "a join", "an origin")


@dataclass(slots=True)
class _Frame:
    """A statement that isn't closed yet: `found` is what its last block holds so far."""

    opened: Opened
    at: Span
    sections: Sections = field(default_factory=Sections)
    block: str = "body"
    found: list[Any] = field(default_factory=list)
    handler: Turned | None = None


class _Reader:
    """What was read so far. `frames`: the statements that are open, the body of the plan first."""

    def __init__(self) -> None:
        self.inputs: list[InputDecl] = []
        self.tasks: list[Task] = []
        self.joins: list[Join] = []
        self.origins: list[Origin] = []
        self.reached = 0
        self.body: Body | None = None
        self.block: Block | None = None
        self.frames: list[_Frame] = []

    def read(self, text: str, start: int) -> None:
        """Take a line that begins at an offset; raise Fault if it can't stand there."""
        line: Any = _read_line(text, start, len(self.frames))
        at = Span(start + len(text) - len(text.lstrip()), start + len(text))
        if self.frames:
            self._statement(line, at)
        else:
            self._outside(line, at)

    def plan(self) -> Plan:
        """Return the plan; raise Fault where a block is open, or where names and operations stand outside of a body."""
        if self.frames:
            frame = self.frames[-1]
            raise Fault(frame.at.start, f"this `{frame.opened.kind}` is not closed: `}}` is missing")
        join = self.joins[0] if self.joins else None
        tasks, origins = tuple(self.tasks), tuple(self.origins)
        if self.body is None:
            return Plan(tuple(self.inputs), tasks, join, origins)
        return Plan(tuple(self.inputs), (), join, origins, self.block, self.body.fails)

    def _outside(self, line: Line, at: Span) -> None:
        part = _part_of(line)
        if part < self.reached or (part == 2 and self.joins):
            raise Fault(at.start, f"{_PARTS[part]} after {_PARTS[self.reached]}")
        self.reached = part
        match line:
            case InputDecl():
                self.inputs.append(line)
            case Task():
                if self.body is not None:
                    raise Fault(at.start, "a task outside of the body")
                _check_flat([arg.value for arg in line.args], at)
                if line.when is not None or line.ok or line.instead is not None:
                    raise Fault(at.start, _ONLY_IN_BODY)
                self.tasks.append(line)
            case Body():
                if self.body is not None or self.tasks:
                    raise Fault(at.start, "a second body" if self.body else "a body after a task")
                self.body = line
                self.frames.append(_Frame(Opened(line.fails, _no_statement), at))
            case Join():
                if self.body is None:
                    _check_flat(line.values, at)
                self.joins.append(replace(line, span=at))
            case _:
                self.origins.append(line)

    def _statement(self, line: Any, at: Span) -> None:
        frame = self.frames[-1]
        match line:
            case Turned():
                self._turn(frame, line, at)
                return
            case Closed():
                self._close(frame, line, at)
                return
        is_part = isinstance(line, Opened) and line.kind == "part"
        if is_part is not (frame.opened.kind == "gather"):
            raise Fault(at.start, "a `part` outside of a `gather`" if is_part else "a `gather` holds only parts")
        if isinstance(line, Opened):
            self.frames.append(_Frame(line, at))
        else:
            frame.found.append(replace(line, span=at) if isinstance(line, Let | Exit) else line)

    def _turn(self, frame: _Frame, line: Turned, at: Span) -> None:
        order = ("body", *frame.opened.turns)
        if line.word not in order:
            raise Fault(at.start, f"`{frame.opened.kind}` has no `{line.word}`")
        if order.index(line.word) < order.index(frame.block) or frame.block == line.word != "except":
            raise Fault(at.start, f"`{line.word}` after `{frame.block}`")
        _yielded(frame, line.yields, at)
        _end_block(frame)
        frame.block, frame.handler = line.word, line if line.word == "except" else None

    def _close(self, frame: _Frame, line: Closed, at: Span) -> None:
        kind = frame.opened.kind
        if (line.gives is not None) is not (kind == "part"):
            raise Fault(at.start, "a part ends with `} gives VALUE`" if kind == "part" else f"`{kind}` gives no value")
        _yielded(frame, line.yields, at)
        _end_block(frame)
        frame.sections.gives = line.gives
        self.frames.pop()
        if self.frames:
            self.frames[-1].found.append(frame.opened.make(frame.sections, frame.at))
        else:
            self.block = frame.sections.body


_ONLY_IN_BODY: Final = "names, operations and conditions stand only in a body: `strict { … }` or `independent { … }`"


def _check_flat(values: Iterable[Value], at: Span) -> None:
    for value in values:
        found = beyond_flat(value)
        if found is not None:
            raise Fault(getattr(found, "span", NOWHERE).start or at.start, _ONLY_IN_BODY)


def _no_statement(sections: Sections, at: Span) -> Statement:
    raise AssertionError("the body of a plan is no statement")


def _yielded(frame: _Frame, yields: tuple[Value, Value | None] | None, at: Span) -> None:
    if yields is None:
        return
    if frame.opened.kind != "for" or frame.block != "body":
        raise Fault(at.start, "`yield` stands only where the turns of a `for` end")
    frame.sections.yields, frame.sections.yield_when = yields


def _end_block(frame: _Frame) -> None:
    found, frame.found = tuple(frame.found), []
    sections, turned = frame.sections, frame.handler
    match frame.block:
        case "body" if frame.opened.kind == "gather":
            sections.parts = found
        case "body":
            sections.body = found
        case "else":
            sections.orelse = found
        case "finally":
            sections.final = found
        case _ if turned is not None:
            sections.handlers = (*sections.handlers, Handler(turned.classes, found, turned.name))


def _part_of(line: Line) -> int:
    match line:
        case InputDecl():
            return 0
        case Task() | Body():
            return 1
        case Join():
            return 2
        case _:
            return 3


def _read_line(line: str, start: int, depth: int) -> object:
    """Return what the grammar makes of a line that begins at an offset of the text, inside of `depth` blocks.

    Not by a slice of the text: lark would count the line breaks before it, for each line anew.
    """
    most = BODY_NESTING if depth else IR_NESTING
    if line.count("[") + line.count("{") + line.count("(") + depth > most:
        _check_nesting(line, start, depth, most)
    LINE_AT.set(start)
    try:
        return _parser().parse(line, start="statement" if depth else "line")
    except UnexpectedCharacters as error:
        raise _unexpected(line, start, error.pos_in_stream or 0, error.allowed) from None
    except UnexpectedToken as error:
        at = len(line) if error.token.type == "$END" else error.token.start_pos or 0
        raise _unexpected(line, start, at, error.accepts or error.expected) from None
    except Fault as fault:
        raise Fault(start + fault.offset, fault.message) from None


_BRACKET: Final = re.compile(r'"(?:[^"\\]|\\.)*"|([\[({])|[\])}]')


def _check_nesting(line: str, start: int, depth: int, most: int) -> None:
    for found in _BRACKET.finditer(line):
        if found[1]:
            depth += 1
            if depth > most:
                raise Fault(start + found.start(), f"more than {most} brackets are open")
        elif not found[0].startswith('"'):
            depth -= 1


_SHOWN: Final = {
    "ID": "an id",
    "NAME": "a name",
    "TOOL": "a tool",
    "TYPE": "a type",
    "STRING": "a string",
    "NUMBER": "a number",
    "INPUT": "an input",
    "ATTRIBUTE": "a path",
    "_F_TEXT": "text",
    "_F_START": '`f"`',
}
_WORD: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[%$]?\w+|.')


def _unexpected(line: str, start: int, offset: int, wanted: Iterable[str] | None) -> Fault:
    word = _WORD.match(line, offset)
    shown = f"`{shorten(word[0], 40)}`" if word else "end of the line"
    return Fault(start + offset, f"unexpected {shown}{_wanted(wanted)}")


def _wanted(terminals: Iterable[str] | None) -> str:
    """Say what could stand there, as long as it is short."""
    names = set(terminals or ())
    if {"STRING", "NUMBER", "TRUE", "LSQB"} <= names:
        return "; expected a value"
    known = {t.name: f"`{t.pattern.value}`" for t in _parser().terminals if t.pattern.type == "str"}
    shown = sorted({_SHOWN.get(name) or known.get(name, "") for name in names} - {""})
    return f"; expected {' or '.join(shown)}" if 0 < len(shown) <= 6 else ""


@cache
def _parser() -> Lark:
    grammar = files(__package__).joinpath("ir.lark").read_text(encoding="utf-8")
    return Lark(grammar, start=["line", "statement"], parser="lalr", transformer=Nodes(), maybe_placeholders=True)
