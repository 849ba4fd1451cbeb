"""Dates and times: what makes them, their methods and attributes. Zones are fixed offsets from UTC.

Now and today are the instant of the run, an aware datetime that whoever evaluates hands over as the first argument: nothing here
reads a clock, or the zone of the machine.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any, Final

from lcc.grammar.ir.operations.basis.kinds import Value
from lcc.grammar.ir.operations.basis.meter import Meter, refused
from lcc.grammar.ir.operations.basis.operation import OMITTED, Operation, free, operation
from lcc.grammar.ir.operations.symbols.formatting import check_time_format
from lcc.grammar.signatures import ANY, FLOAT, INT, STR

_LONGEST: Final = 200


def _text(meter: Meter, *args: Value) -> None:
    if any(type(a) is str and len(a) > _LONGEST for a in args):
        raise refused(f"a date is written in at most {_LONGEST} characters")


def _strftime(self: Any, format: str) -> str:
    if type(format) is not str:
        raise TypeError(f"strftime() argument 1 must be str, not {type(format).__name__}")
    check_time_format(format)
    return self.strftime(format)  # type: ignore[no-any-return]


def _strptime(text: str, format: str) -> datetime:
    for at, given in enumerate((text, format), 1):
        if type(given) is not str:
            raise TypeError(f"strptime() argument {at} must be str, not {type(given).__name__}")
    check_time_format(format)
    return datetime.strptime(text, format)


def _now(instant: datetime, tz: Value = None) -> datetime:
    return instant.replace(tzinfo=None) if tz is None else instant.astimezone(_zone(tz))


def _zone(tz: Value) -> timezone:
    if type(tz) is not timezone:
        raise TypeError(f"tzinfo argument must be None or of a tzinfo subclass, not type '{type(tz).__name__}'")
    return tz


def _today(instant: datetime) -> date:
    return instant.date()


def _from_timestamp(timestamp: Value, tz: Value = None) -> datetime:
    if tz is None:
        raise refused("fromtimestamp without a zone depends on the machine", "add tz=timezone.utc")
    return datetime.fromtimestamp(timestamp, _zone(tz))


def _timestamp(self: datetime) -> float:
    if self.tzinfo is None:
        raise refused(
            "the timestamp of a time without a zone depends on the machine", "use .replace(tzinfo=timezone.utc)"
        )
    return self.timestamp()


def _astimezone(self: datetime, tz: Value = None) -> datetime:
    if tz is None or self.tzinfo is None:
        raise refused(
            "a time without a zone, or without a target, depends on the machine", "name the zone: timezone.utc"
        )
    return self.astimezone(_zone(tz))


def _replace(self: Any, *parts: Value) -> Any:
    names = _PARTS[type(self)]
    return self.replace(**{n: v for n, v in zip(names, parts, strict=False) if v is not OMITTED})


_DATE_PARTS: Final = ("year", "month", "day")
_TIME_PARTS: Final = ("hour", "minute", "second", "microsecond", "tzinfo")
_SPAN_PARTS: Final = ("days", "seconds", "microseconds")
_PARTS: Final[dict[type, tuple[str, ...]]] = {date: _DATE_PARTS, time: _TIME_PARTS, datetime: _DATE_PARTS + _TIME_PARTS}


def _replacing(name: str, kind: type) -> Operation:
    return operation(f"{name}.replace", "self, " + ", ".join(f"{p} = ..." for p in _PARTS[kind]), ANY, free, _replace)


def _method(name: str, signature: str, result: Any, kind: Any) -> Operation:
    return operation(name, signature, result, free, getattr(kind, name.partition(".")[2]))


_CLASSES: Final = (
    operation("date", "year: integer, month: integer, day: integer", ANY, free, date),
    operation("datetime", "year: integer, month: integer, day: integer, hour: integer = 0, minute: integer = 0, "
              "second: integer = 0, microsecond: integer = 0, tzinfo: None|date = None", ANY, free, datetime),
    operation("time", "hour: integer = 0, minute: integer = 0, second: integer = 0, microsecond: integer = 0, "
              "tzinfo: None|date = None", ANY, free, time),
    operation("timedelta", "days: number = 0, seconds: number = 0, microseconds: number = 0, milliseconds: number = 0, "
              "minutes: number = 0, hours: number = 0, weeks: number = 0", ANY, free, timedelta),
    operation("timezone", "offset, name: str = ..., /", ANY, _text, timezone),
)  # fmt: skip

_STATICS: Final = (
    operation("date.today", "instant, /", ANY, free, _today, ordered=True, clock=True),
    operation("date.fromisoformat", "text: str, /", ANY, _text, date.fromisoformat),
    operation("date.fromordinal", "ordinal: integer, /", ANY, free, date.fromordinal),
    operation("datetime.now", "instant, tz = None", ANY, free, _now, ordered=True, clock=True),
    operation("datetime.today", "instant, /", ANY, free, _now, ordered=True, clock=True),
    operation("datetime.utcnow", "instant, /", ANY, free, lambda instant: _now(instant.astimezone(UTC)),
              ordered=True, clock=True),
    operation("datetime.fromisoformat", "text: str, /", ANY, _text, datetime.fromisoformat),
    operation("datetime.fromtimestamp", "timestamp: number, tz = None", ANY, free, _from_timestamp),
    operation("datetime.combine", "date, time", ANY, free, datetime.combine),
    operation("datetime.strptime", "text: str, format: str, /", ANY, _text, _strptime),
    operation("time.fromisoformat", "text: str, /", ANY, _text, time.fromisoformat),
)  # fmt: skip
DATETIME: Final[dict[str, Operation]] = {o.name: o for o in (*_CLASSES, *_STATICS)}
"""What stands in the module datetime, by its name there."""

_DATE_METHODS: Final = {
    "isoweekday": INT,
    "isoformat": STR,
    "toordinal": INT,
    "weekday": INT,
    "ctime": STR,
}


def _dated(name: str, kind: type) -> dict[str, Operation]:
    out = {m: _method(f"{name}.{m}", "self, /", result, kind) for m, result in _DATE_METHODS.items()}
    out["strftime"] = operation(f"{name}.strftime", "self, format: str", STR, _text, _strftime)
    out["replace"] = _replacing(name, kind)
    return out


_ZONED: Final = {"utcoffset": ANY, "tzname": ANY}

TIME_METHODS: Final[dict[type, dict[str, Operation]]] = {
    date: _dated("date", date),
    datetime: _dated("datetime", datetime) | {
        "isoformat": _method("datetime.isoformat", "self, sep: str = 'T', timespec: str = 'auto'", STR, datetime),
        "date": _method("datetime.date", "self, /", ANY, datetime),
        "time": _method("datetime.time", "self, /", ANY, datetime),
        "timestamp": operation("datetime.timestamp", "self, /", FLOAT, free, _timestamp),
        "astimezone": operation("datetime.astimezone", "self, tz = None", ANY, free, _astimezone),
        **{m: _method(f"datetime.{m}", "self, /", t, datetime) for m, t in _ZONED.items()},
    },
    time: {
        "isoformat": _method("time.isoformat", "self, timespec: str = 'auto'", STR, time),
        "strftime": operation("time.strftime", "self, format: str", STR, _text, _strftime),
        "replace": _replacing("time", time),
        **{m: _method(f"time.{m}", "self, /", t, time) for m, t in _ZONED.items()},
    },
    timedelta: {"total_seconds": _method("timedelta.total_seconds", "self, /", FLOAT, timedelta)},
    timezone: {},
}  # fmt: skip

TIME_ATTRIBUTES: Final[dict[type, tuple[str, ...]]] = {**_PARTS, timedelta: _SPAN_PARTS, timezone: ()}
