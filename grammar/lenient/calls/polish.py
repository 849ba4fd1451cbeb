"""Mend what a call says where its text is in order: its keywords' order, an object in the place of arguments."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Final

from lcc.grammar.diagnostics import Diagnostic, Edit, Fix, Severity
from lcc.grammar.ir import Arg, DictOf
from lcc.grammar.lenient.calls.settle import Read
from lcc.grammar.lenient.marks.repairs import KEYWORD_ORDER, OBJECT_ARGUMENT, Repair
from lcc.grammar.signatures import AnyType, DictType, RecordType, Signature, Type, UnionType
from lcc.grammar.signatures.calling import positional as by_position
from lcc.grammar.syntax.print_value import print_arg
from lcc.grammar.syntax.statement import Call
from lcc.grammar.tolerant.parameters import written
from lcc.grammar.tolerant.tool_names import ToolNames


def polish(read: Read, names: ToolNames) -> Read:
    """Return a call with what its tool's declaration shows to be meant."""
    call = read.call
    if not call.args or call.kind != "task":
        return read
    signature = names.signature(call.tool)
    repair, args = _POSITION, call.args
    for one, change in ((KEYWORD_ORDER, reorder), (OBJECT_ARGUMENT, spread)):
        changed = change(call.args, signature)
        if changed is not None:
            repair, args = one, changed
    args = written(signature, args)
    return read if args is call.args else _changed(read, replace(call, args=args), repair)


def _changed(read: Read, call: Call, repair: Repair) -> Read:
    if read.says == "data":
        return read._replace(call=call)
    first, last = read.call.args[0].span, read.call.args[-1].span
    fix = Fix(repair.fix, (Edit(first.cover(last), ", ".join(map(print_arg, call.args))),), repair.safe)
    found = Diagnostic(repair.code, Severity.WARNING, repair.message, first.cover(last), None, fix=fix)
    return read._replace(call=call, codes=(*read.codes, repair.code), diagnostics=(*read.diagnostics, found))


_POSITION: Final = replace(
    KEYWORD_ORDER, message="the tool takes an argument by position only", fix="write it without its name"
)
"""The same for a keyword that names a parameter which has no name in calls."""


def reorder(args: tuple[Arg, ...], signature: Signature | None) -> tuple[Arg, ...] | None:
    """Return the positional arguments first; None if they are, or if a keyword names one of theirs."""
    named = tuple(arg for arg in args if arg.name is not None)
    positional = tuple(arg for arg in args if arg.name is None)
    if args[: len(positional)] == positional:
        return None
    if signature is not None:
        first = [p.name for p in by_position(signature.parameters)][: len(positional)]
        if len(first) < len(positional) or any(arg.name in first for arg in named):
            return None
    return positional + named


def spread(args: tuple[Arg, ...], signature: Signature | None) -> tuple[Arg, ...] | None:
    """Return the parameters that the one object given names, as arguments; None where that isn't meant."""
    match args:
        case (Arg(None, DictOf(items), False, span),) if stands_for_arguments(signature, [name for name, _ in items]):
            return tuple(Arg(name, item, False, span) for name, item in items)
    return None


def stands_for_arguments(signature: Signature | None, keys: Collection[str]) -> bool:
    """Whether an object with such keys stands in the place of arguments: they are parameters, and the first one takes no object."""
    first = next(iter(by_position(signature.parameters)), None) if signature else None
    named = signature is not None and bool(keys) and all(map(signature.parameter, keys))
    return named and (first is None or takes_no_object(first.type))


def takes_no_object(type_: Type) -> bool:
    match type_:
        case AnyType() | DictType() | RecordType():
            return False
        case UnionType(members):
            return all(takes_no_object(member) for member in members)
        case _:
            return True
