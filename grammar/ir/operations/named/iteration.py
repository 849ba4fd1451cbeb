"""The builtins that pass over elements, and those of itertools: what they read is paid for before it is read.

What is lazy in CPython is lazy here: it reads when it is read. Keys are computed beforehand and handed over as a list, `keys`.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from operator import itemgetter
from typing import Final

from lcc.grammar.ir.operations.basis import sizes
from lcc.grammar.ir.operations.basis.kinds import DICTS, ITEMS, KEYS, SCALARS, VALUES, Lazy, SetValue, Value, type_name
from lcc.grammar.ir.operations.basis.meter import Meter
from lcc.grammar.ir.operations.basis.operation import OMITTED, Operation, any_names, free, operation
from lcc.grammar.ir.operations.basis.static import element_of, kinds_of, list_of_elements
from lcc.grammar.ir.operations.named.container_methods import make_dict, sort_in_place
from lcc.grammar.ir.operations.named.set_methods import make_set
from lcc.grammar.ir.operations.symbols.comparisons import COMPARISONS
from lcc.grammar.ir.operations.symbols.operators import BINARY
from lcc.grammar.signatures import ANY, BOOL, FLOAT, INT, ListType, Type, union

_ADD: Final = BINARY["+"]
_WIDE: Final = 2048
_NUMBERS: Final = frozenset({bool, int, float})
_ITERATORS: Final[dict[type, str]] = {
    list: "list_iterator", tuple: "tuple_iterator", str: "str_iterator", range: "range_iterator", SetValue: "set_iterator",
    KEYS: "dict_keyiterator", VALUES: "dict_valueiterator", ITEMS: "dict_itemiterator",
    **dict.fromkeys(DICTS, "dict_keyiterator"),
}  # fmt: skip
_REVERSED: Final[dict[type, str]] = {
    list: "list_reverseiterator", range: "range_iterator", KEYS: "dict_reversekeyiterator",
    VALUES: "dict_reversevalueiterator", ITEMS: "dict_reverseitemiterator", **dict.fromkeys(DICTS, "dict_reversekeyiterator"),
}  # fmt: skip


def iterate(value: Value) -> Lazy:
    """Evaluate `iter(value)`; raise TypeError as CPython does."""
    if isinstance(value, Lazy):
        return value
    if type(value) not in sizes.SIZED:
        raise TypeError(f"'{type_name(value)}' object is not iterable")
    if type(value) is str and value.isascii():
        return Lazy("str_ascii_iterator", iter(value))
    return Lazy(_ITERATORS[type(value)], iter(value), 84 if type(value) in (str, ITEMS) else 40)


def _reading(meter: Meter, name: str, iterator: Iterator[Value], *sources: Lazy) -> Lazy:
    """Return an iterator that reads from others, not too many of which may read from each other."""
    depth = 1 + max((s.depth for s in sources), default=0)
    meter.deeper(depth)
    meter.memory(200)
    return Lazy(name, *_paid(meter, iterator, _width(*sources)), depth)


def _paid(meter: Meter, iterator: Iterator[Value], width: int) -> tuple[Iterator[Value], int]:
    """Return an iterator, and the bytes of an element; if that is many, each takes more than the step of whoever reads it."""
    return (iterator if width < _WIDE else _stepping(meter, iterator, width)), width


def _stepping(meter: Meter, iterator: Iterator[Value], width: int) -> Iterator[Value]:
    for item in iterator:
        meter.elements(width // 8)
        yield item


def _width(*values: Value) -> int:
    return sum(v.width if isinstance(v, Lazy) else 8 for v in values) + 56


def _len(value: Value) -> int:
    if type(value) not in sizes.SIZED:
        raise TypeError(f"object of type '{type_name(value)}' has no len()")
    return len(value)


def _next(meter: Meter, iterator: Value, default: Value = OMITTED) -> Value:
    if not isinstance(iterator, Lazy):
        raise TypeError(f"'{type_name(iterator)}' object is not an iterator")
    meter.memory(iterator.width - 8)
    return next(iterator.iterator) if default is OMITTED else next(iterator.iterator, default)


def _sum(meter: Meter, iterable: Value, start: Value = 0) -> Value:
    items = sizes.listed(meter, iterable, use=lambda before: _sum(meter, before, start))
    meter.elements(len(items))
    kinds = set(map(type, items))
    if type(start) in _NUMBERS and kinds <= _NUMBERS:
        bits = sizes.bits_of(sizes.of_kind(int, items, kinds))
        meter.step(len(items) * bits // 4096)
        return sum(items, start)
    if type(start) is str:
        raise TypeError("sum() can't sum strings [use ''.join(seq) instead]")
    for item in items:
        start = _ADD(meter, start, item)
    return start


def _any(meter: Meter, iterable: Value) -> bool:
    return _first(meter, iterable, True)


def _all(meter: Meter, iterable: Value) -> bool:
    return not _first(meter, iterable, False)


def _first(meter: Meter, iterable: Value, wanted: bool) -> bool:
    """Whether an element is as wanted; an iterator is read no further than that."""
    if type(iterable) in sizes.SIZED:
        meter.elements(len(iterable))
        return any(iterable) if wanted else not all(iterable)
    for item in iterate(iterable).iterator:
        meter.step()
        if bool(item) is wanted:
            return True
    return False


def _extreme(name: str) -> Callable[..., Value]:
    better = COMPARISONS["<" if name == "min" else ">"]
    function: Callable[..., Value] = min if name == "min" else max

    def extreme(meter: Meter, keys: Value, default: Value, *args: Value) -> Value:
        if not args or (len(args) > 1 and default is not OMITTED):
            return function(*args[:2], default=default)  # CPython says what is wrong
        items = list(args)
        if len(args) == 1:
            items = sizes.listed(meter, args[0], use=lambda before: extreme(meter, keys, default, before))
        if not items:
            return function([]) if default is OMITTED else default
        ranks = items if keys is None else keys
        kinds = set(map(type, ranks))
        flat = (kinds == {tuple} or kinds == {list}) and sizes.walk_flat(meter, ranks) is not None
        if flat or kinds <= SCALARS:
            meter.step(len(ranks) // 16 + sum(map(len, sizes.of_kind(str, ranks, kinds))) // 256)
            return function(items) if keys is None else items[function(range(len(ranks)), key=ranks.__getitem__)]
        best = 0
        for at in range(1, len(ranks)):
            if better(meter, ranks[at], ranks[best]):
                best = at
        return items[best]

    return extreme


def _extreme_type(keys: Type, default: Type = ANY, *args: Type) -> Type:
    return element_of(args[0]) if len(args) == 1 else union(*args)


def _sorted(meter: Meter, iterable: Value, keys: Value = None, reverse: Value = False) -> list[Value]:
    items = list(sizes.listed(meter, iterable))
    meter.new_items(len(items))
    sort_in_place(meter, items, keys, reverse)
    return items


def _enumerate(meter: Meter, iterable: Value, start: Value = 0) -> Lazy:
    if not isinstance(start, int):
        raise TypeError(f"'{type_name(start)}' object cannot be interpreted as an integer")
    source = iterate(iterable)
    return _reading(meter, "enumerate", enumerate(source.iterator, start), source)


def _zip(meter: Meter, strict: Value, *iterables: Value) -> Lazy:
    sources = []
    for iterable in iterables:
        if type(iterable) not in sizes.ITERABLE:
            raise TypeError(f"'{type_name(iterable)}' object is not iterable")
        sources.append(iterate(iterable))
    meter.new_items(len(sources))
    return _reading(meter, "zip", zip(*(s.iterator for s in sources), strict=bool(strict)), *sources)


def _reversed(value: Value) -> Lazy:
    if type(value) not in (list, tuple, str, range, KEYS, VALUES, ITEMS, *DICTS):
        raise TypeError(f"'{type_name(value)}' object is not reversible")
    return Lazy(_REVERSED.get(type(value), "reversed"), reversed(value))


def _list(meter: Meter, iterable: Value = ()) -> list[Value]:
    items = sizes.listed(meter, iterable)
    if items is iterable:
        meter.new_items(len(items))
        return items[:]  # type: ignore[no-any-return]
    return items


def _tuple(meter: Meter, iterable: Value = ()) -> tuple[Value, ...]:
    if type(iterable) is tuple:
        return iterable
    items = sizes.listed(meter, iterable)
    meter.new_items(len(items))
    return tuple(items)


def _range(meter: Meter, *args: Value) -> range:
    return range(*args)


def _list_type(iterable: Type = ANY) -> Type:
    return list_of_elements(iterable)


def _sum_type(iterable: Type, start: Type = INT) -> Type:
    kinds = kinds_of(element_of(iterable))
    if kinds is None or start != INT:
        return ANY
    return INT if kinds <= {"int", "bool"} else FLOAT if kinds <= {"int", "float", "bool"} else ANY


_OPERATIONS: Final = (
    operation("all", "iterable: iterable, /", BOOL, free, _all, metered=True, ordered=True),
    operation("any", "iterable: iterable, /", BOOL, free, _any, metered=True, ordered=True),
    any_names("dict", ANY, make_dict),
    operation("enumerate", "iterable: iterable, start: integer = 0", ANY, free, _enumerate, metered=True),
    operation("iter", "iterable: iterable, /", ANY, free, iterate),
    operation("len", "obj: sized, /", INT, free, _len),
    operation("list", "iterable: iterable = (), /", _list_type, free, _list, metered=True, ordered=True),
    operation("max", "*, keys: list|None = None, default = ..., *args", _extreme_type, free, _extreme("max"), metered=True, ordered=True),
    operation("min", "*, keys: list|None = None, default = ..., *args", _extreme_type, free, _extreme("min"), metered=True, ordered=True),
    operation("next", "iterator, default = ..., /", ANY, free, _next, metered=True, mutates=True, ordered=True),
    operation("range", "*args: integer", ListType(INT), free, _range, metered=True),
    operation("reversed", "sequence: sequence|dict, /", ANY, free, _reversed),
    operation("set", "iterable: iterable = (), /", ANY, free, make_set, metered=True, ordered=True),
    operation("sorted", "iterable: iterable, /, *, keys: list|None = None, reverse: integer = False", list_of_elements, free,
              _sorted, metered=True, ordered=True),
    operation("sum", "iterable: iterable, /, start = 0", _sum_type, free, _sum, metered=True, ordered=True),
    operation("tuple", "iterable: iterable = (), /", ANY, free, _tuple, metered=True, ordered=True),
    operation("zip", "*, strict = False, *iterables: iterable", ANY, free, _zip, metered=True),
)  # fmt: skip
ITERATION: Final[dict[str, Operation]] = {o.name: o for o in _OPERATIONS}


def _chain(meter: Meter, *iterables: Value) -> Lazy:
    return _reading(
        meter, "itertools.chain", _chained(meter, iter(iterables)), *(i for i in iterables if isinstance(i, Lazy))
    )


def _from_iterable(meter: Meter, iterable: Value) -> Lazy:
    source = iterate(iterable)
    return _reading(meter, "itertools.chain", _chained(meter, source.iterator), source)


def _chained(meter: Meter, iterables: Iterator[Value]) -> Iterator[Value]:
    for iterable in iterables:
        meter.step()
        yield from iterate(iterable).iterator


def _islice(meter: Meter, iterable: Value, *args: Value) -> Lazy:
    source = iterate(iterable)
    part = slice(*args)
    for name, value, least in (("start", part.start, 0), ("stop", part.stop, 0), ("step", part.step, 1)):
        if value is not None and (not isinstance(value, int) or value < least):
            if len(args) == 1:
                raise ValueError("Stop argument for islice() must be None or an integer: 0 <= x <= sys.maxsize.")
            if name == "step":
                raise ValueError("Step for islice() must be a positive integer or None.")
            raise ValueError("Indices for islice() must be None or an integer: 0 <= x <= sys.maxsize.")
    return _reading(meter, "itertools.islice", _sliced(meter, source, part), source)


def _sliced(meter: Meter, source: Lazy, part: slice) -> Iterator[Value]:
    at, wanted, step, stop = 0, part.start or 0, part.step or 1, part.stop
    while True:
        while at < wanted:
            meter.step()
            if next(source.iterator, OMITTED) is OMITTED:
                return
            at += 1
        meter.step()
        item = OMITTED if stop is not None and at >= stop else next(source.iterator, OMITTED)
        if item is OMITTED:
            return
        at += 1
        wanted = wanted + step if stop is None else min(wanted + step, stop)
        yield item


def _product(meter: Meter, repeat: Value, *iterables: Value) -> Lazy:
    pools = [sizes.listed(meter, i) for i in iterables]
    if not isinstance(repeat, int):
        raise TypeError(f"'{type_name(repeat)}' object cannot be interpreted as an integer")
    if repeat < 0:
        raise ValueError("repeat argument cannot be negative")
    width = len(pools) * repeat
    meter.new_items(width, 16)
    return Lazy("itertools.product", *_paid(meter, itertools.product(*pools, repeat=repeat), 56 + 8 * width))


def _combinations(meter: Meter, iterable: Value, r: Value) -> Lazy:
    pool = sizes.listed(meter, iterable)
    if isinstance(r, int) and r >= 0:
        meter.new_items(len(pool) + min(r, 1 << 60), 16)
    width = r if isinstance(r, int) and 0 <= r <= len(pool) else 0
    return Lazy("itertools.combinations", *_paid(meter, itertools.combinations(pool, r), 56 + 8 * width))


def _groupby(meter: Meter, iterable: Value, keys: Value = None) -> Lazy:
    source = iterate(iterable)
    pairs = zip(keys, source.iterator, strict=False) if keys is not None else ((x, x) for x in source.iterator)
    groups = itertools.groupby(_compared(meter, pairs), key=itemgetter(0))
    inner = ((k, Lazy("itertools._grouper", map(itemgetter(1), g), 8, source.depth + 1)) for k, g in groups)
    return _reading(meter, "itertools.groupby", inner, source)


def _compared(meter: Meter, pairs: Iterator[tuple[Value, Value]]) -> Iterator[tuple[Value, Value]]:
    for pair in pairs:
        meter.step(4)
        sizes.comparison(meter, pair[0], pair[0])
        yield pair


_MODULE: Final = (
    operation("chain", "*iterables: iterable", ANY, free, _chain, metered=True),
    operation("chain.from_iterable", "iterable: iterable, /", ANY, free, _from_iterable, metered=True),
    operation("combinations", "iterable: iterable, r: integer", ANY, free, _combinations, metered=True, ordered=True),
    operation("groupby", "iterable: iterable, *, keys: list|None = None", ANY, free, _groupby, metered=True),
    operation("islice", "iterable: iterable, start: integer|None, stop: integer|None = ..., step: integer|None = ..., /", ANY,
              free, _islice, metered=True),
    operation("product", "*, repeat: integer = 1, *iterables: iterable", ANY, free, _product, metered=True, ordered=True),
)  # fmt: skip
ITERTOOLS: Final[dict[str, Operation]] = {o.name: o for o in _MODULE}
