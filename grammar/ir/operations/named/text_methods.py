"""The methods of texts. CPython's do the work; what makes a text is bounded first."""

from __future__ import annotations

from typing import Any, Final

from lcc.grammar.ir.operations.basis import sizes
from lcc.grammar.ir.operations.basis.kinds import Value
from lcc.grammar.ir.operations.basis.meter import Meter
from lcc.grammar.ir.operations.basis.operation import Operation, any_names, free, operation
from lcc.grammar.ir.operations.symbols.formatting import format_text
from lcc.grammar.signatures import ANY, BOOL, INT, STR, ListType


def _read(meter: Meter, self: str, *args: Value) -> None:
    meter.characters(len(self) + sum(len(a) for a in args if type(a) is str))


def _copied(meter: Meter, self: str, *args: Value) -> None:
    meter.new_text(
        3 * len(self) if not self.isascii() else len(self), self
    )  # `upper` makes three of one letter at most


def _wide(meter: Meter, self: str, width: Value = 0, *fill: Value) -> None:
    wanted = width if isinstance(width, int) else 0
    meter.new_text(max(len(self), wanted), self, *(f for f in fill if type(f) is str))


def _tabs(meter: Meter, self: str, tabsize: Value = 8) -> None:
    size = tabsize if isinstance(tabsize, int) else 0
    meter.new_text(len(self) + self.count("\t") * max(0, size), self)


def _replaced(meter: Meter, self: str, old: Value, new: Value, count: Value = -1) -> None:
    _read(meter, self)
    if type(old) is not str or type(new) is not str or not isinstance(count, int):
        return
    times = self.count(old)
    times = min(times, count) if count >= 0 else times
    meter.new_text(max(0, len(self) + times * (len(new) - len(old))), self, new)


_LARGE: Final = 1 << 18
"""Characters of a text whose bytes are checked before it is made."""
_SPACES: Final = " \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f"
_LINE_ENDS: Final = "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"


def _occurrences(text: str, letters: str) -> int:
    return sum(map(text.count, letters))


def _pieces(meter: Meter, self: str, *args: Value) -> None:
    """A piece takes 50 bytes beside its letters; there are at most as many as separators, plus one."""
    most = 1 + (_occurrences(self, _SPACES) if self.isascii() else len(self) // 2)
    if args and type(args[0]) is str:
        most = self.count(args[0]) + 1 if args[0] else 1
    if len(args) > 1 and isinstance(args[1], int) and args[1] >= 0:
        most = min(most, args[1] + 1)
    meter.new_items(most, 58)
    meter.new_text(len(self), self)


def _lines(meter: Meter, self: str, *args: Value) -> None:
    meter.new_items(1 + _occurrences(self, _LINE_ENDS), 58)
    meter.new_text(len(self), self)


def _three(meter: Meter, self: str, *args: Value) -> None:
    meter.new_text(len(self), self)
    meter.memory(200)


def _join(meter: Meter, self: str, iterable: Value) -> str:
    items = sizes.listed(meter, iterable)
    meter.elements(len(items))
    try:  # asking each text's length takes 2.5 times what joining takes; nothing in C that is faster bounds it
        size = sum(map(len, items)) + len(self) * len(items)
    except TypeError:
        return self.join(items)  # CPython says which is no text
    if size > _LARGE and set(map(type, items)) == {str}:
        meter.room(50 + (1 if self.isascii() and all(map(str.isascii, items)) else 4) * size)
    made = self.join(items)
    meter.new_text(len(made), made)
    return made


def _format(meter: Meter, self: str, /, *args: Value, **names: Value) -> str:
    return format_text(meter, self, args, names)


def _method(name: str, signature: str, result: Any, cost: Any) -> Operation:
    params = f"self: str, {signature}" if signature else "self: str, /"
    return operation(f"str.{name}", params, result, cost, getattr(str, name))


_TESTS = (
    "isalnum", "isalpha", "isascii", "isdecimal", "isdigit", "isidentifier", "islower", "isnumeric", "isprintable",
    "isspace", "istitle", "isupper",
)  # fmt: skip
_COPIES = ("capitalize", "casefold", "lower", "swapcase", "title", "upper")
_STRIPS = ("strip", "lstrip", "rstrip")
_WIDTHS = ("center", "ljust", "rjust")
_PLACES = ("find", "rfind", "index", "rindex", "count")
_PARTS = ("partition", "rpartition")
_ENDS = ("startswith", "endswith")
_BETWEEN = "start: integer|None = ..., end: integer|None = ..., /"

TEXT_METHODS: Final[dict[str, Operation]] = {
    **{n: _method(n, "", BOOL, _read) for n in _TESTS},
    **{n: _method(n, "", STR, _copied) for n in _COPIES},
    **{n: _method(n, "chars: str|None = None, /", STR, _copied) for n in _STRIPS},
    **{n: _method(n, "width: integer, fillchar: str = ' ', /", STR, _wide) for n in _WIDTHS},
    **{n: _method(n, f"sub: str, {_BETWEEN}", INT, _read) for n in _PLACES},
    **{n: _method(n, "sep: str, /", ANY, _three) for n in _PARTS},
    **{n: _method(n, f"prefix: str|tuple, {_BETWEEN}", BOOL, _read) for n in _ENDS},
    **{
        n: _method(n, "sep: str|None = None, maxsplit: integer = -1", ListType(STR), _pieces)
        for n in ("split", "rsplit")
    },
    "expandtabs": _method("expandtabs", "tabsize: integer = 8", STR, _tabs),
    "format": any_names("str.format", STR, _format),
    "join": operation("str.join", "self: str, iterable: iterable, /", STR, free, _join, metered=True, ordered=True),
    "removeprefix": _method("removeprefix", "prefix: str, /", STR, _copied),
    "removesuffix": _method("removesuffix", "suffix: str, /", STR, _copied),
    "replace": _method("replace", "old: str, new: str, count: integer = -1, /", STR, _replaced),
    "splitlines": _method("splitlines", "keepends: integer = False", ListType(STR), _lines),
    "zfill": _method("zfill", "width: integer, /", STR, _wide),
}
