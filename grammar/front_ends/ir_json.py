"""Read the JSON form of the IR, which `lcc compile --emit json` prints, and say where in the text something is wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from lcc.grammar.diagnostics import Diagnostic, Rule, Severity
from lcc.grammar.diagnostics.terminal import shorten
from lcc.grammar.front_ends.ir_text import within_limits
from lcc.grammar.ir import Plan
from lcc.grammar.ir.json_form import IrJsonError, from_json
from lcc.grammar.limits import DEFAULT_LIMITS, TextLimits
from lcc.grammar.signatures import NO_TOOLS, Tools
from lcc.grammar.source import Source, Span
from lcc.grammar.syntax.parser import Parsed, check_text

NOT_IR: Final = Rule(
    "P037",
    "ir-json",
    "the text is not the JSON form of the IR",
    "The JSON form has a schema, and nothing is guessed where an object doesn't follow it.",
    '{"version": 2, "tasks": [{"id": 1, "tool": "search", "arguments": ["tides"]}]}\n',
    '{"version": 2, "tasks": [{"id": 1, "tool": "search", "args": [{"value": "tides"}]}]}\n',
    front_end="ir-json",
)
RULES: Final = (NOT_IR,)


def parse(text: str, *, path: str = "<json>", tools: Tools = NO_TOOLS, limits: TextLimits = DEFAULT_LIMITS) -> Parsed:
    """Read the JSON of a plan. Never raises for what the text holds."""
    source = Source(path, text)
    refused = check_text(text, limits)
    if refused:
        return Parsed(Plan(), (refused,), source)
    try:
        loaded = _loaded(text)
        places = _places(text)
        plan = from_json(loaded, places)
    except json.JSONDecodeError as error:
        return _refused(source, f"this is not JSON: {error.msg[:1].lower()}{error.msg[1:]}", Span(error.pos, error.pos))
    except _Twice:
        return _refused(source, *_second(text))
    except RecursionError:
        return _refused(source, "values are nested too deep", Span(0, 0))
    except IrJsonError as error:
        return _refused(source, error.message, _first(places.get(error.pointer, Span(0, 0)), text))
    return within_limits(Parsed(plan, (), source), limits)


def _refused(source: Source, message: str, span: Span) -> Parsed:
    return Parsed(Plan(), (Diagnostic(NOT_IR.code, Severity.ERROR, message, span),), source)


class _Twice(Exception):
    """A key stands twice in one object."""


def _loaded(text: str) -> Any:
    def whole(digits: str) -> int:
        most = DEFAULT_LIMITS.digits
        return int(digits) if len(digits) <= most else 10**most  # which the form refuses, with its place

    return json.loads(text, parse_int=whole, object_pairs_hook=_pairs)


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _Twice
    return found


@dataclass(slots=True)
class _Open:
    """An object or list that is open: at which key or place the text is."""

    keyed: bool
    key: str | int
    awaits_key: bool
    seen: set[str] = field(default_factory=set)


_WORD: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{},:]|[^\s\[\]{},:"]+')


def _second(text: str) -> tuple[str, Span]:
    """Return what to say of the first key that stands twice in one object."""
    for open_, word, at in _tokens(text):
        if open_ and open_[-1].awaits_key and word[0] == '"':
            key = json.loads(word)
            if key in open_[-1].seen:
                return f"the key `{shorten(key, 40)}` twice in one object", at
            open_[-1].seen.add(key)
    return "a key twice in one object", Span(0, 0)


def _places(text: str) -> dict[str, Span]:
    """Return where each value of a JSON text stands, by its pointer."""
    found: dict[str, Span] = {}
    begun: list[tuple[str, int]] = []
    for open_, word, at in _tokens(text):
        if word in ("}", "]"):
            pointer, start = begun.pop()
            found[pointer] = Span(start, at.end)
        elif word not in (",", ":") and not (open_ and open_[-1].awaits_key):
            pointer = f"{begun[-1][0]}/{open_[-1].key}" if begun else ""
            if word in ("{", "["):
                begun.append((pointer, at.start))
            else:
                found[pointer] = at
    return found


def _first(span: Span, text: str) -> Span:
    """Return where a value begins: of one that holds others, its bracket."""
    return Span(span.start, span.start + 1) if text[span.start : span.start + 1] in ("{", "[") else span


def _tokens(text: str) -> Iterator[tuple[list[_Open], str, Span]]:
    """Yield the tokens of a JSON text, each with what is open before it."""
    open_: list[_Open] = []
    for found in _WORD.finditer(text):
        word = found[0]
        yield open_, word, Span(*found.span())
        if word in ("{", "["):
            open_.append(_Open(word == "{", 0, word == "{"))
        elif word in ("}", "]"):
            open_.pop()
        elif word == "," and open_[-1].keyed:
            open_[-1].awaits_key = True
        elif word == ",":
            open_[-1].key = int(open_[-1].key) + 1
        elif open_ and open_[-1].awaits_key:
            open_[-1].key, open_[-1].awaits_key = json.loads(word), False
