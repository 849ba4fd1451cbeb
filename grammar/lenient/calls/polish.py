"""Mend what a call says where its text is in order: its keywords' order, an object in the place of arguments."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from lcc.grammar.diagnostics import Diagnostic, Edit, Fix, Severity
from lcc.grammar.ir import Arg, DictOf
from lcc.grammar.lenient.calls.settle import Read
from lcc.grammar.lenient.marks.repairs import KEYWORD_ORDER, OBJECT_ARGUMENT
from lcc.grammar.signatures import AnyType, DictType, RecordType, Signature
from lcc.grammar.signatures.calling import positional as by_position
from lcc.grammar.syntax.print_value import print_arg
from lcc.grammar.tolerant.parameters import members, written
from lcc.grammar.tolerant.tool_names import ToolNames


def polish(read: Read, names: ToolNames) -> Read:
    """Return a call with what its tool's declaration shows to be meant. In data that is no repair."""
    call, signature = read.call, names.signature(read.call.tool)
    if not call.args or call.kind != "task":
        return read
    moved, named = reorder(call.args, signature), spread(call.args, signature)
    args = written(signature, named or moved or call.args)
    if args is call.args:
        return read
    repair = OBJECT_ARGUMENT if named else KEYWORD_ORDER if moved else _POSITION
    span = call.args[0].span.cover(call.args[-1].span)
    fix = Fix(repair.fix, (Edit(span, ", ".join(map(print_arg, args))),), repair.safe)
    found = Diagnostic(repair.code, Severity.WARNING, repair.message, span, None, fix=fix)
    said = () if read.says == "data" else (found,)
    codes = (*read.codes, *(one.code for one in said))
    return read._replace(call=replace(call, args=args), codes=codes, diagnostics=(*read.diagnostics, *said))


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
    """Return the parameters that the one object given names, as arguments; None where the first parameter may take an object."""
    match args:
        case (Arg(None, DictOf(items), False, span),) if signature and items:
            first = [one for p in by_position(signature.parameters)[:1] for one in members(p.type)]
            named = all(signature.parameter(name) for name, _ in items)
            if named and not any(isinstance(one, AnyType | DictType | RecordType) for one in first):
                return tuple(Arg(name, item, False, span) for name, item in items)
    return None
