"""Read the text form of the IR, a line at a time, with the grammar of `ir.lark`.

Lines are read one by one, so that the memory a text needs is that of its plan and an error is in one line.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import Any, Final, TypeAlias, cast

from lark import Lark, UnexpectedCharacters, UnexpectedToken

from lcc.grammar.diagnostics.terminal import shorten
from lcc.grammar.ir.nodes import InputDecl, Join, Origin, Plan, Task
from lcc.grammar.ir_nodes import Fault, Nodes
from lcc.grammar.limits import IR_NESTING

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
