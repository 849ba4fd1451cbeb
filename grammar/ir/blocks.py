"""Walk the statements of a plan, and say what is in each: its blocks, its values, the names that it binds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain
from operator import is_
from typing import Final, TypeVar, assert_never

from lcc.grammar.ir.expressions import Comprehension, Const, Lambda, Local, Target, Targets, TaskId, Value
from lcc.grammar.ir.nodes import (
    Block,
    Exit,
    ForEach,
    Gather,
    If,
    Inline,
    Let,
    Plan,
    Region,
    Statement,
    Task,
    Try,
    While,
)
from lcc.grammar.ir.walk import change_args, children

T = TypeVar("T")


class BodyNotSupported(ValueError):
    """Something can't treat plans with loops, conditions and names yet. `what` says what."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} can't treat a plan with loops, conditions or names")
        self.what = what


def flat(plan: Plan, what: str) -> tuple[Task, ...]:
    """Return the tasks of a plan that is a line of tasks; raise BodyNotSupported, which names `what`, for one with a body."""
    if plan.body is not None:
        raise BodyNotSupported(what)
    return plan.tasks


def check_one_form(plan: Plan) -> None:
    """Raise ValueError for a plan that is neither a line of tasks nor a body."""
    if plan.body is not None and plan.tasks:
        raise ValueError("a plan has tasks or a body, not both")
    if plan.body is None and plan.fails != "independent":
        raise ValueError(f"a plan that is `{plan.fails}` has a body")


def calls_of(plan: Plan) -> Iterable[Task]:
    """Return every call of a plan in text order, those in blocks too."""
    return plan.tasks if plan.body is None else block_calls(plan.body)


def tasks_by_id(plan: Plan) -> Mapping[TaskId, Task]:
    """Index the calls of a plan, those in blocks too."""
    return {task.id: task for task in calls_of(plan)}


def block_calls(block: Block) -> Iterator[Task]:
    """Yield every call of a block and of the blocks in it, in text order."""
    return (one for one in block_statements(block) if isinstance(one, Task))


def block_statements(block: Block) -> Iterator[Statement]:
    """Yield every statement of a block and of the blocks in it, in text order, what holds others before them."""
    todo = list(reversed(block))
    while todo:
        one = todo.pop()
        yield one
        if type(one) not in _LEAVES:
            todo += reversed([inner for block in blocks_of(one) for inner in block])


_LEAVES: Final = frozenset((Task, Let, Exit))
"""The statements that hold no others."""


def blocks_of(statement: Statement) -> tuple[Block, ...]:
    """Return the blocks right inside of a statement, in text order."""
    match statement:
        case Task() | Let() | Exit():
            return ()
        case Region(body=body) | Inline(body=body):
            return (body,)
        case If(body=body, orelse=orelse) | While(body=body, orelse=orelse) | ForEach(body=body, orelse=orelse):
            return (body, orelse)
        case Try(body, handlers, orelse, final):
            return (body, *[handler.body for handler in handlers], orelse, final)
        case Gather(parts=parts):
            return tuple([part.body for part in parts])
        case _:
            assert_never(statement)


def with_blocks(statement: Statement, blocks: tuple[Block, ...]) -> Statement:
    """Return a statement with other blocks, as many as `blocks_of` returns; the same one if they are the same."""
    old = blocks_of(statement)
    if all(map(is_, blocks, old)) or isinstance(statement, Task | Let | Exit):
        return statement
    match statement:
        case Region() | Inline():
            return replace(statement, body=blocks[0])
        case If() | While() | ForEach():
            return replace(statement, body=blocks[0], orelse=blocks[1])
        case Try(_, handlers):
            new = tuple([replace(one, body=block) for one, block in zip(handlers, blocks[1:-2], strict=True)])
            return replace(statement, body=blocks[0], handlers=new, orelse=blocks[-2], final=blocks[-1])
        case Gather(parts=parts):
            return replace(
                statement, parts=tuple([replace(one, body=block) for one, block in zip(parts, blocks, strict=True)])
            )
        case _:
            assert_never(statement)


def map_calls(block: Block, change: Callable[[Task], Task]) -> Block:
    """Return a block with `change` made to every call in it, those in its blocks too; the same block if nothing changes."""
    new = tuple(
        [
            change(one)
            if isinstance(one, Task)
            else with_blocks(one, tuple([map_calls(inner, change) for inner in blocks_of(one)]))
            for one in block
        ]
    )
    return block if all(map(is_, new, block)) else new


def statement_values(statement: Statement) -> tuple[Value, ...]:
    """Return the values of a statement, without those of its blocks, in text order."""
    match statement:
        case Task(args=args, when=when):
            return _present(*[arg.value for arg in args], when)
        case Let(value=value, when=when):
            return _present(value, when)
        case ForEach(items=items, yields=yields, yield_when=yield_when, when=when):
            return _present(items, when, yields, yield_when)
        case Region(when=when):
            return _present(when)
        case Inline():
            return ()
        case If(test=test) | While(test=test):
            return (test,)
        case Try(handlers=handlers):
            return _present(*[handler.classes for handler in handlers])
        case Gather(parts=parts):
            return _present(*chain.from_iterable((part.items, part.value) for part in parts))
        case Exit(value=value):
            return _present(value)
        case _:
            assert_never(statement)


def _present(*values: Value | None) -> tuple[Value, ...]:
    return tuple([value for value in values if value is not None])


def targets_of(statement: Statement) -> tuple[Target, ...]:
    """Return what a statement itself binds, without its blocks. What a gather's parts bind is their own."""
    match statement:
        case Let(targets=targets):
            return targets
        case ForEach(target=target):
            return (target,)
        case Try(handlers=handlers):
            return tuple([handler.name for handler in handlers if handler.name is not None])
        case Task() | Region() | Inline() | If() | While() | Gather() | Exit():
            return ()
        case _:
            assert_never(statement)


def names_of(target: Target) -> Iterator[str]:
    """Yield the names that a target binds, from left to right."""
    if isinstance(target, Targets):
        for item in target.items:
            yield from names_of(item)
    else:
        yield target


_NO_NAMES: Final[frozenset[str]] = frozenset()


def value_locals(value: Value) -> frozenset[str]:
    """Return the names that a value reads from around it: not those that its comprehensions and functions bind."""
    match value:
        case Const():
            return _NO_NAMES
        case Local(name):
            return frozenset((name,))
        case Comprehension(_, item, clauses, key):
            free: set[str] = set()
            bound: set[str] = set()
            for clause in clauses:
                free |= value_locals(clause.items) - bound
                bound.update(names_of(clause.target))
                free |= _all(clause.conditions) - bound
            return frozenset(free | (_all(_present(key, item)) - bound))
        case Lambda(params, body, defaults):
            return _all(defaults) | (value_locals(body) - frozenset(params))
        case _:
            return _all(children(value))


def _all(values: Iterable[Value]) -> frozenset[str]:
    return frozenset(chain.from_iterable(map(value_locals, values)))


def map_values(block: Block, change: Callable[[Value], Value]) -> Block:
    """Return a block with `change` made to every outermost value in it, in text order; the same block if nothing changes."""
    new = tuple([_map_statement(one, change) for one in block])
    return block if all(map(is_, new, block)) else new


def _map_statement(statement: Statement, change: Callable[[Value], Value]) -> Statement:
    def optional(value: Value | None) -> Value | None:
        return None if value is None else change(value)

    def inner(block: Block) -> Block:
        return map_values(block, change)

    match statement:
        case Task(when=when):
            task = change_args(statement, lambda arg, _: change(arg.value))
            return _keep(task, when=optional(when))
        case Let(value=value, when=when):
            return _keep(statement, value=change(value), when=optional(when))
        case ForEach():
            items, when = change(statement.items), optional(statement.when)
            blocks = {"body": inner(statement.body), "orelse": inner(statement.orelse)}
            yields = {"yields": optional(statement.yields), "yield_when": optional(statement.yield_when)}
            return _keep(statement, items=items, when=when, **blocks, **yields)
        case Region(body=body, when=when):
            return _keep(statement, when=optional(when), body=inner(body))
        case Inline(body=body):
            return _keep(statement, body=inner(body))
        case If(test, body, orelse) | While(test=test, body=body, orelse=orelse):
            return _keep(statement, test=change(test), body=inner(body), orelse=inner(orelse))
        case Try(body, handlers, orelse, final):
            body = inner(body)
            new = [_keep(h, classes=optional(h.classes), body=inner(h.body)) for h in handlers]
            same = handlers if all(map(is_, new, handlers)) else tuple(new)
            return _keep(statement, body=body, handlers=same, orelse=inner(orelse), final=inner(final))
        case Gather(parts=parts):
            changed = [_keep(p, items=optional(p.items), body=inner(p.body), value=change(p.value)) for p in parts]
            return _keep(statement, parts=parts if all(map(is_, changed, parts)) else tuple(changed))
        case Exit(value=value):
            return _keep(statement, value=optional(value))
        case _:
            assert_never(statement)


def _keep(node: T, **fields: object) -> T:
    """Return a node with these fields; itself if it has them."""
    if all(getattr(node, name) is value for name, value in fields.items()):
        return node
    return replace(node, **fields)  # type: ignore[type-var]
