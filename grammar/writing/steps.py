"""Make a strict body one of steps, as a plan file says it: names become ids, loops that fill lists yield, conditions stand behind
calls, and what remains stands in blocks of Python. The meaning is the same; only what nobody can see changes.

What binds a name that is bound twice, or that is read where it may have no value, stays with all that reads and binds it in one
block.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import groupby

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
    Let,
    ListOf,
    Local,
    Plan,
    Ref,
    Region,
    Statement,
    Task,
    TaskId,
    Try,
    Value,
    block_statements,
    blocks_of,
    map_values,
    names_of,
    targets_of,
)
from lcc.grammar.writing.renaming import renamed
from lcc.grammar.writing.step_choice import StepChoice, is_alias
from lcc.grammar.writing.values.aliases import without_aliases
from lcc.grammar.writing.values.written_names import (
    TEMPORARY,
    bindings,
    constant,
    counted,
    functions_of,
    is_text,
    key_loops,
    substituted,
)
from lcc.grammar.writing.values_of_steps import PlanValues, attributes_of, paths, with_names
from lcc.grammar.writing.yielding import Filled


def to_steps(plan: Plan) -> Plan:
    """Return a strict plan whose body has steps only; any other plan as it is."""
    if plan.body is None or plan.fails != "strict" or all(map(is_step, plan.body)):
        return plan
    body, join = _ending(replace(plan, body=without_aliases(plan.body, TEMPORARY)))
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
    if returns(body[:-1]):
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


def returns(block: Block) -> bool:
    """Whether a `return` in a block leaves the program: what is handed back at its end isn't all."""
    return any(
        (isinstance(one, Exit) and one.kind == "return")
        or (not isinstance(one, Inline) and any(map(returns, blocks_of(one))))
        for one in block
    )


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

    def whole(self, block: Block) -> Block:
        """Return a body of steps; an answer at its end stays one unless it belongs to a block of Python."""
        made: list[Statement] = []
        for blocked, run in groupby(
            zip(StepChoice(self._bound, self._keys).blocked(block), block, strict=True), lambda one: one[0]
        ):
            statements = tuple([one for _, one in run])
            made += self._region(statements) if blocked else [s for one in statements for s in self._step(one, None)]
        return tuple(made)

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
        if not isinstance(guard, Local | Ref) and len([one for one in body if not is_alias(one)]) > 1:
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
            return new if tries else paths(new, self._values.calls)

        hiding = functions_of(block) & set(shown_names(block))  # a block can't call what it assigns
        own = {name: f"{name}_{len(self._bound)}" for name in hiding}
        inner = renamed(map_values(block, change), own)
        shown = shown_names(inner)
        id = self.new_id()
        self._values.given.update({name: Ref(id, (own.get(name, name),)) for name in shown_names(block)})
        return [Region(id, inner, shown)]


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
