"""Settle what a stretch of text that begins with a call's head says: calls, or why there is none."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from lcc.grammar.diagnostics import Diagnostic, Edit, Fix, Severity, has_errors
from lcc.grammar.ir import Arg
from lcc.grammar.lenient.marks import repairs
from lcc.grammar.lenient.marks.heads import head_changes
from lcc.grammar.lenient.marks.repairs import Repair, error
from lcc.grammar.signatures import RESERVED_TOOLS
from lcc.grammar.source import Span
from lcc.grammar.syntax.lalr import Unexpected
from lcc.grammar.syntax.print_value import print_arg
from lcc.grammar.syntax.statement import Call, StatementParser
from lcc.grammar.tolerant.argument_walk import Budget, Exhausted, line_end, standing_at
from lcc.grammar.tolerant.call_tree import CallNode, Fault, Head, calls_in, changes_in, within
from lcc.grammar.tolerant.oddities import Change
from lcc.grammar.tolerant.parameters import takes
from lcc.grammar.tolerant.reader import Reader
from lcc.grammar.tolerant.references import results_in
from lcc.grammar.tolerant.tool_names import ToolNames

_HELP: Final = "put each text in quotes, and `\\` before quotes inside of it"
_READING: Final = 50
"""The steps that one more reading takes in any case: a call is made of it."""
_PARSED: Final = 10
"""How many characters are read as data in the time of a step."""
_DECIDING: Final = frozenset(repair.code for repair in (
    repairs.MISSING_QUOTE, repairs.INNER_QUOTE, repairs.RAW_NEWLINE, repairs.BARE_TEXT, repairs.MISSING_COMMA, repairs.UNCLOSED_CALL,
    repairs.MISSING_PARENTHESES,
))  # fmt: skip
"""The repairs that decide what the arguments are."""


class Read(NamedTuple):
    """One call as it was read: spans are in the source. `nested`: the variable that stands for it in the call around it.

    `says`: how: as plans do; as data, whose texts stand as they are written and name calls by their keys; or as programs, whose texts
    hold no references. `key`: what data call it; `variable` is what they call its result. `after`: the calls that it says it depends on.
    """

    call: Call
    number: int | None
    variable: str | None
    codes: tuple[str, ...]
    diagnostics: tuple[Diagnostic, ...]
    nested: str | None = None
    says: Literal["plan", "data", "program"] = "plan"
    key: str | None = None
    after: tuple[int | str, ...] = ()


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

    def call(
        self, region: str, base: int, head: Head, settled: bool | None = None, variables: Collection[str] = ()
    ) -> Settled | Diagnostic | None:
        """Read a call from a region that begins with its head; the error where it may be read in two ways, None where in none.

        `settled`: whether a statement follows; None: nothing may be mended but the head and the brackets.
        """
        if head.bracket == "{" and settled is not None:
            return None
        reader = Reader(region, base, self.parser, self.names, variables, bool(settled), self.budget)
        with suppress(Exhausted):
            self.budget.spend(_READING + len(region) // _PARSED)
            tree = reader.call(head)
            unread = tree.unread
            if unread is None:
                return self._reads(tree, region, head, whole=settled is None)
            if unread.ambiguous:
                at = base + unread.at
                return error(repairs.AMBIGUOUS.code, unread.ambiguous, Span(at, at + 1), _HELP)
        return None

    def join(self, region: str, base: int, head: Head, variables: Collection[str]) -> Settled:
        """Read a join that can't be parsed as the results that its line names."""
        end = line_end(region, head.end)
        repair = repairs.JOIN_ARGUMENTS if head.bracket else repairs.MISSING_PARENTHESES
        if not head.bracket and region[head.end : head.end + 1] in ("", "\r", "\n", "#"):
            repair, end = repairs.BARE_JOIN, head.end
        given, whole = region[head.end : end], Span(base + head.start, base + end)
        values = (standing_at(self.parser.scalar(text, 0)[0], whole) for text in results_in(given, variables))
        args = tuple(Arg(None, value, False, whole) for value in values)
        call = Call("join", head.number, "join", args, False, whole)
        told = _told(repair, call, head.number is not None)
        return Settled((Read(call, head.number, None, (repair.code,), (told,)),), end)

    def _reads(self, tree: CallNode, region: str, head: Head, whole: bool) -> Settled | None:
        """Return the calls of a tree; None if there is no such call, or its tool can't take what is read otherwise than it stands.

        `whole`: nothing in it may be read otherwise but its brackets.
        """
        odd, nodes = changes_in(tree), [*within(tree)]
        self.budget.spend(_READING + len(nodes))
        nested = [*calls_in(tree)]
        if whole and any(start < tree.end - 1 for start in [one.start for one in odd] + [one.start for one in nested]):
            return None
        changes = [*head_changes(region, head), *odd]
        codes = tuple(dict.fromkeys(change.code for change in changes))
        call = self._lowered(tree, head.number or (None if head.tool in RESERVED_TOOLS else 1))
        inner = [(node, self._lowered(node, 1)) for node in nested]
        decided = nested or not _DECIDING.isdisjoint(codes)
        if call is None or (decided and not all(map(self._takes, [*(one for _, one in inner), call]))):
            return None
        found = [node.found for node in nodes if isinstance(node, Fault)]
        told = repaired(changes, tree.base, call, None if nested else spelled(call))
        codes_ = (repairs.NESTED_CALL.code,)
        reads = [Read(one, None, None, codes_, (), node.variable) for node, one in inner if one is not None]
        return Settled((*reads, Read(call, head.number, head.variable, codes, (*told, *found))), tree.end)

    def _lowered(self, tree: CallNode, number: int | None) -> Call | None:
        """Return the call that a tree means; None where the language has no such call, or something of it can't be read."""
        call, found = tree.lowered(self.parser, number)
        return None if has_errors(found) else call

    def _takes(self, call: Call | None) -> bool:
        return call is not None and takes(self.names.signature(call.tool), call)


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


def repaired(changes: Sequence[Change], base: int, call: Call, text: str | None) -> list[Diagnostic]:
    """Return one diagnostic for each kind of change made. `text`: the call as the language has it."""
    found = []
    first: dict[str, Change] = {}
    for change in sorted(changes):
        first.setdefault(change.code, change)
    safe = all(repairs.BY_CODE[code].safe for code in first)
    for code in dict.fromkeys(change.code for change in changes):
        repair, span = repairs.BY_CODE[code], Span(base + first[code].start, base + first[code].end)
        fix = None if text is None else Fix(repair.fix, (Edit(call.span, text),), safe)
        found.append(Diagnostic(code, Severity.WARNING, repair.message.format(f"`{call.tool}`"), span, None, fix=fix))
    return found
