"""Make a strict body one of steps, as a plan file says it: names become ids, loops that fill lists yield, conditions stand behind
calls, and what remains stands in blocks of Python. The meaning is the same; only what nobody can see changes.

What binds a name that is bound twice, or that is read where it may have no value, stays with all that reads and binds it in one
block.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Final

from lcc.grammar.ir import (
    Apply,
    Block,
    Clause,
    Comprehension,
    Const,
    DictOf,
    Exit,
    ForEach,
    Format,
    Gather,
    If,
    Inline,
    Join,
    Lambda,
    Let,
    ListOf,
    Local,
    Plan,
    Ref,
    Region,
    Spread,
    Statement,
    Task,
    TaskId,
    Try,
    Value,
    While,
    block_statements,
    blocks_of,
    map_values,
    names_of,
    rebuild,
    statement_values,
    targets_of,
)
from lcc.grammar.ir.evaluation import changes_values
from lcc.grammar.ir.walk import walk
from lcc.grammar.writing.values_of_steps import PlanValues, as_path, attributes_of, with_names
from lcc.grammar.writing.written_block import TEMPORARY
from lcc.grammar.writing.written_names import bindings, constant, counted, is_text, key_loops
from lcc.grammar.writing.yielding import Filled, begun

_MOST_CONDITIONAL: Final = 4
"""So many statements below an `if` become steps with `when`; more are easier to read in a block."""


def to_steps(plan: Plan) -> Plan:
    """Return a strict plan whose body has steps only; any other plan as it is."""
    if plan.body is None or plan.fails != "strict" or all(map(is_step, plan.body)):
        return plan
    body, join = _ending(plan)
    body = Filled(body).block(body)
    made = _Steps(replace(plan, join=join), body)
    if join is not None and plan.join is None:
        kept = made.whole((*body, Exit("answer", join.values[0])))
        if isinstance(kept[-1], Exit):
            return replace(plan, body=kept[:-1], join=made.join(join))
        return replace(plan, body=kept)
    return replace(plan, body=made.whole(body), join=None if join is None else made.join(join))


def is_step(one: Statement) -> bool:
    """Whether a statement is one that a plan file has outside of blocks."""
    match one:
        case Task() | Region():
            return True
        case Let(_, targets, id):
            return not targets and id is not None
        case ForEach(orelse=orelse):
            return not orelse and all(map(is_step, one.body))
        case _:
            return False


def _ending(plan: Plan) -> tuple[Block, Join | None]:
    """Return a body without what is handed back at its end, and that."""
    body = plan.body or ()
    if body[-2:-1] and isinstance(body[-2], Exit) and body[-1] == Exit("offer", Const(None)):
        body = body[:-1]
    if plan.join is not None or not body:
        return body, plan.join
    prints = any(isinstance(one, Let) and isinstance(one.value, Apply) and one.value.op == "builtin print"
                 for one in block_statements(body))  # fmt: skip
    if _returns(body[:-1]):
        return body, None
    match body[-1]:
        case Exit("answer" | "return", value) if value is not None:
            return body[:-1], Join((value,), None, True)
        case Exit("offer", Const(None)):
            return body[:-1], None
        case Exit("offer", value) if value is not None and not prints:
            return body[:-1], Join((value,), None, True)
        case _:
            return body, None


def _returns(block: Block) -> bool:
    """Whether a `return` in a block leaves the program: what is handed back at its end isn't all."""
    return any(
        (isinstance(one, Exit) and one.kind == "return")
        or (not isinstance(one, Inline) and any(map(_returns, blocks_of(one))))
        for one in block
    )


@dataclass
class _Place:
    """A statement of a block, and whether it is to stand in a block of Python."""

    statement: Statement
    blocked: bool


class _Steps:
    def __init__(self, plan: Plan, body: Block) -> None:
        self._bound = bindings(body)
        self._ids = [one.id for one in block_statements(body) if not isinstance(one, Let | If | Try | Exit)]
        self._next = max([id for id in self._ids if isinstance(id, int)], default=0)
        taken = frozenset(one.name for one in plan.inputs) | {"each", "when"}
        calls = frozenset(one.id for one in block_statements(body) if isinstance(one, Task))
        self._keys = key_loops(body)
        self._handed = handed_only(body, plan.join)
        self._values = PlanValues(attributes_of(body), calls, taken)

    def join(self, join: Join) -> Join:
        return replace(join, values=tuple([self._values.value(value, handed=True) for value in join.values]))

    def new_id(self) -> int:
        self._next += 1
        return self._next

    # which statements are steps

    def whole(self, block: Block) -> Block:
        """Return a body of steps; an answer at its end stays one unless it belongs to a block of Python."""
        order = _Order(block)
        places = [_Place(one, not self._may_step(order, at)) for at, one in enumerate(block)]
        while _spread(places, order):
            pass
        uses = counted(tuple([place.statement for place in places]))
        for at in range(len(places) - 2, -1, -1):
            if places[at].blocked:
                continue
            run = tuple([place.statement for place in _run(places, at + 1)])
            if run and _belongs(places[at].statement, run, uses):
                places[at].blocked = True
        while _spread(places, order):
            pass
        made: list[Statement] = []
        at = 0
        while at < len(places):
            end = at
            while end < len(places) and places[end].blocked:
                end += 1
            if end > at:
                made += self._region(tuple([one.statement for one in places[at:end]]))
                at = end
                continue
            made += self._step(places[at].statement, None)
            at += 1
        return tuple(made)

    def _may_step(self, order: _Order, at: int) -> bool:
        """Whether a statement can be said by steps, as far as it can be seen from itself."""
        own = (name for target in targets_of(order.block[at]) for name in names_of(target))
        return not order.read_before(at, own) and self._sayable(order, at)

    def _sayable(self, order: _Order, at: int, guard: Value | None = None) -> bool:
        match one := order.block[at]:
            case Task(args=args):
                return not any(isinstance(arg.value, Spread) for arg in args) and _pure(one)
            case Let(value, (str(name),), None, None):
                return self._bound.get(name) == 1 and not isinstance(value, Spread) and _pure(one)
            case Let(_, (), int()):
                return _pure(one)
            case ForEach():
                return self._loop_sayable(one, order, at)
            case If(_, _, ()):
                return self._condition_sayable(one, order, at, guard)
            case Region():
                return True
            case Exit("answer"):
                return at == len(order.block) - 1 and _pure(one)
            case _:
                return False

    def _condition_sayable(self, one: If, order: _Order, at: int, guard: Value | None) -> bool:
        body = one.body
        few = 0 < len([s for s in body if not _is_alias(s)]) <= _MOST_CONDITIONAL
        if not few or not _pure(one, own=True):
            return False
        within = _Order(body)
        if not all(isinstance(inner, Task | Let) and self._sayable(within, place) for place, inner in enumerate(body)):
            return False
        made = _bound(body)
        made_ids: set[TaskId] = {s.id for s in block_statements(body) if isinstance(s, Task | ForEach)}
        return guard == one.test or not order.read_after(at, made | made_ids)

    def _loop_sayable(self, one: ForEach, order: _Order, at: int) -> bool:
        names = list(names_of(one.target))
        if (
            one.orelse
            or one.id in self._keys
            or any(self._bound.get(name) != 1 for name in names)
            or order.read_after(at, names)
        ):
            return False
        if any(isinstance(inner, Exit) for inner in block_statements(one.body)):
            return False
        inside = _bound(one.body)
        if any(self._bound.get(name) != 1 for name in inside) or order.read_after(at, inside):
            return False
        if not _pure(one, own=True):
            return False
        end: Block = () if one.yields is None else (Let(one.yields),)
        within = _Order((*one.body, *end))
        return all(
            self._sayable(within, place, one.yield_when) and not within.read_before(place, _bound((inner,)))
            for place, inner in enumerate(one.body)
        )

    # making steps

    def _step(self, one: Statement, when: Value | None) -> list[Statement]:
        value = self._values.value
        match one:
            case Task(args=args):
                given = tuple([replace(arg, value=value(arg.value, handed=True)) for arg in args])
                return [replace(one, args=given, when=_both(when, one.when, value))]
            case Let(Local() | Ref() as inside, (str(name),)):
                self._values.given[name] = value(inside)
                return []
            case Let(inside, (str(name),)) if constant(inside):
                self._values.given[name] = value(inside)
                return []
            case Let(inside, targets):
                id = one.id if one.id is not None else self.new_id()
                new = value(inside, handed=bool(targets) and targets[0] in self._handed)
                if targets:
                    self._values.given[str(targets[0])] = Ref(id)
                if is_text(new) or isinstance(new, Format):
                    self._values.texts.add(id)
                return [Let(new, (), id, _both(when, one.when, value), one.thought, one.span)]
            case ForEach(body=(), yields=yields) if yields is not None:
                tests = () if one.yield_when is None else (one.yield_when,)
                made = value(Comprehension("list", yields, (Clause(one.target, one.items, tests),)))
                return [Let(made, (), one.id, _both(when, one.when, value), one.thought, one.span)]
            case ForEach():
                return [self._loop(one, when)]
            case If(test, body):
                return self._conditional(test, body, when)
            case _:
                return [one]

    def _conditional(self, test: Value, body: Block, when: Value | None) -> list[Statement]:
        made: list[Statement] = []
        guard = self._values.value(test)
        if not isinstance(guard, Local | Ref) and len([one for one in body if not _is_alias(one)]) > 1:
            id = self.new_id()
            made.append(Let(guard if _is_truth(guard) else Apply("builtin bool", (guard,)), (), id, when))
            guard = Ref(id)
        for one in body:
            made += self._step(one, guard)
        return made

    def _loop(self, one: ForEach, when: Value | None) -> ForEach:
        value = self._values.value
        items = value(one.items)
        with self._values.own(tuple(names_of(one.target))) as new:
            body = [step for inner in one.body for step in self._step(inner, None)]
            yields = None if one.yields is None else value(one.yields, handed=one.id in self._handed)
            yield_when = None if one.yield_when is None else value(one.yield_when)
        return replace(one, target=with_names(one.target, new), items=items, body=tuple(body), yields=yields,
                       yield_when=yield_when, when=_both(when, one.when, value))  # fmt: skip

    def _region(self, block: Block) -> list[Statement]:
        """Return a block of Python, which reads steps by their ids; its names are parts of its result from here on."""
        tries = any(isinstance(one, Try) for one in block_statements(block))

        def change(value: Value) -> Value:
            new = substituted(value, self._values.given)
            return new if tries else _paths(new, self._values.calls)

        inner = map_values(block, change)
        shown = shown_names(block)
        id = self.new_id()
        self._values.given.update({name: Ref(id, (name,)) for name in shown})
        return [Region(id, inner, shown)]


def _paths(value: Value, calls: frozenset[TaskId]) -> Value:
    """Return a value in which parts of steps' results are paths."""
    return as_path(rebuild(value, lambda one: _paths(one, calls)), calls)


def handed_only(block: Block, join: Join | None) -> frozenset[str | TaskId]:
    """Return the names and results that only tools and the answer get, as they are or as items: nobody looks into them."""
    uses = dict(counted(block))
    handed: dict[str | TaskId, int] = {}
    alias: dict[str | TaskId, str] = {}
    given = [arg.value for one in block_statements(block) if isinstance(one, Task) for arg in one.args]
    for value in given:
        _count_handed(value, handed)
    for value in () if join is None else join.values:
        for key, count in counted((Let(value),)).items():
            uses[key] = uses.get(key, 0) + count
        _count_handed(value, handed)
    for one in block_statements(block):
        match one:
            case Let(Ref(id, ()), (str(name),)):
                alias[id] = name
            case _:
                pass
    found = {key for key, count in uses.items() if handed.get(key, 0) == count}
    return frozenset(found | {id for id, name in alias.items() if name in found and uses.get(id) == 1})


def _count_handed(value: Value, found: dict[str | TaskId, int]) -> None:
    match value:
        case Local(key) | Ref(key, ()):
            found[key] = found.get(key, 0) + 1
        case ListOf(items):
            for item in items:
                _count_handed(item, found)
        case Apply("display list" | "display tuple" | "display dict", items):
            for item in items:
                _count_handed(item, found)
        case DictOf(pairs):
            for _, item in pairs:
                _count_handed(item, found)
        case _:
            pass


class _Order:
    """A block, and between which of its statements each name and result is read and bound."""

    def __init__(self, block: Block) -> None:
        self.block = block
        self._first: dict[str | TaskId, int] = {}
        self._last: dict[str | TaskId, int] = {}
        self._last_bound: dict[str, int] = {}
        for at, one in enumerate(block):
            for key in counted((one,)):
                self._first.setdefault(key, at)
                self._last[key] = at
            self._last_bound.update(dict.fromkeys(_bound((one,)), at))

    def read_before(self, at: int, keys: Iterable[str | TaskId]) -> bool:
        """Whether a statement before one reads one of some names and results."""
        return any(self._first.get(key, at) < at for key in keys)

    def read_after(self, at: int, keys: Iterable[str | TaskId]) -> bool:
        """Whether a statement behind one reads one of some names and results."""
        return any(self._last.get(key, at) > at for key in keys)

    def reach(self, start: int, end: int) -> int:
        """Return the last statement that must stand in one block with those from `start` to `end`."""
        inside = self.block[start : end + 1]
        names = _bound(inside)
        ids = {
            one.id for one in block_statements(inside) if not isinstance(one, If | Try | Exit) and one.id is not None
        }
        hidden = {name for name in names if TEMPORARY.match(name) is not None}
        reads: Iterable[str | TaskId] = (names - _sure(inside)) | hidden | ids
        found = (self._last_bound.get(name, end) for name in names), (self._last.get(key, end) for key in reads)
        return max(end, *chain.from_iterable(found), end)


def _bound(block: Block) -> set[str]:
    """Return the names that the statements of a block bind."""
    return {name for one in block_statements(block) for target in targets_of(one) for name in names_of(target)}


def _spread(places: list[_Place], order: _Order) -> bool:
    """Put what belongs to a block of Python into it; return whether there was more of it."""
    changed = False
    at = 0
    while at < len(places):
        end = at + max(0, len(_run(places, at)) - 1)
        if places[at].blocked:
            last = order.reach(at, end)
            for place in places[end + 1 : last + 1]:
                place.blocked = changed = True
            end = last
        at = end + 1
    return changed


def _run(places: Sequence[_Place], at: int) -> Sequence[_Place]:
    """Return the places from one on that stand in one block of Python."""
    end = at
    while end < len(places) and places[end].blocked:
        end += 1
    return places[at:end]


def _belongs(one: Statement, run: Block, uses: Mapping[str | TaskId, int]) -> bool:
    """Whether a statement that could be a step is easier to read in the block behind it, as a part of what reads it there."""
    following, read = run[0], counted(run[:1])
    match one:
        case Let(value, (str(name),), None, None):
            made = TEMPORARY.match(name) is not None and uses.get(name) == 1 and name in counted(run)
            empty = isinstance(value, Apply) and not (value.op == "display list" and value.args)
            return made or (empty and begun(one) is not None and name in counted(run))
        case ForEach(id=id, yields=yields) if yields is not None:
            return uses.get(id) == 1 and id in read and not any(isinstance(s, Task) for s in block_statements(one.body))
        case Task(id=id):
            return uses.get(id) == 1 and id in read and isinstance(following, Let) and not following.targets
        case _:
            return False


def shown_names(block: Block) -> tuple[str, ...]:
    """Return the names that a block of Python assigns, in text order: not those of its helpers and gathers."""
    found: dict[str, None] = {}
    for one in block:
        if isinstance(one, Gather | Inline):
            continue
        found.update(dict.fromkeys(name for target in targets_of(one) for name in names_of(target)))
        for inner in blocks_of(one):
            found.update(dict.fromkeys(shown_names(inner)))
    return tuple([name for name in found if TEMPORARY.match(name) is None])


def substituted(value: Value, given: Mapping[str, Value]) -> Value:
    """Return a value with others in the place of names that are read from around it."""
    match value:
        case Local(name):
            return given.get(name, value)
        case Comprehension(kind, item, clauses, key, span):
            left = dict(given)
            made = []
            for clause in clauses:
                items = substituted(clause.items, left)
                for name in names_of(clause.target):
                    left.pop(name, None)
                made.append(Clause(clause.target, items, tuple([substituted(one, left) for one in clause.conditions])))
            new_key = None if key is None else substituted(key, left)
            return Comprehension(kind, substituted(item, left), tuple(made), new_key, span)
        case Lambda(params, body, defaults, span):
            inner = {name: one for name, one in given.items() if name not in params}
            return Lambda(params, substituted(body, inner), tuple([substituted(one, given) for one in defaults]), span)
        case _:
            return rebuild(value, lambda one: substituted(one, given))


def _pure(one: Statement, *, own: bool = False) -> bool:
    """Whether no value of a statement changes another; `own`: those that aren't in its blocks."""
    values: Iterable[Value] = statement_values(one)
    if not own:
        values = [value for inner in block_statements((one,)) for value in statement_values(inner)]
    return not any(changes_values(value) or any(isinstance(v, Apply) and v.op in ("check method", "builtin print")
                                                for v in walk(value)) for value in values)  # fmt: skip


def _is_alias(one: Statement) -> bool:
    return isinstance(one, Let) and isinstance(one.value, Ref | Local) and bool(one.targets)


def _both(first: Value | None, second: Value | None, change: Callable[[Value], Value]) -> Value | None:
    return first if second is None else change(second)


def _is_truth(value: Value) -> bool:
    match value:
        case Apply(op):
            return op in (
                "unary not",
                "builtin bool",
                "builtin isinstance",
                "builtin any",
                "builtin all",
            ) or op.removeprefix("operator ") in ("==", "!=", "<", "<=", ">", ">=", "in", "not in", "is", "is not")
        case _:
            return False


def _sure(block: Block) -> set[str]:
    """Return the names that are bound wherever a block ends without a failure."""
    found: set[str] = set()
    for one in block:
        match one:
            case Let(_, targets):
                found |= {name for target in targets for name in names_of(target)}
            case If(_, body, orelse):
                found |= _sure(body) & _sure(orelse)
            case Task() | ForEach() | Region() | Inline() | While() | Try() | Gather() | Exit():
                pass
    return found
