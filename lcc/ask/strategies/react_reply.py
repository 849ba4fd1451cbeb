"""Read a step of ReAct: a thought, and one action or the end.

    Thought: I need the height.
    Action: search("Mount Everest")            or   Action: Finish(8849 m)

What follows the first action is dropped: whatever the model wrote there, it can't know the result yet.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from lcc.ask.answer_stream import AnswerStream
from lcc.ask.decision import THINKING, payload_of
from lcc.ask.strategies.call_text import BadCall, OneCall, read_call
from lcc.grammar.signature import Tools

FINISH: Final = "finish"

_S: Final = r"[*_`#> \t]*"
_N: Final = r"[ \t]*\d*"
_ACTION: Final = re.compile(rf"^{_S}Action{_N}{_S}:{_S}", re.IGNORECASE | re.MULTILINE)
_NEXT: Final = re.compile(rf"^{_S}(?:Thought|Action|Observation|Question){_N}{_S}:", re.IGNORECASE | re.MULTILINE)
_OBSERVATION: Final = re.compile(rf"^{_S}Observation{_N}{_S}:", re.IGNORECASE | re.MULTILINE)
_THOUGHT: Final = re.compile(rf"\A{_S}Thought{_N}{_S}:{_S}", re.IGNORECASE)
_FINISH: Final = re.compile(rf"{_S}Finish\b{_S}(?P<open>[(\[:])?", re.IGNORECASE)
_BARE_FINISH: Final = re.compile(rf"^{_S}Finish{_S}(?P<open>[(\[])", re.IGNORECASE | re.MULTILINE)
_FINAL: Final = re.compile(rf"^{_S}Final[ \t]+Answer{_S}:{_S}", re.IGNORECASE | re.MULTILINE)
_NO_ACTION: Final = (
    "there is no action in this step. Write `Action: ` and one call of a tool, or `Action: Finish(the answer)`"
)


@dataclass(frozen=True, slots=True)
class Act:
    """A call to make."""

    kept: str
    thought: str
    call: OneCall


@dataclass(frozen=True, slots=True)
class End:
    """The answer."""

    kept: str
    thought: str
    answer: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A step without an action that can be made. `why`: for the model."""

    kept: str
    thought: str
    why: str


Step: TypeAlias = Act | End | Unreadable
"""`kept`: the text of the step as it stays in the conversation."""


def read_step(reply: str, tools: Tools) -> Step:
    """Return the step in a reply."""
    text = THINKING.sub("", reply).strip()
    made_up = _OBSERVATION.search(text)
    if made_up:
        text = text[: made_up.start()].rstrip()
    action = _ACTION.search(text)
    final = _FINAL.search(text, 0, action.start() if action else len(text))
    if final:
        return End(text, _thought(text[: final.start()]), text[final.end() :].strip())
    if action is None:
        return _without_action(text, tools)
    rest = text[action.end() :]
    thought = _thought(text[: action.start()])
    finish = _FINISH.match(rest)
    if finish:
        return End(text, thought, payload_of(_own(rest[finish.end() :]), finish["open"] or ""))
    body = _own(rest)
    return _act(text[: action.end() + len(body)].rstrip(), thought, body, tools)


def _without_action(text: str, tools: Tools) -> Step:
    """Read a step whose action has no heading: a finish or a call on a line of its own."""
    finish = _BARE_FINISH.search(text)
    if finish:
        return End(text, _thought(text[: finish.start()]), payload_of(text[finish.end() :], finish["open"]))
    for start, line in _lines(text):
        name = line.lstrip("`* \t").split("(", 1)[0].split("[", 1)[0].strip()
        if name in tools and line.lstrip("`* \t")[len(name) :].lstrip().startswith(("(", "[")):
            return _act(text, _thought(text[:start]), text[start:], tools)
    return Unreadable(text, _thought(text), _NO_ACTION)


def _act(kept: str, thought: str, body: str, tools: Tools) -> Step:
    try:
        return Act(kept, thought, read_call(body, tools))
    except BadCall as bad:
        return Unreadable(kept, thought, f"this action can't be made: {bad}")


def _own(rest: str) -> str:
    """Return what belongs to an action: the text up to the next heading."""
    following = _NEXT.search(rest)
    return rest[: following.start()] if following else rest


def _thought(text: str) -> str:
    return " ".join(_THOUGHT.sub("", text.strip()).split())


def _lines(text: str) -> Iterator[tuple[int, str]]:
    at = 0
    for line in text.splitlines(keepends=True):
        yield at, line
        at += len(line)


class FinishStream:
    """Hands on the answer of a step while the step is written; nothing of one that calls a tool."""

    def __init__(self) -> None:
        self._text = ""
        self._fed = 0
        self._stream = AnswerStream()

    def feed(self, piece: str) -> str:
        """Return what of the answer is certain now and was not before."""
        self._text += piece
        text = THINKING.sub("", self._text)
        action = _ACTION.search(text)
        if action is None or not re.match(rf"{_S}Finish[(\[]", text[action.end() :], re.IGNORECASE):
            return ""
        if self._fed > len(text):
            return ""
        new, self._fed = text[self._fed :], len(text)
        return self._stream.feed(new)

    def restart(self) -> None:
        """Begin again: the reply broke off, and another is written."""
        self._text, self._fed = "", 0
        self._stream.restart()

    def finish(self, answer: str) -> str:
        """Return what of the answer was not handed on."""
        return self._stream.finish(answer)
