"""Evaluate values: closures that are made once for each value of a plan, and called for each frame.

In: values, a frame (names, `$3` as the key 3, inputs as `$city`), an `Evaluation` (meter, clock). Out: values of the table's closed
set. Raised: what CPython raises for the same expression; OperationError, which no handler sees; NotTaken for what reads a step
that wasn't taken.
Must not know: statements, tools, plans, who schedules. Nothing is reached but by the table of operations.

Read `frames`, `evaluate` and `applications`; `comprehensions` and `functions` are their loops, `unpacking` binds names; `changes` says what is
changed by being evaluated.
"""

from lcc.grammar.ir.evaluation.applications import operation_of
from lcc.grammar.ir.evaluation.changes import changes_values
from lcc.grammar.ir.evaluation.evaluate import compile_value, constant_of
from lcc.grammar.ir.evaluation.frames import (
    NOT_TAKEN,
    Code,
    Evaluation,
    Frame,
    Key,
    NoElement,
    NotTaken,
    frame_keys,
    not_defined,
)
from lcc.grammar.ir.evaluation.unpacking import bind_target, compile_target

__all__ = [
    "NOT_TAKEN",
    "Code",
    "Evaluation",
    "Frame",
    "Key",
    "NoElement",
    "NotTaken",
    "bind_target",
    "changes_values",
    "compile_target",
    "compile_value",
    "constant_of",
    "frame_keys",
    "not_defined",
    "operation_of",
]
