"""Write a whole strict plan as a program in Python."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from lcc.grammar.ir import (
    Block,
    Exit,
    Gather,
    InputDecl,
    Join,
    ListOf,
    Plan,
    Statement,
    Value,
    block_statements,
)
from lcc.grammar.writing.blocks.written_block import facts_of, whole_block
from lcc.grammar.writing.unstepped import unstepped
from lcc.grammar.writing.values.aliases import without_aliases
from lcc.grammar.writing.values.changed_places import with_changes, with_kept_places
from lcc.grammar.writing.values.written_names import TEMPORARY, Names, modules_of
from lcc.grammar.writing.values.written_values import NotSayable

_NO_NAMES: Final[Mapping[str, str]] = {}


def print_python(plan: Plan, tools: Mapping[str, str] = _NO_NAMES) -> str:
    """Return a program that means what a plan means; raise NotSayable for what Python can't say.

    `tools`: how programs call tools whose names are no names in Python.
    """
    if plan.body is None or plan.fails != "strict":
        raise NotSayable("a plan whose steps fail independently")
    body = with_changes(without_aliases(with_kept_places(statements_of(plan)), TEMPORARY))
    declared = [_declaration(one) for one in plan.inputs]
    names = Names(body, [one.name for one in plan.inputs], frozenset(), dollars=False)
    lines = whole_block(body, names, facts_of(body, tools))
    return "".join([f"{line}\n" for line in (*_imports(plan, body), *declared, *lines)])


def statements_of(plan: Plan) -> Block:
    """Return what the program of a plan says; raise NotSayable for a join that none does."""
    plan = unstepped(plan)
    return (*(plan.body or ()), *_join(plan.join))


def _imports(plan: Plan, body: Block) -> list[str]:
    secret = ["from typing import Annotated"] if any(one.secret for one in plan.inputs) else []
    waits = ["import asyncio"] if any(isinstance(one, Gather) for one in block_statements(body)) else []
    found = [*waits, *[f"import {name}" for name in modules_of(body)], *secret]
    return [*found, ""] if found else []


def _declaration(one: InputDecl) -> str:
    if one.default is not None:
        raise NotSayable(f"the default of the input `{one.name}`")
    return f'{one.name}: Annotated[{one.type}, "secret"]' if one.secret else f"{one.name}: {one.type}"


def _join(join: Join | None) -> tuple[Statement, ...]:
    if join is None:
        return ()
    if join.direct:
        return (Exit("answer", join.values[0], join.span),)
    if join.labels is not None:
        raise NotSayable("a join that hands over results by their ids")
    value: Value = ListOf(join.values)
    return (Exit("return", value, join.span),)
