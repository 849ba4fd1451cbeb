"""The strategy `react`: think, make one call, look at what came back, and again until the answer is known.

The loop is that of "ReAct: Synergizing Reasoning and Acting in Language Models" (arXiv 2210.03629), as text: a step that can't be
read is answered by an observation that says why. The prompt is fixed: docs/strategies.md says where it comes from and what was changed.
Its system message is the same, byte for byte, for every question to the same tools, so that prompt caches serve it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, assert_never

from lcc.ask.accounts import Stopped
from lcc.ask.asked import Asked, Solved
from lcc.ask.events import AnswerText, PlanStarted, PlanText
from lcc.ask.joining.answer_stream import AnswerStream
from lcc.ask.joining.looks import Looks, read_look
from lcc.ask.joining.observations import show_failure
from lcc.ask.memory import Round
from lcc.ask.planning.few_shots import FewShot
from lcc.ask.strategies.call_runner import CallRunner
from lcc.ask.strategies.call_text import with_id
from lcc.ask.strategies.react_reply import Act, End, Step, Unreadable, read_step
from lcc.ask.typed import NotOfType, schema_text
from lcc.grammar.signatures import Signature
from lcc.grammar.signatures.tool_text import tools_text
from lcc.models.request import Message, Request
from lcc.runtime.result import TaskStatus


class React:
    """One question on its way to an answer."""

    def __init__(self, asked: Asked) -> None:
        schema = None if asked.answer_type is None else asked.answer_type.schema
        self._asked = asked
        self._calls = CallRunner(asked)
        self._looks = Looks(asked.settings.result_tokens)
        self._talk: list[Message] = [
            system_message(asked.told(), asked.settings.examples, schema),
            *asked.history,
            question_message(asked.question),
        ]

    @property
    def rounds(self) -> Sequence[Round]:
        """The calls, each a round of its own."""
        return self._calls.rounds

    async def solve(self) -> Solved:
        """Return the answer; raises as `Solver.solve`."""
        most = self._asked.settings.max_steps
        for number in range(1, most + 1):
            self._asked.emit(PlanStarted(number, 1))
            step = await self._next(number)
            self._talk.append(Message("assistant", step.kept or "Thought:"))  # endpoints refuse an empty message
            match step:
                case End():
                    try:
                        return self._solved(step)
                    except NotOfType as error:
                        seen = f"the answer doesn't follow the schema: {error}"
                case Unreadable(kept=kept, why=why):
                    wanted = read_look(kept) if self._looks.cut else None
                    seen = why if wanted is None else self._looks.peek(wanted)
                case Act():
                    seen = await self._act(step)
                case _:
                    assert_never(step)
            self._talk.append(observation_message(seen))
        raise Stopped(f"the limit of {most} steps is reached")

    async def _next(self, number: int) -> Step:
        typed = self._asked.answer_type is not None
        stream = AnswerStream()

        def show(piece: str) -> None:
            self._asked.emit(PlanText(number, piece))
            new = "" if typed else stream.feed(piece)
            if new:
                self._asked.emit(AnswerText(new))

        request = Request(tuple(self._talk), stop=STOP)
        reply = await self._asked.caller.ask("agent", request, show, restart=stream.restart)
        step = read_step(reply.text, self._asked.signatures)
        if isinstance(step, End) and not typed:
            self._finish(stream.finish(step.answer))
        return step

    async def _act(self, step: Act) -> str:
        task = with_id(step.call, self._calls.next_id, step.thought)
        round_ = await self._calls.run([task], step.call.source, step.call.diagnostics)
        record = round_.records[task.id]
        if record.status is TaskStatus.OK:
            return self._looks.result(task.id, record) + self._looks.way(LOOK)
        return show_failure(record)

    def _finish(self, rest: str) -> None:
        if rest:
            self._asked.emit(AnswerText(rest))

    def _solved(self, step: End) -> Solved:
        typed = self._asked.answer_type
        value = step.answer if typed is None else typed.read(step.answer)
        if typed is not None:
            self._finish(step.answer)
        return Solved(text=step.answer, value=value, thought=step.thought, notes=tuple(self._looks.notes))


RULES: Final = """\
Answer a question in steps of Thought, Action and Observation.
Thought: reason about what is known and what to do next.
Action: one call of a tool with literal arguments; or Finish(the answer) once the answer is known.
Observation: the result of the call. You will be given it.
Write one Thought and one Action at a time."""

STOP: Final = ("\nObservation",)
"""Where a reply ends, so that the model doesn't make up the result of its call."""


LOOK: Final = "write `Action: Peek(the place)`"
"""How to see more of a result. It is told of where one is cut, so that the system message stays the same for all questions."""


def system_message(
    tools: Iterable[Signature], examples: Sequence[FewShot], answer_schema: Mapping[str, Any] | None
) -> Message:
    """Return what every request begins with."""
    parts = [RULES, "Tools:\n" + tools_text(tools)]
    if examples:
        parts.append("Examples:\n\n" + "\n\n".join(f"Question: {one.question}\n{one.plan}" for one in examples))
    if answer_schema is not None:
        parts.append(schema_text(answer_schema))
    return Message("system", "\n\n".join(parts))


def question_message(question: str) -> Message:
    """Return the question."""
    return Message("user", f"Question: {question}")


def observation_message(text: str) -> Message:
    """Return what a step came to."""
    return Message("user", f"Observation: {text}")
