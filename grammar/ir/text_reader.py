"""Read the text form of the IR, a line at a time, with the grammar of `ir.lark`.

Lines are read one by one, so that the memory a text needs is that of its plan and an error is in one line.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from math import isfinite
from typing import Any, Final, TypeAlias, cast

from lark import Lark, Token, Transformer, UnexpectedCharacters, UnexpectedToken, v_args

from lcc.grammar.diagnostics.terminal import shorten
from lcc.grammar.ir.expressions import Const, DictOf, Element, Format, Input, ListOf, PathStep, Ref, TaskId, Value
from lcc.grammar.ir.nodes import Arg, Batched, Dropped, Expanded, Folded, InputDecl, Join, Merged, Origin, Plan, Task
from lcc.grammar.limits import DEFAULT_LIMITS, IR_NESTING


class Fault(Exception):
    """What is wrong with one line, and at which offset in it."""

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
    digits, colon, place = token[1:].partition(":")
    if len(token) > DEFAULT_LIMITS.digits:
        raise Fault(token.start_pos or 0, f"an id of more than {DEFAULT_LIMITS.digits} digits")
    return Element(int(digits), int(place)) if colon else int(digits)


def _task_id(token: Token) -> int:
    id = _id(token)
    if isinstance(id, Element):
        raise Fault(token.start_pos or 0, f"`{token}` is an element; the id of a whole task belongs here")
    return id


@v_args(inline=True)
class Nodes(Transformer[Token, Any]):
    """What a rule's parts make; what is optional and missing is None."""

    def string(self, text: Token) -> str:
        return _text(text)

    def input(self, secret: Token | None, name: Token, type: str, default: Value | None) -> InputDecl:
        return InputDecl(str(name), str(type), default, secret is not None)

    def task(
        self,
        id: Token,
        tool: Token,
        args: tuple[Arg, ...] | None,
        after: tuple[TaskId, ...] | None,
        priority: float | None,
        thought: str | None,
    ) -> Task:
        given = args or ()
        if sum([arg.each for arg in given]) > 1:
            raise Fault(id.start_pos or 0, f"two `each` in one call of `{tool}`")
        return Task(_id(id), str(tool), given, after or (), priority or 0.0, thought or "")

    def args(self, *args: Arg) -> tuple[Arg, ...]:
        return args

    def arg(self, keyword: Token | None, each: Token | None, value: Value) -> Arg:
        name = None if keyword is None else _text(keyword) if keyword.type == "STRING" else str(keyword)
        return Arg(name, value, each is not None)

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
        return Ref(_id(name), path) if name.type == "ID" else Input(str(name[1:]), path)

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


Line: TypeAlias = InputDecl | Task | Join | Origin


class IrSyntaxError(ValueError):
    """A text is not the text form of an IR. `line` and `column` count from 1, the column in code points."""

    def __init__(self, line: int, column: int, message: str) -> None:
        super().__init__(f"line {line}, column {column}: {message}")
        self.line = line
        self.column = column
        self.message = message


def parse_ir(text: str) -> Plan:
    """Return the plan that `print_ir` printed; raise IrSyntaxError for any other text.

    Only the form is checked: whether ids are unique and references point backwards is for `verify`.
    """
    parts: tuple[list[Any], list[Any], list[Any], list[Any]] = ([], [], [], [])
    inputs, tasks, joins, origins = parts
    reached = 0
    for number, line in enumerate(text.split("\n"), 1):
        if not line or line.isspace() or line.lstrip().startswith(";"):
            continue
        try:
            found = _read_line(line)
            part = _part_of(found)
            if part < reached or (part == 2 and joins):
                raise Fault(0, f"{_PARTS[part]} after {_PARTS[reached]}")
        except Fault as fault:
            raise IrSyntaxError(number, fault.offset + 1, fault.message) from None
        reached = part
        parts[part].append(found)
    return Plan(tuple(inputs), tuple(tasks), joins[0] if joins else None, tuple(origins))


_PARTS: Final = ("an input", "a task", "a join", "an origin")


def _part_of(line: Line) -> int:
    match line:
        case InputDecl():
            return 0
        case Task():
            return 1
        case Join():
            return 2
        case _:
            return 3


def _read_line(line: str) -> Line:
    if line.count("[") + line.count("{") + line.count("(") > IR_NESTING:
        _check_nesting(line)
    try:
        found: Any = _parser().parse(line)
    except UnexpectedCharacters as error:
        raise _unexpected(line, error.pos_in_stream or 0, error.allowed) from None
    except UnexpectedToken as error:
        at = len(line) if error.token.type == "$END" else error.token.start_pos or 0
        raise _unexpected(line, at, error.accepts or error.expected) from None
    return cast(Line, found)


_BRACKET: Final = re.compile(r'"(?:[^"\\]|\\.)*"|([\[({])|[\])}]')


def _check_nesting(line: str) -> None:
    depth = 0
    for found in _BRACKET.finditer(line):
        if found[1]:
            depth += 1
            if depth > IR_NESTING:
                raise Fault(found.start(), f"more than {IR_NESTING} brackets are open")
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


def _unexpected(line: str, offset: int, wanted: set[str] | None) -> Fault:
    word = _WORD.match(line, offset)
    shown = f"`{shorten(word[0], 40)}`" if word else "end of the line"
    return Fault(offset, f"unexpected {shown}{_wanted(wanted)}")


def _wanted(terminals: set[str] | None) -> str:
    """Say what could stand there, as long as it is short."""
    names = terminals or set()
    if {"STRING", "NUMBER", "TRUE", "LSQB"} <= names:
        return "; expected a value"
    known = {t.name: f"`{t.pattern.value}`" for t in _parser().terminals if t.pattern.type == "str"}
    shown = sorted({_SHOWN.get(name) or known.get(name, "") for name in names} - {""})
    return f"; expected {' or '.join(shown)}" if 0 < len(shown) <= 6 else ""


@cache
def _parser() -> Lark:
    grammar = files(__package__).joinpath("ir.lark").read_text(encoding="utf-8")
    return Lark(grammar, start="line", parser="lalr", transformer=Nodes(), maybe_placeholders=True)
