"""Say which values change others when they are evaluated."""

from __future__ import annotations

from typing import Final

from lcc.grammar.ir.expressions import Apply, Value
from lcc.grammar.ir.operations import CLASS_FUNCTIONS, METHODS, OPERATIONS
from lcc.grammar.ir.walk import walk

_CHANGING: Final = frozenset(
    {op for op, found in OPERATIONS.items() if found.mutates}
    | {f"method {name}" for table in METHODS.values() for name, found in table.items() if found.mutates}
    | {f"class {name}" for name, found in CLASS_FUNCTIONS.items() if found.mutates}
)


def changes_values(value: Value) -> bool:
    """Whether evaluating a value may change another one: a list, a dict, what an iterator has left."""
    return any(isinstance(one, Apply) and one.op in _CHANGING for one in walk(value))
