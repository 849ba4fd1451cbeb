"""Define one entry of the table: its parameters, the type of its result, its cost, its evaluation.

A signature is written as text, `"self, sep: str|None = None, /, *, reverse: bool = False"`; a kind is one of those of
`static`, joined by `|`. `*rest` takes any number of values. Every parameter is handed to `cost` and `evaluate` by its place, as
far as it is given or has a default; a default of `...` leaves the rest out.
"""

from __future__ import annotations

from ast import literal_eval
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from lcc.grammar.dataclass import dataclass
from lcc.grammar.diagnostics.wording import did_you_mean
from lcc.grammar.ir.operations.basis.kinds import Value
from lcc.grammar.ir.operations.basis.meter import Meter
from lcc.grammar.ir.operations.basis.static import Misfit, check_argument
from lcc.grammar.signatures import ANY, Type

Cost: TypeAlias = Callable[..., None]
"""Called with the meter and the arguments, before `evaluate`: uses what the evaluation takes at most, or raises."""

Evaluate: TypeAlias = Callable[..., Value]
Infer: TypeAlias = Callable[..., Type]
"""Called with the types of the arguments; returns that of the result or raises Misfit."""

_MANY: Final = 1 << 62
OMITTED: Final = object()
"""The value of a parameter that wasn't given and has no default: only ever the end of the arguments."""


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter. `kinds`: what it takes, as `static` names it; `default`: OMITTED if there is none to hand over."""

    name: str
    kinds: str = "any"
    required: bool = True
    default: Value = OMITTED
    positional: bool = True
    keyword: bool = True


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the table.

    `metered`: `evaluate` takes the meter first, since it can only bound its work while it does it.
    `mutates`: it changes its first argument. `ordered`: its result may depend on when it is evaluated, as that of what reads
    an iterator or a clock. `clock`: the instant of the run is handed over as the first argument. From `least` to `most` arguments
    stand as they are given; other numbers, and names, are bound first.
    """

    name: str
    params: tuple[Param, ...]
    result: Type | Infer
    cost: Cost
    evaluate: Evaluate
    rest: str | None = None
    metered: bool = False
    mutates: bool = False
    ordered: bool = False
    clock: bool = False
    least: int = 0
    most: int = -1

    def __call__(self, meter: Meter, /, *args: Value, **names: Value) -> Value:
        """Evaluate it; raise what CPython raises, or OperationError."""
        meter.step()
        if names or not self.least <= len(args) <= self.most:
            args = self.bind(args, names)
        self.cost(meter, *args)
        return self.evaluate(meter, *args) if self.metered else self.evaluate(*args)

    def bind(self, args: tuple[Value, ...], names: Mapping[str, Value]) -> tuple[Value, ...]:
        """Return all arguments by place; raise TypeError as a call in CPython does."""
        shown = self.name.rsplit(".", 1)[-1]
        places = [p for p in self.params if p.positional]
        if len(args) > len(places) and self.rest is None:
            raise TypeError(f"{shown}() takes at most {len(places)} arguments ({len(args)} given)")
        given = dict(zip((p.name for p in places), args, strict=False))
        for name, value in names.items():
            param = next((p for p in self.params if p.name == name and p.keyword), None)
            if param is None:
                raise TypeError(f"{shown}() got an unexpected keyword argument '{name}'")
            if name in given:
                raise TypeError(f"argument for {shown}() given by name ('{name}') and position")
            given[name] = value
        out = []
        for param in self.params:
            if param.required and param.name not in given:
                raise TypeError(f"{shown}() missing required argument '{param.name}'")
            out.append(given.get(param.name, param.default))
        while self.rest is None and out and out[-1] is OMITTED:
            out.pop()
        return (*out, *args[len(places) :])

    def infer(self, /, *types: Type, **names: Type) -> Type:
        """Return the type of the result for types of arguments; raise Misfit where they can't be right."""
        bound = self._bind_types(types, names)
        for param, type_ in zip(self.params, bound, strict=False):
            if type_ is not None:
                check_argument(self.name, param.name, param.kinds, type_)
        if self.rest is not None:
            for type_ in bound[len(self.params) :]:
                check_argument(self.name, "argument", self.rest, type_ or ANY)
        while self.rest is None and bound and bound[-1] is None:
            bound.pop()
        return self.result(*(t or ANY for t in bound)) if callable(self.result) else self.result

    def _bind_types(self, types: tuple[Type, ...], names: Mapping[str, Type]) -> list[Type | None]:
        places = [p.name for p in self.params if p.positional]
        if len(types) > len(places) and self.rest is None:
            raise Misfit(f"`{self.name}` takes at most {len(places)} arguments, {len(types)} are given")
        given = dict(zip(places, types, strict=False))
        known = {p.name for p in self.params if p.keyword}
        for name, type_ in names.items():
            if name not in known or name in given:
                twice = "is given twice" if name in given else "is no parameter"
                raise Misfit(f"`{self.name}`: `{name}` {twice}", did_you_mean(name, known))
            given[name] = type_
        for param in self.params:
            if param.required and param.name not in given:
                raise Misfit(f"`{self.name}` lacks its argument `{param.name}`")
        return [*(given.get(p.name) for p in self.params), *types[len(places) :]]

    def __str__(self) -> str:
        shown = [f"{p.name}: {p.kinds}{'' if p.required else ' = …'}" for p in self.params]
        return f"{self.name}({', '.join([*shown, *([f'*{self.rest}'] if self.rest else [])])})"


class AnyNames(Operation):
    """An operation that takes any arguments and any names, such as `dict`."""

    __slots__ = ()

    def __call__(self, meter: Meter, /, *args: Value, **names: Value) -> Value:
        """Evaluate it; raise what CPython raises, or OperationError."""
        meter.step()
        return self.evaluate(meter, *args, **names)

    def infer(self, /, *types: Type, **names: Type) -> Type:
        """Return the type of the result; its arguments are checked when it is evaluated."""
        return ANY if callable(self.result) else self.result


def any_names(name: str, result: Type, evaluate: Evaluate, *, mutates: bool = False) -> Operation:
    """Return an entry of the table that takes any names."""
    return AnyNames(name, (), result, free, evaluate, "any", True, mutates)


def parameters(text: str) -> tuple[tuple[Param, ...], str | None]:
    """Read a signature; return the parameters and what `*rest` takes."""
    params: list[Param] = []
    rest = None
    keyword_only = False
    for part in filter(None, (p.strip() for p in text.split(","))):
        if part == "/":
            params = [Param(p.name, p.kinds, p.required, p.default, p.positional, False) for p in params]
        elif part == "*":
            keyword_only = True
        elif part.startswith("*"):
            rest = part.partition(":")[2].strip() or "any"
            keyword_only = True
        else:
            head, equals, default = (p.strip() for p in part.partition("="))
            name, _, kinds = (p.strip() for p in head.partition(":"))
            value = literal_eval(default) if equals and default != "..." else OMITTED
            params.append(Param(name, kinds or "any", not equals, value, not keyword_only))
    return tuple(params), rest


def operation(
    name: str,
    signature: str,
    result: Type | Infer,
    cost: Cost,
    evaluate: Evaluate,
    *,
    metered: bool = False,
    mutates: bool = False,
    ordered: bool = False,
    clock: bool = False,
) -> Operation:
    """Return an entry of the table."""
    params, rest = parameters(signature)
    least = sum(p.required for p in params)
    places = sum(p.positional for p in params)
    most = (-1 if params else _MANY) if rest else places
    return Operation(name, params, result, cost, evaluate, rest, metered, mutates, ordered, clock, least, most)


def free(meter: Meter, *args: Value) -> None:
    """Cost no more than the step that every operation takes."""
