"""Objects that each turn may have for itself: small loops over few names, with every way for an object to leave its turn."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from body_values import array, call, method, op
from body_world import make_tools, random_pause, reversed_pause
from random_strict_plans import Body
from shape_counts import used_seed
from strict_runs import compare

from lcc.grammar.ir import (
    Arg,
    Block,
    Builtin,
    Choose,
    Const,
    Exit,
    ForEach,
    Handler,
    If,
    Let,
    Local,
    Plan,
    Ref,
    Statement,
    Task,
    Try,
    Value,
)

FEW = 60
MANY = 400
PARTS = 4
BACKENDS = ("asyncio", "trio")
OWN = ("a", "b")
"""Names that turns bind, most often anew; `r` stays through all turns."""
ALL = (*OWN, "r")


class _Writer:
    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.last = 0

    def id(self) -> int:
        self.last += 1
        return self.last

    def name(self, *names: str) -> Local:
        return Local(self.chance.choice(names or ALL))

    def loop(self, depth: int) -> ForEach:
        chance = self.chance
        fresh = [Let(array(*[self.name()] * (chance.random() < 0.2)), (own,)) for own in OWN if chance.random() < 0.7]
        body = (*fresh, *self.block(chance.randrange(2, 6), depth + 1))
        return ForEach(self.id(), f"i{depth}", array(*map(Const, range(chance.choice((2, 2, 3))))), body)

    def block(self, size: int, depth: int) -> Block:
        return tuple(one for _ in range(size) for one in self.step(depth))

    def step(self, depth: int) -> list[Statement]:
        chance = self.chance
        match chance.randrange(12):
            case 0 | 1 | 2:
                tool = chance.choice(("calc", "look", "put"))
                task = Task(
                    self.id(),
                    tool,
                    (Arg("x", call("str", self.name())), Arg("k", Const(chance.randrange(2))), Arg("sure", Const(1))),
                )
                return [task, Let(method("append", self.name(), Ref(self.last)))]
            case 3 | 4:
                return [Let(method("append", self.name(), self.name()))]
            case 5:
                return [Let(self.name(), (chance.choice(OWN),))]
            case 6:
                return [Let(self.name(), (chance.choice(ALL),))]
            case 7:
                return [Let(array(self.name()), (chance.choice(OWN),))]
            case 8:
                return [Let(self.inner(), (chance.choice(OWN),))]
            case 9 if depth < 3:
                return [
                    If(
                        op("<", self.length(), Const(chance.randrange(4))),
                        self.block(2, depth + 1),
                        self.block(chance.randrange(2), depth + 1),
                    )
                ]
            case 10 if depth < 2:
                return [self.loop(depth)]
            case 11 if depth < 3:
                raised = Exit("raise", call("ValueError"))
                body = (
                    *self.block(1, depth + 1),
                    If(op("<", self.length(), Const(2)), (raised,)),
                    *self.block(1, depth + 1),
                )
                return [Try(body, (Handler(None, self.block(1, depth + 1)),))]
            case _:
                return [Let(method("append", self.name(), self.length()))]

    def length(self) -> Value:
        return call("len", self.name())

    def inner(self) -> Value:
        """Return a list that stands last in another, or a name's own."""
        lists = call("next", call("reversed", self.name()), self.name())
        return self.listed(lists)

    def listed(self, value: Value) -> Value:
        """Return a value, or a list of it if it is none."""
        return Choose(call("isinstance", value, Builtin("list")), value, array(value))


def make_turns(chance: Random) -> Body:
    writer = _Writer(chance)
    first = [Let(array(), (name,)) for name in ALL]
    loops = [writer.loop(0) for _ in range(chance.choice((1, 1, 2)))]
    end = Exit("answer", call("str", array(*map(Local, ALL))))
    return Body(
        make_tools(chance), Plan(body=(*first, *loops, end), fails="strict"), chance.randrange(1 << 16), Counter()
    )


def check(seed: str, backend: str) -> None:
    body = make_turns(Random(seed))
    for pause in (reversed_pause(), random_pause(Random(seed))):
        wrong = compare(body, pause, backend)
        assert wrong is None, f"{seed!r} on {backend}: {wrong}"


@pytest.mark.parametrize("backend", BACKENDS)
def test_objects_of_turns_are_those_of_doing_them_in_turn(backend: str) -> None:
    for number in range(FEW):
        check(f"{backend} {number}", backend)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_many_objects_of_turns_are_those_of_doing_them_in_turn(part: int) -> None:
    seed = used_seed()
    for number in range(part, MANY, PARTS):
        check(f"{seed} {number}", BACKENDS[number // PARTS % 2])
