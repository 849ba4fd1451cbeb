"""Say things of a plan's text without running it: what is likely wrong, its canonical form, what a run would take, its graph."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf
from typing import TYPE_CHECKING

from lcc.api import compile as compile_text, parse, signatures_of
from lcc.compiler import CompileError, plan_text
from lcc.grammar.diagnostics import Diagnostic, has_errors
from lcc.grammar.given import in_brief, require_number

if TYPE_CHECKING:
    from lcc.grammar.drawing.picture import Picture
    from lcc.passes.analysis.estimate import Estimate
    from lcc.passes.analysis.estimate_body import BodyEstimate


def lint(
    text: str,
    tools: Iterable[object] = (),
    *,
    front_end: str = "plan",
    select: Iterable[str] | None = None,
    ignore: Iterable[str] = (),
) -> tuple[Diagnostic, ...]:
    """Return all findings of a text, as `lcc check` reports them: errors, or else also what is legal and yet likely wrong.

    `tools`: what `lcc.run` takes; ToolError is raised for what can't be one. `select`, `ignore`: codes such as `L004`, how codes begin, or names. Raises ValueError for one that there isn't.
    """
    from lcc.passes.lint import lint as find
    from lcc.passes.lint.selection import UnknownSelector

    parsed = parse(text, front_end, tools := tuple(tools))
    if has_errors(parsed.diagnostics):
        return parsed.diagnostics
    found: tuple[Diagnostic, ...] = parsed.diagnostics
    try:
        found += find(parsed.plan, signatures_of(tools), parsed.source, select, ignore)
    except UnknownSelector as error:
        raise ValueError(str(error)) from None
    return tuple(sorted(found, key=lambda one: one.span.start if one.span else -1))


def fmt(text: str) -> str:
    """Return a plan file in the one canonical form, comments kept. Raises CompileError if it can't be read."""
    from lcc.grammar.formatting.format import format_plan
    from lcc.grammar.source import Source

    formatted = format_plan(plan_text(text))
    if has_errors(formatted.diagnostics):
        raise CompileError(formatted.diagnostics, Source("<string>", text))
    return formatted.text


def estimate(
    text: str,
    tools: Iterable[object] = (),
    *,
    front_end: str = "plan",
    level: int = 2,
    concurrency: int | None = None,
) -> Estimate | BodyEstimate:
    """Return what a run of a plan would take, from the costs that tools declare: seconds, calls, tokens, USD, the critical path.

    `concurrency`: calls at once; None is no limit. Of a plan with a body the amounts are ranges. Raises as `compile` does, and ValueError for
    less than one call at once.
    """
    from lcc.passes.analysis.costs import Costs
    from lcc.passes.analysis.estimate import estimate as estimated
    from lcc.passes.analysis.estimate_body import estimate_body

    require_number(concurrency, "concurrency", whole=True)
    if concurrency is not None and concurrency < 1:
        raise ValueError(f"concurrency must be at least 1, not {in_brief(concurrency)}")
    tools = tuple(tools)
    plan, known, workers = compile_text(text, tools, front_end, level).plan, signatures_of(tools), concurrency or inf
    if plan.body is not None:
        return estimate_body(plan, known, Costs(), workers=workers)
    return estimated(plan, known, Costs(), workers=workers)


def graph(text: str, tools: Iterable[object] = (), *, front_end: str = "plan", level: int = 2) -> Picture:
    """Return the graph of a plan, as `lcc graph` draws it: a notebook shows it, and `str()` of it is SVG. Raises as `compile` does."""
    from lcc.pages.pictures import plan_picture

    tools = tuple(tools)
    compiled = compile_text(text, tools, front_end, level)
    return plan_picture(compiled.plan, signatures_of(tools), source=compiled.source)
