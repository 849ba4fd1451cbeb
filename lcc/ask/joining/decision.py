"""Read what a model decided: to end with an answer, or to have another plan made. For the joiner and for ReAct (arXiv 2210.03629).

    Thought: ok                     {"thought": "ok", "action": "finish", "answer": "42"}       Replan
    Action: Finish(42)              {"action": {"response": "42"}}                              Final Answer: 42

The forms are closed: the reply schema's JSON and the key sets of other implementations, and `Action:` with a verb of the table and what
stands in its brackets, in quotes, named or behind a colon. Thoughts are aside; of several rounds the first counts, and one that decides
both ways decides nothing; a reply that is only the word of an action is that action. What is none of these is no decision, and so is an end without an answer: never a guess.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Final

from lcc.grammar.lenient.marks.prefaces import is_preface
from lcc.grammar.reading.headings import Section, next_heading, paragraphs, sections, unfenced, without_half_word
from lcc.grammar.reading.loose_values import NotUnderstood, keywords, read_value, whole_value
from lcc.grammar.reading.thoughts import spoken

_FINISH: Final = [
    "finish",
    "finished",
    "final answer",
    "final response",
    "answer",
    "respond",
    "done",
    "complete",
    "terminer",
    "finir",
    "finalizar",
    "terminar",
    "beenden",
    "fertig",
    "завершить",
    "完成",
    "结束",
    "結束",
    "終了",
    "完了",
    "완료",
    "종료",
]
_REPLAN: Final = [
    "replan",
    "plan again",
    "replanifier",
    "replanificar",
    "replanejar",
    "neu planen",
    "перепланировать",
    "重新规划",
    "重新規劃",
    "重新计划",
    "再計画",
    "재계획",
]
CLOSERS: Final = {"(": ")", "[": "]", "（": "）", "［": "］", "【": "】", "「": "」", "{": "}"}
OPENERS: Final = {"(": "(（", "（": "(（", "[": "[［", "［": "[［"}
ALL_CLOSERS: Final = {"(": ")）", "（": ")）", "[": "]］", "［": "]］"}
_MARKS: Final = r"[*_`#>~\- \t]{0,12}"


def _word(word: str) -> str:
    return re.escape(word).replace(r"\ ", "[ _-]?").replace("replan", "re-?plan")


_VERB: Final = "|".join(map(_word, sorted((*_FINISH, *_REPLAN), key=len, reverse=True)))
_OPEN: Final = r"[ \t]{0,3}(?P<open>[(（\[［【「{])"
_SAYS: Final = re.compile(
    rf"[\s]*(?P<marks>{_MARKS})(?P<verb>{_VERB})(?![\w/-]|\.\w)[*_`]{{0,3}}"
    rf"(?:{_OPEN}|[ \t]*(?P<colon>[:：=–—]|-(?=[ \t])|\r?\n)|[\s*_`.!。！]*\Z)",
    re.IGNORECASE,
)
_BARE: Final = re.compile(
    rf"^{_MARKS}(?P<verb>{_VERB})(?![\w/-]|\.\w)[*_`]{{0,3}}(?:{_OPEN}|(?P<colon>[:：])|(?P<only>[*_`.!。！ \t]*\Z))",
    re.IGNORECASE | re.MULTILINE,
)
_VERBS: Final = re.compile(
    rf"(?<![\w/-])(?P<verb>{_VERB})[(（\[［【「{{]|^{_MARKS}(?P<line>{_VERB})[*_`]{{0,3}}(?:[ \t]*[:：]|[*_`.!。！ \t]*$)",
    re.IGNORECASE | re.MULTILINE,
)
"""A verb with its brackets, or at the beginning of a line with a colon or alone."""
_REPLANS: Final = re.compile(rf"(?<!\w)(?:{'|'.join(map(_word, _REPLAN))})(?!\w)", re.IGNORECASE)
"""The word for another plan: beside an end, it is an alternative."""
_FOLDED: Final = re.compile(r"[\s_*`~#>\"'.,;!。！？?()\[\]{}<>/「」【】（）-]+")
_ACTION_KEYS: Final = frozenset(
    {"action", "decision", "decide", "type", "kind", "name", "tool", "function", "nextaction"}
)
_ANSWER_KEYS: Final = frozenset(
    {
        "answer",
        "response",
        "finalanswer",
        "finalresponse",
        "actioninput",
        "toolinput",
        "input",
        "output",
        "text",
        "content",
        "value",
        "result",
        "reply",
    }
)
_MISSING_KEYS: Final = frozenset({"missing", "feedback", "needed", "whatismissing", "wanted"})
_ARGUMENT_KEYS: Final = frozenset({"arguments", "args", "parameters", "params", "kwargs"})
_THOUGHT_KEYS: Final = frozenset({"thought", "thoughts", "thinking", "reasoning", "reason", "rationale", "explanation"})
_DECIDERS: Final = frozenset({"join", "joiner", "joinoutputs", "joinoutput", "decide", "decision"})
_OBJECT: Final = re.compile(r"(?:[\[(]\s*)?\{\s*[\"'“]?(?P<key>\w+)[\"'”]?\s*[:：]")
_MOST_OBJECTS: Final = 32
_LONGEST_WORD: Final = 200
"""Characters of a text that may be only a verb with marks around it."""
SCHEMA_HEAD: Final = re.compile(
    r"(?:```\w*\s*)?\{\s*(?:\"thought\"\s*:\s*\"[^\"\\]*(?:\\.[^\"\\]*)*\"\s*,\s*)?\"action\"\s*:\s*\"finish\"\s*,\s*\"answer\"\s*:\s*\"",
    re.IGNORECASE | re.DOTALL,
)
"""The beginning of the reply that the joiner is asked for, up to the first character of its answer."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What a model wants. `text`: the answer, or what is missing. `value`: the answer where it isn't text. `unread`: no form of an
    answer was read, and the text is the reply's own."""

    replan: bool
    text: str
    thought: str = ""
    value: Any = None
    unread: bool = False


def read_decision(reply: str) -> Decision | None:
    """Return the decision in a joiner's reply; None where it holds none, or none that can be read."""
    text = without_half_word(unfenced(spoken(reply)))
    word = verb_of(text)
    if word is not None:
        return Decision(True, "") if word == "replan" else None
    if _OBJECT.match(text):
        return _first_object(text)
    thoughts: list[str] = []
    found_sections = sections(text)
    for place, section in enumerate(found_sections):
        match section.kind:
            case "text" | "thought":
                body = text[section.body : section.end]
                found = said_without_heading(text, section)
                if found is None and (of_object := _first_object(body)) is not None:
                    found = _with_thought(of_object, _one_line(thoughts))
                if found is not None:
                    return found if (found.text or found.replan) and not _contrary(text, section, found) else None
                thoughts.append(body)
            case "action" | "answer":
                if place and is_announced(text, found_sections[place - 1], section):
                    return None
                found = decided(text, section, _one_line(thoughts))
                return None if found is not None and _contrary(text, section, found) else found
            case _:
                pass
    return None


def is_announced(text: str, above: Section, action: Section) -> bool:
    """Whether the line above an action ends in a colon and is no known preface: a condition, or words before an example.

    A thought of one line may end so, unless words stand in a paragraph of their own below the action.
    """
    lines = text[above.body : above.end].strip().splitlines()
    if not lines or not lines[-1].endswith((":", "：")) or is_preface(lines[-1]):
        return False
    return len(lines) > 1 or len(list(paragraphs(text[action.body : action.end]))) > 1


def _contrary(text: str, section: Section, found: Decision) -> bool:
    """Whether the other decision stands behind one in the same round: on its line, on a line of its own or under a heading of its own."""
    says = _SAYS.match(text, section.body, section.end) or _BARE.search(text, section.body, section.end)
    behind = balanced_end(text, says.end(), says["open"]) if says and says["open"] in CLOSERS else None
    if behind is not None:
        if not found.replan and _REPLANS.search(text[behind + 1 : section.end].partition("\n")[0]):
            return True
        for other in _VERBS.finditer(text, behind + 1, section.end):
            if verb_of(other["verb"] or other["line"]) == ("finish" if found.replan else "replan"):
                return True
    rest = text[section.end :]
    for later in sections(rest):
        if later.kind in ("observation", "question"):
            return False
        decision = decided(rest, later, "") if later.kind == "action" else None
        if decision is not None and decision.replan != found.replan:
            return True
    return False


def _one_line(texts: list[str]) -> str:
    return " ".join(" ".join(texts).split())


def plain(reply: str) -> str:
    """Return the words of a reply that holds no decision, to be shown as they are; nothing where they are only the word of an action."""
    text = spoken(reply)
    bodies = [text[section.body : section.end].strip() for section in sections(text) if section.kind != "question"]
    said = "\n".join(body for body in bodies if body and not verb_of(body))
    return said if any(char.isalnum() for char in said) else ""


def decided(text: str, section: Section, thought: str) -> Decision | None:
    """Return the decision that stands under `Action:` or `Answer:`; None where none is, or it is an end without an answer."""
    body = text[section.body : section.end]
    found = _with_thought(_first_object(body), thought) if _OBJECT.match(unfenced(body)) else None
    if found is None:
        says = _SAYS.match(text, section.body, section.end)
        if says and (section.kind == "action" or says["open"]):
            return _of_verb(text, section, says, thought)
        if section.kind != "answer":
            return None
        word = verb_of(body)
        found = Decision(True, "", thought) if word == "replan" else _finish(_plain(body), thought)
    return found


def said_without_heading(text: str, section: Section) -> Decision | None:
    """Return the decision that stands on a line of its own, without `Action:`."""
    bare = _BARE.search(text, section.body, section.end)
    if bare is None or (bare["only"] is not None and verb_of(bare["verb"]) == "finish"):
        return None
    return _of_verb(text, section, bare, " ".join(text[section.body : bare.start()].split()))


def _of_verb(text: str, section: Section, says: re.Match[str], thought: str) -> Decision | None:
    payload = payload_of(text, says.end(), says["open"] or "", section.end)
    if not payload and not says["open"]:
        payload = _next_payload(text, section)
    if verb_of(says["verb"]) == "replan":
        return Decision(True, _said(payload)[0], thought)
    said, value = _said(payload)
    return _finish(said, thought, value)


def _next_payload(text: str, section: Section) -> str:
    """Return what stands under the next heading, if that is of an input or an answer: `Action: Finish`, `Action Input: 42`."""
    after = next((s for s in sections(text[section.end :]) if s.kind != "text"), None)
    if after is None or after.kind not in ("input", "answer"):
        return ""
    return text[section.end + after.body : section.end + after.end].strip()


def _finish(text: str, thought: str, value: Any = None) -> Decision | None:
    """Return the end with an answer; the word for another plan is never one."""
    if verb_of(text) == "replan":
        return Decision(True, "", thought)
    return Decision(False, text, thought, value) if text else None


def verb_of(text: str) -> str | None:
    """Return "finish" or "replan" where a text is only the word for it, marks and brackets aside."""
    if len(text) > _LONGEST_WORD:
        return None
    folded = fold(text)
    if folded in _FOLDED_REPLAN:
        return "replan"
    return "finish" if folded in _FOLDED_FINISH else None


def fold(text: str) -> str:
    """Return a text without case, spaces and marks."""
    return _FOLDED.sub("", text).casefold()


_FOLDED_FINISH: Final = frozenset(map(fold, _FINISH))
_FOLDED_REPLAN: Final = frozenset(map(fold, _REPLAN))


def may_be_replan(text: str) -> bool:
    """Whether a text may yet become only the word for another plan."""
    folded = fold(text) if len(text) <= _LONGEST_WORD else "-"
    return any(word.startswith(folded) for word in _FOLDED_REPLAN)


def opened_finish(text: str, section: Section) -> re.Match[str] | None:
    """Return where the brackets of an end are opened under `Action:`, if they are."""
    says = _SAYS.match(text, section.body, section.end)
    return says if says and says["open"] and verb_of(says["verb"]) == "finish" else None


# What stands in the brackets


def payload_of(text: str, at: int, opening: str, end: int) -> str:
    """Return what stands between the brackets: to the one that closes them, or to the last, if what follows says so.

    Without brackets, and where they aren't closed, it is the rest of the section, up to `end`.
    """
    closers = ALL_CLOSERS.get(opening, CLOSERS.get(opening, ""))
    if not closers:
        return text[at:end].strip()
    closed = balanced_end(text, at, opening)
    if closed is None:
        rest = text[at : next_heading(text, at)].rstrip()
        return rest[: -1 if rest[-1:] in tuple(closers) else None].strip()
    tail = text[closed + 1 : max(end, closed + 1)].strip(" \t\r\n*_`.")
    openers = OPENERS.get(opening, opening)
    if tail and tail[-1] in closers and sum(map(tail.count, closers)) > sum(map(tail.count, openers)):
        closed = max(text.rfind(closer, 0, end) for closer in closers)
    return text[at:closed].strip()


def balanced_end(text: str, at: int, opening: str, depth: int = 1) -> int | None:
    """Return where the brackets, `depth` of them, that were opened before `at` are closed, by either width; None if they aren't."""
    openers, closers = OPENERS.get(opening, opening), ALL_CLOSERS.get(opening, CLOSERS[opening])
    for found in re.compile(f"[{re.escape(openers + closers)}]").finditer(text, at):
        depth += 1 if found[0] in openers else -1
        if depth == 0:
            return found.start()
    return None


def _said(payload: str) -> tuple[str, Any]:
    """Return what a payload says, as text and as data: a quoted text, `answer="…"`, an object of known keys, else the text itself."""
    try:
        if payload[:1] in "{｛":
            found = whole_value(payload)
            of_keys = _argument(found) if isinstance(found, dict) else None
            return (_as_text(of_keys), of_keys) if of_keys is not None else (payload, None)
        if payload[:1].isidentifier():
            given = keywords(payload)
            of_keys = _argument(given)
            return (_as_text(of_keys), of_keys) if of_keys is not None else (payload, None)
        found = whole_value(payload)
    except NotUnderstood:
        return payload, None
    return (found.strip() if isinstance(found, str) else payload), None


def _plain(body: str) -> str:
    said, _ = _said(unfenced(body) if body.strip().startswith("{") else body.strip())
    return said


# Objects


def whole_object(text: str) -> Decision | None:
    """Return the decision that a text is, an object alone."""
    try:
        found = whole_value(text)
    except NotUnderstood:
        return None
    return _of_object(found, 4) if isinstance(found, dict) else None


def _first_object(body: str) -> Decision | None:
    """Return the first object in a text that is a decision, a list of one object included; of the asked form also one that is broken.

    None where another object decides otherwise.
    """
    first: Decision | None = None
    end = 0
    for count, found in enumerate(_OBJECT.finditer(body)):
        if count == _MOST_OBJECTS or found.start() < end:
            continue
        try:
            read = read_value(body, found.start())
        except NotUnderstood:
            read = None
        value = read.value if read else None
        values = value if isinstance(value, list) else [value]
        said = [_of_object(one, 4) for one in values if isinstance(one, dict)] or [_broken(body, found.start())]
        decision = next(filter(None, said), None)
        if decision is None:
            continue
        if any(one is not None and one.replan != (first or decision).replan for one in said):
            return None
        if read is None:
            return first or decision
        first, end = first or decision, read.end
    return first


def _of_object(given: dict[str, Any], depth: int) -> Decision | None:
    """Return the decision that an object of known keys is."""
    by_kind = {fold(key): value for key, value in given.items()}
    thought = str(_one_of(by_kind, _THOUGHT_KEYS) or "")
    action = _one_of(by_kind, _ACTION_KEYS)
    if isinstance(action, dict) and depth:
        return _with_thought(_of_object(action, depth - 1), thought)
    answer, missing = (
        _argument({k: v for k, v in given.items() if fold(k) not in _ACTION_KEYS | _MISSING_KEYS}),
        _one_of(by_kind, _MISSING_KEYS),
    )
    verb = verb_of(action) if isinstance(action, str) else None
    if isinstance(action, str) and verb is None:
        inner = _one_of(by_kind, _ARGUMENT_KEYS | _ANSWER_KEYS)
        return _of_object(inner, depth - 1) if depth and fold(action) in _DECIDERS and isinstance(inner, dict) else None
    if verb is None:
        verb, answer, missing = _without_action(by_kind, answer, missing)
    if verb == "replan":
        return Decision(True, _as_text(missing if missing not in (None, "") else answer), thought)
    return _finish(_as_text(answer), thought, answer) if verb else None


def _without_action(by_kind: dict[str, Any], answer: Any, missing: Any) -> tuple[str | None, Any, Any]:
    """Return the verb of an object that has no action: one that is its key, or what its keys say."""
    for key, value in by_kind.items():
        verb = verb_of(key)
        if verb == "replan" and value is not False:
            return (
                verb,
                None,
                missing
                or (
                    ""
                    if value is True
                    else _argument(value) or _one_of(value, _MISSING_KEYS)
                    if isinstance(value, dict)
                    else value
                ),
            )
        if verb == "finish" and key not in _ANSWER_KEYS:
            return (
                verb,
                _argument(value) if isinstance(value, dict) else answer if isinstance(value, bool) else value,
                missing,
            )
    known = _ANSWER_KEYS | _MISSING_KEYS | _THOUGHT_KEYS | {"replan"}
    if not by_kind.keys() <= known or (answer not in (None, "")) == (missing not in (None, "")):
        return None, None, None
    return ("finish" if missing in (None, "") else "replan"), answer, missing


def _with_thought(decision: Decision | None, thought: str) -> Decision | None:
    if decision is None or decision.thought:
        return decision
    return Decision(decision.replan, decision.text, thought, decision.value)


def _one_of(given: Any, keys: frozenset[str]) -> Any:
    if not isinstance(given, dict):
        return None
    return next((value for key, value in given.items() if fold(key) in keys and value is not None), None)


def _argument(given: dict[str, Any]) -> Any:
    """Return the answer (or what is missing) among the arguments of an end."""
    found = _one_of(given, _ANSWER_KEYS | _MISSING_KEYS if len(given) == 1 else _ANSWER_KEYS)
    if found is None:
        found = _one_of(given, _ARGUMENT_KEYS)
        return _argument(found) if isinstance(found, dict) else found
    inner = {fold(key) for key in found} if isinstance(found, dict) else set()
    return _argument(found) if len(inner) == 1 and inner <= _ANSWER_KEYS else found


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    return value.strip() if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _broken(body: str, at: int) -> Decision | None:
    """Return the answer of a reply in the asked form that is cut, or has quotes in its answer that nothing escapes."""
    head = SCHEMA_HEAD.match(body, at)
    if head is None:
        return None
    raw = body[head.end() :].rstrip().removesuffix("```").rstrip().removesuffix("}").rstrip().removesuffix('"')
    return _finish(_unescaped(raw), "")


def _unescaped(raw: str) -> str:
    escaped = re.sub(r'(\\[\s\S])|"', lambda found: found[1] or '\\"', raw)
    try:
        text = str(json.loads(f'"{escaped}"', strict=False))
    except ValueError:
        text = raw
    return text.encode("utf-8", "replace").decode().strip()
