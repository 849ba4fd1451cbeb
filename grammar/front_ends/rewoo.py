"""Read plans of ReWOO (arXiv 2305.18323): `Plan: …` and `#E1 = Tool[input]`.

A plan is the thought of the step behind it, which may stand on its line. A step's input is one text, in which `#E1` is a reference;
where it is quoted or named arguments, an object of them, or a literal for a tool that takes no text, it is read as those. ReWOO's solver
reads all evidence, so the plan ends in `join()`.

Thoughts are aside, and so are paragraphs of prose that stand apart and hold no call. Everything else that isn't understood is an error:
it may say that a step is not to be made.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from lcc.grammar.diagnostics import Diagnostic, Rule, Severity
from lcc.grammar.ir import Arg, DictOf, Join, ListOf, Plan, Ref, Task, references, text_of
from lcc.grammar.ir.constants import value_of_json
from lcc.grammar.lenient.marks.lines import PROSE_AND_WRITES
from lcc.grammar.lenient.marks.placeholders import left_out
from lcc.grammar.lenient.marks.prefaces import is_preface
from lcc.grammar.lenient.marks.repairs import NO_PLAN, PROSE
from lcc.grammar.limits import DEFAULT_LIMITS, TextLimits
from lcc.grammar.reading.headings import KINDS
from lcc.grammar.reading.loose_values import QUOTES, NotUnderstood, Values, closing
from lcc.grammar.reading.thoughts import blanked
from lcc.grammar.signatures import NO_TOOLS, STR, Signature, Tools, fits
from lcc.grammar.source import Source, Span
from lcc.grammar.syntax.parser import Parsed, check_text
from lcc.grammar.tolerant.parameters import written
from lcc.grammar.tolerant.references import written_in
from lcc.grammar.tolerant.tool_names import ToolNames
from lcc.grammar.values import Json

EVIDENCE: Final = Rule(
    "P030",
    "unknown-evidence",
    "a ReWOO step refers to evidence that no step before it gives",
    "`#E2` is the evidence of step 2. A step can only use what was found before it.",
    "Plan: Look it up.\n#E1 = search[more about #E2]\n",
    "Plan: Look it up.\n#E1 = search[tides]\nPlan: Go on.\n#E2 = search[more about #E1]\n",
    front_end="rewoo",
)
STEP: Final = Rule(
    "P031",
    "rewoo-step",
    "a ReWOO step can't be read",
    "A step is `#E1 = tool[input]` on lines of its own; the brackets in its input come in pairs.",
    "Plan: Look it up.\n#E1 = search[tides\n",
    "Plan: Look it up.\n#E1 = search[tides]\n",
    front_end="rewoo",
)
RULES: Final = (
    EVIDENCE,
    STEP,
)

_MARKS: Final = r"(?:(?:[-*•+]|#{1,6}|\d{1,4}[.)])[ \t]+)?[*_`]{0,3}"
_PLAN: Final = r"(?:plan|plano|piano|план|计划|計劃|計画|계획|खाका|rencana|kế hoạch|خطة)(?:[ \t]*\#?\d{1,6})?[*_`]{0,3}[ \t]*[:：][*_`]{0,3}"
_NUMBER: Final = r"[#＃]E(?P<number>\d+)[*_`]{0,3}[ \t]*(?:[:：]=?|=|＝)"
_WORDS: Final = "|".join(re.escape(word) for word, kind in KINDS.items() if kind in ("thought", "question"))
_STATEMENT: Final = re.compile(
    rf"^[ \t]*(?!#[ \t]+[*_`]{{0,3}}[#＃]E){_MARKS}(?:(?P<plan>{_PLAN})|(?P<step>(?<!# ){_NUMBER})|(?P<other>{_WORDS})[*_`]{{0,3}}[ \t]*[:：]|(?P<fence>```\w*|~~~\w*)[ \t]*$)",
    re.MULTILINE | re.IGNORECASE,
)
_STEP_HEAD: Final = rf"(?P<step>{_NUMBER})[ \t]*[*_`]{{0,3}}\[?[A-Za-z_][\w./-]*[\]*_`]{{0,4}}[ \t]*[\[(［（【]"
_WITHIN: Final = re.compile(rf"(?<=[ \t]){_MARKS}(?:{_STEP_HEAD}|(?P<plan>{_PLAN}))", re.IGNORECASE)
_INNER: Final = re.compile(rf"(?:(?<=[ \t]){_MARKS})?{_STEP_HEAD}", re.IGNORECASE)
_TOOL: Final = re.compile(
    r"[ \t]*[*_`]{0,3}(?:\[(?P<quoted>[A-Za-z_][\w./ -]*)\]|(?P<name>[A-Za-z_][A-Za-z0-9_./-]*))[*_`]{0,3}[ \t]*(?P<open>[\[(［（【])?"
)
_ENDS: Final = re.compile(r"[ \t\r*_`.;,。]*")
_BLANK: Final = re.compile(r"\n[ \t]*\r?\n|\Z")
_ARGUMENTS: Final = re.compile(rf"[{re.escape(''.join(QUOTES))}]|[A-Za-z_]\w*[ \t]*=(?!=)")
_EVIDENCE: Final = re.compile(
    r"(?P<two>\{\{)?(?P<one>\{)?[#＃]E(?P<number>[0-9]{1,9})(?![0-9])(?(one)\})(?(two)\}\})", re.IGNORECASE
)
_BARE: Final = re.compile(rf"\"(?:[^\"\\]|\\.|)*+\"|'(?:[^'\\]|\\.|)*+'|(?P<bare>{_EVIDENCE.pattern})", re.IGNORECASE)
"""Evidence that stands outside of quotes; as data, it is an object."""
_CALLED: Final = re.compile(r"(?<![A-Za-z0-9_./-])([A-Za-z_][A-Za-z0-9_./-]*+)[*_`\]]*[ \t]?[\[(（［]")
_SENTENCE: Final = ".!?。！？…"
_ALONE: Final = "write plans and steps alone"
_UNREAD: Final = "this is neither a plan nor a step, and stands among them"


def parse(text: str, *, path: str = "<rewoo>", tools: Tools = NO_TOOLS, limits: TextLimits = DEFAULT_LIMITS) -> Parsed:
    """Read a ReWOO plan. Never raises for what the text holds."""
    source = Source(path, text)
    refused = check_text(text, limits)
    if refused:
        return Parsed(Plan(), (refused,), source)
    reader = _Reader(blanked(text), tools, limits)
    reader.read()
    found = sorted(reader.found, key=lambda d: (d.span or Span(0, 0)).start)
    return Parsed(reader.plan(), tuple(found), source, frozenset(reader.unread))


_DEPENDS: Final = (
    "the thought speaks of a result that this step, which writes, doesn't read: it may say when the step is taken"
)


@dataclass(slots=True)
class _Reader:
    text: str
    tools: Tools
    limits: TextLimits
    tasks: list[Task] = field(default_factory=list)
    found: list[Diagnostic] = field(default_factory=list)
    unread: set[int] = field(default_factory=set)
    _known: set[int] = field(default_factory=set)
    _thought: str = ""
    _spoken: set[int] = field(default_factory=set)
    _said: Span | None = None
    _found: dict[re.Pattern[str], re.Match[str] | None] = field(default_factory=dict)

    def read(self) -> None:
        at, touching = 0, False
        while at < len(self.text):
            within = _WITHIN.match(self.text, at) if at and self.text[at - 1] in " \t" else None
            statement = self._next(_STATEMENT, at)
            if within is None and (statement is None or statement.start() > at):
                end = statement.start() if statement else len(self.text)
                self._prose(at, end, above=touching, below=statement is not None and not statement["fence"])
                at, touching = end, False
                continue
            head = within or statement
            assert head is not None
            if len(self.tasks) == self.limits.tasks and head["step"]:
                message = f"more than {self.limits.tasks:,} steps"
                self._error("P015", message, Span(head.start(), head.end()), "split the plan, or raise the limit")
                return
            at, touching = self._statement(head), True
        names = ToolNames(self.tools)
        self.found += filter(None, (left_out(task.tool, task.args, names) for task in self.tasks))
        if self._said is not None and any(names.may_write(task.tool) for task in self.tasks):
            self._error(STEP.code, PROSE_AND_WRITES, self._said, _ALONE)
        if not self.tasks and not self.unread and not any(found.is_error for found in self.found):
            help_ = "a step looks like this: #E1 = search[tides]"
            self._error(NO_PLAN.code, "there is no step in this text", Span(0, 0), help_)

    def _next(self, pattern: re.Pattern[str], at: int) -> re.Match[str] | None:
        """Return the first match from `at` on. Places only grow, so that the text is searched once."""
        known = self._found.get(pattern)
        if pattern not in self._found or (known is not None and known.start() < at):
            self._found[pattern] = known = pattern.search(self.text, at)
        return known

    def plan(self) -> Plan:
        ids = tuple(dict.fromkeys(task.id for task in self.tasks if isinstance(task.id, int)))
        join = Join(tuple(Ref(id_) for id_ in ids), ids) if ids else None
        return Plan((), tuple(self.tasks), join)

    def _statement(self, head: re.Match[str]) -> int:
        """Read what begins at a head; return where it ends."""
        kinds = head.groupdict()
        if kinds["step"]:
            return self._step(head)
        if kinds.get("fence"):
            return head.end()
        end = self._words_end(head.end())
        if kinds["plan"]:
            spoken = _EVIDENCE.finditer(self.text, head.end(), end)
            self._spoken = {int(found["number"]) for found in spoken}
            said = re.compile(r"[^\r\n]*\S[^\r\n]*\n?").match(self.text, head.end(), end)
            end = said.end() if said else end
            self._thought = " ".join(self.text[head.end() : end].strip(" *_`").split())
        elif self.tasks and KINDS.get(str(kinds["other"]).casefold()) == "question":
            self._error(STEP.code, "another task begins here", Span(head.start(), head.end()), "give one plan alone")
        return end

    def _words_end(self, at: int) -> int:
        """Return where the words of a plan or a thought end: with their paragraph, where a statement begins, or a step behind a sentence."""
        ends = (self._next(_BLANK, at), self._next(_STATEMENT, at))
        end = min((found.start() for found in ends if found), default=len(self.text))
        inner = _INNER.search(self.text, at, end)
        plan = _WITHIN.search(self.text, at, inner.start() if inner else end)
        if plan is not None and plan["plan"] and self.text[at : plan.start()].rstrip(" \t")[-1:] in tuple(_SENTENCE):
            return plan.start()
        if inner is None:
            return end
        said = self.text[at : inner.start()]
        last = said.rstrip(" \t")[-1:]
        apart = said[-1:] in ("", " ", "\t") and (last in ("", *_SENTENCE) or (last.isalnum() and "\n" not in said))
        if not apart:
            self._error(STEP.code, "a step stands among other words", Span(inner.start(), inner.end()), _ALONE)
            return end
        return inner.start()

    def _step(self, head: re.Match[str]) -> int:
        """Read a step; return where its text ends."""
        following = self._next(_STATEMENT, head.end("step"))
        limit = following.start() if following else len(self.text)
        digits, span = head["number"], Span(head.start("step"), head.end("step"))
        if len(digits) > 9 or int(digits) == 0:
            self._error("P026", "this is no number for a step", span, "steps are numbered from 1")
            return limit
        number = int(digits)
        tool = _TOOL.match(self.text, head.end("step"), limit)
        name = (tool["quoted"] or tool["name"]).strip() if tool else ""
        name = ToolNames(self.tools).find(name) or name
        inside = tool.end() if tool else 0
        if tool is None or not (tool["open"] or self._alone(name, inside, limit)):
            return self._refuse(number, span, limit)
        close = inside - 1 + closing(self.text[inside - 1 : limit], 1, tool["open"]) if tool["open"] else inside
        if close == limit and tool["open"]:
            return self._refuse(number, Span(inside - 1, inside), limit)
        end = close + bool(tool["open"])
        args = self._arguments(Span(inside, close), self.tools.get(name)) if tool["open"] else ()
        read = {ref.task for arg in args for ref in references(arg.value)}
        if ToolNames(self.tools).may_write(name) and self._spoken & self._known - read:
            self._error(STEP.code, _DEPENDS, span, "read that result in the step, or leave the step out")
        if number in self._known:
            twice = "give one plan alone, with a number for each step"
            self._error(STEP.code, f"`#E{number}` is given twice", span, twice)
        self.tasks.append(Task(number, name, args, (), 0.0, self._thought, Span(span.start, end)))
        self._known.add(number)
        self._thought, self._spoken = "", set()
        return self._tail(end, limit)

    def _alone(self, name: str, at: int, limit: int) -> bool:
        """Whether a tool without an input stands alone on its line, and takes none."""
        tool = self.tools.get(name)
        line = self.text[at:limit].partition("\n")[0]
        return tool is not None and not line.strip(" \t\r*_`.") and not any(p.required for p in tool.parameters)

    def _tail(self, at: int, limit: int) -> int:
        """Return where a step's line ends, or the next begins on it; anything else behind the brackets is an error."""
        marks = _ENDS.match(self.text, at, limit)
        place = marks.end() if marks else at
        end = (self.text.find("\n", place, limit) + 1) or limit
        if not self.text[place:end].strip():
            return end
        if _WITHIN.match(self.text, place):
            return place
        self._error(STEP.code, "something stands behind this step", Span(place, end), _ALONE)
        return end

    def _refuse(self, number: int, span: Span, end: int) -> int:
        self.unread.add(number)
        self._error(STEP.code, "this step can't be read", span, "a step looks like this: #E1 = search[tides]")
        return end

    def _arguments(self, span: Span, signature: Signature | None) -> tuple[Arg, ...]:
        """Return an input as an object of arguments, as quoted or named ones, or else as one text."""
        raw = self.text[span.start : span.end]
        if signature is not None and not signature.parameters and not raw.strip().strip("{}"):
            return ()
        inner = raw.strip()
        marked = _BARE.sub(lambda found: f'{{"#E": "{found[0]}"}}' if found["bare"] else found[0], inner)
        values = Values(marked, self.limits)
        parameters = signature.parameters if signature else ()
        with suppress(NotUnderstood):
            given = values.whole() if inner[:1] in ("{", "｛") else None
            if isinstance(given, dict) and given and (not signature or given.keys() <= {p.name for p in parameters}):
                return self._given([*given.items()], span, signature)
            if given is None and (_ARGUMENTS.match(inner) or (parameters and not fits(STR, parameters[0].type))):
                return self._given(values.arguments(0, "")[0], span, signature)
        return (Arg(None, self._text(inner, span.start + raw.find(inner)), False, span),)

    def _given(self, given: list[tuple[str | None, Json]], span: Span, signature: Signature | None) -> tuple[Arg, ...]:
        args, parameters = [], signature.parameters if signature else ()
        for place, (name, value) in enumerate(given):
            taken = [p for at, p in enumerate(parameters) if p.name == name or (at == place and not name)]
            text = not signature or any(fits(STR, p.type) for p in taken)
            args.append(Arg(name, self._value(value, span, text), False, span))
        return written(signature, tuple(args))

    def _text(self, text: str, start: int) -> Any:
        """Return a text with its references; what only looks like one, to a step that there is, is an error."""
        parts: list[Any] = []
        at = 0
        for found in _EVIDENCE.finditer(text):
            parts.append(text[at : found.start()])
            parts.append(self._reference(found, Span(start + found.start(), start + found.end())))
            at = found.end()
        parts.append(text[at:])
        for one in written_in(_EVIDENCE.sub(lambda found: " " * len(found[0]), text)):
            if one.number in self._known and not one.natural and (one.worded or text[one.start] != "$"):
                what = f"`{text[one.start : one.end]}` looks like evidence"
                self._error(EVIDENCE.code, what, Span(start + one.start, start + one.end), f"write #E{one.number}")
        return text_of([part for part in parts if part != ""] or [""])

    def _value(self, value: Json, span: Span, takes_text: bool) -> Any:
        match value:
            case str():
                found = None if takes_text else _EVIDENCE.fullmatch(value.strip())
                return self._reference(found, span) if found else self._text(value, span.start)
            case list():
                return ListOf(tuple(self._value(item, span, False) for item in value))
            case {"#E": str(said), **more} if not more and (found := _EVIDENCE.fullmatch(said)):
                return self._reference(found, span)
            case dict():
                return DictOf(tuple((key, self._value(item, span, False)) for key, item in value.items()))
        return value_of_json(value)

    def _reference(self, found: re.Match[str], span: Span) -> Ref | str:
        number = int(found["number"])
        if number in self._known or number in self.unread:
            return Ref(number, (), span)
        self._error(EVIDENCE.code, f"`{found[0]}` is evidence that no step before this one gives", span, None)
        return found[0]

    def _prose(self, start: int, end: int, *, above: bool, below: bool) -> None:
        """Judge what is no statement: paragraphs that stand apart, without a call in them, are dropped with a warning.

        `above`, `below`: whether a statement stands there.
        """
        between = self.text[start:end]
        stripped = between.strip()
        if not stripped.strip("`~*_- \t\r\n"):
            return
        first = start + between.index(stripped)
        span = Span(first, first + len(stripped))
        begins, ends = self.text[start:first], self.text[span.end : end]
        touches = (above and not _apart(begins, 1)) or (below and not _apart(ends, 2))
        known = is_preface(stripped.rpartition("\n")[2])
        offers = below and stripped.endswith((":", "：")) and not known
        calls = any(not self.tools or found[1] in self.tools for found in _CALLED.finditer(stripped)) and bool(
            self.tools or "#E" in stripped
        )
        if ((touches or (self.tasks and below)) and not known) or offers or calls:
            self._error(STEP.code, _UNREAD, span, _ALONE)
        else:
            self.found.append(Diagnostic(PROSE.code, Severity.WARNING, PROSE.message, span))
            self._said = self._said or (None if known and "\n" not in stripped else span)

    def _error(self, code: str, message: str, span: Span, help_: str | None) -> None:
        self.found.append(Diagnostic(code, Severity.ERROR, message, span, help_))


def _apart(spaces: str, lines: int) -> bool:
    """Whether a blank line is among spaces: `lines` line breaks, since one may have been taken with the line before."""
    return spaces.count("\n") >= lines
