"""Declare what operations do with the objects that they are given: what they read of them, hand back, hold, or store in the first.

`SHARING` has a row for each operation, by its name in OPERATIONS. What is changed isn't said here: `Operation.mutates` says it, and
a defaultdict changes by being read. What has no row may do anything.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal, NamedTuple, TypeAlias

from lcc.grammar.ir.operations.table import CLASS_FUNCTIONS, EXCEPTION_CLASSES, METHODS, OPERATIONS

Reads: TypeAlias = Literal["nothing", "itself", "all"]
Holds: TypeAlias = Literal["arguments", "parts", "pairs", "all"]
Whole: TypeAlias = Literal["none", "first", "others", "any"]


class Sharing(NamedTuple):
    """What one operation does with its arguments. A part is an element, key, value or field.

    `reads`: nothing of an argument but who it is; itself, but nothing of its parts; or all that is in it. `new`: the result is an
    object of its own, which holds the arguments, their parts, also the parts of these (as what is made of pairs does), or all
    that is in them. `whole`: the result may be an argument. `part`: it may be a part of one. `keeps`: what the first
    argument holds of the others afterwards. `later`: the result reads the arguments when it is read; `iterator`: which uses it up.
    `tuples`: what the result holds stands in new tuples. `nested`: the result consists of new objects that hold each other.
    """

    reads: Reads = "all"
    new: Holds | None = None
    whole: Whole = "none"
    part: bool = False
    keeps: Holds | None = None
    later: bool = False
    iterator: bool = False
    tuples: bool = False
    nested: bool = False


SCALAR: Final = Sharing()
_LOOK: Final = Sharing("itself")
_DISPLAY: Final = Sharing("nothing", new="arguments")
_COPY: Final = Sharing("itself", new="parts")
_MADE: Final = Sharing("all", new="parts")
_ITERATOR: Final = Sharing("itself", new="parts", later=True, iterator=True)
_PAIRS: Final = Sharing("itself", new="parts", later=True, iterator=True, tuples=True)
_DRAWN: Final = Sharing("all", new="parts", iterator=True, tuples=True)
_FOUND: Final = Sharing("itself", part=True, whole="others")
_STORE: Final = Sharing("itself", keeps="arguments")
_EXTEND: Final = Sharing("itself", keeps="parts")
_IN_PLACE: Final = Sharing("itself", new="parts", whole="first", keeps="pairs")

_NAMED: Final[tuple[tuple[str, Sharing], ...]] = (
    ("== != < <= > >= in not_in / // % ** << >> /= //= %= **= <<= >>=", SCALAR),
    ("is is_not", Sharing("nothing")),
    ("+ *", _COPY),
    ("- & | ^", _MADE),
    ("+= -= *= &= |= ^=", _IN_PLACE),
)
_OPERATORS: Final = {f"operator {name.replace('_', ' ')}": row for names, row in _NAMED for name in names.split()}

_BUILTINS: Final[tuple[tuple[str, Sharing], ...]] = (
    ("all any str repr ascii format print abs bin chr divmod float hex int oct ord pow round range", SCALAR),
    ("len bool isinstance type", _LOOK),
    ("list tuple", _COPY),
    ("set sorted", _MADE),
    ("dict", Sharing("itself", new="pairs")),
    ("sum", Sharing("all", new="all", whole="others")),
    ("max min", Sharing("all", part=True, whole="any")),
    ("next", _FOUND),
    ("iter", _ITERATOR._replace(whole="first")),
    ("reversed", _ITERATOR),
    ("enumerate zip", _PAIRS),
)

_METHODS: Final[tuple[tuple[str, Sharing], ...]] = (
    ("list.append list.insert set.add", _STORE),
    ("list.extend set.update", _EXTEND),
    ("list.clear list.reverse dict.clear set.clear", _LOOK),
    ("list.copy dict.copy set.copy", _COPY),
    ("list.count list.index list.remove list.sort tuple.count tuple.index range.count range.index", SCALAR),
    (
        "set.discard set.remove set.isdisjoint set.issubset set.issuperset dict_keys.isdisjoint dict_items.isdisjoint",
        SCALAR,
    ),
    ("list.pop dict.get dict.pop set.pop", _FOUND),
    ("dict.setdefault", _FOUND._replace(keeps="arguments")),
    ("dict.popitem", _COPY),
    ("dict.update Counter.subtract", Sharing("itself", keeps="pairs")),
    ("dict.keys dict.values", Sharing("itself", new="parts", later=True)),
    ("dict.items", Sharing("itself", new="parts", later=True, tuples=True)),
    ("set.union set.intersection set.difference set.symmetric_difference", _MADE),
    ("set.intersection_update set.difference_update set.symmetric_difference_update", Sharing("all", keeps="parts")),
    ("Counter.elements", _ITERATOR),
    ("Counter.most_common", _MADE._replace(tuples=True)),
    ("Counter.total", SCALAR),
    ("re.Pattern.finditer", _DRAWN),
)

_MODULES: Final[tuple[tuple[str, Sharing], ...]] = (
    ("collections.Counter", Sharing("itself", new="pairs")),
    ("collections.defaultdict", Sharing("itself", new="pairs")),
    ("itertools.chain", Sharing("itself", new="pairs", later=True, iterator=True)),
    ("itertools.chain.from_iterable", Sharing("itself", new="pairs", later=True, iterator=True)),
    ("itertools.islice", _ITERATOR),
    ("itertools.combinations itertools.product", _DRAWN),
    ("itertools.groupby", _PAIRS),
    ("functools.reduce", Sharing("all", new="all", part=True, whole="any")),
    ("math.prod", Sharing("all", new="all", whole="others", part=True)),
    ("statistics.median statistics.median_high statistics.median_low statistics.mode", _MADE._replace(part=True)),
    ("json.loads", Sharing("all", new="parts", nested=True)),
    ("json.dumps", SCALAR),
    ("re.finditer", _DRAWN),
)

_OTHERS: Final = {
    **{f"display {name}": _DISPLAY for name in ("list", "tuple", "set", "dict")},
    "display unpack": _COPY,
    "subscript load": Sharing("itself", part=True),
    "subscript load slice": _COPY,
    "subscript store": _STORE,
    "subscript store slice": _EXTEND,
    "subscript delete": _LOOK,
    "subscript delete slice": _LOOK,
    "field field": SCALAR,
    "field f-string": SCALAR,
    "field text": SCALAR,
    "unary not": _LOOK,
    "unary ~": SCALAR,
    **{f"unary {sign}": _MADE for sign in "-+"},
    "class dict.fromkeys": Sharing("all", new="all"),
    "check method": _LOOK,
    **{f"builtin {name}": _DISPLAY for name in EXCEPTION_CLASSES},
}

_WITHOUT_OBJECTS: Final = (
    "method str.", "method date.", "method datetime.", "method time.", "method timedelta.", "method re.",
    "attribute date.", "attribute datetime.", "attribute time.", "attribute timedelta.", "attribute range.",
    "attribute re.", "attribute type.", "module datetime.", "module math.", "module re.", "module statistics.",
)  # fmt: skip
"""Where operations make texts, numbers, times, matches, and lists of them, of all that they are given."""


def _rows(prefix: str, table: Iterable[tuple[str, Sharing]]) -> dict[str, Sharing]:
    return {f"{prefix} {name}": row for names, row in table for name in names.split()}


def _all() -> dict[str, Sharing]:
    found = _OPERATORS | _rows("builtin", _BUILTINS) | _rows("method", _METHODS) | _rows("module", _MODULES) | _OTHERS
    for name in OPERATIONS:
        kind, _, rest = name.partition(" ")
        if kind == "method" and name not in found:
            owner, _, method = rest.partition(".")
            if owner in ("Record", "defaultdict", "Counter") and f"method dict.{method}" in found:
                found[name] = found[f"method dict.{method}"]
        if kind == "attribute" and name not in found and not name.startswith(_WITHOUT_OBJECTS):
            found[name] = Sharing("itself", new="parts", part=True)
        if name not in found and name.startswith(_WITHOUT_OBJECTS):
            found[name] = _MADE
    return found


SHARING: Final[dict[str, Sharing]] = _all()
"""What each operation of OPERATIONS does with its arguments."""


def _by_method() -> dict[str, tuple[Sharing, ...]]:
    """Return what `method NAME` may do, whose receiver nobody knows before the run."""
    found: dict[str, dict[Sharing, None]] = {}
    unknown: set[str] = set()
    for name in OPERATIONS:
        kind, _, rest = name.partition(" ")
        if kind in ("method", "attribute"):
            last = f"{kind} {rest.rpartition('.')[2]}"
            if name in SHARING:
                found.setdefault(last, {})[SHARING[name]] = None
            else:
                unknown.add(last)
    return {name: tuple(rows) for name, rows in found.items() if name not in unknown}


_BY_NAME: Final = _by_method()
_CHANGING: Final = frozenset(
    [name for name, found in OPERATIONS.items() if found.mutates]
    + [f"method {name}" for table in METHODS.values() for name, found in table.items() if found.mutates]
    + [f"class {name}" for name, found in CLASS_FUNCTIONS.items() if found.mutates]
)


def sharing_of(op: str) -> tuple[Sharing, ...] | None:
    """Return what an application of an operation may do with its arguments; None if nobody has said so."""
    kind, _, name = op.partition(" ")
    if op in SHARING:
        return (SHARING[op],)
    if kind == "method":
        return _BY_NAME.get(op)
    if kind == "attribute":
        return (*_BY_NAME.get(op, ()), Sharing("itself", part=True))
    if kind == "class" and f"method {name}" in SHARING:
        return (SHARING[f"method {name}"],)
    return None


def changes_its_first(op: str) -> bool:
    """Whether an operation may change its first argument."""
    return op in _CHANGING
