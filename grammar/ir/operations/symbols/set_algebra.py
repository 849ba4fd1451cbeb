"""Combine sets, in the order of insertion: each function says of which."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain, filterfalse

from lcc.grammar.ir.operations.basis.kinds import VIEWS, SetValue, Value, at_once


def set_or(a: Iterable[Value], b: Iterable[Value]) -> SetValue:
    """Return the union, in the order in which elements first occur."""
    out = SetValue(a)
    out.members.update(dict.fromkeys(at_once(b)))
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
    return SetValue(filter(at_once(a).__contains__, at_once(b)))


def set_minus(a: Iterable[Value], b: Iterable[Value]) -> SetValue:
    """Return what only the first holds."""
    other = dict.fromkeys(at_once(b))
    return SetValue(filterfalse(other.__contains__, at_once(a)))


def set_xor(a: Iterable[Value], b: Iterable[Value]) -> SetValue:
    """Return what only one of both holds."""
    first, second = dict.fromkeys(at_once(a)), dict.fromkeys(at_once(b))
    return SetValue(chain(filterfalse(second.__contains__, first), filterfalse(first.__contains__, second)))


def replace_items(target: SetValue, items: Iterable[Value]) -> None:
    """Give a set other elements, in place: whoever iterates over it notices."""
    new = dict.fromkeys(at_once(items))
    target.members.clear()
    target.members.update(new)
