"""The strategy `openai-parallel`: the endpoint's own tool calls, all of one turn at once, until the model answers.

The model is given the tools as JSON schemas and asked with `parallel_tool_calls`. What it calls in one turn runs together; then
it is asked again with the results. Chat Completions and Responses alike.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from lcc.ask.accounts import Stopped
from lcc.ask.events import AnswerText, PlanStarted
from lcc.ask.memory import Round
from lcc.ask.observations import show_failure
from lcc.ask.strategies.asked import Asked, Solved
from lcc.ask.strategies.call_runner import CallRunner
from lcc.ask.strategies.call_text import BadCall, OneCall, read_json_call, with_id
from lcc.ask.tokens import cut_tokens
from lcc.ask.typed import AnswerType, NotOfType
from lcc.grammar.signature import Signature
from lcc.grammar.source import Source
from lcc.grammar.to_function import to_function
from lcc.grammar.values import Json, to_text
from lcc.models.request import Called, Entry, Message, Reply, Request, Returned, Schema, ToolCall
from lcc.runtime.result import TaskRecord, TaskStatus

RULES: Final = (
    "Answer the user's request, briefly. Get what you don't know by calling the tools; call at the same time what doesn't "
    "depend on other results."
)
_LONGEST_NAME: Final = 64
_REFUSED_CHARACTER: Final = re.compile(r"[^A-Za-z0-9_-]")


class OpenAIParallel:
    """One question on its way to an answer."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._calls = CallRunner(asked)
        self._names = function_names(asked.signatures)
        self._functions = tuple(_function(asked.signatures[tool], name) for name, tool in self._names.items())
        self._talk: list[Entry] = [
            Message("system", _system_text(asked.answer_type)),
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
            reply = await self._asked.caller.ask("agent", self._request(), None)
            if reply.calls:
                await self._act(reply)
                continue
            try:
                return self._solved(reply.text.strip())
            except NotOfType as error:
                if corrected:
                    raise
                corrected = True
                self._talk += [
                    Message("assistant", reply.text),
                    Message("user", f"The answer doesn't follow the schema: {error}. Reply again."),
                ]
        raise Stopped(f"the limit of {most} steps is reached")

    def _request(self) -> Request:
        typed = self._asked.answer_type
        schema = None if typed is None else Schema("answer", _wrapped(typed.schema))
        return Request(tuple(self._talk), schema, functions=self._functions)

    async def _act(self, reply: Reply) -> None:
        """Make the calls of a turn, and tell the model what each came to."""
        refused: dict[int, str] = {}
        made: dict[int, OneCall] = {}
        for place, call in enumerate(reply.calls):
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
            told |= {place: self._told(round_.records[task.id]) for place, task in tasks.items()}
        self._talk.append(Called(reply.calls, reply.text, reply.items))
        self._talk += [Returned(call.id, told[place]) for place, call in enumerate(reply.calls)]

    def _read(self, call: ToolCall) -> OneCall:
        tool = self._names.get(call.name, call.name)
        return read_json_call(tool, call.arguments, self._asked.signatures)

    def _told(self, record: TaskRecord) -> str:
        if record.status is TaskStatus.OK:
            return cut_tokens(to_text(record.value), self._asked.settings.result_tokens)
        return f"error: {show_failure(record)}"

    def _solved(self, text: str) -> Solved:
        typed = self._asked.answer_type
        if typed is None:
            self._asked.emit(AnswerText(text))
            return Solved(text=text, value=text)
        value = typed.read(_unwrapped(text))
        self._asked.emit(AnswerText(text))
        return Solved(text=text, value=value)


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


def _system_text(typed: AnswerType | None) -> str:
    if typed is None:
        return RULES
    schema = json.dumps(_wrapped(typed.schema), ensure_ascii=False, separators=(",", ":"))
    return f"{RULES}\nThe answer is JSON that follows this schema: {schema}"


def _wrapped(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of an object with the answer in it: endpoints want an object."""
    inner = dict(schema)
    outer: dict[str, Any] = {"type": "object", "properties": {"answer": inner}, "additionalProperties": False}
    if "$defs" in inner:
        outer["$defs"] = inner.pop("$defs")
    return outer | {"required": ["answer"]}


def _unwrapped(text: str) -> object:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return found["answer"] if isinstance(found, dict) and found.keys() == {"answer"} else found
