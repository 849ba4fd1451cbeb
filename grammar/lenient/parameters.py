"""Match the arguments of a call with the parameters of its tool."""

from __future__ import annotations

from lcc.grammar.signatures import Parameter, Signature, only_text
from lcc.grammar.syntax.statement import Call


def takes(signature: Signature | None, call: Call) -> bool:
    """Whether a tool can be called so: enough arguments, not too many, no unknown keyword. Unknown tools take anything."""
    if signature is None or call.kind != "task":
        return True
    positional = [p for p in signature.parameters if not p.keyword_only]
    count = sum(1 for arg in call.args if arg.name is None)
    if count > len(positional):
        return False
    bound = {p.name for p in positional[:count]}
    for arg in call.args:
        if arg.name is not None:
            if arg.name in bound or signature.parameter(arg.name) is None:
                return False
            bound.add(arg.name)
    return all(p.name in bound for p in signature.parameters if p.required)


def parameter_at(signature: Signature | None, place: int) -> Parameter | None:
    """Return the parameter of a positional argument."""
    if signature is None:
        return None
    positional = [p for p in signature.parameters if not p.keyword_only]
    return positional[place] if place < len(positional) else None


def takes_commas(signature: Signature | None, parameter: Parameter | None) -> bool:
    """Whether text for this parameter takes the call's commas: it is the only one, and takes only text."""
    return (
        signature is not None and parameter is not None and len(signature.parameters) == 1 and only_text(parameter.type)
    )
