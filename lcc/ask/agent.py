"""Offer asking to programs: an agent is tools and models, and answers questions.

    agent = lcc.Agent(tools=[search, math], model="gpt-5-mini")
    answer = await agent.ask("How much higher is Everest than Kilimanjaro?")
    print(answer.text)

Everything runs on asyncio and on trio.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from copy import copy
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, Self, overload

from anyio import create_task_group, get_cancelled_exc_class, to_thread
from anyio.abc import TaskGroup

from lcc.ask.accounts import Accounts, Limits
from lcc.ask.answer import Answer, AskFailed, T
from lcc.ask.asked import Asked, AskSettings, Solver
from lcc.ask.caller import Caller
from lcc.ask.diary import Diary
from lcc.ask.events import AskEvent, AskListener, ModelLoading, Running
from lcc.ask.keeping import JournalPlace, Put, found_again, kept, opener, own_journal, place_of
from lcc.ask.planning.few_shots import FewShot
from lcc.ask.planning.plan_files import PlanCache
from lcc.ask.session import Listener, Session, listening
from lcc.ask.strategies import LOOPS, check_language, check_options, check_tools
from lcc.ask.strategies.examples import load_examples
from lcc.ask.strategies.openai_parallel import OpenAIParallel
from lcc.ask.strategies.plan_and_join import PlanAndJoin
from lcc.ask.strategies.react import React
from lcc.ask.strategies.rewoo import Rewoo
from lcc.ask.strategies.skeleton import Skeleton
from lcc.ask.tool_choice import ToolChoice
from lcc.ask.tool_model import AskToolModel
from lcc.ask.typed import AnswerType
from lcc.compiler import plan_text
from lcc.grammar.constrain.bounds import Bounds
from lcc.grammar.diagnostics import Diagnostic
from lcc.grammar.given import in_brief, kind_of, require, require_callable, require_listener
from lcc.grammar.shown import in_notebook
from lcc.grammar.signatures import Tools
from lcc.models.request import SPEAKERS, Message
from lcc.models.resolve import open_models, resolve_roles
from lcc.models.settings import Constrain, ModelSettings, Roles, check_model
from lcc.plan_request import PlanApprover, PlanRequest
from lcc.python_tools.collect import as_tools, tools_given
from lcc.python_tools.lifespan import OpenTools, has_sources
from lcc.runtime.blocking import in_event_loop, run_blocking
from lcc.runtime.clock import loop_clock
from lcc.runtime.consent.write_log import WriteLog
from lcc.runtime.journal.questions import QuestionJournal
from lcc.runtime.options import LATER, Later, Options, unknown_tools
from lcc.runtime.tool import open_lifespans
from lcc.runtime.watch.event_stream import EventStream

if TYPE_CHECKING:
    from lcc.pages.notebook import LiveCell, Watched

History = Sequence[Message | tuple[str, str] | Mapping[str, str]]
"""Earlier messages of a conversation: `("user", text)`, `("assistant", text)`, or objects with `role` and `content`."""


class Agent:
    """Tools and models that answer questions. It has no state: the same agent may answer many questions at once.

    Sources among the tools, such as tool servers, are opened for each question, or once for all in `async with agent:`.
    `model`: the model of every role, else `LCC_MODEL`; `planner`, `joiner`, `tool_model`: those of one, the last that of tools
    which ask a model. `base_url`, `api_key`: of all of them, else `LCC_BASE_URL` or `OPENAI_BASE_URL`, and `LCC_API_KEY` or
    `OPENAI_API_KEY`. `strategy`: one of `lcc.ask.strategies.STRATEGIES`. `examples`: plan files that begin with `# Request: …`,
    or what else the strategy takes. `plan_cache`: use the plan that was made for the same question before. `constrain`: hold the
    planner to a grammar, as in `ModelSettings`; `plan_bounds`: what its plans may then hold. `language`: `plan`, `steps`, or
    `python` for programs. `repeat`: as in `AskSettings`; strategies that look at each result before the next call allow repeating by default.
    `journal`: where questions are kept, so that `resume` can go on with them; by default in this user's journal where a tool may write.
    `approve_plan`: asked before anything of a plan is called, with an `lcc.PlanRequest`. `result_tokens`: how many tokens of a result a
    model is shown. `tool_search`: how many tools models are told of, those that fit the question; by default all. `level`: of optimization,
    0 to 3. `max_replans`: further plans after the first. `max_steps`: turns of a loop of model and tools. The rest is as in `AskSettings`.

    Raises ToolError for what can't be a tool, NoModel where no model is configured or its configuration can't be used, CompileError for an
    example that can't be read, ValueError for a setting that there isn't.
    """

    _open: OpenTools | None = None

    def __init__(
        self,
        tools: Iterable[object],
        model: str | ModelSettings | Roles | None = None,
        *,
        base_url: str | None = None,
        api_key: str | None = None,
        planner: str | ModelSettings | None = None,
        joiner: str | ModelSettings | None = None,
        tool_model: str | ModelSettings | None = None,
        strategy: str = "lcc",
        max_replans: int | None = None,
        max_steps: int | None = None,
        parallel_workers: bool | None = None,
        examples: Iterable[FewShot | str | Path] = (),
        result_tokens: int | None = None,
        level: int | None = None,
        limits: Limits | None = None,
        options: Options | None = None,
        plan_cache: PlanCache | None = None,
        constrain: Constrain | None = None,
        plan_bounds: Bounds | None = None,
        language: str = "plan",
        repeat: str | None = None,
        tool_search: int | None = None,
        journal: JournalPlace = None,
        approve_plan: PlanApprover | None = None,
        prompts: bool | None = None,
    ) -> None:
        """Bind tools to models. Raises NoModel, CompileError for a wrong example, ValueError for an option of no use to the strategy."""
        own: dict[str, Any] = {"max_replans": max_replans, "max_steps": max_steps, "parallel_workers": parallel_workers}
        own |= {"level": level, "result_tokens": result_tokens, "plan_bounds": plan_bounds, "tool_search": tool_search}
        own |= {"language": None if language == "plan" else language, "examples": _examples(examples) or None}
        rest = {"plan_cache": plan_cache, "joiner": joiner, "constrain": constrain, "approve_plan": approve_plan}
        _check_options(strategy, language, own, rest)
        self.plan_cache, self.approve_plan = plan_cache, approve_plan
        self.roles = _roles(model, (planner, joiner, tool_model), base_url, api_key, constrain)
        own |= {"limits": limits, "options": options, "repeat": repeat or _repeat(strategy), "prompts": prompts}
        self._begin(tools, strategy, language, own, True if journal is None and approve_plan else journal)

    def _begin(
        self, tools: Iterable[object], strategy: str, language: str, own: Mapping[str, Any], journal: JournalPlace
    ) -> None:
        require(own["options"], (Options, type(None)), "options", "lcc.Options(…)")
        require_listener(None if own["options"] is None else own["options"].on_event)
        self._place = journal
        self._open: OpenTools | None = None
        self.strategy = strategy
        self._language = language
        self._own = own
        self._given = tools_given(tools)
        self.signatures: Tools = {}
        if not has_sources(self._given):
            self._bind(self._given)

    def _bind(self, tools: Iterable[object]) -> None:
        """Bind to tools whose sources are open."""
        own = dict(self._own)
        self.tools = as_tools(tools)
        check_tools(self.strategy, self.tools)
        for name, help in unknown_tools(own["options"] or Options(), self.tools):
            raise ValueError(f"the options limit or hedge the tool `{name}`, which isn't there; {help}")
        self.signatures = {name: tool.signature for name, tool in self.tools.items()}
        self.journal, self._named_journal = place_of(self._place, self.signatures), isinstance(self._place, str | Path)
        own["examples"] = load_examples(self.strategy, own["examples"] or (), self.signatures, self._language)
        self.settings = AskSettings(**_given(own))

    async def __aenter__(self) -> Self:
        """Open the sources among the tools, until the block ends; without a block each question opens them."""
        if has_sources(self._given):
            opening = OpenTools(self._given)
            tools = await opening.__aenter__()
            try:
                self._bind(tools)
            except BaseException as error:
                await opening.__aexit__(type(error), error, error.__traceback__)
                raise
            self._open = opening
        return self

    async def __aexit__(
        self, type_: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        opened, self._open = self._open, None
        if opened is not None:
            await opened.__aexit__(type_, error, traceback)

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[Self]:
        """Give the agent with its sources open."""
        if self._open is not None or not has_sources(self._given):
            yield self
            return
        async with OpenTools(self._given) as tools:
            agent = copy(self)
            agent._bind(tools)
            yield agent

    def with_tools(self, tools: Iterable[object]) -> Self:
        """Return the same agent with other tools, such as those that one request may use. This agent stays as it is.

        Raises ToolError for what can't be a tool.
        """
        agent = copy(self)
        agent._open, agent._given, agent.signatures = None, tools_given(tools), {}
        if not has_sources(agent._given):
            agent._bind(agent._given)
        return agent

    @overload
    async def ask(
        self,
        question: str,
        *,
        history: History = (),
        answer_type: type[T],
        plan: str | None = None,
        on_event: AskListener | None = None,
    ) -> Answer[T]: ...

    @overload
    async def ask(
        self,
        question: str,
        *,
        history: History = (),
        answer_type: Any = None,
        plan: str | None = None,
        on_event: AskListener | None = None,
    ) -> Answer[Any]: ...

    async def ask(
        self,
        question: str,
        *,
        history: History = (),
        answer_type: Any = None,
        plan: str | None = None,
        on_event: AskListener | None = None,
    ) -> Answer:
        """Answer a question. `history`: the conversation before it; instructions for this question are a system message in it.

        `answer_type`: what the answer's `value` shall be. `plan`: the text of the first plan, which is then not asked for. `on_event`: called with each event, and awaited if it is async; what it raises ends the
        ask, and is raised as it is, with what is known by then in its attribute `lcc_answer`. Raises AskFailed if a model gives no answer; reaching a limit doesn't raise.
        Raises ToolError where the tools of an opened source can't be used.
        """
        require(question, str, "the question", "text")
        require_callable(on_event, "on_event", "a function of one event")
        if plan is not None:
            plan = plan_text(plan)
            check_options(self.strategy, ["plan"])
        if answer_type is not None:
            check_options(self.strategy, ["answer_type"])
        said = _messages(history)
        type_ = None if answer_type is None else AnswerType(answer_type)
        async with listening(on_event) as listener, self._opened() as agent:
            approves = agent.approve_plan is not None
            put = Put(question, said, type_, plan, agent.strategy, agent.settings, approves)
            notes: list[Diagnostic] = []
            open_ = opener(agent.journal, put, agent.signatures, notes, named=agent._named_journal)
            return await agent._ask(put, open_, listener, notes)

    @overload
    def ask_sync(
        self,
        question: str,
        *,
        history: History = (),
        answer_type: type[T],
        plan: str | None = None,
        on_event: AskListener | None = None,
    ) -> Answer[T]: ...

    @overload
    def ask_sync(
        self,
        question: str,
        *,
        history: History = (),
        answer_type: Any = None,
        plan: str | None = None,
        on_event: AskListener | None = None,
    ) -> Answer[Any]: ...

    def ask_sync(
        self,
        question: str,
        *,
        history: History = (),
        answer_type: Any = None,
        plan: str | None = None,
        on_event: AskListener | None = None,
    ) -> Answer:
        """Do what `ask` does on an event loop of its own. Raises RuntimeError inside a running one: `await agent.ask(…)` there."""
        if in_event_loop():
            raise RuntimeError("agent.ask_sync() can't be used inside a running event loop; use `await agent.ask(…)`")
        given = {"history": history, "answer_type": answer_type, "plan": plan, "on_event": on_event}
        return run_blocking(lambda: self.ask(question, **given))

    @overload
    async def resume(
        self,
        journal: str | Path | None = None,
        question: str | None = None,
        *,
        answer_type: type[T],
        on_event: AskListener | None = None,
    ) -> Answer[T]: ...

    @overload
    async def resume(
        self,
        journal: str | Path | None = None,
        question: str | None = None,
        *,
        answer_type: Any = None,
        on_event: AskListener | None = None,
    ) -> Answer[Any]: ...

    async def resume(
        self,
        journal: str | Path | None = None,
        question: str | None = None,
        *,
        answer_type: Any = None,
        on_event: AskListener | None = None,
    ) -> Answer:
        """Go on with a question whose process ended: no model is asked again, and no call made again, of which the journal knows the end.

        `journal`: the path of the file, by default the agent's own or this user's. `question`: the beginning of its id, by default the last.
        Strategy, conversation and limits of plans are those of then. Raises JournalError if it is being answered, or tools have changed; else as `ask`.
        """
        require_callable(on_event, "on_event", "a function of one event")
        require(journal, (str, Path, type(None)), "journal", "the path of a file")
        require(question, (str, type(None)), "question", "the beginning of an id")
        type_ = None if answer_type is None else AnswerType(answer_type)
        async with listening(on_event) as listener, self._opened() as agent:
            place = Path(journal) if journal is not None else agent.journal or own_journal()
            found = await to_thread.run_sync(found_again, place, question, agent.signatures, agent.settings, type_)
            return await agent._ask(found[0], lambda: found[1], listener, [])

    async def _ask(
        self,
        put: Put,
        open_: Callable[[], QuestionJournal | None] | None,
        emit: Listener,
        notes: Sequence[Diagnostic],
    ) -> Answer:
        outcome: list[Answer] = []
        with emit.own_error():
            async with kept(open_, self.signatures, outcome) as diary:
                try:
                    outcome.append(await self._answer(put, diary, emit, notes))
                except AskFailed as failed:
                    outcome.append(failed.answer)
                    raise
        return outcome[0]

    async def _answer(self, put: Put, diary: Diary, emit: Listener, notes: Sequence[Diagnostic]) -> Answer:
        clock = loop_clock()
        settings = put.settings
        accounts = Accounts(settings.limits, clock, emit)
        async with AsyncExitStack() as stack:
            await open_lifespans(self.tools.values(), stack)
            models = await open_models(self.roles, stack, lambda loading: emit(ModelLoading(loading)))
            caller = Caller(models, self.roles.by_name(), accounts, clock, diary, prompts=self.settings.prompts)
            choice = self._choice(put)
            asked = Asked(
                question=put.question,
                history=put.history,
                answer_type=put.answer_type,
                tools=self.tools if choice is None else choice.tools,
                signatures=self.signatures if choice is None else choice.signatures,
                choice=choice,
                settings=replace(settings, options=_with(settings.options, AskToolModel(caller), diary)),
                caller=caller,
                emit=emit,
                writes=WriteLog(settings.repeat, diary.read),
                approve_plan=(self.approve_plan or _nobody) if put.approves else None,
            )
            cache, model = self.plan_cache if diary.is_new else None, self.roles.planner.model
            solver = _solver(put.strategy, asked, plan=put.plan or diary.first_plan, cache=cache, model=model)
            session = Session(solver, accounts, settings.limits, clock, emit, diary.question, notes)
            emit.so_far = session.so_far
            return await session.answer()

    def _choice(self, put: Put) -> ToolChoice | None:
        most = put.settings.tool_search
        return ToolChoice(self.tools, put.question, put.history, most) if most and most < len(self.tools) else None

    @overload
    def stream(
        self,
        question: str,
        *,
        history: History = (),
        answer_type: type[T],
        plan: str | None = None,
    ) -> Asking[T]: ...

    @overload
    def stream(
        self,
        question: str,
        *,
        history: History = (),
        answer_type: Any = None,
        plan: str | None = None,
    ) -> Asking[Any]: ...

    def stream(
        self, question: str, *, history: History = (), answer_type: Any = None, plan: str | None = None
    ) -> Asking:
        """Answer a question while the caller follows what happens; takes what `ask` takes."""
        return Asking(self, question, history, answer_type, plan)


class Asking(Generic[T]):
    """A question that is being answered.

        async with agent.stream("How high is Everest?") as asking:
            async for event in asking:
                ...
        print(asking.answer.text)

    Leaving the block early cancels what runs. An AskFailed is raised by the iteration, or on leaving the block.
    """

    def __init__(self, agent: Agent, question: str, history: History, answer_type: Any, plan: str | None) -> None:
        self._agent = agent
        self._question = question
        self._history = history
        self._type = answer_type
        self._plan = plan
        self._events = EventStream[AskEvent]()
        self._group: TaskGroup | None = None
        self._answer: Answer[T] | None = None
        self._error: Exception | None = None
        self._watched: dict[int, Watched] = {}
        self._cell: LiveCell | None = None

    @property
    def answer(self) -> Answer[T]:
        """The answer; raises RuntimeError before there is one."""
        if self._answer is None:
            raise RuntimeError("the question is not answered yet")
        return self._answer

    async def __aenter__(self) -> Self:
        self._group = create_task_group()
        await self._group.__aenter__()
        self._group.start_soon(self._work)
        return self

    async def __aexit__(
        self, type_: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._group is not None
        if error is not None or not self._events.drained:
            self._group.cancel_scope.cancel()
        # The group is left as if nothing had happened, or it would wrap the caller's exception in a group.
        cancelled = isinstance(error, get_cancelled_exc_class())
        await self._group.__aexit__(*((type_, error, traceback) if cancelled else (None, None, None)))
        if self._cell is not None:
            self._cell.update()
        if self._error is not None and error is None:
            raise self._error

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> AskEvent:
        return await anext(self._events)

    def _heard(self, event: AskEvent) -> None:
        if isinstance(event, Running) and in_notebook():
            from lcc.pages.notebook import Watched

            self._watched.setdefault(event.round, Watched())(event.event)
        self._events.put(event)

    def _repr_html_(self) -> str:
        if self._answer is not None:
            return self._answer._repr_html_()
        if isinstance(self._error, AskFailed):
            return self._error._repr_html_()
        from lcc.pages.notebook import answer_html

        return "".join(run.html() for run in self._watched.values()) or answer_html("running", self._question, [], [])

    def _ipython_display_(self) -> None:
        """Show in a notebook what is done for the answer, and then the answer."""
        from lcc.pages.notebook import LiveCell

        self._cell = LiveCell(self._repr_html_, lambda: self._answer is not None or self._error is not None)

    async def _work(self) -> None:
        try:
            self._answer = await self._agent.ask(
                self._question,
                history=self._history,
                answer_type=self._type,
                plan=self._plan,
                on_event=self._heard,
            )
        except Exception as error:
            self._error = error
        finally:
            self._events.close()


def _roles(
    model: str | ModelSettings | Roles | None,
    own: Sequence[str | ModelSettings | None],
    base_url: str | None,
    api_key: str | None,
    constrain: Constrain | None,
) -> Roles:
    """Return the models of all roles. `own`: those of planner, joiner and tools."""
    for name, one in zip(("model", "planner", "joiner", "tool_model"), (model, *own), strict=True):
        check_model(one, name)
    planner, joiner, tools = own
    roles = resolve_roles(model, planner=planner, joiner=joiner, tools=tools, base_url=base_url, api_key=api_key)
    return roles if constrain is None else replace(roles, planner=replace(roles.planner, constrain=constrain))


def _with(options: Options, model: AskToolModel, diary: Diary) -> Options:
    return replace(options, model=model, approve=diary.approver(options.approve))


async def _nobody(request: PlanRequest) -> Later:
    """Let a plan wait of which nobody can approve now."""
    return LATER


def _repeat(strategy: str) -> str:
    """Return what becomes of a repeated write by default: who sees each result before the next call may mean it."""
    return "allow" if strategy in LOOPS else "refuse"


def _given(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that were given; the others have their defaults."""
    return {name: value for name, value in options.items() if value is not None}


def _check_options(strategy: str, language: str, own: Mapping[str, Any], rest: Mapping[str, Any]) -> None:
    """Raise ValueError for an option that is of no use to the strategy, or where it writes programs."""
    require(rest["plan_cache"], (PlanCache, type(None)), "plan_cache", "a PlanCache of lcc.ask.planning.plan_files")
    require_callable(
        rest["approve_plan"], "approve_plan", "an async function of a request that returns True or a PlanAnswer"
    )
    given = _given({**own, **rest})
    check_options(strategy, given)
    check_language(language, [name for name in given if (name, given[name]) != ("constrain", "off")])


def _examples(given: Iterable[FewShot | str | Path]) -> tuple[FewShot | str | Path, ...]:
    if isinstance(given, str | Path):
        return (given,)
    require(given, Iterable, "examples", "a list of plan files")
    found = tuple(given)
    for one in found:
        require(one, (FewShot, str, Path), "an example", "the path of a plan file")
    return found


_HISTORY = 'a list of messages: [("user", text), ("assistant", text)]'


def _messages(history: History) -> list[Message]:
    if isinstance(history, str | Mapping):
        raise TypeError(f"the history is {kind_of(history)}, not {_HISTORY}")
    require(history, Iterable, "the history", _HISTORY)
    return [_message(one) for one in history]


def _message(given: Message | tuple[str, str] | Mapping[str, str]) -> Message:
    match given:
        case Message():
            return given
        case {"role": name, "content": str(text)}:
            pass
        case (name, str(text)):
            pass
        case _:
            raise TypeError(f"the history holds {kind_of(given)} that is no message; it is {_HISTORY}")
    for speaker in SPEAKERS:
        if name == speaker:
            return Message(speaker, text)
    raise ValueError(f"a message is by {', '.join(SPEAKERS)}, not by {in_brief(name)}")


def _solver(strategy: str, asked: Asked, *, plan: str | None, cache: PlanCache | None, model: str) -> Solver:
    """Return a strategy set to work on a question. `plan`, `cache` and `model` are for `lcc`, as in `PlanAndJoin`."""
    others: Mapping[str, Callable[[Asked], Solver]] = {
        "react": React,
        "openai-parallel": OpenAIParallel,
        "rewoo": Rewoo,
        "skeleton": Skeleton,
    }
    if strategy in others:
        return others[strategy](asked)
    return PlanAndJoin(asked, plan=plan, cache=cache, model=model)
