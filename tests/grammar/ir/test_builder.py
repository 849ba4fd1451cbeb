"""A plan that is built in Python is the plan that its text would be, and what can't be said so is refused at its line."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date
from typing import Any

import anyio
import pytest

import lcc
from lcc.grammar.ir import Apply, Const, Input, Plan, Ref
from lcc.grammar.ir.building.plan_values import value_of
from lcc.grammar.ir.json_form import from_json, to_json
from lcc.grammar.ir.text_form import parse_ir, print_ir
from lcc.passes.verify import verify


def built(plan: lcc.PlanBuilder) -> str:
    """Return the text of what was built, which reads back."""
    made = plan.build()
    assert parse_ir(print_ir(made)) == made
    assert from_json(to_json(made)) == made
    assert not verify(made, {})
    return print_ir(made)


def test_a_program_of_calls_loops_and_conditions() -> None:
    plan = lcc.PlanBuilder()
    city = plan.input("city", "str", "Lima")
    team = plan.call("team.members", city, thought_="who is there")
    rows = plan.let("rows", [])
    with plan.for_each("m", team) as m:
        spent = plan.call("expenses", m.id, quarter="Q3")
        with plan.if_(plan.and_(spent["total"] > 5000, plan.not_(m.away))):
            plan.do(rows.append({"name": m.name, "over": spent["total"] - 5000}))
        with plan.else_():
            plan.continue_()
        plan.yield_(spent["total"], when=m.id != "x")
    totals = plan.results()
    best = plan.compute(plan.op("builtin sorted", rows, key=lambda row: row.over, reverse=True))
    plan.answer(plan.text("sum ", plan.op("builtin sum", totals), " in ", city, ", first ", best[0]))
    assert built(plan) == (
        'input city: str = "Lima"\n'
        "strict {\n"
        '  %1 = team.members($city) thought "who is there"\n'
        "  let rows = []\n"
        "  for %2 m in %1 {\n"
        '    %3 = expenses(`attribute id`(m), quarter="Q3")\n'
        "    if and(`operator >`(%3.total, 5000), `unary not`(`attribute away`(m))) {\n"
        '      do `method append`(rows, {"name": `attribute name`(m), "over": `operator -`(%3.total, 5000)})\n'
        "    } else {\n"
        "      continue\n"
        "    }\n"
        '  } yield %3.total when `operator !=`(`attribute id`(m), "x")\n'
        "  let %4 = `builtin sorted`(rows, key=(lambda row: `attribute over`(row)), reverse=True)\n"
        '  answer `field f-string`("sum ", `field text`(`builtin sum`(%2)), " in ", `field text`($city), ", first ", `field text`(%4[0]))\n'
        "}\n"
    )


def test_failures_are_handled_and_parts_gathered() -> None:
    plan = lcc.PlanBuilder()
    with plan.try_():
        with plan.gather(exceptions=True):
            with plan.part():
                plan.give(plan.call("ring", "a"))
            with plan.part(("place", "x"), plan.op("builtin enumerate", ["b"])) as (place, x):
                got = plan.call("ring", x)
                plan.give([place, got])
        plan.let(("first", "*rest"), plan.results())
    with plan.except_(ValueError, "json.JSONDecodeError", name="error") as error:
        plan.print("no", error, sep="")
        plan.raise_()
    with plan.except_():
        plan.raise_(RuntimeError, "lost")
    with plan.else_():
        count = plan.let("count", 0)
        with plan.while_(count < 3):
            plan.let("count", count + 1)
            with plan.if_(count == 2):
                plan.break_()
        with plan.else_():
            plan.store(plan.name("rest"), 0, (count, {1: "a"}))
    with plan.finally_():
        plan.offer(plan.collect(lambda one: one.upper(), plan.name("rest"), where=lambda one: one != ""))
    assert built(plan) == (
        "strict {\n"
        "  try {\n"
        "    gather %1 exceptions {\n"
        "      part {\n"
        '        %2 = ring("a")\n'
        "      } gives %2\n"
        '      part for (place, x) in `builtin enumerate`(["b"]) {\n'
        "        %3 = ring(x)\n"
        "      } gives [place, %3]\n"
        "    }\n"
        "    let (first, *rest) = %1\n"
        "  } except `display tuple`(`ValueError`, `json.JSONDecodeError`) as error {\n"
        '    do `builtin print`("no", error, sep="")\n'
        "    raise\n"
        "  } except {\n"
        '    raise `builtin RuntimeError`("lost")\n'
        "  } else {\n"
        "    let count = 0\n"
        "    while %4 `operator <`(count, 3) {\n"
        "      let count = `operator +`(count, 1)\n"
        "      if `operator ==`(count, 2) {\n"
        "        break\n"
        "      }\n"
        "    } else {\n"
        '      do `subscript store`(rest, 0, `display tuple`(count, `display dict`(1, "a")))\n'
        "    }\n"
        "  } finally {\n"
        '    offer [list `method upper`(one) for one in rest if `operator !=`(one, "")]\n'
        "  }\n"
        "}\n"
    )


def test_an_independent_plan_of_calls_alone_has_no_body() -> None:
    plan = lcc.PlanBuilder("independent")
    found = plan.call("search", plan.each(["a", "b"]))
    plan.call("send", plan.text("found ", found[0]))
    plan.join()
    made = plan.build()
    assert made == parse_ir('%1 = search(each ["a", "b"])\n%2 = send(f"found {%1[0]}")\njoin 1=%1, 2=%2\n')
    assert verify(made, {}) == ()


def test_an_independent_plan_has_conditions_fallbacks_and_regions() -> None:
    plan = lcc.PlanBuilder("independent")
    first = plan.call("search", "a")
    second = plan.call("search", "b", instead_=first, after_=[first])
    with plan.for_each("x", plan.select(first, second)) as x:
        plan.call("send", x, when_=x.size > 3)
        plan.yield_(x)
    with plan.region("count"):
        plan.let("count", 0)
    plan.join(plan.results(), first)
    assert built(plan) == (
        "independent {\n"
        '  %1 = search("a")\n'
        '  %2 = search("b") after %1 instead %1\n'
        "  for %3 x in select(%1, %2) {\n"
        "    %4 = send(x) when `operator >`(`attribute size`(x), 3)\n"
        "  } yield x\n"
        "  region %5 -> count {\n"
        "    let count = 0\n"
        "  }\n"
        "}\n"
        "join [%5, %1]\n"
    )


@pytest.mark.parametrize(
    ("make", "op"),
    [
        (lambda x: x + 1, "operator +"), (lambda x: 1 + x, "operator +"), (lambda x: 1 - x, "operator -"),
        (lambda x: x * 2, "operator *"), (lambda x: x / 2, "operator /"), (lambda x: x // 2, "operator //"),
        (lambda x: x % 2, "operator %"), (lambda x: x**2, "operator **"), (lambda x: 2**x, "operator **"),
        (lambda x: x & 1, "operator &"), (lambda x: x | 1, "operator |"), (lambda x: x ^ 1, "operator ^"),
        (lambda x: x < 1, "operator <"), (lambda x: x > 1, "operator >"), (lambda x: x >= 1, "operator >="),
        (lambda x: x == 1, "operator =="), (lambda x: x != 1, "operator !="), (lambda x: -x, "unary -"),
        (lambda x: +x, "unary +"), (lambda x: ~x, "unary ~"), (lambda x: x[x], "subscript load"),
        (lambda x: x[1:], "subscript load slice"), (lambda x: x.upper(), "method upper"), (lambda x: x.size, "attribute size"),
    ],
)  # fmt: skip
def test_operators_make_values(make: Callable[[Any], Any], op: str) -> None:
    found = value_of(make(lcc.PlanBuilder().input("x")))
    assert isinstance(found, Apply)
    assert found.op == op
    assert Input("x") in found.args


def test_an_index_of_a_result_is_a_path() -> None:
    plan = lcc.PlanBuilder()
    assert value_of(plan.call("f")["a"][0]) == Ref(1, ("a", 0))


def test_a_reflected_operator_keeps_the_order() -> None:
    assert value_of(1 - lcc.PlanBuilder().input("x")) == Apply("operator -", (Const(1), Input("x")))


def refused(*steps: Callable[[lcc.PlanBuilder], Any], fails: Any = "strict") -> str:
    """Return why the last of some steps is refused."""
    plan = lcc.PlanBuilder(fails)
    *before, last = steps
    for step in before:
        step(plan)
    with pytest.raises((ValueError, TypeError)) as caught:
        last(plan)
    return str(caught.value)


def inside(name: str, then: Callable[[lcc.PlanBuilder], Any], *args: Any) -> Callable[[lcc.PlanBuilder], None]:
    """Return a step that does another one inside of a block."""

    def step(plan: lcc.PlanBuilder) -> None:
        with getattr(plan, name)(*args):
            then(plan)

    return step


def nothing(plan: lcc.PlanBuilder) -> None:
    """Print nothing."""
    plan.print(end="")


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ([lambda p: bool(p.input("x"))], "whether this is true is only known in the run"),
        ([lambda p: list(p.input("x"))], "what is in this is only known in the run"),
        ([lambda p: 1 in p.input("x")], "what is in this is only known in the run"),
        ([lambda p: p.input("x")(1)], "only methods of values are called so"),
        ([lambda p: p.op("operator ++", 1)], "there is no operation `operator ++`; did you mean `operator +`?"),
        ([lambda p: p.builtin("ValueErorr")], "did you mean `ValueError`?"),
        ([lambda p: p.call("f", date(2026, 1, 1))], "a plan can't hold a date"),
        ([lambda p: p.call("f", math.inf)], "inf is not a finite number"),
        ([lambda p: p.call("f", bytes)], "there is no class or constant `bytes`"),
        ([lambda p: p.call("join")], "`join` can't name a tool"),
        ([lambda p: p.call("f", p.each([1]), x=p.each([2]))], "two arguments are `each`"),
        ([lambda p: p.input("a b")], "`a b` can't name an input"),
        ([lambda p: p.input("x"), lambda p: p.input("x")], "`x` is declared already"),
        ([lambda p: p.input("x"), lambda p: p.let("x", 1)], "`x` is an input already"),
        ([lambda p: p.let("1x", 1)], "'1x' is not a name"),
        ([lambda p: p.let(("*a", "*b"), 1)], "two names with a star"),
        ([lambda p: p.break_()], "break_ stands only inside of a loop"),
        ([inside("while_", inside("gather", inside("part", lambda p: p.break_())), True)],
         "break_ stands only inside of a loop"),
        ([inside("if_", nothing, True), lambda p: p.call("f"), inside("else_", nothing)],
         "else_ stands right behind if_ or for_each or while_ or try_"),
        ([inside("if_", nothing, True), inside("else_", nothing), inside("else_", nothing)], "else_ stands there already"),
        ([inside("except_", nothing)], "except_ stands right behind try_"),
        ([inside("try_", nothing), lambda p: p.call("f")], "a try_ is followed by except_ or finally_"),
        ([inside("try_", nothing), lambda p: p.build()], "a try_ is followed by except_ or finally_"),
        ([inside("if_", inside("try_", nothing), True)], "a try_ is followed by except_ or finally_"),
        ([inside("try_", nothing), inside("finally_", nothing), inside("except_", nothing)],
         "except_ stands before else_ and finally_"),
        ([inside("gather", lambda p: p.call("f"))], "a gather holds parts alone"),
        ([inside("part", nothing)], "part stands right inside of gather"),
        ([inside("gather", inside("part", nothing, "x"))], "has a name and items"),
        ([lambda p: p.yield_(1)], "yield_ stands once, right inside of for_each"),
        ([inside("for_each", lambda p: (p.yield_(1), p.call("f")), "x", [])], "are the last thing in their block"),
        ([lambda p: p.results()], "results() stands right behind"),
        ([inside("if_", lambda p: p.build(), True)], "a block is open"),
        ([inside("if_", lambda p: p.call("f"), True), lambda p: p.answer(lcc_ref(1))],
         "$1 is only known inside of the block in which it is made"),
        ([lambda p: p.call("f", ok_=[p.let("x", 1)])], "take results of calls that stand before"),
        ([lambda p: p.join()], "at the end of an independent plan"),
    ],
)  # fmt: skip
def test_what_cannot_be_said_is_refused(steps: list[Callable[[lcc.PlanBuilder], Any]], message: str) -> None:
    assert message in refused(*steps)


def lcc_ref(id: int) -> lcc.PlanValue:
    return lcc.PlanValue(Ref(id))


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ([lambda p: p.let("x", 1)], "let stands only in a strict plan or in a region"),
        ([inside("if_", nothing, True)], "if_ stands only in a strict plan or in a region"),
        ([lambda p: p.build()], "an independent plan ends with join() or answer()"),
        ([lambda p: p.answer(1), lambda p: p.call("f")], "are the last thing in an independent plan"),
        ([lambda p: p.answer(1), lambda p: p.join()], "stand once"),
    ],
)
def test_steps_alone_stand_in_an_independent_plan(steps: list[Callable[[lcc.PlanBuilder], Any]], message: str) -> None:
    assert message in refused(*steps, fails="independent")


def test_a_deep_value_is_refused() -> None:
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(ValueError, match="nested more than 128 deep"):
        value_of(loop)


def test_a_sum_of_a_thousand_parts_is_refused() -> None:
    plan = lcc.PlanBuilder()
    total = plan.let("total", 0)
    some = total
    for _ in range(1000):
        some = some + 1
    with pytest.raises(ValueError, match="nested too deep: evaluate parts of it before"):
        plan.answer(some)


def test_an_empty_plan_is_a_plan() -> None:
    assert lcc.PlanBuilder().build() == Plan(body=(), fails="strict")


def test_a_handler_of_all_failures_may_give_them_a_name() -> None:
    plan = lcc.PlanBuilder()
    with plan.try_():
        plan.call("ring", "a")
    with plan.except_(name="error") as error:
        plan.print(error)
    assert "except `BaseException` as error {" in built(plan)


def test_what_a_plan_returns_ends_it_and_is_handed_back() -> None:
    plan = lcc.PlanBuilder()
    with plan.if_(plan.let("few", 2) < 3):
        plan.return_("few")
    plan.return_("many")
    assert (
        built(plan)
        == 'strict {\n  let few = 2\n  if `operator <`(few, 3) {\n    return "few"\n  }\n  return "many"\n}\n'
    )
    assert anyio.run(lcc.execute, plan.build(), []).join == ["few"]
