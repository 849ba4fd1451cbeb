"""Run a plan while the program does something else, such as following its events."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Self

from lcc.async_listener import AsyncListener, is_async
from lcc.compiler import NO_INPUTS, CompileError, plan_of
from lcc.grammar.diagnostics import Diagnostic, has_errors
from lcc.grammar.given import require
from lcc.grammar.ir import Plan
from lcc.grammar.shown import in_notebook
from lcc.grammar.source import Source
from lcc.grammar.values import Json
from lcc.models.settings import ModelSettings, check_model
from lcc.passes.pipeline import optimize
from lcc.passes.verify import verify
from lcc.python_tools.collect import as_tools, tools_given
from lcc.python_tools.lifespan import OpenTools, has_sources
from lcc.runtime.binding import Binding
from lcc.runtime.events import Event
from lcc.runtime.inputs import RunError
from lcc.runtime.options import Options
from lcc.runtime.program.before import Before
from lcc.runtime.result import RunResult
from lcc.runtime.run import DEFAULTS, Run as PlanRun, hand_over
from lcc.runtime.tool import Tool

if TYPE_CHECKING:
    from lcc.ask.tool_model import OwnToolModel
    from lcc.pages.notebook import LiveCell, Watched
    from lcc.runtime.journal.record import RunJournal


class Run:
    """A plan that runs, on asyncio or trio, for as long as the block lasts.

        async with lcc.Run(plan, tools=tools) as run:
            async for event in run:
                ...
        print(run.result.join)

    Leaving the block waits for the end; leaving it by an exception, or by cancellation, tells what runs to stop. `result` is there
    afterwards in both cases, with everything that had finished. The run never waits for whoever reads its events.

    `tools`: what `lcc.run` takes; ToolError is raised for what can't be one. `inputs`: JSON values by name.
    """

    _journal: RunJournal | None = None
    _listener: AsyncListener[Event] | None = None
    _cancelled = False

    _watched: Watched | None = None
    _cell: LiveCell | None = None

    def __init__(
        self,
        plan: Plan,
        tools: Iterable[object] = (),
        inputs: Mapping[str, Json] = NO_INPUTS,
        *,
        options: Options | None = None,
        model: str | ModelSettings | None = None,
        source: Source | None = None,
        keep_events: bool = True,
    ) -> None:
        """Verify a plan and bind it to tools. Raises CompileError if it doesn't fit them; if it doesn't fit the inputs, entering does.

        Where tools hold a source that must be opened, entering does all of it, and leaving closes the source.
        `model`: what tools ask that need one; by default LCC_TOOLS_MODEL or LCC_MODEL. `source`: the text that the plan's spans refer to, for the report of an error. `keep_events`: whether somebody will iterate.
        """
        plan = plan_of(plan)
        tools = tools_given(tools)
        check_run_arguments(inputs, options, model)
        self._source = source
        self._sources: OpenTools | None = None

        def bind(tools: Iterable[object]) -> None:
            bound = as_tools(tools)
            signatures = {name: tool.signature for name, tool in bound.items()}
            found = verify(plan, signatures)
            if has_errors(found):
                raise self._refused(found)
            checked = optimize(plan, signatures, level=0).plan
            self._prepare(checked, bound, inputs, options or DEFAULTS, model, keep_events)

        self._bind_now_or_later(tools, bind)

    def _bind_now_or_later(self, tools: Iterable[object], bind: Callable[[Iterable[object]], None]) -> None:
        """Bind to tools, once their sources are open."""
        self._bind = bind
        self._asked: OwnToolModel | None = None
        if has_sources(tools):
            self._sources = OpenTools(tools)
        else:
            self._sources = None
            bind(tools)

    @classmethod
    def of(
        cls,
        plan: Plan,
        tools: Mapping[str, Tool],
        inputs: Mapping[str, Json],
        options: Options,
        model: str | ModelSettings | None,
        source: Source,
        keep_events: bool,
        bindings: dict[str, Binding] | None = None,
        journal: RunJournal | None = None,
    ) -> Self:
        """Return the run of a plan that is verified and has its tools. It closes its journal.

        `tools`: by name. `inputs`: JSON values by name. `bindings`: what each tool is bound to, by its name; None: they are bound here.
        """
        check_run_arguments(inputs, options, model)
        run = cls.__new__(cls)
        run._source = source
        run._sources, run._asked, run._journal = None, None, journal
        run._prepare(plan, tools, inputs, options, model, keep_events, bindings=bindings)
        return run

    def _prepare(
        self,
        plan: Plan,
        tools: Mapping[str, Tool],
        inputs: Mapping[str, Json],
        options: Options,
        model: str | ModelSettings | None,
        keep_events: bool,
        before: Before | None = None,
        bindings: dict[str, Binding] | None = None,
    ) -> None:
        if options.model is None and any(tool.context_parameter is not None for tool in tools.values()):
            self._asked = _tool_model(model, options)
            options = replace(options, model=self._asked)
        if is_async(options.on_event):
            self._listener = AsyncListener(options.on_event)  # type: ignore[arg-type]
            options = replace(options, on_event=self._listener.put)
        if in_notebook():
            from lcc.pages.notebook import Watched

            self._watched = Watched(plan, options.on_event)
            options = replace(options, on_event=self._watched)
        run_id = None
        if self._journal is not None:
            options, run_id = _recorded(options, self._journal, plan, inputs), self._journal.run
        self._run = PlanRun(
            plan,
            tools,
            inputs,
            options=options,
            keep_events=keep_events,
            before=before,
            bindings=bindings,
            run_id=run_id,
        )

    async def __aenter__(self) -> Self:
        if self._sources is None:
            return await self._entered()
        tools = await self._sources.__aenter__()
        try:
            self._bind(tools)
            return await self._entered()
        except BaseException as error:
            await self._sources.__aexit__(type(error), error, error.__traceback__)
            raise

    async def _entered(self) -> Self:
        if self._asked is not None:
            await self._asked.__aenter__()
        if self._listener is not None:
            await self._listener.open(lambda: self.cancel("the run was stopped: on_event raised an exception"))
        try:
            await self._run.__aenter__()
        except BaseException as error:
            if self._listener is not None:
                await self._listener.close(now=True)
            if self._journal is not None:
                self._journal.close(None)
            if isinstance(error, RunError):
                raise self._refused(error.diagnostics) from None
            raise
        return self

    async def __aexit__(
        self, type_: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            await self._run.__aexit__(type_, error, traceback)
            if self._listener is not None and error is None:
                await self._listener.heard()
        finally:
            if self._listener is not None:
                await self._listener.close(now=error is not None)
            if self._journal is not None:
                self._close(self._journal, over=error is None and not self._cancelled)
            try:
                if self._asked is not None:
                    await self._asked.__aexit__(type_, error, traceback)
            finally:
                if self._sources is not None:
                    await self._sources.__aexit__(type_, error, traceback)
        if self._cell is not None:
            self._cell.update()
        if error is None:
            self._raise_heard()

    def _close(self, journal: RunJournal, *, over: bool) -> None:
        """Close the journal. A run that isn't over, or waits for somebody, can be gone on with."""
        from lcc.runtime.journal.spilling import spilled

        journal.close(self.result if over and not self.result.waits else None)
        if self._run.ended:
            self._run.keep(spilled(journal, self.result))

    def __str__(self) -> str:
        return f"run {self.id}: {self.result.status.value if self._run.ended else 'running'}"

    def _repr_html_(self) -> str | None:
        result = self.result if self._run.ended else None
        if self._watched is None:
            return None if result is None else result._repr_html_()
        return self._watched.html(result)

    def _ipython_display_(self) -> None:
        """Show the run in a notebook, as it goes on."""
        from lcc.pages.notebook import LiveCell

        self._cell = LiveCell(self._repr_html_, lambda: self._run.ended)

    def __aiter__(self) -> AsyncIterator[Event]:
        """Iterate over the run's events, from its start to its end."""
        return self._run.__aiter__()

    @property
    def id(self) -> str:
        """What the run is called, in its journal too."""
        return self._run.id

    @property
    def result(self) -> RunResult:
        """What the run gave; raises RuntimeError before it has ended."""
        return self._run.result

    async def wait(self) -> RunResult:
        """Wait for the end and return the result. If the caller is cancelled, the run is too."""
        result = await self._run.wait()
        if self._listener is not None:
            await self._listener.heard()
            self._raise_heard()
        return result

    def _raise_heard(self) -> None:
        """Raise what an async `on_event` raised, as it is."""
        error = None if self._listener is None else self._listener.error
        if error is not None:
            hand_over(error, "lcc_result", self.result)
            raise error

    def cancel(self, message: str = "cancelled") -> None:
        """Stop the run: what runs is told to stop, what hasn't started never will. What has ended is kept."""
        self._cancelled = True
        self._run.cancel(message)

    def _refused(self, diagnostics: tuple[Diagnostic, ...]) -> CompileError:
        if self._source is None:
            diagnostics = tuple(replace(d, span=None, labels=(), fix=None) for d in diagnostics)
        return CompileError(diagnostics, self._source or Source("<plan>", ""))


def _recorded(options: Options, journal: RunJournal, plan: Plan, inputs: Mapping[str, Json]) -> Options:
    """Return the options of a run that is recorded: what must be approved of can wait in its journal."""
    from lcc.runtime.calls.secrets import Secrets
    from lcc.runtime.journal.pending import Waiting

    secrets = Secrets(plan.inputs, inputs)
    approve = Waiting(journal.file.path, journal.run, secrets.hide_value).approver(options.approve)
    return replace(options, journal=journal, approve=approve)


def check_run_arguments(inputs: object, options: Options | None, model: object) -> None:
    """Raise TypeError for inputs, options or a model of another kind."""
    require(inputs, Mapping, "inputs", 'a dict of values by name: {"city": "Paris"}')
    require(options, (Options, type(None)), "options", "lcc.Options(…)")
    check_model(model)


def _tool_model(model: str | ModelSettings | None, options: Options) -> OwnToolModel:
    from lcc.ask.accounts import Limits
    from lcc.ask.tool_model import OwnToolModel
    from lcc.models.resolve import resolve_role

    budget = Limits(tokens=options.budget.tokens, usd=options.budget.usd)
    return OwnToolModel(lambda: resolve_role("tools", model), budget)
