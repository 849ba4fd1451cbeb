"""Check what passes leave of bodies: constants, branches that are known, steps that nothing reads."""

from __future__ import annotations

from random import Random

import pytest
import random_strict_plans
from body_world import Outside
from hypothesis import given, strategies as st
from reference_program import interpret

from lcc.grammar.diagnostics import has_errors
from lcc.grammar.ir import Plan
from lcc.grammar.ir.text_form import parse_ir, print_ir
from lcc.grammar.signatures import Tools, tools_by_name
from lcc.grammar.signatures.stubs import read_stub
from lcc.passes.context import Context
from lcc.passes.eliminate_dead_tasks import eliminate_dead_tasks
from lcc.passes.fold_constants import fold_constants
from lcc.passes.verify import verify

TOOLS: Tools = tools_by_name(
    read_stub(
        """
import lcc
@lcc.tool(effect="read")
def items(shop: str) -> list[str]: ...
@lcc.tool(effect="read")
def price(item: str) -> int: ...
@lcc.tool(effect="write")
def buy(item: str) -> int: ...
""",
        "tools.pyi",
    ).signatures
)


def strict(text: str) -> Plan:
    return parse_ir("strict {\n" + "".join([f"  {line}\n" for line in text.strip("\n").splitlines()]) + "}\n")


def folded(text: str) -> str:
    context = Context(TOOLS)
    once = fold_constants(strict(text), context)
    assert {d.code for d in verify(once, TOOLS) if d.is_error} <= {"V037"}
    assert fold_constants(once, context) is once or fold_constants(once, context) == once
    assert parse_ir(print_ir(once)) == once
    return "".join([f"{line[2:]}\n" for line in print_ir(once).splitlines()[1:-1]])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("answer `operator +`(1, `operator *`(2, 3))", "answer 7"),
        ('answer `method upper`("a")', 'answer "A"'),
        ("answer `operator /`(1, 0)", "answer `operator /`(1, 0)"),
        ('answer `operator *`("ab", 100000)', 'answer `operator *`("ab", 100000)'),
        ("answer `display list`(1, 2)", "answer `display list`(1, 2)"),
        ("answer `module datetime.date.today`()", "answer `module datetime.date.today`()"),
        ("let x = 1\nanswer (x if `operator <`(1, 2) else 5)", "let x = 1\nanswer x"),
        ("let x = 1\nanswer and(True, x, 0, x)", "let x = 1\nanswer and(x, 0)"),
        ("let x = 1\nanswer or(x, 3, x)", "let x = 1\nanswer or(x, 3)"),
        (
            "let x = 1\nif `operator <`(1, 2) {\n  let x = 2\n} else {\n  %1 = buy(x)\n}\nanswer x",
            "let x = 1\nlet x = 2\nanswer x",
        ),
        ('while %1 False {\n  %2 = buy("a")\n}\nanswer 1', "answer 1"),
        ("if False {\n  let x = 1\n}\nanswer x", "if False {\n  let x = 1\n}\nanswer x"),
        ('if False {\n  %1 = buy("a")\n}\nanswer %1', 'if False {\n  %1 = buy("a")\n}\nanswer %1'),
    ],
)
def test_what_reads_nothing_is_evaluated(before: str, after: str) -> None:
    assert folded(before) == after + "\n"


def test_a_branch_that_goes_is_said() -> None:
    context = Context(TOOLS)
    fold_constants(strict('if True {\n  %1 = buy("a")\n} else {\n  %2 = buy("b")\n}'), context)
    assert [change.what for change in context.changes] == ["a condition is replaced by the branch that is taken"]


INDEPENDENT = """
independent {
  %1 = items("a")
  %2 = price("b")
  let %3 = `operator +`(%2, 1)
  for %4 x in %1 {
    %5 = price(x)
    %6 = buy(x)
    %7 = price(%6)
  } yield %7
  for %8 x in %1 {
    %9 = price(x)
  }
}
join 1=%1
"""


def test_in_an_independent_body_steps_that_nothing_reads_go() -> None:
    context = Context(TOOLS)
    left = eliminate_dead_tasks(parse_ir(INDEPENDENT), context)
    assert {change.what for change in context.changes} == {"2 is dropped", "5 is dropped", "9 is dropped"}
    assert "%6 = buy" in print_ir(left)
    assert not any(f"%{n} " in print_ir(left) for n in (2, 3, 5, 8, 9))
    assert not has_errors(verify(left, TOOLS))
    assert eliminate_dead_tasks(left, context) is left


def test_in_a_strict_body_no_call_goes() -> None:
    plan = strict('%1 = price("a")\nanswer 1')
    assert eliminate_dead_tasks(plan, Context(TOOLS)) is plan


@given(st.randoms(use_true_random=True))
def test_a_folded_body_does_what_it_did(chance: Random) -> None:
    body = random_strict_plans.make_body(chance)
    plan = fold_constants(body.plan, Context(body.tools))
    first, second = Outside(body.tools, body.seed), Outside(body.tools, body.seed)
    before, after = interpret(body.plan, first.functions()), interpret(plan, second.functions())
    assert first.calls == second.calls
    before.names, after.names = {}, {}  # what iterators have left has no text
    assert before == after
