"""Report what is decided about whole calls: a repeated one, a taken number, one that stood inside of another, an early join."""

from __future__ import annotations

from lcc.grammar.diagnostics import Diagnostic, Edit, Fix, Severity
from lcc.grammar.lenient.assembling.entry import Entry
from lcc.grammar.lenient.marks.repairs import EARLY_JOIN, NESTED_CALL, RENUMBERED, STUTTER, Repair
from lcc.grammar.source import Span


def repeated(span: Span) -> Diagnostic:
    """Report a call that repeats another."""
    return _dropped(STUTTER, span)


def joined_early(span: Span) -> Diagnostic:
    """Report a join that a later one replaces."""
    return _dropped(EARLY_JOIN, span)


def joined_before(span: Span) -> Diagnostic:
    """Report a join that calls follow and no other join."""
    message = "calls follow this `join`; it is read as the last statement"
    return Diagnostic(EARLY_JOIN.code, Severity.WARNING, message, span, "move it behind the last call")


def _dropped(repair: Repair, span: Span) -> Diagnostic:
    fix = Fix(repair.fix, (Edit(span, ""),), repair.safe)
    return Diagnostic(repair.code, Severity.WARNING, repair.message, span, None, fix=fix)


def number_taken(made: Entry) -> Diagnostic:
    """Report a call that has another number than the one written."""
    repair = RENUMBERED
    start = made.call.span.start
    what = "0 is no number for a task" if made.written == 0 else repair.message
    edit = Edit(Span(start, start + len(str(made.written))), str(made.id))
    fix = Fix(repair.fix, (edit,), repair.safe) if not made.base_codes else None
    message = f"{what}; this call is task {made.id}"
    return Diagnostic(repair.code, Severity.WARNING, message, Span(start, start + 1), None, fix=fix)


def nested(made: Entry) -> Diagnostic:
    """Report a call that stood inside of another and is a task of its own now."""
    repair, span = NESTED_CALL, made.call.span
    fix = Fix(repair.fix, (Edit(span, f"${made.id}"),), repair.safe)
    return Diagnostic(
        repair.code, Severity.WARNING, f"{repair.message}; it becomes task {made.id}", span, None, fix=fix
    )


def too_many(limit: int, span: Span) -> Diagnostic:
    """Report the first task past the limit."""
    message = f"more than {limit:,} tasks"
    return Diagnostic("P015", Severity.ERROR, message, span, "split the plan, or raise the limit")


def circular(made: Entry) -> Diagnostic:
    """Report a call that waits for itself through others."""
    message = "this call and others refer to one another in a circle"
    return Diagnostic("P010", Severity.ERROR, message, made.call.span)


def unclear(made: Entry) -> Diagnostic:
    """Report a call whose `$1` means two things."""
    message = "`$1` may mean the first call, as numbered lists count, or the last one numbered 1"
    return Diagnostic("P010", Severity.ERROR, message, made.call.span, "number the calls 1, 2, 3")


def no_such_call(span: Span) -> Diagnostic:
    """Report a dependency on a call that does not precede."""
    message = "this names a call that does not precede"
    return Diagnostic("P010", Severity.ERROR, message, span, "name calls that the plan holds")
