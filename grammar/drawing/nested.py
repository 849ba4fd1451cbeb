"""Draw a plan with a body: loops, gathers, tries and functions as frames, conditions as diamonds, edges through names.

An edge leads from the call that assigned last what another reads, on each way. Where many calls went into one value, the value
has a node. Dashed edges are the order of effects, as far as declarations say: a write waits for the write before it, a read for
the last write of what it reads.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from lcc.grammar.diagnostics.wording import brief
from lcc.grammar.drawing.line import input_node, task_name
from lcc.grammar.drawing.picture import LABEL_WIDTH, Edge, Frame, Item, Node, Picture
from lcc.grammar.drawing.words import join_words, statement_words, target_words, value_words
from lcc.grammar.flow import NO_ORDER, Flow, Order, flow_of
from lcc.grammar.ir import (
    Apply,
    Block,
    Exit,
    ForEach,
    Gather,
    Handler,
    If,
    Inline,
    Let,
    ListOf,
    Plan,
    Region,
    Statement,
    Task,
    Try,
    Value,
    While,
    names_of,
    references,
)
from lcc.grammar.signatures import Effect, Tools

MOST_SOURCES: Final = 8
"""A value that more calls went into has a node of its own."""
MOST_CARRIED: Final = 16
"""How many names are followed from one turn of a loop to the next."""
_LAST: Final = "@last"
_UNKNOWN: Final = "@unknown"


def picture(plan: Plan, tools: Tools) -> Picture:
    """Return the picture of a plan with a body."""
    flow = flow_of(plan, lambda task, strict: _order(task, strict, tools))
    drawer = _Drawer(plan, flow, tools)
    items = tuple(drawer.items(plan.body or ()))
    ends = () if plan.join is None else (Node("join", "end", brief(join_words(plan.join), LABEL_WIDTH)),)
    edges = tuple(drawer.edges())
    inputs = [input_node(declared.name, declared.type) for declared in plan.inputs]
    return Picture((*inputs, *drawer.values, *items, *ends), edges)


def _order(task: Task, strict: bool, tools: Tools) -> Order:
    """Return what a call waits for by its effect. Where tools aren't declared at all, nothing is known and nothing drawn."""
    if not tools:
        return NO_ORDER
    signature = tools.get(task.tool)
    effect = Effect.UNDECLARED if signature is None else signature.effect
    heads = () if signature is None else tuple([f"@written {one.parts[0]}" for one in signature.resources])
    if effect is Effect.PURE:
        return NO_ORDER
    if effect is Effect.UNDECLARED:
        return Order((_LAST,), (_LAST, _UNKNOWN)) if strict else NO_ORDER
    if effect.writes:
        return Order((_LAST,), (_LAST, *heads)) if strict else Order(heads, heads)
    return Order((*heads, _UNKNOWN))


class _Drawer:
    def __init__(self, plan: Plan, flow: Flow, tools: Tools) -> None:
        self._flow = flow
        self._tools = tools
        self._plan = plan
        self._places: dict[tuple[int, str], deque[int]] = {}
        for place, node in enumerate(flow.nodes):
            if node.statement is not None:
                self._places.setdefault((id(node.statement), node.kind), deque()).append(place)
        self._items_of: dict[int, list[int]] = {}
        for place, node in enumerate(flow.nodes):
            if node.kind == "item":
                self._items_of.setdefault(node.data[0], []).append(place)
        self._names: dict[int, str] = {}
        self._branch: dict[int, tuple[int, str, frozenset[str]]] = {}
        self.values: list[Node] = []
        self._frames = 0

    def items(self, block: Block) -> Iterator[Item]:
        """Yield the nodes and frames of a block, and name the nodes of the flow that they stand for."""
        for one in block:
            yield from self._item(one)

    def _place(self, statement: Statement, kind: str) -> int:
        return self._places[id(statement), kind].popleft()

    def _item(self, one: Statement) -> Iterator[Item]:
        match one:
            case Task():
                yield self._call(one)
            case If(_, body, orelse):
                yield from self._if(one, body, orelse)
            case ForEach():
                yield self._loop(one, self._place(one, "loop"), f"{_times(one.items)} {statement_words(one)}")
            case While():
                yield self._while(one)
            case Gather():
                yield self._gather(one)
            case Try():
                yield self._try(one)
            case Region(body=body) | Inline(body=body):
                yield from self._frame(statement_words(one), self.items(body))
            case Exit(kind) if kind in ("answer", "return", "raise"):
                place = self._place(one, "exit")
                name = self._names[place] = f"x{place}"
                yield Node(name, "end", brief(statement_words(one), LABEL_WIDTH))
            case Let() | Exit():
                pass

    def _call(self, task: Task) -> Node:
        place = self._place(task, "call")
        name = self._names[place] = task_name(task.id)
        signature = self._tools.get(task.tool)
        writes = signature is not None and signature.effect.writes
        text = brief(statement_words(task), LABEL_WIDTH)
        return Node(name, "fan-out" if task.each else "call", text, writes)

    def _frame(self, label: str, items: Iterable[Item]) -> Iterator[Frame]:
        """Yield a frame around items, if there are any."""
        self._frames += 1
        name = f"frame{self._frames}"
        inside = tuple(items)
        if inside:
            yield Frame(name, brief(label, LABEL_WIDTH), inside)

    def _test(self, one: If | While, label: str) -> tuple[int, Node]:
        place = self._place(one, "test")
        name = self._names[place] = f"c{place}"
        return place, Node(name, "test", brief(label, LABEL_WIDTH))

    def _if(self, one: If, body: Block, orelse: Block) -> Iterator[Item]:
        place, node = self._test(one, f"{value_words(one.test)}?")
        yield node
        for block, kind in ((body, "yes"), (orelse, "no")):
            yield from self._decided(place, kind, block)

    def _decided(self, test: int, kind: str, block: Block) -> tuple[Item, ...]:
        """Return the items of a block that is done only if a test says so; those that read none of the others hang on it."""
        outer, self._names = self._names, {}
        items = tuple(self.items(block))
        own = frozenset(self._names.values())
        self._branch |= {place: (test, kind, own) for place in self._names if place not in self._branch}
        outer.update(self._names)
        self._names = outer
        return items

    def _target(self, place: int) -> Iterator[Node]:
        """Yield a node for what a loop binds."""
        own = self._items_of.get(place, [])
        if own:
            name = f"i{own[0]}"
            self._names |= dict.fromkeys(own, name)
            label = ", ".join(dict.fromkeys(self._flow.nodes[one].label for one in own))
            yield Node(name, "value", brief(label, LABEL_WIDTH))

    def _loop(self, one: ForEach, place: int, label: str) -> Frame:
        self._frames += 1
        name = f"frame{self._frames}"
        inside = (*self._target(place), *self.items(one.body), *self._frame("after all turns", self.items(one.orelse)))
        return Frame(name, brief(label, LABEL_WIDTH), inside)

    def _while(self, one: While) -> Frame:
        self._frames += 1
        name = f"frame{self._frames}"
        place, test = self._test(one, f"{value_words(one.test)}?")
        orelse = self._frame("after all turns", self.items(one.orelse))
        inside = (test, *self._decided(place, "yes", one.body), *orelse)
        return Frame(name, "× n while", inside)

    def _gather(self, one: Gather) -> Frame:
        self._frames += 1
        name = f"frame{self._frames}"
        place = self._place(one, "loop")
        targets = deque(self._items_of.get(place, []))
        inside: list[Item] = []
        for part in one.parts:
            if part.items is None or part.target is None:
                inside += self.items(part.body)
                continue
            own = f"i{targets[0]}" if targets else ""
            head = target_words(part.target)
            for _ in names_of(part.target):
                self._names[targets.popleft()] = own
            label = f"{_times(part.items)} for {head} in {value_words(part.items)}"
            inside += self._frame(label, (Node(own, "value", brief(head, LABEL_WIDTH)), *self.items(part.body)))
        return Frame(name, brief(statement_words(one), LABEL_WIDTH), tuple(inside))

    def _try(self, one: Try) -> Frame:
        self._frames += 1
        name = f"frame{self._frames}"
        inside = [*self.items(one.body)]
        for handler in one.handlers:
            inside += self._frame(_handler(handler), self._decided(-1, "", handler.body))
        inside += self._frame("else", self.items(one.orelse))
        inside += self._frame("finally", self.items(one.final))
        return Frame(name, "try", tuple(inside))

    def edges(self) -> Iterator[Edge]:
        """Yield the edges, at most one from one node to another: data before conditions before order."""
        nodes = self._flow.nodes
        self._names |= {place: f"in_{node.label}" for place, node in enumerate(nodes) if node.kind == "input"}
        self._names |= {place: "join" for place, node in enumerate(nodes) if node.kind == "end"}
        data = self._sources([node.data for node in nodes])
        passed = ("merge", "carry")
        order = self._sources([node.data if node.kind in passed else node.order for node in nodes])
        kinds: dict[tuple[str, str], str] = {}
        for place, name in self._names.items():
            if nodes[place].kind != "input":
                self._into(place, name, data, order, kinds)
        for loop in self._flow.loops:
            for read, last in islice(loop.carried.values(), MOST_CARRIED):
                readers = self._readers(read, loop.end)
                kinds |= {
                    (one, two): "next turn" for one in data.get(last, ()) for two in readers if (one, two) not in kinds
                }
        yield from (Edge(source, target, kind) for (source, target), kind in kinds.items())

    def _into(
        self,
        place: int,
        name: str,
        data: dict[int, tuple[str, ...]],
        order: dict[int, tuple[str, ...]],
        kinds: dict[tuple[str, str], str],
    ) -> None:
        """Note the edges that lead to a node."""
        node = self._flow.nodes[place]
        known = [source for one in node.data for source in data.get(one, ()) if source != name]
        kinds |= {(source, name): "each" if node.kind == "item" else "data" for source in known}
        test, kind, own = self._branch.get(place, (-1, "", frozenset()))
        if test >= 0 and own.isdisjoint(known):
            kinds.setdefault((self._names[test], name), kind)
        if isinstance(node.statement, Task):
            task = node.statement
            asked = [(ref.task, "when") for ref in references(task.when)] if task.when is not None else []
            failed = [(task.instead, "if failed")] if task.instead is not None else []
            for id, why in (*asked, *failed):
                met = self._flow.steps.get(id, -1)
                for source in (*data.get(self._flow.calls.get(id, -1), ()), *order.get(met, ())):
                    kinds.setdefault((source, name), why)
        for source in (source for one in node.order for source in order.get(one, ())):
            if source != name:
                kinds.setdefault((source, name), "order")

    def _readers(self, place: int, end: int) -> list[str]:
        """Return the nodes of a turn that read a value, through others that have none."""
        found = {place}
        names = []
        for at in range(place + 1, end):
            if not found.isdisjoint(self._flow.nodes[at].data):
                if at in self._names:
                    names.append(self._names[at])
                else:
                    found.add(at)
        return names

    def _sources(self, before: list[tuple[int, ...]]) -> dict[int, tuple[str, ...]]:
        """Return the named nodes that each node stands for: itself, or those that it is made of."""
        found: dict[int, tuple[str, ...]] = {}
        for place, ways in enumerate(before):
            if place in self._names:
                found[place] = (self._names[place],)
                continue
            met = tuple(dict.fromkeys(name for one in ways for name in found.get(one, ())))
            if len(met) > MOST_SOURCES:
                name = self._names[place] = f"v{place}"
                self.values.append(Node(name, "value", brief(self._flow.nodes[place].label or "…", LABEL_WIDTH)))
                met = (name,)
            found[place] = met
        return found


def _times(items: Value) -> str:
    """Return how often a loop turns, as far as its text says."""
    if isinstance(items, ListOf) or (isinstance(items, Apply) and items.op in ("display list", "display tuple")):
        return f"× {len(items.items if isinstance(items, ListOf) else items.args)}"
    return "× n"


def _handler(handler: Handler) -> str:
    classes = "" if handler.classes is None else f" {value_words(handler.classes)}"
    return f"except{classes}{'' if handler.name is None else f' as {handler.name}'}"
