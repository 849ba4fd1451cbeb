"""The strategy `openai-parallel`: the endpoint's own tool calls, all of one turn at once, until the model answers.

The model is given the tools as JSON schemas and asked with `parallel_tool_calls`. What it calls in one turn runs together; then
it is asked again with the results. Chat Completions and Responses alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Final

from lcc.ask.accounts import Stopped
from lcc.ask.asked import Asked, Solved
from lcc.ask.events import AnswerText, PlanStarted, PlanText
from lcc.ask.joining.looks import PLACES, Looks
from lcc.ask.joining.observations import show_failure
from lcc.ask.memory import Round
from lcc.ask.strategies.call_runner import CallRunner
from lcc.ask.strategies.call_text import BadCall, OneCall, read_json_call, with_id
from lcc.ask.strategies.replies import plain_text
from lcc.ask.typed import NOT_OF_TYPE, NotOfType, correction, read_typed, schema_text, wrapped_schema
from lcc.grammar.signatures import Signature
from lcc.grammar.signatures.json_functions import to_function
from lcc.grammar.source import Source
from lcc.grammar.values import Json, read_json
from lcc.models.request import Called, Entry, Message, Reply, Request, Returned, ToolCall
from lcc.runtime.result import TaskRecord, TaskStatus

RULES: Final = (
    "Answer the user's request, briefly. Get what you don't know by calling the tools; call at the same time what doesn't "
    "depend on other results."
)
_PEEK: Final[Mapping[str, Json]] = {
    "description": f"See more of a result of which only a part is shown. The place is such as {PLACES}.",
    "parameters": {
        "type": "object",
        "properties": {"place": {"type": "string"}},
        "required": ["place"],
        "additionalProperties": False,
    },
}
_LONGEST_NAME: Final = 64
_REFUSED_CHARACTER: Final = re.compile(r"[^A-Za-z0-9_-]")


class OpenAIParallel:
    """One question on its way to an answer."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._calls = CallRunner(asked)
        self._schema = None if asked.answer_type is None else wrapped_schema(asked.answer_type)
        self._names = function_names(asked.signatures)
        self._looks = Looks(asked.settings.result_tokens)
        self._peek = "peek"
        while self._peek in self._names:
            self._peek += "_"
        self._talk: list[Entry] = [
            Message("system", RULES if self._schema is None else f"{RULES}\n{schema_text(self._schema.schema)}"),
            *asked.history,
            Message("user", asked.question),
        ]

    @property
    def rounds(self) -> Sequence[Round]:
        """The turns in which calls were made."""
        return self._calls.rounds

    async def solve(self) -> Solved:
        """Return the answer; raises as `Solver.solve`."""
        most = self._asked.settings.max_steps
        corrected = False
        for number in range(1, most + 1):
            self._asked.emit(PlanStarted(number, 1))
            request = Request(tuple(self._talk), self._schema, functions=self._functions())
            reply = await self._asked.caller.ask("agent", request, partial(self._show, number))
            if reply.calls:
                await self._act(reply)
                continue
            try:
                return self._solved(plain_text(reply.text))
            except NotOfType as error:
                if corrected:
                    raise NotOfType(f"{NOT_OF_TYPE}: {error}") from None
                corrected = True
                self._talk += correction(reply.text, error)
        raise Stopped(f"the limit of {most} steps is reached")

    def _functions(self) -> tuple[Mapping[str, Json], ...]:
        """Return the tools that the model is told of by now, as the endpoint takes them."""
        told = {signature.name: signature for signature in self._asked.told()}
        functions = [_function(told[tool], name) for name, tool in self._names.items() if tool in told]
        return (*functions, *([{**_PEEK, "name": self._peek}] if self._looks.offered else []))

    def _show(self, number: int, text: str) -> None:
        self._asked.emit(PlanText(number, text))

    async def _act(self, reply: Reply) -> None:
        """Make the calls of a turn, and tell the model what each came to."""
        refused: dict[int, str] = {}
        made: dict[int, OneCall] = {}
        for place, call in enumerate(reply.calls):
            if call.name == self._peek:
                refused[place] = self._looked(call)
                continue
            try:
                made[place] = self._read(call)
            except BadCall as bad:
                refused[place] = f"error: this call can't be made: {bad}"
        first = self._calls.next_id
        tasks = {place: with_id(call, first + k) for k, (place, call) in enumerate(made.items())}
        told = dict(refused)
        if tasks:
            source = Source("<calls>", "\n".join(call.source.text for call in made.values()))
            round_ = await self._calls.run(tasks.values(), source)
            told |= {place: self._told(str(task.id), round_.records[task.id]) for place, task in tasks.items()}
        self._talk.append(Called(reply.calls, plain_text(reply.text), reply.items))
        self._talk += [Returned(call.id, told[place]) for place, call in enumerate(reply.calls)]

    def _read(self, call: ToolCall) -> OneCall:
        tool = self._names.get(call.name, call.name)
        return read_json_call(tool, call.arguments, self._asked.signatures)

    def _looked(self, call: ToolCall) -> str:
        """Return what a model sees that looks into a result."""
        try:
            given = read_json(call.arguments)
        except (ValueError, RecursionError):
            given = None
        place = given.get("place") if isinstance(given, dict) else None
        return self._looks.peek(place) if isinstance(place, str) else f"error: `place` is missing: one of {PLACES}"

    def _told(self, name: str, record: TaskRecord) -> str:
        if record.status is TaskStatus.OK:
            return self._looks.text(name, record) + self._looks.way(f"call `{self._peek}`")
        return f"error: {show_failure(record)}"

    def _solved(self, text: str) -> Solved:
        typed = self._asked.answer_type
        value = text if typed is None else read_typed(text, typed)
        self._asked.emit(AnswerText(text))
        return Solved(text=text, value=value, notes=tuple(self._looks.notes))


def function_names(tools: Iterable[str]) -> dict[str, str]:
    """Return for each tool a name that endpoints take, letters, digits, `_` and `-` only, mapped to the tool's own."""
    names: dict[str, str] = {}
    for tool in tools:
        plain = _REFUSED_CHARACTER.sub("_", tool)[:_LONGEST_NAME]
        name, count = plain, 1
        while name in names:
            count += 1
            tail = f"_{count}"
            name = plain[: _LONGEST_NAME - len(tail)] + tail
        names[name] = tool
    return names


def _function(signature: Signature, name: str) -> Mapping[str, Json]:
    function = to_function(signature)["function"]
    assert isinstance(function, dict)
    return {**function, "name": name}
