"""Mend what a call says where its text is in order: its keywords' order, an object in the place of arguments."""

from __future__ import annotations

from dataclasses import replace

from lcc.grammar.diagnostics import Diagnostic, Edit, Fix, Severity
from lcc.grammar.lenient.parameters import written
from lcc.grammar.lenient.repairs import keyword_order, object_argument
from lcc.grammar.lenient.repairs.json_call import literal
from lcc.grammar.lenient.repairs.repair import Repair
from lcc.grammar.lenient.settle import Read
from lcc.grammar.lenient.tool_names import ToolNames
from lcc.grammar.signatures import Signature
from lcc.grammar.syntax.statement import Call


def polish(read: Read, names: ToolNames) -> Read:
    """Return a call with what its tool's declaration shows to be meant."""
    call = read.call
    if not call.args or call.kind != "task":
        return read
    signature = names.signature(call.tool)
    spread = object_argument.spread(call, signature)
    if spread is not None:
        return _changed(read, _placed(spread, signature), object_argument.REPAIR)
    ordered = keyword_order.reorder(call, signature)
    if ordered is not None:
        return _changed(read, _placed(ordered, signature), keyword_order.REPAIR)
    placed = _placed(call, signature)
    return read if placed is call else _changed(read, placed, keyword_order.POSITION)


def _placed(call: Call, signature: Signature | None) -> Call:
    args = written(signature, call.args)
    return call if args is call.args else replace(call, args=args)


def _changed(read: Read, call: Call, repair: Repair) -> Read:
    first, last = read.call.args[0].span, read.call.args[-1].span
    shown = ", ".join(f"{arg.name}={literal(arg.value)}" if arg.name else literal(arg.value) for arg in call.args)
    fix = Fix(repair.fix, (Edit(first.cover(last), shown),), repair.safe)
    found = Diagnostic(repair.code, Severity.WARNING, repair.message, first.cover(last), None, fix=fix)
    return read._replace(call=call, codes=(*read.codes, repair.code), diagnostics=(*read.diagnostics, found))
