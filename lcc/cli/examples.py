"""Find what lcc really says about the example of a rule, so that an explanation never shows what isn't so."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

from lcc.compiler import check, read
from lcc.grammar.diagnostics import Diagnostic, Rule, has_errors
from lcc.grammar.ir import Plan
from lcc.grammar.signature import Tools, tools_by_name
from lcc.grammar.source import Source
from lcc.grammar.stubs import read_stub

FILES: Final = {"pyi": "example.pyi", "py": "example.py", "json": "example.json", "toml": "pyproject.toml"}
"""The name of the file that the example of a T rule stands for, by the rule's front end."""


def check_example(rule: Rule, text: str) -> tuple[tuple[Diagnostic, ...], Source]:
    """Return all findings about an example of a rule, and its text."""
    if rule.front_end in FILES:
        return _tool_findings(rule, text)
    tools = tools_by_name(read_stub(rule.tools, "tools.pyi").signatures)
    parsed = read(text, tools, front_end=rule.front_end, path="example.plan")
    found = check(parsed, tools)
    if not has_errors(found):
        found = (*found, *_later(parsed.plan, tools))
    return found, parsed.source


def _later(plan: Plan, tools: Tools) -> tuple[Diagnostic, ...]:
    """Return what the optimizer and the runtime's first checks say."""
    from lcc.passes.pipeline import LEVELS, optimize
    from lcc.runtime.inputs import RunError, check_run

    found = optimize(plan, tools, level=len(LEVELS) - 1).diagnostics
    try:
        check_run(plan, tools or {task.tool for task in plan.tasks}, {})
    except RunError as error:
        found += error.diagnostics
    return found


def _tool_findings(rule: Rule, text: str) -> tuple[tuple[Diagnostic, ...], Source]:
    """Read the example as the tools of a project, so that none of it is run."""
    from lcc.toolset import load_static

    with tempfile.TemporaryDirectory(prefix="lcc-") as name:
        folder = Path(name)
        (folder / "tools.pyi").write_text(rule.tools, encoding="utf-8")
        example = folder / FILES[rule.front_end]
        if rule.front_end != "toml":
            (folder / "pyproject.toml").write_text(f'[tool.lcc]\ntools = ["{example.name}"]\n', encoding="utf-8")
        example.write_text(text, encoding="utf-8")
        toolset = load_static(near=folder)
    mine = tuple(d for d in toolset.diagnostics if d.code == rule.code)
    sources = [s for d, s in zip(toolset.diagnostics, toolset.sources, strict=True) if d.code == rule.code]
    return mine, Source(example.name, sources[0].text if sources else text)
