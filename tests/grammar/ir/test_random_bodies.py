"""The generator of bodies makes every node, and only well-formed plans."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Final, get_args

import pytest
from hypothesis import given
from random_bodies import bodies, make_body, nodes_of

from lcc.grammar.ir import (
    Arg,
    Block,
    Clause,
    Exit,
    ForEach,
    Gather,
    Handler,
    Inline,
    Let,
    Part,
    Plan,
    Region,
    Statement,
    Targets,
    Task,
    Value,
    While,
    block_statements,
    blocks_of,
)

SOME: Final = [make_body(Random(seed)) for seed in range(400)]
CLASSES: Final = {*get_args(Value), *get_args(Statement), Arg, Clause, Handler, Part, Targets}


def test_every_node_class_of_the_unions_is_made() -> None:
    counted = Counter(type(node) for plan in SOME for node in nodes_of(plan))
    assert CLASSES - counted.keys() == set()


@pytest.mark.parametrize("kind", ["break", "continue", "return", "answer", "raise", "offer"])
def test_every_way_out_is_made(kind: str) -> None:
    assert any(isinstance(node, Exit) and node.kind == kind for plan in SOME for node in nodes_of(plan))


@pytest.mark.parametrize("field", ["when", "ok", "instead", "after", "thought"])
def test_calls_have_all_that_a_call_can_have(field: str) -> None:
    assert any(isinstance(node, Task) and getattr(node, field) for plan in SOME for node in nodes_of(plan))


@given(bodies())
def test_ids_are_unique(plan: Plan) -> None:
    ids = [one.id for one in block_statements(plan.body or ()) if hasattr(one, "id") and one.id is not None]
    assert len(ids) == len(set(ids))


@given(bodies())
def test_an_independent_plan_has_steps_alone_outside_of_regions(plan: Plan) -> None:
    def check(block: Block) -> None:
        for one in block:
            assert isinstance(one, Task | Let | ForEach | Region)
            assert not isinstance(one, Let) or one.id is not None
            for inner in () if isinstance(one, Region) else blocks_of(one):
                check(inner)

    if plan.fails == "independent":
        check(plan.body or ())


@given(bodies())
def test_a_loop_is_left_only_from_within(plan: Plan) -> None:
    def check(block: Block, loop: bool) -> None:
        for one in block:
            assert loop or not isinstance(one, Exit) or one.kind not in ("break", "continue")
            if isinstance(one, ForEach | While):
                check(one.body, True)
                check(one.orelse, loop)
                continue
            kept = loop and not isinstance(one, Gather | Inline | Region)
            for inner in blocks_of(one):
                check(inner, kept)

    check(plan.body or (), False)
