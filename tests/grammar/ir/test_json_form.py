"""The JSON form of the IR holds all of a plan, follows its published schema, and says where an object is wrong."""

from __future__ import annotations

import json
from contextlib import suppress
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, strategies as st
from jsonschema import Draft202012Validator
from strategies import lowered_plans, plans, scalars, texts

from lcc.grammar.ir import (
    Arg,
    Batched,
    Const,
    DictOf,
    Dropped,
    Element,
    Expanded,
    Folded,
    Format,
    Input,
    InputDecl,
    Join,
    ListOf,
    Merged,
    Plan,
    Ref,
    Task,
    Value,
)
from lcc.grammar.ir.json_form import IrJsonError, from_json, json_schema, to_json
from lcc.grammar.limits import IR_NESTING
from lcc.grammar.source import Span

VALIDATOR = Draft202012Validator(json_schema())

EVERYTHING = Plan(
    (InputDecl("city", "str", Const(None)), InputDecl("key", secret=True)),
    (
        Task(1, "search", (Arg(None, Input("city", ("a",))), Arg("odd name", Const(-0.0)))),
        Task(
            3,
            "math",
            (
                Arg(None, Format(("age of ", Ref(1, ("name", 0))))),
                Arg("context", ListOf((Ref(Element(2, 1)), DictOf((("b", Const(1)), ("a", Const(1.0)))))), each=True),
            ),
            after=(1, Element(2, 0)),
            priority=1.5,
            thought="why",
            span=Span(3, 9),
        ),
    ),
    Join((Ref(3), Ref(1)), labels=(3, 5), id=4, thought="done", span=Span(10, 16)),
    (Merged(5, 3), Expanded(2, 2), Dropped(Element(2, 0)), Folded(6, Const("x")), Batched(5, 3)),
)

WRITTEN = {
    "version": 2,
    "inputs": [{"name": "city", "type": "str", "default": None}, {"name": "key", "type": "Any", "secret": True}],
    "tasks": [
        {
            "id": 1,
            "tool": "search",
            "args": [{"value": {"input": "city", "path": ["a"]}}, {"name": "odd name", "value": -0.0}],
        },
        {
            "id": 3,
            "tool": "math",
            "args": [
                {"value": {"format": ["age of ", {"ref": 1, "path": ["name", 0]}]}},
                {"name": "context", "value": [{"ref": "2[1]"}, {"dict": [["b", 1], ["a", 1.0]]}], "each": True},
            ],
            "after": [1, "2[0]"],
            "priority": 1.5,
            "thought": "why",
        },
    ],
    "join": {"results": [[3, {"ref": 3}], [5, {"ref": 1}]], "id": 4, "thought": "done"},
    "origins": [
        {"merged": 5, "into": 3},
        {"expanded": 2, "count": 2},
        {"dropped": "2[0]"},
        {"folded": 6, "value": "x"},
        {"batched": 5, "with": 3},
    ],
}


ONE_OF_THE_OBJECTS = "one of `dict`, `ref`, `input`, `format`, `local`, `builtin`, `op`, `if`, `logic`, `comprehension`, `lambda` and `select` is expected"


def one_call(value: Value) -> Plan:
    return Plan(tasks=(Task(1, "f", (Arg(None, value),)),))


def test_every_part_of_a_plan_has_its_place() -> None:
    assert json.dumps(to_json(EVERYTHING)) == json.dumps(WRITTEN)
    assert from_json(WRITTEN) == EVERYTHING


def test_the_version_before_is_read() -> None:
    assert from_json({**WRITTEN, "version": 1}) == EVERYTHING


@given(lowered_plans() | plans())
def test_a_plan_reads_back_exactly_through_json_text(plan: Plan) -> None:
    assert from_json(json.loads(json.dumps(to_json(plan)))) == plan


@given(lowered_plans() | plans())
def test_the_schema_describes_what_is_written(plan: Plan) -> None:
    VALIDATOR.validate(to_json(plan, spans=True))


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(json_schema())
    json_schema().clear()
    assert json_schema()["$id"] == "urn:lcc-toolchain:plan:2"


def test_spans_are_written_on_request_and_read() -> None:
    again = from_json(to_json(EVERYTHING, spans=True))
    assert again.tasks[1].span == Span(3, 9)
    assert again.join is not None
    assert again.join.span == Span(10, 16)
    assert again == EVERYTHING
    assert "span" not in json.dumps(to_json(EVERYTHING))


@pytest.mark.parametrize("join", [Join((), labels=()), Join(()), Join((Const(1),)), Join((Const(1),), direct=True)])
def test_each_kind_of_join_is_kept_apart(join: Join) -> None:
    assert from_json(to_json(Plan(join=join))) == Plan(join=join)


@pytest.mark.parametrize("scalar", [0, -0.0, 0.0, 1, 1.0, True, 1e16, 5e-324, 10**999, -(2**64), None, "", "\ud800"])
def test_a_scalar_keeps_its_type_and_sign(scalar: str | int | float | bool | None) -> None:
    assert from_json(json.loads(json.dumps(to_json(one_call(Const(scalar)))))) == one_call(Const(scalar))


def test_a_number_that_is_not_finite_is_not_written() -> None:
    with pytest.raises(ValueError, match="inf can't be written"):
        to_json(one_call(Const(float("-inf"))))


def test_the_deepest_value_reads_back() -> None:
    value: Value = Const(1)
    for _ in range(IR_NESTING // 2):
        value = ListOf((DictOf((("k", value),)),))
    assert from_json(to_json(one_call(value))) == one_call(value)
    with pytest.raises(IrJsonError, match=f"nested more than {IR_NESTING} deep"):
        from_json(to_json(one_call(ListOf((value,)))))


def test_an_endless_value_is_refused() -> None:
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(IrJsonError, match="nested more than"):
        from_json({"version": 1, "tasks": [{"id": 1, "tool": "f", "args": [{"value": loop}]}]})


def changed(pointer: str, value: object) -> Any:
    """The written plan with one place replaced."""
    if not pointer:
        return value
    out: Any = deepcopy(WRITTEN)
    at = out
    *parents, last = [int(part) if part.isdigit() else part for part in pointer[1:].split("/")]
    for part in parents:
        at = at[part]
    at[last] = value
    return out


@pytest.mark.parametrize(
    ("pointer", "value", "where", "message"),
    [
        ("", [], "", "an object is expected, not a list of 0"),
        ("", {}, "", "`version` is missing"),
        ("", {"version": 1}, "", "`tasks` is missing"),
        ("/version", 3, "/version", "version 3 is unknown; this lcc reads versions 1 and 2"),
        ("/version", True, "/version", "version true is unknown; this lcc reads versions 1 and 2"),
        ("/extra\x1b", 1, "", 'unknown key "extra\\u001b"'),
        ("/tasks", {}, "/tasks", "a list is expected, not an object"),
        ("/tasks/0", "x", "/tasks/0", 'an object is expected, not "x"'),
        ("/tasks/0/id", 0, "/tasks/0/id", "a whole number from 1 is expected, not 0"),
        ("/tasks/0/id", 1.0, "/tasks/0/id", "a whole number from 1 is expected, not 1.0"),
        ("/tasks/0/id", True, "/tasks/0/id", "a whole number from 1 is expected, not true"),
        ("/tasks/0/id", "3", "/tasks/0/id", '"3" is not an id: write 3, or "3[1]" for an element'),
        ("/tasks/0/id", "3[1]\n", "/tasks/0/id", r'"3[1]\n" is not an id: write 3, or "3[1]" for an element'),
        ("/tasks/0/id", 10**1000, "/tasks/0/id", "a number of more than 1000 digits"),
        ("/tasks/0/tool", "a b", "/tasks/0/tool", '"a b" can\'t name a tool'),
        ("/tasks/0/tool", "join", "/tasks/0/tool", '"join" can\'t name a tool'),
        ("/tasks/0/thought", None, "/tasks/0/thought", "a text is expected, not null"),
        ("/tasks/0/span", [1], "/tasks/0/span", "a list of two is expected, not a list of 1"),
        ("/tasks/0/args/0/value", {}, "/tasks/0/args/0/value", ONE_OF_THE_OBJECTS),
        ("/tasks/0/args/0/value", {1}, "/tasks/0/args/0/value", "a value is expected, not a Python set"),
        ("/tasks/0/args/0/value", float("nan"), "/tasks/0/args/0/value", "nan is not a finite number"),
        ("/tasks/0/args/0/value/input", "1x", "/tasks/0/args/0/value/input",
         '"1x" is not a name: letters, digits and `_`, no digit first'),
        ("/tasks/0/args/0/value/path/0", None, "/tasks/0/args/0/value/path/0", "a whole number is expected, not null"),
        ("/tasks/1/args/0/each", True, "/tasks/1/args", "two arguments are `each`; a call may have one"),
        ("/tasks/1/args/0/each", 1, "/tasks/1/args/0/each", "true or false is expected, not 1"),
        ("/tasks/1/args/0/value/format", ["x"], "/tasks/1/args/0/value/format",
         "a format without a reference is only text"),
        ("/tasks/1/args/0/value/format", [{"ref": 1}, "a", "b"], "/tasks/1/args/0/value/format/2",
         "a text in a format is neither empty nor next to another"),
        ("/tasks/1/args/0/value/format", ["", {"ref": 1}], "/tasks/1/args/0/value/format/0",
         "a text in a format is neither empty nor next to another"),
        ("/tasks/1/args/1/value/1/dict/1/0", "b", "/tasks/1/args/1/value/1/dict/1/0", 'the key "b" twice'),
        ("/tasks/1/priority", 10**999, "/tasks/1/priority", "a number too large for a float"),
        ("/tasks/1/priority", "1", "/tasks/1/priority", 'a number is expected, not "1"'),
        ("/join", {"id": 1}, "/join", "exactly one of `results`, `list` and `answer` is expected"),
        ("/join/list", [], "/join", "exactly one of `results`, `list` and `answer` is expected"),
        ("/join/results/1/0", "5", "/join/results/1/0", 'a whole number from 1 is expected, not "5"'),
        ("/origins/0", {}, "/origins/0",
         "one of `merged`, `expanded`, `dropped`, `folded` and `batched` is expected"),
        ("/origins/0", {"merged": 1}, "/origins/0", "`into` is missing"),
        ("/origins/2", {"dropped": 1, "x": 1}, "/origins/2", 'unknown key "x"'),
        ("/origins/4/with", 0, "/origins/4/with", "a whole number from 1 is expected, not 0"),
    ],
)  # fmt: skip
def test_what_is_malformed_is_located(pointer: str, value: object, where: str, message: str) -> None:
    with pytest.raises(IrJsonError) as caught:
        from_json(changed(pointer, value))
    assert (caught.value.pointer, caught.value.message) == (where, message)
    assert str(caught.value) == (f"at {where}: {message}" if where else message)


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every value in a JSON value."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(way for key, item in inside for way in places(item, (*at, key)))]


def anything() -> st.SearchStrategy[Any]:
    keys = st.sampled_from(
        ("ref", "path", "input", "format", "dict", "value", "each", "id", "results", "answer", "span")
    )
    small = scalars() | st.sampled_from(("3[1]", 1, 2, "search", 10**1000))
    return st.recursive(small, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=2))


@given(lowered_plans(), st.data())
def test_a_damaged_object_is_a_plan_or_a_located_error(plan: Plan, data: st.DataObject) -> None:
    root = {"root": to_json(plan, spans=True)}
    *parents, last = data.draw(st.sampled_from(places(root)[1:]))
    at: Any = root
    for part in parents:
        at = at[part]
    at[last] = data.draw(anything())
    damaged = root["root"]
    accepted = False
    with suppress(IrJsonError):
        again = from_json(damaged)
        accepted = True
        assert from_json(to_json(again, spans=True)) == again
    if accepted:
        VALIDATOR.validate(damaged)


@given(anything() | texts())
def test_any_object_is_a_plan_or_a_located_error(obj: object) -> None:
    with pytest.raises(IrJsonError):
        from_json(obj)
