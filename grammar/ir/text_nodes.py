"""Make nodes of what the grammar of `ir.lark` finds in a line of IR text. What is wrong with it is a Fault."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextvars import ContextVar
from functools import cache
from math import isfinite
from typing import Any, Final, Literal, TypeAlias

from lark import Token, Transformer, v_args

from lcc.grammar.dataclass import dataclass
from lcc.grammar.diagnostics.terminal import shorten
from lcc.grammar.ir.expressions import (
    NOWHERE,
    Apply,
    Builtin,
    Choose,
    Clause,
    Comprehension,
    Const,
    DictOf,
    Element,
    Format,
    Input,
    Lambda,
    ListOf,
    Local,
    Logic,
    PathStep,
    Ref,
    Select,
    Spread,
    Target,
    Targets,
    TaskId,
    Value,
)
from lcc.grammar.ir.literals import LOCAL, NAME
from lcc.grammar.ir.nodes import (
    Arg,
    Batched,
    Block,
    Dropped,
    Exit,
    Expanded,
    Folded,
    ForEach,
    Gather,
    Handler,
    If,
    Inline,
    InputDecl,
    Join,
    Let,
    Merged,
    Part,
    Region,
    Statement,
    Task,
    Try,
    While,
)
from lcc.grammar.limits import DEFAULT_LIMITS
from lcc.grammar.source import Span


class Fault(Exception):
    """What is wrong with one line, and at which offset: of the line in this module, of the text outside of it."""

    def __init__(self, offset: int, message: str) -> None:
        super().__init__(message)
        self.offset = offset
        self.message = message


_ESCAPE: Final = re.compile(r"""\\(?:([\\"'nrt])|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|)""")
_SHORT: Final = {"n": "\n", "r": "\r", "t": "\t"}


def _unescaped(text: str, offset: int) -> str:
    """Undo the escapes of a literal whose text begins at `offset`; surrogates stay as they are written."""
    if "\\" not in text:
        return text

    def char(found: re.Match[str]) -> str:
        if found[1]:
            return _SHORT.get(found[1], found[1])
        code = int(found[2] or found[3] or found[4] or "FFFFFFFF", 16)
        if code > 0x10FFFF:
            raise Fault(offset + found.start(), "unknown escape in a string")
        return chr(code)

    return _ESCAPE.sub(char, text)


def _text(token: Token) -> str:
    return _unescaped(token[1:-1], (token.start_pos or 0) + 1)


def _number(token: Token) -> int | float:
    if len(token) > DEFAULT_LIMITS.digits:
        raise Fault(token.start_pos or 0, f"a number of more than {DEFAULT_LIMITS.digits} digits")
    if token.lstrip("-").isdigit():
        return int(token)
    number = float(token)
    if not isfinite(number):
        raise Fault(token.start_pos or 0, "a number too large for a float")
    return number


def _whole(token: Token, least: int | None = None) -> int:
    number = _number(token)
    if not isinstance(number, int) or (least is not None and number < least):
        raise Fault(
            token.start_pos or 0, f"`{token}` where a whole number{'' if least is None else f' from {least}'} belongs"
        )
    return number


def _id(token: Token) -> TaskId:
    if len(token) > DEFAULT_LIMITS.digits:
        raise Fault(token.start_pos or 0, f"an id of more than {DEFAULT_LIMITS.digits} digits")
    whole, *turns = map(int, token[1:].split(":"))
    return Element(whole, turns[0], tuple(turns[1:])) if turns else whole


def _task_id(token: Token) -> int:
    id = _id(token)
    if isinstance(id, Element):
        raise Fault(token.start_pos or 0, f"`{token}` is an element; the id of a whole task belongs here")
    return id


LINE_AT: Final[ContextVar[int]] = ContextVar("LINE_AT", default=0)
"""Where the line that is being read begins in its text: tokens only know their place in the line."""


def _span(token: Token, end: Token | None = None) -> Span:
    line = LINE_AT.get()
    return Span(line + (token.start_pos or 0), line + ((end or token).end_pos or 0))


@cache
def _check_operation(name: str) -> str | None:
    from lcc.grammar.ir.operations import operation_fault  # the table is only loaded for plans that compute

    return operation_fault(name)


@cache
def _check_builtin(name: str) -> str | None:
    from lcc.grammar.ir.operations import builtin_fault

    return builtin_fault(name)


def _checked(token: Token, fault: str | None) -> str:
    if fault is not None:
        raise Fault(token.start_pos or 0, fault)
    return str(token[1:-1])


@dataclass(slots=True)
class Sections:
    """What stands between the braces of a statement."""

    body: Block = ()
    parts: tuple[Part, ...] = ()
    handlers: tuple[Handler, ...] = ()
    orelse: Block = ()
    final: Block = ()
    yields: Value | None = None
    yield_when: Value | None = None
    gives: Value | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """The first line of a statement with blocks. `turns`: the words that may follow its `}`."""

    kind: str
    make: Callable[[Sections, Span], Statement | Part]
    turns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Turned:
    """A line that closes one block and opens the next of the same statement."""

    word: str
    classes: Value | None = None
    name: str | None = None
    yields: tuple[Value, Value | None] | None = None


@dataclass(frozen=True, slots=True)
class Closed:
    """A line that closes the last block of a statement."""

    yields: tuple[Value, Value | None] | None = None
    gives: Value | None = None


@dataclass(frozen=True, slots=True)
class Body:
    """The line that opens the body of a plan."""

    fails: Literal["strict", "independent"]


@dataclass(frozen=True, slots=True)
class _Star:
    star: Token
    target: Target


Names: TypeAlias = tuple[str, ...] | None


@v_args(inline=True)
class Nodes(Transformer[Token, Any]):
    """What a rule's parts make; what is optional and missing is None."""

    def string(self, text: Token) -> str:
        return _text(text)

    def plain_name(self, name: Token) -> str:
        return str(name)

    def quoted_name(self, token: Token) -> str:
        name = str(token[6:-1])
        if not LOCAL.match(name):
            raise Fault(token.start_pos or 0, f"{token} is not a name: letters, digits and `_`, no digit first")
        return name

    def input(self, secret: Token | None, name: Token, type: str, default: Value | None) -> InputDecl:
        if not NAME.match(name):
            raise Fault(name.start_pos or 0, f"`{shorten(name, 40)}` can't name an input: letters, digits and `_`")
        return InputDecl(str(name), str(type), default, secret is not None, _span(name))

    def task(
        self,
        id: Token,
        tool: Token,
        args: tuple[Arg, ...] | None,
        after: tuple[TaskId, ...] | None,
        ok: tuple[TaskId, ...] | None,
        instead: TaskId | None,
        when: Value | None,
        priority: float | None,
        thought: str | None,
    ) -> Task:
        given = args or ()
        if sum([arg.each for arg in given]) > 1:
            raise Fault(id.start_pos or 0, f"two `each` in one call of `{tool}`")
        name_at = (tool.start_pos or 0) - (id.start_pos or 0)
        rest = after or (), priority or 0.0, thought or "", _span(id, tool), name_at, when, ok or (), instead
        return Task(_id(id), str(tool), given, *rest)

    def args(self, *args: Arg) -> tuple[Arg, ...]:
        return args

    def arg(self, name: str | None, each: Token | None, value: Value) -> Arg:
        return Arg(name, value, each is not None)

    def task_id(self, id: Token) -> TaskId:
        return _id(id)

    def after(self, *ids: Token) -> tuple[TaskId, ...]:
        return tuple([_id(id) for id in ids])

    def priority(self, seconds: Token) -> float:
        try:
            return float(_number(seconds))
        except OverflowError:
            raise Fault(seconds.start_pos or 0, "a number too large for a float") from None

    def join(self, id: Token | None, join: Join, thought: str | None) -> Join:
        return Join(join.values, join.labels, join.direct, None if id is None else _task_id(id), thought or "")

    def results(self, *results: tuple[int, Value] | None) -> Join:
        given = [result for result in results if result is not None]
        return Join(tuple([value for _, value in given]), tuple([label for label, _ in given]))

    def result(self, label: Token, value: Value) -> tuple[int, Value]:
        return _whole(label, 1), value

    def listed(self, values: ListOf) -> Join:
        return Join(values.items)

    def answer(self, value: Value) -> Join:
        return Join((value,), direct=True)

    def body(self, fails: Token) -> Body:
        return Body("strict" if fails == "strict" else "independent")

    def merged(self, id: Token, into: Token) -> Merged:
        return Merged(_id(id), _id(into))

    def expanded(self, id: Token, count: Token) -> Expanded:
        return Expanded(_task_id(id), _whole(count, 0))

    def dropped(self, id: Token) -> Dropped:
        return Dropped(_id(id))

    def folded(self, id: Token, value: Value) -> Folded:
        return Folded(_id(id), value)

    def batched(self, id: Token, into: Token) -> Batched:
        return Batched(_id(id), _id(into))

    def text(self, text: Token) -> Const:
        return Const(_text(text))

    def number(self, number: Token) -> Const:
        return Const(_number(number))

    def word(self, word: Token) -> Const:
        return Const({"True": True, "False": False, "None": None}[word])

    def local(self, name: Token) -> Local:
        return Local(str(name), _span(name))

    def quoted_local(self, token: Token) -> Local:
        return Local(self.quoted_name(token), _span(token))

    def builtin(self, name: Token) -> Builtin:
        return Builtin(_checked(name, _check_builtin(name[1:-1])), _span(name))

    def apply(self, op: Token, *given: tuple[str | None, Value] | None) -> Apply:
        name = _checked(op, _check_operation(op[1:-1]))
        args: list[Value] = []
        names: dict[str, Value] = {}
        for one in given:
            match one:
                case (None, value):
                    if names:
                        raise Fault(op.start_pos or 0, f"in {op}, an argument without a name after one with a name")
                    args.append(value)
                case (str(key), value):
                    if key in names:
                        raise Fault(op.start_pos or 0, f"in {op}, the name `{shorten(key, 40)}` twice")
                    names[key] = value
        return Apply(name, tuple(args), tuple(names.items()), _span(op))

    def given(self, name: str | None, value: Value) -> tuple[str | None, Value]:
        return name, value

    def spread(self, star: Token, value: Value) -> Spread:
        return Spread(value, star == "**")

    def choose(self, then: Value, test: Value, other: Value) -> Choose:
        return Choose(test, then, other)

    def logic(self, op: Token, *items: Value) -> Logic:
        return Logic("and" if op == "and" else "or", items, _span(op))

    def select(self, *items: Value) -> Select:
        return Select(items)

    def comprehension(self, kind: Token, item: Value, *clauses: Clause) -> Comprehension:
        return Comprehension(kind.value, item, clauses, None, _span(kind))

    def comprehension_of_pairs(self, key: Value, item: Value, *clauses: Clause) -> Comprehension:
        return Comprehension("dict", item, clauses, key)

    def clause(self, target: Target, items: Value, *conditions: Value) -> Clause:
        return Clause(target, items, conditions)

    def lambda_(self, word: Token, *given: Any) -> Lambda:
        *params, body = given
        names: list[str] = []
        defaults: list[Value] = []
        for name, default in filter(None, params):
            names.append(name)
            if default is not None:
                defaults.append(default)
            elif defaults:
                raise Fault(word.start_pos or 0, f"`{shorten(name, 40)}` has no default, but one before it has")
        return Lambda(tuple(names), body, tuple(defaults), _span(word))

    def param(self, name: str, default: Value | None) -> tuple[str, Value | None]:
        return name, default

    def targets(self, *items: Any) -> Targets:
        stars = [place for place, item in enumerate(items) if isinstance(item, _Star)]
        if len(stars) > 1:
            raise Fault(items[stars[1]].star.start_pos or 0, "two stars in one list of targets")
        names = tuple([item.target if isinstance(item, _Star) else item for item in items if item is not None])
        return Targets(names, stars[0] if stars else None)

    def star(self, star: Token, target: Target) -> _Star:
        return _Star(star, target)

    def list(self, *items: Value | None) -> ListOf:
        return ListOf(tuple([item for item in items if item is not None]))

    def dict(self, *pairs: tuple[Token, str, Value] | None) -> DictOf:
        items: dict[str, Value] = {}
        for pair in pairs:
            if pair is None:
                continue
            token, key, value = pair
            if key in items:
                raise Fault(token.start_pos or 0, f"the key {token} twice")
            items[key] = value
        return DictOf(tuple(items.items()))

    def pair(self, key: Token, value: Value) -> tuple[Token, str, Value]:
        return key, _text(key), value

    def reference(self, name: Token, *path: PathStep) -> Ref | Input:
        span = _span(name)
        return Ref(_id(name), path, span) if name.type == "ID" else Input(str(name[1:]), path, span)

    def attribute(self, name: Token) -> str:
        return str(name[1:])

    def index(self, index: Token) -> int:
        return _whole(index)

    def format(self, *parts: Token | Ref | Input | None) -> Format:
        out: list[str | Ref | Input] = []
        for part in parts:
            if isinstance(part, Token):
                doubled = _unescaped(part, part.start_pos or 0)
                out.append(doubled.replace("{{", "{").replace("}}", "}"))
            elif part is not None:
                out.append(part)
        return Format(tuple(out))

    # statements

    def let_result(self, id: Token, value: Value, when: Value | None, thought: str | None) -> Let:
        return Let(value, (), _task_id(id), when, thought or "")

    def let_names(self, *given: Any) -> Let:
        *targets, value, when, thought = given
        return Let(value, tuple(targets), None, when, thought or "")

    def leave(self, kind: Token, value: Value | None = None) -> Exit:
        return Exit(kind.value, value)

    def names(self, *names: str) -> tuple[str, ...]:
        return names

    def open_for(self, id: Token, target: Target, items: Value, when: Value | None, thought: str | None) -> Opened:
        number = _task_id(id)
        return Opened(
            "for",
            lambda s, at: ForEach(
                number, target, items, s.body, s.yields, s.yield_when, s.orelse, when, thought or "", at
            ),
            ("else",),
        )

    def open_region(self, id: Token, names: Names, when: Value | None, thought: str | None) -> Opened:
        number = _task_id(id)
        return Opened("region", lambda s, at: Region(number, s.body, names or (), when, thought or "", at))

    def open_inline(self, id: Token, name: Token | None, names: Names) -> Opened:
        number, said = _task_id(id), "" if name is None else _text(name)
        return Opened("inline", lambda s, at: Inline(number, s.body, said, names or (), NOWHERE, at))

    def open_if(self, test: Value) -> Opened:
        return Opened("if", lambda s, at: If(test, s.body, s.orelse, at), ("else",))

    def open_while(self, id: Token, test: Value) -> Opened:
        number = _task_id(id)
        return Opened("while", lambda s, at: While(number, test, s.body, s.orelse, at), ("else",))

    def open_try(self) -> Opened:
        turns = ("except", "else", "finally")
        return Opened("try", lambda s, at: Try(s.body, s.handlers, s.orelse, s.final, at), turns)

    def open_gather(self, id: Token, exceptions: Token | None) -> Opened:
        number = _task_id(id)
        return Opened("gather", lambda s, at: Gather(number, s.parts, exceptions is not None, at))

    def open_part(self, target: Target | None, items: Value | None) -> Opened:
        return Opened("part", lambda s, _: Part(s.body, s.gives or Const(None), target, items))

    def turn_else(self, yields: tuple[Value, Value | None] | None) -> Turned:
        return Turned("else", yields=yields)

    def turn_except(self, classes: Value | None, name: str | None) -> Turned:
        return Turned("except", classes, name)

    def turn_finally(self) -> Turned:
        return Turned("finally")

    def close(self, end: Any) -> Closed:
        return Closed(yields=end) if isinstance(end, tuple) else Closed(gives=end)

    def yields(self, value: Value, when: Value | None) -> tuple[Value, Value | None]:
        return value, when

    def gives(self, value: Value) -> Value:
        return value
