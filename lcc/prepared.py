"""Run a compiled plan as often as one likes: it is verified and bound to its tools once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from lcc.compiler import NO_INPUTS, Compiled, CompileError
from lcc.grammar.given import require
from lcc.grammar.values import Json

if TYPE_CHECKING:
    from lcc.live_run import Run
    from lcc.models.settings import ModelSettings
    from lcc.runtime.binding import Binding
    from lcc.runtime.options import Options
    from lcc.runtime.result import RunResult
    from lcc.runtime.tool import Tool


@dataclass(frozen=True, slots=True)
class Prepared(Compiled):
    """A compiled plan that knows its tools. It holds nothing of a run: any number of runs may be made of it, also at once.

        compiled = lcc.compile(text, tools)
        result = await compiled.arun({"city": "Paris"})

    The methods raise CompileError, before anything is called, if an input doesn't fit or a tool has no code here. A failed task doesn't
    raise: it is in the result.
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
    ) -> RunResult:
        """Run the plan in the running event loop, asyncio's or trio's. If the caller is cancelled, so is the run.

        `inputs` are JSON values by name. `model`: what tools ask that need one; by default LCC_TOOLS_MODEL or LCC_MODEL.
        `journal`: the file that the run is recorded in, for `lcc.resume`. Raises JournalError.
        """
        async with self._run(inputs, options, model, journal, keep_events=False) as running:
            return await running.wait()

    def run(
        self,
        inputs: Mapping[str, Json] = NO_INPUTS,
        *,
        options: Options | None = None,
        model: str | ModelSettings | None = None,
        journal: str | Path | None = None,
    ) -> RunResult:
        """Run the plan on an event loop of its own. Raises RuntimeError inside a running one: `await compiled.arun(…)` there."""
        from lcc.runtime.blocking import in_event_loop, run_blocking

        if in_event_loop():
            raise RuntimeError("compiled.run() can't be used inside a running event loop; use `await compiled.arun(…)`")
        return run_blocking(lambda: self.arun(inputs, options=options, model=model, journal=journal))

    def start(
        self,
        inputs: Mapping[str, Json] = NO_INPUTS,
        *,
        options: Options | None = None,
        model: str | ModelSettings | None = None,
        journal: str | Path | None = None,
    ) -> Run:
        """Return a run for `async with`, whose events can be followed."""
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
        from lcc.runtime.journal.record import begin_run

        check_run_arguments(inputs, options, model)
        require(journal, (str, Path), "journal", "the path of a file")
        tools = self._with_code()
        try:
            check_run(self.plan, tools, inputs)
        except RunError as error:
            raise CompileError(error.diagnostics, self.source) from None
        signatures = {name: tool.signature for name, tool in tools.items()}
        begun = begin_run(str(journal), self.plan, self.source, signatures, inputs, written=self.written)
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
    that can't be: the run is still alive, or has ended, or the tools are declared differently now.
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
