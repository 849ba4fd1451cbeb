"""Safe fixes remove what they were offered for, bring nothing new, and never change what a plan means."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st
from lint_cases import CASES, NAMES, Case, declared, fix_plan, valid, without_marks
from strategies import plans, programs

from lcc.grammar.diagnostics import Diagnostic, Edit, Fix, Severity, has_errors
from lcc.grammar.ir import Let, Plan
from lcc.grammar.signatures import NO_TOOLS, Effect, Parameter, Signature, Tools, tools_by_name
from lcc.grammar.source import Source, Span
from lcc.grammar.syntax.parser import Parsed, parse_plan
from lcc.grammar.syntax.print_plan import print_plan
from lcc.passes.bind import bind
from lcc.passes.context import Context
from lcc.passes.deduplicate import deduplicate
from lcc.passes.lint import lint
from lcc.passes.lint.fixes import MOST_ROUNDS, apply_fixes, fix_text
from lcc.passes.lint.step_reads import cannot_fail, read_steps
from lcc.passes.verify import verify

GOLDEN = Path(__file__).parents[2] / "golden" / "fix_lints.plan"
CASE = "=" * 8 + "\n"
ARROW = "-" * 8 + "\n"
STUB = """\
import lcc

@lcc.tool(effect="read", resource="web", trusted=True)
def search(query: str) -> list[float]: ...
@lcc.tool(effect="read", resource="web")
def height(name: str) -> float: ...
@lcc.tool(effect="pure")
def math(expression: str) -> float: ...
@lcc.tool(effect="pure")
def convert(metres: float, unit: str) -> float: ...
"""


def golden_cases() -> list[tuple[str, str]]:
    cases = [case.split(ARROW) for case in GOLDEN.read_text(encoding="utf-8").split(CASE)]
    assert all(len(case) == 2 for case in cases), "every case is a text, a line of dashes and the text it becomes"
    return [(before, after) for before, after in cases]


def test_golden(request: pytest.FixtureRequest) -> None:
    fixed = [(before, fix_plan(before, declared(STUB)).text) for before, _ in golden_cases()]
    if request.config.getoption("--bless"):
        GOLDEN.write_text(CASE.join(f"{before}{ARROW}{after}" for before, after in fixed), encoding="utf-8")
    assert fixed == golden_cases()


def counted(text: str, tools: Tools) -> Counter[str]:
    parsed = valid(text, tools)
    return Counter(d.code for d in (*parsed.diagnostics, *lint(parsed.plan, tools, parsed.source)))


def said_of(parsed: Parsed, tools: Tools) -> Counter[str]:
    return Counter(d.message for d in lint(parsed.plan, tools, parsed.source))


def meaning(text: str, tools: Tools) -> Plan:
    """Return what a plan comes to: equal calls are one, and it isn't said which were written; constants that nothing reads are none."""
    parsed = valid(text, tools).plan
    if parsed.body is not None:
        read = read_steps(parsed)
        kept = [
            one for one in parsed.body if not (isinstance(one, Let) and cannot_fail(one.value) and one.id not in read)
        ]
        return Plan(parsed.inputs, (), parsed.join, body=tuple(kept), fails=parsed.fails)
    plan = deduplicate(bind(valid(text, tools).plan, tools), Context(tools))
    return Plan(plan.inputs, plan.tasks, plan.join)


def assert_good_fix(text: str, tools: Tools) -> None:
    before = counted(text, tools)
    fixed = fix_plan(text, tools)
    after = counted(fixed.text, tools)
    assert all(after[code] <= before[code] for code in after), (fixed.text, before, after)
    assert meaning(fixed.text, tools) == meaning(text, tools)
    again = fix_plan(fixed.text, tools)
    assert (again.text, again.applied) == (fixed.text, ())
    assert not [d for d in fixed.left if d.fix is not None and d.fix.safe]


@pytest.mark.parametrize("case", [case for case in CASES if not case.is_body], ids=str)
def test_fixing_a_case_keeps_its_meaning_and_brings_nothing_new(case: Case) -> None:
    assert_good_fix(without_marks(case.plan), declared(case.tools))


@pytest.mark.parametrize(("text", "_"), golden_cases())
def test_fixing_a_golden_plan_keeps_its_meaning(text: str, _: str) -> None:
    assert_good_fix(text, declared(STUB))


@pytest.mark.parametrize("case", [case for case in CASES if not case.is_body], ids=str)
def test_every_fix_alone_leads_to_a_plan_without_its_finding(case: Case) -> None:
    tools = declared(case.tools)
    text = without_marks(case.plan)
    parsed = valid(text, tools)
    for diagnostic in lint(parsed.plan, tools, parsed.source):
        fixed, applied = apply_fixes(text, [diagnostic], unsafe=True)
        if diagnostic.fix is None:
            assert (fixed, applied) == (text, ())
            continue
        assert applied == (diagnostic,)
        again = parse_plan(fixed)
        assert not has_errors(again.diagnostics), fixed
        if not has_errors(verify(again.plan, tools)):
            said = said_of(again, tools)[diagnostic.message]
            assert said < said_of(parsed, tools)[diagnostic.message], fixed


def calls_that_repeat() -> st.SearchStrategy[str]:
    """A plan of few different calls, so that many are equal, with a join that chooses."""
    query = st.sampled_from(("a", "b", "$1", "${1} c", "$2 and $1"))
    call = st.builds(lambda tool, q, comment: (tool, q, comment), st.sampled_from(TOOLS), query, st.sampled_from(TAILS))
    return st.lists(call, min_size=3, max_size=9).map(_written)


TOOLS = ('search("{}")', 'search(query="{}")', 'search(\n    "{}",\n)', 'height("{}")', 'math(expression="{}")')
TAILS = ("", "", "", "  # why", "  # lcc: ignore[L002]", "  # lcc: ignore[L001]", "\n", "\nThought: more")


def _written(calls: list[tuple[str, str, str]]) -> str:
    lines = []
    for number, (tool, query, tail) in enumerate(calls, 1):
        text = query.replace("$2", f"${max(1, number - 1)}") if number > 1 else "a"
        lines.append(f"{number}. {tool.format(text)}{tail}")
    ends = ", ".join(f"${number}" for number in range(1, len(calls) + 1, 2))
    return "\n".join([*lines, f'answer("$1 ${{{len(calls)}}}")' if len(calls) % 3 else f"join({ends})"]) + "\n"


@settings(deadline=None)
@given(calls_that_repeat())
def test_fixing_plans_that_repeat_calls_keeps_their_meaning(text: str) -> None:
    assert_good_fix(text, declared(STUB))


@settings(deadline=None)
@given(programs())
def test_fixing_any_program_keeps_its_meaning(program: tuple[Plan, Tools]) -> None:
    plan, tools = program
    text = print_plan(plan)
    if not has_errors(verify(parse_plan(text).plan, tools)):
        assert_good_fix(text, tools)


def fitting_tools(plan: Plan, effect: Effect) -> Tools:
    """Return tools that take anything the plan gives them."""
    places: dict[str, int] = {}
    keywords: dict[str, dict[str, None]] = {}
    for task in plan.tasks:
        named = [arg.name for arg in task.args if arg.name is not None]
        places[task.tool] = max(places.get(task.tool, 0), len(task.args) - len(named))
        keywords.setdefault(task.tool, {}).update(dict.fromkeys(named))
    return tools_by_name(
        Signature(
            tool,
            (
                *(Parameter(f"{place}", required=False, positional_only=True) for place in range(places[tool])),
                *(Parameter(name, required=False, keyword_only=True) for name in keywords[tool]),
            ),
            effect=effect,
        )
        for tool in places
    )


@settings(deadline=None)
@given(plans(), st.sampled_from(list(Effect)))
def test_linting_never_raises_and_points_into_the_text(plan: Plan, effect: Effect) -> None:
    text = print_plan(plan)
    read = parse_plan(text)
    for tools in (NO_TOOLS, fitting_tools(plan, effect)):
        if has_errors(verify(read.plan, tools)):
            continue
        for made, source in ((read.plan, read.source), (plan, Source("<plan>", ""))):
            length = len(source.text)
            for diagnostic in lint(made, tools, source):
                assert diagnostic.code in NAMES
                assert diagnostic.span is None or 0 <= diagnostic.span.start <= diagnostic.span.end <= length
                for edit in diagnostic.fix.edits if diagnostic.fix else ():
                    assert 0 <= edit.span.start <= edit.span.end <= length


def warning(*edits: tuple[int, int, str], safe: bool = True) -> Diagnostic:
    fix = Fix("fix", tuple(Edit(Span(start, end), text) for start, end, text in edits), safe)
    return Diagnostic("L001", Severity.WARNING, "x", Span(edits[0][0], edits[0][1]), fix=fix)


@pytest.mark.parametrize(
    ("diagnostics", "expected"),
    [
        ([warning((0, 1, "A"))], "Abcdef"),
        ([warning((4, 5, "E")), warning((0, 1, "A"))], "AbcdEf"),
        ([warning((0, 2, "")), warning((2, 4, ""))], "ef"),
        ([warning((0, 2, "X")), warning((1, 3, "Y"))], "Xcdef"),
        ([warning((0, 2, "X"), (4, 5, "Z")), warning((3, 5, "Y"))], "XcdZf"),
        ([warning((3, 5, "Y")), warning((0, 2, "X"), (4, 5, "Z"))], "XcdZf"),
        ([warning((2, 2, "+")), warning((2, 2, "-"))], "ab+cdef"),
        ([warning((1, 3, "")), warning((2, 2, "-"))], "adef"),
        ([warning((0, 1, "A"), safe=False)], "abcdef"),
        ([Diagnostic("L001", Severity.WARNING, "x")], "abcdef"),
    ],
)
def test_of_two_fixes_that_overlap_the_first_is_applied(diagnostics: list[Diagnostic], expected: str) -> None:
    assert apply_fixes("abcdef", diagnostics)[0] == expected


def test_unsafe_fixes_are_applied_only_when_asked_for() -> None:
    text = 'input city: str\n1. search("hotels")\n2. join()\n'
    assert fix_plan(text, NO_TOOLS).text == text
    assert fix_plan(text, NO_TOOLS, unsafe=True).text == '1. search("hotels")\n2. join()\n'


def test_unsafe_fixes_go_on_where_one_makes_room_for_another() -> None:
    text = '1. search("a")\n2. math("$1[0]")\n3. math("$2 * 2")\n4. height("K2")\n5. join($4)\n'
    fixed = fix_plan(text, declared(STUB), unsafe=True)
    assert fixed.text == '4. height("K2")\n5. join($4)\n'
    assert [d.code for d in fixed.applied] == ["L001", "L001", "L001"]


@pytest.mark.parametrize("text", ["1. search(each $5)\n2. join()\n", "1. zzzzzz(each [])\n2. join()\n", ""])
def test_a_text_with_errors_is_left_alone(text: str) -> None:
    fixed = fix_plan(text, declared(STUB), unsafe=True)
    assert (fixed.text, fixed.applied) == (text, ())
    assert has_errors(fixed.left)


def test_a_round_that_leads_to_an_error_is_undone() -> None:
    def check(text: str) -> list[Diagnostic]:
        if "e" not in text:
            return [Diagnostic("V001", Severity.ERROR, "x")]
        return [warning((0, 1, "A"))] if text[0] == "a" else [warning((4, 5, "E"))]

    fixed = fix_text("abcdef", check)
    assert fixed.text == "Abcdef"
    assert [d.code for d in fixed.applied] == ["L001"]
    assert [d.code for d in fixed.left] == ["L001"]


def test_fixes_that_undo_each_other_end() -> None:
    def swap(text: str) -> list[Diagnostic]:
        return [warning((0, 1, "b" if text == "a" else "a"))]

    assert len(fix_text("a", swap).applied) == MOST_ROUNDS


def test_only_chosen_lints_are_fixed() -> None:
    text = '1. height("K2")\n2. height("K2")\n3. convert("$1", "ft")\n4. join($2, $3)\n'
    fixed = fix_plan(text, declared(STUB), select=["L023"])
    assert fixed.text == text.replace('"$1"', "$1")
    assert [d.code for d in fixed.left] == []
