"""Write values as JSON and read them back, exactly: kinds that JSON lacks carry a tag.

    (1, 2)                  {"$tuple": [1, 2]}
    a record                {"$record": {"id": 1}}
    date(2026, 1, 31)       {"$date": "2026-01-31"}
    a list that was written before, the third container    {"$same": 2}

None, bool, int, finite float, text, lists, and dicts whose keys are texts without a leading `$`, are themselves. Lists, dicts, sets
and iterators keep their identity: one that occurs again is the same one when read; a view is written with a dict of its own. Besides that: what tools give and take.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any, Final

from lcc.grammar.ir.operations.basis import sizes
from lcc.grammar.ir.operations.basis.kinds import (
    CLASSES,
    DICTS,
    EXCEPTION_KINDS,
    EXCEPTION_NAMES,
    FACTORIES,
    ITEMS,
    KEYS,
    LAZY,
    MODULE_EXCEPTIONS,
    VALUES,
    ClassValue,
    Lazy,
    MatchValue,
    PatternValue,
    Record,
    SetValue,
    Value,
    class_name,
    is_exception,
    type_name,
)
from lcc.grammar.ir.operations.basis.meter import Meter, OperationError
from lcc.grammar.values import Json

_CONTAINERS: Final = frozenset({list, SetValue, *LAZY.values(), *DICTS})
_HELP: Final = {
    SetValue: "write sorted(…) or list(…)",
    date: "write .isoformat()",
    datetime: "write .isoformat()",
    time: "write .isoformat()",
    timedelta: "write .total_seconds()",
}
_VIEWS: Final = {KEYS: "keys", VALUES: "values", ITEMS: "items"}


class BadTag(ValueError):
    """JSON that no value was written as."""


def to_tagged(value: Value, meter: Meter | None = None) -> Json:
    """Write a value as JSON; an iterator is read to its end, and gives the same elements afterwards."""
    written: Json = _Writer(meter or Meter()).write(value, 0)
    return written


def from_tagged(data: Json, meter: Meter | None = None) -> Value:
    """Read what `to_tagged` wrote; raise BadTag for anything else."""
    try:
        return _Reader(meter or Meter()).read(data, 0)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise BadTag(f"no value is written like that: {error}") from None


class _Writer:
    """Writes one value; knows the containers that it has written."""

    def __init__(self, meter: Meter) -> None:
        self.meter = meter
        self.seen: dict[int, int] = {}
        self.kept: list[Value] = []

    def write(self, value: Value, depth: int) -> Any:
        kind = type(value)
        self.meter.step()
        self.meter.memory(40)
        if kind is float:
            return value if math.isfinite(value) else {"$float": repr(value)}
        if value is None or kind in (bool, int, str):
            return value
        self.meter.deeper(depth)
        if kind in _CONTAINERS:
            if id(value) in self.seen:
                return {"$same": self.seen[id(value)]}
            self.seen[id(value)] = len(self.seen)
            self.kept.append(value)
        return self.container(value, depth + 1)

    def all(self, values: Any, depth: int) -> list[Any]:
        return [self.write(v, depth) for v in values]

    def pairs(self, value: dict[Value, Value], depth: int) -> list[Any]:
        return [self.all(pair, depth) for pair in value.items()]

    def container(self, value: Value, depth: int) -> Any:
        kind = type(value)
        if kind is list:
            return self.all(value, depth)
        if kind in DICTS:
            return self.dict(value, depth)
        if kind in (tuple, SetValue):
            return {f"${class_name(value)}": self.all(value, depth)}
        if isinstance(value, Lazy):
            items = sizes.listed(self.meter, value)
            value.iterator = iter(list(items))
            return {"$iterator": [value.name, value.width, self.all(items, depth)]}
        if kind in _VIEWS:
            source = value.mapping
            return {"$view": [_VIEWS[kind], self.pairs(dict(source), depth)]}
        if is_exception(value):
            return {"$exception": [EXCEPTION_NAMES[kind], self.all(_arguments(value), depth)]}
        if kind is MatchValue:
            pattern = [value.pattern.pattern, value.pattern.flags]
            return {"$match": [value.text, [list(s) for s in value.spans], dict(value.names), pattern]}
        return _scalar(value)

    def dict(self, value: dict[Value, Value], depth: int) -> Any:
        kind = type(value)
        if kind is Record:
            return {"$record": {k: self.write(v, depth) for k, v in value.items()}}
        if kind is dict and all(type(k) is str and not k.startswith("$") for k in value):
            return {k: self.write(v, depth) for k, v in value.items()}
        if isinstance(value, defaultdict):
            factory = value.default_factory
            name = next((n for n, f in FACTORIES.items() if f is factory), None)
            return {"$defaultdict": [name, self.pairs(value, depth)]}
        return {"$Counter" if kind is Counter else "$dict": self.pairs(value, depth)}


def _arguments(error: BaseException) -> tuple[Value, ...]:
    if type(error) is MODULE_EXCEPTIONS["json.JSONDecodeError"]:
        return (error.msg, error.doc, error.pos)  # type: ignore[attr-defined]
    if isinstance(error, OSError) and type(error.filename) is str:
        return (*error.args, error.filename)
    return error.args


def _scalar(value: Value) -> Any:
    match value:
        case datetime() | date() | time():
            return {f"${class_name(value)}": value.isoformat()} | _moment(value)
        case timedelta():
            return {"$timedelta": [value.days, value.seconds, value.microseconds]}
        case timezone():
            return {"$timezone": _zone_parts(value)}
        case range():
            return {"$range": [value.start, value.stop, value.step]}
        case ClassValue(name=name):
            return {"$class": next(n for n, c in CLASSES.items() if c is value) if name else name}
        case PatternValue():
            return {"$pattern": [value.pattern, value.flags]}
        case _:
            raise OperationError("value", f"a `{type_name(value)}` can't be kept")


def _moment(value: date | time) -> dict[str, Any]:
    """Return what isoformat leaves out: which of two equal times it is, and a zone's own name."""
    zone = getattr(value, "tzinfo", None)
    parts = _zone_parts(zone) if zone is not None else []
    return ({"fold": 1} if getattr(value, "fold", 0) else {}) | ({"zone": parts} if len(parts) > 3 else {})


def _zone_parts(zone: Any) -> list[Any]:
    offset, *name = zone.__getinitargs__()
    return [offset.days, offset.seconds, offset.microseconds, *name]


class _Reader:
    """Reads one value; keeps the containers in the order in which they were written."""

    def __init__(self, meter: Meter) -> None:
        self.meter = meter
        self.known: list[Value] = []

    def read(self, data: Json, depth: int) -> Value:
        self.meter.step()
        self.meter.deeper(depth)
        if isinstance(data, list):
            return self.filled([], data, depth)
        if not isinstance(data, dict):
            return data
        tag = next(iter(data), "")
        if not tag.startswith("$"):
            return self.fields({}, data, depth)
        content: Any = data[tag]
        if tag == "$same":
            return self.known[content]
        if tag == "$record":
            return self.fields(Record(), content, depth)
        if tag in ("$dict", "$Counter", "$defaultdict"):
            return self.mapping(tag, content, depth)
        if tag == "$set":
            return self.set(content, depth)
        if tag == "$iterator":
            return self.iterator(content, depth)
        value = self.other(tag, content, depth)
        if "zone" in data:
            value = value.replace(tzinfo=_zone(data["zone"]))  # type: ignore[arg-type]
        return value.replace(fold=1) if "fold" in data else value

    def filled(self, out: list[Value], data: list[Json], depth: int) -> list[Value]:
        self.known.append(out)
        out += [self.read(item, depth + 1) for item in data]
        return out

    def fields(self, out: dict[Value, Value], data: dict[str, Json], depth: int) -> dict[Value, Value]:
        self.known.append(out)
        for key, item in data.items():
            out[key] = self.read(item, depth + 1)
        return out

    def set(self, data: list[Json], depth: int) -> SetValue:
        out = SetValue()
        self.known.append(out)
        for item in data:
            out.members[self.read(item, depth + 1)] = None
        return out

    def iterator(self, data: Any, depth: int) -> Lazy:
        name, width, items = data
        out = Lazy(name, iter(()), width)
        self.known.append(out)
        out.iterator = iter([self.read(item, depth + 1) for item in items])
        return out

    def mapping(self, tag: str, data: Any, depth: int) -> dict[Value, Value]:
        out: dict[Value, Value] = {}
        if tag == "$Counter":
            out = Counter()
        elif tag == "$defaultdict":
            name, data = data
            out = defaultdict(None if name is None else FACTORIES[name])
        self.known.append(out)
        for key, item in data:
            out[self.read(key, depth + 1)] = self.read(item, depth + 1)
        return out

    def other(self, tag: str, data: Any, depth: int) -> Value:
        match tag:
            case "$tuple":
                return tuple(self.read(item, depth + 1) for item in data)
            case "$view":
                pairs = {self.read(k, depth + 1): self.read(v, depth + 1) for k, v in data[1]}
                return {"keys": pairs.keys, "values": pairs.values, "items": pairs.items}[data[0]]()
            case "$exception":
                return EXCEPTION_KINDS[data[0]](*(self.read(a, depth + 1) for a in data[1]))
            case "$match":
                text, spans, names, pattern = data
                return MatchValue(text, tuple((s, e) for s, e in spans), names, PatternValue(*pattern))
            case _:
                return _SCALARS[tag](data)


def _zone(data: list[Any]) -> timezone:
    offset, name = timedelta(*data[:3]), data[3:]
    return timezone(offset, *name) if offset or name else UTC


_SCALARS: Final[dict[str, Callable[[Any], Value]]] = {
    "$class": CLASSES.__getitem__,
    "$date": date.fromisoformat,
    "$datetime": datetime.fromisoformat,
    "$float": float,
    "$pattern": lambda data: PatternValue(*data),
    "$range": lambda data: range(*data),
    "$time": time.fromisoformat,
    "$timedelta": lambda data: timedelta(*data),
    "$timezone": _zone,
}


def from_plain(value: Json) -> Value:
    """Return the result of a tool as a value of its own: each dict is a record."""
    if isinstance(value, dict):
        return Record({key: from_plain(item) for key, item in value.items()})
    return [from_plain(item) for item in value] if isinstance(value, list) else value


def to_plain(value: Value, meter: Meter | None = None) -> Json:
    """Return a value as a tool gets it: tuples as lists, keys as text, as `json.dumps` writes them.

    Raise OperationError for what JSON can't say.
    """
    return _plain(meter or Meter(), value, 0)


def _plain(meter: Meter, value: Value, depth: int) -> Json:
    meter.step()
    kind = type(value)
    if kind in (str, int, float, bool) or value is None:
        return value  # type: ignore[no-any-return]
    meter.deeper(depth + 1)
    if kind in (list, tuple):
        meter.memory(56 + 8 * len(value))
        return [_plain(meter, item, depth + 1) for item in value]
    if kind in DICTS:
        meter.memory(64 + 100 * len(value))
        return {_key(key): _plain(meter, item, depth + 1) for key, item in value.items()}
    name = class_name(value)
    help = _HELP.get(kind, "write str(…)" if is_exception(value) else "write list(…)")
    raise OperationError("value", f"a value of kind `{name}` can't be handed over as JSON", help)


def _key(key: Value) -> str:
    if type(key) is str:
        return key
    if key is None or type(key) is bool:
        return {None: "null", True: "true", False: "false"}[key]
    if type(key) in (int, float):
        return float.__repr__(key).replace("inf", "Infinity").replace("nan", "NaN") if type(key) is float else str(key)
    raise OperationError("value", f"a key of kind `{type_name(key)}` can't be handed over as JSON", "write str(…)")
