"""Fill in the arguments of a call: one pass over the plan's own text, in which results are only data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeAlias, assert_never

from lcc.grammar.ir import Arg, Const, DictOf, Format, Input, ListOf, Ref, Value, inputs_of, references
from lcc.grammar.signature import Parameter, Signature
from lcc.grammar.types import AnyType, coerce
from lcc.grammar.values import Json, PathError, at_path, copy_json, show_path, to_text
from lcc.runtime.tool import ArgumentError


@dataclass(frozen=True, slots=True)
class Given:
    """An element of a list that came as a result; it stands where the plan says `each`."""

    value: Json


Source: TypeAlias = Value | Given


class Lookup(Protocol):
    """Where references lead: results of ended tasks, and the run's inputs. Nothing that it returns may be changed."""

    def result(self, ref: Ref) -> Json:
        """Return the result that a reference names, its path followed; raise PathError where there is none."""

    def input(self, name: str) -> Json:
        """Return the value of an input."""


class Call:
    """The arguments of one call, bound to parameters; constants are converted once, before the run needs them."""

    __slots__ = ("constants", "each", "error", "sources")

    def __init__(self) -> None:
        self.constants: dict[str, Json] = {}
        self.sources: list[tuple[Parameter, Source]] = []
        self.each: tuple[Parameter, Value] | None = None
        self.error: str | None = None

    def with_element(self, source: Source) -> Call:
        """Return the call of one element: `source` stands where `each` did."""
        assert self.each is not None
        element = Call()
        element.constants = self.constants
        element.error = self.error
        element.sources = [*self.sources, (self.each[0], source)]
        return element

    def arguments(self, lookup: Lookup) -> dict[str, Json]:
        """Return the arguments by parameter name; raise PathError or ArgumentError. Containers are the caller's own."""
        if self.error is not None:
            raise ArgumentError(self.error)
        arguments = dict(self.constants)
        for parameter, source in self.sources:
            value = resolve(source, lookup)
            arguments[parameter.name] = value if type(parameter.type) is AnyType else coerce(value, parameter.type)
        return arguments


def bind_call(args: tuple[Arg, ...], signature: Signature) -> Call:
    """Bind arguments to parameters. What doesn't fit is kept as the call's `error`, since it is the task that fails."""
    call = Call()
    positional = [p for p in signature.parameters if not p.keyword_only] if any(a.name is None for a in args) else []
    seen: set[str] = set()
    for index, arg in enumerate(args):
        if arg.name is None:
            parameter = positional[index] if index < len(positional) else None
        else:
            parameter = signature.parameter(arg.name)
        if parameter is None:
            what = f"parameter `{arg.name}`" if arg.name is not None else f"place for argument {index + 1}"
            call.error = call.error or f"`{signature.name}` has no {what}"
        elif parameter.name in seen:
            call.error = call.error or f"`{signature.name}` got `{parameter.name}` twice"
        else:
            seen.add(parameter.name)
            _place(call, parameter, arg)
    if len(seen) < len(signature.parameters):
        missing = [p.name for p in signature.parameters if p.required and p.name not in seen]
        if missing:
            call.error = call.error or f"`{signature.name}` needs `{missing[0]}`"
    return call


def _place(call: Call, parameter: Parameter, arg: Arg) -> None:
    value = arg.value
    if arg.each:
        call.each = (parameter, value)
    elif type(value) is Const:
        constant = value.value
        call.constants[parameter.name] = (
            constant if type(parameter.type) is AnyType else coerce(constant, parameter.type)
        )
    else:
        call.sources.append((parameter, value))


def is_constant(value: Value) -> bool:
    """Whether a value reads no result and no input."""
    return next(references(value), None) is None and next(inputs_of(value), None) is None


def resolve(source: Source, lookup: Lookup) -> Json:
    """Return the JSON value that a source stands for; its containers are new."""
    match source:
        case Const(scalar):
            return scalar
        case Ref():
            return copy_json(lookup.result(source))
        case Input():
            return copy_json(_input(source, lookup))
        case Format(parts):
            return "".join(
                part
                if isinstance(part, str)
                else to_text(lookup.result(part) if isinstance(part, Ref) else _input(part, lookup))
                for part in parts
            )
        case ListOf(items):
            return [resolve(item, lookup) for item in items]
        case DictOf(pairs):
            return {key: resolve(item, lookup) for key, item in pairs}
        case Given(value):
            return copy_json(value)
        case _:
            assert_never(source)


def _input(node: Input, lookup: Lookup) -> Json:
    value = lookup.input(node.name)
    if not node.path:
        return value
    try:
        return at_path(value, node.path)
    except PathError as error:
        raise PathError(f"${node.name}{error}") from None


def follow(value: Json, ref: Ref) -> Json:
    """Follow the path of a reference into a result; the error names the reference as it is written."""
    try:
        return at_path(value, ref.path)
    except PathError as error:
        raise PathError(f"${ref.task}{error}") from None


def out_of_range(ref: Ref, count: int) -> PathError:
    """Return the error of a reference to an element that a fan-out of `count` doesn't have."""
    return PathError(f"${ref.task}{show_path(ref.path[:1])}: index {ref.path[0]} of a list of {count}")
