"""Mend what a call says where its text is in order: its keywords' order, an object in the place of arguments."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from lcc.grammar.diagnostics import Diagnostic, Edit, Fix, Severity
from lcc.grammar.ir import Arg, DictOf
from lcc.grammar.lenient.calls.settle import Read
from lcc.grammar.lenient.marks.parameters import written
from lcc.grammar.lenient.marks.repairs import KEYWORD_ORDER, OBJECT_ARGUMENT, Repair
from lcc.grammar.lenient.marks.tool_names import ToolNames
from lcc.grammar.signatures import AnyType, DictType, RecordType, Signature, Type, UnionType
from lcc.grammar.signatures.calling import positional as by_position
from lcc.grammar.syntax.print_value import print_arg
from lcc.grammar.syntax.statement import Call


def polish(read: Read, names: ToolNames) -> Read:
    """Return a call with what its tool's declaration shows to be meant."""
    call = read.call
    if not call.args or call.kind != "task":
        return read
    signature = names.signature(call.tool)
    whole = spread(call, signature)
    if whole is not None:
        return _changed(read, _placed(whole, signature), OBJECT_ARGUMENT)
    ordered = reorder(call, signature)
    if ordered is not None:
        return _changed(read, _placed(ordered, signature), KEYWORD_ORDER)
    placed = _placed(call, signature)
    return read if placed is call else _changed(read, placed, _POSITION)


def _placed(call: Call, signature: Signature | None) -> Call:
    args = written(signature, call.args)
    return call if args is call.args else replace(call, args=args)


def _changed(read: Read, call: Call, repair: Repair) -> Read:
    first, last = read.call.args[0].span, read.call.args[-1].span
    fix = Fix(repair.fix, (Edit(first.cover(last), ", ".join(map(print_arg, call.args))),), repair.safe)
    found = Diagnostic(repair.code, Severity.WARNING, repair.message, first.cover(last), None, fix=fix)
    return read._replace(call=call, codes=(*read.codes, repair.code), diagnostics=(*read.diagnostics, found))


_POSITION: Final = replace(
    KEYWORD_ORDER, message="the tool takes an argument by position only", fix="write it without its name"
)
"""The same for a keyword that names a parameter which has no name in calls."""


def reorder(call: Call, signature: Signature | None) -> Call | None:
    """Return the call with its positional arguments first; None if they are, or if a keyword names one of theirs."""
    named = [arg for arg in call.args if arg.name is not None]
    positional = [arg for arg in call.args if arg.name is None]
    if not named or call.args[: len(positional)] == tuple(positional) or call.kind != "task":
        return None
    if signature is not None:
        first = [p.name for p in by_position(signature.parameters)][: len(positional)]
        if len(first) < len(positional) or any(arg.name in first for arg in named):
            return None
    return replace(call, args=(*positional, *named))


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
