"""Name CPython's counterpart of every operation of the table, and make up arguments for it.

The counterpart follows from where an operation stands: `method str.upper` is `str.upper`. Arguments follow from its signature, with one
of another kind now and then; operations that ask for more (formats, JSON, patterns, keys) have a line in SPECIAL.
"""

from __future__ import annotations

import builtins
import importlib
import io
import itertools
import json
import operator
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from operation_values import Values

from lcc.grammar.ir.operations import OPERATIONS, Operation
from lcc.grammar.ir.operations.basis.kinds import CLASSES, EXCEPTIONS, FACTORIES, Lazy, Record
from lcc.grammar.ir.operations.basis.operation import OMITTED

Call = tuple[list[Any], dict[str, Any]]

INFIX = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "//": operator.floordiv, "%": operator.mod,
    "**": operator.pow, "<<": operator.lshift, ">>": operator.rshift, "&": operator.and_, "|": operator.or_, "^": operator.xor,
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
    "is": operator.is_, "is not": operator.is_not, "in": lambda a, b: a in b, "not in": lambda a, b: a not in b,
    "+=": operator.iadd, "-=": operator.isub, "*=": operator.imul, "/=": operator.itruediv, "//=": operator.ifloordiv,
    "%=": operator.imod, "**=": operator.ipow, "<<=": operator.ilshift, ">>=": operator.irshift, "&=": operator.iand,
    "|=": operator.ior, "^=": operator.ixor,
}  # fmt: skip
PREFIX = {"-": operator.neg, "+": operator.pos, "~": operator.invert, "not": operator.not_}
INSTANT = datetime(2026, 11, 29, 18, 30, tzinfo=timezone(timedelta(hours=1)))


def _delete(a: Any, i: Any) -> None:
    del a[i]


def _store(a: Any, i: Any, v: Any) -> None:
    a[i] = v


PLACES = {
    "load": operator.getitem,
    "store": _store,
    "delete": _delete,
    "load slice": lambda a, i, j, k: a[i:j:k],
    "store slice": lambda a, i, j, k, v: _store(a, slice(i, j, k), v),
    "delete slice": lambda a, i, j, k: _delete(a, slice(i, j, k)),
}


def _print(*values: Any, **names: Any) -> str:
    out = io.StringIO()
    print(*values, **names, file=out)
    return out.getvalue()


def _field(value: Any, spec: str = "", conversion: str | None = None) -> str:
    value = {None: lambda v: v, "s": str, "r": repr, "a": ascii}[conversion](value)
    return format(value, spec)


def _keyed(function: Callable[..., Any]) -> Callable[..., Any]:
    def call(*args: Any, keys: Any = None, **names: Any) -> Any:
        if keys is None:
            return function(*args, **names)
        ranks = iter(keys)
        return function(*args, key=lambda _: next(ranks), **names)

    return call


def _taken_apart(value: Any, before: int, after: int | None = None) -> tuple[Any, ...]:
    names = (
        [f"a{i}" for i in range(before)] + (["*b"] if after is not None else []) + [f"c{i}" for i in range(after or 0)]
    )
    space: dict[str, Any] = {"value": value}
    exec(f"[{', '.join(names)}] = value", space)
    return tuple(space[n.strip("*")] for n in names)


INSTEAD: dict[str, Callable[..., Any]] = {
    "builtin print": _print,
    "display list": lambda *items: [*items],
    "display tuple": lambda *items: items,
    "display set": lambda *items: {*items},
    "display dict": lambda *both: dict(zip(both[::2], both[1::2], strict=True)),
    "display unpack": _taken_apart,
    "field field": _field,
    "field f-string": lambda *parts: "".join(parts),
    "field text": lambda value: value if type(value) is str else json.dumps(value, ensure_ascii=False),
    "builtin max": _keyed(max),
    "builtin min": _keyed(min),
    "builtin sorted": _keyed(sorted),
    "method list.sort": _keyed(list.sort),
    "module itertools.groupby": _keyed(itertools.groupby),
    "module datetime.date.today": lambda now: now.date(),
    "module datetime.datetime.now": lambda now, tz=None: now.astimezone(tz) if tz else now.replace(tzinfo=None),
    "module datetime.datetime.today": lambda now: now.replace(tzinfo=None),
    "module datetime.datetime.utcnow": lambda now: now.astimezone(UTC).replace(tzinfo=None),
    "class dict.fromkeys": dict.fromkeys,
    "check method": lambda value, name: getattr(value, name) and None,
    "attribute type.__name__": lambda c: c.__name__,
}


def counterpart(name: str) -> Callable[..., Any]:
    """Return CPython's function for an operation."""
    if name in INSTEAD:
        return INSTEAD[name]
    where, _, what = name.partition(" ")
    if where == "operator":
        return INFIX[what]
    if where == "unary":
        return PREFIX[what]
    if where == "subscript":
        return PLACES[what]
    if where == "builtin":
        return getattr(builtins, what)  # type: ignore[no-any-return]
    if where in ("method", "attribute"):
        last = what.rpartition(".")[2]
        if where == "attribute":
            return lambda self: getattr(self, last)
        return lambda self, *args, **names: getattr(self, last)(*args, **names)
    module, _, path = what.partition(".")
    found: Any = importlib.import_module(module)
    for part in path.split("."):
        found = getattr(found, part)
    return found  # type: ignore[no-any-return]


OWNERS = {
    "NoneType": "none",
    "Record": "record",
    "re.Match": "match",
    "re.Pattern": "pattern",
    "type": "class_",
    "Counter": "counter",
}
NAMED = {"dict_keys", "dict_items", "set", "defaultdict"}


def _receiver(values: Values, name: str) -> Any:
    owner = name.partition(" ")[2].rpartition(".")[0]
    if owner in EXCEPTIONS:
        return EXCEPTIONS[owner](*(values.items(1, 2) if owner != "SyntaxError" else [values.str()]))
    if owner in ("JSONDecodeError", "error", "StatisticsError"):
        import json
        import re
        import statistics

        return {"JSONDecodeError": json.JSONDecodeError("bad", "{", 0), "error": re.error("bad"),
                "StatisticsError": statistics.StatisticsError("bad")}[owner]  # fmt: skip
    if owner == "set":
        return values.large_set() if not name.endswith(".pop") else values.set()
    return getattr(values, OWNERS.get(owner, owner))(1)


def _of_exception(values: Values) -> Call:
    return values.items(1, 2) if values.random.random() < 0.5 else [values.str()], {}


KIND_NAMES = {"date": "date|datetime|timezone|none", "class": "class_", "tuple": "tuple"}


def _argument(values: Values, kinds: str) -> Any:
    if values.random.random() < 0.06:
        return values.random.choice([values.any, values.any, values.lazy, values.class_])(1)
    return values.of("|".join(KIND_NAMES.get(k, k) for k in kinds.split("|")))


def arguments(values: Values, name: str) -> Call:
    """Make up the arguments of a call."""
    if name in SPECIAL:
        return SPECIAL[name](values)
    found: Operation = OPERATIONS[name]
    args: list[Any] = []
    names: dict[str, Any] = {}
    receiver = name.startswith(("method ", "attribute "))
    if found.clock:
        args.append(INSTANT)
    omitted = False
    for at, param in enumerate(found.params):
        if at == 0 and (receiver or found.clock):
            if receiver:
                args.append(_receiver(values, name))
            continue
        if not param.required and values.random.random() < 0.4:
            omitted = True
            continue
        value = _argument(values, param.kinds)
        if param.positional and not omitted and not (param.keyword and values.random.random() < 0.2):
            args.append(value)
        elif param.keyword:
            names[param.name] = value
            omitted = True
    if found.rest is not None and not names and not omitted:
        args += [_argument(values, found.rest) for _ in range(values.random.randrange(4))]
    return args, names


def _operands(values: Values) -> Call:
    one = values.random.random()
    if one < 0.45:
        return [values.number(), values.number()], {}
    if one < 0.6:
        return [values.large_set(), values.large_set()], {}
    if one < 0.85:
        kind = values.random.choice(
            [
                "str",
                "list",
                "tuple",
                "date",
                "datetime",
                "timedelta",
                "counter",
                "dict",
                "record",
                "dict_keys",
                "dict_items",
            ]
        )
        other = values.random.choice([kind, "small", "timedelta", "number", "dict_items", "view", "iterable"])
        return [getattr(values, kind)(1), getattr(values, other)(1)], {}
    return [values.any(1), values.random.choice([values.any, values.any, values.any, values.lazy])(1)], {}


def _small_power(values: Values) -> Call:
    return [values.number(), values.random.choice([values.small, values.float])()], {}


def _shift(values: Values) -> Call:
    return [values.integer(), values.small() if values.random.random() < 0.9 else values.str()], {}


def _times(values: Values) -> Call:
    return [values.any(1), values.small()] if values.random.random() < 0.5 else _operands_small(values), {}


def _operands_small(values: Values) -> list[Any]:
    args, _ = _operands(values)
    sequence = (str, list, tuple)
    big = any(isinstance(a, int) and abs(a) > 100 for a in args) and any(isinstance(a, sequence) for a in args)
    return [values.number(), values.number()] if big else args


PERCENTS = ["%s", "%d items", "%5.2f|%-8s|", "%05d", "%x %o", "%r", "%c", "%%", "%+d", "% d", "%.3s", "%(a)s", "%(a)s-%(b)5s", "%e %g", "no", "%i", "%q", "%", "%#x", "%5%"]  # fmt: skip


def _modulo(values: Values) -> Call:
    if values.random.random() < 0.5:
        return _operands(values)
    given = values.random.choice(
        [values.any(1), values.number(), tuple(values.items(1, 3)), (values.number(), values.str()), {"a": 1, "b": "x"}]
    )
    return [values.random.choice(PERCENTS), given], {}


def _format(values: Values) -> Call:
    text = values.random.choice(
        [
            "{}",
            "{} {}",
            "{0}{1}{0}",
            "{a}",
            "{:>8}",
            "{!r}",
            "{a!s:^9}",
            "{{}}",
            "{:.2f}",
            "{:,}",
            "{",
            "}",
            "{0} {}",
            "{} {0}",
            "{b}",
            "{2}",
            "{:d}",
            "{!x}",
        ]
    )
    args = [
        values.random.choice([values.integer, values.str, values.date])() for _ in range(values.random.randrange(3))
    ]
    return [text, *args], {"a": values.any(0)} if values.random.random() < 0.5 else {}


SPECS = ["", "d", "5", ">10", "*^9", "+.2f", ",", "_", "x", "#b", "08.3f", "%", ".3", "e", "g", "s", "<6s", "=+8", " d", "n", "c", "?", "z.1f", ".0f", "10.4g", "%Y-%m-%d", "%H:%M", "%d %b %Y %A", "%%", "0>4", "é^5", "G", ",.2f", "o", "X", "1_0"]  # fmt: skip


def _spec(values: Values) -> Call:
    value = values.any(1) if values.random.random() < 0.2 else values.random.choice([values.number, values.str, values.date, values.datetime, values.time])()  # fmt: skip
    return [value, values.random.choice(SPECS)], {}


def _field_arguments(values: Values) -> Call:
    args, _ = _spec(values)
    return [*args, values.random.choice([None, "s", "r", "a"])], {}


def _ranked(values: Values, first: Callable[[list[Any]], Any]) -> Call:
    items = values.items(1, 6)
    keys = values.random.choice(
        [None, None, [values.small() for _ in items], [values.random.choice("ab") for _ in items]]
    )
    names: dict[str, Any] = {} if keys is None else {"keys": keys}
    return [first(items)], names


def _sorting(values: Values) -> Call:
    args, names = _ranked(values, lambda items: items)
    if values.random.random() < 0.3:
        names["reverse"] = values.bool()
    return args, names


def _extreme(values: Values) -> Call:
    args, names = _ranked(values, lambda items: items)
    if values.random.random() < 0.3:
        return [*args[0]] if len(args[0]) > 1 else args, names
    if values.random.random() < 0.3:
        names["default"] = values.any(0)
    return args, names


def _grouping(values: Values) -> Call:
    items = [values.small() // 4 for _ in range(6)]
    return [items], {} if values.random.random() < 0.5 else {"keys": [i % 2 for i in items]}


JSONS = ["{}", "[1, 2.5, -0.0, null, true]", '{"a": {"b": ["x", "\\u00e9\\n"]}}', "1e400", "NaN", "[", '{"a" 1}', '"x', "[1,]", " 3 ", "", "-", '{"a": 1, "a": 2}', "12345678901234567890123"]  # fmt: skip


def _dumps(values: Values) -> Call:
    pool = [values.list, values.dict, values.record, values.tuple, values.str, values.number, values.none]
    names: dict[str, Any] = {}
    chance = values.random.random
    for key, options in (("indent", [2, 0, None, "\t", True]), ("sort_keys", [True, False]), ("ensure_ascii", [False, True]),
                         ("separators", [(",", ":"), (" ; ", "=")]), ("default", [CLASSES["str"]]), ("skipkeys", [True])):  # fmt: skip
        if chance() < 0.3:
            names[key] = values.random.choice(options)
    return [values.random.choice(pool)(2)], names


PATTERNS = [r"\w+", r"(\w)(\d)?", r"a|ab", r"^\s*(?P<key>\w+)\s*=\s*(?P<value>.*?)$", r"[^,]+", r"", r"x*", r"(?i)HELLO", r"\b\d{1,3}\b", r"(a)|b", r"(?<=a)b", r"(?!a).", r"[", r"(", r"a{2,}?", r".", r"(?:ab|c)+", "日", r"\\"]  # fmt: skip
STRINGS = [
    "abcab",
    "Hello, World 12",
    "k = v ",
    "a,b,,c",
    "",
    "aaa1b22",
    "日本x",
    "one\ntwo",
    "ab ab",
    "x" * 5,
    "abcabc ab",
]


def _regex(*extra: str) -> Callable[[Values], Call]:
    def make(values: Values) -> Call:
        choose = values.random.choice
        args: list[Any] = [choose(PATTERNS)]
        if "repl" in extra:
            args.append(choose(["-", r"<\1>", r"\g<0>!", r"\n", "", r"\g<key>", r"\\", r"\9", r"\q"]))
        args.append(choose(STRINGS))
        names: dict[str, Any] = {}
        if values.random.random() < 0.3:
            names["flags"] = choose([0, 2, 8, 16, 10])
        for name in extra:
            if name in ("count", "maxsplit") and values.random.random() < 0.3:
                names[name] = values.random.randrange(3)
        return args, names

    return make


def _of_pattern(*extra: str) -> Callable[[Values], Call]:
    def make(values: Values) -> Call:
        args, names = _regex(*extra)(values)
        names.pop("flags", None)
        return [values.pattern(), *args[1:]], names

    return make


FORMATS = ["%Y-%m-%d", "%d/%m/%Y %H:%M", "%Y-%m-%dT%H:%M:%S%z", "%b %d, %Y", "%j", "%I:%M %p", "%f", "%%Y", "%y", "%A"]
DATES = ["2026-11-29", "29/11/2026 18:30", "2026-11-29T18:30:00+0100", "Nov 29, 2026", "333", "06:30 PM", "2026-13-01", "", "x", "26", "Sunday"]  # fmt: skip
ISO = ["2026-11-29", "2026-11-29T18:30", "2026-11-29 18:30:05.000123+02:00", "18:30", "18:30:05Z", "20261129", "2026-W48-7", "nope", "2026-02-30"]  # fmt: skip


def _texts(*pools: list[str]) -> Callable[[Values], Call]:
    return lambda values: ([values.random.choice(pool) for pool in pools], {})


def _with_texts(kind: str, pool: list[str]) -> Callable[[Values], Call]:
    return lambda values: ([getattr(values, kind)(), values.random.choice(pool)], {})


def _replacing(kind: str, *parts: str) -> Callable[[Values], Call]:
    def make(values: Values) -> Call:
        picked = values.random.sample(parts, values.random.randrange(len(parts)))
        return [getattr(values, kind)()], {p: values.random.choice([1, 2, 12, 40, 2024]) for p in picked}

    return make


def _place(values: Values) -> Call:
    container = values.random.choice([values.list, values.tuple, values.str, values.dict, values.record, values.range, values.match, values.counter, values.defaultdict, values.any])(1)  # fmt: skip
    index = values.random.choice([values.small, values.small, values.key, values.any])(1)
    if isinstance(container, dict) and container and values.random.random() < 0.6:
        index = values.random.choice(list(container))
    return [container, index], {}


def _slice(values: Values, *more: str) -> Call:
    container = values.random.choice([values.list, values.list, values.str, values.tuple, values.range, values.number] if not more else [values.list])(1)  # fmt: skip
    part = [values.random.choice([None, values.small(), values.small()]) for _ in range(3)]
    part[2] = None if more and values.random.random() < 0.7 else part[2]
    return [container, *part, *(getattr(values, m)(1) for m in more)], {}


def _integers(values: Values) -> Call:
    return [abs(values.small()), values.small()] if values.random.random() < 0.8 else [
        values.any(0),
        values.small(),
    ], {}


def _statistic(values: Values) -> Call:
    pool = [[1, 2, 3], [1.5, 2.5], [3], [], [2, 2, 4, 4], [True, 2], [1, 2.5], ["a", "a", "b"], (1, 2), [10**20, 1]]
    return [values.random.choice([*pool, [values.int() for _ in range(5)]])], {}


def _new_dict(values: Values) -> Call:
    source = values.random.choice([values.dict(1), [(1, 2), ("a", "b")], [[1, 2]], ["ab"], [(1,)], [3], values.record(1), 5, Lazy("zip", zip("ab", [1, 2], strict=True))])  # fmt: skip
    args = [source] if values.random.random() < 0.8 else []
    return args, {"b": values.number()} if values.random.random() < 0.4 else {}


def _update(kind: str) -> Callable[[Values], Call]:
    def make(values: Values) -> Call:
        args, names = _new_dict(values)
        if kind == "counter":
            args, names = [values.random.choice([values.counter(), "abc", ["x", "x"], {"q": 2}])], {}
        return [getattr(values, kind)(1), *args], names

    return make


def _counting(values: Values) -> Call:
    return [values.random.choice(["abcab", ["x", 1, 1], {"a": 2}, values.counter(), 3, None])], {}


def _default(values: Values) -> Call:
    args, names = _new_dict(values)
    return [values.random.choice([CLASSES[n] for n in FACTORIES] + [None]), *args], names


def _ints(values: Values) -> Call:
    text = values.random.choice(["12", "ff", "0b11", " 7 ", "1_0", "x", "-3", "٣", ""])
    if values.random.random() < 0.5:
        return [text, values.random.choice([10, 16, 2, 0, 36, 37])], {}
    return [values.any(0)], {}


def _islice(values: Values) -> Call:
    part = [values.random.choice([None, 0, 1, 2, 5, 1]) for _ in range(values.random.randrange(1, 4))]
    return [values.iterable(), *part], {}


def _found(kind: str) -> Callable[[Values], Call]:
    def make(values: Values) -> Call:
        items = [values.any(1) for _ in range(4)]
        items.append(items[0])
        given = items if kind == "list" else tuple(items)
        item = values.random.choice([*items, values.any(1)])
        return [given, item, *values.random.choice([[], [], [1]])], {}

    return make


def _popped(values: Values) -> Call:
    return [values.list(1), *([] if values.random.random() < 0.5 else [values.small()])], {}


def _chained(values: Values) -> Call:
    return [[values.list(1), values.str(), values.tuple(1)]], {}


def _product(values: Values) -> Call:
    args = [values.random.choice(["ab", [1, 2], (3,), []]) for _ in range(values.random.randrange(3))]
    return args, {} if values.random.random() < 0.6 else {"repeat": values.random.randrange(3)}


def _moments(values: Values) -> Call:
    return [values.random.choice([0, 1.5, 10**9, -1]), UTC], {}


def _zoned(values: Values) -> Call:
    return [datetime(2026, 11, 29, 18, 30, tzinfo=values.zone())], {}


SPECIAL: dict[str, Callable[[Values], Call]] = {
    **{name: _operands for name in OPERATIONS if name.startswith("operator ")},
    "operator **": _small_power, "operator **=": _small_power, "operator <<": _shift, "operator <<=": _shift,
    "operator >>": _shift, "operator >>=": _shift, "operator *": _times, "operator *=": _times,
    "operator %": _modulo, "operator %=": _modulo,
    "operator in": lambda v: ([v.any(0), v.iterable(1)], {}), "operator not in": lambda v: ([v.any(0), v.iterable(1)], {}),
    **{f"unary {s}": lambda v: ([v.number() if v.random.random() < 0.7 else v.any(1)], {}) for s in PREFIX},
    "display dict": lambda v: ([x for _ in range(v.random.randrange(4)) for x in (v.key() if v.random.random() < 0.9 else v.any(1), v.any(1))], {}),
    "display set": lambda v: ([v.key() if v.random.random() < 0.9 else v.any(1) for _ in range(v.random.randrange(4))], {}),
    "display unpack": lambda v: ([v.iterable() if v.random.random() < 0.9 else v.any(1), v.random.randrange(4), *v.random.choice([[], [0], [1], [2]])], {}),
    **{f"builtin {n}": _of_exception for n in EXCEPTIONS},
    "builtin SyntaxError": lambda v: ([v.str()], {}),
    "method str.format": _format, "builtin format": _spec, "field field": _field_arguments,
    "method str.center": lambda v: ([v.str(), v.small(), "*"], {}), "method str.ljust": lambda v: ([v.str(), v.small()], {}),
    "method str.rjust": lambda v: ([v.str(), v.small()], {}), "method str.zfill": lambda v: ([v.str(), v.small()], {}),
    "method str.expandtabs": lambda v: ([v.str(), v.small()], {}),
    "method str.join": lambda v: ([v.str(), v.random.choice([["a", "b"], ("x",), "abc", v.list(1), {"k": 1}, [1]])], {}),
    "builtin sorted": _sorting, "method list.sort": _sorting, "builtin max": _extreme, "builtin min": _extreme,
    "module itertools.groupby": _grouping, "module itertools.islice": _islice, "module itertools.product": _product,
    "module itertools.chain.from_iterable": _chained,
    "module itertools.combinations": lambda v: ([v.random.choice(["abc", [1, 2, 3, 4], ()]), v.random.randrange(4)], {}),
    "module json.loads": _texts(JSONS), "module json.dumps": _dumps,
    **{f"module re.{n}": _regex() for n in ("match", "search", "fullmatch", "findall", "finditer")},
    "module re.sub": _regex("repl", "count"), "module re.subn": _regex("repl", "count"), "module re.split": _regex("maxsplit"),
    "module re.compile": _texts(PATTERNS), "module re.escape": _texts(STRINGS),
    **{f"method re.Pattern.{n}": _of_pattern() for n in ("match", "search", "fullmatch", "findall", "finditer")},
    "method re.Pattern.sub": _of_pattern("repl", "count"), "method re.Pattern.subn": _of_pattern("repl", "count"),
    "method re.Pattern.split": _of_pattern("maxsplit"),
    **{f"method re.Match.{n}": lambda v: ([v.match(), *v.random.choice([[], [0], [1], [5], ["n"]])], {}) for n in ("start", "end", "span", "group")},
    "module datetime.datetime.strptime": _texts(DATES, FORMATS),
    **{f"module datetime.{n}.fromisoformat": _texts(ISO) for n in ("date", "datetime", "time")},
    **{f"method {n}.strftime": _with_texts(n, FORMATS) for n in ("date", "datetime", "time")},
    "method date.replace": _replacing("date", "year", "month", "day"),
    "method datetime.replace": _replacing("datetime", "year", "month", "day", "hour", "minute"),
    "method time.replace": _replacing("time", "hour", "minute", "second"),
    "method datetime.isoformat": lambda v: ([v.datetime(), *v.random.choice([[], [" "], ["T", "minutes"], ["T", "x"]])], {}),
    "method time.isoformat": lambda v: ([v.time(), *v.random.choice([[], ["minutes"], ["x"]])], {}),
    "method datetime.timestamp": _zoned, "method datetime.astimezone": lambda v: ([*_zoned(v)[0], v.zone()], {}),
    "module datetime.datetime.fromtimestamp": _moments,
    "module datetime.datetime.now": lambda v: ([INSTANT, *v.random.choice([[], [v.zone()]])], {}),
    "module datetime.datetime.combine": lambda v: ([v.date(), v.time()], {}),
    "module datetime.date": lambda v: ([v.random.choice([2026, 1, 0]), v.random.choice([1, 2, 13]), v.random.choice([1, 29, 31])], {}),
    "module datetime.datetime": lambda v: ([2026, v.random.choice([1, 2, 13]), v.random.choice([1, 31]), *v.random.choice([[], [25], [3, 4]])], {}),
    "module datetime.time": lambda v: ([v.random.choice([0, 23, 24]), v.random.choice([0, 59, 60])], {}),
    "module datetime.timedelta": lambda v: ([v.small()], {v.random.choice(["hours", "minutes", "weeks"]): v.random.choice([1, 0.5, -3])}),
    "module datetime.timezone": lambda v: ([v.timedelta(), *v.random.choice([[], ["CET"]])], {}),
    "module datetime.date.fromordinal": lambda v: ([v.random.choice([1, 700000, 0, -1])], {}),
    "subscript load": _place, "subscript store": lambda v: ([*_place(v)[0], v.any(0)], {}), "subscript delete": _place,
    "subscript load slice": _slice, "subscript store slice": lambda v: _slice(v, "iterable"),
    "subscript delete slice": _slice,
    "builtin dict": _new_dict, "builtin int": _ints, "builtin chr": lambda v: ([v.random.choice([65, 0x20AC, -1, 0x110000])], {}),
    "builtin ord": lambda v: ([v.random.choice(["a", "é", "", "ab"])], {}),
    "builtin pow": lambda v: ([v.integer(), abs(v.small()), *v.random.choice([[], [7], [0]])], {}),
    "builtin range": lambda v: ([v.small() for _ in range(v.random.randrange(1, 4))], {}),
    "builtin round": lambda v: ([v.number(), *v.random.choice([[], [None], [2], [-1], [0], [-30]])], {}),
    "builtin isinstance": lambda v: ([v.any(1), v.random.choice([v.class_(), (v.class_(), v.class_()), 3])], {}),
    "builtin next": lambda v: ([v.lazy() if v.random.random() < 0.9 else v.any(1), *v.random.choice([[], [0]])], {}),
    "builtin zip": lambda v: ([v.iterable() for _ in range(v.random.randrange(3))], v.random.choice([{}, {"strict": True}])),
    "builtin set": lambda v: ([v.random.choice([[1, 2, 1], "abca", v.list(1), v.range(), v.large_set()])], {}),
    "builtin print": lambda v: ([v.any(1) for _ in range(v.random.randrange(3))], v.random.choice([{}, {"sep": ", "}, {"end": ""}, {"sep": 1}])),
    "field f-string": lambda v: ([v.str() for _ in range(v.random.randrange(4))], {}),
    "field text": lambda v: ([v.random.choice([v.str(), v.number(), v.none(), v.bool(), [v.number(), (v.str(), None)], Record(a=v.float()), {1: v.str(), None: v.int()}])], {}),
    **{f"method {k}.update": _update(k.lower()) for k in ("dict", "Record", "Counter", "defaultdict")},
    "method Counter.subtract": _update("counter"), "module collections.Counter": _counting,
    "module collections.defaultdict": _default, "method list.pop": _popped,
    "method list.index": _found("list"), "method tuple.index": _found("tuple"),
    **{f"method list.{n}": lambda v: (_found("list")(v)[0][:2], {}) for n in ("remove", "count")},
    "method Counter.most_common": lambda v: ([v.counter(), *v.random.choice([[], [1], [None]])], {}),
    **{f"module math.{n}": _integers for n in ("comb", "perm")},
    "module math.factorial": lambda v: ([v.random.choice([0, 1, 5, 20, 30, -1, 2.5, "x"])], {}),
    "module math.isqrt": lambda v: ([v.integer()], {}), "module math.prod": lambda v: ([[v.number() for _ in range(3)]], {}),
    "module math.fsum": lambda v: ([[v.float() for _ in range(3)]], {}),
    "module math.dist": lambda v: ([[1, v.small()], [v.float(), 2]], {}),
    **{name: _statistic for name in OPERATIONS if name.startswith("module statistics.")},
    "builtin sum": lambda v: ([v.random.choice([[v.number() for _ in range(4)], [[1], [2]], "ab", v.list(1), v.range()]), *v.random.choice([[], [[]], [0.5], [""]])], {}),
    "check method": lambda v: ([v.random.choice(["ab", [1], {}, (1,)]), v.random.choice(["index", "count", "upper", "nope"])], {}),
    "class dict.fromkeys": lambda v: ([v.random.choice(["ab", [1, 2, 1], v.list(1)]), *v.random.choice([[], [0]])], {}),
}  # fmt: skip

assert OMITTED is not None
