"""Say what the references of a call mean in its plan: a task, an input, a name, money, or nothing that there is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from math import inf
from typing import Any, Final

from lcc.grammar.diagnostics import Diagnostic
from lcc.grammar.ir import NOWHERE, Arg, Const, DictOf, Input, InputDecl, Path, Ref, Value, rebuild, references, text_of
from lcc.grammar.lenient.assembling.entry import Entry, is_number
from lcc.grammar.lenient.assembling.numbers import Numbers
from lcc.grammar.lenient.marks.repairs import (
    BY_CODE,
    FORWARD_REFERENCE,
    REFERENCE_STYLE,
    RENUMBERED,
    RESULT_PATH,
    error,
)
from lcc.grammar.signatures import BoolType, FloatType, IntType, LiteralType, NullType, StrType
from lcc.grammar.source import Span
from lcc.grammar.syntax.resolve import Scope, resolve
from lcc.grammar.syntax.strings import Dollar, DollarKind, Template, read_path
from lcc.grammar.tolerant.parameters import members
from lcc.grammar.tolerant.references import Written, may_hold, number_of, written_by_key, written_in
from lcc.grammar.tolerant.tool_names import ToolNames

_RESULT_FIELDS: Final = frozenset(
    ["output", "outputs", "result", "results", "response", "value", "text", "content", "answer", "data", "return"]
)
_REFERS: Final = frozenset(["$ref", "ref", "$from", "from_step", "from_task", "result_of", "output_of", "step_ref"])
_PATHS: Final = frozenset(["field", "path", "key", "attribute", "property"])
_BRACED: Final = re.compile(r"\{\{[^{}\r\n]*+\}\}")
_WORD: Final = re.compile(r"\w++")
_EXPRESSION: Final = re.compile(r"(?:[A-Za-z_]++\s*+\(|[\d.,\s+\-*/%^()=<>!|&]|)*+\Z")
_SCALARS: Final = (StrType, IntType, FloatType, BoolType, NullType, LiteralType)
_OPERATOR: Final = re.compile(r"[-+*/%^=<>]|[A-Za-z_]\s*\(")


@dataclass(slots=True)
class Resolver:
    """Resolve the references of one entry. `styled`: texts name results in other notations, too; `largest` returns the last number."""

    entry: Entry
    numbers: Numbers
    styled: bool
    variables: Mapping[str, Entry]
    inputs: Mapping[str, InputDecl]
    names: ToolNames
    largest: Callable[[], int]
    found: list[Diagnostic] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    failed: bool = False
    _known: frozenset[int] = frozenset()  # the numbers of calls that texts name in other notations
    _data: bool = field(init=False)
    _span: Span = NOWHERE
    _last: float | None = None  # the largest number that can be no amount of money in the text that is read
    _as_text: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._data = self.entry.read.says == "data"

    def arguments(self) -> tuple[Arg, ...]:
        """Return the arguments with every reference resolved. `failed` says whether one means nothing."""
        if self.numbers.is_unclear(self.entry):
            self._fail(self.entry.call.span, "`$1` may mean the first call, as numbered lists count, or the last one")
        possible = self.entry.mentions.possible if self.styled else ()
        self._known = frozenset(number for number in possible if self.numbers.find(self.entry, number) is not None)
        made = []
        for arg in self.entry.call.args:
            self._span = arg.span
            made.append(Arg(arg.name, self._value(arg.value), arg.each, arg.span))
        joins = self._data and self.entry.call.kind == "join"
        return tuple(arg for arg in made if not joins or references(arg.value))

    def _value(self, value: Any) -> Value:
        match value:
            case Ref(int(number), path, span):
                target = self.numbers.find(self.entry, number)
                if target is None:
                    self._fail(span, f"`${number}` refers to no task")
                    return Ref(number, path, span)
                if target.id == number and not path and not target.renumbered and target.order < self.entry.order:
                    return value
                return self._reference(target, path, span)
            case Input(name, path, span):
                return self._named(name, path, span) or value
            case Template(parts):
                split = (self._pieces(part) if isinstance(part, str) else (part,) for part in parts)
                return self._text([*chain.from_iterable(split)])
            case Const(str(text)) if self._known or self.variables or self._data:
                pieces = [piece for piece in self._pieces(text) if piece != ""]
                match pieces:
                    case [Ref() as only] if self._data:
                        return only
                return value if all(isinstance(piece, str) for piece in pieces) else self._text(pieces)
            case DictOf(items) if (found := self._object(items)) is not None:
                return found
            case _:
                return rebuild(value, self._value)

    def _pieces(self, text: str) -> Iterator[str | Ref | Input]:
        """Yield a text with the references that it writes in other notations than the language's, where they mean a call."""
        at = 0
        found = written_by_key(text) if self._data else written_in(text) if may_hold(text) else ()
        for one in found:
            made = self._meant(one, text[one.start : one.end]) if one.start >= at else None
            if made is not None:
                yield self._checked(text[at : one.start])
                yield made
                at = one.end
        yield self._checked(text[at:])

    def _meant(self, one: Written, raw: str) -> Ref | Input | None:
        """Return what may be a reference; None where it is text. What only looks like one of a known call is an error."""
        target, path = None, read_path(one.steps if self._data else one.inner)
        if self._data:
            target = self.numbers.called(self.entry, one.key)
        elif one.braced and one.key in self.variables and raw[0] != "$":
            named = self.variables[one.key]
            target = named if named is not self.entry else None
        elif one.number in self._known and not (raw[0] == "$" and "0" <= raw[1] <= "9"):  # that is an escaped dollar
            target = self.numbers.find(self.entry, one.number)
            target = target if one.worded or target is not self.entry else None
        if target is not None:
            if not self._data:
                self._note(REFERENCE_STYLE.code, self._span, str(target.id))
            return self._reference(target, path, self._span)
        if one.looks is not None and self._is_call(one.looks):
            self._fail(self._span, f"`{raw}` looks like the result of call {one.looks}, and is no reference")
        return None

    def _is_call(self, key: int | str) -> bool:
        return self.numbers.called(self.entry, str(key)) is not None if self._data else key in self._known

    def _checked(self, text: str) -> str:
        """Return a text; braces around what calls or their fields are named like are an error in data."""
        for braced in _BRACED.finditer(text) if self._data else ():
            words = _WORD.findall(braced[0])
            fields = len(words) > 1 and not _RESULT_FIELDS.isdisjoint(word.casefold() for word in words)
            if fields or any(map(self._is_call, words)):
                self._fail(self._span, f"`{braced[0]}` looks like the result of a call, and is no reference")
        return text

    def _object(self, items: tuple[tuple[str, Value], ...]) -> Ref | None:
        """Return the reference that an object of data is: `{"$ref": "look"}`, `{"from_step": 1, "field": "name"}`."""
        match items:
            case ((head, Const(str() | int() as key)), *more) if self._data and head in _REFERS:
                target = self.numbers.called(self.entry, str(key))
                steps = [f".{field.value}" for name, field in more if name in _PATHS and isinstance(field, Const)]
                if target is not None and len(more) == len(steps) < 2:
                    return self._reference(target, read_path("".join(steps)), self._span)
                if target is not None:
                    self._fail(self._span, f"this looks like the result of call {key}, and is no reference")
        return None

    def _text(self, parts: Sequence[str | Dollar | Ref | Input]) -> Value:
        self._last = None
        return text_of([self._dollar(p, parts) if isinstance(p, Dollar) else p for p in parts])

    def _dollar(self, dollar: Dollar, parts: Sequence[Any]) -> str | Ref | Input:
        if dollar.kind is DollarKind.TASK:
            target = self.numbers.find(self.entry, int(dollar.head)) if is_number(dollar.head) else None
            if target is not None and target is not self.entry:
                if _is_odd(dollar):
                    self._note(REFERENCE_STYLE.code, dollar.span, str(target.id))
                return self._reference(target, dollar.path, dollar.span)
            if self._last is None:
                self._last = inf if _is_expression(parts) else 2 * self.largest() if self._counts(parts) else -1
            if (int(dollar.head) if is_number(dollar.head) else inf) <= self._last:
                what = "the call itself" if target else "no task"
                self._fail(dollar.span, f"`{dollar.raw}` refers to {what}")
                return dollar.raw
        elif dollar.kind is DollarKind.NAME:
            named = self._named(dollar.head, dollar.path, dollar.span)
            if named is not None:
                return named
        if dollar.raw not in self._as_text:
            self._as_text.add(dollar.raw)  # it is said once a call
            resolve(Template((dollar,)), Scope((), self.inputs), self.found.append, lenient=True)
        return dollar.raw

    def _counts(self, parts: Sequence[Any]) -> bool:
        """Whether dollars in a text count calls and no money: it is one of them alone, or another one is a call's."""
        if len(parts) == 1 or any(isinstance(part, Ref) for part in parts):
            return True
        tasks = (part for part in parts if isinstance(part, Dollar) and part.kind is DollarKind.TASK)
        return any(is_number(one.head) and self.numbers.other(self.entry, int(one.head)) is not None for one in tasks)

    def _named(self, name: str, path: Path, span: Span) -> Ref | Input | None:
        if name in self.inputs:
            return Input(name, path, span)
        target = self.entry.inner.get(name) or self.variables.get(name)
        if target is self.entry:
            return None
        if target is None:
            number = number_of(name)
            target = self.numbers.other(self.entry, number) if number is not None else None
            if target is None:
                return None
            self._note(REFERENCE_STYLE.code, span, str(target.id))
        return self._reference(target, path, span)

    def _reference(self, target: Entry, path: Path, span: Span) -> Ref:
        if target is self.entry:
            self._fail(span, "a call refers to itself")
        if target.renumbered:
            self.codes.append(RENUMBERED.code)
        if target.order > self.entry.order:
            self._note(FORWARD_REFERENCE.code, span)
        if self.entry.read.says != "program" and path and str(path[0]).casefold() in _RESULT_FIELDS:
            if not self._data and self._is_scalar(target.call.tool):
                self._note(RESULT_PATH.code, span, str(target.id))
            if self._data or self._is_scalar(target.call.tool):
                path = path[1:]
        return Ref(target.id, path, span)

    def _is_scalar(self, tool: str) -> bool:
        """Whether a tool's results have no fields."""
        signature = self.names.signature(tool)
        return signature is not None and all(isinstance(one, _SCALARS) for one in members(signature.result))

    def _note(self, code: str, span: Span, written: str | None = None) -> None:
        self.codes.append(code)
        self.found.append(BY_CODE[code].told(span, f"${written}" if written else None))

    def _fail(self, span: Span, message: str) -> None:
        self.failed = True
        self.found.append(error("P010", message, span, "refer to a call that the plan holds; write `$$` for a dollar"))


def _is_odd(dollar: Dollar) -> bool:
    """Whether a reference to a task is written otherwise than the language does."""
    raw = dollar.raw
    zeros = dollar.head[0] == "0" and dollar.head != "0"
    return raw.startswith("${{") or not raw[1:2].isascii() or zeros


def _is_expression(parts: Sequence[Any]) -> bool:
    """Whether a text is arithmetic over results, in which a dollar can't be money."""
    rest = " ".join(part for part in parts if isinstance(part, str))
    return _EXPRESSION.match(rest) is not None and _OPERATOR.search(rest) is not None
