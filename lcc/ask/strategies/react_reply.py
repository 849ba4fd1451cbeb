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

from lcc.ask.joining.decision import CLOSERS, PARTIAL_TAG, THINKING, balanced_end, payload_of
from lcc.ask.strategies.call_text import BadCall, OneCall, read_call
from lcc.grammar.signatures import Tools

_S: Final = r"[*_`#> \t]*"
_N: Final = rf"{_S}(?:\d+{_S})?"  # no two stars side by side: a long run of spaces must not take quadratic time
_HEADINGS: Final = ("Thought", "Action", "Observation", "Question")


def _beginnings(word: str) -> str:
    """Return a pattern of what a word may begin with: `T(?:h(?:o)?)?`, or nothing."""
    pattern = ""
    for letter in reversed(word):
        pattern = f"(?:{letter}{pattern})?"
    return pattern


_ACTION: Final = re.compile(rf"^{_S}Action{_N}:{_S}", re.IGNORECASE | re.MULTILINE)
_NEXT: Final = re.compile(rf"^{_S}(?:{'|'.join(_HEADINGS)}){_N}:", re.IGNORECASE | re.MULTILINE)
_OBSERVATION: Final = re.compile(rf"^{_S}Observation{_N}:", re.IGNORECASE | re.MULTILINE)
_THOUGHT: Final = re.compile(rf"\A{_S}Thought{_N}:{_S}", re.IGNORECASE)
_FINISH: Final = re.compile(rf"{_S}Finish(?![\w/-]|\.\w){_S}(?P<open>[(\[:])?", re.IGNORECASE)
_BARE_FINISH: Final = re.compile(rf"^{_S}Finish{_S}(?P<open>[(\[])", re.IGNORECASE | re.MULTILINE)
_FINAL: Final = re.compile(rf"^{_S}Final[ \t]+Answer{_S}:{_S}", re.IGNORECASE | re.MULTILINE)
_MAY_BE_HEADING: Final = re.compile(
    rf"{_S}(?:(?:{'|'.join(_beginnings(word) for word in _HEADINGS)})|(?:{'|'.join(_HEADINGS)}){_N}:?)\Z",
    re.IGNORECASE,
)
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
        return _end(text, _thought(text[: final.start()]), text[final.end() :].strip())
    if action is None:
        return _without_action(text, tools)
    thought = _thought(text[: action.start()])
    finish = _FINISH.match(text, action.end())
    if finish:
        return _end(text, thought, payload_of(_own(text, finish.end()), finish["open"] or ""))
    body = _own(text, action.end())
    return _act(text[: action.end() + len(body)].rstrip(), thought, body, tools)


def _without_action(text: str, tools: Tools) -> Step:
    """Read a step whose action has no heading: a finish or a call on a line of its own."""
    finish = _BARE_FINISH.search(text)
    if finish:
        return _end(text, _thought(text[: finish.start()]), payload_of(text[finish.end() :], finish["open"]))
    for start, line in _lines(text):
        name = line.lstrip("`* \t").split("(", 1)[0].split("[", 1)[0].strip()
        if name in tools and line.lstrip("`* \t")[len(name) :].lstrip().startswith(("(", "[")):
            return _act(text, _thought(text[:start]), text[start:], tools)
    return Unreadable(text, _thought(text), _NO_ACTION)


def _end(kept: str, thought: str, answer: str) -> Step:
    if not answer:
        return Unreadable(
            kept, thought, "this is no answer. Write it between the parentheses: `Action: Finish(the answer)`"
        )
    return End(kept, thought, answer)


def _act(kept: str, thought: str, body: str, tools: Tools) -> Step:
    try:
        return Act(kept, thought, read_call(body, tools))
    except BadCall as bad:
        return Unreadable(kept, thought, f"this action can't be made: {bad}")


def _own(text: str, start: int) -> str:
    """Return what belongs to an action: the text from `start` to the next heading."""
    following = _NEXT.search(text, start)
    return text[start : following.start() if following else len(text)]


def _thought(text: str) -> str:
    return " ".join(_THOUGHT.sub("", text.strip()).split())


def _lines(text: str) -> Iterator[tuple[int, str]]:
    at = 0
    for line in text.splitlines(keepends=True):
        yield at, line
        at += len(line)


class FinishStream:
    """Hands on the answer of a step while the step is written; nothing of one that calls a tool, and nothing that may yet be dropped."""

    def __init__(self) -> None:
        self._text = ""
        self._shown = ""

    def feed(self, piece: str) -> str:
        """Return what of the answer is certain now and was not before."""
        self._text += piece
        known = _certain(PARTIAL_TAG.sub("", THINKING.sub("", self._text)))
        if not known.startswith(self._shown):
            return ""
        new, self._shown = known[len(self._shown) :], known
        return new

    def restart(self) -> None:
        """Begin again: the reply broke off, and another is written. What was handed on isn't handed on again."""
        self._text = ""

    def finish(self, answer: str) -> str:
        """Return what of the answer was not handed on."""
        return answer[len(self._shown) :] if answer.startswith(self._shown) else ""


def _certain(text: str) -> str:
    """Return the beginning of the answer in the beginning of a step, as far as nothing that follows can change it."""
    action = _ACTION.search(text)
    if action is None or any(heading.search(text, 0, action.start()) for heading in (_FINAL, _OBSERVATION)):
        return ""
    finish = _FINISH.match(text, action.end())
    if finish is None or finish["open"] not in ("(", "["):
        return ""
    rest = _own(text, finish.end())
    line = text.rfind("\n") + 1
    if finish.end() < line < finish.end() + len(rest) and _MAY_BE_HEADING.match(text, line):
        rest = rest[: line - finish.end()]
    rest = rest.lstrip()
    if rest[:1] in ("", '"', "'"):
        return ""
    end = balanced_end(rest, finish["open"])
    return (rest.rstrip().removesuffix(CLOSERS[finish["open"]]) if end is None else rest[:end]).rstrip()
