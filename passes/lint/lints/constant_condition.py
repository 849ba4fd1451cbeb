"""Find conditions whose truth is known before the run, and the branches that are never taken for it."""

from __future__ import annotations

from collections.abc import Iterator

from lcc.grammar.diagnostics import Diagnostic, Label, Rule, Severity
from lcc.grammar.drawing.words import value_words
from lcc.grammar.ir import NOWHERE, Apply, Block, Const, If, Statement, Value, While, block_statements
from lcc.grammar.ir.operations import kinds_of
from lcc.passes.analysis.values.constant_values import fold_value
from lcc.passes.lint.facts import LintContext, finding
from lcc.passes.lint.null_uses import conditions_of

RULE = Rule(
    "L024",
    "constant-condition",
    "a condition that can't change decides nothing",
    "Its truth is known before the run: it computes with constants alone, or asks whether something is null that by its declared type "
    "never is, or always is. Then what stands in one of its branches is never done. Most often another name was meant, or a tool was "
    "thought to return null that doesn't. `while True:` is a way to write a loop, and no finding.",
    'strict {\n  %1 = stations("north")\n  if `operator is`(%1, None) {\n    %2 = warn("no stations")\n  }\n  answer %1\n}\n',
    'strict {\n  %1 = stations("north")\n  if `unary not`(%1) {\n    %2 = warn("no stations")\n  }\n  answer %1\n}\n',
    """\
import lcc

@lcc.tool(effect="read", resource="weather", trusted=True)
def stations(region: str) -> list[str]: ...
@lcc.tool(effect="write", resource="log")
def warn(text: str) -> bool: ...
""",
    "ir",
)


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield nothing for a line of calls: it has no conditions."""
    yield from ()


def check_body(context: LintContext) -> Iterator[Diagnostic]:
    """Yield conditions whose truth is known before the run."""
    for statement in block_statements(context.body):
        for test in dict.fromkeys(conditions_of(statement)):
            known = _truth(context, test)
            if known is not None and not (isinstance(statement, While) and test == Const(True)):
                yield _finding(statement, test, known)


def _truth(context: LintContext, test: Value) -> bool | None:
    """Return whether a condition is true, None if that isn't known."""
    folded = fold_value(test)
    if isinstance(folded, Const):
        return bool(folded.value)
    match test:
        case Apply("unary not", (item,)):
            known = _truth(context, item)
            return None if known is None else not known
        case Apply("operator is" | "operator is not" as op, (value, Const(None))):
            kinds = kinds_of(context.body_types.of(value))
            if kinds is None or (kinds != {"None"} and "None" in kinds):
                return None
            return (kinds == {"None"}) is (op == "operator is")
        case _:
            return None


def _finding(statement: Statement, test: Value, known: bool) -> Diagnostic:
    spans = (getattr(one, "span", NOWHERE) for one in (test, statement))
    dead = _never(statement, test, known)
    labels = [Label(one.span, "this is never done") for one in dead[:1]]
    return finding(
        RULE,
        f"`{value_words(test)}` is always {'true' if known else 'false'}",
        next((span for span in spans if span != NOWHERE), NOWHERE),
        "leave out the branch that is never taken, or ask for what was meant"
        if dead
        else "leave it out, or ask for what was meant",
        severity=Severity.REMARK,
        labels=labels,
    )


def _never(statement: Statement, test: Value, known: bool) -> Block:
    """Return the branch that isn't taken."""
    match statement:
        case If(asks, body, orelse) if asks == test:
            return orelse if known else body
        case While(_, asks, body, _) if asks == test and not known:
            return body
        case _:
            return ()
