"""Run a plan: check its inputs, bind its tools, schedule its tasks, and give the results back whatever happens.

The scheduler's task group lives in a task of its own, beside the caller's. So the caller can leave a call that doesn't stop when it
is told to; otherwise it always waits until everything has been wound up. The caller's cancellation is passed on by hand.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from functools import partial
from os import urandom
from types import MappingProxyType, TracebackType
from typing import Self, cast

from anyio import CancelScope, Event, create_task_group, get_cancelled_exc_class, move_on_after
from anyio.abc import TaskGroup
from anyio.lowlevel import checkpoint

from lcc.grammar.given import require
from lcc.grammar.ir import InputDecl, Plan, Statement, TaskId, Value, block_calls, calls_of
from lcc.grammar.values import Json
from lcc.runtime.binding import Binding
from lcc.runtime.calls.built_in import BUILT_IN, with_built_in
from lcc.runtime.calls.toolbox import Toolbox
from lcc.runtime.clock import spawn_detached
from lcc.runtime.consent.write_log import WriteLog
from lcc.runtime.events import Event as RunEvent, EventSink, RunEnded, RunStarted
from lcc.runtime.failures import class_name
from lcc.runtime.graph.flat_issuer import FlatIssuer
from lcc.runtime.graph.issuer import NewIssuer
from lcc.runtime.inputs import RunError, check_inputs, check_run, input_values, unknown_limit, unknown_tool
from lcc.runtime.options import Options, unknown_tools
from lcc.runtime.program.before import Before
from lcc.runtime.result import Failure, FailureKind, RunResult
from lcc.runtime.scheduler import Scheduler
from lcc.runtime.tool import Tool, open_lifespans
from lcc.runtime.watch.event_stream import EventStream, share
from lcc.runtime.watch.log import listener
from lcc.runtime.watch.watchdog import Watchdog

NO_INPUTS: Mapping[str, Json] = MappingProxyType({})
DEFAULTS = Options()


def hand_over(error: BaseException, name: str, found: object) -> None:
    """Let the caller's own exception hold what there is, since nothing can be returned beside it."""
    error.add_note(f"raised by on_event, which stopped lcc; what had ended by then is in this exception's `{name}`")
    with suppress(AttributeError, TypeError):  # it has slots
        setattr(error, name, found)


async def execute(
    plan: Plan, tools: Mapping[str, Tool], inputs: Mapping[str, Json] = NO_INPUTS, *, options: Options = DEFAULTS
) -> RunResult:
    """Run a whole plan and return its results, on asyncio or trio. Failed tasks are in the result; they don't raise.

    Raises RunError, before anything is called, if an input or a tool's code is missing. If the caller is cancelled, running
    calls are stopped first; use `Run` to see what they left.
    """
    async with Run(plan, tools, inputs, options=options, keep_events=False) as run:
        return await run.wait()


def _issuer_of(plan: Plan | None, before: Before | None, tools: Mapping[str, Tool]) -> NewIssuer:
    """Return who says what a plan does next. `before`: what ran before a program that is still being written."""
    if plan is None or plan.body is None:
        return FlatIssuer
    if before is None:
        from lcc.runtime.program.machine import (
            Machine,  # it loads all operations, which plans of calls alone don't need
        )

        return Machine
    from lcc.runtime.program.arriving import ArrivingMachine

    return partial(ArrivingMachine, signatures={name: tool.signature for name, tool in tools.items()}, before=before)


class Run:
    """A plan that runs while the caller does something else, such as following its events.

        async with Run(plan, tools) as run:
            async for event in run:
                ...
        print(run.result.join)

    Leaving the block waits for the end; leaving it by an exception cancels what runs. `result` is there afterwards in both
    cases, with everything that had finished. Without a plan the run is open: `add` gives it tasks, `finish` the whole plan. So it is
    with a strict plan with a body and `before`, which says what ran before it: `add` gives it statements.
    """

    _scheduler: Scheduler | None = None
    _error: BaseException | None = None
    _callback_error: BaseException | None = None
    _failure: Failure | None = None
    _result: RunResult | None = None
    _watchdog: Watchdog | None = None

    def __init__(
        self,
        plan: Plan | None,
        tools: Mapping[str, Tool],
        inputs: Mapping[str, Json] = NO_INPUTS,
        *,
        options: Options = DEFAULTS,
        bindings: dict[str, Binding] | None = None,
        earlier: Mapping[TaskId, Json] = NO_INPUTS,  # type: ignore[assignment]
        keep_events: bool = True,
        run_id: str | None = None,
        before: Before | None = None,
        writes: WriteLog | None = None,
    ) -> None:
        """Prepare a run. `earlier` holds results of earlier plans that this one may refer to, by id, `writes` what they wrote.

        `bindings`: those of other runs of this plan with these tools and options; what can be shared is added. If they are given, the tools
        are known to be all that the plan calls.
        `run_id`: what idempotency keys are made from; a resumed run must have that of the one it resumes.
        `keep_events`: keep events for `async for`; turn it off where nobody iterates and memory matters.
        """
        require(inputs, Mapping, "inputs", 'a dict of values by name: {"city": "Paris"}')
        self.plan = plan
        self._before, self._writes = before, writes
        self._prepared = bindings is not None
        if bindings is None:
            tools = with_built_in(plan, tools) if before is None else {**BUILT_IN, **tools}
        self._toolbox = Toolbox(tools, options, bindings)
        self._tools = tools
        self._inputs, self._values = inputs, dict(inputs)
        self._options = options
        self._earlier = earlier
        self._stream = EventStream[RunEvent]() if keep_events else None
        self._started, self._left = Event(), Event()
        self._declared: list[InputDecl] = []
        self._body: list[Statement] = []
        self._run_id = run_id or urandom(16).hex()

    @property
    def id(self) -> str:
        """What the run is called."""
        return self._run_id

    @property
    def result(self) -> RunResult:
        """What the run gave; raises RuntimeError before it has ended."""
        if self._result is None:
            raise RuntimeError("the run has not ended")
        return self._result

    def keep(self, result: RunResult) -> None:
        """Hold another form of what the run gave from now on, and let go of the results themselves."""
        if self._scheduler is not None and result is not self._result:
            self._scheduler.issuer.nodes.clear()
        self._result = result

    @property
    def ended(self) -> bool:
        """Whether there is a result."""
        return self._result is not None

    def __aiter__(self) -> AsyncIterator[RunEvent]:
        """Iterate over the run's events from its start to its end."""
        if self._stream is None:
            raise RuntimeError("this run keeps no events")
        return self._stream

    async def __aenter__(self) -> Self:
        wrong = [unknown_limit(name, help) for name, help in unknown_tools(self._options, self._tools)]
        if wrong:
            raise RunError(wrong)
        if self._prepared and self.plan is not None:
            self._values = check_inputs(self.plan, self._inputs)
        elif self.plan is not None and self._before is None:
            self._values = check_run(self.plan, self._tools, self._inputs)
        self._lifespans = AsyncExitStack()
        await open_lifespans(self._tools.values(), self._lifespans)
        spawn_detached(self._host)
        with CancelScope(shield=True):
            await self._started.wait()
        if self._scheduler is None:
            assert self._error is not None
            raise self._error
        return self

    async def __aexit__(
        self, type_: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        scheduler = self._running()
        if error is not None:
            self.cancel()
        elif not scheduler.whole:
            self.cancel("the plan was never finished")
        try:
            await self._wind_up()
        finally:
            await self._lifespans.aclose()
        if self._error is not None and error is None:
            raise self._error

    async def wait(self) -> RunResult:
        """Wait for the end and return the result. If the caller is cancelled, the run is too."""
        await self._wind_up()
        if self._error is not None:
            raise self._error
        return self.result

    def add(self, statement: Statement) -> None:
        """Add a task, or a statement of a body, of a plan that is still being written, behind those added before it.

        What only reads starts at once if all that it waits for has ended; anything else waits for `finish`. Raises
        RunError if a tool has no code here; the run goes on without the statement. A run that has ended stays as it is.
        """
        unknown = [task for task in block_calls((statement,)) if task.tool not in self._tools]
        if unknown:
            raise RunError([unknown_tool(task, self._tools) for task in unknown])
        if not self._has_ended():
            self._body.append(statement)
            if self._before is not None and any(declared.secret for declared in self._declared):
                self._hide_secret_calls(Plan(inputs=tuple(self._declared), body=tuple(self._body), fails="strict"))
            self._running().add(statement)

    def declare(self, declared: InputDecl) -> None:
        """Take an input that a plan declares which is still being written: a secret one is kept out of what is told from here on."""
        if self._has_ended():
            return
        self._declared.append(declared)
        values, _ = input_values(self._declared, self._inputs)
        if declared.secret:
            self._running().secrets.learn(self._declared, values)
        if self._before is not None:
            self._running().issuer.declare(values)

    def gather(self, lists: Mapping[TaskId, Value]) -> None:
        """Say what the results of fan-outs are made of that were expanded before their calls were added.

        A text that reads such a result waits for all of it. `finish` reads the same from the record of the whole plan.
        """
        self._running().issuer.gather(lists)

    def retract(self, id_: TaskId) -> None:
        """Take back a task that was added, with all that reads it. Results are dropped, running calls are told to stop."""
        if not self._has_ended():
            self._running().retract(id_)

    def finish(self, plan: Plan) -> None:
        """Give the whole plan, verified, and let everything else start. The passes may have changed it since `add`.

        What has started stays if its id is in the plan, whatever its arguments look like now; running calls whose id isn't are
        told to stop. Raises RunError as `execute` does; then nothing has changed. A run that has ended stays as it is.
        """
        values = check_run(plan, self._tools, self._inputs)
        scheduler = self._running()
        if self._has_ended():
            return
        self.plan = plan
        scheduler.issuer.inputs = values
        self._note_secrets(values)
        scheduler.revise(plan)
        scheduler.finish()

    def cancel(self, message: str = "cancelled") -> None:
        """Stop the run: what runs is told to stop, what hasn't started never will. What has ended is kept; so is an ended run."""
        scheduler = self._running()
        scheduler.stop(Failure(FailureKind.CANCELLED, message), writes=True)
        scheduler.finish()

    def _has_ended(self) -> bool:
        """Whether the results stand. Until they do, a run that was stopped still takes tasks, which it cancels."""
        scheduler = self._running()
        return self._result is not None or (scheduler.over and scheduler.issuer.doom is None)

    def _running(self) -> Scheduler:
        if self._scheduler is None:
            raise RuntimeError("the run has not been entered")
        return self._scheduler

    async def _wind_up(self) -> None:
        """Wait until all tasks have ended, then, for the time of grace, until their code has too."""
        ended = self._running().ended
        try:
            if not ended.is_set():
                await ended.wait()
        except get_cancelled_exc_class():
            self.cancel()
            with CancelScope(shield=True):
                await ended.wait()
            await self._leave()
            raise
        await self._leave()

    async def _leave(self) -> None:
        if (self._running().crew.going or self._toolbox.in_use) and not self._left.is_set():
            with move_on_after(self._options.grace, shield=True):
                await self._left.wait()
        if self._result is None:
            self._conclude()

    async def _host(self) -> None:
        """Hold the run's one task group. Never raises, since nobody awaits it."""
        try:
            async with create_task_group() as group:
                self._begin(group)
                self._started.set()
                scheduler = self._running()
                await scheduler.ended.wait()
                if self._result is None:
                    self._conclude()
                await self._toolbox.close()
                if scheduler.crew.going:
                    group.cancel_scope.cancel()
                    scheduler.crew.dismiss()
            await scheduler.crew.gone()
        except BaseException as error:
            self._broke(error)
            await self._dismiss()
        finally:
            self._toolbox.leave_pool()
            if self._watchdog is not None:
                self._watchdog.stop()
            self._started.set()
            self._left.set()

    async def _dismiss(self) -> None:
        """Have the workers end of a run that came apart."""
        if self._scheduler is not None:
            self._scheduler.crew.dismiss()
            with CancelScope(shield=True):
                await self._scheduler.crew.gone()

    def _begin(self, group: TaskGroup) -> None:
        scheduler = Scheduler(
            self._toolbox,
            self._values,
            self._options,
            group,
            self._sink(),
            self._run_id,
            _issuer_of(self.plan, self._before, self._tools),
            self._writes,
        )
        self._scheduler = scheduler
        self._toolbox.host = scheduler
        self._note_secrets(self._values)
        scheduler.issuer.seed(self._earlier)
        if scheduler.emit is not None:
            scheduler.emit(RunStarted(scheduler.began, 0 if self.plan is None else sum(1 for _ in calls_of(self.plan))))
        if self._options.block_warning is not None:
            self._watchdog = Watchdog(self._options.block_warning, scheduler.loop_was_held, scheduler.secrets.hide)
            self._watchdog.start()
        if self._options.deadline is not None:
            scheduler.timers.at(scheduler.began + self._options.deadline, self._overdue)
        if self.plan is not None:
            scheduler.issuer.begin(self.plan)
            if self._before is None:
                scheduler.finish()

    def _note_secrets(self, values: Mapping[str, Json]) -> None:
        if self.plan is not None and any(declared.secret for declared in self.plan.inputs):
            self._running().secrets.learn(self.plan.inputs, values)
            if self.plan.body is not None:
                self._hide_secret_calls(self.plan)

    def _hide_secret_calls(self, plan: Plan) -> None:
        from lcc.passes.analysis.secrecy import secrecy  # few plans have both secrets and a body

        self._running().secrets.calls = secrecy(plan)

    def _overdue(self, *_: object) -> None:
        scheduler, deadline = self._running(), self._options.deadline
        if not scheduler.over:
            self._failure = Failure(FailureKind.TIMEOUT, f"the run was stopped at its deadline of {deadline:g} s")
            scheduler.stop(self._failure, writes=True)
            scheduler.finish()

    def _sink(self) -> EventSink | None:
        stream = self._stream
        callback = cast("EventSink | None", self._options.on_event)  # `lcc.Run` makes one of a coroutine function
        log = listener(self._run_id)
        if log is not None:
            callback = log if callback is None else share(log, callback)
        if callback is None:
            return None if stream is None else stream.put

        def guarded(event: RunEvent) -> None:
            try:
                if self._callback_error is None:
                    callback(event)
            except BaseException as error:
                self._callback_raised(error)
            if stream is not None:
                stream.put(event)

        return guarded

    def _callback_raised(self, error: BaseException) -> None:
        """Stop the run for an exception of the caller's own: in a turn of its own, since an event is told in the middle of things."""
        self._callback_error = error
        scheduler = self._running()

        async def stop() -> None:
            await checkpoint()
            failure = Failure(FailureKind.CANCELLED, f"the run was stopped: on_event raised {class_name(error)}")
            scheduler.stop(failure, writes=True)
            scheduler.halted = False
            scheduler.finish()

        if not scheduler.over:
            scheduler.halted = True
            scheduler.start(stop)

    def _conclude(self) -> None:
        scheduler = self._running()
        now = scheduler.clock()
        plan = self.plan or Plan()
        deadline = self._options.deadline
        if self._failure is None and deadline is not None and scheduler.issuer.now > scheduler.began + deadline:
            self._failure = Failure(FailureKind.TIMEOUT, f"the run ended after its deadline of {deadline:g} s")
        failure = self._failure or scheduler.failure
        result = scheduler.issuer.outcome(plan, scheduler.began, now, scheduler.ledger.usage, failure)
        self._result = replace(result, plan=plan)
        if scheduler.emit is not None:
            scheduler.emit(RunEnded(now, self._result.status))
        if self._callback_error is not None:
            hand_over(self._callback_error, "lcc_result", self._result)
        self._error = self._error or self._callback_error or scheduler.error
        if self._stream is not None:
            self._stream.close()

    def _broke(self, error: BaseException) -> None:
        """Keep what ended before the run itself broke; `error` is raised to the caller."""
        while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
            error = error.exceptions[0]
        if self._result is None:
            self._error = self._error or error
            if self._scheduler is not None:
                self._scheduler.broke(error)
                with suppress(Exception):  # the first error is the one to tell
                    self._conclude()
