"""Run every pass on its golden file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from golden_cases import Case, Golden, GoldenError, read_golden

from lcc.grammar.diagnostics import has_errors
from lcc.grammar.ir import Plan
from lcc.grammar.ir.text_form import parse_ir, print_ir
from lcc.grammar.signatures import Tools, tools_by_name
from lcc.grammar.signatures.stubs import read_stub
from lcc.grammar.syntax.parser import parse_plan
from lcc.grammar.values import Json
from lcc.passes.bind import bind
from lcc.passes.context import Change, Context, NotEvaluated
from lcc.passes.pipeline import PASSES, optimize
from lcc.passes.verify import verify

FOLDER = Path(__file__).parents[1] / "golden"
PIPELINES = ("levels",)
NAMES = sorted(name.replace("-", "_") for name in PASSES)


def evaluate(tool: str, arguments: Mapping[str, Json]) -> Json:
    """Stand in for the process that evaluates calls at compile time."""
    match tool, arguments:
        case "double", {"value": int() as value}:
            return 2 * value
        case "words", {"text": str() as text}:
            return list(text.split())
        case "repeat", {"text": str() as text, "times": int() as times}:
            return text * times
        case "pair", {"first": first, "second": second}:
            return {"first": first, "second": second}
        case "pi", {}:
            return 3.25
        case "lie", _:
            return "no number"
        case _:
            raise NotEvaluated("ValueError: no such luck")


def tools_of(golden: Golden) -> Tools:
    stub = read_stub(golden.tools, "golden.pyi")
    assert not stub.diagnostics, stub.diagnostics
    return tools_by_name(stub.signatures)


def plan_of(case: Case, tools: Tools) -> Plan:
    if case.keys.get("language") == "ir":
        plan = parse_ir(case.input)
    else:
        parsed = parse_plan(case.input)
        assert not has_errors(parsed.diagnostics), parsed.diagnostics
        plan = parsed.plan
    found = verify(plan, tools)
    assert not has_errors(found), found
    return plan


def run(name: str, case: Case, plan: Plan, tools: Tools) -> tuple[Plan, tuple[Change, ...]]:
    if name in PIPELINES:
        if "passes" in case.keys:
            result = optimize(plan, tools, passes=case.keys["passes"].split(","), evaluate=evaluate, verify_each=True)
        else:
            result = optimize(plan, tools, level=int(case.keys["level"]), evaluate=evaluate, verify_each=True)
        return result.plan, result.changes
    context = Context(tools, evaluate=evaluate)
    after = PASSES[name.replace("_", "-")](bind(plan, tools), context)
    return after, tuple(context.changes)


def shown(plan: Plan, changes: tuple[Change, ...]) -> str:
    return print_ir(plan) + "".join(f"; {change.action}: {change}\n" for change in changes)


@pytest.mark.parametrize("name", [*NAMES, *PIPELINES])
def test_a_pass_does_what_its_golden_file_shows(name: str, request: pytest.FixtureRequest) -> None:
    path = FOLDER / f"{name}.plan"
    golden = read_golden(path)
    assert golden.cases
    tools = tools_of(golden)
    wrong = []
    for case in golden.cases:
        plan = plan_of(case, tools)
        after, changes = run(name, case, plan, tools)
        output = shown(after, changes)
        assert not has_errors(verify(after, tools)), f"{case.title}: {verify(after, tools)}"
        again, _ = run(name, case, after, tools)
        assert again == after, f"{case.title}: a second run changes\n{print_ir(after)}\nto\n{print_ir(again)}"
        if name not in PIPELINES:
            same = PASSES[name.replace("_", "-")](after, Context(tools, evaluate=evaluate))
            assert same is after, f"{case.title}: a second run makes the same plan anew"
        assert parse_ir(print_ir(after)) == after, case.title
        if output != case.output:
            wrong.append(f"--- {case.title}\n{output}")
        case.output = output
    if request.config.getoption("--bless"):
        path.write_text(golden.text(), encoding="utf-8")
    elif wrong:
        pytest.fail("\n".join(wrong), pytrace=False)
    else:
        assert path.read_text(encoding="utf-8") == golden.text(), "the file's layout is not what --bless writes"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("=== case a\n=== colour red\n1. f()\n---\n", "unknown or repeated key colour"),
        ("=== case a\n=== level 1\n=== level 1\n1. f()\n---\n", "unknown or repeated key level"),
        ("=== case a\n1. f()\n", "no pair"),
        ("=== case a\n---\n%1 = f()\n", "no pair"),
        ("=== case a\n1. f()\n---\n---\n", "one `---`"),
        ("=== case a\n1. f()\n=== level 1\n---\n", "outside of a case's head"),
        ("=== case a\n1. f()\n---\n\n=== case a\n1. f()\n---\n", "title of its own"),
        ("1. f()\n", "before the first case"),
        ("=== case a\n1. f()\n---\n=== tools\n", "tools stands once, first"),
    ],
)
def test_a_golden_file_that_is_no_golden_file_is_refused(text: str, problem: str) -> None:
    with pytest.raises(GoldenError, match=problem):
        read_golden(Path("x.plan"), text)
