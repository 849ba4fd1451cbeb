"""Put values together and take them apart: displays such as `[a, b]` and `{a: b}`, and unpacking into several names."""

from __future__ import annotations

from typing import Final

from lcc.grammar.ir.operations.basis import sizes
from lcc.grammar.ir.operations.basis.kinds import SetValue, Value, type_name
from lcc.grammar.ir.operations.basis.meter import Meter
from lcc.grammar.ir.operations.basis.operation import Operation, free, operation
from lcc.grammar.signatures import ANY, ListType, Type, union


def _list(meter: Meter, *items: Value) -> list[Value]:
    meter.new_items(len(items), 40)
    return list(items)


def _tuple(meter: Meter, *items: Value) -> tuple[Value, ...]:
    meter.new_items(len(items), 40)
    return items


def _set(meter: Meter, *items: Value) -> SetValue:
    sizes.keys(meter, items, len(items))
    meter.new_items(len(items), 100)
    return SetValue(items)


def _dict(meter: Meter, *keys_and_values: Value) -> dict[Value, Value]:
    keys, values = keys_and_values[::2], keys_and_values[1::2]
    sizes.keys(meter, keys, len(keys))
    meter.new_items(len(keys), 140)
    return dict(zip(keys, values, strict=True))


def _unpack(meter: Meter, value: Value, before: int, after: Value = None) -> tuple[Value, ...]:
    """Return the values of `before` names, or with `after` also a list for a starred name, and of the names behind it."""
    if type(value) not in sizes.ITERABLE:
        raise TypeError(f"cannot unpack non-iterable {type_name(value)} object")
    least = before + (after or 0)
    items = sizes.listed(meter, value, most=before + 1 if after is None else None)
    meter.elements(len(items))
    if len(items) < least:
        shown = least if after is None else f"at least {least}"
        raise ValueError(f"not enough values to unpack (expected {shown}, got {len(items)})")
    if after is None:
        if len(items) > before:
            raise ValueError(f"too many values to unpack (expected {before})")
        return tuple(items)
    meter.new_items(len(items))
    end = len(items) - after
    return (*items[:before], items[before:end], *items[end:])


def _list_type(*items: Type) -> Type:
    return ListType(union(*items)) if items else ListType(ANY)


DISPLAYS: Final[dict[str, Operation]] = {
    "dict": operation("dict display", "*keys_and_values", ANY, free, _dict, metered=True),
    "list": operation("list display", "*items", _list_type, free, _list, metered=True),
    "set": operation("set display", "*items", ANY, free, _set, metered=True),
    "tuple": operation("tuple display", "*items", ANY, free, _tuple, metered=True),
    "unpack": operation(
        "unpack",
        "value: iterable, before: int, after: int|None = None, /",
        ANY,
        free,
        _unpack,
        metered=True,
        ordered=True,
    ),
}
"""What has no name in a program. A display with `*a` or `**a` is one without, extended or updated."""
