"""Find the calls whose arguments may hold something that was computed from a secret input.

Data is followed: through names, results, operations, what an operation puts into a list or dict, and what tools make of it. What only
depends on a condition isn't. Order of statements plays no part, so that loops need none either; where in doubt it is a secret.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final, TypeAlias, TypeVar

from lcc.grammar.ir import (
    Apply,
    Exit,
    ForEach,
    Gather,
    Inline,
    Input,
    Let,
    Local,
    Plan,
    Ref,
    Region,
    Statement,
    Task,
    TaskId,
    Try,
    Value,
    block_calls,
    block_statements,
    calls_of,
    names_of,
    targets_of,
)
from lcc.grammar.ir.operations import METHODS, OPERATIONS
from lcc.grammar.ir.walk import walk

Place: TypeAlias = "str | TaskId"
"""A name, or the id of a result."""
T = TypeVar("T")

PUBLIC: Final = 0
BEHIND: Final = 1
"""What a tool made that was given a secret, or something computed from one."""
SECRET: Final = 2
"""What the plan itself computed from a secret input."""


def secrecy(plan: Plan) -> dict[TaskId, int]:
    """Return the calls whose arguments are SECRET or BEHIND one; others aren't in it."""
    secret = {declared.name for declared in plan.inputs if declared.secret}
    if not secret:
        return {}
    flow = _Flow(secret)
    statements = plan.tasks if plan.body is None else tuple(block_statements(plan.body))
    flow.connect(statements)
    while flow.pass_over(statements):
        pass
    found = {task.id: flow.of(arg.value for arg in task.args) for task in calls_of(plan)}
    return {id_: level for id_, level in found.items() if level}


class _Flow:
    """What is known so far of names and results. `levels` only rise, so passing over the statements comes to an end."""

    def __init__(self, secret: set[str]) -> None:
        self._secret = secret
        self._levels: dict[Place, int] = {}
        self._group: dict[Place, Place] = {}
        self._members: dict[Place, list[Place]] = {}
        self._risen = False

    def of(self, values: Iterable[Value]) -> int:
        """Return the highest level among values."""
        return max(map(self._level, values), default=PUBLIC)

    def _level(self, value: Value) -> int:
        highest = PUBLIC
        for one in walk(value):
            if isinstance(one, Input) and one.name in self._secret:
                return SECRET
            if isinstance(one, Local | Ref):
                highest = max(highest, self._levels.get(_place(one), PUBLIC))
        return highest

    def _raise(self, places: Iterable[Place], level: int) -> None:
        for place in places:
            if level > self._levels.get(place, PUBLIC):
                self._levels[place] = level
                self._risen = True

    def connect(self, statements: Iterable[Statement]) -> None:
        """Note which names and results may hold parts of one another, so that a change of one is a change of the other."""
        for statement in statements:
            for bound, values in () if isinstance(statement, Task) else _bindings(statement):
                read = (_place(one) for value in values for one in walk(value) if isinstance(one, Local | Ref))
                places = [*bound, *read]
                for other in places:
                    self._group[self._find(other)] = self._find(places[0])
        for place in tuple(self._group):
            self._members.setdefault(self._find(place), []).append(place)

    def _find(self, place: Place) -> Place:
        path = []
        while (above := self._group.get(place, place)) != place:
            path.append(place)
            place = above
        for one in path:
            self._group[one] = place
        return place

    def pass_over(self, statements: Iterable[Statement]) -> bool:
        """Follow what every statement does once; return whether anything was learnt."""
        self._risen = False
        for statement in statements:
            for bound, values in _bindings(statement):
                level = self.of(values)
                if level:
                    self._raise(bound, min(level, BEHIND) if isinstance(statement, Task) else level)
                    self._change(values)
            if isinstance(statement, Try):
                self._catch(statement)
        return self._risen

    def _change(self, values: Iterable[Value]) -> None:
        """Follow secrets into what an operation changes, and into all that may be the same object or hold it."""
        for one in (one for value in values for one in walk(value)):
            level = self._level(one) if isinstance(one, Apply) and _mutates(one.op) else PUBLIC
            if level:
                assert isinstance(one, Apply)
                for read in (o for o in walk(one.args[0]) if isinstance(o, Local | Ref)):
                    self._raise(self._members.get(self._find(_place(read)), (_place(read),)), level)

    def _catch(self, statement: Try) -> None:
        """The exception that a handler sees may quote what a call in the body was given, or what the body raised."""
        inside = tuple(block_statements(statement.body))
        raised = self.of(one.value for one in inside if isinstance(one, Exit) and one.value is not None)
        given = self.of(arg.value for task in block_calls(statement.body) for arg in task.args)
        self._raise(_names_of_handlers(statement), max(raised, given))


def _names_of_handlers(statement: Try) -> tuple[str, ...]:
    """Return the names of a try's handlers."""
    return tuple(name for target in targets_of(statement) for name in names_of(target))


def _bindings(statement: Statement) -> Iterator[tuple[list[Place], tuple[Value, ...]]]:
    """Yield what a statement binds with the values that it is made of."""
    match statement:
        case Task(id=id_, args=args):
            yield [id_], tuple(arg.value for arg in args)
        case Let(value=value, targets=targets, id=id_):
            yield [*(name for target in targets for name in names_of(target)), *_present(id_)], (value,)
        case ForEach(id=id_, target=target, items=items, yields=yields):
            yield list(names_of(target)), (items,)
            yield [id_], _present(yields)
        case Region(id=id_, names=names):
            yield [id_], tuple(map(Local, names))
        case Inline(id=id_, body=body):
            exits = (one for one in block_statements(body) if isinstance(one, Exit) and one.kind == "return")
            yield [id_], tuple(one.value for one in exits if one.value is not None)
        case Gather(id=id_, parts=parts):
            for part in parts:
                yield [] if part.target is None else list(names_of(part.target)), _present(part.items)
                yield [id_], (part.value,)
        case _:
            return


def _present(value: T | None) -> tuple[T, ...]:
    return () if value is None else (value,)


def _place(read: Local | Ref) -> Place:
    return read.name if isinstance(read, Local) else read.task


@cache
def _mutates(op: str) -> bool:
    """Whether an operation may change its first argument."""
    kind, _, name = op.partition(" ")
    if kind == "method":
        return any(table[name].mutates for table in METHODS.values() if name in table)
    return op in OPERATIONS and OPERATIONS[op].mutates
