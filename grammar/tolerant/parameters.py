"""Match the arguments of a call that others wrote, a model or a program, with the parameters of its tool."""

from __future__ import annotations

from dataclasses import replace

from lcc.grammar.ir import Arg
from lcc.grammar.ir.constants import value_of_json
from lcc.grammar.signatures import Parameter, Signature, Type, UnionType, only_text
from lcc.grammar.signatures.calling import accepts, as_called, positional
from lcc.grammar.syntax.statement import Call


def written(signature: Signature | None, args: tuple[Arg, ...]) -> tuple[Arg, ...]:
    """Return arguments as a plan writes them: what the tool takes by position only loses its name. The same tuple if none does."""
    given = [(arg.name, arg) for arg in args]
    placed = as_called(signature, given, lambda default: Arg(None, value_of_json(default)))
    if placed is given:
        return args
    return tuple(arg if arg.name == name else replace(arg, name=name) for name, arg in placed)


def takes(signature: Signature | None, call: Call) -> bool:
    """Whether a tool can be called so: enough arguments, not too many, no unknown keyword. Unknown tools take anything."""
    if signature is None or call.kind != "task":
        return True
    return accepts(signature, [arg.name for arg in written(signature, call.args)])


def parameter_at(signature: Signature | None, place: int) -> Parameter | None:
    """Return the parameter of a positional argument."""
    return None if signature is None else next(iter(positional(signature.parameters)[place : place + 1]), None)


def takes_commas(signature: Signature | None, parameter: Parameter | None) -> bool:
    """Whether text for this parameter takes the call's commas: it is the only one, and takes only text."""
    return (
        signature is not None and parameter is not None and len(signature.parameters) == 1 and only_text(parameter.type)
    )


def members(type_: Type) -> tuple[Type, ...]:
    """Return the types of which a value is one: those of a union, or the type itself."""
    return type_.members if isinstance(type_, UnionType) else (type_,)
