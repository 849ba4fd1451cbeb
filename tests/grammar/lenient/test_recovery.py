"""Write random plans as models might and read them back: the same plan, or an error; never another one in silence."""

from __future__ import annotations

from typing import Any

import pytest
from corruption import CORRUPTIONS, TOOLS, Call, calls, written
from hypothesis import given, settings, strategies as st

from lcc.grammar.ir import Format, Ref, Value
from lcc.grammar.lenient import parse_model
from lcc.grammar.syntax.parser import Parsed, parse_plan

AMBIGUOUS = {"no quotes", "no last quote"}
"""Corruptions that lose something: `subject=a, b` may be two arguments, `42` without quotes is a number."""


def meaning(parsed: Parsed) -> dict[Any, Any]:
    """Return what the tasks of a plan say: positional and named arguments are the same."""
    said = {}
    for task in parsed.plan.tasks:
        names = [parameter.name for parameter in TOOLS[task.tool].parameters] if task.tool in TOOLS else []
        said[task.id] = task.tool, {arg.name or names[i]: whole(arg.value) for i, arg in enumerate(task.args)}
    return said


def whole(value: Value) -> Value:
    """Return a text that is nothing but one reference as the reference."""
    match value:
        case Format((Ref() as ref,)):
            return ref
        case _:
            return value


FEW = settings(max_examples=max(settings.default.max_examples // 4, 1))
"""Every corruption is a test of its own."""


@pytest.mark.parametrize("name", [name for name in CORRUPTIONS if name not in AMBIGUOUS])
@FEW
@given(calls())
def test_a_corrupted_plan_is_read_as_what_it_was(name: str, plan: tuple[Call, ...]) -> None:
    parsed = parse_model(CORRUPTIONS[name](plan), tools=TOOLS)
    assert parsed.ok, parsed.diagnostics
    assert meaning(parsed) == meaning(parse_plan(written(plan)))
    assert parsed.plan.join is not None


@pytest.mark.parametrize("name", sorted(AMBIGUOUS))
@given(calls())
def test_where_something_is_lost_it_is_said(name: str, plan: tuple[Call, ...]) -> None:
    text = CORRUPTIONS[name](plan)
    parsed = parse_model(text, tools=TOOLS)
    if parsed.diagnostics:
        return
    assert meaning(parsed) == meaning(parse_plan(text)), "what the strict parser accepts"


@given(calls(), st.sampled_from(sorted(CORRUPTIONS)), st.integers(0, 400))
def test_a_plan_cut_anywhere_keeps_only_whole_calls(plan: tuple[Call, ...], name: str, place: int) -> None:
    text = written(plan)
    cut = text[: place % len(text)]
    parsed = parse_model(cut, tools=TOOLS)
    full = meaning(parse_plan(text))
    for id_, said in meaning(parsed).items():
        assert full.get(id_) == said
