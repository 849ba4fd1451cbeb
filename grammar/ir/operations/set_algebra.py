"""Combine sets, in the order of insertion: what stands in the first comes first."""

from __future__ import annotations

from collections.abc import Iterable

from lcc.grammar.ir.operations.kinds import SetValue, Value


def set_or(a: Iterable[Value], b: Iterable[Value]) -> SetValue:
    """Return the union, in the order in which elements first occur."""
    out = SetValue(a)
    out.members.update(dict.fromkeys(b))
    return out


def set_and(a: Iterable[Value], b: Iterable[Value]) -> SetValue:
    """Return what both hold, in the order of the first."""
    other = dict.fromkeys(b)
    return SetValue(x for x in a if x in other)


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
