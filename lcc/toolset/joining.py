"""Put together what several sources say about one tool: a declaration and its implementation, or a contradiction."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from lcc.config import Config
from lcc.grammar.diagnostics.wording import did_you_mean
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
from lcc.grammar.signatures.declaration import overlaid, said_of
from lcc.grammar.signatures.tool_rules import MISMATCH, REPEATED_TOOL, UNKNOWN_BATCH, WRONG_SETTING
from lcc.toolset.sources import Entry, Loaded

_UNSAID: Final = (Resource(OUTSIDE),)
"""The resources of a tool that declares an effect and names none."""


def join_entries(loaded: Loaded) -> dict[str, Entry]:
    """Return what the entries of all sources come to, by name and in their order; what contradicts is reported."""
    by_name: dict[str, list[Entry]] = {}
    for entry in loaded.entries:
        by_name.setdefault(entry.signature.name, []).append(entry)
    joined = {name: _one(found, loaded) for name, found in by_name.items()}
    for name, entry in joined.items():
        batch = entry.signature.batch
        if batch is not None and batch.tool not in joined:
            message = f"the batch form of `{name}`, `{batch.tool}`, is not among the tools"
            loaded.report(UNKNOWN_BATCH.code, message, entry.source, entry.span, did_you_mean(batch.tool, joined))
    return joined


def overlay(joined: dict[str, Entry], config: Config, loaded: Loaded) -> dict[str, Entry]:
    """Return tools with what a project says of their effects, which goes before what they declare."""
    found: dict[str, Entry] = {}
    for name, entry in joined.items():
        said = said_of(name, config.effects)
        if said is None:
            found[name] = entry
            continue
        try:
            signature = overlaid(entry.signature, said)
        except ValueError as error:
            loaded.report(WRONG_SETTING.code, str(error), config.source, config.span_of("effects"))
            continue
        tool = None if entry.tool is None else replace(entry.tool, signature=signature)
        found[name] = replace(entry, signature=signature, tool=tool)
    return found


def _one(found: list[Entry], loaded: Loaded) -> Entry:
    """Return what the entries of one name come to; report those that contradict one another."""
    declared = next((entry for entry in found if not entry.python), None)
    made = next((entry for entry in found if entry.python), None)
    for entry in found:
        if entry is not declared and entry is not made and not _is_same(entry, declared, made):
            first = declared if not entry.python else made
            prefix = "a prefix tells the tools of sources apart: --tools NAME=SOURCE"
            help = f"the first is in {first.place}; {prefix}" if first is not None else None
            message = f"two tools are called `{entry.signature.name}`"
            loaded.report(REPEATED_TOOL.code, message, entry.source, entry.span, help)
    if declared is None or made is None:
        return declared or made or found[0]
    name, wrong = declared.signature.name, list(disagreements(declared.signature, made.signature))
    for message in wrong:
        help = f"the implementation is in {made.place}"
        loaded.report(MISMATCH.code, f"`{name}`: {message}", declared.source, declared.span, help)
    if wrong:
        return declared
    signature = combine(declared.signature, made.signature)
    tool = made.tool
    if tool is not None:
        from lcc.python_tools.function import with_signature  # loaded already, where there is a tool

        tool = with_signature(tool, signature)
    return replace(declared, signature=signature, tool=tool)


def _is_same(entry: Entry, *others: Entry | None) -> bool:
    """Whether a tool is only named twice."""
    for other in others:
        if other is None or other.python is not entry.python:
            continue
        if entry.tool is not None and other.tool is not None:
            return entry.tool.function == other.tool.function
        return entry.source.path == other.source.path and entry.span == other.span
    return False


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
    if becomes_text or not fits(made.result, declared.result, whole=False):
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
    if not fits(declared.type, made.type, whole=False):
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
