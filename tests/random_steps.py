"""Make up independent steps, and do them one after the other: what the machine makes of them is held to that.

    make_steps(r)          a plan of calls, values and loops with conditions, fallbacks and `after ok`, and the seed of its world
    Reference(plan, seed)  does them in text order, as simply as can be: a step that can't be had is LOST, one that isn't due NOT_TAKEN
    Outside(seed)          the tools: what a read gives depends on the writes of its resource, and some calls fail

Undeclared calls touch nothing, since independent plans don't order them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from itertools import pairwise
from random import Random
from typing import Any, Final
from zlib import crc32

from lcc.grammar.ir import (
    Apply,
    Arg,
    Block,
    Const,
    Element,
    ForEach,
    Join,
    Let,
    ListOf,
    Local,
    Plan,
    Ref,
    Select,
    Statement,
    Task,
    TaskId,
    Value,
    block_statements,
    children,
    value_locals,
)
from lcc.grammar.ir.evaluation import NOT_TAKEN, Evaluation, NotTaken, compile_value
from lcc.grammar.ir.operations import Meter
from lcc.grammar.signatures import ANY, Effect, Parameter, Resource, Signature
from lcc.grammar.values import Json
from lcc.runtime.tool import Tool

_X: Final = (Parameter("x", ANY), Parameter("k", ANY, required=False, default=0))
SIGNATURES: Final = {
    one.name: one
    for one in (
        Signature("shape", _X, ANY, Effect.PURE),
        Signature("look", _X, ANY, Effect.READ, (Resource("shelf:{x}"),)),
        Signature("survey", _X, ANY, Effect.READ, (Resource("shelf:{x}"), Resource("box"))),
        Signature("put", _X, ANY, Effect.WRITE, (Resource("shelf:{x}"),)),
        Signature("pack", _X, ANY, Effect.WRITE, (Resource("box"),)),
        Signature("ring", _X, ANY, Effect.UNDECLARED),
    )
}
SHAPES: Final = frozenset(
    {
        "when", "instead", "instead of a loop", "ok", "after", "select", "let", "loop", "loop of a result", "loop when", "nested loop", "yield when",
        "each", "each of a result", "element", "element by an operation",
    }
)  # fmt: skip
LOST: Final = object()
"""What a step gives that failed, or reads one that did."""
Frame = dict[Any, Any]


class Parts(list[Any]):
    """The list that a loop gives. Some elements may be LOST: only who reads those is, too."""


class Failed(ValueError):
    """A tool's failure."""


class Outside:
    """The world of one run."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.writes: dict[str, list[str]] = {}
        self.calls: list[str] = []

    def call(self, tool: str, x: Json, k: Json) -> Json:
        """Make a call; raise Failed for every eighth."""
        signature = SIGNATURES[tool]
        call = f"{tool} {x} {k}"
        self.calls.append(call)
        keys = [str(one.pattern).format(x=x) for one in signature.resources]
        seen = [self.writes.get(key, []) for key in keys]
        digest = crc32(f"{self.seed} {call} {seen}".encode())
        if signature.effect is Effect.WRITE:
            for key in keys:
                self.writes.setdefault(key, []).append(call)
        if digest % 8 == 0:
            raise Failed(call)
        return digest % 4

    def tools(self, pause: Callable[[], Awaitable[None]]) -> dict[str, Tool]:
        """Return them for a run."""

        def tool(name: str) -> Tool:
            async def function(x: Json, k: Json = 0) -> Json:
                await pause()
                try:
                    return self.call(name, x, k)
                finally:
                    await pause()

            return Tool(SIGNATURES[name], function, lambda given: given, lambda value: value)  # type: ignore[arg-type,return-value]

        return {name: tool(name) for name in SIGNATURES}


class _Writer:
    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.last = 0
        self.shapes: Counter[str] = Counter()

    def id(self) -> int:
        self.last += 1
        return self.last

    def block(
        self, size: int, numbers: list[Value], lists: list[Value], depth: int
    ) -> tuple[Block, list[Value], list[Value]]:
        """Return steps, and the results of the block that are numbers, and lists, with those from outside."""
        out: list[Statement] = []
        numbers, lists = list(numbers), list(lists)
        tasks: list[int] = []
        steps: list[int] = []
        for _ in range(size):
            steps += [one.id for one in out[len(steps) :] if isinstance(one.id, int)]  # type: ignore[union-attr]
            kind = self.chance.random()
            if kind < 0.12:
                let = Let(self.number(numbers), id=self.id(), when=self.condition(numbers))
                self.count("let")
                out.append(let)
                numbers.append(Ref(self.last))
            elif kind < 0.3 and depth < 2:
                loop = self.loop(numbers, lists, depth)
                out.append(loop)
                if loop.yields is not None:
                    lists.append(Ref(loop.id))
                    numbers += self.elements(loop.id)
            elif kind < 0.4:
                out.append(self.each(numbers, lists))
                lists.append(Ref(self.last))
                numbers += self.elements(self.last)
            else:
                task = self.task(numbers, tasks, steps)
                out.append(task)
                tasks.append(self.last)
                numbers.append(Ref(self.last))
        return tuple(out), numbers, lists

    def elements(self, id: int) -> list[Value]:
        """Return readings of single elements of a list."""
        self.count("element", "element by an operation")
        place = Const(self.chance.randrange(2))
        return [Ref(id, (self.chance.randrange(-2, 3),)), Apply("subscript load", (Ref(id), place))]

    def items(self, numbers: list[Value], lists: list[Value]) -> Value:
        if lists and self.chance.random() < 0.5:
            self.count("loop of a result", "each of a result")
            return self.chance.choice(lists)
        found = tuple([self.number(numbers) for _ in range(self.chance.randrange(4))])
        return Apply("display list", found) if self.chance.random() < 0.5 else ListOf(found)

    def each(self, numbers: list[Value], lists: list[Value]) -> Task:
        self.count("each")
        args = (Arg("x", self.items(numbers, lists), each=True), Arg("k", self.number(numbers)))
        return Task(self.id(), self.chance.choice(list(SIGNATURES)), args, when=self.condition(numbers))

    def task(self, numbers: list[Value], tasks: list[int], steps: list[int]) -> Task:
        chance = self.chance
        args = (Arg("x", self.number(numbers)), Arg("k", Const(chance.randrange(3))))
        instead = chance.choice(steps) if steps and chance.random() < 0.3 else None
        ok = (chance.choice(steps),) if steps and chance.random() < 0.2 else ()
        after = tuple(chance.sample(steps, min(len(steps), 2))) if chance.random() < 0.3 else ()
        self.count(*["instead of a loop"] * (instead is not None and instead not in tasks))
        self.count(*["instead"] * (instead is not None), *["ok"] * bool(ok), *["after"] * bool(after))
        when = self.condition(numbers)
        return Task(self.id(), chance.choice(list(SIGNATURES)), args, after, instead=instead, ok=ok, when=when)

    def loop(self, numbers: list[Value], lists: list[Value], depth: int) -> ForEach:
        chance = self.chance
        id = self.id()
        items = self.items(numbers, lists) if chance.random() < 0.9 else self.number(numbers)
        name = "xyz"[depth]
        when = self.condition(numbers)
        body, inner, _ = self.block(chance.randrange(1, 4), [*numbers, Local(name)], lists, depth + 1)
        yields = self.number(inner) if chance.random() < 0.7 else None
        yield_when = self.condition(inner) if yields is not None else None
        self.count(
            "loop",
            *["nested loop"] * (depth > 0),
            *["loop when"] * (when is not None),
            *["yield when"] * (yield_when is not None),
        )
        return ForEach(id, name, items, body, yields=yields, yield_when=yield_when, when=when)

    def number(self, numbers: list[Value]) -> Value:
        kind = self.chance.random()
        if not numbers or kind < 0.2:
            return Const(self.chance.randrange(4))
        if kind < 0.65:
            return self.chance.choice(numbers)
        first, second = self.chance.choice(numbers), self.chance.choice([*numbers, Const(1)])
        if kind < 0.8:
            self.count("select")
            return Select((first, second))
        return Apply("operator +" if kind < 0.95 else "operator //", (first, second))

    def condition(self, numbers: list[Value]) -> Value | None:
        if self.chance.random() < 0.6:
            return None
        self.count("when")
        return Apply("operator <", (self.number(numbers), Const(self.chance.randrange(1, 5))))

    def count(self, *shapes: str) -> None:
        self.shapes.update(shapes)


def make_steps(chance: Random) -> tuple[Plan, int, Counter[str]]:
    """Make up a plan, the seed of its world, and the shapes that it has."""
    writer = _Writer(chance)
    body, numbers, lists = writer.block(chance.randrange(2, 9), [], [], 0)
    given = [one for one in (*numbers, *lists) if isinstance(one, Ref) and not one.path]
    either = [Select(two) for two in pairwise(given)]
    return Plan(body=body, join=Join((*given, *either)), fails="independent"), chance.randrange(1 << 16), writer.shapes


class Reference:
    """The steps of a plan, done in order. `statuses`: of each call; `broken`: the join couldn't be had."""

    def __init__(self, plan: Plan, seed: int) -> None:
        self.world = Outside(seed)
        self.statuses: dict[TaskId, str] = {}
        self._evaluation = Evaluation(Meter())
        self._instead = {one.instead for one in block_statements(plan.body or ()) if isinstance(one, Task)}
        self._harm: dict[tuple[int, tuple[int, ...]], str] = {}
        self._bad: list[str] = []
        self.broken = False
        frame: Frame = {}
        self._block(plan.body or (), frame, ())
        assert plan.join is not None
        self.join = [self._joined(value, frame) for value in plan.join.values]
        self.ok = not self._bad and not self.broken

    def _joined(self, value: Value, frame: Frame) -> Json:
        try:
            found = self._value(value, frame)
        except Exception:
            self.broken = True
            return None
        return None if found is LOST or found is NOT_TAKEN else found

    def _value(self, value: Value, frame: Frame, when: Value | None = None) -> Any:
        """Return a value, LOST if anything that it might read is, NOT_TAKEN if it reads what isn't; raise what it raises."""
        both = (value,) if when is None else (value, when)
        if any(_is_lost(one, frame) for one in both):
            return LOST
        frame = {key: list(one) if isinstance(one, Parts) else one for key, one in frame.items()}
        try:
            if when is not None and not compile_value(when, self._evaluation)(frame):
                return NOT_TAKEN
            return compile_value(value, self._evaluation)(frame)
        except NotTaken:
            return NOT_TAKEN

    def _told(self, value: Value, frame: Frame, when: Value | None = None) -> Any:
        try:
            return self._value(value, frame, when)
        except Exception:
            self._bad.append("failed")
            return LOST

    def _block(self, block: Block, frame: Frame, turns: tuple[int, ...]) -> None:
        for one in block:
            assert isinstance(one, Task | Let | ForEach)
            assert isinstance(one.id, int)
            before = len(self._bad)
            found = self._step(one, frame, turns)
            lacks = found is LOST or (isinstance(found, Parts) and any(part is LOST for part in found))
            self._bad += ["skipped"] * lacks
            bad = self._bad[before:]
            harm = "failed" if "failed" in bad else "skipped" if bad else ""
            self._harm[one.id, turns] = harm
            if harm == "failed" and one.id in self._instead:
                found = NOT_TAKEN
                del self._bad[before:]
            frame[one.id] = found

    def _step(self, one: Task | Let | ForEach, frame: Frame, turns: tuple[int, ...]) -> Any:
        match one:
            case Task() if one.each is not None:
                args = tuple([replace(arg, value=Local("$"), each=False) if arg.each else arg for arg in one.args])
                call = replace(one, args=args, when=None)
                loop = ForEach(one.id, "$", one.each.value, (call,), Ref(one.id), when=one.when)  # type: ignore[arg-type]
                return self._turns(loop, frame, turns)
            case Task():
                return self._task(one, frame, turns)
            case Let():
                return self._told(one.value, frame, one.when)
            case ForEach():
                return self._turns(one, frame, turns)

    def _turns(self, loop: ForEach, frame: Frame, turns: tuple[int, ...]) -> Any:
        items = self._items(loop, frame)
        if items is LOST or items is NOT_TAKEN:
            return items
        if not isinstance(items, list):
            self._bad.append("failed")
            return LOST
        got = Parts()
        for place, item in enumerate(items):
            inner = {**frame, loop.target: item}
            if loop.target == "$":
                inner[loop.id] = self._task(loop.body[0], inner, (*turns, place))  # type: ignore[arg-type]
            else:
                self._block(loop.body, inner, (*turns, place))
            if loop.yields is not None:
                got.append(self._told(loop.yields, inner, loop.yield_when))
        return None if loop.yields is None else Parts([one for one in got if one is not NOT_TAKEN])

    def _items(self, loop: ForEach, frame: Frame) -> Any:
        """Return what is gone over: of lists that loops give, and those that are written out, each element may be LOST alone."""
        match loop.items:
            case Ref(id, ()) if isinstance(frame[id], Parts):
                due = self._told(Const(None), frame, loop.when)
                return frame[id] if due is None else due
            case ListOf(items) | Apply("display list", items):
                due = self._told(Const(None), frame, loop.when)
                if due is not None:
                    return due
                found = [self._told(one, frame) for one in items]
                return NOT_TAKEN if any(one is NOT_TAKEN for one in found) else found
        return self._told(loop.items, frame, loop.when)

    def _task(self, task: Task, frame: Frame, turns: tuple[int, ...]) -> Any:
        assert isinstance(task.id, int)
        id: TaskId = Element(task.id, turns[0], turns[1:]) if turns else task.id
        status, result = self._called(task, frame, turns)
        self.statuses[id] = status
        if status in ("failed", "skipped"):
            self._bad.append(status)
        return result

    def _called(self, task: Task, frame: Frame, turns: tuple[int, ...]) -> tuple[str, Any]:
        values = [arg.value for arg in task.args] + ([] if task.when is None else [task.when])
        before = [self._harm[id, turns] for id in (task.instead, *task.ok) if id is not None]  # type: ignore[index]
        spoilt = any(self._harm[id, turns] == "failed" and id not in self._instead for id in task.ok)  # type: ignore[index]
        if "skipped" in before or spoilt or any(_is_lost(value, frame) for value in values):
            return "skipped", LOST
        if task.instead is not None and not before[0]:
            return self._undue(task, frame)
        if any(before[task.instead is not None :]):
            return self._undue(task, frame)
        try:
            given = [self._value(arg.value, frame, task.when) for arg in task.args]
            if any(one is NOT_TAKEN for one in given):
                return "not taken", NOT_TAKEN
            return "ok", self.world.call(task.tool, *given)
        except Exception:
            return "failed", LOST

    def _undue(self, task: Task, frame: Frame) -> tuple[str, Any]:
        """A step that isn't due isn't taken; its condition comes first, and may fail."""
        try:
            self._value(Const(None), frame, task.when)
        except Exception:
            return "failed", LOST
        return "not taken", NOT_TAKEN


def _is_lost(value: Value, frame: Frame) -> bool:
    """Whether a value may read what is lost."""
    if any(frame.get(name) is LOST for name in value_locals(value)):
        return True
    if isinstance(value, Apply) and value.op == "subscript load" and isinstance(value.args[0], Ref):
        (ref, place) = value.args
        assert isinstance(place, Const)
        return _is_lost(Ref(ref.task, (place.value,)), frame)  # type: ignore[arg-type]
    if not isinstance(value, Ref):
        return any(_is_lost(one, frame) for one in children(value))
    whole = frame.get(value.task)
    if isinstance(whole, Parts) and value.path:
        place = value.path[0]
        return -len(whole) <= place < len(whole) and whole[place] is LOST
    return whole is LOST or (isinstance(whole, Parts) and any(one is LOST for one in whole))
