"""Read YAML as models write plans in it: lists and mappings by indentation, scalars and flow values by the tolerant reader."""

from __future__ import annotations

import re
from textwrap import dedent
from typing import Any, Final, NamedTuple

from lcc.grammar.lenient.calls.call_keys import LIST_KEYS, TOOL_KEYS, CallKeys, plain_key
from lcc.grammar.lenient.marks.dialect import LOOSE_END
from lcc.grammar.limits import TextLimits
from lcc.grammar.reading.loose_values import NotUnderstood, Values
from lcc.grammar.source import Span

_KEY: Final = re.compile(r"(?P<key>[^\W\d][\w .-]*?|\"[^\"\\]+\"|'[^'\\]+')[ \t]*:(?=[ \t]|\Z)[ \t]*")
_DASH: Final = re.compile(r"-(?=[ \t]|\Z)[ \t]*")
_COMMENT: Final = re.compile(r"(?:\A|[ \t])#.*\Z")
_LINE: Final = re.compile(r"[^\r\n]+")
_BEGINS: Final = re.compile(r"[ \t]*(?P<dash>-[ \t]+)?(?P<key>[^\W\d][\w -]*+):(?:[ \t]+|\Z)(?P<value>.*)")
_FIRST: Final = frozenset([*TOOL_KEYS, "id", "step", "thought"])
_BELOW: Final = re.compile(r"[ \t]+(?:-[ \t]+)?[\w-]+[ \t]*:|(?:args|arguments|parameters|input|params):")
_ITEM: Final = re.compile(r"[ \t]*-[ \t]")
_ENDS: Final = re.compile(r"\s*(?:(?:\d{1,9}[.)] ?)?join\(?\)?|```|~~~)\s*\Z")


class _Line(NamedTuple):
    """A line: its indentation, where its text begins, and the text."""

    indent: int
    at: int
    text: str


def yaml_at(text: str) -> tuple[int, int] | None:
    """Return where lines stand that begin as a list of mappings, or as a mapping of calls, do."""
    lines = list(_LINE.finditer(text))
    for place, line in enumerate(lines):
        begun = _BEGINS.match(line[0])
        if begun and _goes_on(begun, lines[place + 1][0] if place + 1 < len(lines) else ""):
            return line.start(), next((one.start() for one in lines[place + 1 :] if _ends(one[0])), len(text))
    return None


def _goes_on(begun: re.Match[str], below: str) -> bool:
    """Whether a line begins YAML, with what stands below it; bold or quoted words do not, nor bullets below a bullet."""
    key, dash, value = plain_key(begun["key"]), begun["dash"], begun["value"]
    if not ((dash and key in _FIRST) or (not value and key in LIST_KEYS) or key in ("tool", "function", "name")):
        return False
    item = _ITEM.match(below)
    if "**" in below or "`" in below or (dash and value and item and item[0][0] != "-"):
        return False
    return _BELOW.match(below) is not None or (not value and item is not None)


def _ends(line: str) -> bool:
    return _ENDS.match(line) is not None or LOOSE_END.match(line) is not None


def read_yaml(keys: CallKeys, spans: list[tuple[int, int]], place: tuple[int, int]) -> None:
    """Read the block of YAML that stands at a place."""
    spans.append(place)
    keys.values.bare = True
    keys.take(BlockYaml(keys.values, *place).read(), Span(*place))


class BlockYaml:
    """Read the lines of one block. Places are those of the whole text."""

    def __init__(self, values: Values, start: int, end: int) -> None:
        self._values, self._limits = values, values.limits
        self._lines: list[_Line] = []
        self._next = 0
        for found in _LINE.finditer(values.text, start, end):
            line = found[0].rstrip()
            bare = line.lstrip(" ")
            if bare and not bare.startswith("#") and bare not in ("---", "..."):
                if bare.startswith("\t"):
                    raise NotUnderstood("YAML is indented by spaces", found.start())
                self._lines.append(_Line(len(line) - len(bare), found.start() + len(line) - len(bare), bare))

    def read(self) -> Any:
        """Return the value of the block."""
        if not self._lines:
            return None
        value = self._block(self._lines[0].indent, 0)
        if self._next < len(self._lines):
            left = self._lines[self._next]
            raise NotUnderstood("this line is indented as no other", left.at, left.at + len(left.text))
        return value

    def _block(self, indent: int, depth: int) -> Any:
        if depth > self._limits.nesting:
            raise NotUnderstood("blocks are nested more deeply than the limit", self._lines[self._next].at, code="P013")
        line = self._lines[self._next]
        start = line.at
        made: Any = [] if _DASH.match(line.text) else {}
        while self._next < len(self._lines):
            line = self._lines[self._next]
            if line.indent != indent or isinstance(made, list) != bool(_DASH.match(line.text)):
                break
            if isinstance(made, list):
                made.append(self._item(line, depth))
            else:
                self._pair(line, made, depth)
        last = self._lines[self._next - 1]
        return self._values.placed(made, start, last.at + len(last.text))

    def _item(self, line: _Line, depth: int) -> Any:
        dash = _DASH.match(line.text)
        shift = dash.end() if dash else 0
        rest = line.text[shift:]
        if not rest:
            self._next += 1
            return self._inner(line.indent, depth, True)
        if _KEY.match(rest) or _DASH.match(rest):
            self._lines[self._next] = _Line(line.indent + shift, line.at + shift, rest)
            return self._block(line.indent + shift, depth + 1)
        self._next += 1
        return self._scalar(rest, line.at + shift)

    def _pair(self, line: _Line, made: dict[str, Any], depth: int) -> None:
        found = _KEY.match(line.text)
        if found is None:
            raise NotUnderstood("a key and a colon belong here", line.at, line.at + len(line.text))
        key = found["key"].strip("\"'")
        if key in made:
            raise NotUnderstood(f"key {key!r} occurs twice", line.at, line.at + len(line.text))
        self._next += 1
        rest = _COMMENT.sub("", line.text[found.end() :])
        if rest in ("|", ">", "|-", ">-"):
            made[key] = self._folded(line, rest)
        else:
            made[key] = self._scalar(rest, line.at + found.end()) if rest else self._inner(line.indent, depth, False)

    def _inner(self, indent: int, depth: int, item: bool) -> Any:
        if self._next >= len(self._lines):
            return None
        line = self._lines[self._next]
        if line.indent > indent or (line.indent == indent and not item and _DASH.match(line.text)):
            return self._block(line.indent, depth + 1)
        return None

    def _folded(self, above: _Line, style: str) -> str:
        """Read a text that stands on the lines below its key."""
        start = end = above.at + len(above.text)
        while self._next < len(self._lines) and self._lines[self._next].indent > above.indent:
            end = self._lines[self._next].at + len(self._lines[self._next].text)
            self._next += 1
        lines = dedent(self._values.text[start:end]).strip("\r\n").splitlines()
        said = "\n".join(lines) if style[0] == "|" else " ".join(line.strip() for line in lines if line.strip())
        return said if style.endswith("-") else f"{said}\n"

    def _scalar(self, text: str, at: int) -> Any:
        text = _COMMENT.sub("", text).strip()
        if text[:1] in ("&", "*", "!", "%", "@", "`", "|", ">"):
            raise NotUnderstood("this YAML is not understood", at, at + len(text))
        if text[:1] in ('"', "'", "[", "{"):
            reader, begin = (self._values, at) if text[0] in "[{" else (Values(text, self._limits), 0)
            value, end = reader.value(begin)
            if end - begin != len(text):
                raise NotUnderstood("what follows this value is not understood", at, at + len(text))
            return value
        return literal_in(text, self._limits, text)


def literal_in(text: str, limits: TextLimits, other: Any) -> Any:
    """Return the value that a text is, and `other` where it is none. Nothing may stand behind a scalar."""
    values = Values(text, limits)
    try:
        value, end = values.value(0)
    except NotUnderstood:
        return other
    return value if (values.space(end) if isinstance(value, dict | list) else end) == len(text) else other
