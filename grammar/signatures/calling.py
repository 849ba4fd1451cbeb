"""Say which argument of a call is which parameter of its tool. All that binds, checks, mends or makes calls asks here.

def scale(text: str, factor: float = 2, /, unit: str = "m", *, digits: int = 0): ...

scale("4.1", 3, "km")           by place: every parameter but the keyword-only ones, in order
scale("4.1", digits=1)          by name: every parameter but the positional-only ones
{"factor": 3, "text": "4.1"}    JSON names all; a call writes the positional-only ones in their places: scale("4.1", 3)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final, TypeAlias, TypeVar

from lcc.grammar.dataclass import dataclass
from lcc.grammar.signatures.signature import Missing, Parameter, Signature
from lcc.grammar.signatures.types import Type, coerce
from lcc.grammar.values import Json

_T = TypeVar("_T")
Given: TypeAlias = tuple[str | None, _T]
"""An argument: the name that it is written with, if any, and whatever its value is to the caller."""
FRAMEWORK_CONTEXTS: Final = ("Context", "ContextWrapper", "ToolRuntime", "RunnableConfig")
"""How the names of classes end that agent frameworks pass in by themselves."""


@dataclass(frozen=True, slots=True)
class Calling:
    """How one tool is called: the parameters that an argument gives by its place, and those that one gives by a name."""

    by_place: tuple[Parameter, ...]
    by_name: dict[str, Parameter]
    more: Type | None = None

    @classmethod
    def of(cls, signature: Signature) -> Calling:
        """Return how a tool is called."""
        named = {p.name: p for p in signature.parameters if not p.positional_only}
        return cls(positional(signature.parameters), named, signature.more)

    def parameter_of(self, name: str | None, place: int) -> Parameter | None:
        """Return the parameter that the argument at a place of a call gives, or None if there is none."""
        if name is not None:
            found = self.by_name.get(name)
            return (
                found
                if found is not None or self.more is None
                else Parameter(name, self.more, False, keyword_only=True)
            )
        return self.by_place[place] if place < len(self.by_place) else None


def positional(parameters: Iterable[Parameter]) -> tuple[Parameter, ...]:
    """Return the parameters that may be given by place, in order."""
    return tuple(p for p in parameters if not p.keyword_only)


def accepts(signature: Signature, names: Iterable[str | None]) -> bool:
    """Whether a tool can be called so, in whichever order: enough arguments, not too many, none twice, no unknown name."""
    calling = Calling.of(signature)
    given: set[str] = set()
    for place, name in enumerate(sorted(names, key=lambda name: name is not None)):
        parameter = calling.parameter_of(name, place)
        if parameter is None or parameter.name in given:
            return False
        given.add(parameter.name)
    return all(p.name in given for p in signature.parameters if p.required)


def as_called(
    signature: Signature | None, given: Sequence[Given[_T]], constant: Callable[[Json], _T]
) -> Sequence[Given[_T]]:
    """Return arguments as a call writes them: those by place first, positional-only parameters among them, then those by name.

    Where a positional-only parameter is left out before one that is given, its default is written out, if it is JSON. Arguments
    that don't fit stay as they are, for the check of the call to report, and so does a call that names nothing by place.
    """
    named = {name: value for name, value in given if name is not None}
    placed: list[Given[_T]] = [argument for argument in given if argument[0] is None]
    if signature is None or not named or len(placed) + len(named) < len(given):
        return given
    waiting = positional(signature.parameters)[len(placed) :]
    last = max((place for place, p in enumerate(waiting, 1) if p.positional_only and p.name in named), default=0)
    for parameter in waiting[:last]:
        if parameter.name in named:
            placed.append((None, named.pop(parameter.name)))
        elif isinstance(parameter.default, Missing):
            return given
        else:
            placed.append((None, constant(coerce(parameter.default, parameter.type))))
    return [*placed, *named.items()] if last else given
