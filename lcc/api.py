"""Offer lcc to programs: parse, compile, execute, run.

Tools are given as a list: functions with `@lcc.tool`, plain typed functions and bound methods, `lcc.Tool` objects, and
`lcc.Signature` objects where nothing is called.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from lcc.compiler import NO_INPUTS, CompileError, check, compile_parsed, plan_text, read
from lcc.grammar.given import in_brief, require, require_number
from lcc.grammar.ir import Plan
from lcc.grammar.signatures import Signature, Tools, tools_by_name
from lcc.grammar.syntax.parser import Parsed
from lcc.grammar.values import Json
from lcc.passes.pipeline import DEFAULT_LEVEL, LEVELS
from lcc.prepared import Prepared
from lcc.python_tools.collect import as_tools, tools_given
from lcc.python_tools.lifespan import OpenTools, has_sources

if TYPE_CHECKING:
    from lcc.models.settings import ModelSettings
    from lcc.plan_request import PlanApprover
    from lcc.runtime.options import Options
    from lcc.runtime.result import RunResult
    from lcc.runtime.tool import Tool

__all__ = ["CompileError", "Prepared", "arun", "compile", "execute", "parse", "run", "run_in_thread"]


def parse(text: str, front_end: str = "plan", tools: Iterable[object] = ()) -> Parsed:
    """Read a plan; with tools, check it against them as well. Never raises for what the text holds.

    The result has `plan`, with every statement that could be read, and `diagnostics`, errors included. Raises ValueError for a
    front end that doesn't exist, PlugInError for one of another package that can't be loaded, ToolError for what can't be a tool.
    """
    text = plan_text(text)
    require(front_end, str, "front_end", "the name of one")
    _, signatures = _bound(tools)
    parsed = read(text, signatures, front_end=front_end)
    return replace(parsed, diagnostics=check(parsed, signatures)) if signatures else parsed


def compile(text: str, tools: Iterable[object] = (), front_end: str = "plan", level: int = DEFAULT_LEVEL) -> Prepared:
    """Read, verify and optimize a plan. Nothing is called. Without tools, what needs their signatures isn't checked.

    `level` is 0 to 3, as `-O0` to `-O3`. The result has `plan`, `diagnostics` (warnings and remarks) and `stats`, and runs as often as
    one likes: `compiled.run(inputs)`, `await compiled.arun(inputs)`. Raises
    CompileError, whose `diagnostics` are all findings, for a plan with errors; ValueError for an unknown front end or level, and, as ToolError,
    for what can't be a tool; PlugInError for a front end or a pass of another package that can't be loaded.
    """
    text = plan_text(text)
    require(front_end, str, "front_end", "the name of one")
    require_number(level, "level", whole=True)
    if level not in range(len(LEVELS)):
        raise ValueError(f"level {in_brief(level)}: levels are 0 to {len(LEVELS) - 1}")
    bound, signatures = _bound(tools)
    compiled = compile_parsed(read(text, signatures, front_end=front_end), signatures, level=level)
    done = compiled.plan, compiled.diagnostics, compiled.stats, compiled.changes, compiled.source, compiled.written
    return Prepared(*done, bound)


async def execute(
    plan: Plan,
    tools: Iterable[object] = (),
    inputs: Mapping[str, Json] = NO_INPUTS,
    *,
    options: Options | None = None,
    model: str | ModelSettings | None = None,
) -> RunResult:
    """Verify a plan, bind it to tools and run it, on asyncio or trio; times in the result are seconds.

    A failed task doesn't raise: it is in the result, with everything that did finish. `inputs` are JSON values by name. Raises
    CompileError, before anything is called, if the plan doesn't fit the tools or the inputs; ToolError for what can't be a tool. `Run` shows what goes on meanwhile.
    `model`: what tools ask that need one; by default LCC_TOOLS_MODEL or LCC_MODEL.
    """
    from lcc.live_run import Run

    async with Run(plan, tools, inputs, options=options, model=model, keep_events=False) as running:
        return await running.wait()


async def arun(
    text: str,
    tools: Iterable[object] = (),
    inputs: Mapping[str, Json] = NO_INPUTS,
    *,
    front_end: str = "plan",
    options: Options | None = None,
    model: str | ModelSettings | None = None,
    approve_plan: PlanApprover | None = None,
) -> RunResult:
    """Do what `run` does in the running event loop, asyncio's or trio's. If the caller is cancelled, so is the run.

    `inputs`: JSON values by name. To run one plan more than once, compile it once: `lcc.compile(text, tools).arun(inputs)`. Raises what
    `run` does: CompileError, ToolError, ValueError.
    """
    return await _compiled(text, tools, inputs, front_end, options, model, approve_plan)()


def run(
    text: str,
    tools: Iterable[object] = (),
    inputs: Mapping[str, Json] = NO_INPUTS,
    *,
    front_end: str = "plan",
    options: Options | None = None,
    model: str | ModelSettings | None = None,
    approve_plan: PlanApprover | None = None,
) -> RunResult:
    """Compile a plan, or with `front_end="python"` a program, and run it to its end, on an event loop of its own.

    `tools`: functions, bound methods, `lcc.Tool` objects and sources such as `lcc.mcp(…)`; `lcc.Signature` objects where nothing is called.
    `inputs`: JSON values by name. See `compile` and `execute` for what is raised. `approve_plan`: asked with an `lcc.PlanRequest` before anything is called; a no raises
    CompileError.

    Raises RuntimeError inside a running event loop: `await lcc.arun(…)` there, or, in a notebook, use `run_in_thread`.
    """
    from lcc.runtime.blocking import in_event_loop, run_blocking

    if in_event_loop():
        raise RuntimeError(
            "lcc.run() can't be used inside a running event loop; "
            "use `await lcc.arun(text, tools)`, "
            "or, where blocking the loop is all right, as in a notebook, lcc.run_in_thread()"
        )
    return run_blocking(_compiled(text, tools, inputs, front_end, options, model, approve_plan))


def run_in_thread(
    text: str,
    tools: Iterable[object] = (),
    inputs: Mapping[str, Json] = NO_INPUTS,
    *,
    front_end: str = "plan",
    options: Options | None = None,
    model: str | ModelSettings | None = None,
    approve_plan: PlanApprover | None = None,
) -> RunResult:
    """Do what `run` does on an event loop in another thread, so that it works in notebooks and inside a running loop.

    The caller waits, and a loop that runs in its thread stands still meanwhile. Tools see the caller's context variables.
    Ctrl-C (in a notebook: interrupting the kernel) cancels the run cleanly, and raises KeyboardInterrupt. Parameters and what is raised are
    as in `compile` and `run`.
    """
    from lcc.runtime.blocking import run_in_thread as in_thread

    return in_thread(_compiled(text, tools, inputs, front_end, options, model, approve_plan))


def _compiled(
    text: str,
    tools: Iterable[object],
    inputs: Mapping[str, Json],
    front_end: str,
    options: Options | None,
    model: str | ModelSettings | None,
    approve_plan: PlanApprover | None,
) -> Callable[[], Coroutine[object, object, RunResult]]:
    from lcc.live_run import check_run_arguments

    given = tools_given(tools)
    check_run_arguments(inputs, options, model)
    if not has_sources(given):
        compiled = compile(text, given, front_end)
        return lambda: compiled.arun(inputs, options=options, model=model, approve_plan=approve_plan)

    async def run_open() -> RunResult:
        async with OpenTools(given) as opened:
            compiled = compile(text, opened, front_end)
            return await compiled.arun(inputs, options=options, model=model, approve_plan=approve_plan)

    return run_open


def signatures_of(tools: Iterable[object]) -> Tools:
    """Return the declarations of tools by name."""
    return _bound(tools)[1]


def _bound(tools: Iterable[object]) -> tuple[dict[str, Tool], Tools]:
    """Return the tools that have an implementation, and the declarations of all, which need none."""
    tools = tools_given(tools)
    declared = [tool for tool in tools if isinstance(tool, Signature)]
    bound = as_tools(tool for tool in tools if not isinstance(tool, Signature))
    return bound, tools_by_name([*declared, *(tool.signature for tool in bound.values())])
