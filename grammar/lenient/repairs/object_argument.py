"""Spread an object of arguments over the parameters that it names."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from lcc.grammar.diagnostics import Rule
from lcc.grammar.ir import Arg, DictOf
from lcc.grammar.lenient.repairs.repair import EXAMPLE_TOOLS, Repair
from lcc.grammar.signatures import AnyType, DictType, RecordType, Signature, Type, UnionType

if TYPE_CHECKING:
    from lcc.grammar.syntax.statement import Call

REPAIR: Final = Repair(
    Rule(
        "R032",
        "object-argument",
        "the arguments of a call are given as one object",
        "Every key is a parameter of the tool, and its first parameter takes no object.",
        '1. translate({"text": "tides", "target_lang": "fr"})\n2. join()\n',
        '1. translate(text="tides", target_lang="fr")\n2. join()\n',
        EXAMPLE_TOOLS,
        "model",
    ),
    "the arguments are given as one object",
    "write them as keywords",
)


def spread(call: Call, signature: Signature | None) -> Call | None:
    """Return the call with its one object spread over the parameters that it names; None where that isn't meant."""
    if signature is None or len(call.args) != 1 or call.args[0].each or call.args[0].name is not None:
        return None
    value = call.args[0].value
    if not isinstance(value, DictOf) or not value.items:
        return None
    if not all(signature.parameter(name) for name, _ in value.items):
        return None
    first = signature.parameters[0]
    if first.keyword_only or not takes_no_object(first.type):
        return None
    span = call.args[0].span
    return replace(call, args=tuple(Arg(name, item, False, span) for name, item in value.items))


def takes_no_object(type_: Type) -> bool:
    match type_:
        case AnyType() | DictType() | RecordType():
            return False
        case UnionType(members):
            return all(takes_no_object(member) for member in members)
        case _:
            return True
