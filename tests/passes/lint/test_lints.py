"""Every lint finds what it is for, on the right line, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from lint_cases import CASES, FOLDER, Case, annotated, declared, read_case, reported, shown, valid

from lcc.grammar.diagnostics import Rule, Severity
from lcc.grammar.source import Source
from lcc.passes.lint import RULES, lint, lints
from lcc.passes.lint.facts import LintContext
from lcc.passes.lint.lints import LINTS, NAMES

ROOT = Path(__file__).parents[3]
EXAMPLES = sorted((ROOT / "examples" / "plans").glob("*.plan"))
GOLDEN = ROOT / "tests" / "golden" / "lints.txt"
WASTEFUL = "wasteful.plan"
TYPED_INPUTS = {"null-as-text", "quoted-reference", "constant-condition"}
"""Lints that need a type, which inputs declare too, or constants alone."""


@pytest.mark.parametrize("case", CASES, ids=str)
def test_findings_and_annotations_match(case: Case) -> None:
    tools = declared(case.tools)
    parsed = valid(case.plan, tools)
    assert reported(lint(parsed.plan, tools, parsed.source), parsed.source) == annotated(case.plan)


def test_golden(request: pytest.FixtureRequest) -> None:
    text = "".join(shown(case) for case in CASES)
    if request.config.getoption("--bless"):
        GOLDEN.write_text(text, encoding="utf-8")
    assert GOLDEN.read_text(encoding="utf-8") == text


def test_every_lint_has_cases_that_fire_and_cases_that_are_silent() -> None:
    for name in NAMES:
        mine = [case for case in CASES if case.file == name]
        rule = name.replace("_", "-")
        fires = [any(found.rule == rule for found in annotated(case.plan)) for case in mine]
        assert any(fires), f"{name}: no case fires"
        assert not all(fires) or len(fires) == 1, f"{name}: no case is silent"


def test_every_file_of_cases_belongs_to_a_lint() -> None:
    assert {path.stem.removesuffix("_body") for path in FOLDER.iterdir()} == set(NAMES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_the_bad_example_fires_and_the_good_one_is_silent(rule: Rule) -> None:
    tools = declared(rule.tools)
    bad, good = valid(rule.bad, tools), valid(rule.good, tools)
    assert rule.code in {d.code for d in lint(bad.plan, tools, bad.source)}
    assert [d.code for d in lint(good.plan, tools, good.source)] == []


def test_every_module_of_the_folder_is_registered() -> None:
    folder = Path(lints.__file__).parent
    modules = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    assert modules == set(NAMES)
    assert len(NAMES) == len(modules)


def test_codes_and_names_agree_with_modules_and_are_in_order() -> None:
    assert [module.RULE.name.replace("-", "_") for module in LINTS] == list(NAMES)
    codes = [rule.code for rule in RULES]
    assert codes == sorted(set(codes))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_messages_follow_the_manner_of_rustc(case: Case) -> None:
    tools = declared(case.tools)
    parsed = valid(case.plan, tools)
    for d in lint(parsed.plan, tools, parsed.source):
        assert d.severity in (Severity.WARNING, Severity.REMARK)
        assert not d.message.endswith(".")
        assert d.message[0] in "`0123456789" or d.message[0].islower()
        assert d.help is not None
        assert not d.help.endswith(".")
        assert d.span is not None
        assert d.span.start < d.span.end <= len(parsed.source.text)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_only_the_wasteful_example_has_findings(path: Path) -> None:
    tools = declared((ROOT / "examples" / "tools.pyi").read_text(encoding="utf-8"))
    parsed = valid(path.read_text(encoding="utf-8"), tools)
    found = [d.code for d in lint(parsed.plan, tools, parsed.source)]
    assert found == (["L002", "L002", "L001"] if path.name == WASTEFUL else [])


@pytest.mark.parametrize("case", CASES, ids=str)
def test_without_tools_only_lints_that_need_none_speak(case: Case) -> None:
    parsed = read_case(case.plan)
    need = {rule.code for rule in RULES if rule.tools and rule.name not in TYPED_INPUTS}
    assert not {d.code for d in lint(parsed.plan, {}, parsed.source)} & need


def test_a_plan_without_a_source_is_linted_without_places_or_fixes() -> None:
    rule = next(rule for rule in RULES if rule.name == "repeated-call")
    tools = declared(rule.tools)
    plan = valid(rule.bad, tools).plan
    (found,) = lint(plan, tools, Source("<plan>", ""))
    assert found.code == rule.code
    assert found.fix is None


def test_a_lint_is_a_function_of_the_context() -> None:
    for module in LINTS:
        tools = declared(module.RULE.tools)
        parsed = valid(module.RULE.bad, tools)
        context = LintContext(parsed.plan, tools, parsed.source)
        check = lints.check_of(module, parsed.plan)
        first = list(check(context))
        assert {d.code for d in first} == {module.RULE.code}
        assert list(check(context)) == first
