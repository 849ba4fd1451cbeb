"""Read ReWOO plans: `Plan: …` and `#E1 = Tool[input]`.

A plan is the thought of the step behind it, which may stand on its line. A step's input is one text, in which `#E1` is a reference;
where it is quoted or named arguments, or a literal for a tool that takes no text, it is read as those. ReWOO's solver reads all evidence, so the plan ends in `join()`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedInput

from lcc.grammar.diagnostics import Diagnostic, Rule, Severity
from lcc.grammar.ir import Arg, Join, Plan, Ref, Task, text_of
from lcc.grammar.lenient.parameters import written
from lcc.grammar.lenient.repairs import prose, trailing_text
from lcc.grammar.lenient.repairs.refusals import NO_PLAN
from lcc.grammar.lenient.tail import Tail, judge_tail
from lcc.grammar.limits import DEFAULT_LIMITS, TextLimits
from lcc.grammar.signatures import NO_TOOLS, STR, Signature, Tools, fits
from lcc.grammar.source import Source, Span
from lcc.grammar.syntax.lalr import Unexpected
from lcc.grammar.syntax.parser import Parsed, check_text
from lcc.grammar.syntax.resolve import Scope, resolve_args
from lcc.grammar.syntax.statement import Call, StatementParser

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

_BEGINS: Final = re.compile(
    r"^[ \t]*(?:(?P<plan>Plan(?:[ \t]*#?\d{1,6})?[ \t]*:)|(?P<step>#E\d+[ \t]*=))", re.MULTILINE
)
_BEHIND: Final = re.compile(r"[^\n]*?(?P<step>#E\d+[ \t]*=[ \t]*[A-Za-z_][A-Za-z0-9_./-]*[ \t]*\[)")
_ARGUMENTS: Final = re.compile(r"\s*(?:[\"']|[A-Za-z_]\w*[ \t]*=(?!=))")
_EVIDENCE: Final = re.compile(r"#E([0-9]{1,9})(?![0-9])")
_MOST_NESTED: Final = 64


def parse(text: str, *, path: str = "<rewoo>", tools: Tools = NO_TOOLS, limits: TextLimits = DEFAULT_LIMITS) -> Parsed:
    """Read a ReWOO plan. Never raises for what the text holds."""
    source = Source(path, text)
    refused = check_text(text, limits)
    if refused:
        return Parsed(Plan(), (refused,), source)
    reader = _Reader(text, tools, limits)
    reader.read()
    found = sorted(reader.found, key=lambda d: (d.span or Span(0, 0)).start)
    return Parsed(reader.plan(), tuple(found), source, frozenset(reader.unread))


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

    def read(self) -> None:
        at = 0
        for start, end, kind, body in _statements(self.text):
            self._prose(at, start)
            if kind == "plan":
                self._thought = " ".join(self.text[body:end].split())
            elif len(self.tasks) == self.limits.tasks:
                message = f"more than {self.limits.tasks:,} steps"
                self._error("P015", message, Span(start, end), "split the plan, or raise the limit")
                return
            else:
                self._step(start, end)
            at = end
        self._prose(at, len(self.text))
        if not self.tasks and not self.unread:
            self._error(
                NO_PLAN.code, "there is no step in this text", Span(0, 0), "a step looks like this: #E1 = search[tides]"
            )

    def plan(self) -> Plan:
        ids = tuple(dict.fromkeys(task.id for task in self.tasks if isinstance(task.id, int)))
        join = Join(tuple(Ref(id_) for id_ in ids), ids) if ids else None
        return Plan((), tuple(self.tasks), join)

    def _step(self, start: int, end: int) -> None:
        step = self.text[start:end]
        close = step.rfind("]") + 1
        head = _EVIDENCE.match(step.lstrip())
        number = int(head[1]) if head else 0
        shift = start + len(step) - len(step.lstrip())
        if number == 0 or head is None:
            self._error("P026", "this is no number for a step", Span(shift, shift + 2), "steps are numbered from 1")
            return
        try:
            tree = _grammar().parse(step[shift - start : close]) if step.count("[") <= _MOST_NESTED else None
        except UnexpectedInput as error:
            at = min(shift + max(error.pos_in_stream or 0, 0), max(end - 1, 0))
            self._refuse(number, Span(at, at + 1))
            return
        if tree is None:
            self._refuse(number, Span(start, end))
            return
        self._tail(start + close, end)
        tool, content = _parts(tree)
        span = Span(shift, start + close)
        opening = shift + tool.end_pos + 1 if tool.end_pos is not None else shift
        signature = self.tools.get(str(tool).strip())
        args = self._arguments(content, Span(opening, start + close - 1), signature)
        self.tasks.append(Task(number, str(tool).strip(), args, (), 0.0, self._thought, span))
        self._known.add(number)
        self._thought = ""

    def _refuse(self, number: int, span: Span) -> None:
        self.unread.add(number)
        self._error(STEP.code, "this step can't be read", span, "a step looks like this: #E1 = search[tides]")

    def _arguments(self, content: list[Token], span: Span, signature: Signature | None) -> tuple[Arg, ...]:
        raw = self.text[span.start : span.end]
        if signature is not None and not signature.parameters and not raw.strip():
            return ()
        if _ARGUMENTS.match(raw) or _takes_no_text(signature):
            args = self._as_arguments(raw, span)
            if args is not None:
                return written(signature, args)
        parts: list[Any] = []
        for token in content:
            evidence = _EVIDENCE.fullmatch(token)
            if evidence is None:
                parts.append(str(token))
                continue
            place = span.start + (token.start_pos or 0) - (content[0].start_pos or 0)
            parts.append(self._reference(int(evidence[1]), Span(place, place + len(token)), str(token)))
        value = text_of(_stripped(parts))
        return (Arg(None, value, False, span),)

    def _reference(self, number: int, span: Span, written: str) -> Ref | str:
        if number in self._known or number in self.unread:
            return Ref(number, (), span)
        self._error(EVIDENCE.code, f"`{written}` is evidence that no step before this one gives", span, None)
        return written

    def _as_arguments(self, raw: str, span: Span) -> tuple[Arg, ...] | None:
        """Read quoted or named arguments; None if they aren't in order, so that the input is a text after all."""
        mentioned = {int(found[1]) for found in _EVIDENCE.finditer(raw)}
        if not mentioned <= self._known:
            return None
        parser = StatementParser(self.limits)
        written = _EVIDENCE.sub(lambda found: f"${{{int(found[1])}}}", raw.replace("$", "$$"))
        try:
            call = parser.parse(f"1. f({written})", 0)
        except Unexpected:
            return None
        if parser.diagnostics or not isinstance(call, Call):
            return None
        args = resolve_args(call.args, Scope(mentioned, ()), self.found.append)
        return tuple(Arg(arg.name, arg.value, arg.each, span) for arg in args)

    def _prose(self, start: int, end: int) -> None:
        stripped = self.text[start:end].strip()
        if stripped.strip("`~ \t\r\n"):
            at = self.text.index(stripped, start)
            self._warn(prose.REPAIR.code, prose.REPAIR.message, Span(at, at + len(stripped)))

    def _tail(self, start: int, end: int) -> None:
        rest = self.text[start:end]
        line, _, more = rest.partition("\n")
        if judge_tail(line) is not Tail.CLEAN:
            stripped = line.strip()
            at = start + line.index(stripped)
            self._warn(trailing_text.REPAIR.code, trailing_text.REPAIR.message, Span(at, at + len(stripped)))
        if more.strip():
            self._prose(end - len(more), end)

    def _warn(self, code: str, message: str, span: Span) -> None:
        self.found.append(Diagnostic(code, Severity.WARNING, message, span))

    def _error(self, code: str, message: str, span: Span, help_: str | None) -> None:
        self.found.append(Diagnostic(code, Severity.ERROR, message, span, help_))


def _takes_no_text(signature: Signature | None) -> bool:
    """Whether the first parameter of a tool is of a type that no text is of."""
    return signature is not None and bool(signature.parameters) and not fits(STR, signature.parameters[0].type)


def _statements(text: str) -> Iterator[tuple[int, int, str, int]]:
    """Yield where each plan and step begins and ends, which it is, and where its body begins."""
    found = list(_BEGINS.finditer(text))
    for place, match in enumerate(found):
        end = found[place + 1].start() if place + 1 < len(found) else len(text)
        behind = None if match["step"] else _BEHIND.match(text, match.end(), end)
        if behind is not None:
            yield match.start(), behind.start("step"), "plan", match.end()
            yield behind.start("step"), _step_end(text, behind.start("step"), end), "step", behind.end()
            continue
        end = _step_end(text, match.start(), end) if match["step"] else min(end, _paragraph_end(text, match.end(), end))
        yield match.start(), end, "step" if match["step"] else "plan", match.end()


def _step_end(text: str, start: int, end: int) -> int:
    """Return where a step ends: at the end of the line of its last bracket, or with the text that belongs to it."""
    close = text.rfind("]", start, end)
    if close < 0:
        return end
    line = text.find("\n", close, end)
    return end if line < 0 else line


def _paragraph_end(text: str, start: int, end: int) -> int:
    blank = re.compile(r"\n[ \t]*\r?\n").search(text, start, end)
    return blank.start() if blank else end


def _parts(tree: Tree[Token]) -> tuple[Token, list[Token]]:
    """Return the tool of a step and the tokens of its input, brackets included."""
    tool = next(child for child in tree.children if isinstance(child, Token) and child.type == "TOOL")
    content: list[Token] = []
    stack: list[Any] = [child for child in reversed(tree.children) if isinstance(child, Tree)]
    while stack:
        node = stack.pop()
        if isinstance(node, Token):
            content.append(node)
            continue
        children = list(reversed(node.children))
        if node.data == "nested":
            stack += [Token("TEXT", "]"), *children, Token("TEXT", "[")]
        else:
            stack += children
    return tool, content


def _stripped(parts: list[Any]) -> list[Any]:
    if parts and isinstance(parts[0], str):
        parts[0] = parts[0].lstrip()
    if parts and isinstance(parts[-1], str):
        parts[-1] = parts[-1].rstrip()
    return parts


@cache
def _grammar() -> Lark:
    text = (Path(__file__).parent / "rewoo.lark").read_text(encoding="utf-8")
    return Lark(text, parser="lalr", lexer="contextual", keep_all_tokens=False)
