"""The JSON form holds all of a plan with a body, follows its published schema, and says where an object is wrong."""

from __future__ import annotations

import json
from contextlib import suppress
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given, strategies as st
from jsonschema import Draft202012Validator
from random_bodies import bodies, nodes_of
from strategies import scalars

from lcc.grammar.ir import (
    Apply,
    Choose,
    Clause,
    Comprehension,
    Const,
    DictOf,
    Exit,
    ForEach,
    Handler,
    If,
    Inline,
    Lambda,
    Let,
    ListOf,
    Logic,
    Plan,
    Region,
    Select,
    Statement,
    Task,
    Try,
    Value,
    While,
)
from lcc.grammar.ir.json_form import IrJsonError, from_json, json_schema, to_json
from lcc.grammar.ir.text_form import parse_ir, print_ir
from lcc.grammar.limits import BODY_NESTING
from lcc.grammar.source import Span

VALIDATOR: Final = Draft202012Validator(json_schema())
GOLDEN: Final = Path(__file__).parents[2] / "golden"
PLAN: Final = parse_ir((GOLDEN / "body.ir").read_text("utf-8"))


def test_every_node_has_its_place_in_the_json(pytestconfig: pytest.Config) -> None:
    golden = GOLDEN / "body.json"
    if pytestconfig.getoption("bless"):
        golden.write_text(json.dumps(to_json(PLAN), indent=1, ensure_ascii=False) + "\n", "utf-8")
    written = json.loads(golden.read_text("utf-8"))
    assert json.dumps(to_json(PLAN)) == json.dumps(written)
    assert from_json(written) == PLAN


@given(bodies())
def test_a_body_reads_back_exactly_through_json_text(plan: Plan) -> None:
    assert from_json(json.loads(json.dumps(to_json(plan)))) == plan


@given(bodies(8))
def test_the_schema_describes_what_is_written(plan: Plan) -> None:
    VALIDATOR.validate(to_json(plan, spans=True))


def test_the_spans_of_statements_are_written_on_request_and_read() -> None:
    inline = Inline(1, (Exit("return", span=Span(5, 9)),), via=Span(1, 2), span=Span(3, 4))
    plan = Plan(body=(Try((inline,), (), (), (), Span(0, 9)),))
    again = from_json(to_json(plan, spans=True))
    assert [getattr(node, "span", None) for node in nodes_of(again)] == [
        getattr(node, "span", None) for node in nodes_of(plan)
    ]
    assert "span" not in json.dumps(to_json(plan))
    assert "via" not in json.dumps(to_json(plan))


@given(bodies(8))
def test_what_is_written_without_spans_has_none(plan: Plan) -> None:
    placed = parse_ir(print_ir(plan))
    assert to_json(placed) == to_json(plan)


def test_an_empty_body_is_a_body() -> None:
    assert to_json(Plan(body=())) == {"version": 2, "body": []}
    assert from_json({"version": 2, "body": []}) == Plan(body=())


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        (Plan(tasks=(Task(1, "f"),), body=()), "a plan has tasks or a body, not both"),
        (Plan(fails="strict"), "a plan that is `strict` has a body"),
    ],
)
def test_a_plan_of_two_forms_is_not_written(plan: Plan, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        to_json(plan)
    with pytest.raises(ValueError, match=message):
        print_ir(plan)


ONE: Final = Const(1)


def nested(depth: int, value: Value = ONE) -> Plan:
    block: tuple[Statement, ...] = (Let(value),)
    for _ in range(depth - 1):
        block = (Try(block, (), (), ()),)
    return Plan(body=block)


X: Final = Clause("x", ONE)


@pytest.mark.parametrize(
    "wrap",
    [
        lambda v: ListOf((v,)),
        lambda v: DictOf((("a", v),)),
        lambda v: Apply("builtin str", (v,)),
        lambda v: Apply("builtin print", (), (("sep", v),)),
        lambda v: Choose(ONE, v, ONE),
        lambda v: Logic("or", (v, ONE)),
        lambda v: Select((v,)),
        lambda v: Comprehension("list", v, (X,)),
        lambda v: Comprehension("set", ONE, (Clause("x", v),)),
        lambda v: Comprehension("lazy", ONE, (Clause("x", ONE, (v,)),)),
        lambda v: Comprehension("dict", ONE, (X,), v),
        lambda v: Lambda(("x",), v),
        lambda v: Lambda(("x",), ONE, (v,)),
    ],
)
def test_the_deepest_value_reads_back(wrap: Any) -> None:
    value: Value = ONE
    for _ in range(BODY_NESTING - 1):
        value = wrap(value)
    plan = nested(1, value)
    assert from_json(to_json(plan)) == plan
    assert parse_ir(print_ir(plan)) == plan
    with pytest.raises(IrJsonError, match=f"a value is nested more than {BODY_NESTING} deep"):
        from_json(to_json(nested(1, wrap(value))))


@pytest.mark.parametrize(
    "wrap",
    [
        lambda b: If(ONE, b),
        lambda b: While(1, ONE, (), b),
        lambda b: Try((), (Handler(None, b),)),
        lambda b: Try((), (), (), b),
        lambda b: ForEach(1, "x", ONE, b),
        lambda b: Inline(1, b),
        lambda b: Region(1, b),
    ],
)
def test_the_deepest_body_reads_back(wrap: Any) -> None:
    block: tuple[Statement, ...] = (Exit("break"),)
    for _ in range(BODY_NESTING - 1):
        block = (wrap(block),)
    plan = Plan(body=block)
    assert from_json(to_json(plan)) == plan
    assert parse_ir(print_ir(plan)) == plan
    with pytest.raises(IrJsonError, match=f"a block is nested more than {BODY_NESTING} deep"):
        from_json(to_json(Plan(body=(wrap(block),))))


def test_blocks_and_values_are_nested_together() -> None:
    half = BODY_NESTING // 2
    value: Value = ONE
    for _ in range(half):
        value = ListOf((value,))
    assert from_json(to_json(nested(half, value))) == nested(half, value)
    with pytest.raises(IrJsonError, match="a value is nested"):
        from_json(to_json(nested(half + 1, value)))


def changed(statement: object) -> Any:
    return {"version": 2, "fails": "strict", "body": [statement]}


@pytest.mark.parametrize(
    ("plan", "where", "message"),
    [
        ({"version": 2}, "", "`tasks` is missing"),
        ({"version": 2, "tasks": [], "body": []}, "", "one of `tasks` and `body` is expected, not both"),
        ({"version": 1, "body": []}, "/body", "version 1 has no bodies; write 2"),
        ({"version": 2, "tasks": [], "fails": "strict"}, "/fails", "`strict` belongs to a plan with a body"),
        ({"version": 2, "body": [], "fails": "x"}, "/fails",
         'one of `independent` and `strict` is expected, not "x"'),
        ({"version": 2, "tasks": [{"id": 1, "tool": "f", "when": True}]}, "/tasks/0",
         "names, operations and conditions stand only in a body"),
        ({"version": 2, "tasks": [{"id": 1, "tool": "f", "args": [{"value": [{"local": "x"}]}]}]}, "/tasks/0/args/0/value",
         "names, operations and conditions stand only in a body"),
        ({"version": 2, "tasks": [], "join": {"answer": {"local": "x"}}}, "/join",
         "names, operations and conditions stand only in a body"),
        (changed({}), "/body/0",
         "one of `let`, `for`, `region`, `inline`, `if`, `while`, `try`, `gather`, `exit` and `tool` is expected"),
        (changed({"let": {"op": "operator ++"}}), "/body/0/let/op",
         "there is no operation `operator ++`; did you mean `operator +`?"),
        (changed({"let": {"op": "method _x"}}), "/body/0/let/op",
         "`_x` is not available: names with underscores in front are Python's own"),
        (changed({"let": {"op": "attribute __class__"}}), "/body/0/let/op",
         "`__class__` is not available: names with underscores in front are Python's own"),
        (changed({"let": {"builtin": "Exeption"}}), "/body/0/let/builtin",
         "there is no class or constant `Exeption`; did you mean `Exception`?"),
        (changed({"let": {"local": "a b"}}), "/body/0/let/local",
         '"a b" is not a name: letters, digits and `_`, no digit first'),
        (changed({"let": {"op": "builtin str", "names": [["a", 1], ["a", 2]]}}), "/body/0/let/names", "a name twice"),
        (changed({"let": {"logic": "and", "items": [1]}}), "/body/0/let/items", "two items at least are expected"),
        (changed({"let": {"logic": "xor", "items": [1, 2]}}), "/body/0/let/logic",
         'one of `and` and `or` is expected, not "xor"'),
        (changed({"let": {"select": []}}), "/body/0/let/select", "one item at least is expected"),
        (changed({"let": {"lambda": [], "body": 1, "defaults": [1]}}), "/body/0/let/defaults",
         "more defaults than parameters"),
        (changed({"let": {"comprehension": "list", "item": 1, "clauses": []}}), "/body/0/let/clauses",
         "a comprehension has a clause"),
        (changed({"let": {"comprehension": "dict", "item": 1, "clauses": [{"for": "x", "in": []}]}}), "/body/0/let",
         "`key` belongs to a comprehension of kind `dict`, and to no other"),
        (changed({"let": {"spread": 1}}), "/body/0/let",
         "one of `dict`, `ref`, `input`, `format`, `local`, `builtin`, `op`, `if`, `logic`, `comprehension`, `lambda` and "
         "`select` is expected"),
        (changed({"let": 1, "targets": [{"unpack": ["a"], "star": 1}]}), "/body/0/targets/0/star", "there is no item 1"),
        (changed({"exit": "break", "value": 1}), "/body/0/value", "`break` has no value"),
        (changed({"exit": "answer"}), "/body/0", "`answer` has a value"),
        (changed({"gather": 1, "parts": [{"for": "x", "body": [], "value": 1}]}), "/body/0/parts/0",
         "`for` and `in` belong together"),
        (changed({"try": [], "handlers": [{"name": "e"}]}), "/body/0/handlers/0", "`body` is missing"),
    ],
)  # fmt: skip
def test_what_is_malformed_is_located(plan: object, where: str, message: str) -> None:
    with pytest.raises(IrJsonError) as caught:
        from_json(plan)
    assert (caught.value.pointer, caught.value.message) == (where, message)


def test_an_endless_body_is_refused() -> None:
    loop: dict[str, Any] = {"if": True}
    loop["body"] = [loop]
    with pytest.raises(IrJsonError, match="a block is nested more than"):
        from_json(changed(loop))
    handlers: dict[str, Any] = {"try": []}
    handlers["handlers"] = [{"body": [handlers]}]
    with pytest.raises(IrJsonError, match="nested"):
        from_json(changed(handlers))


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every value in a JSON value."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(way for key, item in inside for way in places(item, (*at, key)))]


def anything() -> st.SearchStrategy[Any]:
    keys = st.sampled_from(("op", "args", "let", "if", "body", "local", "select", "unpack", "exit", "spread", "value"))
    small = scalars() | st.sampled_from(("3[1][0]", 1, "builtin len", "break", "x"))
    return st.recursive(small, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=2))


@given(bodies(6), st.data())
def test_a_damaged_object_is_a_plan_or_a_located_error(plan: Plan, data: st.DataObject) -> None:
    root = {"root": deepcopy(to_json(replace(plan, inputs=()), spans=True))}
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
