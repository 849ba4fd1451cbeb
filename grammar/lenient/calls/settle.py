"""Settle what a stretch of text that begins with a call's head says: calls that the strict parser accepts, or why there is none.

Readings are tried in the order of how many choices they take against the likeliest way; of those with as few, the one that
changes least is taken. Two that change equally little and say different things are an error that names both.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

from lcc.grammar.diagnostics import Diagnostic, Edit, Fix, Severity, has_errors
from lcc.grammar.ir import NOWHERE, Arg, Const, Input, Ref, rebuild
from lcc.grammar.ir.literals import string_literal
from lcc.grammar.lenient.arguments.argument_walk import Budget, Exhausted, Inner, Refused, line_end
from lcc.grammar.lenient.arguments.reader import Reader
from lcc.grammar.lenient.arguments.references import results_in
from lcc.grammar.lenient.calls.call_keys import CallKeys
from lcc.grammar.lenient.calls.said import Said
from lcc.grammar.lenient.marks.draft import Change, Draft, fix_of, placed, placed_diagnostic
from lcc.grammar.lenient.marks.heads import Head, head_changes
from lcc.grammar.lenient.marks.parameters import takes, written
from lcc.grammar.lenient.marks.repairs import (
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
from lcc.grammar.lenient.marks.tail import Tail, judge_tail
from lcc.grammar.lenient.marks.tool_names import ToolNames
from lcc.grammar.reading.loose_values import NotUnderstood, Values
from lcc.grammar.source import Span
from lcc.grammar.syntax.lalr import Unexpected
from lcc.grammar.syntax.print_value import print_value
from lcc.grammar.syntax.statement import Call, StatementParser
from lcc.grammar.syntax.strings import Dollar, Template

_BUDGET: Final = 120
"""How many walks over one call, at most; fewer over long ones."""
_CHARACTERS: Final = 1_000_000
"""How many characters all walks over one call may read."""
_WALK: Final = 10
"""The steps that one more walk takes in any case."""
_READING: Final = 50
"""The steps that one more reading takes in any case: the strict parser is asked, and changes are reported."""
_PARSED: Final = 10
"""How many characters the strict parser reads in the time of a step."""
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

    def json(self, region: str, base: int, head: Head) -> Settled | None:
        """Read the calls that JSON describes."""
        with suppress(Exhausted):
            return self._json(region, base, head)
        return None

    def _json(self, region: str, base: int, head: Head) -> Settled | None:
        values = Values(region, self.parser.limits)
        keys = CallKeys(values, self.names)
        self.budget.spend(len(region) // _PARSED)
        try:
            _, end = found = values.value(head.end - 1)
            keys.take(found[0], Span(head.end - 1, end))
        except NotUnderstood:
            return None
        if not keys.calls or judge_tail(region[end : line_end(region, end)]) is Tail.BAD:
            return None
        reads = [self._described(said, head, base, len(keys.calls) == 1) for said in keys.calls]
        return None if None in reads else Settled(tuple(filter(None, reads)), end)

    def _described(self, said: Said, head: Head, base: int, alone: bool) -> Read | None:
        """Return the call that data describes, as the strict parser reads it when it is written out."""
        number = head.number if head.number and alone else said.number
        args = ", ".join(f"{name}={_written(value)}" if name else _written(value) for name, value in said.args)
        text = f"{number or 1}. {said.tool}({'' if said.tool == 'join' else args})"
        parsed = None if said.after else strict_call(self.parser, text, 0)
        if parsed is None:
            return None
        call, _ = parsed
        start = base + (head.start if alone else said.span.start)
        span = Span(start, base + said.span.end)
        given = written(self.names.signature(said.tool), call.args)
        args_ = tuple(Arg(arg.name, _at(arg.value, span), False, span) for arg in given)
        repair = JSON_CALL
        fix = Fix(repair.fix, (Edit(span, text),), repair.safe) if alone else None
        told = Diagnostic(repair.code, Severity.WARNING, repair.message, span, None, fix=fix)
        call = replace(call, args=args_, span=span, named=NOWHERE)
        return Read(call, number, said.name, (repair.code,), (told,), text, head.numbered or number is not None)

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
        self.budget.spend(_READING + len(text) // _PARSED + len(changes))
        parsed = strict_call(self.parser, text, -offset)
        if parsed is None:
            return None
        call, found = parsed
        reports = repaired(draft, changes, call.tool, draft.span(call.span))
        diagnostics = (*reports, *(placed_diagnostic(d, draft) for d in found))
        codes = tuple(dict.fromkeys(change.code for change in changes))
        number = head.number if head else None
        variable = head.variable if head else None
        numbered = head is not None and (head.numbered or head.number is not None)
        return Read(placed(call, draft), number, variable, codes, diagnostics, text, numbered)


def strict_call(parser: StatementParser, text: str, start: int) -> tuple[Call, tuple[Diagnostic, ...]] | None:
    """Return the call that the strict parser reads in a text, and its warnings; None if it refuses the text."""
    before = len(parser.diagnostics)
    try:
        call = parser.parse(text, start)
    except Unexpected:
        call = None
    found = tuple(parser.diagnostics[before:])
    del parser.diagnostics[before:]
    return (call, found) if isinstance(call, Call) and not has_errors(found) else None


def _at(value: Any, span: Span) -> Any:
    """Return a value whose references stand at a place."""
    match value:
        case Ref(task, path):
            return Ref(task, path, span)
        case Input(name, path):
            return Input(name, path, span)
        case Template(parts):
            return Template(tuple(replace(part, span=span) if isinstance(part, Dollar) else part for part in parts))
        case _:
            return rebuild(value, lambda item: _at(item, span))


def _written(value: Any) -> str:
    """Return plain data as plan text; dollars of texts stay as they are written."""
    match value:
        case str():
            return string_literal(value)
        case list():
            return f"[{', '.join(map(_written, value))}]"
        case dict():
            return f"{{{', '.join(f'{string_literal(key)}: {_written(item)}' for key, item in value.items())}}}"
        case _:
            return print_value(Const(value))


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
