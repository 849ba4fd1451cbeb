"""The strategy `skeleton`: the points of an answer first, then all of them written out at once, and joined in order.

"Skeleton-of-Thought: Prompting LLMs for Efficient Parallel Generation" (arXiv 2307.15337). It calls no tools: each point is one model
call, which runs as a call of the tool `expand`. A tool of that name among the agent's takes its place. The prompts are fixed:
docs/strategies.md says where they come from.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from lcc.ask.accounts import Stopped
from lcc.ask.asked import Asked, NoAnswer, Solved
from lcc.ask.events import AnswerText, AskSink
from lcc.ask.memory import Round
from lcc.ask.planning.few_shots import FewShot
from lcc.ask.planning.prose import Prose
from lcc.ask.strategies.call_runner import CallRunner
from lcc.ask.strategies.replies import plain_text, written_plan
from lcc.grammar.front_ends.skeleton import TOOL
from lcc.grammar.ir import Const, Task
from lcc.grammar.values import to_text
from lcc.models.faults import ModelFault
from lcc.models.request import Message, Request
from lcc.python_tools.collect import as_tools
from lcc.python_tools.declare import tool
from lcc.runtime.result import TaskRecord, TaskStatus
from lcc.runtime.tool import Tool

_ENDS: Final = ".:;,…"


class Skeleton:
    """One question on its way to an answer."""

    def __init__(self, asked: Asked) -> None:
        self._points = _Points(asked.emit)
        tools = {TOOL: asked.tools.get(TOOL) or _expand(asked, self._points)}
        signatures = {name: tool_.signature for name, tool_ in tools.items()}
        self._asked = replace(asked, tools=tools, signatures=signatures)
        self._calls = CallRunner(self._asked)

    @property
    def rounds(self) -> Sequence[Round]:
        """The skeleton with its points."""
        return self._calls.rounds

    async def solve(self) -> Solved:
        """Return the answer; raises as `Solver.solve`."""
        asked = self._asked
        plan = await written_plan(
            asked,
            "skeleton",
            "skeleton",
            skeleton_message(asked.settings.examples),
            question_message(asked.question),
            correction_message,
            "skeleton",
        )
        assert not isinstance(plan, Prose)  # only a planner's words are an answer
        parsed, found = plan
        round_ = await self._calls.run(parsed.plan.tasks, parsed.source, found)
        records = [round_.records[task.id] for task in round_.written.tasks]
        _raise_failure(records)
        points = [_heading(task) for task in round_.written.tasks]
        text = "\n".join(_point(n, *both) for n, both in enumerate(zip(points, records, strict=True), 1))
        self._points.finish(text)
        return Solved(text=text, value=text)


class _Points:
    """Hands on the points in order, each as soon as it and all before it are written."""

    def __init__(self, emit: AskSink) -> None:
        self._emit = emit
        self._written: dict[int, str] = {}
        self._shown = ""
        self._next = 1

    def written(self, number: int, text: str) -> None:
        """Take a point."""
        self._written[number] = text
        while self._next in self._written:
            self._show(("\n" if self._shown else "") + self._written[self._next])
            self._next += 1

    def finish(self, answer: str) -> None:
        """Hand on what is missing of the answer."""
        self._show(answer.removeprefix(self._shown))

    def _show(self, text: str) -> None:
        if text:
            self._shown += text
            self._emit(AnswerText(text))


def _expand(asked: Asked, points: _Points) -> Tool:
    """Return the tool that has a point written out by a model."""

    @tool(name=TOOL, effect="read", description="Write one point of an answer.")
    async def expand(index: int, point: str, skeleton: str) -> str:
        messages = point_messages(asked.history, asked.question, skeleton, index)
        reply = await asked.caller.ask("point", Request(messages), None)
        text = plain_text(reply.text)
        points.written(index, _line(index, point, text))
        return text

    return as_tools([expand])[TOOL]


def _raise_failure(records: Iterable[TaskRecord]) -> None:
    """Raise what kept a point from being written: an answer without it is none."""
    for record in records:
        if record.status is TaskStatus.OK:
            continue
        error = record.error
        if error is not None and isinstance(error.exception, ModelFault | Stopped):
            raise error.exception
        raise NoAnswer(f"a point could not be written: {error.message if error is not None else record.status.value}")


def _heading(task: Task) -> str:
    point = next(arg.value for arg in task.args if arg.name == "point")
    return str(point.value) if isinstance(point, Const) else ""


def _point(number: int, point: str, record: TaskRecord) -> str:
    return _line(number, point, to_text(record.value).strip())


def _line(number: int, point: str, text: str) -> str:
    return f"{number}. {point.rstrip(_ENDS)}: {text}"


SKELETON: Final = """\
Give only the skeleton of an answer to the question, not its content: a list of points, numbered 1., 2., 3. and so on.
A point is 3 to 5 words, no sentence. Most questions need 3 to 10 points."""

POINT: Final = """\
You write one point of an answer to a question, and only this one; others write the rest. You get the question, the skeleton of the whole answer and the number of your point. Write it out in 1 or 2 short sentences, without its number."""

_EXAMPLE: Final = FewShot(
    "How do tides come about?",
    "1. The moon's pull\n2. The sun's share\n3. The turning earth\n4. Shape of coasts",
)


def skeleton_message(examples: Sequence[FewShot]) -> Message:
    """Return what every request for a skeleton begins with."""
    shown = "\n\n".join(f"Question: {one.question}\nSkeleton:\n{one.plan}" for one in examples or (_EXAMPLE,))
    return Message("system", f"{SKELETON}\n\n{shown}")


def question_message(question: str) -> Message:
    """Return the question of the first stage."""
    return Message("user", f"Question: {question}")


def correction_message(problems: str) -> Message:
    """Return what follows a text that is no skeleton."""
    return Message("user", f"This is no skeleton:\n{problems}\nWrite the numbered points alone.")


def point_messages(history: Sequence[Message], question: str, skeleton: str, number: int) -> tuple[Message, ...]:
    """Return the request for one point. What differs between the points stands last."""
    said = f"Question: {question}\n\nSkeleton:\n{skeleton}\n\nYour point: {number}"
    return (Message("system", POINT), *history, Message("user", said))
