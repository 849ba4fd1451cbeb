"""Make up the values of random bodies: numbers and things that read names, results and what stands in them.

The names of a body say what is behind them most of the time: NUMBERS, LISTS, RECORDS (a tool's answer, which has an id, rows and a
dict of lists), DICTS (of lists), iterators; MAYBE are bound on some ways only.
"""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Final

from lcc.grammar.ir import (
    Apply,
    Builtin,
    Choose,
    Clause,
    Comprehension,
    Const,
    DictOf,
    Lambda,
    Local,
    Logic,
    Value,
)

NUMBERS: Final = ("a", "b", "c", "d")
MAYBE: Final = ("u", "v")
LISTS: Final = ("l", "k", "m")
RECORDS: Final = ("r", "s")
DICTS: Final = ("h", "g")
ITERATOR: Final = "it"
KEYS: Final = ("x", "y")


def op(symbol: str, *args: Value) -> Value:
    """Apply an operator."""
    return Apply(f"operator {symbol}", args)


def call(name: str, *args: Value, **names: Value) -> Value:
    """Apply a builtin."""
    return Apply(f"builtin {name}", args, tuple(names.items()))


def method(name: str, *args: Value) -> Value:
    """Apply a method to the first argument."""
    return Apply(f"method {name}", args)


def item(container: Value, index: Value) -> Value:
    """Read what stands at a place."""
    return Apply("subscript load", (container, index))


def field(record: Value, name: str, chance: Random) -> Value:
    """Read a field of a record, in either way."""
    return item(record, Const(name)) if chance.random() < 0.5 else Apply(f"attribute {name}", (record,))


def small(value: Value, most: int = 97) -> Value:
    """Keep a number small."""
    return op("%", value, Const(most))


def array(*items: Value) -> Value:
    """Display a list."""
    return Apply("display list", items)


class Values:
    """What makes up values. `safe`: none may fail. `shapes` counts the kinds that were made."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.shapes: Counter[str] = Counter()
        self.safe = False

    def name(self, *names: str) -> Local:
        """Draw a name."""
        return Local(self.chance.choice(names))

    def number(self, depth: int = 0) -> Value:
        """Draw a value that is a number, if nothing fails."""
        kind = self.chance.randrange(18 if depth < 2 else 5)
        if kind < 2:
            return Const(self.chance.randrange(12))
        if kind < 5:
            maybe = not self.safe and self.chance.randrange(16) == 0
            return self.name(*MAYBE) if maybe else self.name(*NUMBERS)
        if kind < 8:
            symbol = self.chance.choice("+-*")
            return small(op(symbol, self.number(depth + 1), self.number(depth + 1)))
        if kind == 8:
            self.shapes["value: conditional"] += 1
            return Choose(self.test(depth + 1), self.number(depth + 1), self.number(depth + 1))
        if kind == 9 and not self.safe:
            return op("%", self.number(depth + 1), Const(self.chance.randrange(12)))
        if kind == 10:
            self.shapes["value: short circuit"] += 1
            return Logic(self.chance.choice(["and", "or"]), (self.number(depth + 1), self.number(depth + 1)))
        return self.measure()

    def measure(self) -> Value:
        """Draw a number that is read from a container."""
        kind = self.chance.randrange(7 if not self.safe else 3)
        lists = self.name(*LISTS)
        if kind == 0:
            return call("len", lists)
        if kind == 1:
            return small(call("len", call("str", self.name(*LISTS, *DICTS, *RECORDS))))
        if kind == 2:
            self.shapes["value: lazy comprehension"] += 1
            number = call("isinstance", Local("x"), Builtin("int"))
            return small(call("sum", Comprehension("lazy", Local("x"), (Clause("x", lists, (number,)),))))
        if kind == 3:
            return call("len", self.rows())
        if kind == 4:
            self.shapes["value: comprehension over rows"] += 1
            clause = Clause("x", self.rows(), (op(">", item(Local("x"), Const("n")), Const(self.chance.randrange(5))),))
            kept = Comprehension(self.chance.choice(["list", "set", "lazy"]), item(Local("x"), Const("n")), (clause,))
            return call("sum", kept)
        if kind == 5:
            return field(self.name(*RECORDS), "id", self.chance)
        return call("len", method("get", self.name(*DICTS), Const(self.chance.choice(KEYS)), array()))

    def rows(self) -> Value:
        """Read the rows of a record."""
        return field(self.name(*RECORDS), "rows", self.chance)

    def test(self, depth: int = 0) -> Value:
        """Draw a condition."""
        if self.chance.randrange(6) == 0:
            return op(self.chance.choice(["in", "not in"]), self.number(2), self.name(*LISTS))
        left = small(self.number(depth + 1), self.chance.randrange(2, 6))
        return op(self.chance.choice(["<", ">", "==", "!="]), left, Const(self.chance.randrange(4)))

    def part(self) -> Value:
        """Read a part of a container: an alias, if it is a container itself."""
        self.shapes["alias: part of a container"] += 1
        kind = self.chance.randrange(7)
        if kind == 0:
            return item(self.name(*LISTS), Const(self.chance.choice([0, -1])))
        if kind == 1:
            return item(self.rows(), Const(0))
        if kind == 2:
            return method("get", self.name(*DICTS), Const(self.chance.choice(KEYS)))
        if kind == 3:
            return item(field(self.name(*RECORDS), "more", self.chance), Const("a"))
        if kind == 4:
            key = Lambda(("x",), call("len", call("str", Local("x"))))
            return call(self.chance.choice(["max", "min"]), self.name(*LISTS), key=key, default=Const(None))
        if kind == 5:
            return call("next", call("iter", self.name(*LISTS)), Const(None))
        return self.rows()

    def sequence(self) -> Value:
        """Draw a list: itself under another name, a copy that shares its elements, or a new one."""
        kind = self.chance.randrange(10)
        source = self.name(*LISTS)
        if kind < 3:
            self.shapes["alias: name"] += 1
            return source
        if kind == 3:
            return Apply("subscript load slice", (source, Const(None), Const(4), Const(None)))
        if kind == 4:
            if self.chance.random() < 0.5:
                return call("list", source)
            return call("sorted", source, key=Lambda(("x",), call("str", Local("x"))))
        if kind == 5:
            return call("list", call("reversed", source))
        if kind == 6 and not self.safe:
            return self.rows()
        if kind == 7:
            self.shapes["value: comprehension of rows"] += 1
            return Comprehension("list", array(Local("x"), self.number(2)), (Clause("x", source),))
        return array(*[self.thing() for _ in range(self.chance.randrange(3))])

    def thing(self) -> Value:
        """Draw what is stored, handed over or printed: a number, a text, a container, often by another name."""
        kind = self.chance.randrange(12)
        if kind < 4:
            return self.number(1)
        if kind < 6:
            self.shapes["alias: in a container"] += 1
            return self.name(*LISTS)
        if kind == 6:
            return array(self.number(2), self.name(*LISTS))
        if kind == 7:
            self.shapes["value: row with an alias"] += 1
            return Apply("display dict", (Const("n"), self.number(2), Const("of"), self.name(*LISTS, *RECORDS)))
        if kind == 8:
            return DictOf((("n", self.number(2)),))
        if kind == 9:
            return Apply("display tuple", (self.number(2), self.name(*LISTS)))
        if kind == 10 or self.safe:
            return self.text()
        return self.part()

    def text(self) -> Value:
        """Draw a text with values in it."""
        shown = Apply("field field", (self.name(*NUMBERS, *LISTS, *RECORDS), Const(""), Const("r")))
        return Apply("field f-string", (Const("of "), shown))
