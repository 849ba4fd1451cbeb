"""Follow data, conditions and effects through the statements of a plan: what each call reads, and what decides whether it is made.

`flow_of(plan)` makes a graph with a node for each call, value, condition, loop and input, and for each place where ways meet.
A node points to nodes before it, so that one walk from left to right answers most questions; only what a turn of a loop reads
of the turn before points forwards, and stands apart, in `Loop.carried`. Names are followed to what assigned them last, on
each way. A change of an object counts as an assignment of the name that it is changed by: other names of the same object are
not followed, so this serves people, ranks and estimates, and no decision of the runtime.

The graph is linear in the plan, but for its depth.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import field
from functools import cache
from typing import Final, Literal, NamedTuple, TypeAlias, assert_never

from lcc.grammar.dataclass import dataclass
from lcc.grammar.ir import (
    Apply,
    Block,
    Exit,
    ForEach,
    Gather,
    If,
    Inline,
    Let,
    Local,
    Plan,
    Region,
    Statement,
    Target,
    Task,
    TaskId,
    Try,
    Value,
    While,
    calls_of,
    inputs_of,
    names_of,
    references,
    value_locals,
)
from lcc.grammar.ir.walk import walk

Kind: TypeAlias = Literal[
    "call", "value", "test", "loop", "item", "input", "merge", "carry", "gather", "try", "exit", "end"
]


@cache
def _changing() -> frozenset[str]:
    """Return the operations that may change their first argument."""
    from lcc.grammar.ir.operations import METHODS, OPERATIONS  # a plan without a body needs none of it

    methods = [f"method {name}" for own in METHODS.values() for name, found in own.items() if found.mutates]
    return frozenset([*(op for op, found in OPERATIONS.items() if found.mutates), *methods])


_PLACES: Final = ("subscript load", "attribute ")
"""What leads from an object to a part of it, which is changed with it."""


@dataclass(slots=True)
class Node:
    """One thing that happens, or one value. All numbers are places among the nodes.

    `data`: what its value is made of. `control`: what decides whether it happens. `order`: what has to have ended first though no
    data flows. `label`: the name that a merge, value or input is known by. `loops`: how many loops it stands in.
    """

    kind: Kind
    statement: Statement | None = None
    data: tuple[int, ...] = ()
    control: tuple[int, ...] = ()
    order: tuple[int, ...] = ()
    label: str = ""
    loops: int = 0

    @property
    def before(self) -> tuple[int, ...]:
        """All that it waits for."""
        return (*self.data, *self.control, *self.order)


@dataclass(slots=True)
class Loop:
    """A loop: its node, the nodes of a turn (from `first` to before `end`), and what a turn reads of the turn before.

    `carried` maps a name to where a turn reads it first, and to what assigned it last in the turn before.
    """

    statement: ForEach | While | Gather
    node: int
    first: int
    end: int
    carried: dict[str, tuple[int, int]] = field(default_factory=dict)


class Order(NamedTuple):
    """How the effect of a call orders it: it waits for the last of each of `waits`; then it is the last of `sets`, and among those of `joins`."""

    waits: tuple[str, ...] = ()
    sets: tuple[str, ...] = ()
    joins: tuple[str, ...] = ()


NO_ORDER: Final = Order()
Orders: TypeAlias = Callable[[Task, bool], Order]
"""Say how a call is ordered; the flag tells whether it stands in strict statements."""


@dataclass(slots=True)
class Flow:
    """What `flow_of` found. `calls`: the node of each call; `steps`: where the calls meet that a step holds, if others mind how it ends."""

    nodes: list[Node] = field(default_factory=list)
    calls: dict[TaskId, int] = field(default_factory=dict)
    steps: dict[TaskId, int] = field(default_factory=dict)
    loops: list[Loop] = field(default_factory=list)
    arguments: dict[int, tuple[tuple[int, ...], ...]] = field(default_factory=dict)
    """What each argument of a call reads, by the call's node."""
    ends: list[int] = field(default_factory=list)
    """The nodes of what is handed back, and of exceptions."""

    def waiting(self, starts: Iterable[int], first: int, end: int) -> set[int]:
        """Return the nodes of a stretch that wait for any of these; those themselves included."""
        found = set(starts)
        for place in range(first, end):
            if not found.isdisjoint(self.nodes[place].before):
                found.add(place)
        return found

    def sources(self, wanted: Callable[[Node], bool], through: Callable[[Node], bool]) -> list[int]:
        """Return for each node a wanted node that its value is made of, its own place if it is one, or -1.

        A node that isn't `through` hides what it is made of. What a turn hands to the next is followed too.
        """
        readers: list[list[int]] = [[] for _ in self.nodes]
        for place, node in enumerate(self.nodes):
            for one in node.data:
                readers[one].append(place)
        for loop in self.loops:
            for read, last in loop.carried.values():
                readers[last].append(read)
        found = [place if wanted(node) else -1 for place, node in enumerate(self.nodes)]
        todo = deque(place for place, source in enumerate(found) if source >= 0)
        while todo:
            one = todo.popleft()
            for reader in readers[one]:
                if found[reader] < 0 and through(self.nodes[reader]):
                    found[reader] = found[one]
                    todo.append(reader)
        return found


def flow_of(plan: Plan, orders: Orders | None = None) -> Flow:
    """Return the flow of a plan with a body. `orders` adds what the effects of calls order."""
    walker = _Walker(orders, plan.fails == "strict")
    walker.followed = {id for task in calls_of(plan) for id in (*task.after, *task.ok, task.instead)}
    for declared in plan.inputs:
        walker.bind(f"${declared.name}", walker.add(Node("input", label=declared.name)))
    walker.block(plan.body or ())
    if plan.join is not None:
        data = tuple(dict.fromkeys(one for value in plan.join.values for one in walker.read(value)))
        walker.flow.ends.append(walker.add(Node("end", data=data)))
    return walker.flow


@dataclass(slots=True)
class _Scope:
    """Names as they are assigned on one way. `loop`: it is a turn, so that what it reads first may come from the turn before."""

    names: dict[str, int] = field(default_factory=dict)
    loop: Loop | None = None
    reads: dict[str, int] = field(default_factory=dict)


_END_OF: Final = "@end of "
"""With an id behind it, the end of a step that holds others."""
_LEFT: Final = "@left"
"""What may have left the program, by a return, an answer or an exception."""
_BROKEN: Final = "@broken"
"""What may have left a turn."""
_RETURNED: Final = "@returned"
"""What may have left a function."""


class _Walker:
    def __init__(self, orders: Orders | None, strict: bool) -> None:
        self.flow = Flow()
        self.followed: set[TaskId | None] = set()
        self._orders = orders
        self._strict = strict
        self._scopes = [_Scope()]
        self._control: tuple[int, ...] = ()
        self._depth = 0
        self._result: str | None = None

    def add(self, node: Node) -> int:
        """Add a node under the conditions of this place; return its number."""
        left = [one for name in (_LEFT, _BROKEN, _RETURNED) if (one := self._find(name)) is not None]
        node.control = tuple(dict.fromkeys((*node.control, *self._control, *left)))
        node.loops = self._depth
        self.flow.nodes.append(node)
        return len(self.flow.nodes) - 1

    def bind(self, name: str, node: int) -> None:
        """Let a name be known by a node from here on."""
        self._scopes[-1].names[name] = node

    def read(self, *values: Value | None) -> tuple[int, ...]:
        """Return the nodes that values read."""
        found: dict[int, None] = {}
        for value in values:
            if value is None:
                continue
            names = [f"${ref.task}" for ref in references(value)] + [f"${one.name}" for one in inputs_of(value)]
            for name in (*names, *sorted(value_locals(value))):
                node = self._find(name)
                if node is not None:
                    found[node] = None
        return tuple(found)

    def _find(self, name: str, depth: int | None = None) -> int | None:
        """Return what a name is known by. A turn that hasn't assigned it may read what the turn before assigned: a node of its own."""
        at = len(self._scopes) - 1 if depth is None else depth
        crossed: list[_Scope] = []
        found: int | None = None
        while at >= 0:
            scope = self._scopes[at]
            found = scope.names.get(name, scope.reads.get(name))
            if found is not None:
                break
            if scope.loop is not None:
                crossed.append(scope)
            at -= 1
        if found is None and name.startswith("$"):
            return None
        for scope in reversed(crossed):
            self.flow.nodes.append(Node("carry", data=() if found is None else (found,), label=name, loops=self._depth))
            found = scope.reads[name] = len(self.flow.nodes) - 1
        return found

    def block(self, block: Block) -> None:
        for one in block:
            first = len(self.flow.nodes)
            self._statement(one)
            if isinstance(one, ForEach | Region) and one.id in self.followed:
                self._end_of(one.id, first)

    def _end_of(self, id: int, first: int) -> None:
        """Let the end of a step that holds others be known by its calls."""
        calls = [node for node in range(first, len(self.flow.nodes)) if self.flow.nodes[node].kind == "call"]
        if calls:
            self.flow.steps[id] = self._merge(f"{_END_OF}{id}", calls)
            self.bind(f"{_END_OF}{id}", self.flow.steps[id])

    def _ended(self, id: TaskId) -> tuple[int, ...]:
        return self.read_name(f"{_END_OF}{id}" if id in self.flow.steps else f"${id}")

    def _statement(self, one: Statement) -> None:
        match one:
            case Task():
                self._call(one)
            case Let():
                self._let(one)
            case ForEach():
                self._for_each(one)
            case While():
                self._while(one)
            case If():
                self._if(one)
            case Try():
                self._try(one)
            case Gather():
                self._gather(one)
            case Region():
                self._region(one)
            case Inline():
                self._inline(one)
            case Exit():
                self._exit(one)
            case _:
                assert_never(one)

    def _call(self, task: Task) -> None:
        order = NO_ORDER if self._orders is None else self._orders(task, self._strict)
        followed = [one for id in (*task.after, *task.ok) for one in self._ended(id)]
        waits = tuple(dict.fromkeys([*followed, *[one for name in order.waits for one in self.read_name(name)]]))
        handled = () if task.instead is None else self._ended(task.instead)
        parts = [self.read(arg.value) for arg in task.args]
        values = tuple(dict.fromkeys(one for part in parts for one in part))
        node = self.add(Node("call", task, values, (*self.read(task.when), *handled), waits, str(task.id)))
        self.flow.calls[task.id] = node
        self.flow.arguments[node] = tuple(parts)
        self.bind(f"${task.id}", node)
        for name in order.sets:
            self.bind(name, node)
        for name in order.joins:
            self._join(name, node)

    def read_name(self, name: str) -> tuple[int, ...]:
        """Return the node of a name, if it has one."""
        found = self._find(name)
        return () if found is None else (found,)

    def _join(self, name: str, node: int) -> None:
        """Let a name be known by what it was and a node."""
        before = self._find(name)
        self.bind(name, node if before is None else self._merge(name, (before, node)))

    def _merge(self, name: str, nodes: Iterable[int]) -> int:
        met = tuple(dict.fromkeys(nodes))
        if len(met) == 1:
            return met[0]
        self.flow.nodes.append(Node("merge", data=met, label=name, loops=self._depth))
        return len(self.flow.nodes) - 1

    def _let(self, let: Let) -> None:
        changed = _changed(let.value)
        names = [name for target in let.targets for name in names_of(target)]
        node = self.add(
            Node("value", let, self.read(let.value), self.read(let.when), label=", ".join(names or changed))
        )
        if let.id is not None:
            self.bind(f"${let.id}", node)
        for name in (*changed, *names):
            self.bind(name, node)

    def _under(self, control: tuple[int, ...], block: Block, *more: Block) -> dict[str, int]:
        """Walk blocks that are done under a condition; return what they assign, which counts for nothing yet."""
        outer, self._control = self._control, (*self._control, *control)
        self._scopes.append(_Scope())
        for one in (block, *more):
            self.block(one)
        self._control = outer
        return self._scopes.pop().names

    def _meet(self, ways: Iterable[dict[str, int]], *, always: bool, drop: Iterable[str] = ()) -> None:
        """Let ways meet that assign names. `always`: one of them is taken, so what was before counts only where one assigns nothing."""
        ways = list(ways)
        for name in dict.fromkeys(name for way in ways for name in way):
            if name in drop:
                continue
            met = [way[name] for way in ways if name in way]
            if (not always or len(met) < len(ways)) and (before := self._find(name)) is not None:
                met.insert(0, before)
            self.bind(name, self._merge(name, met))

    def _if(self, one: If) -> None:
        test = self.add(Node("test", one, self.read(one.test)))
        self._meet([self._under((test,), one.body), self._under((test,), one.orelse)], always=True)

    def _turns(self, loop: Loop, control: tuple[int, ...], body: Callable[[], None]) -> None:
        """Walk a body whose turns come one after the other."""
        outer, self._control = self._control, control
        scope = _Scope(loop=loop)
        self._scopes.append(scope)
        self._depth += 1
        loop.first = len(self.flow.nodes)
        body()
        self._depth -= 1
        loop.end = len(self.flow.nodes)
        self._scopes.pop()
        self._control = outer
        loop.carried = {name: (read, scope.names[name]) for name, read in scope.reads.items() if name in scope.names}
        self._meet([scope.names], always=False, drop=(_BROKEN,))

    def _for_each(self, one: ForEach) -> None:
        node = self.add(Node("loop", one, self.read(one.items), self.read(one.when), label=str(one.id)))
        loop = Loop(one, node, 0, 0)
        self.flow.loops.append(loop)
        gives: list[int] = []

        def body() -> None:
            self._target(one.target, node)
            self.block(one.body)
            if one.yields is not None:
                data = self.read(one.yields)
                gives.append(self.add(Node("value", None, data, self.read(one.yield_when), label=f"{one.id} yields")))

        self._turns(loop, (*self._control, node), body)
        self.bind(f"${one.id}", self.add(Node("value", one, (node, *gives), label=str(one.id))))
        self._meet([self._under((node,), one.orelse)], always=False)

    def _target(self, target: Target, node: int) -> None:
        for name in names_of(target):
            self.bind(name, self.add(Node("item", None, (node,), label=name)))

    def _while(self, one: While) -> None:
        node = self.add(Node("loop", one, label=str(one.id)))
        loop = Loop(one, node, 0, 0)
        self.flow.loops.append(loop)

        def body() -> None:
            test = self.add(Node("test", one, self.read(one.test)))
            self._control = (*self._control, test)
            self.block(one.body)

        self._turns(loop, (*self._control, node), body)
        self._meet([self._under((node,), one.orelse)], always=False)

    def _try(self, one: Try) -> None:
        start = len(self.flow.nodes)
        body = self._under((), one.body)
        made = tuple([place for place in range(start, len(self.flow.nodes)) if self.flow.nodes[place].kind == "call"])
        self._scopes.append(_Scope())  # a handler sees what the body may have assigned
        self._meet([body], always=False)
        ways = []
        if one.handlers:
            failed = self.add(Node("try", one, control=made))
            for handler in one.handlers:
                names = {} if handler.name is None else {handler.name: failed}
                before = dict(self._scopes[-1].names)
                self._scopes[-1].names.update(names)
                ways.append({**before, **self._under((failed, *self.read(handler.classes)), handler.body)})
                self._scopes[-1].names = before
        self._scopes.pop()
        self._meet([{**body, **self._after(body, one.orelse)}, *ways], always=True)
        self.block(one.final)

    def _after(self, names: dict[str, int], block: Block) -> dict[str, int]:
        self._scopes.append(_Scope(dict(names)))
        self.block(block)
        return self._scopes.pop().names

    def _gather(self, one: Gather) -> None:
        gives: list[int] = []
        ways = []
        items = self.add(Node("loop", one, self.read(*[part.items for part in one.parts]), label=str(one.id)))
        loop = Loop(one, items, len(self.flow.nodes), 0)
        outer, self._control = self._control, (*self._control, items)
        for part in one.parts:
            self._scopes.append(_Scope())
            if part.target is not None:
                self._target(part.target, items)
            self.block(part.body)
            gives.append(self.add(Node("value", None, self.read(part.value), label=f"part of {one.id}")))
            ways.append({name: node for name, node in self._scopes.pop().names.items() if name.startswith("@")})
        self._control = outer
        loop.end = len(self.flow.nodes)
        self.flow.loops.append(loop)
        self.bind(f"${one.id}", self.add(Node("gather", one, tuple(gives) or (items,), label=str(one.id))))
        self._meet(ways, always=False)

    def _region(self, one: Region) -> None:
        strict, self._strict = self._strict, True
        self._scopes.append(_Scope())
        outer, self._control = self._control, (*self._control, *self.read(one.when))
        self.block(one.body)
        self._control = outer
        data = tuple(dict.fromkeys(node for name in one.names for node in self.read_name(name)))
        names = self._scopes.pop().names
        self._strict = strict
        self._meet([{name: node for name, node in names.items() if name.startswith("@")}], always=False)
        self.bind(f"${one.id}", self.add(Node("value", one, data, self.read(one.when), label=str(one.id))))

    def _inline(self, one: Inline) -> None:
        outer, self._result = self._result, f"@result {one.id}"
        self._scopes.append(_Scope())
        self.block(one.body)
        names = self._scopes.pop().names
        given = names.pop(self._result, None)
        self._result = outer
        self._meet([names], always=True, drop=(_RETURNED,))
        data = () if given is None else (given,)
        self.bind(f"${one.id}", self.add(Node("value", one, data, label=one.name or str(one.id))))

    def _exit(self, one: Exit) -> None:
        node = self.add(Node("exit", one, self.read(one.value)))
        if one.kind == "return" and self._result is not None:
            self._join(self._result, node)
            self.bind(_RETURNED, node)
            return
        if one.kind in ("break", "continue"):
            self.bind(_BROKEN, node)
            return
        self.flow.ends.append(node)
        if one.kind != "offer":
            self.bind(_LEFT, node)


def _changed(value: Value) -> tuple[str, ...]:
    """Return the names by which a value changes objects: `rows` of `rows.append(x)`, and of `rows[0].append(x)`."""
    return tuple(dict.fromkeys(_roots(value)))


def _roots(value: Value) -> Iterator[str]:
    for one in walk(value):
        if isinstance(one, Apply) and one.op in _changing() and one.args:
            at = one.args[0]
            while isinstance(at, Apply) and at.op.startswith(_PLACES) and at.args:
                at = at.args[0]
            if isinstance(at, Local):
                yield at.name
