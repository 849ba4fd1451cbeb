"""docs/lints.md says what the rules say; `--bless` writes it anew."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest
from lint_cases import declared, valid

from lcc.grammar.diagnostics import Diagnostic, Rule
from lcc.grammar.diagnostics.render import render
from lcc.passes.lint import RULES, lint
from lcc.passes.lint.lints import LINTS, NAMES, SKIPPED

PAGE = Path(__file__).parents[3] / "docs" / "lints.md"
HEAD = """\
# Lints

`lcc check` reports what is legal in a plan and yet likely wrong, wasteful or dangerous. A warning makes its exit status 1; a remark doesn't. Most lints need to know
what calls do, so they are silent where no [tools](tools.md) are given, and say more the more the tools declare.

- `--select` and `--ignore` choose: codes, how codes begin (`L01`), or names, separated by commas. The longest that fits decides, and `--ignore` wins a tie. In
  `[tool.lcc]` of pyproject.toml, `select` and `ignore` do so for a project.
- `# lcc: ignore[L004]` at the end of a line silences what is found on it, behind the end of a call what is found anywhere in the call; names do as well as codes, and
  without brackets all lints are meant. A comment that silences nothing is itself found.
- `--fix` applies the fixes that can't change what a plan means. The others are offered in the messages, and for programs in the JSON.

A task after the join needs no lint: it is an error ([P018](codes.md)). So is a path that the declared type of a result can't have ([V009](codes.md)).

This page is made from the rules in [passes/lint/lints](../passes/lint/lints).
"""


def findings(rule: Rule) -> tuple[Diagnostic, ...]:
    tools = declared(rule.tools)
    parsed = valid(rule.bad, tools)
    return tuple(d for d in lint(parsed.plan, tools, parsed.source) if d.code == rule.code)


def fixed_how(rule: Rule) -> str:
    fixes = [d.fix for d in findings(rule) if d.fix is not None]
    return "" if not fixes else "safe" if all(fix.safe for fix in fixes) else "offered"


def table() -> Iterator[str]:
    yield "| code | name | finds | severity | fix |"
    yield "|---|---|---|---|---|"
    for rule in RULES:
        severity = findings(rule)[0].severity
        link = f"[{rule.name}](#{rule.code.lower()}-{rule.name})"
        yield f"| {rule.code} | {link} | {rule.summary} | {severity} | {fixed_how(rule)} |"


def section(rule: Rule) -> Iterator[str]:
    yield f"## {rule.code} {rule.name}\n"
    yield f"{rule.summary[0].upper()}{rule.summary[1:]}.\n"
    yield f"{rule.why}\n"
    if rule.tools.strip():
        yield f"With these tools\n\n```pyi\n{rule.tools.strip()}\n```\n"
    source = valid(rule.bad, declared(rule.tools)).source
    yield f"this plan\n\n```text\n{rule.bad}```\n" if rule.tools.strip() else f"This plan\n\n```text\n{rule.bad}```\n"
    yield f"gives\n\n```text\n{render(findings(rule), source).replace(source.path, 'example.plan')}```\n"
    yield f"and this one doesn't:\n\n```text\n{rule.good}```\n"


def page() -> str:
    sections = "\n".join("\n".join(section(rule)) for rule in RULES)
    return f"{HEAD}\n" + "\n".join(table()) + "\n\n" + "\n".join(bodies()) + f"\n\n{sections}"


def bodies() -> Iterator[str]:
    """Yield the table of what lints do with plans that have a body: the first line of what they say there."""
    yield "In plans with loops, conditions and names, which are not lines of calls, data is followed through names, operations and turns:\n"
    yield "| code | name | there |"
    yield "|---|---|---|"
    for name, module in zip(NAMES, LINTS, strict=True):
        does = SKIPPED.get(name)
        said = (
            f"not looked for: {does}"
            if does
            else inspect.getdoc(module.check_body).partition("\n")[0].removeprefix("Yield ")
        )  # type: ignore[attr-defined]
        yield f"| {module.RULE.code} | {module.RULE.name} | {said} |"


def test_the_page_is_what_the_rules_say(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--bless"):
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page()
