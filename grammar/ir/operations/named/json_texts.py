"""`json.dumps` and `json.loads`: CPython's, on values whose size and depth are known."""

from __future__ import annotations

import json
import re
from json.encoder import encode_basestring_ascii
from typing import Any, Final

from lcc.grammar.ir.operations.basis import sizes
from lcc.grammar.ir.operations.basis.kinds import ClassValue, Value, class_name, type_name
from lcc.grammar.ir.operations.basis.meter import Meter, refused
from lcc.grammar.ir.operations.basis.operation import Operation, free, operation
from lcc.grammar.ir.operations.symbols.formatting import text_of
from lcc.grammar.signatures import ANY, STR

_TEXTS: Final = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+|)*+(?:"|\\?\Z)', re.DOTALL)
_BYTES_A_VALUE: Final = 80
_PART: Final = 1 << 16


def _dumps(
    meter: Meter,
    obj: Value,
    skipkeys: Value = False,
    ensure_ascii: Value = True,
    indent: Value = None,
    separators: Value = None,
    default: Value = None,
    sort_keys: Value = False,
) -> str:
    found = sizes.size(meter, obj, text_size=_written)
    size = found.characters
    if type(indent) in (int, bool, str):
        size += found.values * (found.depth + 1) * max(0, len(indent) if type(indent) is str else indent)
    if separators is not None:
        if type(separators) not in (list, tuple) or not all(type(s) is str for s in separators):
            raise refused("separators are two texts")
        size += found.values * sum(map(len, separators))
    meter.characters(size)
    meter.room(size if ensure_ascii else 4 * size)
    if sort_keys:
        meter.step(found.values * found.values.bit_length() // 16)

    if default is not None and not (type(default) is ClassValue and default.name == "str"):
        raise refused("the only default of json.dumps is str", "turn values into text before: str(x)")
    if indent is separators is default is None and not skipkeys and ensure_ascii and not sort_keys:
        encoder = _PLAIN
    else:
        write = _no_json if default is None else lambda value: text_of(meter, value)
        flags = {"skipkeys": bool(skipkeys), "ensure_ascii": bool(ensure_ascii), "sort_keys": bool(sort_keys)}
        encoder = json.JSONEncoder(**flags, check_circular=False, indent=indent, separators=separators, default=write)
    text = encoder.encode(obj)
    meter.new_text(len(text), text)
    return text


def _no_json(value: Value) -> Any:
    raise TypeError(f"Object of type {class_name(value)} is not JSON serializable")


_PLAIN: Final = json.JSONEncoder(check_circular=False, default=_no_json)


def _written(text: str) -> int:
    """Return how many characters a text takes at most: a part at a time, since one may take twelve."""
    parts = (text[at : at + _PART] for at in range(0, len(text), _PART)) if len(text) > _PART else (text,)
    return 2 + sum(len(encode_basestring_ascii(part)) - 2 for part in parts)


def _loads(meter: Meter, s: Value) -> Value:
    if type(s) is not str:
        raise TypeError(f"the JSON object must be str, bytes or bytearray, not {type_name(s)}")
    meter.characters(len(s))
    values = _most_values(s)
    if _BYTES_A_VALUE * values > meter.limits.memory // 4:  # its texts may hold commas and brackets
        bare, texts = _TEXTS.subn("", s)
        values = texts + _most_values(bare)
    meter.step(values // 4)
    meter.memory(len(s) * (1 if s.isascii() else 4) + _BYTES_A_VALUE * values)
    try:
        made = json.loads(s)
    except RecursionError:
        meter.deeper(len(s))
        raise
    meter.deeper(sizes.depth_of(made))
    return made


def _most_values(text: str) -> int:
    """Return how many values JSON holds at most."""
    return text.count('"') // 2 + 2 * (text.count("[") + text.count("{")) + text.count(",")


JSON: Final[dict[str, Operation]] = {
    "dumps": operation(
        "dumps",
        "obj, *, skipkeys = False, ensure_ascii = True, indent: integer|str|None = None, separators = None, default = None, "
        "sort_keys = False",
        STR, free, _dumps, metered=True, ordered=True,
    ),
    "loads": operation("loads", "s: str", ANY, free, _loads, metered=True),
}  # fmt: skip
