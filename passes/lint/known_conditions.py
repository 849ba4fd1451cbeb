"""Find the conditions of a body whose truth is known before the run."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lcc.grammar.ir import NOWHERE, Apply, Block, Const, If, Let, Statement, TaskId, Value, While, block_statements
from lcc.grammar.ir.operations import kinds_of
from lcc.grammar.ir.walk import map_references
from lcc.grammar.signatures import Type
from lcc.grammar.source import Span
from lcc.passes.analysis.values.constant_values import fold_value
from lcc.passes.lint.null_uses import conditions_of

TypeOf = Callable[[Value], Type]


def known_conditions(body: Block, type_of: TypeOf) -> Iterator[tuple[Value, bool, tuple[Span, Span], Block]]:
    """Yield each such condition, whether it is true, the spans of it and its statement, and the branch that is never done for it.

    `while True` is how a loop is written, and none.
    """
    constants: dict[TaskId, Value] = {
        one.id: folded
        for one in block_statements(body)
        if isinstance(one, Let) and one.id is not None and one.when is None
        if isinstance(folded := fold_value(one.value), Const)
    }
    for statement in block_statements(body):
        for test in dict.fromkeys(conditions_of(statement)):
            whole = map_references(test, lambda ref: ref if ref.path else constants.get(ref.task, ref))
            known = _truth(whole, type_of)
            if known is not None and not (isinstance(statement, While) and test == Const(True)):
                spans = (getattr(test, "span", NOWHERE), statement.span)
                yield test, known, spans, _never(statement, test, known)


def _truth(test: Value, type_of: TypeOf) -> bool | None:
    """Return whether a condition is true, None if that isn't known."""
    folded = fold_value(test)
    if isinstance(folded, Const):
        return bool(folded.value)
    match test:
        case Apply("unary not", (item,)):
            known = _truth(item, type_of)
            return None if known is None else not known
        case Apply("operator is" | "operator is not" as op, (value, Const(None))):
            kinds = kinds_of(type_of(value))
            if kinds is None or (kinds != {"None"} and "None" in kinds):
                return None
            return (kinds == {"None"}) is (op == "operator is")
        case _:
            return None


def _never(statement: Statement, test: Value, known: bool) -> Block:
    """Return the branch that isn't taken."""
    match statement:
        case If(asks, body, orelse) if asks == test:
            return orelse if known else body
        case While(_, asks, body, _) if asks == test and not known:
            return body
        case _:
            return ()
