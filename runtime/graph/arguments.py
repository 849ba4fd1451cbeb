"""Fill in the arguments of a call: one pass over the plan's own text, in which results are only data."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn, Protocol

from lcc.grammar.ir import Arg, BodyNotSupported, Const, DictOf, Format, Input, ListOf, Ref
from lcc.grammar.values import Json, PathError, at_path, show_path, to_text
from lcc.runtime.binding import Binding
from lcc.runtime.graph.node import Given, Source
from lcc.runtime.graph.room import Room
from lcc.runtime.tool import ArgumentError


class Lookup(Protocol):
    """Where references lead: results of ended tasks, and the run's inputs. Nothing that it returns may be changed."""

    def result(self, ref: Ref) -> Json:
        """Return the result that a reference names, its path followed; raise PathError where there is none."""

    def input(self, name: str) -> Json:
        """Return the value of an input."""


def fill(
    args: tuple[Arg, ...], item: Source | None, binding: Binding, lookup: Lookup, room: Room | None = None
) -> dict[str, Json]:
    """Return the arguments of a call by parameter name; `item` stands where `each` does. Containers are the caller's own.

    Raises PathError where a path leads nowhere, ArgumentError where the call doesn't fit the tool, TooMuch, which is one, where they
    would take more than there is room for.
    """
    arguments: dict[str, Json] = {}
    room = room or Room()
    places, names, count = binding.places, binding.names, len(binding.places)
    for index, arg in enumerate(args):
        if arg.name is None:
            name, exact, made = places[index] if index < count else _parameter_at(arg, index, binding)
        else:
            name, exact, made = names.get(arg.name) or _parameter_at(arg, index, binding)
        source = arg.value if item is None or not arg.each else item
        value = source.value if type(source) is Const else resolve(source, lookup, room)
        if made is not None and type(value) is not exact:
            value = _coerced(value, made, room)
        arguments[name] = value
    if len(arguments) < len(args):
        raise ArgumentError(f"`{binding.name}` is given a parameter twice")
    for name in binding.required:
        if name not in arguments:
            raise ArgumentError(f"`{binding.name}` needs `{name}`")
    return arguments


def _coerced(value: Json, coerce: Callable[[Json], Json], room: Room) -> Json:
    """Return a value as a parameter takes it; what was written as text for that takes its room."""
    made = coerce(value)
    if isinstance(made, str) and not isinstance(value, str):
        room.build(len(made))
    elif made and isinstance(made, list) and isinstance(value, list):
        room.build(sum(len(new) for new, old in zip(made, value, strict=True) if type(new) is str is not type(old)))
    return made


def _parameter_at(arg: Arg, index: int, binding: Binding) -> NoReturn:
    """Say why an argument is that of no parameter."""
    if arg.name is None:
        count = len(binding.calling.by_place)
        raise ArgumentError(f"`{binding.name}` takes {count} arguments by position, not {index + 1}")
    if binding.tool.signature.parameter(arg.name) is not None:
        raise ArgumentError(f"`{binding.name}` takes `{arg.name}` by position only")
    raise ArgumentError(f"`{binding.name}` has no parameter `{arg.name}`")


def resolve(source: Source, lookup: Lookup, room: Room) -> Json:
    """Return the JSON value that a source stands for; its containers are new. Raises TooMuch before there is no more room."""
    # Not `match`: each case that doesn't fit costs 0.2 µs, and there are one or two sources for every task.
    if isinstance(source, Ref):
        return room.copy(lookup.result(source))
    if isinstance(source, ListOf):
        return [item.value if type(item) is Const else resolve(item, lookup, room) for item in source.items]
    if isinstance(source, Const):
        return source.value
    if isinstance(source, Input):
        return room.copy(_input(source, lookup))
    if isinstance(source, Format):
        return "".join(part if isinstance(part, str) else _text(part, lookup, room) for part in source.parts)
    if isinstance(source, DictOf):
        return {key: resolve(item, lookup, room) for key, item in source.items}
    if isinstance(source, Given):
        return room.copy(source.value)
    raise BodyNotSupported("a plan without a body")


def _text(part: Ref | Input, lookup: Lookup, room: Room) -> str:
    value = lookup.result(part) if isinstance(part, Ref) else _input(part, lookup)
    room.build_text(value)
    return to_text(value)


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
