"""Find what lcc really says about the example of a rule, so that an explanation never shows what isn't so."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Final

from lcc.compiler import FRONT_ENDS, check, read
from lcc.grammar.diagnostics import Diagnostic, Rule, has_errors
from lcc.grammar.ir import Plan, calls_of
from lcc.grammar.signatures import Tools, tools_by_name
from lcc.grammar.signatures.stubs import read_stub
from lcc.grammar.source import Source
from lcc.passes.lint import lint
from lcc.passes.pipeline import LEVELS, optimize
from lcc.runtime.inputs import RunError, check_run
from lcc.toolset import load_bound, load_static

FILES: Final = {"pyi": "example.pyi", "py": "example.py", "json": "example.json", "toml": "pyproject.toml"}
"""The name of the file that the example of a T rule stands for, by the rule's front end."""


def check_example(rule: Rule, text: str) -> tuple[tuple[Diagnostic, ...], Source]:
    """Return all findings about an example of a rule, and its text."""
    if rule.front_end in FILES:
        return _tool_findings(rule, text)
    tools = tools_by_name(read_stub(rule.tools, "tools.pyi").signatures)
    if rule.front_end not in FRONT_ENDS:
        return (), Source("example", text)
    parsed = read(text, tools, front_end=rule.front_end, path="example.plan")
    found = check(parsed, tools)
    if not has_errors(found):
        found = (*found, *_later(parsed.plan, tools, parsed.source))
    return found, parsed.source


def _later(plan: Plan, tools: Tools, source: Source) -> tuple[Diagnostic, ...]:
    """Return what lints, the optimizer, also where it is asked to do more, and the runtime's first checks say."""
    most = len(LEVELS) - 1
    found = optimize(plan, tools, level=most).diagnostics
    found += tuple(d for d in optimize(plan, tools, level=most, narrow=True).diagnostics if d not in found)
    found += lint(plan, tools, source)
    try:
        check_run(plan, tools or {task.tool for task in calls_of(plan)}, {})
    except RunError as error:
        found += error.diagnostics
    return found


def _tool_findings(rule: Rule, text: str) -> tuple[tuple[Diagnostic, ...], Source]:
    """Read the example as the tools of a project; it is imported only where reading it shows nothing."""
    with tempfile.TemporaryDirectory(prefix="lcc-") as name:
        folder = Path(name)
        example = folder / FILES[rule.front_end]
        named = [example.name]
        if rule.tools:
            (folder / "tools.pyi").write_text(rule.tools, encoding="utf-8")
            named.append("tools.pyi")
        (folder / "pyproject.toml").write_text(f"[tool.lcc]\ntools = {json.dumps(named)}\n", encoding="utf-8")
        example.write_text(text, encoding="utf-8")
        toolset = load_static(near=folder)
        if not any(d.code == rule.code for d in toolset.diagnostics):
            toolset = load_bound(near=folder)
    mine = [(d, source) for source, d in toolset.findings if d.code == rule.code]
    return tuple(d for d, _ in mine), Source(example.name, mine[0][1].text if mine else text)
