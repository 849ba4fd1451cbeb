"""The methods of sets and of the views of dicts. Several walk no further than CPython does, which an iterator shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from lcc.grammar.ir.operations.basis import sizes
from lcc.grammar.ir.operations.basis.kinds import ITEMS, KEYS, Lazy, SetValue, Value, at_once
from lcc.grammar.ir.operations.basis.meter import Meter
from lcc.grammar.ir.operations.basis.operation import Operation, free, operation
from lcc.grammar.ir.operations.named.container_methods import copied_container, keyed, passed
from lcc.grammar.ir.operations.symbols.set_algebra import replace_items, set_and, set_minus, set_or, set_xor
from lcc.grammar.signatures import ANY, BOOL, NULL


def make_set(meter: Meter, iterable: Value = ()) -> SetValue:
    """Evaluate `set(…)`."""
    items = sizes.listed(meter, iterable, use=SetValue)
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
    known = _known(meter, other)
    if known is not None:
        return SetValue(filter(own.members.__contains__, known))
    out = SetValue()
    for item in other if isinstance(other, Lazy) else sizes.listed(meter, other):
        sizes.key(meter, item, len(own))
        meter.step()
        if item in own.members:
            out.members[item] = None
            if len(out) >= len(own):
                break
    return out


def _known(meter: Meter, other: Value) -> Iterable[Value] | None:
    """Return the elements of what is there as a whole, if they can be looked for in one go; None where each is to be looked at."""
    if isinstance(other, Lazy) or type(other) not in sizes.SIZED:
        return None
    items: Iterable[Value] = at_once(other)
    if not sizes.are_plain_keys(items):
        return None
    meter.step(len(other))
    return items


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
    if type(other) is SetValue:
        meter.elements(len(self) + len(other))
        return self.members.keys() <= other.members.keys()
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
    known = None if type(self) is ITEMS else _known(meter, other)
    if known is not None:
        return not any(map(at_once(self).__contains__, known))
    count = size if type(self) is ITEMS else 1
    for item in other if isinstance(other, Lazy) else sizes.listed(meter, other):
        sizes.key(meter, item, size)
        sizes.membership(meter, count, item)
        if item in (self.members if type(self) is SetValue else self):
            return False
    return True


def _superset(meter: Meter, self: SetValue, other: Value) -> bool:
    known = _known(meter, other)
    if known is not None:
        return all(map(self.members.__contains__, known))
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
    "add": operation("set.add", "self: set, item, /", NULL, keyed, _add, mutates=True),
    "clear": operation("set.clear", "self: set, /", NULL, passed, lambda self: self.members.clear(), mutates=True),
    "copy": operation("set.copy", "self: set, /", ANY, copied_container, lambda self: SetValue(self.members)),
    "discard": operation("set.discard", "self: set, item, /", NULL, keyed, _discard, mutates=True),
    "remove": operation("set.remove", "self: set, item, /", NULL, keyed, _remove, mutates=True),
    "pop": operation("set.pop", "self: set, /", ANY, free, _pop, mutates=True),
    "isdisjoint": operation("set.isdisjoint", "self: set, other: iterable, /", BOOL, free, _disjoint, metered=True),
    "issubset": operation("set.issubset", "self: set, other: iterable, /", BOOL, free, _subset, metered=True),
    "issuperset": operation("set.issuperset", "self: set, other: iterable, /", BOOL, free, _superset, metered=True),
}  # fmt: skip
VIEW_METHODS: Final[dict[str, Operation]] = {
    "isdisjoint": operation("dict_keys.isdisjoint", "self, other: iterable, /", BOOL, free, _disjoint, metered=True),
}
