"""Settle what a stretch of text that begins with a call's head says: calls, or why there is none.

Readings are tried in the order of how many choices they take against the likeliest way; of those with as few, the one that
changes least is taken. Two that change equally little and say different things are an error that names both.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

from lcc.grammar.diagnostics import Diagnostic, Edit, Fix, Severity, has_errors
from lcc.grammar.ir import NOWHERE, Arg, Const, DictOf, ListOf
from lcc.grammar.ir.literals import NAME
from lcc.grammar.lenient.arguments.argument_walk import Budget, Exhausted, Inner, Refused, line_end, standing_at
from lcc.grammar.lenient.arguments.reader import Reader, holds_text
from lcc.grammar.lenient.arguments.references import results_in
from lcc.grammar.lenient.calls.call_keys import CallKeys
from lcc.grammar.lenient.calls.said import Said
from lcc.grammar.lenient.marks import repairs
from lcc.grammar.lenient.marks.heads import Head, head_changes
from lcc.grammar.lenient.marks.parameters import takes, written
from lcc.grammar.lenient.marks.repairs import Change, Repair
from lcc.grammar.lenient.marks.tail import Tail, judge_tail
from lcc.grammar.lenient.marks.tool_names import ToolNames
from lcc.grammar.reading.loose_values import NotUnderstood, Values
from lcc.grammar.source import Span
from lcc.grammar.syntax.lalr import Unexpected
from lcc.grammar.syntax.print_value import print_arg, print_value
from lcc.grammar.syntax.statement import Call, CallKind, StatementParser
from lcc.grammar.syntax.strings import Decoded, split_dollars

_BUDGET: Final = 120
"""How many walks over one call, at most; fewer over long ones."""
_CHARACTERS: Final = 1_000_000
"""How many characters all walks over one call may read."""
_WALK: Final = 10
"""The steps that one more walk takes in any case."""
_READING: Final = 50
"""The steps that one more reading takes in any case: a call is made of it."""
_PARSED: Final = 10
"""How many characters are read as data in the time of a step."""
_MOST_CHOICES: Final = 24
"""How many of a walk's choices are tried otherwise."""
_DECIDING: Final = frozenset({"missing-quote", "inner-quote", "raw-newline", "unquoted-text", "no-comma", "open-call"})
"""The repairs that decide what the arguments are."""


class Read(NamedTuple):
    """One call as it was read: spans are in the source. `nested`: the variable that stands for it in the call around it.

    `resolved`: its references are known, and its texts hold none. `after`: the calls that it says it depends on.
    """

    call: Call
    number: int | None
    variable: str | None
    codes: tuple[str, ...]
    diagnostics: tuple[Diagnostic, ...]
    numbered: bool = True
    nested: str | None = None
    resolved: bool = False
    after: tuple[int, ...] = ()


class Settled(NamedTuple):
    """What a region says: calls, the outer one last, and where in the region the last one ends."""

    reads: tuple[Read, ...]
    end: int


@dataclass(slots=True)
class Settler:
    """Settle regions of one text."""

    parser: StatementParser
    names: ToolNames
    budget: Budget

    def at_once(self, region: str, base: int, head: Head, end: int) -> Settled | None:
        """Read a call whose arguments are in order already: only its head is mended."""
        with suppress(Exhausted):
            self.budget.spend(_READING + end // _PARSED)
            changes = self._head(region, head)
            inside = region[head.end : end - 1]
            if region[head.end - 1] == "{":
                inside = region[head.end - 1 : end]
                changes.append(Change(end, end, ")", repairs.CALL_BRACKET.code))
            elif region[end - 1] != ")":
                changes.append(Change(end - 1, end, ")", repairs.CALL_BRACKET.code))
            opening = f"1. {head.tool}("
            at = head.end - len(opening) - (region[head.end - 1] == "{")
            parsed = strict_call(self.parser, f"{opening}{inside})", base + at)
            read = self._read(parsed[0].args, parsed[1], changes, base, head, end) if parsed else None
            return Settled((read,), end) if read else None
        return None

    def region(
        self, region: str, base: int, head: Head, settled: bool, variables: Collection[str]
    ) -> Settled | tuple[str, str] | None:
        """Read a call from a region that begins with its head; return two readings where both are as likely, None where there is none."""
        best: dict[str, tuple[int, Settled]] = {}
        deepest = _MOST_CHOICES
        try:
            for depth, reader, args, end in self._walks(region, base, head, settled, variables):
                if depth > deepest:
                    break
                reads = self._reads(reader, args, head, end)
                if reads is None:
                    continue
                changes = [note for note in reader.notes if isinstance(note, Change)]
                # Where a quote is missing, one place is as good as another: look for a second reading.
                deepest = min(deepest, depth + any(c.code == repairs.MISSING_QUOTE.code for c in changes))
                key = "\n".join(spelled(read.call) for read in reads)
                cost = sum(change.cost for change in changes)
                if key not in best or cost < best[key][0]:
                    best[key] = cost, Settled(reads, end)
        except Exhausted:
            return None
        ranked = sorted(best.items(), key=lambda item: item[1][0])
        if len(ranked) > 1 and ranked[0][1][0] == ranked[1][1][0]:
            return ranked[0][0], ranked[1][0]
        return ranked[0][1][1] if ranked else None

    def join(self, region: str, base: int, head: Head, end: int, variables: Collection[str]) -> Settled:
        """Read a join whose arguments say more than which results it reads: only those count."""
        whole = Span(base + head.start, base + end)
        given = region[head.end : end]
        return Settled((self.join_of(given, head.number, whole, repairs.JOIN_ARGUMENTS, variables),), end)

    def join_of(self, given: str, number: int | None, whole: Span, repair: Repair, variables: Collection[str]) -> Read:
        """Return the join of the results that a text names."""
        values = [standing_at(self.parser.scalar(text, 0)[0], whole) for text in results_in(given, variables)]
        call = Call("join", number, "join", tuple(Arg(None, value, False, whole) for value in values), False, whole)
        return Read(call, number, None, (repair.code,), (_told(repair, call, number is not None),))

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
        codes = tuple(code for code in read.codes if code not in (repairs.MISSING_NUMBER.code, repairs.BARE_TEXT.code))
        call = replace(read.call, span=whole, named=NOWHERE)
        return read._replace(
            call=call,
            codes=(repair.code, *codes),
            diagnostics=(_told(repair, call), *(d for d in read.diagnostics if not d.code.startswith("R"))),
        )

    def json(self, region: str, base: int, head: Head) -> Settled | None:
        """Read the calls that JSON describes."""
        values = Values(region, self.parser.limits)
        keys = CallKeys(values, self.names)
        with suppress(Exhausted, NotUnderstood):
            self.budget.spend(len(region) // _PARSED)
            value, end = values.value(head.end - 1)
            keys.take(value, Span(head.end - 1, end))
            if keys.calls and judge_tail(region[end : line_end(region, end)]) is not Tail.BAD:
                reads = [self._described(said, head, base, len(keys.calls) == 1) for said in keys.calls]
                return None if None in reads else Settled(tuple(filter(None, reads)), end)
        return None

    def _described(self, said: Said, head: Head, base: int, alone: bool) -> Read | None:
        """Return the call that data describes."""
        self.budget.spend(_READING)
        number = head.number if head.number and alone else said.number
        span = Span(base + (head.start if alone else said.span.start), base + said.span.end)
        given = [] if said.tool == "join" else said.args
        args = tuple(Arg(name, _plain_value(value, span), False, span) for name, value in given)
        if said.after or (number or 0) >= 10**9 or not all(arg.name is None or NAME.match(arg.name) for arg in args):
            return None
        call = self._call(said.tool, number or 1, args, span, NOWHERE)
        if call is None:
            return None
        call = replace(call, args=written(self.names.signature(said.tool), args))
        told = _told(repairs.JSON_CALL, call)
        told = told if alone else replace(told, fix=None)
        return Read(call, number, said.name, (repairs.JSON_CALL.code,), (told,), head.numbered or number is not None)

    def _walks(
        self, region: str, base: int, head: Head, settled: bool, variables: Collection[str]
    ) -> Iterator[tuple[int, Reader, tuple[Arg, ...], int]]:
        """Yield the walks that reach an end, with the number of choices that each takes against the likeliest way."""
        signature = self.names.signature(head.tool)
        budget = 0 if region[head.end - 1] == "{" else max(2, min(_BUDGET, _CHARACTERS // (len(region) + 1)))
        waiting: deque[tuple[int, ...]] = deque([()])
        while waiting and budget:
            budget -= 1
            self.budget.spend(_WALK)
            decisions = waiting.popleft()
            reader = Reader(region, base, self.parser, self.names, variables, settled, decisions, self.budget)
            with suppress(Refused):
                args, end = reader.arguments(head.end, region[head.end - 1], signature)
                yield sum(1 for way in decisions if way), reader, tuple(args), end
            for place in range(len(decisions), min(len(reader.taken), _MOST_CHOICES)):
                for way in range(1, reader.taken[place][1]):
                    waiting.append((*decisions, *(0,) * (place - len(decisions)), way))

    def _head(self, region: str, head: Head) -> list[Change]:
        changes = head_changes(region, head)
        opening = region[head.end - 1]
        start = head.end - 1
        if region[start - 1 : head.end] == "\\(":
            changes.append(Change(start - 1, start, "", repairs.MARKDOWN_ESCAPE.code))
        elif opening == "（":
            changes.append(Change(start, head.end, "(", repairs.FULL_WIDTH.code))
        elif opening != "(":
            changes.append(Change(start, start if opening == "{" else head.end, "(", repairs.CALL_BRACKET.code))
        return changes

    def _reads(self, reader: Reader, args: tuple[Arg, ...], head: Head, end: int) -> tuple[Read, ...] | None:
        """Return the calls of a walk; None if the language refuses a value, or a tool can't take what it is given."""
        self.budget.spend(_READING + len(reader.notes))
        found = tuple(note for note in reader.notes if isinstance(note, Diagnostic))
        inner = [note for note in reader.notes if isinstance(note, Inner)]
        if has_errors(found) or not all(self._takes(note.call) for note in inner):
            return None
        changes = self._head(reader.region, head)
        changes += [note for note in reader.notes if isinstance(note, Change) and note.code != repairs.NESTED_CALL.code]
        if reader.region[head.end - 1] == "[" and reader.region[end - 1] == "]":
            changes.append(Change(end - 1, end, ")", repairs.CALL_BRACKET.code))
        outer = self._read(args, found, changes, reader.base, head, end)
        decided = inner or any(repairs.BY_CODE[code].rule.name in _DECIDING for code in outer.codes) if outer else False
        if outer is None or (decided and not self._takes(outer.call)):
            return None
        nested = (Read(one.call, None, None, (repairs.NESTED_CALL.code,), (), False, one.variable) for one in inner)
        return (*nested, outer)

    def _read(
        self,
        args: tuple[Arg, ...],
        found: Iterable[Diagnostic],
        changes: Sequence[Change],
        base: int,
        head: Head,
        end: int,
    ) -> Read | None:
        """Return the call of a head with its arguments, and what is to be said about it."""
        span = Span(base + head.start, base + end)
        named = Span(base + head.tool_at, base + head.tool_at + len(head.written))
        ends = head.tool in ("join", "answer")
        call = self._call(head.tool, head.number or (None if ends else 1), args, span, NOWHERE if ends else named)
        if call is None:
            return None
        diagnostics = (*repaired(changes, base, call), *found)
        codes = tuple(dict.fromkeys(change.code for change in changes))
        numbered = head.numbered or head.number is not None
        return Read(call, head.number, head.variable, codes, diagnostics, numbered)

    def _call(self, tool: str, number: int | None, args: tuple[Arg, ...], span: Span, named: Span) -> Call | None:
        """Return the call of these parts; None where the language has no such call."""
        kind: CallKind = "join" if tool == "join" else "answer" if tool == "answer" else "task"
        before = len(self.parser.diagnostics)
        call = self.parser.call(kind, number, tool, args, any(holds_text(arg.value) for arg in args), span, named)
        found = self.parser.diagnostics[before:]
        del self.parser.diagnostics[before:]
        return None if has_errors(found) else call

    def _takes(self, call: Call) -> bool:
        return takes(self.names.signature(call.tool), call)


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


def spelled(call: Call, numbered: bool = True) -> str:
    """Return a call as the language has it."""
    number = f"{call.id}. " if call.id and numbered else ""
    return f"{number}{call.tool}({', '.join(map(print_arg, call.args))})"


def _told(repair: Repair, call: Call, numbered: bool = True) -> Diagnostic:
    """Return what is to be said about a call that is written anew."""
    fix = Fix(repair.fix, (Edit(call.span, spelled(call, numbered)),), repair.safe)
    return Diagnostic(repair.code, Severity.WARNING, repair.message, call.span, None, fix=fix)


def _plain_value(value: Any, span: Span) -> Any:
    """Return plain data as a value; dollars of texts are read as in a plan."""
    match value:
        case str():
            text = split_dollars(Decoded(value, frozenset(), ((0, 0),), ()))
            return Const(text) if isinstance(text, str) else standing_at(text, span)
        case list():
            return ListOf(tuple(_plain_value(item, span) for item in value))
        case dict():
            return DictOf(tuple((key, _plain_value(item, span)) for key, item in value.items()))
        case _:
            return Const(value)


def repaired(changes: Sequence[Change], base: int, call: Call) -> list[Diagnostic]:
    """Return one diagnostic for each kind of change made."""
    found = []
    for code in dict.fromkeys(change.code for change in changes):
        same = sorted((change for change in changes if change.code == code), key=lambda change: change[:2])
        repair, first = repairs.BY_CODE[code], same[0]
        edits = {
            _edited(change, base): change for change in same
        }  # a text that is changed in many places is written once
        fix = Fix(repair.fix, tuple(Edit(span, _written(change)) for span, change in edits.items()), repair.safe)
        span = Span(base + first.start, base + first.end)
        found.append(Diagnostic(code, Severity.WARNING, repair.message.format(f"`{call.tool}`"), span, None, fix=fix))
    return found


def _edited(change: Change, base: int) -> Span:
    start, end = change.whole or (change.start, change.end)
    return Span(base + start, base + end)


def _written(change: Change) -> str:
    return change.text if change.whole is None else print_value(change.text)
