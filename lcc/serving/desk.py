"""The operations that are served. Arguments and results are JSON; what a model does wrong is an answer that says so, never an exception.

async with Desk(tools, options) as desk:
    await desk.run('answer(search("tides"))')
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from functools import partial
from types import TracebackType
from typing import Final, Self
from uuid import uuid4

from anyio import create_task_group, get_cancelled_exc_class
from anyio.abc import TaskGroup

from lcc.ask.planning.planner_prompt import RULES as PLAN_RULES, problems, system_message as plan_prompt
from lcc.ask.programs.program_prompt import RULES as PROGRAM_RULES, system_message as program_prompt
from lcc.compiler import Compiled, check, compile_parsed, read
from lcc.grammar.diagnostics import Diagnostic, has_errors
from lcc.grammar.diagnostics.feedback import for_model
from lcc.grammar.diagnostics.wording import brief, did_you_mean
from lcc.grammar.signatures import Signature
from lcc.grammar.source import Source
from lcc.grammar.values import Json
from lcc.python_tools.tool_index import ToolIndex
from lcc.runtime.inputs import RunError, check_run
from lcc.runtime.journal.compilation import compilation_of
from lcc.runtime.journal.file import JournalError
from lcc.runtime.journal.record import RunJournal, begin_run, resume_run
from lcc.runtime.options import Options
from lcc.runtime.tool import Tool, open_lifespans
from lcc.serving.going import Going
from lcc.serving.handles import Handles
from lcc.serving.saved_plans import SavedPlan
from lcc.serving.written_reports import report_of

LANGUAGES: Final = {"python": (PROGRAM_RULES, program_prompt), "plan": (PLAN_RULES, plan_prompt)}
PATH: Final = "<program>"
MOST_PAUSED: Final = 100
"""Runs that wait for answers; the oldest is given up beyond."""
_NO_RUN: Final = "there is no paused run `{}`: it has ended, was given up, or never began"

Report = dict[str, Json]


@dataclass(frozen=True, slots=True)
class DeskSettings:
    """What is served. `options`: those of every run. `journal`: a file in which runs are recorded, so that paused ones outlive the process.

    `pauses`: a run for which `options` name nobody to approve of calls waits for an answer; else they are refused.
    """

    options: Options
    level: int = 2
    journal: str | None = None
    plans: tuple[SavedPlan, ...] = ()
    pauses: bool = True


class Desk:
    """Tools and saved plans, and the runs that are under way."""

    def __init__(self, tools: Mapping[str, Tool], settings: DeskSettings) -> None:
        self.tools = tools
        self.settings = settings
        self.signatures = {name: tool.signature for name, tool in tools.items()}
        self.plans = {plan.name: plan for plan in settings.plans}
        self._index = ToolIndex(self.signatures.values())
        self._handles = Handles()
        self._paused: OrderedDict[str, Going] = OrderedDict()
        self._stack = AsyncExitStack()
        self._group: TaskGroup | None = None

    async def __aenter__(self) -> Self:
        self._group = create_task_group()
        await self._group.__aenter__()
        await open_lifespans(self.tools.values(), self._stack)
        return self

    async def __aexit__(
        self, type_: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._group is not None
        self._group.cancel_scope.cancel()
        try:
            await self._group.__aexit__(None, None, None)
        finally:
            await self._stack.aclose()

    def search_tools(self, query: str, limit: int = 10) -> Report:
        """Return the tools that fit a query best, each with its declaration."""
        names = self._index.search(query, max(1, min(limit, 100)))
        found: list[Json] = [
            {
                "name": name,
                "declaration": str(self.signatures[name]),
                "about": brief(self.signatures[name].description, 300),
            }
            for name in names
        ]
        return {"tools": found, "of": len(self.signatures)}

    def describe(self, names: Iterable[str], language: str = "python") -> Report:
        """Return tools as a program sees them: their stubs, and the records that they take and give."""
        wanted = list(names)
        known = [self.signatures[name] for name in wanted if name in self.signatures]
        unknown: dict[str, Json] = {
            name: did_you_mean(name, self.signatures) or "search_tools finds tools"
            for name in wanted
            if name not in self.signatures
        }
        shown: Report = {"stubs": stubs(known, language)}
        return shown | {"unknown": unknown} if unknown else shown

    def check(self, program: str, language: str = "python") -> Report:
        """Return whether a program can be run, and what is wrong with it."""
        parsed = read(program, self.signatures, front_end=language, path=PATH)
        found = check(parsed, self.signatures)
        return {"ok": not has_errors(found), "findings": _findings(found, parsed.source, language)}

    async def run(self, program: str, inputs: Mapping[str, Json], language: str = "python") -> Going | Report:
        """Check a program and run it until it has ended or is paused. A report is returned where it can't be run."""
        parsed = read(program, self.signatures, front_end=language, path=PATH)
        found = check(parsed, self.signatures)
        if has_errors(found):
            return {"status": "refused", "findings": _findings(found, parsed.source, language)}
        compiled = compile_parsed(parsed, self.signatures, level=self.settings.level)
        return await self.start(compiled, inputs)

    async def run_saved(self, name: str, inputs: Mapping[str, Json]) -> Going | Report:
        """Run a saved plan."""
        return await self.start(self.plans[name].compiled, inputs)

    async def start(self, compiled: Compiled, inputs: Mapping[str, Json]) -> Going | Report:
        """Run a compiled plan until it has ended or is paused."""
        plan, written, source = compiled.plan, compiled.written, compiled.source
        try:
            given = {name: self._handles.filled(value) for name, value in inputs.items()}
            check_run(plan, self.tools, given)
            told = compilation_of(plan, source, self.signatures, compiled.changes, compiled.diagnostics)
            journal = self._journal(
                lambda path: begin_run(path, plan, source, self.signatures, given, written=written, compilation=told)
            )
        except KeyError as error:
            return {"status": "refused", "findings": f"there is no result {error}; long ones are kept for a while only"}
        except RunError as error:
            return {"status": "refused", "findings": problems(error.diagnostics, source)}
        except JournalError as error:
            return {"status": "refused", "findings": f"the journal can't be written: {error}"}
        going = Going(plan, written, source, uuid4().hex if journal is None else journal.run)
        return await self._drive(going, given, journal, {})

    async def resume(self, run: str, answers: Mapping[str, Json]) -> Going | Report:
        """Go on with a paused run, with answers by the ids that its report told; an id without one stays asked."""
        going = self._paused.get(run)
        if going is None:
            return await self._resume_recorded(run, answers)
        unknown = going.answer(answers)
        if unknown:
            asked = ", ".join(going.pending) or "nothing"
            return {"status": "refused", "findings": f"nothing waits for {', '.join(unknown)}; what is asked: {asked}"}
        return await self._settled(going)

    async def _resume_recorded(self, run: str, answers: Mapping[str, Json]) -> Going | Report:
        path = self.settings.journal
        refused: Report = {"status": "refused", "findings": _NO_RUN.format(brief(run))}
        if path is None or len(run) != len(uuid4().hex):
            return refused
        try:
            journal, stored = resume_run(path, self.signatures, run=run)
        except JournalError as error:
            return {**refused, "findings": str(error)}
        if stored.makespan is not None:
            journal.close(None)
            return refused
        going = Going(stored.plan, stored.written, stored.source, journal.run)
        return await self._drive(going, dict(stored.inputs), journal, answers)

    def _journal(self, begin: Callable[[str], RunJournal]) -> RunJournal | None:
        return None if self.settings.journal is None else begin(self.settings.journal)

    async def _drive(
        self, going: Going, inputs: Mapping[str, Json], journal: RunJournal | None, given: Mapping[str, Json]
    ) -> Going | Report:
        assert self._group is not None
        options = replace(self.settings.options, on_event=going.note)
        if self.settings.pauses:
            options = replace(
                options, approve=options.approve or going.approve, answer=options.answer or going.answered
            )
        self._group.start_soon(partial(going.drive, self.tools, inputs, replace(options, journal=journal), given))
        return await self._settled(going)

    async def _settled(self, going: Going) -> Going | Report:
        """Wait for a run; one that pauses is kept, one whose caller goes away is stopped."""
        try:
            await going.settle()
        except get_cancelled_exc_class():
            going.cancel()
            raise
        if going.paused:
            self._paused[going.id] = going
            while len(self._paused) > MOST_PAUSED:
                self._paused.popitem(last=False)[1].cancel()
        else:
            self._paused.pop(going.id, None)
        if going.error is not None:
            return {"status": "failed", "run": going.id, "error": brief(f"{type(going.error).__name__}: {going.error}")}
        return going

    def report(self, going: Going) -> Report:
        """Return what is told of a run."""
        return report_of(going, self.signatures, self._handles)

    def read_result(self, handle: str, offset: int = 0, limit: int = 4_000) -> Report:
        """Return a part of a long result."""
        try:
            return self._handles.part(handle, max(0, offset), max(1, min(limit, 100_000)))
        except KeyError:
            return {"error": f"there is no result `{brief(handle)}`; long ones are kept for a while only"}


def stubs(tools: Iterable[Signature], language: str = "python") -> str:
    """Return the text in which prompts show tools."""
    rules, prompt = LANGUAGES[language]
    return prompt(tools, ()).text.removeprefix(rules).strip()


def _findings(found: tuple[Diagnostic, ...], source: Source, language: str) -> str:
    """Return what is to be mended; of a plan with its rules, of a program as it is: those stand with `run`."""
    return problems(found, source) if language == "python" else for_model(found, source)
