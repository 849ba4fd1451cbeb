"""Read the cases of lints: files of plans in which `# warn: [rule, rule]` and `# remark: [rule]` mark the lines of findings, in
IR text `; warn: [rule]`.

A file begins with the declarations of its tools (it may have none); each plan follows a line of equals signs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from lcc.grammar import front_ends
from lcc.grammar.diagnostics import Diagnostic, has_errors
from lcc.grammar.diagnostics.render import render
from lcc.grammar.signatures import Tools, tools_by_name
from lcc.grammar.signatures.stubs import read_stub
from lcc.grammar.source import Source
from lcc.grammar.syntax.parser import Parsed, parse_plan
from lcc.passes.lint import RULES, lint
from lcc.passes.lint.fixes import Fixed, fix_text
from lcc.passes.verify import verify

FOLDER = Path(__file__).parent / "cases"
SEPARATOR = "=" * 8 + "\n"
NAMES = {rule.code: rule.name for rule in RULES}
_MARK = re.compile(r"[#;] (warn|remark): \[([^\]]*)\]")
_BODIES = ("strict {", "independent {")
_SEVERITY = {"warn": "warning", "remark": "remark"}


class Case(NamedTuple):
    """One plan and its tools."""

    file: str
    number: int
    tools: str
    plan: str

    def __str__(self) -> str:
        return f"{self.file}-{self.number}"

    @property
    def is_body(self) -> bool:
        """Whether it is IR text, which fixes don't know."""
        return self.plan.startswith(_BODIES)


class Found(NamedTuple):
    """A finding, as annotations state it."""

    line: int
    severity: str
    rule: str


def _cases() -> Iterator[Case]:
    """Yield every case of every file."""
    for path in sorted(FOLDER.iterdir()):
        tools, *plans = path.read_text(encoding="utf-8").split(SEPARATOR)
        stem = path.stem.removesuffix("_body")
        yield from (Case(stem, number, tools, plan) for number, plan in enumerate(plans, 100 * (path.suffix == ".ir")))


CASES = tuple(_cases())


@cache
def declared(stub: str) -> Tools:
    """Return the tools that a stub declares; it must be without fault."""
    if not stub.strip():
        return {}
    read = read_stub(stub, "tools.pyi")
    assert not read.diagnostics, read.diagnostics
    return tools_by_name(read.signatures)


def read_case(text: str) -> Parsed:
    """Read a plan file, or the text of a body."""
    return front_ends.parse(text, "ir") if text.startswith(_BODIES) else parse_plan(text)


def valid(text: str, tools: Tools) -> Parsed:
    """Parse a plan that must be right."""
    parsed = read_case(text)
    found = (*parsed.diagnostics, *verify(parsed.plan, tools))
    assert not has_errors(found), found
    return parsed


def fix_plan(text: str, tools: Tools, *, select: Sequence[str] = (), unsafe: bool = False) -> Fixed:
    """Fix a plan as `lcc check --fix` does: by all that parsing, verifying and linting find."""

    def check(text: str) -> tuple[Diagnostic, ...]:
        parsed = parse_plan(text)
        found = parsed.diagnostics + (verify(parsed.plan, tools) if parsed.ok else ())
        return found if has_errors(found) else (*found, *lint(parsed.plan, tools, parsed.source, select))

    return fix_text(text, check, unsafe=unsafe)


def annotated(text: str) -> list[Found]:
    """Return what the annotations of a plan say."""
    return sorted(
        Found(number, _SEVERITY[severity], rule.strip())
        for number, line in enumerate(text.splitlines(), 1)
        for severity, rules in _MARK.findall(line)
        for rule in rules.split(",")
    )


def reported(diagnostics: Iterable[Diagnostic], source: Source) -> list[Found]:
    """Return findings as annotations state them."""
    return sorted(
        Found(source.position(d.span.start)[0], str(d.severity), NAMES[d.code])
        for d in diagnostics
        if d.span is not None
    )


def without_marks(text: str) -> str:
    """Return a plan without its annotations, which would otherwise be comments that a fix has to keep."""
    return re.sub(r" *[#;] (?:warn|remark): \[[^\]]*\]", "", text)


def shown(case: Case) -> str:
    """Return all that lints say of a case, and what each fix would do."""
    tools = declared(case.tools)
    parsed = valid(without_marks(case.plan), tools)
    out = [f"{SEPARATOR}{case}\n"]
    for diagnostic in lint(parsed.plan, tools, parsed.source):
        out.append(render([diagnostic], parsed.source))
        fix = diagnostic.fix
        if fix is not None:
            out.append(f"  {'safe' if fix.safe else 'unsafe'} fix: {fix.message}\n")
            for edit in fix.edits:
                line, column = parsed.source.position(edit.span.start)
                replaced = parsed.source.text[edit.span.start : edit.span.end]
                out.append(f"    {line}:{column}: {replaced!r} -> {edit.text!r}\n")
    return "".join(out)
