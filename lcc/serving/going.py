"""One run that is served: it may pause until somebody allows a call or answers a question."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from anyio import Event

from lcc.grammar.ir import Plan, TaskId
from lcc.grammar.source import Source
from lcc.grammar.values import Json
from lcc.runtime.events import Event as RunEvent, TaskEnded, TaskStarted
from lcc.runtime.journal.record import RunJournal
from lcc.runtime.options import ApprovalRequest, Options, Question
from lcc.runtime.result import RunResult
from lcc.runtime.run import Run
from lcc.runtime.tool import Tool

ALLOW: Final[Mapping[str, Json]] = {
    "type": "object",
    "properties": {"allow": {"type": "boolean", "title": "Allow", "description": "whether this may be done"}},
    "required": ["allow"],
}
"""The form of an approval."""


@dataclass(slots=True)
class Pending:
    """What a run waits for: a yes (`schema` is None) or the fields of a form. `calls`: the arguments of the calls that are asked about.

    `id` is made of what is asked, so an answer is never taken for that to another question, not by another process either.
    """

    id: str
    task: TaskId
    tool: str
    message: str
    calls: tuple[Mapping[str, Json], ...] = ()
    schema: Mapping[str, Json] | None = None
    answer: Json = None
    answered: Event = field(default_factory=Event)

    def to_json(self) -> dict[str, Json]:
        """Return what is told of it."""
        shown: dict[str, Json] = {"tool": self.tool}
        if self.message:
            shown["asks"] = self.message
        if self.schema is None:
            shown["calls"] = [dict(call) for call in self.calls]
            shown["answer"] = "true or false"
        else:
            shown["answer"] = dict(self.schema)
        return shown


class Going:
    """A run, from its start to its end. `result` is there when it has ended; `pending`: what it waits for, by id."""

    def __init__(self, plan: Plan, written: Plan, source: Source, id_: str) -> None:
        self.plan = plan
        self.written = written
        self.source = source
        self.id = id_
        self.result: RunResult | None = None
        self.error: Exception | None = None
        self.pending: dict[str, Pending] = {}
        self._given: dict[str, Json] = {}
        self._running: set[TaskId] = set()
        self._changed = Event()
        self._run: Run | None = None

    @property
    def ended(self) -> bool:
        """Whether there is nothing more to come."""
        return self.result is not None or self.error is not None

    @property
    def paused(self) -> bool:
        """Whether it waits for answers, and for nothing else."""
        asking = {pending.task for pending in self.pending.values()}
        return not self.ended and bool(self.pending) and self._running <= asking

    async def drive(
        self, tools: Mapping[str, Tool], inputs: Mapping[str, Json], options: Options, given: Mapping[str, Json]
    ) -> None:
        """Run to the end; what is raised is kept. `given`: answers that are there already."""
        self._given = dict(given)
        try:
            self._run = Run(self.plan, tools, inputs, options=options, keep_events=False, run_id=self.id)
            async with self._run:
                self.result = await self._run.wait()
        except Exception as error:
            self.error = error
        finally:
            if isinstance(options.journal, RunJournal):
                options.journal.close(self.result)
            self._tell()

    async def settle(self) -> None:
        """Wait until the run has ended or is paused."""
        while not self.ended and not self.paused:
            await self._changed.wait()

    def answer(self, answers: Mapping[str, Json]) -> list[str]:
        """Give answers by id; return the ids that nothing waits for."""
        unknown = [id_ for id_ in answers if id_ not in self.pending]
        for id_, answer in answers.items():
            if id_ in self.pending:
                pending = self.pending.pop(id_)
                pending.answer = answer
                pending.answered.set()
        return unknown

    def cancel(self) -> None:
        """Stop the run."""
        if self._run is not None and not self.ended:
            self._run.cancel()

    async def approve(self, request: ApprovalRequest) -> bool:
        """Let the run wait for a yes."""
        calls = tuple(arguments for _, arguments in request.calls)
        return await self._ask(request.id, request.tool, request.message, calls, None) is True

    async def answered(self, question: Question) -> Mapping[str, Json] | None:
        """Let the run wait for the fields of a form."""
        answer = await self._ask(question.id, question.tool, question.message, (), question.schema)
        return answer if isinstance(answer, dict) else None

    async def _ask(
        self,
        task: TaskId,
        tool: str,
        message: str,
        calls: tuple[Mapping[str, Json], ...],
        schema: Mapping[str, Json] | None,
    ) -> Json:
        asked = json.dumps([tool, message, [dict(call) for call in calls], schema and dict(schema)], sort_keys=True)
        id_ = sha256(asked.encode("utf-8", "surrogatepass")).hexdigest()[:12]
        if id_ in self._given:
            return self._given.pop(id_)
        pending = self.pending[id_] = Pending(id_, task, tool, message, calls, schema)
        self._tell()
        try:
            await pending.answered.wait()
        finally:
            self.pending.pop(id_, None)
        return pending.answer

    def note(self, event: RunEvent) -> None:
        """Take an event of the run: whether it is paused depends on what is going on."""
        match event:
            case TaskStarted(id=id_):
                self._running.add(id_)
            case TaskEnded(id=id_):
                self._running.discard(id_)
            case _:
                return
        self._tell()

    def _tell(self) -> None:
        changed, self._changed = self._changed, Event()
        changed.set()
