"""Turn values into text: str and repr, format specs, f-string conversions, `%` and `.format` with plain fields.

CPython writes the text; widths, precisions and the size of what is written are bounded before it does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from string import Formatter
from typing import Final

from lcc.grammar.ir.operations.basis import sizes
from lcc.grammar.ir.operations.basis.kinds import (
    DICTS,
    SCALARS,
    ClassValue,
    MatchValue,
    Value,
    is_exception,
    is_value,
    plain_words,
)
from lcc.grammar.ir.operations.basis.meter import Meter, OperationError, OperationLimits, refused
from lcc.grammar.ir.operations.basis.operation import Operation, free, operation
from lcc.grammar.ir.operations.basis.tagged import to_plain
from lcc.grammar.signatures import STR
from lcc.grammar.values import to_text

_PARSER: Final = Formatter()
_LARGEST: Final = (1 << 63) - 1
_NUMBERS: Final = re.compile(r"\d+")
_FIELD: Final = re.compile(
    r"%(\([^()]*\)|(?P<nested>\())?[#0\- +]*(?P<width>\*|[0-9]*)(\.(?P<precision>\*|[0-9]*))?[hlL]?.?", re.DOTALL
)
_TIME_FORMAT: Final = re.compile(r"(?:[^%]|%[aAbBcdfGHIjmMpSuUVwWxXyYzZ%])*")
_LONGEST_TIME_FORMAT: Final = 200
_SHOWN: Final = OperationLimits(steps=100_000)
_AUTOMATIC: Final = "cannot switch from manual field specification to automatic field numbering"
_MANUAL: Final = "cannot switch from automatic field numbering to manual field specification"


def text_of(meter: Meter, value: Value) -> str:
    """Evaluate `str(value)`."""
    kind = type(value)
    if kind is str:
        return value  # type: ignore[no-any-return]
    if kind in SCALARS:
        return _integer(meter, value) if kind is int else str(value)
    if is_exception(value) and len(value.args) == 1 and type(value.args[0]) is str and not isinstance(value, KeyError):
        return value.args[0]
    meter.room(4 * _written(meter, value))
    return _made(meter, str(value))


def own_text(error: BaseException) -> str:
    """Return what an exception says, alike in every Python; nothing where that is too much to write."""
    if not is_value(error) or not all(map(is_value, error.args)):
        return str(error)
    try:
        return plain_words(text_of(Meter(_SHOWN), error))
    except OperationError:
        return ""


def repr_of(meter: Meter, value: Value) -> str:
    """Evaluate `repr(value)`."""
    if type(value) is int:
        return _integer(meter, value)
    if type(value) in SCALARS and type(value) is not str:
        return repr(value)
    meter.room(4 * _written(meter, value))
    return _made(meter, repr(value))


def _made(meter: Meter, text: str) -> str:
    """Return a text for which there was room; use what it takes."""
    meter.new_text(len(text), text)
    return text


def ascii_of(meter: Meter, value: Value) -> str:
    """Evaluate `ascii(value)`."""
    meter.new_text(10 * _written(meter, value))
    return ascii(value)


def _written(meter: Meter, value: Value) -> int:
    return sizes.walk(meter, value, cycles=True)


def _integer(meter: Meter, value: int) -> str:
    bits = value.bit_length()
    if bits > 64:
        meter.product(bits, bits)
    return str(value)


def check_widths(meter: Meter, numbers: Sequence[str]) -> None:
    """Use the memory of texts as wide as the numbers in a format say; CPython refuses what no text can be."""
    for number in numbers:
        digits = number.lstrip("0")
        if len(digits) <= 19 and int(digits or "0") <= _LARGEST:
            meter.room(4 * int(digits or "0"))
            meter.characters(int(digits or "0"))


def check_time_format(text: str) -> None:
    """Raise OperationError for a format of dates that isn't plain: its meaning may differ between systems."""
    if len(text) > _LONGEST_TIME_FORMAT or not _TIME_FORMAT.fullmatch(text):
        raise refused(
            "the format of a date holds a directive that isn't plain", "use %Y, %m, %d, %H, %M, %S and the like"
        )


def format_value(meter: Meter, value: Value, spec: str = "", conversion: str | None = None) -> str:
    """Evaluate `f"{value!conversion:spec}"`, or the builtin format."""
    if conversion is not None:
        value = convert(meter, value, conversion)
    if not spec:
        return text_of(meter, value)
    kind = type(value)
    meter.characters(len(spec))
    if kind in (date, datetime, time):
        check_time_format(spec)
    elif kind in (bool, int, float, str):
        meter.room(4 * (sizes.scalar_size(value) * 2 + 320))
        check_widths(meter, _NUMBERS.findall(spec))
    return _made(meter, format(value, spec))


def convert(meter: Meter, value: Value, conversion: str) -> str:
    """Evaluate the conversion of a field: `s`, `r` or `a`."""
    match conversion:
        case "s":
            return text_of(meter, value)
        case "r":
            return repr_of(meter, value)
        case "a":
            return ascii_of(meter, value)
        case _:
            raise ValueError(f"Unknown conversion specifier {conversion}")


def percent(meter: Meter, text: str, values: Value) -> str:
    """Evaluate `text % values`."""
    if type(values) is MatchValue:
        raise refused("a match can't be the values of `%`", "use an f-string")
    meter.characters(len(text))
    size = len(text)
    fields = 0
    for field in _FIELD.finditer(text):
        fields += 1
        if field["nested"] or "*" in (field["width"], field["precision"]):
            raise refused("a field of `%` must be plain", "use an f-string")
        check_widths(meter, [n for n in (field["width"], field["precision"]) if n])
    meter.step(fields)
    if type(values) in DICTS:
        largest = max((_shown(meter, v) for v in values.values()), default=0)
        size += fields * max(largest, len(values) and _shown(meter, values))
    elif type(values) is tuple:
        size += sum(_shown(meter, v) for v in values)
    else:
        size += _shown(meter, values)
    meter.room(4 * size)
    return _made(meter, text % values)


def _shown(meter: Meter, value: Value) -> int:
    if type(value) is float:
        return 400
    return _written(meter, value)


def format_text(meter: Meter, text: str, args: Sequence[Value], names: Mapping[str, Value]) -> str:
    """Evaluate `text.format(*args, **names)`; a field is a place or a name, its spec may hold such fields."""
    return _Fields(meter, args, names).fill(text, 2)


class _Fields:
    """The fields of one text, which are numbered by the text or by their order, never both."""

    def __init__(self, meter: Meter, args: Sequence[Value], names: Mapping[str, Value]) -> None:
        self.meter = meter
        self.args = args
        self.names = names
        self.next: int | None = 0

    def fill(self, text: str, depth: int) -> str:
        """Return a text with its fields filled in."""
        if depth == 0:
            raise ValueError("Max string recursion exceeded")
        self.meter.characters(len(text))
        out = []
        for literal, name, spec, conversion in _PARSER.parse(text):
            self.meter.step()
            out.append(literal)
            if name is not None:
                value = self._value(name)
                if conversion:
                    value = convert(self.meter, value, conversion)
                out.append(format_value(self.meter, value, self.fill(spec, depth - 1) if spec else ""))
        self.meter.new_text(sum(map(len, out)), *out)
        return "".join(out)

    def _value(self, name: str) -> Value:
        if any(c in name for c in ".[]"):
            raise refused("a field of format must be a plain name or number", "use an f-string")
        if name and not name.isdecimal():
            return self.names[name]
        if not name:
            if self.next is None:
                raise ValueError(_AUTOMATIC)
            place = self.next
            self.next += 1
        else:
            if self.next:
                raise ValueError(_MANUAL)
            self.next = None
            place = int(name) if len(name) < 20 else _LARGEST
        if place >= len(self.args):
            raise IndexError(f"Replacement index {place} out of range for positional args tuple")
        return self.args[place]


def _print(meter: Meter, values: Sequence[Value], sep: str | None = None, end: str | None = None) -> str:
    for name, given in (("sep", sep), ("end", end)):
        if given is not None and type(given) is not str:
            raise TypeError(f"{name} must be None or a string, not {type(given).__name__}")
    texts = [text_of(meter, v) for v in values]
    sep, end = " " if sep is None else sep, "\n" if end is None else end
    meter.new_text(sum(map(len, texts)) + len(sep) * len(texts) + len(end), *texts, sep, end)
    return sep.join(texts) + end


def _print_values(meter: Meter, sep: Value, end: Value, *values: Value) -> str:
    return _print(meter, values, sep, end)


def _f_string(meter: Meter, *parts: str) -> str:
    meter.new_text(sum(map(len, parts)), *parts)
    return "".join(parts)


def _text(meter: Meter, value: Value = "") -> str:
    return str(value) if type(value) is ClassValue else text_of(meter, value)


def _plan_text(meter: Meter, value: Value) -> str:
    if type(value) is str:
        return value
    meter.room(4 * _written(meter, value))
    return _made(meter, to_text(to_plain(value, meter)))


FORMATTING: Final[dict[str, Operation]] = {
    "str": operation("str", "object = ''", STR, free, _text, metered=True),
    "repr": operation("repr", "obj, /", STR, free, repr_of, metered=True),
    "ascii": operation("ascii", "obj, /", STR, free, ascii_of, metered=True),
    "format": operation("format", "value, format_spec: str = '', /", STR, free, format_value, metered=True),
    "print": operation(
        "print", "*, sep: str|None = None, end: str|None = None, *values", STR, free, _print_values, metered=True
    ),
}
"""The builtins that make text. `print` returns the text that it prints; whoever evaluates keeps it."""

FIELDS: Final[dict[str, Operation]] = {
    "field": operation(
        "field", "value, spec: str = '', conversion: str|None = None", STR, free, format_value, metered=True
    ),
    "f-string": operation("f-string", "*parts: str", STR, free, _f_string, metered=True),
    "text": operation("text", "value", STR, free, _plan_text, metered=True),
}
"""What an f-string is made of: each field, and the parts put together. `text`: the text that plan files give a value."""
