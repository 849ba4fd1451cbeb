"""Read what the joiner decided: to finish with an answer, or to have another plan made.

The reply is JSON where the endpoint saw to it, or the text form `Action: Finish(…)`. What models really write is close to one
of the two: several lines, nested parentheses, no `Action:`, the word Replan inside an answer. Every reply has a reading; one
without any decision in it is itself the answer.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Final

THINKING: Final = re.compile(r"<(think|thinking|reasoning)>.*?(?:</\1>|\Z)", re.DOTALL | re.IGNORECASE)
PARTIAL_TAG: Final = re.compile(r"</?[a-z]{0,9}\Z", re.IGNORECASE)
"""What at the end of a text may become a tag."""
_FENCE: Final = re.compile(r"\A```[a-zA-Z]*[ \t]*\n(.*?)\n?```\s*\Z", re.DOTALL)
_STRESS: Final = r"[*_`#> \t]*"
_ACTION: Final = re.compile(
    rf"\bAction{_STRESS}(?:\d+{_STRESS})?:{_STRESS}(?P<verb>Finish|Replan)\b{_STRESS}(?P<open>[(\[:]|(?=\n|\Z))?",
    re.IGNORECASE,
)
_BARE: Final = re.compile(rf"^{_STRESS}(?P<verb>Finish|Replan){_STRESS}(?P<open>[(\[:])", re.IGNORECASE | re.MULTILINE)
_FINAL: Final = re.compile(rf"^{_STRESS}(?:Final[ \t]+)?Answer{_STRESS}:{_STRESS}", re.IGNORECASE | re.MULTILINE)
_THOUGHT: Final = re.compile(rf"\A{_STRESS}Thought{_STRESS}:{_STRESS}", re.IGNORECASE)
_END: Final = re.compile(r"(?:<END_OF_\w+>|</?s>|<\|[a-z_]+\|>)[\s\S]*\Z", re.IGNORECASE)
CLOSERS: Final = {"(": ")", "[": "]"}


@dataclass(frozen=True, slots=True)
class Decision:
    """What the joiner wants. `text`: the answer, or what is missing. `value`: the answer where it isn't text."""

    replan: bool
    text: str
    thought: str = ""
    value: Any = None


def read_decision(reply: str) -> Decision:
    """Return the decision in a reply."""
    text = _END.sub("", THINKING.sub("", reply)).strip()
    fenced = _FENCE.match(text)
    if fenced:
        text = fenced[1].strip()
    structured = _read_json(text)
    if structured is not None:
        return structured
    head = find_action(text)
    if head is None:
        return _without_action(text)
    payload = payload_of(text[head.end() :], head["open"] or "")
    thought = _THOUGHT.sub("", text[: head.start()]).strip()
    return Decision(head["verb"].lower() == "replan", payload, thought)


def find_action(text: str) -> re.Match[str] | None:
    """Return where the decision stands in a reply of the text form."""
    return _ACTION.search(text) or _BARE.search(text)


def _without_action(text: str) -> Decision:
    final = _FINAL.search(text)
    if final:
        return Decision(False, text[final.end() :].strip(), _THOUGHT.sub("", text[: final.start()]).strip())
    return Decision(False, _THOUGHT.sub("", text).strip())


def _read_json(text: str) -> Decision | None:
    start = text.find("{")
    if start < 0 or (start and text[:start].strip()):
        return None
    try:
        found, _ = json.JSONDecoder().raw_decode(text[start:])
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or not ({"action", "answer"} & found.keys()):
        return None
    replan = str(found.get("action", "finish")).lower() == "replan"
    answer = found.get("answer")
    missing = found.get("missing")
    said = missing if replan and isinstance(missing, str) and missing else answer
    text_ = said if isinstance(said, str) else "" if said is None else json.dumps(said, ensure_ascii=False)
    return Decision(replan, text_.strip(), str(found.get("thought") or ""), None if replan else answer)


def payload_of(rest: str, opening: str) -> str:
    """Return what stands between the parentheses: to the one that closes them, or to the last, if what follows says so."""
    closer = CLOSERS.get(opening)
    if closer is None:
        return unquoted(rest.strip())
    end = balanced_end(rest, opening)
    last = rest.rfind(closer)
    if end is None:
        return unquoted(rest.rstrip().removesuffix(closer).strip())
    tail = rest[end + 1 :].strip(" \t\r\n*_`.")
    if tail and tail.count(closer) > tail.count(opening) and tail.endswith(closer):
        end = last
    return unquoted(rest[:end].strip())


def balanced_end(rest: str, opening: str) -> int | None:
    """Return where the parenthesis that was opened before `rest` is closed; None if it isn't."""
    closer = CLOSERS[opening]
    depth = 1
    for place, char in enumerate(rest):
        if char == opening:
            depth += 1
        elif char == closer:
            depth -= 1
            if depth == 0:
                return place
    return None


def unquoted(text: str) -> str:
    """Return a text without the quotes around all of it."""
    if len(text) >= 2 and text[0] in "\"'" and text[-1] == text[0] and text[0] not in text[1:-1]:
        return text[1:-1]
    return text
