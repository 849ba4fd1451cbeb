"""Read a step of ReAct (arXiv 2210.03629): a thought, and one action or the end.

    Thought: I need the height.
    Action: search("Mount Everest")            or   Action: Finish(8849 m)

The first action counts: whatever the model wrote behind it, it can't know the result yet. An action without its heading counts where it
stands in a paragraph of its own and no other words touch it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, TypeAlias

from lcc.ask.joining.decision import Decision, decided, is_announced, said_without_heading, whole_object
from lcc.ask.strategies.call_text import BadCall, OneCall, begins_call, names_call, read_call, read_native
from lcc.grammar.reading.headings import Section, paragraphs, sections, unfenced, without_half_word
from lcc.grammar.reading.thoughts import spoken
from lcc.grammar.signatures import Tools

_NO_ACTION: Final = (
    "there is no action in this step. Write `Action: ` and one call of a tool, or `Action: Finish(the answer)`"
)
_NO_ANSWER: Final = "this is no answer. Write it between the parentheses: `Action: Finish(the answer)`"
_ANNOUNCED: Final = "the line above the action ends in a colon, so it may be a condition or an example. End the thought with a full stop"
_APART: Final = "a call stands among other words. Write it alone behind `Action: `"
_NATIVE: Final = re.compile(
    r"<(?:tool_?calls?|function|functions|function_?calls?|invoke|tool|tools)\b[\s=>]|\[TOOL_CALLS\]|<[|｜]tool",
    re.IGNORECASE,
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
    text = without_half_word(unfenced(spoken(reply)))
    thought = ""
    found = sections(text)
    for place, section in enumerate(found):
        match section.kind:
            case "action" | "answer" if place and is_announced(text, found[place - 1], section):
                return Unreadable(text[: section.end].rstrip(), thought, _ANNOUNCED)
            case "action":
                return _action(text, found[place:], thought, tools)
            case "answer":
                return _end(text[: section.end].rstrip(), thought, decided(text, section, thought))
            case "observation":
                return Unreadable(text[: section.start].rstrip(), thought, _NO_ACTION)
            case "text" | "thought":
                step = _without_heading(text, section, tools)
                if step is not None:
                    return step
                thought = " ".join(f"{thought} {text[section.body : section.end]}".split())
            case _:
                pass
    return Unreadable(text, thought, _NO_ACTION)


def _action(text: str, left: list[Section], thought: str, tools: Tools) -> Step:
    """Read what stands under `Action:`, with the input that may stand under the next heading."""
    section = left[0]
    kept, given = text[: section.end].rstrip(), None
    body = text[section.body : section.end]
    end = decided(text, section, thought)
    if end is not None:
        return _end(kept, thought, end)
    if len(left) > 1 and left[1].kind == "input":
        kept, given = text[: left[1].end].rstrip(), text[left[1].body : left[1].end]
    if is_bare_finish(body):
        return Unreadable(kept, thought, _NO_ANSWER)
    return _act(kept, thought, body, given, tools)


def is_bare_finish(body: str) -> bool:
    """Whether an action is an end without an answer: `Finish`, `Finish()`."""
    return re.fullmatch(r"\W*finish\W*", body, re.IGNORECASE) is not None


def _end(kept: str, thought: str, end: Decision | None) -> Step:
    if end is None or end.replan:
        return Unreadable(kept, thought, _NO_ANSWER)
    return End(kept, thought or end.thought, end.text)


def _act(kept: str, thought: str, body: str, given: str | None, tools: Tools) -> Step:
    try:
        return Act(kept, thought, read_call(body, tools, given))
    except BadCall as bad:
        return Unreadable(kept, thought, f"this action can't be made: {bad}")


def _without_heading(text: str, section: Section, tools: Tools) -> Step | None:
    """Read an action in a thought, or in a text without headings: an end on its line, a call in a paragraph of its own."""
    body = text[section.body : section.end]
    kept = text[: section.end].rstrip()
    if _NATIVE.search(body):
        try:
            return Act(kept, "", read_native(body, tools))
        except BadCall as bad:
            return Unreadable(kept, "", f"this action can't be made: {bad}")
    parts = list(paragraphs(body))
    calls = [place for place, part in enumerate(parts) if begins_call(unfenced(part), tools)]
    if calls:
        before = [part.rstrip() for part in parts[: calls[0]]]
        others = any(names_call(part, tools) for place, part in enumerate(parts) if place not in calls)
        if others or any(part.endswith((":", "：")) for part in before):
            return Unreadable(kept, " ".join(" ".join(before).split()), _APART)
        return _act(kept, " ".join(" ".join(before).split()), parts[calls[0]], None, tools)
    objects = [found for part in parts if (found := whole_object(unfenced(part))) is not None]
    end = objects[0] if len(objects) == 1 else said_without_heading(text, section)
    if end is not None and not end.replan:
        return _end(kept, "", end)
    return Unreadable(kept, "", _APART) if names_call(body, tools) and section.kind == "text" else None
