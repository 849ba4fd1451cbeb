"""The strategy `rewoo`: a planner writes all steps, workers find the evidence, a solver answers from it.

"ReWOO: Decoupling Reasoning from Observations for Efficient Augmented Language Models" (arXiv 2305.18323). Its workers make one call
after another, in the order of the plan; `AskSettings.parallel_workers` runs the same plan as lcc runs plans. The prompts are fixed:
docs/strategies.md says where they come from.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from lcc.ask.asked import Asked, NoAnswer, Solved
from lcc.ask.joining.looks import NO_MORE, Looks, read_look
from lcc.ask.joining.observations import show_failure
from lcc.ask.memory import Round
from lcc.ask.planning.few_shots import FewShot
from lcc.ask.planning.planner_prompt import refusal_message
from lcc.ask.planning.prose import Prose
from lcc.ask.strategies.call_runner import CallRunner
from lcc.ask.strategies.replies import PlainStream, plain_text, unplanned, written_plan
from lcc.ask.typed import (
    NOT_OF_TYPE,
    AnswerType,
    NotOfType,
    correction,
    read_peek,
    read_typed,
    schema_text,
    wrapped_schema,
)
from lcc.grammar.ir import TaskId
from lcc.grammar.signatures import Signature
from lcc.grammar.signatures.tool_text import tools_text
from lcc.models.request import Message, Request
from lcc.runtime.result import TaskRecord, TaskStatus

_TRIES: Final = 2
"""Of an answer that isn't of the type that was asked for."""


class Rewoo:
    """One question on its way to an answer."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._calls = CallRunner(asked)
        self._looks = Looks(asked.settings.result_tokens)

    @property
    def rounds(self) -> Sequence[Round]:
        """The plan with its evidence."""
        return self._calls.rounds

    async def solve(self) -> Solved:
        """Return the answer; raises as `Solver.solve`."""
        asked = self._asked
        plan = await written_plan(
            asked,
            "planner",
            "rewoo",
            planner_message(asked.told(), asked.settings.examples),
            task_message(asked.question),
            refusal_message,
            "plan that can be run",
        )
        if isinstance(plan, Prose):
            return unplanned(plan, asked.emit)
        parsed, found = plan
        in_order = not asked.settings.parallel_workers
        round_ = await self._calls.run(parsed.plan.tasks, parsed.source, found, one_by_one=in_order)
        return await self._solve(evidence_message(asked.question, round_, self._looks, asked.answer_type))

    def _wanted(self, reply: str) -> str | None:
        """Return where the solver wants to look, if it does."""
        if not self._looks.cut:
            return None
        return read_look(reply) if self._asked.answer_type is None else read_peek(reply)

    async def _solve(self, evidence: Message) -> Solved:
        asked, typed = self._asked, self._asked.answer_type
        schema = None if typed is None else wrapped_schema(typed, peek=self._looks.cut)
        rules = SOLVER if schema is None else f"{SOLVER}\n{schema_text(schema.schema)}"
        talk = [Message("system", rules), *asked.history, evidence]
        problem = ""
        tries = 1 if typed is None and not self._looks.cut else _TRIES
        while tries:
            stream = PlainStream(asked.emit)
            show = stream.feed if typed is None and not self._looks.cut else None  # what may be a look isn't shown
            reply = await asked.caller.ask("solver", Request(tuple(talk), schema), show, restart=stream.restart)
            text = plain_text(reply.text)
            wanted = self._wanted(reply.text)
            if wanted is not None and self._looks.offered:
                talk += [Message("assistant", reply.text), Message("user", self._looks.peek(wanted))]
                continue
            tries -= 1
            if wanted is not None:
                problem = "the solver looks into results, and no further look is possible"
                talk += [Message("assistant", reply.text), Message("user", NO_MORE)]
                continue
            try:
                value = text if typed is None else read_typed(text, typed)
            except NotOfType as error:
                problem = str(error)
                talk += correction(reply.text, error)
                continue
            stream.finish(text)
            return Solved(text=text, value=value, notes=tuple(self._looks.notes))
        raise NoAnswer(problem) if typed is None else NotOfType(f"{NOT_OF_TYPE}: {problem}")


PLANNER: Final = """\
Make a plan that solves the task step by step with the tools, and nothing else. Each step is two lines:
Plan: what to find out, and how
#E1 = tool[input]
The result of a step is kept as its evidence, #E1, #E2 and so on; the input of a later step may hold it, as in #E2 = tool[more about #E1].
The input is plain text. More than one argument, or one that is no text, is given by name: tool[query="tides", limit=3]."""

SOLVER: Final = """\
Solve the task with the help of the plan and of the evidence that was found for each of its steps. Evidence may be wrong or beside the point, so use it with care.
Reply with the answer alone."""


LOOK: Final = "reply with `Action: Peek(the place)` alone"
LOOK_TYPED: Final = "give the place as `peek`, and null as the answer; else give an empty `peek`"
"""How to see more of the evidence."""


def planner_message(tools: Iterable[Signature], examples: Sequence[FewShot]) -> Message:
    """Return what every request to the planner begins with."""
    parts = [PLANNER, "Tools:\n" + tools_text(tools)]
    if examples:
        parts.append("Examples:\n\n" + "\n\n".join(f"Task: {one.question}\n{one.plan}" for one in examples))
    return Message("system", "\n\n".join(parts))


def task_message(question: str) -> Message:
    """Return the question for the planner."""
    return Message("user", f"Task: {question}")


def evidence_message(question: str, round_: Round, looks: Looks, typed: AnswerType | None) -> Message:
    """Return the question for the solver, with every step and what it found, as much of each as fits."""
    how = LOOK if typed is None else LOOK_TYPED
    steps = [
        f"Plan: {task.thought or task.tool}\nEvidence: {_evidence(task.id, round_.records.get(task.id), looks)}"
        for task in round_.written.tasks
    ]
    return Message("user", f"Task: {question}\n\n" + "\n".join(steps) + looks.way(how))


def _evidence(id_: TaskId, record: TaskRecord | None, looks: Looks) -> str:
    if record is None:
        return "none"
    return looks.result(id_, record) if record.status is TaskStatus.OK else f"none ({show_failure(record)})"
