"""Prepare how each tool is called, once a tool, for binding, checking, comparing and resource analysis.

`lcc.grammar.signatures.calling` says which argument is which parameter; here are defaults, effects and the keys of equal calls.
"""

from __future__ import annotations

from collections.abc import Hashable

from lcc.grammar.dataclass import dataclass
from lcc.grammar.ir import Arg, Plan, Task, Value, calls_of
from lcc.grammar.ir.constants import value_of_json
from lcc.grammar.signatures import ALL_LEFT_OUT, Effect, Missing, Parameter, Signature, Tools, coerce
from lcc.grammar.signatures.built_in import BUILT_IN_SIGNATURES
from lcc.grammar.signatures.calling import Calling


@dataclass(frozen=True, slots=True)
class Convention:
    """How one tool is called: which argument is which parameter, and its defaults as constants."""

    signature: Signature
    calling: Calling
    defaults: dict[str, Value]
    places: dict[str, int]
    """Where a parameter stands among `values`."""
    values: tuple[Value | None, ...]
    """The defaults, positional parameters first, None where there is none."""

    def parameter_of(self, arg: Arg, place: int) -> Parameter | None:
        """Return the parameter that an argument at a place of the call gives, or None if there is none."""
        return self.calling.parameter_of(arg.name, place)


def with_built_in(plan: Plan, tools: Tools) -> Tools:
    """Return tools with those that a plan has without declaring them, as far as it calls them. Without tools nothing is known."""
    if plan.body is None or not (tools or tools is ALL_LEFT_OUT):
        return tools
    called = {task.tool for task in calls_of(plan)}
    return {**{name: one for name, one in BUILT_IN_SIGNATURES.items() if name in called}, **tools} or tools


class Calls:
    """The calling conventions of the tools in scope, made when first used."""

    def __init__(self, tools: Tools) -> None:
        self.tools = tools
        self._conventions: dict[str, Convention | None] = {}

    def convention(self, tool: str) -> Convention | None:
        """Return how a tool is called, or None if it isn't declared."""
        try:
            return self._conventions[tool]
        except KeyError:
            signature = self.tools.get(tool)
            found = None if signature is None else _convention(signature)
            self._conventions[tool] = found
            return found

    def effect(self, tool: str) -> Effect:
        """Return what a call of a tool may do; UNDECLARED, so the worst, for a tool that isn't known."""
        signature = self.tools.get(tool)
        return Effect.UNDECLARED if signature is None else signature.effect

    def arguments(self, task: Task) -> dict[str, Value]:
        """Return the arguments of a valid, bound call of a declared tool by parameter name.

        Defaults are included where they are JSON values. Of a tool that isn't declared, a positional argument is known by
        its place in the call.
        """
        given = self.given(task)
        convention = self.convention(task.tool)
        if convention is None:
            return given
        for name, default in convention.defaults.items():
            given.setdefault(name, default)
        return given

    def given(self, task: Task) -> dict[str, Value]:
        """Return the same, without what the call doesn't give."""
        convention = self.convention(task.tool)
        if convention is None:
            return {arg.name or str(place): arg.value for place, arg in enumerate(task.args)}
        return {parameter_name(convention, arg, place): arg.value for place, arg in enumerate(task.args)}

    def key(self, task: Task) -> Hashable:
        """Return what is equal for two bound calls if and only if they are the same call.

        Positional and keyword forms are equal, and so are a default and the same value written out.
        """
        convention = self.convention(task.tool)
        if convention is None:
            return task.tool, tuple((arg.name, arg.each, arg.value) for arg in task.args)
        values = list(convention.values)
        more: dict[str, Value] = {}
        spread: int | str | None = -1
        for place, arg in enumerate(task.args):
            index = place if arg.name is None else convention.places.get(arg.name)
            if index is None:
                more[arg.name or ""] = arg.value
            else:
                values[index] = arg.value
            if arg.each:
                spread = arg.name if index is None else index
        return task.tool, spread, tuple(values), tuple(sorted(more.items(), key=lambda one: one[0]))

    def spread(self, task: Task) -> str | None:
        """Return the name of the parameter that a fan-out runs over, or None for a single call."""
        for place, arg in enumerate(task.args):
            if arg.each:
                convention = self.convention(task.tool)
                return arg.name or str(place) if convention is None else parameter_name(convention, arg, place)
        return None


def parameter_name(convention: Convention, arg: Arg, place: int) -> str:
    """Return the name of the parameter that an argument gives; what names no parameter is known by its name or place."""
    parameter = convention.parameter_of(arg, place)
    return parameter.name if parameter is not None else arg.name or str(place)


def _convention(signature: Signature) -> Convention:
    calling = Calling.of(signature)
    parameters = (*calling.by_place, *(p for p in signature.parameters if p.keyword_only))
    defaults = {
        p.name: value_of_json(coerce(p.default, p.type)) for p in parameters if not isinstance(p.default, Missing)
    }
    places = {p.name: place for place, p in enumerate(parameters)}
    return Convention(signature, calling, defaults, places, tuple(defaults.get(p.name) for p in parameters))
