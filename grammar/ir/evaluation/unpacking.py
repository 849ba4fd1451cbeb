"""Bind what a loop or an assignment names: one name, or several that a value is taken apart for."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from typing import Any, TypeAlias

from lcc.grammar.ir.expressions import Target
from lcc.grammar.ir.operations import DISPLAYS, Meter

Names: TypeAlias = MutableMapping[Any, Any]
Binder: TypeAlias = Callable[[Any, Names], None]
"""Called with a value and the frame in which it is bound."""

_UNPACK = DISPLAYS["unpack"]


def bind_target(target: Target, value: Any, frame: Names, meter: Meter) -> None:
    """Bind a target in a frame, name by name as CPython does; raise what unpacking raises."""
    compile_target(target, meter)(value, frame)


def compile_target(target: Target, meter: Meter) -> Binder:
    """Return what binds a target."""
    if isinstance(target, str):
        name = target

        def one(value: Any, frame: Names) -> None:
            frame[name] = value

        return one
    binders = [compile_target(item, meter) for item in target.items]
    count = len(binders)
    shape = (count,) if target.star is None else (target.star, count - target.star - 1)
    exact = target.star is None

    def several(value: Any, frame: Names) -> None:
        if exact and type(value) is tuple and len(value) == count:
            meter.step()
            items = value
        else:
            items = _UNPACK(meter, value, *shape)
        for binder, item in zip(binders, items, strict=True):
            binder(item, frame)

    return several
