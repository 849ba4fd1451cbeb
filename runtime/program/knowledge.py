"""Ask the analyses what they know of a body. This is the one door to them."""

from __future__ import annotations

from typing import Any, Final

from lcc.grammar.ir import Apply, Comprehension, Const, Let, ListOf, Local, Plan, Ref, Statement, Task, Value
from lcc.grammar.ir.blocks import block_statements, statement_values
from lcc.grammar.ir.operations import METHODS, OPERATIONS
from lcc.grammar.ir.walk import walk
from lcc.runtime.program.sites import Knowledge

_ALL: Final = ("@",)
_CHANGING: Final = frozenset(name for table in METHODS.values() for name, found in table.items() if found.mutates)
_ITERATORS: Final = frozenset({"next", "iter", "zip", "enumerate", "reversed"})


def knowledge_of(plan: Plan) -> Knowledge:
    """Return what is known of a plan's body."""
    body = plan.body or ()
    if not any(map(_changes, block_statements(body))):
        return Knowledge(lambda node: ())
    return Knowledge(_touches)


def _changes(statement: Statement) -> bool:
    """Whether a statement may change an object."""
    return any(_is_change(one) for value in statement_values(statement) for one in walk(value))


def _is_change(value: Value) -> bool:
    if isinstance(value, Comprehension):
        return value.kind == "lazy"
    if not isinstance(value, Apply):
        return False
    kind, _, name = value.op.partition(" ")
    if kind == "method":
        return name in _CHANGING
    return name in _ITERATORS or (value.op in OPERATIONS and OPERATIONS[value.op].mutates)


def _touches(node: Any) -> tuple[str, ...]:
    """Return one token for whatever looks at an object: right, and slower than need be."""
    if isinstance(node, Let) and _only_holds(node.value):
        return ()
    if isinstance(node, Task) and all(type(arg.value) is Const for arg in node.args) and node.when is None:
        return ()
    return _ALL


def _only_holds(value: Value) -> bool:
    """Whether evaluating a value looks at no object: it is one, or a display of some."""
    match value:
        case Const() | Local():
            return True
        case Ref(path=path):
            return not path
        case ListOf(items) | Apply("display list" | "display dict" | "display tuple", items):
            return all(map(_only_holds, items))
        case _:
            return False
