"""Run the calls that a strategy makes, on the runtime that plans run on: limits, retries, order of effects, approval, events.

The calls are run as they were asked for: nothing is merged, dropped or batched. Two calls to one resource keep their order, as
that is meaning.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from lcc.ask.asked import Asked
from lcc.ask.diary import digest_of
from lcc.ask.events import PlanReady, TaskPlanned
from lcc.ask.memory import Round, round_records
from lcc.ask.planning.approved_plans import check_waiting
from lcc.ask.planning.plan_run import Verdict, close_journal, note_verdict, run_options
from lcc.grammar.diagnostics import Diagnostic
from lcc.grammar.ir import Join, Plan, Ref, Task
from lcc.grammar.ir.json_form import to_json
from lcc.grammar.source import Source
from lcc.passes.pipeline import optimize
from lcc.runtime.journal.record import RunJournal
from lcc.runtime.run import Run


class CallRunner:
    """The calls of one question. `rounds` holds all that were made, also those that were running when the caller was cancelled.

    `next_id`: the first id that no call has; ids continue from one round to the next.
    """

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self.rounds: list[Round] = []
        self.next_id = 1

    async def run(
        self,
        tasks: Iterable[Task],
        source: Source,
        diagnostics: tuple[Diagnostic, ...] = (),
        *,
        one_by_one: bool = False,
    ) -> Round:
        """Run calls, at once or one after another in their order, and return what became of them.

        They are verified already. `source`: the model's text, for the spans of `diagnostics`.
        """
        number = len(self.rounds) + 1
        written = layer(tasks)
        asked = self._asked
        self.next_id += len(written.tasks)
        for task in written.tasks:
            asked.emit(TaskPlanned(number, task))
        asked.emit(PlanReady(number, written, diagnostics, source))
        optimized = optimize(written, asked.signatures, level=0)
        plan = in_order(optimized.plan) if one_by_one else optimized.plan
        run, journal = await self._open(number, plan)
        note_verdict(journal, Verdict(written, plan, diagnostics, source, optimized.changes), asked.signatures)
        entered = False
        try:
            async with run:
                entered = True
                await run.wait()
        finally:
            if not entered and journal is not None:
                journal.close(None)
            if entered:
                result = close_journal(journal, run, asked.writes)
                asked.caller.accounts.charge_tools(result.usage)
                records, _ = round_records(written, result, {}, result.merged)
                self.rounds.append(Round(number, written, plan, result, records, diagnostics, source))
        check_waiting(self.rounds[-1].result)
        return self.rounds[-1]

    async def _open(self, number: int, plan: Plan) -> tuple[Run, RunJournal | None]:
        asked = self._asked
        diary, key = asked.caller.diary, digest_of("calls", to_json(plan))
        journal = await diary.open_run(key)
        run_id = None if journal is None else journal.run
        if journal is not None and diary.take(key) is None:
            await diary.note("calls", key, None, run_id)
        options = run_options(asked.settings.options, asked.caller.accounts, asked.emit, number, journal)
        asked.writes.next_plan(number)
        run = Run(plan, asked.tools, options=options, keep_events=False, writes=asked.writes, run_id=run_id)
        return run, journal


def layer(tasks: Iterable[Task]) -> Plan:
    """Return a plan of calls whose results are all wanted."""
    given = tuple(tasks)
    ids = tuple(task.id for task in given if isinstance(task.id, int))
    return Plan((), given, Join(tuple(Ref(id_) for id_ in ids), ids))


def in_order(plan: Plan) -> Plan:
    """Return a plan whose calls are made one after another: each when the one before it has ended in any way."""
    tasks = [
        task if before is None else replace(task, after=tuple(dict.fromkeys((*task.after, before.id))))
        for before, task in zip((None, *plan.tasks), plan.tasks, strict=False)
    ]
    return replace(plan, tasks=tuple(tasks))
