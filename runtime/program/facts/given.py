"""Fill in the arguments of a call from values: what a tool gets is plain JSON, and nothing is converted but a whole number to a float."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from lcc.grammar.given import in_brief
from lcc.grammar.ir.operations import Meter, to_plain
from lcc.grammar.signatures import AnyType, Missing, Parameter, coerce
from lcc.grammar.values import Json
from lcc.runtime.binding import Binding
from lcc.runtime.program.facts.sites import Site
from lcc.runtime.tool import ArgumentError

SCALARS: Final = frozenset({str, int, float, bool, type(None)})


def arguments_of(site: Site, values: dict[Any, Any], meter: Meter, *, strict: bool) -> dict[str, Json]:
    """Return the arguments of a call by parameter; raise ArgumentError where they don't fit the tool."""
    given: dict[str, Json] = {}
    for parameter, formula in site.given:
        value = formula.code(values)
        if type(value) not in SCALARS:
            value = to_plain(value, meter)
        if isinstance(parameter, ArgumentError):
            raise parameter
        if type(parameter.type) is not AnyType:
            made = coerce(value, parameter.type)
            if strict and _became_text(value, made):
                raise ArgumentError(
                    f"`{parameter.name}` takes text, not {in_brief(value)}: write str(…) or json.dumps(…)"
                )
            value = made
        given[parameter.name] = value
    if len(given) < len(site.given):
        raise ArgumentError(f"`{site.binding.name}` is given a parameter twice")
    for name in site.binding.required:
        if name not in given:
            raise ArgumentError(f"`{site.binding.name}` needs `{name}`")
    return given


def _became_text(value: Json, made: Json) -> bool:
    """Whether something that is no text was made one; programs say so themselves."""
    if isinstance(made, str):
        return not isinstance(value, str)
    if isinstance(made, list) and isinstance(value, list):
        return any(map(_became_text, value, made))
    if isinstance(made, dict) and isinstance(value, dict):
        return any(_became_text(value[key], item) for key, item in made.items() if key in value)
    return False


def parameter_of(binding: Binding, name: str | None, place: int) -> Parameter | ArgumentError:
    """Return the parameter that an argument gives, or what is wrong with it."""
    found = binding.calling.parameter_of(name, place)
    if found is not None:
        return found
    if name is None:
        most = len(binding.calling.by_place)
        return ArgumentError(f"`{binding.name}` takes {most} arguments by position, not {place + 1}")
    if binding.tool.signature.parameter(name) is not None:
        return ArgumentError(f"`{binding.name}` takes `{name}` by position only")
    return ArgumentError(f"`{binding.name}` has no parameter `{name}`")


def defaults_of(binding: Binding) -> Mapping[str, Json]:
    """Return what the parameters of a tool are where they aren't given."""
    return {p.name: p.default for p in binding.tool.signature.parameters if not isinstance(p.default, Missing)}
