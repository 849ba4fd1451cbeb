"""Check that a tool's declaration and its implementation agree, and put them together.

Plans are checked against the declaration, so the implementation must take whatever the declaration allows, and return nothing
that the declaration doesn't announce. What the declaration leaves open, the implementation says.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from lcc.grammar.signatures import (
    ANY,
    OUTSIDE,
    CallLimits,
    Cost,
    Effect,
    Missing,
    Parameter,
    Resource,
    Signature,
    fits,
    only_text,
    show,
)

_UNSAID: Final = (Resource(OUTSIDE),)
"""The resources of a tool that declares an effect and names none."""


def disagreements(declared: Signature, made: Signature) -> Iterator[str]:
    """Yield what a declaration and an implementation disagree about; nothing if they go together."""
    for parameter in declared.parameters:
        own = made.parameter(parameter.name)
        if own is None:
            yield f"the implementation has no parameter `{parameter.name}`"
        else:
            yield from _of_parameter(parameter, own)
    for own in made.parameters:
        if own.required and declared.parameter(own.name) is None:
            yield f"the implementation requires `{own.name}`, which the declaration doesn't have"
    becomes_text = only_text(declared.result) and made.result != ANY and not only_text(made.result)
    if becomes_text or not fits(made.result, declared.result):
        yield f"the implementation returns `{show(made.result)}`, the declaration says `{show(declared.result)}`"
    if Effect.UNDECLARED not in (declared.effect, made.effect):
        if declared.effect is not made.effect:
            yield f"the implementation's effect is {made.effect}, the declaration says {declared.effect}"
        elif _UNSAID not in (declared.resources, made.resources) and set(declared.resources) != set(made.resources):
            yield f"the implementation's resources are {_listed(made)}, the declaration's {_listed(declared)}"
    by_position = [p.name for p in made.parameters if p.positional_only]
    if by_position != [p.name for p in declared.parameters if p.name in by_position]:
        yield "the implementation takes its positional parameters in another order"


def _listed(signature: Signature) -> str:
    return ", ".join(f"`{resource.pattern}`" for resource in signature.resources)


def _of_parameter(declared: Parameter, made: Parameter) -> Iterator[str]:
    if made.required and not declared.required:
        yield f"the implementation requires `{declared.name}`, the declaration doesn't"
    if not fits(declared.type, made.type):
        yield f"`{declared.name}` is declared `{show(declared.type)}`, the implementation takes `{show(made.type)}`"
    known = not isinstance(declared.default, Missing) and not isinstance(made.default, Missing)
    if known and repr(declared.default) != repr(made.default):
        yield f"`{declared.name}` is by default {declared.default!r}, in the implementation {made.default!r}"


def combine(declared: Signature, made: Signature) -> Signature:
    """Return the signature of a declaration and an implementation that agree."""
    parameters = tuple(_parameter(p, made.parameter(p.name)) for p in declared.parameters)
    whole = replace(
        declared,
        parameters=parameters,
        result=declared.result if declared.result != ANY else made.result,
        description=declared.description or made.description,
        cost=declared.cost if declared.cost != Cost() else made.cost,
        limits=declared.limits if declared.limits != CallLimits() else made.limits,
        batch=declared.batch or made.batch,
        discloses=declared.discloses or made.discloses,
    )
    if declared.effect is not Effect.UNDECLARED:
        unsaid = declared.resources == _UNSAID and made.effect is declared.effect
        return replace(whole, resources=made.resources) if unsaid else whole
    return replace(
        whole,
        effect=made.effect,
        resources=made.resources,
        idempotent=made.idempotent,
        fold=made.fold,
        trusted=declared.trusted or made.trusted,
    )


def _parameter(declared: Parameter, made: Parameter | None) -> Parameter:
    if made is None:
        return declared
    default = made.default if isinstance(declared.default, Missing) and not declared.required else declared.default
    return replace(
        declared,
        type=declared.type if declared.type != ANY else made.type,
        default=default,
        positional_only=declared.positional_only or made.positional_only,
        description=declared.description or made.description,
    )
