"""The methods of lists, tuples, dicts, sets and ranges; those that change their container are marked.

Keys of `sort`, `min` and the like are computed by whoever evaluates expressions: the table takes them as a list, `keys`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Any, Final

from lcc.grammar.ir.operations.basis import sizes
from lcc.grammar.ir.operations.basis.kinds import DICTS, FACTORIES, ClassValue, Lazy, Record, SetValue, Value
from lcc.grammar.ir.operations.basis.meter import Meter
from lcc.grammar.ir.operations.basis.operation import OMITTED, Operation, any_names, free, operation
from lcc.grammar.ir.operations.basis.static import element_of, same
from lcc.grammar.signatures import ANY, INT, NULL, DictType, ListType, RecordType, Type, UnionType, union


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


def _one_more(meter: Meter, self: Any, *args: Value) -> None:
    meter.memory(40)  # its place, and a small value


def _popped(meter: Meter, self: list[Value], index: Value = -1, *args: Value) -> None:
    place = index if isinstance(index, int) else 0
    meter.elements(min(len(self), -place if place < 0 else max(0, len(self) - place)))
    meter.memory(40 * len(args))


def passed(meter: Meter, self: Any, *args: Value) -> None:
    """Use what passing over a container takes."""
    meter.elements(len(self))


def copied_container(meter: Meter, self: Any, *args: Value) -> None:
    """Use what a copy of a container takes."""
    if type(self) is SetValue:
        sizes.keys(meter, self, len(self))
    meter.new_items(len(self), 100 if type(self) in DICTS or type(self) is SetValue else 8)


def _searched(meter: Meter, self: Any, item: Value, *args: Value) -> None:
    sizes.membership(meter, len(self), item)


def _range_searched(meter: Meter, self: range, item: Value) -> None:
    if type(item) not in (int, bool):
        sizes.membership(meter, len(self), item)


def keyed(meter: Meter, self: Any, key: Value = None, *args: Value) -> None:
    """Use what finding a key takes, and adding it."""
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
        operation("list.clear", "self: list, /", NULL, passed, list.clear, mutates=True),
        operation("list.copy", "self: list, /", same, copied_container, list.copy),
        operation("list.count", "self: list, value, /", INT, _searched, list.count),
        operation("list.extend", "self: list, iterable: iterable, /", NULL, free, sizes.extend, metered=True, mutates=True),
        operation("list.index", "self: list, value, start: integer = ..., stop: integer = ..., /", INT, _searched, list.index),
        operation("list.insert", "self: list, index: integer, object, /", NULL, _popped, list.insert, mutates=True),
        operation("list.pop", "self: list, index: integer = -1, /", _pop_type, _popped, list.pop, mutates=True),
        operation("list.remove", "self: list, value, /", NULL, _searched, list.remove, mutates=True),
        operation("list.reverse", "self: list, /", NULL, passed, list.reverse, mutates=True),
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
    sizes.sorting(meter, list(self.values()), len(self))
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
        operation("dict.clear", "self: dict, /", NULL, passed, dict.clear, mutates=True),
        operation("dict.copy", "self: dict, /", same, copied_container, _copy),
        operation("dict.get", "self: dict, key, default = None, /", _get_type, keyed, dict.get),
        operation("dict.items", "self: dict, /", ANY, free, _view("items")),
        operation("dict.keys", "self: dict, /", ANY, free, _view("keys")),
        operation("dict.pop", "self: dict, key, default = ..., /", ANY, keyed, dict.pop, mutates=True),
        operation("dict.popitem", "self: dict, /", ANY, free, dict.popitem, mutates=True),
        operation("dict.setdefault", "self: dict, key, default = None, /", ANY, keyed, dict.setdefault, mutates=True),
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
