"""Settle what a stretch of text that begins with a call's head says: calls that the strict parser accepts, or why there is none.

Readings are tried in the order of how many choices they take against the likeliest way; of those with as few, the one that
changes least is taken. Two that change equally little and say different things are an error that names both.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from lcc.grammar.diagnostics import Diagnostic, Edit, Fix, Severity, has_errors
from lcc.grammar.ir import NOWHERE, Arg, Input, Ref, Value
from lcc.grammar.lenient import json_call
from lcc.grammar.lenient.argument_walk import Budget, Exhausted, Inner, Refused
from lcc.grammar.lenient.draft import Change, Draft, fix_of, placed, placed_diagnostic
from lcc.grammar.lenient.heads import Head, head_changes
from lcc.grammar.lenient.json_call import JsonCall
from lcc.grammar.lenient.parameters import takes, written
from lcc.grammar.lenient.reader import Reader
from lcc.grammar.lenient.reference_style import results_in
from lcc.grammar.lenient.repairs import (
    BARE_TEXT,
    BY_CODE,
    CALL_BRACKET,
    FULL_WIDTH,
    JOIN_ARGUMENTS,
    JSON_CALL,
    MARKDOWN_ESCAPE,
    MISSING_NUMBER,
    MISSING_QUOTE,
    NESTED_CALL,
    Repair,
)
from lcc.grammar.lenient.tail import Tail, judge_tail
from lcc.grammar.lenient.tool_names import ToolNames
from lcc.grammar.source import Span
from lcc.grammar.syntax.lalr import Unexpected
from lcc.grammar.syntax.statement import Call, CallKind, StatementParser

_BUDGET: Final = 120
"""How many walks over one call, at most; fewer over long ones."""
_CHARACTERS: Final = 1_000_000
"""How many characters all walks over one call may read."""
_JSON_WAYS: Final = 3
_WALK: Final = 10
"""The steps that one more walk takes in any case."""
_READING: Final = 50
"""The steps that one more reading takes in any case: the strict parser is asked, and changes are reported."""
_PARSED: Final = 10
"""How many characters the strict parser reads in the time of a step."""
_ESCAPED_SLASH: Final = re.compile(r"((?:\A|[^\\])(?:\\\\)*)\\/")
_MOST_CHOICES: Final = 24
"""How many of a walk's choices are tried otherwise."""


class Read(NamedTuple):
    """One call as it was read: spans are in the source. `nested`: the variable that stands for it in the call around it."""

    call: Call
    number: int | None
    variable: str | None
    codes: tuple[str, ...]
    diagnostics: tuple[Diagnostic, ...]
    text: str
    numbered: bool = True
    nested: str | None = None


class Settled(NamedTuple):
    """What a region says: calls, the outer one last, and where in the region the last one ends."""

    reads: tuple[Read, ...]
    end: int


@dataclass(frozen=True, slots=True)
class Unsettled:
    """Why a region can't be read: two readings, or None where there is none."""

    readings: tuple[str, str] | None = None


@dataclass(slots=True)
class Settler:
    """Settle regions of one text."""

    parser: StatementParser
    names: ToolNames
    budget: Budget

    def at_once(self, region: str, base: int, head: Head, end: int) -> Settled | None:
        """Read a call whose arguments are in order already: only its head is mended."""
        with suppress(Exhausted):
            return self._at_once(region, base, head, end)
        return None

    def _at_once(self, region: str, base: int, head: Head, end: int) -> Settled | None:
        changes = self._head(region, head)
        if region[head.end - 1] == "{":
            changes.append(Change(end, end, ")", CALL_BRACKET.code))
        elif region[end - 1] != ")":
            changes.append(Change(end - 1, end, ")", CALL_BRACKET.code))
        reads = self._parse(region, base, head, changes, (), end)
        return None if reads is None else Settled(reads, end)

    def region(
        self, region: str, base: int, head: Head, settled: bool, variables: Collection[str]
    ) -> Settled | Unsettled:
        """Read a call from a region that begins with its head; what takes too many steps is not settled."""
        with suppress(Exhausted):
            return self._region(region, base, head, settled, variables)
        return Unsettled()

    def _region(
        self, region: str, base: int, head: Head, settled: bool, variables: Collection[str]
    ) -> Settled | Unsettled:
        best: dict[str, tuple[int, Settled]] = {}
        deepest = _MOST_CHOICES
        for depth, reader, end in self._walks(region, head, settled, variables):
            if depth > deepest:
                break
            changes = self._head(region, head) + reader.changes
            self._close_bracket(region, head, end, changes)
            reads = self._parse(region, base, head, changes, reader.inner, end)
            if reads is None:
                continue
            # Where a quote is missing, one place is as good as another: look for a second reading.
            inserts = any(change.code == MISSING_QUOTE.code for change in reader.changes)
            deepest = min(deepest, depth + inserts)
            key = "\n".join(read.text for read in reads)
            cost = len(reader.changes)
            if key not in best or cost < best[key][0]:
                best[key] = cost, Settled(reads, end)
        if not best:
            return Unsettled()
        ranked = sorted(best.items(), key=lambda item: item[1][0])
        if len(ranked) > 1 and ranked[0][1][0] == ranked[1][1][0]:
            return Unsettled((ranked[0][0], ranked[1][0]))
        return ranked[0][1][1]

    def join(self, region: str, base: int, head: Head, end: int, variables: Collection[str]) -> Settled:
        """Read a join whose arguments say more than which results it reads: only those count."""
        whole = Span(base + head.start, base + end)
        given = region[head.end : end]
        return Settled((self.join_of(given, head.number, whole, JOIN_ARGUMENTS, variables),), end)

    def join_of(self, given: str, number: int | None, whole: Span, repair: Repair, variables: Collection[str]) -> Read:
        """Return the join of the results that a text names."""
        found = results_in(given, variables)
        text = f"{number}. join({', '.join(found)})" if number else f"join({', '.join(found)})"
        call = self.parser.parse(text, 0)
        if not isinstance(call, Call):
            raise AssertionError(text)
        args = tuple(Arg(arg.name, _at(arg.value, whole), False, whole) for arg in call.args)
        fix = Fix(repair.fix, (Edit(whole, text),), repair.safe)
        report = Diagnostic(repair.code, Severity.WARNING, repair.message, whole, None, fix=fix)
        call = Call("join", call.id, "join", args, call.templated, whole)
        return Read(call, number, None, (repair.code,), (report,), text)

    def spelled_out(
        self, tool: str, given: str, start: int, whole: Span, repair: Repair, variables: Collection[str]
    ) -> Read | None:
        """Read a call whose arguments stand without parentheses: `given`, from `start` on. `whole` is what the call takes up."""
        body = given.strip()
        if body.endswith(")") and body.count(")") > body.count("("):
            body = body[:-1]
        head = Head(0, len(tool) + 1, None, tool, tool, 0)
        found = self.region(f"{tool}({body})", start - len(tool) - 1, head, True, variables)
        if not isinstance(found, Settled) or len(found.reads) != 1:
            return None
        read = found.reads[0]
        fix = Fix(repair.fix, (Edit(whole, read.text),), repair.safe)
        report = Diagnostic(repair.code, Severity.WARNING, repair.message, whole, None, fix=fix)
        codes = tuple(code for code in read.codes if code not in (MISSING_NUMBER.code, BARE_TEXT.code))
        return read._replace(
            call=replace(read.call, span=whole, named=NOWHERE),
            codes=(repair.code, *codes),
            diagnostics=(report, *(d for d in read.diagnostics if not d.code.startswith("R"))),
        )

    def json(self, region: str, base: int, head: Head, settled: bool) -> Settled | None:
        """Read the calls that JSON describes."""
        with suppress(Exhausted):
            return self._json(region, base, head, settled)
        return None

    def _json(self, region: str, base: int, head: Head, settled: bool) -> Settled | None:
        start = head.end - 1
        for way in range(_JSON_WAYS):
            reader = Reader(region, self.names, frozenset(), settled, (way,), self.budget)
            try:
                end = reader.value(start, None, False)
            except Refused:
                continue
            if judge_tail(region[end : reader.line_end(end)]) is Tail.BAD:
                continue
            draft = Draft(region, base, start, end, reader.changes)
            value = self._value(draft.text)
            calls = None if value is None else json_call.calls_in(value, self.names, self._value)
            if calls:
                return Settled(tuple(self._json_read(c, head, draft, len(calls) == 1) for c in calls), end)
        return None

    def _value(self, text: str) -> Value | None:
        """Return the value that a text writes as JSON, or None."""
        before = len(self.parser.diagnostics)
        self.budget.spend(len(text) // _PARSED)
        text = _ESCAPED_SLASH.sub(r"\1/", text)
        try:
            call = self.parser.parse(f"1. f({text})", 0)
        except Unexpected:
            call = None
        failed = has_errors(self.parser.diagnostics[before:])
        del self.parser.diagnostics[before:]
        return call.args[0].value if isinstance(call, Call) and len(call.args) == 1 and not failed else None

    def _json_read(self, found: JsonCall, head: Head, draft: Draft, alone: bool) -> Read:
        name = self.names.find(found.tool) or self.names.find(found.tool.removeprefix("functions.")) or found.tool
        kind: CallKind = "join" if name == "join" else "answer" if name == "answer" else "task"
        span = draft.span(Span(0, len(draft.text)))
        given = written(self.names.signature(name), found.args)
        args = tuple(Arg(arg.name, arg.value, False, span) for arg in given)
        call = Call(kind, None, name, args if kind != "join" else (), True, span)
        number = head.number if head.number and alone else found.number
        shown = ", ".join(
            f"{arg.name}={json_call.literal(arg.value)}" if arg.name else json_call.literal(arg.value) for arg in args
        )
        text = f"{number or 1}. {name}({shown})"
        code = JSON_CALL.code
        start = draft.base + head.start if alone else span.start
        fix = Fix(BY_CODE[code].fix, (Edit(Span(start, span.end), text),), BY_CODE[code].safe) if alone else None
        diagnostic = Diagnostic(code, Severity.WARNING, BY_CODE[code].message, Span(start, span.end), None, fix=fix)
        return Read(call, number, None, (code,), (diagnostic,), text, head.numbered or number is not None)

    def _walks(
        self, region: str, head: Head, settled: bool, variables: Collection[str]
    ) -> Iterator[tuple[int, Reader, int]]:
        """Yield the walks that reach an end, with the number of choices that each takes against the likeliest way."""
        signature = self.names.signature(head.tool)
        budget = max(2, min(_BUDGET, _CHARACTERS // (len(region) + 1)))
        waiting: deque[tuple[int, ...]] = deque([()])
        while waiting and budget:
            budget -= 1
            self.budget.spend(_WALK)
            decisions = waiting.popleft()
            reader = Reader(region, self.names, variables, settled, decisions, self.budget)
            end = None
            with suppress(Refused):
                end = reader.arguments(head.end, region[head.end - 1], signature)
            depth = sum(1 for way in decisions if way)
            if end is not None:
                yield depth, reader, end
            for place in range(len(decisions), min(len(reader.taken), _MOST_CHOICES)):
                for way in range(1, reader.taken[place][1]):
                    waiting.append((*decisions, *(0,) * (place - len(decisions)), way))

    def _head(self, region: str, head: Head) -> list[Change]:
        changes = head_changes(region, head)
        opening = region[head.end - 1]
        start = head.end - 1
        if region[start - 1 : head.end] == "\\(":
            changes.append(Change(start - 1, start, "", MARKDOWN_ESCAPE.code))
        elif opening == "（":
            changes.append(Change(start, head.end, "(", FULL_WIDTH.code))
        elif opening == "{":
            changes.append(Change(start, start, "(", CALL_BRACKET.code))
        elif opening != "(":
            changes.append(Change(start, head.end, "(", CALL_BRACKET.code))
        return changes

    def _close_bracket(self, region: str, head: Head, end: int, changes: list[Change]) -> None:
        if region[head.end - 1] == "[" and region[end - 1 : end] == "]" and not any(c.end == end for c in changes):
            changes.append(Change(end - 1, end, ")", CALL_BRACKET.code))

    def _parse(
        self, region: str, base: int, head: Head, changes: list[Change], inner: Sequence[Inner], end: int
    ) -> tuple[Read, ...] | None:
        """Parse the outer call and the ones inside of it; None if the strict parser refuses one, or a tool can't take it."""
        self.budget.spend(len(inner) * (len(inner) + len(changes)))
        ordered = sorted(inner, key=lambda call: (call.end, -call.start))
        reads = []
        for call in ordered:
            own = [c for c in changes if _within(c, [call])]
            draft = _part(region, base, call.start, call.end, own, inner)
            read = self._one(draft, f"1. {draft.text}", 3, changes, None)
            if read is None or not takes(self.names.signature(call.tool), read.call):
                return None
            reads.append(Read(read.call, None, None, (NESTED_CALL.code,), (), read.text, False, call.variable))
        draft = _part(region, base, head.start, end, changes, inner)
        outer = self._one(draft, draft.text, 0, [c for c in changes if not _within(c, inner)], head)
        if outer is None or (inner and not takes(self.names.signature(head.tool), outer.call)):
            return None
        if _risky(outer.codes) and not takes(self.names.signature(outer.call.tool), outer.call):
            return None
        return (*reads, outer)

    def _one(self, draft: Draft, text: str, offset: int, changes: Sequence[Change], head: Head | None) -> Read | None:
        before = len(self.parser.diagnostics)
        self.budget.spend(_READING + len(text) // _PARSED + len(changes))
        try:
            call = self.parser.parse(text, -offset)
        except Unexpected:
            del self.parser.diagnostics[before:]
            return None
        found = self.parser.diagnostics[before:]
        del self.parser.diagnostics[before:]
        if has_errors(found) or not isinstance(call, Call):
            return None
        reports = repaired(draft, changes, call.tool, draft.span(call.span))
        diagnostics = (*reports, *(placed_diagnostic(d, draft) for d in found))
        codes = tuple(dict.fromkeys(change.code for change in changes))
        number = head.number if head else None
        variable = head.variable if head else None
        numbered = head is not None and (head.numbered or head.number is not None)
        return Read(placed(call, draft), number, variable, codes, diagnostics, text, numbered)


def _at(value: Value, span: Span) -> Value:
    match value:
        case Ref(task, path):
            return Ref(task, path, span)
        case Input(name, path):
            return Input(name, path, span)
        case _:
            return value


def repaired(draft: Draft, changes: Sequence[Change], tool: str, whole: Span) -> list[Diagnostic]:
    """Return one diagnostic for each kind of change made."""
    found = []
    for code in dict.fromkeys(change.code for change in changes):
        same = [change for change in changes if change.code == code]
        repair = BY_CODE[code]
        first = min(same)
        span = Span(draft.base + first.start, draft.base + max(first.end, first.start))
        message = repair.message.format(f"`{tool}`")
        fix = fix_of(same, draft.base, repair.fix, repair.safe)
        found.append(Diagnostic(code, Severity.WARNING, message, span, None, fix=fix))
    return found


def _risky(codes: Sequence[str]) -> bool:
    """Whether a repair decided what the arguments are."""
    return any(BY_CODE[code].rule.name in _DECIDING for code in codes)


_DECIDING: Final = frozenset({"missing-quote", "inner-quote", "raw-newline", "unquoted-text", "no-comma", "open-call"})


def _part(region: str, base: int, start: int, end: int, changes: Sequence[Change], inner: Sequence[Inner]) -> Draft:
    """Return the draft of one call, with the calls inside of it replaced by the variables that stand for them."""
    own = [c for c in inner if start <= c.start and c.end <= end and (c.start, c.end) != (start, end)]
    outermost = [c for c in own if not any(o is not c and o.start <= c.start and c.end <= o.end for o in own)]
    kept = [c for c in changes if not _within(c, outermost) and start <= c.start and c.end <= end]
    calls = [Change(c.start, c.end, f"${c.variable}", NESTED_CALL.code) for c in outermost]
    return Draft(region, base, start, end, [*kept, *calls])


def _within(change: Change, calls: Sequence[Inner]) -> bool:
    """Whether a change is made inside of one of the calls; what is inserted at its edge belongs to the call around it."""
    return any(
        call.start <= change.start and change.end <= call.end
        for call in calls
        if change.end > change.start or call.start < change.start < call.end
    )
