"""Mend what a call says where its text is in order: its keywords' order, an object in the place of arguments."""

from __future__ import annotations

from lcc.grammar.diagnostics import Diagnostic, Edit, Fix, Severity
from lcc.grammar.lenient.repairs import keyword_order, object_argument
from lcc.grammar.lenient.repairs.json_call import literal
from lcc.grammar.lenient.repairs.repair import Repair
from lcc.grammar.lenient.settle import Read
from lcc.grammar.lenient.tool_names import ToolNames
from lcc.grammar.syntax.statement import Call


def polish(read: Read, names: ToolNames) -> Read:
    """Return a call with what its tool's declaration shows to be meant."""
    call = read.call
    if not call.args or call.kind != "task":
        return read
    signature = names.signature(call.tool)
    spread = object_argument.spread(call, signature)
    if spread is not None:
        return _changed(read, spread, object_argument.REPAIR)
    ordered = keyword_order.reorder(call, signature)
    return read if ordered is None else _changed(read, ordered, keyword_order.REPAIR)


def _changed(read: Read, call: Call, repair: Repair) -> Read:
    first, last = read.call.args[0].span, read.call.args[-1].span
    written = ", ".join(f"{arg.name}={literal(arg.value)}" if arg.name else literal(arg.value) for arg in call.args)
    fix = Fix(repair.fix, (Edit(first.cover(last), written),), repair.safe)
    found = Diagnostic(repair.code, Severity.WARNING, repair.message, first.cover(last), None, fix=fix)
    return read._replace(call=call, codes=(*read.codes, repair.code), diagnostics=(*read.diagnostics, found))
