"""Run a compiled plan as often as one likes: it is verified and bound to its tools once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from lcc.compiler import NO_INPUTS, Compiled, CompileError, compile_parsed, plan_text, read
from lcc.grammar.diagnostics import Diagnostic, Severity
from lcc.grammar.given import in_brief, require, require_callable
from lcc.grammar.values import Json

if TYPE_CHECKING:
    from lcc.grammar.signatures import Tools
    from lcc.live_run import Run
    from lcc.models.settings import ModelSettings
    from lcc.plan_request import PlanApprover
    from lcc.runtime.binding import Binding
    from lcc.runtime.options import Options
    from lcc.runtime.result import RunResult
    from lcc.runtime.tool import Tool

_ANSWERS: Final = 10
"""Plans in a row that somebody may give in the place of one that waits for a yes."""


@dataclass(frozen=True, slots=True)
class Prepared(Compiled):
    """A compiled plan that knows its tools. It holds nothing of a run: any number of runs may be made of it, also at once.

        compiled = lcc.compile(text, tools)
        result = await compiled.arun({"city": "Paris"})

    The methods raise CompileError, before anything is called, if an input doesn't fit or a tool has no code here. A failed task doesn't
    raise: it is in the result. `tools`: those with code here, by name.
    """

    tools: Mapping[str, Tool] = field(default_factory=dict)
    _kept: list[_Shared] = field(default_factory=list, init=False, repr=False, compare=False)

    def _repr_html_(self) -> str:
        from lcc.pages.notebook import compiled_html

        tools = {name: tool.signature for name, tool in self.tools.items()}
        return compiled_html(self.plan, self.source, self.diagnostics, self.changes, tools)

    async def arun(
        self,
        inputs: Mapping[str, Json] = NO_INPUTS,
        *,
        options: Options | None = None,
        model: str | ModelSettings | None = None,
        journal: str | Path | None = None,
        approve_plan: PlanApprover | None = None,
    ) -> RunResult:
        """Run the plan in the running event loop, asyncio's or trio's. If the caller is cancelled, so is the run.

        `inputs` are JSON values by name. `model`: what tools ask that need one; by default LCC_TOOLS_MODEL or LCC_MODEL.
        `journal`: the file that the run is recorded in, for `lcc.resume`; results of more than 64 KiB are read from it when they are asked for.
        Raises JournalError. `approve_plan`: asked before anything is
        called; a no raises CompileError.
        """
        compiled = self if approve_plan is None else await _approved(self, approve_plan)
        async with compiled._run(inputs, options, model, journal, keep_events=False) as running:
            await running.wait()
        return running.result

    def run(
        self,
        inputs: Mapping[str, Json] = NO_INPUTS,
        *,
        options: Options | None = None,
        model: str | ModelSettings | None = None,
        journal: str | Path | None = None,
        approve_plan: PlanApprover | None = None,
    ) -> RunResult:
        """Run the plan on an event loop of its own, else as `arun`. Raises RuntimeError inside a running one: `await compiled.arun(…)` there."""
        from lcc.runtime.blocking import in_event_loop, run_blocking

        if in_event_loop():
            raise RuntimeError("compiled.run() can't be used inside a running event loop; use `await compiled.arun(…)`")
        given: dict[str, Any] = {"options": options, "model": model, "journal": journal, "approve_plan": approve_plan}
        return run_blocking(lambda: self.arun(inputs, **given))

    def start(
        self,
        inputs: Mapping[str, Json] = NO_INPUTS,
        *,
        options: Options | None = None,
        model: str | ModelSettings | None = None,
        journal: str | Path | None = None,
    ) -> Run:
        """Return a run for `async with`, whose events can be followed; else as `arun`."""
        return self._run(inputs, options, model, journal, keep_events=True)

    def _run(
        self,
        inputs: Mapping[str, Json],
        options: Options | None,
        model: str | ModelSettings | None,
        journal: str | Path | None,
        *,
        keep_events: bool,
    ) -> Run:
        from lcc.live_run import Run
        from lcc.runtime.run import DEFAULTS

        options = DEFAULTS if options is None else options
        if journal is not None:
            return self._recorded(inputs, options, model, journal, keep_events)
        shared = self._shared(options)
        return Run.of(self.plan, shared.tools, inputs, options, model, self.source, keep_events, shared.bindings)

    def _recorded(
        self,
        inputs: Mapping[str, Json],
        options: Options,
        model: str | ModelSettings | None,
        journal: str | Path,
        keep_events: bool,
    ) -> Run:
        from lcc.live_run import Run, check_run_arguments
        from lcc.runtime.inputs import RunError, check_run
        from lcc.runtime.journal.compilation import compilation_of
        from lcc.runtime.journal.record import begin_run

        check_run_arguments(inputs, options, model)
        require(journal, (str, Path), "journal", "the path of a file")
        tools = self._with_code()
        try:
            check_run(self.plan, tools, inputs)
        except RunError as error:
            raise CompileError(error.diagnostics, self.source) from None
        signatures = {name: tool.signature for name, tool in tools.items()}
        told = compilation_of(self.plan, self.source, signatures, self.changes, self.diagnostics)
        begun = begin_run(
            str(journal), self.plan, self.source, signatures, inputs, written=self.written, compilation=told
        )
        return Run.of(self.plan, tools, inputs, options, model, self.source, keep_events, journal=begun)

    def _shared(self, options: Options) -> _Shared:
        """Return what runs with these options share. Before the first it is looked whether the tools are all there."""
        found = self._kept[0] if self._kept else None
        if found is None or found.options is not options:
            found = _Shared(options, self._with_code() if found is None else found.tools)
            self._kept[:] = [found]
        return found

    def _with_code(self) -> Mapping[str, Tool]:
        from lcc.runtime.calls.built_in import with_built_in
        from lcc.runtime.inputs import lacking_tools

        tools = with_built_in(self.plan, self.tools)
        lacking = lacking_tools(self.plan, tools)
        if lacking:
            raise CompileError(tuple(lacking), self.source)
        return tools


async def _approved(compiled: Prepared, approver: PlanApprover) -> Prepared:
    """Return the plan that somebody says yes to, which may be another; raise CompileError for a no. Nothing waits for an answer here."""
    from lcc.grammar.syntax.print_plan import print_plan
    from lcc.plan_request import PlanAnswer, PlanRequest, answer_of, without

    require_callable(approver, "approve_plan", "an async function of a request that returns True or a PlanAnswer")
    problems, signatures = "", {name: tool.signature for name, tool in compiled.tools.items()}
    for _ in range(_ANSWERS):
        request = PlanRequest(print_plan(compiled.written), compiled.plan, signatures, problems=problems)
        try:
            answer = answer_of(await approver(request))
        except Exception as error:
            raise _refused(compiled, f"approval failed: {in_brief(error)}") from error
        if not isinstance(answer, PlanAnswer):
            raise _refused(
                compiled, "nothing keeps a plan until there is an answer; `lcc run --approve-plan --journal` does"
            )
        if not answer.approved:
            raise _refused(compiled, answer.reason)
        if answer.text is None and not answer.drop:
            return compiled
        try:
            text = without(compiled.written, answer.drop) if answer.text is None else answer.text
            compiled, problems = _again(text, compiled.tools, signatures), ""
        except CompileError as error:
            problems = "; ".join(found.message for found in error.diagnostics if found.is_error)
        except ValueError as error:
            problems = str(error)
    raise _refused(compiled, problems)


def _again(text: str, tools: Mapping[str, Tool], signatures: Tools) -> Prepared:
    """Compile a plan that is given in the place of another; raise CompileError."""
    from lcc.passes.pipeline import DEFAULT_LEVEL

    found = compile_parsed(read(plan_text(text), signatures), signatures, level=DEFAULT_LEVEL)
    done = found.plan, found.diagnostics, found.stats, found.changes, found.source, found.written
    return Prepared(*done, tools)


def _refused(compiled: Prepared, why: str) -> CompileError:
    message = f"the plan was not approved{f': {why}' if why else ''}"
    found = Diagnostic("X017", Severity.ERROR, message, None, "nothing of it was called")
    return CompileError((found,), compiled.source)


@dataclass(slots=True)
class _Shared:
    """What the runs of a plan with the same options share."""

    options: Options
    tools: Mapping[str, Tool]
    bindings: dict[str, Binding] = field(default_factory=dict)


def resume(
    journal: str | Path,
    tools: Iterable[object] = (),
    *,
    run: str | None = None,
    inputs: Mapping[str, Json] = NO_INPUTS,
    options: Options | None = None,
    model: str | ModelSettings | None = None,
) -> Run:
    """Return a run that goes on where a recorded one broke off, for `async with`; what is done isn't called again.

    `run`: the beginning of its id; by default the last. `inputs`: its secret ones, which a journal doesn't hold. Raises JournalError where
    that can't be: the run is still alive, or has ended, or the tools are declared differently now; ToolError for what can't be a tool.
    """
    from lcc.live_run import Run, check_run_arguments
    from lcc.python_tools.collect import as_tools, tools_given
    from lcc.runtime.journal.record import resume_run
    from lcc.runtime.run import DEFAULTS

    require(journal, (str, Path), "journal", "the path of a file")
    require(run, (str, type(None)), "run", "the beginning of a run's id")
    check_run_arguments(inputs, options, model)
    bound = as_tools(tools_given(tools))
    signatures = {name: tool.signature for name, tool in bound.items()}
    recorded, stored = resume_run(str(journal), signatures, run=run)
    given = {**stored.inputs, **inputs}
    return Run.of(stored.plan, bound, given, options or DEFAULTS, model, stored.source, True, journal=recorded)
