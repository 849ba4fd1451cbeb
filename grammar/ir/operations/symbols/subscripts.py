"""Read, write and delete what stands at a place: subscripts, slices, and the fields of records."""

from __future__ import annotations

from collections import defaultdict
from typing import Final

from lcc.grammar.diagnostics.wording import did_you_mean
from lcc.grammar.ir.operations.basis import sizes
from lcc.grammar.ir.operations.basis.kinds import DICTS, Value
from lcc.grammar.ir.operations.basis.meter import Meter
from lcc.grammar.ir.operations.basis.operation import Operation, free, operation
from lcc.grammar.ir.operations.basis.static import Misfit, kinds_of
from lcc.grammar.signatures import (
    ANY,
    STR,
    AnyType,
    DictType,
    ListType,
    RecordType,
    Type,
    UnionType,
    show,
    union,
)

_SEQUENCES: Final = frozenset({list, tuple, str, range})


def load(meter: Meter, container: Value, index: Value) -> Value:
    """Evaluate `container[index]`."""
    kind = type(container)
    if kind in DICTS:
        sizes.key(meter, index, len(container))
        if kind is defaultdict and index not in container:
            meter.memory(200)
        return container[index]
    return container[index]


def load_slice(meter: Meter, container: Value, start: Value, stop: Value, step: Value) -> Value:
    """Evaluate `container[start:stop:step]`; what isn't given is None."""
    kind = type(container)
    part = slice(start, stop, step)
    if kind in DICTS:
        empty: dict[Value, Value] = {}
        return empty[part]  # CPython says that there is no such key
    if kind in _SEQUENCES and kind is not range:
        count = len(range(*part.indices(len(container))))
        if kind is str:
            meter.new_text(count, container)
        else:
            meter.new_items(count)
    return container[part]


def store(meter: Meter, container: Value, index: Value, value: Value) -> None:
    """Evaluate `container[index] = value`."""
    kind = type(container)
    if kind in DICTS:
        sizes.key(meter, index, len(container))
        meter.memory(100)
    container[index] = value  # CPython says what is no list and no dict


def store_slice(meter: Meter, container: Value, start: Value, stop: Value, step: Value, values: Value) -> None:
    """Evaluate `container[start:stop:step] = values`."""
    if type(container) is not list:
        if type(container) in DICTS:
            raise TypeError("unhashable type: 'slice'")
        container[slice(start, stop, step)] = values  # CPython says that it can't
        return
    if type(values) not in sizes.ITERABLE:
        raise TypeError(
            "can only assign an iterable" if step in (None, 1) else "must assign iterable to extended slice"
        )
    items = sizes.listed(meter, values)
    meter.new_items(len(container) + len(items))
    container[slice(start, stop, step)] = items


def delete(meter: Meter, container: Value, index: Value) -> None:
    """Evaluate `del container[index]`."""
    kind = type(container)
    if kind in DICTS:
        sizes.key(meter, index, len(container))
    elif kind is list:
        meter.elements(len(container))
    del container[index]


def delete_slice(meter: Meter, container: Value, start: Value, stop: Value, step: Value) -> None:
    """Evaluate `del container[start:stop:step]`."""
    if type(container) is not list:
        if type(container) in DICTS:
            raise TypeError("unhashable type: 'slice'")
        del container[slice(start, stop, step)]  # CPython says that it can't
        return
    meter.elements(len(container))
    del container[slice(start, stop, step)]


def _load_type(container: Type, index: Type) -> Type:
    match container:
        case UnionType(members):
            found = []
            said: list[Misfit] = []
            for member in members:
                try:
                    found.append(_load_type(member, index))
                except Misfit as misfit:
                    said.append(misfit)
            if not found:
                raise next((one for one in said if one.help), Misfit(f"`{show(container)}` has no items"))
            return union(*found)
        case AnyType():
            return ANY
        case ListType(item):
            return _indexed(container, index, item)
        case DictType(value):
            return value
        case RecordType():
            return _field_type(container, index)
        case _ if "str" in (kinds_of(container) or ()):
            return _indexed(container, index, STR)
        case _:
            raise Misfit(f"`{show(container)}` has no items")


def _indexed(container: Type, index: Type, item: Type) -> Type:
    kinds = kinds_of(index)
    if kinds is not None and not kinds & {"int", "bool"}:
        raise Misfit(f"`{show(container)}` is read at an int, not at `{show(index)}`")
    return item


def _field_type(record: RecordType, index: Type) -> Type:
    names = getattr(index, "values", None)
    if names is None:
        return union(*(f.type for f in record.fields)) if record.closed and record.fields else ANY
    found: list[Type] = []
    for name in names:
        field = record.field(name) if isinstance(name, str) else None
        if field is None and record.closed:
            known = [f.name for f in record.fields]
            help = did_you_mean(str(name), known) or f"keys: {', '.join(known) or 'none'}"
            raise Misfit(f"`{show(record)}` has no key {name!r}", help)
        found.append(ANY if field is None else field.type)
    return union(*found)


def _slice_type(container: Type, *_: Type) -> Type:
    kinds = kinds_of(container)
    if kinds is not None and not kinds & {"str", "list"}:
        raise Misfit(f"`{show(container)}` can't be sliced")
    return STR if kinds == frozenset({"str"}) else container if isinstance(container, ListType) else ANY


_PART: Final = "start: integer|None, stop: integer|None, step: integer|None"

SUBSCRIPTS: Final[dict[str, Operation]] = {
    "load": operation("load", "container, index", _load_type, free, load, metered=True),
    "load slice": operation("load slice", f"container, {_PART}", _slice_type, free, load_slice, metered=True),
    "store": operation("store", "container: list|dict, index, value", ANY, free, store, metered=True, mutates=True),
    "store slice": operation(
        "store slice", f"container: list, {_PART}, values: iterable", ANY, free, store_slice, metered=True, mutates=True
    ),
    "delete": operation("delete", "container: list|dict, index", ANY, free, delete, metered=True, mutates=True),
    "delete slice": operation(
        "delete slice", f"container: list, {_PART}", ANY, free, delete_slice, metered=True, mutates=True
    ),
}
"""Subscripts. Reading a defaultdict at a key that it lacks adds the key: `load` changes it then, as in CPython."""
