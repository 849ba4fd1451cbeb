"""Hold every documented code to its own examples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from lcc.grammar import front_ends
from lcc.grammar.diagnostics import Diagnostic, Rule, has_errors
from lcc.grammar.ir import Arg, Const, Plan, TaskId, with_args
from lcc.grammar.ir.text_form import parse_ir
from lcc.grammar.signatures import NO_TOOLS, Tools, tools_by_name
from lcc.grammar.signatures.stubs import read_stub
from lcc.grammar.syntax.parser import parse_plan
from lcc.grammar.values import Json
from lcc.passes import lint, remarks as remark_rules
from lcc.passes.context import Action, Context, NotEvaluated
from lcc.passes.pipeline import PASSES, Optimized, optimize
from lcc.passes.remarks import CODES, remarks
from lcc.passes.verify import errors as verify_rules, verify

SHOWN = [rule for rule in verify_rules.RULES if rule.bad and rule.front_end != "api"]
"""The rules whose faults a text can have; `test_verify` shows the others."""


def tools_of(rule: Rule) -> Tools:
    if not rule.tools:
        return NO_TOOLS
    stub = read_stub(rule.tools, "rule.pyi")
    assert not stub.diagnostics
    return tools_by_name(stub.signatures)


def plan_of(rule: Rule, text: str) -> tuple[Plan, tuple[Diagnostic, ...]]:
    if rule.front_end == "ir":
        return parse_ir(text), ()
    parsed = front_ends.parse(text, "python", tools=tools_of(rule)) if rule.front_end == "python" else parse_plan(text)
    return parsed.plan, parsed.diagnostics


def verified(rule: Rule, text: str) -> tuple[Diagnostic, ...]:
    """Verify an example. What a model wrote is taken as its repaired reading, with the repair said."""
    repaired: Mapping[TaskId, Sequence[str]] = {}
    if rule.front_end == "model" and text == rule.bad:
        text, repaired = rule.good, {1: ("R001",)}
    plan, found = plan_of(rule, text)
    assert not has_errors(found), found
    return verify(plan, tools_of(rule), repaired=repaired)


@pytest.mark.parametrize("rule", SHOWN, ids=lambda rule: rule.code)
def test_a_rule_of_verify_fires_on_its_bad_example_only(rule: Rule) -> None:
    bad = verified(rule, rule.bad)
    assert rule.code in {d.code for d in bad}
    assert {d.code for d in bad if d.is_error} <= {rule.code}
    good = verified(rule, rule.good)
    assert rule.code not in {d.code for d in good}
    assert not has_errors(good)


@pytest.mark.parametrize("rule", SHOWN, ids=lambda rule: rule.code)
def test_findings_in_a_text_say_where(rule: Rule) -> None:
    if rule.front_end == "plan":
        for found in verified(rule, rule.bad):
            if found.code == rule.code and rule.code != "V003":
                assert found.span is not None
                assert rule.bad[found.span.start : found.span.end].strip()


def strip_texts(plan: Plan, context: Context) -> Plan:
    """Strip the space around texts: the pass that the example of O010 speaks of."""
    tasks = []
    for task in plan.tasks:
        args = tuple(
            Arg(a.name, Const(a.value.value.strip()), a.each, a.span)
            if isinstance(a.value, Const) and isinstance(a.value.value, str)
            else a
            for a in task.args
        )
        if args != task.args:
            context.report(Action.REWRITTEN, f"the texts of {task.id} are stripped", "space means nothing here", [task])
            task = with_args(task, args)
        tasks.append(task)
    return Plan(plan.inputs, tuple(tasks), plan.join, plan.origins)


def optimized(rule: Rule, text: str) -> Optimized:
    plan, found = plan_of(rule, text)
    tools = tools_of(rule)
    assert not has_errors((*found, *verify(plan, tools)))

    def evaluate(tool: str, arguments: Mapping[str, Json]) -> Json:
        value = arguments.get("value")
        if not isinstance(value, int):
            raise NotEvaluated("no integer")
        return 2 * value

    if rule.code == "O010":
        context = Context(tools)
        return Optimized(strip_texts(plan, context), tuple(context.changes))
    return optimize(plan, tools, level=3, narrow=rule.code == "O006", evaluate=evaluate)


@pytest.mark.parametrize("rule", [rule for rule in remark_rules.RULES if rule.bad], ids=lambda rule: rule.code)
def test_a_remark_is_made_on_its_bad_example_only(rule: Rule) -> None:
    assert rule.code in {d.code for d in optimized(rule, rule.bad).diagnostics}
    assert rule.code not in {d.code for d in optimized(rule, rule.good).diagnostics}


def test_every_kind_of_change_has_a_code_and_every_code_a_rule() -> None:
    assert set(CODES) == set(Action)
    assert set(CODES.values()) == {rule.code for rule in remark_rules.RULES}
    rules = (*verify_rules.RULES, *remark_rules.RULES, *lint.RULES)
    assert len({rule.code for rule in rules}) == len({rule.name for rule in rules}) == len(rules)


def test_remarks_keep_the_order_of_changes_and_name_a_place() -> None:
    rule = next(rule for rule in remark_rules.RULES if rule.code == "O001")
    result = optimized(rule, rule.bad)
    [merged] = [c for c in result.changes if c.action is Action.MERGED]
    assert str(merged) == "1 and 2 are one: `search` is read"
    assert merged.ids == (2, 1)
    assert [rule.bad[s.start : s.end] for s in merged.spans] == ['2. search(query="tides")', '1. search("tides")']
    [remark] = remarks([merged])
    assert remark.span == merged.spans[0]
    assert PASSES.keys() >= {merged.by}
