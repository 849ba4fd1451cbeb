"""Hold one call of a model's plan until what it refers to is known."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

from lcc.grammar.diagnostics import Diagnostic
from lcc.grammar.ir import Const, Input, Ref, children
from lcc.grammar.lenient.calls.settle import Read
from lcc.grammar.lenient.marks.events import TaskParsed
from lcc.grammar.lenient.marks.repairs import BY_CODE
from lcc.grammar.syntax.statement import Call
from lcc.grammar.syntax.strings import Dollar, DollarKind, Template
from lcc.grammar.tolerant.references import may_hold, written_in

NOTATION: Final = "?"
"""What turns out as a plan goes on, in the place of a name: whether it writes references in another notation."""


@dataclass(frozen=True, slots=True)
class Mentions:
    """What the arguments of a call mention.

    `numbers` and `names`: those behind dollars. `possible`: the numbers that texts name in other notations; `sure`: those
    of them that can be nothing else.
    """

    numbers: frozenset[int] = frozenset()
    names: frozenset[str] = frozenset()
    sure: frozenset[int] = frozenset()
    possible: frozenset[int] = frozenset()
    nothing: bool = True


@dataclass(slots=True, eq=False)
class Entry:
    """One task of the plan, in the order of the text.

    `written`: the number as written, or None. `id`: the one it has. `inner`: the calls inside of it by the variable that
    stands for them. `said`: what was given out, as long as it stands. `wanted`: what it may have to wait for yet, the first thing last: a number, a name, a call, or what turns out later.
    """

    order: int
    read: Read
    thought: str = ""
    id: int = 0
    inner: dict[str, Entry] = field(default_factory=dict)
    wanted: list[int | str | Entry] = field(default_factory=list)
    renumbered: bool = False
    said: TaskParsed | None = None
    call: Call = field(init=False)
    written: int | None = field(init=False)
    base: tuple[Diagnostic, ...] = field(init=False)
    mentions: Mentions = field(init=False)

    def __post_init__(self) -> None:
        self.call, self.written, self.base = self.read.call, self.read.number, self.read.diagnostics
        self.mentions = mentions(self.read)


def counting(codes: Iterable[str]) -> tuple[str, ...]:
    """Return those codes, each once, that are of repairs that count."""
    return tuple(dict.fromkeys(code for code in codes if code not in BY_CODE or BY_CODE[code].counts))


def is_number(head: str) -> bool:
    """Whether what follows a dollar can be a task's number, also with leading zeros."""
    return len(head) < 10


_NUMBERED: Final = re.compile(r"\A[0-9]+\. ")


def renumbered_fix(found: Diagnostic, id: int) -> Diagnostic:
    """Return a diagnostic whose fix writes a call with the number that it has in its plan."""
    if found.fix is None:
        return found
    edits = tuple(replace(edit, text=_NUMBERED.sub(f"{id}. ", edit.text)) for edit in found.fix.edits)
    return replace(found, fix=replace(found.fix, edits=edits))


_NOTHING: Final = Mentions()


def mentions(read: Read) -> Mentions:
    """Return what the arguments of a call mention. Those of data do by keys, which mean something only when all calls are known."""
    call = read.call
    numbers: set[int] = set()
    names: set[str] = set()
    sure: set[int] = set()
    possible: set[int] = set()
    for arg in call.args:
        value = arg.value
        if type(value) is Const and (type(value.value) is not str or not may_hold(value.value)):
            continue
        for item in leaves(value):
            match item:
                case Ref(int(number)):
                    numbers.add(number)
                case Input(name) | Dollar(DollarKind.NAME, name):
                    names.add(name)
                case Dollar(DollarKind.TASK, head) if is_number(head):
                    numbers.add(int(head))
                case str(text) if read.says == "plan" and may_hold(text):
                    found = written_in(text)
                    named = {number for one in found for number in (one.number, one.looks)}
                    possible.update(number for number in named if number is not None)
                    sure.update(one.number for one in found if one.alone and one.number is not None)
    if not (numbers or names or possible or call.templated or read.after or read.says == "data"):
        return _NOTHING
    return Mentions(frozenset(numbers), frozenset(names), frozenset(sure), frozenset(possible), False)


def leaves(value: Any) -> Iterator[Ref | Input | Dollar | str]:
    """Yield every reference, dollar and piece of text in a value."""
    match value:
        case Ref() | Input():
            yield value
        case Const(str(text)):
            yield text
        case Template(parts):
            yield from parts
        case _:
            for item in children(value):
                yield from leaves(item)
