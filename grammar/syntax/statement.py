"""Parse one statement: the actions that the grammar's reductions run, and the nodes that they build.

What a statement alone can say is checked here: numbers, escapes, duplicate keys, the shape of `join` and `answer`. What
needs the plan (whether `$5` in a text is a task or money) is left as a `Template` for `resolve.py`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import field
from functools import cache
from math import isinf
from pathlib import Path as FilePath
from sys import intern
from typing import Any, Final, Literal, TypeAlias, cast

from lcc.grammar.dataclass import dataclass
from lcc.grammar.diagnostics import Diagnostic, Edit, Fix, Severity
from lcc.grammar.ir import NOWHERE, Arg, Const, DictOf, Input, InputDecl, ListOf, Ref, Value
from lcc.grammar.ir.constants import is_constant
from lcc.grammar.lark_tables import tables, terminals_pattern
from lcc.grammar.late_pattern import pattern
from lcc.grammar.limits import DEFAULT_LIMITS, TextLimits
from lcc.grammar.source import Span
from lcc.grammar.syntax import plan_rules
from lcc.grammar.syntax.lalr import Tables
from lcc.grammar.syntax.resolve import dollars
from lcc.grammar.syntax.strings import BadEscape, DollarKind, Template, decode, read_reference, split_dollars

CallKind: TypeAlias = Literal["task", "join", "answer"]


@dataclass(frozen=True, slots=True)
class Call:
    """A task, a join or an answer as written; values may hold a Template where `templated`. `named`: where a task's tool is named."""

    kind: CallKind
    id: int | None
    tool: str
    args: tuple[Arg, ...]
    templated: bool
    span: Span
    named: Span = NOWHERE

    @property
    def name_at(self) -> int:
        """How far behind the beginning the tool's name stands; -1 where that isn't known."""
        return -1 if self.named == NOWHERE else self.named.start - self.span.start


@dataclass(frozen=True, slots=True)
class Marker:
    """A thought or the end of the plan, for texts parsed by the whole grammar at once."""

    text: str


Statement: TypeAlias = Call | InputDecl | Marker
PLAN_GRAMMAR: Final = FilePath(__file__).parent / "plan.lark"
_WORDS: Final = {"True": True, "true": True, "False": False, "false": False, "None": None, "null": None}
_INPUT_HEAD: Final = pattern(r"(secret[ \t]+)?input[ \t]+([A-Za-z_][A-Za-z0-9_]*)[ \t]*(?::([\s\S]*))?\Z")


@cache
def language() -> re.Pattern[str]:
    """Return the terminals of the grammar as one pattern, each a group of its name."""
    return terminals_pattern(tables(PLAN_GRAMMAR))


@dataclass(slots=True)
class StatementParser:
    """Parse statements of one text. `diagnostics` collects what is wrong with what the grammar accepts."""

    limits: TextLimits = DEFAULT_LIMITS
    diagnostics: list[Diagnostic] = field(default_factory=list)
    _tables: Tables = field(init=False)
    _base: int = field(default=0, init=False)
    _templated: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self._tables = Tables(tables(PLAN_GRAMMAR), self._reducers(), self._terminals())

    def parse(self, text: str, offset: int) -> Statement:
        """Parse the statement `text` that stands at `offset`; raises lalr.Unexpected with offsets relative to it."""
        self._base = offset
        self._templated = False
        return cast(Statement, self._tables.run(text))

    def scalar(self, token: str, offset: int) -> tuple[Value, list[Diagnostic]]:
        """Return the value of one token, and what is wrong with it: a text, a number, a reference, a word for a value."""
        self._base, before = offset, len(self.diagnostics)
        value: Value
        if token[0] in "\"'":
            value = self._string(token, 0)
        elif token in _WORDS:
            value = Const(_WORDS[token])
        else:
            value = self._reference(token, 0) if token[0] == "$" else self._number(token, 0)
        return value, self._since(before)

    def key(self, token: str, offset: int) -> tuple[str, list[Diagnostic]]:
        """Return the text of a string as a key, and what is wrong with it."""
        self._base, before = offset, len(self.diagnostics)
        return self._key((token, 0)), self._since(before)

    def head(self, token: str, offset: int) -> tuple[int | None, str, int, list[Diagnostic]]:
        """Return the number and the name that the head of a call has, where the name stands, and what is wrong with the number."""
        number, dot, name = token.partition(".")
        tool, before = (name if dot else token)[:-1].strip(), len(self.diagnostics)
        id_ = self._id(number.rstrip(), offset) if dot else None
        return id_, tool, offset + token.rindex(tool), self._since(before)

    def declared(self, head: str, default: Value | None, templated: bool, span: Span) -> InputDecl:
        """Return the input that a head and a default declare; a default that refers to something is reported."""
        found = _INPUT_HEAD.match(head)
        if found is None:  # the terminal's pattern implies this one
            raise AssertionError(head)
        secret, name, annotation = found.groups()
        if templated or (default is not None and not is_constant(default)):
            self._error("P027", f"the default of input `{name}` refers to something", span, plan_rules.CONSTANT_DEFAULT)
            default = None
        return InputDecl(name, (annotation or "Any").strip() or "Any", default, secret is not None, span)

    def _since(self, before: int) -> list[Diagnostic]:
        found = self.diagnostics[before:]
        del self.diagnostics[before:]
        return found

    def call(
        self, id: int | None, tool: str, args: tuple[Arg, ...], span: Span, named: Span = NOWHERE
    ) -> tuple[Call, list[Diagnostic]]:
        """Return the call of these parts, and what is wrong with its shape."""
        kind: CallKind = "join" if tool == "join" else "answer" if tool == "answer" else "task"
        before, templated = len(self.diagnostics), any(dollars(arg.value) for arg in args)
        return self._call(kind, id, tool, args, templated, span, named), self._since(before)

    def _call(
        self, kind: CallKind, id: int | None, tool: str, args: tuple[Arg, ...], templated: bool, span: Span, named: Span
    ) -> Call:
        if kind == "task":
            if len(args) > self.limits.arguments:
                found = f"{len(args)} arguments; a call has at most {self.limits.arguments}"
                self._error("P015", found, args[self.limits.arguments].span, "pass them as one list")
            return Call("task", id, tool, args, templated, span, named)
        if kind == "answer" and len(args) != 1:
            self._error("P025", f"`answer` takes one value, not {len(args)}", span, "give a list: answer([$1, $2])")
        for arg in args:
            if arg.each:
                self._error("P025", f"`each` has no meaning in `{kind}`", arg.span, f"write `{kind}($1)` for the list")
            elif arg.name is not None and (kind == "answer" or not _is_label(arg.name)):
                self._error("P025", f"`{kind}` takes no keyword", arg.span, "give the value alone")
        if kind == "join" and len({arg.name is None for arg in args}) > 1:
            self._error("P025", "some values of `join` have a label and some have none", span, "label all or none")
        return Call(kind, id, kind, args, templated, span)

    def _reducers(self) -> dict[str, Any]:
        return {
            "value": self._value,
            "first": lambda v, s, e: v,
            "more": _more,
            "positional": self._positional,
            "positional_each": lambda v, s, e: Arg(None, v[1], True, Span(self._base + s, self._base + e)),
            "keyword": lambda v, s, e: Arg(v[0], v[1], False, Span(self._base + s, self._base + e)),
            "keyword_each": lambda v, s, e: Arg(v[0], v[2], True, Span(self._base + s, self._base + e)),
            "quoted_keyword": lambda v, s, e: Arg(self._key(v[0]), v[2], False, Span(self._base + s, self._base + e)),
            "quoted_keyword_each": lambda v, s, e: Arg(
                self._key(v[0]), v[3], True, Span(self._base + s, self._base + e)
            ),
            "empty_list": lambda v, s, e: ListOf(()),
            "list": lambda v, s, e: ListOf(tuple(v[1])),
            "tuple": lambda v, s, e: ListOf(tuple(v[1])),
            "group": lambda v, s, e: v[1][0] if len(v[1]) == 1 else ListOf(tuple(v[1])),
            "empty_dict": lambda v, s, e: DictOf(()),
            "dict": self._dict,
            "pair": lambda v, s, e: (v[0], v[2]),
            "task": self._task,
            "join": lambda v, s, e: self._end("join", v, s, e),
            "answer": lambda v, s, e: self._end("answer", v, s, e),
            "input": lambda v, s, e: self._input(v[0], None, s, e),
            "input_default": lambda v, s, e: self._input(v[0], v[2], s, e),
        }

    def _terminals(self) -> dict[str, Any]:
        return {
            "HEAD": _head,
            "JOIN": lambda text, at: _number_before(text),
            "ANSWER": lambda text, at: _number_before(text),
            "INPUT": lambda text, at: text,
            "THOUGHT": lambda text, at: Marker(text),
            "END": lambda text, at: Marker(text),
            "KEYWORD": lambda text, at: intern(text[:-1].rstrip()),
            "STRING": lambda text, at: (text, at),
            "NUMBER": self._number,
            "TRUE": lambda text, at: Const(True),
            "FALSE": lambda text, at: Const(False),
            "NULL": lambda text, at: Const(None),
            "REFERENCE": self._reference,
        }

    def _positional(self, values: list[Any], start: int, end: int) -> Arg:
        value = values[0]
        # A bare reference is the whole argument: one span serves both.
        span = value.span if type(value) is Ref else Span(self._base + start, self._base + end)
        return Arg(None, value, False, span)

    def _value(self, values: list[Any], start: int, end: int) -> Value:
        value = values[0]
        return self._string(*value) if type(value) is tuple else value

    def _string(self, token: str, at: int) -> Value:
        if "\\" not in token and "$" not in token:
            return Const(token[3:-3] if len(token) > 5 and token[1] == token[0] == token[2] else token[1:-1])
        decoded = decode(token, self._base + at)
        self._report_escapes(decoded.faults)
        text = split_dollars(decoded)
        if isinstance(text, Template):
            self._templated = True
            return cast(Value, text)
        return Const(text)

    def _key(self, token: tuple[str, int]) -> str:
        decoded = decode(token[0], self._base + token[1])
        self._report_escapes(decoded.faults)
        return decoded.text

    def _number(self, text: str, at: int) -> Const:
        digits = text.lstrip("+-")
        span = Span(self._base + at, self._base + at + len(text))
        if len(text) > self.limits.digits:
            shown = f"a number of {len(digits)} characters; at most {self.limits.digits} are read"
            self._error("P007", shown, span, "pass it as text, in quotes")
            return Const(0)
        if digits[0] == "0" and digits[1:2].isdigit():
            plain = text.replace(digits, digits.lstrip("0") or "0")
            fix = Fix("drop the zeros", (Edit(span, plain),), safe=False)
            self._error(
                "P007", f"`{text}` has leading zeros", span, "drop them, or quote the number if it is a code", fix
            )
            return Const(0)
        if digits.isdigit():
            return Const(int(text))
        number = float(text)
        if isinf(number):
            self._error("P007", f"`{text}` is too large for a number", span, "the largest is about 1.8e308")
            return Const(0)
        return Const(number)

    def _reference(self, token: str, at: int) -> Value:
        offset = self._base + at
        number = token[1:]
        if number.isdigit() and len(number) < 10:
            return Ref(int(number), (), Span(offset, offset + len(token)))
        dollar = read_reference(token, offset)
        if dollar.kind is DollarKind.NAME:
            return Input(dollar.head, dollar.path, dollar.span)
        if dollar.kind is DollarKind.TASK and len(dollar.head) < 10:
            return Ref(int(dollar.head), dollar.path, dollar.span)
        self._error("P011", f"`{token}` is not a reference", dollar.span, plan_rules.REFERENCE_FORMS)
        return Const(None)

    def _dict(self, values: list[Any], start: int, end: int) -> DictOf:
        items: list[tuple[str, Value]] = []
        seen: set[str] = set()
        for token, value in values[1]:
            key = self._key(token)
            if key in seen:
                span = Span(self._base + token[1], self._base + token[1] + len(token[0]))
                self.diagnostics.append(repeated_key(key, span))
            seen.add(key)
            items.append((key, value))
        return DictOf(tuple(items))

    def _task(self, values: list[Any], start: int, end: int) -> Call:
        (id_text, tool, place), args = values[0], values[1]
        span = Span(self._base + start, self._base + end)
        named = Span(self._base + place, self._base + place + len(tool))
        arguments = tuple(args) if args is not None else ()
        return self._call("task", self._id(id_text, span.start), tool, arguments, self._templated, span, named)

    def _end(self, kind: CallKind, values: list[Any], start: int, end: int) -> Call:
        args = tuple(values[1]) if values[1] is not None else ()
        span = Span(self._base + start, self._base + end)
        id_ = self._id(values[0], span.start) if values[0] is not None else None
        return self._call(kind, id_, kind, args, self._templated, span, NOWHERE)

    def _input(self, head: str, default: Value | None, start: int, end: int) -> InputDecl:
        return self.declared(head, default, self._templated, Span(self._base + start, self._base + end))

    def _id(self, text: str, offset: int) -> int:
        span = Span(offset, offset + len(text))
        if len(text) > 9:
            self._error("P026", f"an id of {len(text)} digits", span, "ids have at most nine digits")
            return 0
        number = int(text)
        if number == 0 or text[0] == "0":
            help_ = "ids start at 1" if number == 0 else f"write `{number}`"
            self._error("P026", f"`{text}` is not an id", span, help_)
        return number

    def _report_escapes(self, faults: Sequence[BadEscape]) -> None:
        for fault in faults:
            severity = Severity.WARNING if fault.usable else Severity.ERROR
            code = "P009" if "surrogate" in fault.message else "P008"
            self.diagnostics.append(Diagnostic(code, severity, fault.message, fault.span, fault.help))

    def _error(self, code: str, message: str, span: Span, help_: str, fix: Fix | None = None) -> None:
        self.diagnostics.append(Diagnostic(code, Severity.ERROR, message, span, help_, fix=fix))


def repeated_key(key: str, span: Span) -> Diagnostic:
    """Return the error for a key that stands a second time in a dict."""
    return Diagnostic("P012", Severity.ERROR, f"key {key!r} occurs twice in one dict", span, "remove one of them")


def _more(values: list[Any], start: int, end: int) -> list[Any]:
    values[0].append(values[2])
    return cast(list[Any], values[0])


def _head(text: str, at: int) -> tuple[str, str, int]:
    """Return the id, the tool's name and where that begins."""
    number, _, name = text.partition(".")
    tool = name[:-1].rstrip()
    plain = tool.lstrip()
    return number.rstrip(), intern(plain), at + len(number) + 1 + len(tool) - len(plain)


def _number_before(text: str) -> str | None:
    number, dot, _ = text.partition(".")
    return number.rstrip() if dot else None


def _is_label(name: str) -> bool:
    return name.isascii() and name.isdigit() and name[0] != "0" and len(name) < 10
