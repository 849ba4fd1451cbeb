"""Say what the references of a call mean in its plan: a task, an input, a name, money, or nothing that there is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from lcc.grammar.diagnostics import Diagnostic
from lcc.grammar.ir import NOWHERE, Arg, Const, Input, InputDecl, Path, Ref, Value, rebuild, text_of
from lcc.grammar.lenient.assembling.entry import Entry, is_number, is_numbered, is_pure
from lcc.grammar.lenient.assembling.numbers import Numbers
from lcc.grammar.lenient.marks.repairs import (
    BY_CODE,
    FORWARD_REFERENCE,
    REFERENCE_STYLE,
    RENUMBERED,
    RESULT_PATH,
    error,
)
from lcc.grammar.signatures import BoolType, FloatType, IntType, LiteralType, NullType, StrType, Tools, Type, UnionType
from lcc.grammar.source import Span
from lcc.grammar.syntax.resolve import Scope, resolve
from lcc.grammar.syntax.strings import Dollar, DollarKind, Template, read_path
from lcc.grammar.tolerant.references import looks_like, may_hold, number_of, written_in

_RESULT_FIELDS: Final = frozenset(
    ["output", "outputs", "result", "results", "response", "value", "text", "content", "answer", "data"]
)
_EXPRESSION: Final = re.compile(r"(?:[A-Za-z_]++\s*+\(|[\d.,\s+\-*/%^()=<>!|&]|)*+\Z")
_OPERATOR: Final = re.compile(r"[-+*/%^=<>]|[A-Za-z_]\s*\(")


@dataclass(slots=True)
class Resolver:
    """Resolve the references of one entry. `styled`: texts name results in other notations, too; `largest` returns the last number."""

    entry: Entry
    numbers: Numbers
    styled: bool
    variables: Mapping[str, Entry]
    inputs: Mapping[str, InputDecl]
    tools: Tools
    largest: Callable[[], int]
    found: list[Diagnostic] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    failed: bool = False
    _known: dict[int, bool] = field(
        default_factory=dict
    )  # the numbers in other notations; whether each is another call's
    _span: Span = NOWHERE
    _as_text: set[str] = field(default_factory=set)

    def arguments(self) -> tuple[Arg, ...]:
        """Return the arguments with every reference resolved. `failed` says whether one means nothing."""
        if self.numbers.is_unclear(self.entry):
            self._fail(self.entry.call.span, "`$1` may mean the first call, as numbered lists count, or the last one")
        for number in self.entry.mentions.possible if self.styled else ():
            target = self.numbers.find(self.entry, number)
            if target is not None:
                self._known[number] = target is not self.entry
        made = []
        for arg in self.entry.call.args:
            self._span = arg.span
            made.append(Arg(arg.name, self._value(arg.value), arg.each, arg.span))
        return tuple(made)

    def _value(self, value: Any) -> Value:
        match value:
            case Ref(int(number), path, span):
                target = self.numbers.find(self.entry, number)
                if target is None or target is self.entry:
                    self._fail(span, f"`${number}` refers to no task" if target is None else "a call refers to itself")
                    return Ref(number, path, span)
                if target.id == number and not path and not target.renumbered and target.order < self.entry.order:
                    return value
                return self._reference(target, path, span)
            case Input(name, path, span):
                return self._named(name, path, span) or value
            case Template(parts):
                return self._text(tuple(piece for part in parts for piece in self._restyled(part) if piece))
            case Const(str(text)) if self._known or self.variables:
                parts = tuple(filter(None, self._restyled(text)))
                return value if all(isinstance(part, str) for part in parts) else self._text(parts)
            case _:
                return rebuild(value, self._value)

    def _restyled(self, part: str | Dollar) -> Iterator[str | Dollar]:
        """Yield a piece of text with the references that it writes in another notation, where they name a known task."""
        if isinstance(part, Dollar) or not (self._known or self.variables):
            yield part
            return
        found = list(written_in(part)) if may_hold(part) else []
        pure = bool(found) and is_pure(part, found)
        at = 0
        for one in found:
            numbered = one.number in self._known and (pure or not one.natural) and is_numbered(one, part)
            raw = part[one.start : one.end]
            if one.braced and one.key in self.variables and raw[0] != "$":
                made = Dollar(DollarKind.NAME, one.key, read_path(one.steps), raw, self._span)
            elif numbered and (self._known[one.number or 0] or one.worded):
                made = Dollar(DollarKind.TASK, str(one.number), read_path(one.inner), raw, self._span)
            else:
                continue
            yield from self._lookalikes(part[at : one.start])
            yield made
            at = one.end
        yield from self._lookalikes(part[at:])

    def _lookalikes(self, text: str) -> Iterator[str | Dollar]:
        """Yield a text with what looks like a reference to a known task, and is none, as what can't be resolved."""
        at = 0
        for start, end, number in looks_like(text) if self._known else ():
            if number in self._known:
                yield text[at:start]
                yield Dollar(DollarKind.MALFORMED, str(number), (), text[start:end], self._span)
                at = end
        yield text[at:]

    def _text(self, parts: tuple[str | Dollar, ...]) -> Value:
        expression = _is_expression(parts)
        return text_of([p if isinstance(p, str) else self._dollar(p, parts, expression) for p in parts])

    def _dollar(self, dollar: Dollar, parts: tuple[str | Dollar, ...], expression: bool) -> str | Ref | Input:
        if dollar.kind is DollarKind.TASK:
            target = self.numbers.find(self.entry, int(dollar.head)) if is_number(dollar.head) else None
            if target is not None and target is not self.entry:
                if _is_odd(dollar):
                    self._note(REFERENCE_STYLE.code, dollar.span, str(target.id))
                return self._reference(target, dollar.path, dollar.span)
            if (
                expression
                or not dollar.raw.startswith("$")
                or (self._counts(parts) and is_number(dollar.head) and int(dollar.head) <= 2 * self.largest())
            ):
                what = "the call itself" if target else "no task"
                self._fail(dollar.span, f"`{dollar.raw}` refers to {what}")
                return dollar.raw
        elif dollar.kind is DollarKind.MALFORMED and not dollar.raw.startswith("$"):
            self._fail(dollar.span, f"`{dollar.raw}` looks like the result of call {dollar.head}, and is no reference")
            return dollar.raw
        elif dollar.kind is DollarKind.NAME:
            named = self._named(dollar.head, dollar.path, dollar.span)
            if named is not None:
                if not dollar.raw.startswith("$") and isinstance(named, Ref):
                    self._note(REFERENCE_STYLE.code, dollar.span, str(named.task))
                return named
        if dollar.raw not in self._as_text:
            self._as_text.add(dollar.raw)  # it is said once a call
            resolve(Template((dollar,)), Scope((), self.inputs), self.found.append, lenient=True)
        return dollar.raw

    def _counts(self, parts: tuple[str | Dollar, ...]) -> bool:
        """Whether dollars in a text count calls and no money: it is one of them alone, or another one is a call's."""
        if len(parts) == 1:
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
        if target.renumbered:
            self.codes.append(RENUMBERED.code)
        if target.order > self.entry.order:
            self._note(FORWARD_REFERENCE.code, span)
        if not self.entry.read.resolved and path and path[0] in _RESULT_FIELDS and self._is_scalar(target.call.tool):
            self._note(RESULT_PATH.code, span, str(target.id))
            path = path[1:]
        return Ref(target.id, path, span)

    def _is_scalar(self, tool: str) -> bool:
        signature = self.tools.get(tool)
        return signature is not None and is_scalar(signature.result)

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
    return not raw.startswith("$") or raw.startswith("${{") or not raw[1:2].isascii() or zeros


def is_scalar(type_: Type) -> bool:
    """Whether values of a type have no fields: text, numbers, booleans, null."""
    match type_:
        case StrType() | IntType() | FloatType() | BoolType() | NullType() | LiteralType():
            return True
        case UnionType(members):
            return all(is_scalar(member) for member in members)
        case _:
            return False


def _is_expression(parts: tuple[str | Dollar, ...]) -> bool:
    """Whether a text is arithmetic over results, in which a dollar can't be money."""
    rest = " ".join(part for part in parts if isinstance(part, str))
    return _EXPRESSION.match(rest) is not None and _OPERATOR.search(rest) is not None
