"""Make up values of every kind, their twins in CPython, and compare both.

`Values(random)` draws values small enough for CPython to work on without bounds. A set of more than one element is drawn only where
its order can't show. `Twins` turns a value into CPython's; what is one object stays one.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, time, timedelta, timezone
from random import Random
from typing import Any

from lcc.grammar.ir.operations.basis.kinds import (
    CLASSES,
    EXCEPTIONS,
    FACTORIES,
    ITEMS,
    KEYS,
    VALUES,
    ClassValue,
    Lazy,
    MatchValue,
    PatternValue,
    Record,
    SetValue,
    is_exception,
)
from lcc.grammar.ir.operations.named.numeric import _PYTHON_CLASSES

INTEGERS = [0, 1, -1, 2, 3, -3, 5, 7, 10, 12, -17, 100, 255, 1000, 2**31, 2**53 + 1, 2**63, -(2**64), 10**25, 3**70]
FLOATS = [0.0, -0.0, 0.5, 1.0, -1.0, 1.5, 2.5, -2.5, 2.675, 0.1, 1e-7, 1e16, 1e22, 123456.789, 1e300, -1e-300, 3.0]
FLOATS += [math.inf, -math.inf, math.nan]
TEXTS = [
    "",
    "a",
    "b",
    "abc",
    "Hello, World",
    " padded ",
    "a,b,,c",
    "12",
    "-7",
    "3.5",
    "1e5",
    "  8 ",
    "ß",
    "ǅ",
    "İ",
    "éa",
    "日本",
]
TEXTS += [
    "a\tb\tc",
    "one\ntwo\r\nthree",
    "x" * 20,
    "'",
    '"',
    "\\",
    "{}",
    "{0} {1}",
    "%s",
    "%d",
    "a b  c",
    "\x00",
    "😀",
    "ﬁ",
    "٣",
    "²",
]
TEXTS += ["aXbX", "true", "0x1f", "1_000", "nan", "inf", "A", "aaa", "\u2028", "a\x1cb", "Straße", "ΑΣ", "i̇"]
KINDS = (
    "none",
    "bool",
    "int",
    "float",
    "str",
    "list",
    "tuple",
    "set",
    "dict",
    "record",
    "range",
    "date",
    "datetime",
    "timedelta",
)


class Values:
    """Draws values from a source of chance."""

    def __init__(self, random: Random) -> None:
        self.random = random

    def of(self, kinds: str, depth: int = 2) -> Any:
        """Return a value for the kinds of a parameter."""
        return getattr(self, self.random.choice(kinds.split("|")).lower())(depth)

    def none(self, depth: int = 0) -> None:
        return None

    def bool(self, depth: int = 0) -> Any:
        return self.random.random() < 0.5

    def int(self, depth: int = 0) -> Any:
        return self.random.choice(INTEGERS) if self.random.random() < 0.7 else self.random.randrange(-50, 50)

    def float(self, depth: int = 0) -> Any:
        return self.random.choice(FLOATS) if self.random.random() < 0.7 else self.random.uniform(-1000, 1000)

    def str(self, depth: int = 0) -> Any:
        if self.random.random() < 0.6:
            return self.random.choice(TEXTS)
        return "".join(self.random.choice("abcABC 012.,-_ßé\n") for _ in range(self.random.randrange(9)))

    def integer(self, depth: int = 0) -> Any:
        return self.random.choice([self.int, self.small, self.small, self.bool])()

    def small(self, depth: int = 0) -> Any:
        return self.random.randrange(-4, 9)

    def number(self, depth: int = 0) -> Any:
        return self.random.choice([self.int, self.float, self.bool])()

    def items(self, depth: int, most: int = 4) -> list[Any]:
        one = self.random.choice([self.any, self.number, self.number, self.str, self.str])
        return [one(depth - 1) for _ in range(self.random.randrange(most + 1))]

    def list(self, depth: int = 1) -> Any:
        return self.items(depth)

    def tuple(self, depth: int = 1) -> Any:
        return tuple(self.items(depth))

    def key(self, depth: int = 0) -> Any:
        kind = self.random.choice(
            [self.str, self.str, self.int, self.none, self.bool, self.float, self.date, self.pair]
        )
        return kind(0)

    def pair(self, depth: int = 0) -> Any:
        return (self.random.randrange(-2, 3), self.random.choice("ab"))

    def hashable(self, depth: int = 0) -> Any:
        return self.key()

    def set(self, depth: int = 1) -> Any:
        return SetValue(self.key() for _ in range(self.random.randrange(2)))

    def large_set(self, depth: int = 1) -> Any:
        pool = [0, 1, 2, 3, "a", "b", None, 2.5, (1, "a")]
        return SetValue(self.random.sample(pool, self.random.randrange(len(pool))))

    def dict(self, depth: int = 1) -> Any:
        return {self.key(): self.any(depth - 1) for _ in range(self.random.randrange(4))}

    def record(self, depth: int = 1) -> Any:
        return Record({k: self.any(depth - 1) for k in self.random.sample("abcd", self.random.randrange(4))})

    def counter(self, depth: int = 1) -> Any:
        return Counter({k: self.random.randrange(-3, 5) for k in self.random.sample("abcd", self.random.randrange(4))})

    def defaultdict(self, depth: int = 1) -> Any:
        factory = self.random.choice([*FACTORIES.values(), None])
        return defaultdict(factory, self.dict(depth))

    def range(self, depth: int = 0) -> Any:
        return range(*(self.random.choice([(3,), (0,), (1, 10, 3), (5, -5, -2), (0, 8), (7, 7)])))

    def date(self, depth: int = 0) -> Any:
        return self.random.choice(
            [date(2026, 1, 31), date(1999, 12, 31), date(1, 1, 1), date(9999, 12, 31), date(2024, 2, 29)]
        )

    def zone(self, depth: int = 0) -> Any:
        hours = self.random.choice([0, 0, 2, -5])
        return self.random.choice(
            [UTC, timezone(timedelta(hours=hours, minutes=30)), timezone(timedelta(hours=1), "CET")]
        )

    def time(self, depth: int = 0) -> Any:
        zone = self.random.choice([None, None, self.zone()])
        return time(*self.random.choice([(0,), (23, 59, 59, 999999), (12, 30)]), tzinfo=zone)

    def datetime(self, depth: int = 0) -> Any:
        zone = self.random.choice([None, None, self.zone()])
        given = [
            (2026, 11, 29),
            (2026, 11, 29, 12, 30, 5, 1234),
            (1970, 1, 1),
            (9999, 12, 31, 23, 59),
            (2024, 2, 29, 8),
        ]
        return datetime(*self.random.choice(given), tzinfo=zone)

    def timedelta(self, depth: int = 0) -> Any:
        return self.random.choice(
            [timedelta(0), timedelta(1), timedelta(days=-1, hours=3), timedelta(seconds=0.5), timedelta(400, 7)]
        )

    def timezone(self, depth: int = 0) -> Any:
        return self.zone()

    def exception(self, depth: int = 0) -> Any:
        name = self.random.choice([n for n in EXCEPTIONS if n not in ("UnicodeError", "SyntaxError")])
        return EXCEPTIONS[name](*self.items(1, 2))

    def class_(self, depth: int = 0) -> Any:
        return CLASSES[
            self.random.choice(["int", "str", "dict", "set", "list", "bool", "object", "float", "date", "ValueError"])
        ]

    def lazy(self, depth: int = 1) -> Any:
        items = self.items(1)
        name, make = self.random.choice(
            [("list_iterator", iter), ("list_reverseiterator", reversed), ("enumerate", enumerate), ("zip", zip)]
        )
        return Lazy(name, make(items))

    def view(self, depth: int = 1) -> Any:
        found = self.dict(depth)
        return self.random.choice([found.keys, found.values, found.items])()

    def dict_keys(self, depth: int = 1) -> Any:
        return dict.fromkeys(self.large_set()).keys()

    def dict_items(self, depth: int = 1) -> Any:
        return {k: self.key() for k in self.large_set()}.items()

    def pattern(self, depth: int = 0) -> Any:
        return PatternValue(self.random.choice([r"\w+", r"a|b", r"(\d)?(x)", r"(?P<n>[a-c]+)", "", r"\s*,\s*"]))

    def match(self, depth: int = 0) -> Any:
        groups = self.random.choice([[], [(0, 1)], [(1, 2), (-1, -1)]])
        found = re.search("(a)(x)?", "bab") if len(groups) == 2 else re.search("(b)" if groups else "b", "bab")
        spans = tuple(found.span(i) for i in range(found.re.groups + 1))
        return MatchValue("bab", spans, {}, PatternValue(found.re.pattern))

    def iterable(self, depth: int = 1) -> Any:
        return self.random.choice(
            [self.list, self.list, self.tuple, self.str, self.set, self.dict, self.range, self.lazy, self.view]
        )(depth)

    def sized(self, depth: int = 1) -> Any:
        return self.random.choice([self.list, self.tuple, self.str, self.large_set, self.dict, self.range, self.view])(
            depth
        )

    def sequence(self, depth: int = 1) -> Any:
        return self.random.choice([self.list, self.tuple, self.str, self.range])(depth)

    def any(self, depth: int = 1) -> Any:
        if depth <= 0:
            return self.random.choice([self.int, self.float, self.str, self.bool, self.none, self.date])()
        kinds = (*KINDS, "counter", "defaultdict", "exception", "view", "time", "zone", "pattern", "match")
        return getattr(self, self.random.choice(kinds))(depth)


class Twins:
    """CPython's counterparts of values; one object has one twin."""

    def __init__(self) -> None:
        self.known: dict[int, tuple[Any, Any]] = {}

    def of(self, value: Any) -> Any:
        """Return the twin of a value."""
        if id(value) not in self.known:
            self.known[id(value)] = (value, self._make(value))
        return self.known[id(value)][1]

    def _make(self, value: Any) -> Any:
        kind = type(value)
        if kind is list:
            return [self.of(v) for v in value]
        if kind is tuple:
            return tuple(self.of(v) for v in value)
        if kind is SetValue:
            return {self.of(v) for v in value}
        if kind in (dict, Record):
            return {self.of(k): self.of(v) for k, v in value.items()}
        if kind is Counter:
            return Counter({self.of(k): self.of(v) for k, v in value.items()})
        if kind is defaultdict:
            factory = set if value.default_factory is SetValue else value.default_factory
            return defaultdict(factory, {self.of(k): self.of(v) for k, v in value.items()})
        if kind in (KEYS, VALUES, ITEMS):
            found = {self.of(k): self.of(v) for k, v in value.mapping.items()}
            return {KEYS: found.keys, VALUES: found.values, ITEMS: found.items}[kind]()
        if kind is ClassValue:
            return {"set": set, "type": type}.get(value.name) or _PYTHON_CLASSES[value.name]
        if kind is PatternValue:
            return re.compile(value.pattern, value.flags)
        if kind is MatchValue:
            return re.search(value.pattern.pattern, value.text)
        if isinstance(value, Lazy):
            return self._lazy(value)
        if not is_exception(value) or kind is json.JSONDecodeError:
            return value
        return kind(*(self.of(a) for a in value.args))

    def _lazy(self, value: Lazy) -> Any:
        items = list(value.iterator)
        value.iterator = iter(items)
        if value.name == "zip":
            return zip(*([self.of(x) for x in column] for column in zip(*items, strict=True)), strict=False)
        if value.name == "enumerate":
            return enumerate([self.of(x) for _, x in items])
        twins = [self.of(x) for x in items]
        return reversed(list(reversed(twins))) if value.name == "list_reverseiterator" else iter(twins)


def _rest(iterator: Any) -> Any:
    try:
        return list(iterator)
    except Exception as error:
        return (type(error).__name__, str(error))


def same(ours: Any, theirs: Any) -> bool:
    """Whether a value is what CPython's is: kind, parts, order (but of sets), signs of zero."""
    kind = type(ours)
    if isinstance(ours, Lazy) or (hasattr(theirs, "__next__") and not isinstance(theirs, type)):
        return isinstance(ours, Lazy) and hasattr(theirs, "__next__") and same(_rest(ours.iterator), _rest(theirs))
    if kind is SetValue:
        return (
            type(theirs) in (set, frozenset)
            and len(ours) == len(theirs)
            and all(any(same(a, b) for b in theirs) for a in ours)
        )
    if kind is ClassValue:
        return isinstance(theirs, type) and ours.name.rsplit(".", 1)[-1] == theirs.__name__
    if kind is PatternValue:
        return isinstance(theirs, re.Pattern) and repr(ours) == repr(theirs)
    if kind is MatchValue:
        return isinstance(theirs, re.Match) and ours.spans == theirs.regs
    if kind is Record:
        kind = dict
    if kind is not type(theirs):
        return False
    if kind is float:
        return repr(ours) == repr(theirs)
    if kind in (list, tuple):
        return len(ours) == len(theirs) and all(map(same, ours, theirs))
    if kind in (dict, Counter, defaultdict):
        return same(list(ours.items()), list(theirs.items()))
    if kind in (KEYS, VALUES, ITEMS):
        return same(list(ours), list(theirs))
    if is_exception(ours):
        return same(ours.args, theirs.args)
    return bool(ours == theirs)
