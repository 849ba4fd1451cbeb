"""Make up values: expressions of some kind, now and then of another, over names of each kind."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from hypothesis import strategies as st

from lcc.grammar.ir import (
    Apply,
    Builtin,
    Choose,
    Clause,
    Comprehension,
    Const,
    Lambda,
    Local,
    Logic,
    Ref,
    Spread,
    Targets,
    Value,
)
from lcc.grammar.ir.operations import Record

NAMES = {
    "int": ["n", "k"],
    "float": ["f"],
    "str": ["s", "word"],
    "bool": ["flag"],
    "list": ["xs", "words", "rows"],
    "dict": ["d"],
    "row": ["m"],
    "lazy": ["it"],
    "exception": ["e"],
}
SPECS = ["", "d", ">6", "05d", ".2f", ",", "x", "s", "^7", "+", "%", "10.3f", "<4"]


def new_frame() -> dict[Any, Any]:
    """Return what every name means."""
    rows = [
        Record(id=3, name="ann", tags=["x"]),
        Record(id=1, name="bob", tags=[]),
        Record(id=2, name="ann", tags=["y", "z"]),
    ]
    return {
        "n": 3, "k": -2, "f": 2.5, "s": "hello world", "word": "Abc", "flag": True, "xs": [4, 1, 3, 1], "words": ["b", "a", "cc"],
        "rows": rows, "d": {"a": 1, "b": [2, 3]}, "m": rows[0], "e": ValueError("bad", 3), 1: [5, 6], 2: Record(id=7, parts=[8, 9]),
    }  # fmt: skip


class Trees:
    """Draws values. `known` are the names that the comprehensions around bind, by kind."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.known: dict[str, list[str]] = {}
        self.count = 0

    def one(self, *options: Any) -> Any:
        return self.random.choice(options)

    def chance(self, percent: int) -> bool:
        return self.random.random() * 100 < percent

    def of(self, kind: str, depth: int) -> Value:
        """Return a value of a kind, or in one of twelve of another."""
        if self.chance(8):
            kind = self.one("int", "str", "list", "dict", "none", "float", "bool", "row", "tuple")
        if depth <= 0 or self.chance(12):
            return self.leaf(kind)
        found: Value = getattr(self, f"{kind}_", self.leaf_of(kind))(depth - 1)
        return found

    def leaf_of(self, kind: str) -> Callable[[int], Value]:
        return lambda depth: self.leaf(kind)

    def leaf(self, kind: str) -> Value:
        names = [*NAMES.get(kind, ()), *self.known.get(kind, ())]
        if names and self.chance(60):
            return Local(self.random.choice(names))
        if self.chance(2):
            return Local("missing")
        return self.constant(kind)

    def constant(self, kind: str) -> Value:
        match kind:
            case "int":
                return Const(self.one(0, 1, 2, 3, -1, 7, 12))
            case "float":
                return Const(self.one(0.5, 1.0, -2.25, 3.1, 1e10))
            case "str":
                return Const(self.one("", "a", "b,c", "12", " x ", "3.5", "Zeta"))
            case "bool":
                return Const(self.one(True, False))
            case "none":
                return Const(None)
            case "list":
                return self.one(Ref(1), Ref(2, ("parts",)), Apply("display list", (Const(2), Const(1))))
            case "row":
                return self.one(Ref(2), Local("m"))
            case "dict":
                return Apply("display dict", (Const("a"), Const(1)))
            case "set":
                return Apply("display set", (Const(1), Const(2), Const(3)))
            case "tuple":
                return Apply("display tuple", (Const(1), Const("a")))
            case "exception":
                return Local("e")
            case _:
                return Apply("builtin iter", (Local("xs"),))

    def some(self, kind: str, depth: int, most: int = 3) -> tuple[Value, ...]:
        return tuple([self.of(kind, depth) for _ in range(self.random.randrange(most + 1))])

    def scalar(self, depth: int) -> Value:
        return self.of(self.one("int", "str", "bool", "float", "none"), depth)

    def any(self, depth: int) -> Value:
        return self.of(self.one("int", "str", "bool", "float", "none", "list", "dict", "tuple", "row"), depth)

    def choose(self, kind: str, depth: int) -> Value:
        if self.chance(50):
            return Choose(self.of("bool", depth), self.of(kind, depth), self.of(kind, depth))
        items = tuple([self.of(kind, depth) for _ in range(self.one(2, 2, 3))])
        return Logic(self.one("and", "or"), items)

    def iterable(self, depth: int) -> tuple[Value, str]:
        """Return something to loop over, and the kind of its elements."""
        match self.one("ints", "words", "rows", "keys", "text", "lazy", "list", "range"):
            case "words":
                return Local("words"), "str"
            case "rows":
                return Local("rows"), "row"
            case "keys":
                return self.of("dict", depth), "str"
            case "text":
                return self.of("str", depth), "str"
            case "lazy":
                return self.comprehension("lazy", "int", depth), "int"
            case "list":
                return self.of("list", depth), "int"
            case "range":
                return Apply("builtin range", (Const(self.one(0, 2, 4)),)), "int"
            case _:
                return self.one(Local("xs"), Ref(1)), "int"

    def clause(self, depth: int) -> Clause:
        self.count += 1
        name = self.one(f"x{self.count}", f"x{self.count}", "n", "s")
        if self.chance(25):
            items = self.of("list", depth)
            pairs = Apply(*self.one(("builtin enumerate", (items,)), ("builtin zip", (items, Local("words"))),
                                    ("method items", (self.of("dict", depth),))))  # fmt: skip
            other = f"y{self.count}"
            self.bind("int", name)
            self.bind("str", other)
            star = self.one(None, None, None, 1)
            return Clause(Targets((name, other), star), pairs, self.conditions(depth))
        items, kind = self.iterable(depth)
        self.bind(kind, name)
        return Clause(name, items, self.conditions(depth))

    def conditions(self, depth: int) -> tuple[Value, ...]:
        return (self.of("bool", depth),) if self.chance(35) else ()

    def bind(self, kind: str, name: str) -> None:
        self.known.setdefault(kind, []).append(name)

    def comprehension(self, kind: str, item: str, depth: int) -> Comprehension:
        before = {key: list(names) for key, names in self.known.items()}
        clauses = tuple([self.clause(depth) for _ in range(self.one(1, 1, 1, 2))])
        key = self.of("str", depth) if kind == "dict" else None
        made = Comprehension(kind, self.of(item, depth), clauses, key)  # type: ignore[arg-type]
        self.known = before
        return made

    def function(self, depth: int) -> Lambda:
        """Return a function of one parameter that gives keys."""
        self.count += 1
        name = f"z{self.count}"
        before = {key: list(names) for key, names in self.known.items()}
        self.bind(self.one("int", "str", "row"), name)
        body = self.of(self.one("int", "str"), depth)
        self.known = before
        return Lambda((name,), body)

    def keyed(self, op: str, depth: int) -> Value:
        items = self.iterable(depth)[0]
        names: tuple[tuple[str, Value], ...] = (("key", self.function(depth)),) if self.chance(60) else ()
        if op == "builtin sorted" and self.chance(40):
            names += (("reverse", self.of("bool", depth)),)
        if op != "builtin sorted" and self.chance(30):
            names += (("default", self.of("int", depth)),)
        return Apply(op, (items,), names)

    def int_(self, depth: int) -> Value:
        match self.one(
            "operator",
            "operator",
            "len",
            "sum",
            "load",
            "keyed",
            "field",
            "choose",
            "reduce",
            "method",
            "call",
            "changing",
        ):
            case "operator":
                return Apply(
                    f"operator {self.one('+', '-', '*', '//', '%')}", (self.of("int", depth), self.of("int", depth))
                )
            case "len":
                return Apply("builtin len", (self.of(self.one("list", "str", "dict", "set"), depth),))
            case "sum":
                return Apply(
                    "builtin sum", (self.one(self.comprehension("lazy", "int", depth), self.of("list", depth)),)
                )
            case "load":
                return Apply(
                    "subscript load",
                    (self.of(self.one("list", "dict", "row"), depth), self.of(self.one("int", "str"), 0)),
                )
            case "keyed":
                return self.keyed(self.one("builtin min", "builtin max"), depth)
            case "field":
                return Apply("attribute id", (self.of("row", depth),))
            case "reduce":
                body = Apply("operator +", (Local("p"), Local("q")))
                first = (self.of("int", 0),) if self.chance(50) else ()
                return Apply("module functools.reduce", (Lambda(("p", "q"), body), self.iterable(depth)[0], *first))
            case "method":
                return Apply(f"method {self.one('count', 'find', 'index')}", (self.of("str", depth), self.of("str", 0)))
            case "call":
                return Apply(f"builtin {self.one('int', 'abs', 'round', 'ord')}", (self.scalar(depth),))
            case "changing":
                return Apply("method pop", (self.one(Local("xs"), Ref(1), Local("d")), self.of("int", 0)))
            case _:
                return self.choose("int", depth)

    def float_(self, depth: int) -> Value:
        match self.one("operator", "call", "choose", "math"):
            case "operator":
                symbol = self.one("/", "*", "-")
                return Apply(f"operator {symbol}", (self.of("float", depth), self.of("int", depth)))
            case "call":
                return Apply("builtin float", (self.scalar(depth),))
            case "math":
                return Apply(f"module math.{self.one('sqrt', 'floor', 'log')}", (self.of("float", depth),))
            case _:
                return self.choose("float", depth)

    def bool_(self, depth: int) -> Value:
        match self.one("compare", "compare", "chain", "in", "not", "isinstance", "lazy", "choose", "method", "none"):
            case "compare":
                kind = self.one("int", "str", "float", "any", "list")
                both = (
                    (self.any(depth), self.any(depth))
                    if kind == "any"
                    else (self.of(kind, depth), self.of(kind, depth))
                )
                return Apply(f"operator {self.one('<', '<=', '>', '>=', '==', '!=')}", both)
            case "chain":
                middle = self.of("int", 0)
                first = Apply("operator <", (self.of("int", depth), middle))
                return Logic("and", (first, Apply("operator <=", (middle, self.of("int", depth)))))
            case "in":
                where = self.of(self.one("list", "str", "dict", "set"), depth)
                return Apply(f"operator {self.one('in', 'not in')}", (self.scalar(depth), where))
            case "not":
                return Apply("unary not", (self.any(depth),))
            case "isinstance":
                classes = [Builtin(name) for name in ("int", "str", "list", "dict", "ValueError", "Exception", "bool")]
                one = self.one(*classes)
                both = Apply("display tuple", (one, self.one(*classes)))
                return Apply("builtin isinstance", (self.any(depth), self.one(one, both)))
            case "lazy":
                return Apply(f"builtin {self.one('any', 'all')}", (self.comprehension("lazy", "bool", depth),))
            case "method":
                return Apply(f"method {self.one('startswith', 'endswith')}", (self.of("str", depth), self.of("str", 0)))
            case "none":
                return Apply(f"operator {self.one('is', 'is not')}", (self.any(depth), Const(None)))
            case _:
                return self.choose("bool", depth)

    def str_(self, depth: int) -> Value:
        match self.one(
            "operator", "f", "f", "method", "join", "slice", "str", "field", "json", "choose", "error", "replace"
        ):
            case "operator":
                return Apply("operator +", (self.of("str", depth), self.of("str", depth)))
            case "f":
                return self.f_string(depth)
            case "method":
                return Apply(f"method {self.one('upper', 'strip', 'title', 'lower')}", (self.of("str", depth),))
            case "join":
                made = self.comprehension(self.one("lazy", "list"), "str", depth)
                return Apply("method join", (Const(self.one(", ", "")), self.one(made, Local("words"))))
            case "slice":
                part = [self.one(Const(None), self.of("int", 0)) for _ in range(3)]
                return Apply("subscript load slice", (self.of("str", depth), *part))
            case "str":
                return Apply(f"builtin {self.one('str', 'repr')}", (self.any(depth),))
            case "field":
                return Apply("attribute name", (self.of("row", depth),))
            case "json":
                return Apply("module json.dumps", (self.any(depth),), (("sort_keys", self.of("bool", 0)),))
            case "error":
                return self.one(
                    Apply("builtin str", (Local("e"),)),
                    Apply("attribute __name__", (Apply("builtin type", (self.any(depth),)),)),
                )
            case "replace":
                return Apply("method replace", (self.of("str", depth), *[self.of("str", 0)] * 2))
            case _:
                return self.choose("str", depth)

    def f_string(self, depth: int) -> Value:
        parts: list[Value] = [Const(self.one("total: ", "- "))]
        for _ in range(self.one(1, 1, 2)):
            conversion = self.one(None, None, None, "r", "s", "a")
            parts.append(Apply("field field", (self.scalar(depth), Const(self.one(*SPECS)), Const(conversion))))
        return Apply("field f-string", tuple(parts))

    def list_(self, depth: int) -> Value:
        match self.one("display", "display", "comprehension", "comprehension", "sorted", "list", "split", "slice", "operator", "choose",
                       "views", "changing"):  # fmt: skip
            case "display":
                return Apply("display list", self.starred(depth))
            case "comprehension":
                return self.comprehension("list", self.one("int", "str", "list", "row", "tuple"), depth)
            case "sorted":
                return self.keyed("builtin sorted", depth)
            case "list":
                return Apply("builtin list", (self.iterable(depth)[0],))
            case "split":
                return Apply("method split", (self.of("str", depth), *self.some("str", 0, 1)))
            case "slice":
                part = [self.one(Const(None), self.of("int", 0)) for _ in range(3)]
                return Apply("subscript load slice", (self.of("list", depth), *part))
            case "operator":
                return Apply("operator +", (self.of("list", depth), self.of("list", depth)))
            case "views":
                return Apply(
                    "builtin list", (Apply(f"method {self.one('keys', 'values', 'items')}", (self.of("dict", depth),)),)
                )
            case "changing":
                return Logic("or", (Apply("method append", (Local("xs"), self.constant("int"))), Local("xs")))
            case _:
                return self.choose("list", depth)

    def starred(self, depth: int) -> tuple[Value, ...]:
        items = [*self.some("int", depth), *self.some("str", depth, 1)]
        if self.chance(40):
            items.insert(self.random.randrange(len(items) + 1), Spread(self.iterable(depth)[0]))
        return tuple(items)

    def tuple_(self, depth: int) -> Value:
        return Apply("display tuple", self.starred(depth))

    def set_(self, depth: int) -> Value:
        match self.one("display", "comprehension", "set", "operator"):
            case "display":
                return Apply("display set", (self.of("int", depth), *self.starred(depth)))
            case "comprehension":
                return self.comprehension("set", "int", depth)
            case "set":
                return Apply("builtin set", (self.iterable(depth)[0],))
            case _:
                return Apply(f"operator {self.one('|', '&', '-')}", (self.of("set", depth), self.of("set", depth)))

    def dict_(self, depth: int) -> Value:
        match self.one("display", "display", "comprehension", "dict", "choose"):
            case "display":
                parts: list[Value] = []
                for _ in range(self.one(0, 1, 2)):
                    parts += [self.of("str", depth), self.any(depth)]
                if self.chance(40):
                    parts.insert(0 if self.chance(50) else len(parts), Spread(self.of("dict", depth), True))
                return Apply("display dict", tuple(parts))
            case "comprehension":
                return self.comprehension("dict", "int", depth)
            case "dict":
                star = (Spread(self.of("dict", depth), True),) if self.chance(40) else ()
                return Apply("builtin dict", star, (("a", self.any(depth)),))
            case _:
                return self.choose("dict", depth)


def tree(random: Random) -> Value:
    """Return a value of any kind."""
    made = Trees(random)
    return made.of(made.one("int", "float", "bool", "str", "list", "tuple", "dict", "set"), made.one(2, 3, 4))


def trees() -> st.SearchStrategy[Value]:
    """Return values of any kind; chance is the generator's own, which makes larger ones."""
    return st.randoms(use_true_random=True).map(tree)
