"""Combine sets, in the order of insertion: each function says of which."""

from __future__ import annotations

from collections.abc import Iterable

from lcc.grammar.ir.operations.basis.kinds import VIEWS, SetValue, Value


def set_or(a: Iterable[Value], b: Iterable[Value]) -> SetValue:
    """Return the union, in the order in which elements first occur."""
    out = SetValue(a)
    out.members.update(dict.fromkeys(b))
    return out


def set_and(a: Value, b: Value) -> SetValue:
    """Return what both hold. Of two equal elements that which CPython takes: the larger one is searched for those of the other."""
    if type(a) is SetValue and type(b) is SetValue:
        if len(b) > len(a):
            a, b = b, a
    elif type(a) is not SetValue or type(b) in VIEWS:
        if type(a) not in VIEWS:  # an operator of a view, on its right
            a, b = b, a
        swap = len(a) <= len(b) if type(b) is SetValue else type(b) in VIEWS and len(b) > len(a)
        a, b = (b, a) if swap else (a, b)
    return SetValue(x for x in b if x in a)


def set_minus(a: Iterable[Value], b: Iterable[Value]) -> SetValue:
    """Return what only the first holds."""
    other = dict.fromkeys(b)
    return SetValue(x for x in a if x not in other)


def set_xor(a: Iterable[Value], b: Iterable[Value]) -> SetValue:
    """Return what only one of both holds."""
    first, second = dict.fromkeys(a), dict.fromkeys(b)
    return SetValue([*(x for x in first if x not in second), *(x for x in second if x not in first)])


def replace_items(target: SetValue, items: Iterable[Value]) -> None:
    """Give a set other elements, in place: whoever iterates over it notices."""
    new = dict.fromkeys(items)
    target.members.clear()
    target.members.update(new)
