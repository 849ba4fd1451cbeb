"""The methods of lists, tuples, dicts, sets and ranges; those that change their container are marked.

Keys of `sort`, `min` and the like are computed by whoever evaluates expressions: the table takes them as a list, `keys`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from typing import Any, Final

from lcc.grammar.ir.operations import sizes
from lcc.grammar.ir.operations.kinds import DICTS, FACTORIES, ITEMS, KEYS, ClassValue, Lazy, Record, SetValue, Value
from lcc.grammar.ir.operations.meter import Meter
from lcc.grammar.ir.operations.operation import OMITTED, Operation, any_names, free, operation
from lcc.grammar.ir.operations.set_algebra import replace_items, set_and, set_minus, set_or, set_xor
from lcc.grammar.ir.operations.static import element_of, same
from lcc.grammar.signatures import ANY, BOOL, INT, NULL, DictType, ListType, RecordType, Type, UnionType, union


def sort_in_place(meter: Meter, items: list[Value], keys: list[Value] | None, reverse: Value) -> None:
    """Sort a list by its elements or by keys that belong to them; equal ones keep their order."""
    order = items if keys is None else keys
    sizes.sorting(meter, order, len(order))
    if keys is None:
        items.sort(reverse=reverse)
        return
    meter.new_items(len(keys), 16)
    places = sorted(range(len(keys)), key=keys.__getitem__, reverse=reverse)
    items[:] = [items[i] for i in places]


def _sort(meter: Meter, self: list[Value], keys: Value = None, reverse: Value = False) -> None:
    sort_in_place(meter, self, keys, reverse)


def _extend(meter: Meter, self: list[Value], iterable: Value) -> None:
    items = sizes.listed(meter, iterable)
    meter.new_items(len(items))
    self.extend(items)


def _one_more(meter: Meter, self: Any, *args: Value) -> None:
    meter.memory(40)  # its place, and a small value


def _popped(meter: Meter, self: list[Value], index: Value = -1, *args: Value) -> None:
    place = index if isinstance(index, int) else 0
    meter.elements(min(len(self), -place if place < 0 else max(0, len(self) - place)))
    meter.memory(40 * len(args))


def _passed(meter: Meter, self: Any, *args: Value) -> None:
    meter.elements(len(self))


def _copied(meter: Meter, self: Any, *args: Value) -> None:
    if type(self) is SetValue:
        sizes.keys(meter, self, len(self))
    meter.new_items(len(self), 100 if type(self) in DICTS or type(self) is SetValue else 8)


def _searched(meter: Meter, self: Any, item: Value, *args: Value) -> None:
    sizes.membership(meter, len(self), item)


def _range_searched(meter: Meter, self: range, item: Value) -> None:
    if type(item) not in (int, bool):
        sizes.membership(meter, len(self), item)


def _keyed(meter: Meter, self: Any, key: Value = None, *args: Value) -> None:
    sizes.key(meter, key, len(self))
    meter.memory(100)


def _pop_type(self: Type, *_: Type) -> Type:
    return element_of(self) if isinstance(self, ListType) else ANY


def _value_type(self: Type) -> Type:
    match self:
        case DictType(value):
            return value
        case RecordType(_, fields, True) if fields:
            return union(*(f.type for f in fields))
        case UnionType(members):
            return union(*(_value_type(m) for m in members))
        case _:
            return ANY


def _get_type(self: Type, key: Type, default: Type = NULL) -> Type:
    if isinstance(self, RecordType):
        names = getattr(key, "values", None)
        fields = [self.field(n) for n in names if isinstance(n, str)] if names else []
        if fields and all(f is not None and f.required for f in fields):
            return union(*(f.type for f in fields if f is not None))
        return ANY
    found = _value_type(self)
    return union(found, default) if found != ANY else ANY


LIST_METHODS: Final[dict[str, Operation]] = {
    o.name.partition(".")[2]: o
    for o in (
        operation("list.append", "self: list, object, /", NULL, _one_more, list.append, mutates=True),
        operation("list.clear", "self: list, /", NULL, _passed, list.clear, mutates=True),
        operation("list.copy", "self: list, /", same, _copied, list.copy),
        operation("list.count", "self: list, value, /", INT, _searched, list.count),
        operation("list.extend", "self: list, iterable: iterable, /", NULL, free, _extend, metered=True, mutates=True),
        operation("list.index", "self: list, value, start: integer = ..., stop: integer = ..., /", INT, _searched, list.index),
        operation("list.insert", "self: list, index: integer, object, /", NULL, _popped, list.insert, mutates=True),
        operation("list.pop", "self: list, index: integer = -1, /", _pop_type, _popped, list.pop, mutates=True),
        operation("list.remove", "self: list, value, /", NULL, _searched, list.remove, mutates=True),
        operation("list.reverse", "self: list, /", NULL, _passed, list.reverse, mutates=True),
        operation("list.sort", "self: list, /, *, keys: list|None = None, reverse: integer = False", NULL, free, _sort,
                  metered=True, mutates=True),
    )
}  # fmt: skip

TUPLE_METHODS: Final[dict[str, Operation]] = {
    "count": operation("tuple.count", "self, value, /", INT, _searched, tuple.count),
    "index": operation(
        "tuple.index", "self, value, start: integer = ..., stop: integer = ..., /", INT, _searched, tuple.index
    ),
}

RANGE_METHODS: Final[dict[str, Operation]] = {
    "count": operation("range.count", "self, value, /", INT, _range_searched, range.count),
    "index": operation("range.index", "self, value, /", INT, _range_searched, range.index),
}


def _items(meter: Meter, source: Value) -> Any:
    """Return what a dict is made of: a dict, or pairs."""
    if type(source) in DICTS:
        sizes.keys(meter, source, len(source))
        meter.new_items(len(source), 100)
        return source
    if type(source) not in sizes.ITERABLE:
        raise TypeError(f"'{type(source).__name__}' object is not iterable")
    return sizes.pairs(meter, source)


def make_dict(meter: Meter, /, *args: Value, **names: Value) -> dict[Value, Value]:
    """Evaluate `dict(…)`: a plain dict, also of a record."""
    if len(args) > 1:
        raise TypeError(f"dict expected at most 1 argument, got {len(args)}")
    out: dict[Value, Value] = dict(*(_items(meter, a) for a in args))
    meter.new_items(len(names), 100)
    out.update(names)
    return out


def _update(meter: Meter, self: dict[Value, Value], /, *args: Value, **names: Value) -> None:
    if len(args) > 1:
        raise TypeError(f"update expected at most 1 argument, got {len(args)}")
    if type(self) is Counter:
        _count_more(meter, self, args, names)
    else:
        dict.update(self, *(_items(meter, a) for a in args), **names)


def _count_more(meter: Meter, self: Counter[Value], args: tuple[Value, ...], names: dict[str, Value]) -> None:
    for source in args:
        self.update(source if source is None else _counted(meter, source))
    self.update(names)


def _counted(meter: Meter, source: Value) -> Any:
    if type(source) in DICTS:
        return _items(meter, source)
    items = sizes.listed(meter, source)
    sizes.keys(meter, items, len(items))
    meter.new_items(len(items), 100)
    return items


def make_counter(meter: Meter, /, *args: Value, **names: Value) -> Counter[Value]:
    """Evaluate `Counter(…)`."""
    if len(args) > 1:
        raise TypeError(f"Counter.__init__() takes from 1 to 2 positional arguments but {len(args) + 1} were given")
    out: Counter[Value] = Counter()
    _count_more(meter, out, args, names)
    return out


def _subtract(meter: Meter, self: Counter[Value], /, *args: Value, **names: Value) -> None:
    for source in args:
        self.subtract(source if source is None else _counted(meter, source))
    self.subtract(names)


def _most_common(meter: Meter, self: Counter[Value], n: Value = None) -> list[tuple[Value, int]]:
    sizes.sorting(meter, self.values(), len(self))
    meter.new_items(len(self), 72)
    return self.most_common(n)


def _elements(meter: Meter, self: Counter[Value]) -> Lazy:
    return Lazy("itertools.chain", self.elements())


def _total(meter: Meter, self: Counter[Value]) -> Value:
    meter.elements(len(self))
    return self.total()


def _view(name: str) -> Callable[[dict[Value, Value]], Value]:
    return getattr(dict, name)  # type: ignore[no-any-return]


def _copy(self: Any) -> Any:
    if type(self) is Record:
        return dict(self)
    return self.copy()


def _fromkeys(meter: Meter, iterable: Value, value: Value = None) -> dict[Value, Value]:
    items = sizes.listed(meter, iterable)
    sizes.keys(meter, items, len(items))
    meter.new_items(len(items), 100)
    return dict.fromkeys(items, value)


DICT_METHODS: Final[dict[str, Operation]] = {
    o.name.partition(".")[2]: o
    for o in (
        operation("dict.clear", "self: dict, /", NULL, _passed, dict.clear, mutates=True),
        operation("dict.copy", "self: dict, /", same, _copied, _copy),
        operation("dict.get", "self: dict, key, default = None, /", _get_type, _keyed, dict.get),
        operation("dict.items", "self: dict, /", ANY, free, _view("items")),
        operation("dict.keys", "self: dict, /", ANY, free, _view("keys")),
        operation("dict.pop", "self: dict, key, default = ..., /", ANY, _keyed, dict.pop, mutates=True),
        operation("dict.popitem", "self: dict, /", ANY, free, dict.popitem, mutates=True),
        operation("dict.setdefault", "self: dict, key, default = None, /", ANY, _keyed, dict.setdefault, mutates=True),
        any_names("dict.update", NULL, _update, mutates=True),
        operation("dict.values", "self: dict, /", ANY, free, _view("values")),
    )
}

COUNTER_METHODS: Final[dict[str, Operation]] = {
    "elements": operation("Counter.elements", "self, /", ANY, free, _elements, metered=True),
    "most_common": operation(
        "Counter.most_common", "self, n: integer|None = None", ListType(ANY), free, _most_common, metered=True
    ),
    "subtract": any_names("Counter.subtract", NULL, _subtract, mutates=True),
    "total": operation("Counter.total", "self, /", ANY, free, _total, metered=True),
}

FROMKEYS: Final = operation("dict.fromkeys", "iterable: iterable, value = None, /", ANY, free, _fromkeys, metered=True)


def make_set(meter: Meter, iterable: Value = ()) -> SetValue:
    """Evaluate `set(…)`."""
    items = sizes.listed(meter, iterable)
    sizes.keys(meter, items, len(items))
    meter.new_items(len(items), 100)
    return SetValue(items)


def _intersection(meter: Meter, self: SetValue, *others: Value) -> SetValue:
    out = make_set(meter, self)
    for other in others:
        out = set_and(out, other) if type(other) is SetValue else _shared(meter, out, other)
        meter.elements(len(out))
    return out


def _shared(meter: Meter, own: SetValue, other: Value) -> SetValue:
    """Return those of the other that are in the set; what comes when none is left to find is not looked at."""
    out = SetValue()
    for item in other if isinstance(other, Lazy) else sizes.listed(meter, other):
        sizes.key(meter, item, len(own))
        meter.step()
        if item in own.members:
            out.members[item] = None
            if len(out) >= len(own):
                break
    return out


def _combined(function: Callable[[Iterable[Value], Iterable[Value]], SetValue]) -> Callable[..., SetValue]:
    def combine(meter: Meter, self: SetValue, *others: Value) -> SetValue:
        out = make_set(meter, self)
        for other in others:
            meter.elements(len(out))
            out = function(out, make_set(meter, other))
        return out

    return combine


def _changed(combine: Callable[..., SetValue]) -> Callable[..., None]:
    def change(meter: Meter, self: SetValue, *others: Value) -> None:
        replace_items(self, combine(meter, self, *others))

    return change


def _subset(meter: Meter, self: SetValue, other: Value) -> bool:
    meter.elements(len(self))
    return self.members.keys() <= make_set(meter, other).members.keys()


def _add(self: SetValue, item: Value) -> None:
    self.members[item] = None


def _discard(self: SetValue, item: Value) -> None:
    if item in self:
        del self.members[item]


def _remove(self: SetValue, item: Value) -> None:
    if item not in self:
        raise KeyError(item)
    del self.members[item]


def _pop(self: SetValue) -> Value:
    if not self.members:
        raise KeyError("pop from an empty set")
    return self.members.popitem()[0]


_ALGEBRA: Final = {
    "union": (_combined(set_or), "update"),
    "intersection": (_intersection, "intersection_update"),
    "difference": (_combined(set_minus), "difference_update"),
}


def _algebra() -> dict[str, Operation]:
    out = {}
    for name, (function, update) in _ALGEBRA.items():
        signature = "self: set, /, *others: iterable"
        out[name] = operation(f"set.{name}", signature, ANY, free, function, metered=True)
        out[update] = operation(f"set.{update}", signature, NULL, free, _changed(function), metered=True, mutates=True)
    return out


def _disjoint(meter: Meter, self: Any, other: Any) -> bool:
    """Look for each element of the other in this one; an iterator is read no further than the first that is there."""
    if type(self) is not SetValue and type(other) in (SetValue, KEYS, ITEMS) and len(other) > len(self):
        self, other = other, self
    size = len(self)
    count = size if type(self) is ITEMS else 1
    for item in other if isinstance(other, Lazy) else sizes.listed(meter, other):
        sizes.key(meter, item, size)
        sizes.membership(meter, count, item)
        if item in (self.members if type(self) is SetValue else self):
            return False
    return True


def _superset(meter: Meter, self: SetValue, other: Value) -> bool:
    for item in other if isinstance(other, Lazy) else sizes.listed(meter, other):
        sizes.key(meter, item, len(self))
        meter.step()
        if item not in self.members:
            return False
    return True


SET_METHODS: Final[dict[str, Operation]] = _algebra() | {
    "symmetric_difference": operation(
        "set.symmetric_difference", "self: set, other: iterable, /", ANY, free, _combined(set_xor), metered=True
    ),
    "symmetric_difference_update": operation(
        "set.symmetric_difference_update", "self: set, other: iterable, /", NULL, free, _changed(_combined(set_xor)),
        metered=True, mutates=True,
    ),
    "add": operation("set.add", "self: set, item, /", NULL, _keyed, _add, mutates=True),
    "clear": operation("set.clear", "self: set, /", NULL, _passed, lambda self: self.members.clear(), mutates=True),
    "copy": operation("set.copy", "self: set, /", ANY, _copied, lambda self: SetValue(self.members)),
    "discard": operation("set.discard", "self: set, item, /", NULL, _keyed, _discard, mutates=True),
    "remove": operation("set.remove", "self: set, item, /", NULL, _keyed, _remove, mutates=True),
    "pop": operation("set.pop", "self: set, /", ANY, free, _pop, mutates=True),
    "isdisjoint": operation("set.isdisjoint", "self: set, other: iterable, /", BOOL, free, _disjoint, metered=True),
    "issubset": operation("set.issubset", "self: set, other: iterable, /", BOOL, free, _subset, metered=True),
    "issuperset": operation("set.issuperset", "self: set, other: iterable, /", BOOL, free, _superset, metered=True),
}  # fmt: skip


VIEW_METHODS: Final[dict[str, Operation]] = {
    "isdisjoint": operation("dict_keys.isdisjoint", "self, other: iterable, /", BOOL, free, _disjoint, metered=True),
}


def make_defaultdict(
    meter: Meter, factory: Value = OMITTED, /, *args: Value, **names: Value
) -> defaultdict[Value, Value]:
    """Evaluate `defaultdict(factory, …)` for a class that is a factory."""
    items = make_dict(meter, *args, **names)
    if factory is OMITTED or factory is None:
        return defaultdict(None, items)
    if type(factory) is not ClassValue or factory.name not in FACTORIES:
        raise TypeError("first argument must be callable or None")
    return defaultdict(FACTORIES[factory.name], items)
