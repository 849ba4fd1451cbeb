"""Read calls that are laid out in lines: tables, labelled lines and YAML. All become the objects of `call_keys`.

    Tool: tide               - tool: tide               | Tool | Input   |
    Input: "Brest"             args:                    |------|---------|
                                 port: Brest            | tide | "Brest" |

Blocks are read by their indentation, scalars and flow values by the tolerant reader.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from textwrap import dedent
from typing import Any, Final, NamedTuple

from lcc.grammar.lenient.calls.call_keys import (
    AFTER_KEYS,
    ARGUMENT_KEYS,
    ASIDE_KEYS,
    ID_KEYS,
    LIST_KEYS,
    TOOL_KEYS,
    CallKeys,
    plain_key,
)
from lcc.grammar.lenient.marks.dialect import LOOSE_END
from lcc.grammar.lenient.marks.prefaces import CALLS, LABELS, STEPS
from lcc.grammar.limits import TextLimits
from lcc.grammar.reading.headings import KINDS
from lcc.grammar.reading.loose_values import NotUnderstood, Values
from lcc.grammar.signatures import Signature
from lcc.grammar.source import Span
from lcc.grammar.tolerant.tail import AFTER

TABLE: Final = re.compile(
    r"^[ \t]*\|(?P<head>.*)\|[ \t]*\r?\n[ \t]*\|(?:[ \t]*:?-+:?[ \t]*\|)+[ \t]*\r?$(?P<rows>(?:\n[ \t]*\|.*\|[ \t]*\r?$|)*+)",
    re.MULTILINE,
)
_CELL: Final = re.compile(r"(?:\A|\|)((?:[^|\\`\"']|\\.|`[^`]*`|\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|[\"'`])*)")
_FIELD: Final = re.compile(
    r"(?P<indent>[ \t]*)(?P<dash>(?:(?:[-*•+]|[0-9]{1,4}[.)])[ \t]+)*)(?P<key>(?:\*\*|__|`)?[^\W\d_][\w #-]{0,30}(?:\*\*|__|`)?)[ \t]*[:：](?:\*\*|__)?(?:[ \t]+|(?=[\"'{\[`])|\Z)(?P<value>.*)\Z"
)
_LINE: Final = re.compile(r"[^\r\n]+")
_CALLED: Final = re.compile(r"([A-Za-z_][\w./-]*+)\((.*)\)")
_KEYS: Final = frozenset([*TOOL_KEYS, *AFTER_KEYS, *ID_KEYS, "arguments"])
_NUMBERS: Final = frozenset(ID_KEYS) - frozenset(TOOL_KEYS)
_NUMBER: Final = re.compile(
    rf"[*_`]{{0,2}}(?:(?:{LABELS}) ?)?(?:[#$]?[A-Za-z]?_?\d{{1,6}}(?:\.\d{{1,3}})?[.)]?|[A-Za-z])[*_`]{{0,2}}|[-–—]|",
    re.IGNORECASE,
)
"""What a cell of a column of numbers holds."""
_HEADING: Final = re.compile(rf"[ \t]*(?:#{{1,6}}[ \t]+|\*\*|__)?(?:{LABELS})?[ \t]*(?P<n>\d{{1,6}})\b", re.IGNORECASE)
_TITLE: Final = re.compile(r"[ \t]*(?:#{1,6}[ \t]+|\*\*|__|\d)[^()\[\]{}\"'`$?!]*[^()\[\]{}\"'`$?!:：\s][ \t]*\Z")
"""A heading of a step, which may have a title."""
_WORDS: Final = {
    "zweck": "purpose", "objetivo": "purpose", "but": "purpose", "目的": "purpose", "#": "id", "№": "id", "nr": "id", "nº": "id", "no.": "id", "n": "id",
}  # fmt: skip
_MEANT: Final = {
    "step": re.compile(STEPS, re.IGNORECASE), "tool": re.compile(CALLS, re.IGNORECASE), "after": re.compile(AFTER, re.IGNORECASE),
}  # fmt: skip
_KINDS: Final = {"action": "tool", "input": "arguments", "thought": "thought"}
"""The keys that headings of agents mean, where they are no keys themselves."""
_QUOTES: Final = "`\"' "
_KEY: Final = re.compile(r"(?P<key>[^\W\d][\w .-]*?|\"[^\"\\]+\"|'[^'\\]+')[ \t]*:(?=[ \t]|\Z)[ \t]*")
_DASH: Final = re.compile(r"-(?=[ \t]|\Z)[ \t]*")
_COMMENT: Final = re.compile(r"(?:\A|[ \t])#.*\Z")
_ENDS: Final = rf"[ \t]*(?:(?:\d{{1,9}}[.)] ?)?join\(?\)?|```|~~~)\s*$|(?i:{LOOSE_END.pattern})"
_YAML: Final = re.compile(
    rf"^(?:(?:{'|'.join(LIST_KEYS)})[ \t]*:[ \t]*\r?\n(?=[ \t]*-[ \t])|(?=[ \t]*-[ \t]+(?:{'|'.join((*TOOL_KEYS, 'id', 'step', 'thought'))})[ \t]*:)"
    rf"|(?=(?:tool|function|name)[ \t]*:.*\n(?:{'|'.join(ARGUMENT_KEYS)})[ \t]*:))(?:(?!{_ENDS}).*(?:\n|\Z)|)*+",
    re.MULTILINE,
)
"""A list of mappings, or a mapping of calls, up to the end of the plan: nothing else stands there."""
_BELOW: Final = re.compile(
    r"^[ \t]+(?:-[ \t]+)?[\w-]+[ \t]*:|^(?![ \t]*-)[\w-]+[ \t]*:(?=[ \t]*\r?\n[ \t])", re.MULTILINE
)


def key_of(written: str) -> str:
    """Return a key of the table that a heading or a label means; `arguments` for all that is an input."""
    key = plain_key(written.strip("*_` \t"))
    if key in ARGUMENT_KEYS:
        return "arguments"
    if key in TOOL_KEYS or key in _WORDS:
        return _WORDS.get(key, key)
    said = key.replace("_", " ")
    meant = next((one for one, words in _MEANT.items() if words.fullmatch(said)), key)
    return _KINDS.get(KINDS.get(said, ""), meant)


def read_table(keys: CallKeys, spans: list[tuple[int, int]]) -> None:
    """Read the tables whose columns are tools and arguments."""
    for table in TABLE.finditer(keys.values.text):
        header = [key_of(cell) for cell in _cells(table["head"])]
        if not any(key in TOOL_KEYS for key in header):
            continue
        if len(set(header)) < len(header):
            raise NotUnderstood("two columns of this table say the same", *table.span("head"))
        spans.append((table.start(), table.start("rows")))
        for line in _LINE.finditer(keys.values.text, *table.span("rows")):
            spans.append(line.span())
            _record(_row(header, _cells(line[0].strip()[1:-1]), line.span()), keys, Span(*line.span()))


def _row(header: list[str], cells: list[str], span: tuple[int, int]) -> dict[str, Any]:
    if len(cells) != len(header):
        raise NotUnderstood("this row has another number of cells than the table", *span)
    row = dict(zip(header, cells, strict=True))
    odd = next((cell for key, cell in row.items() if key in _NUMBERS and not _NUMBER.fullmatch(cell)), None)
    if odd is not None:
        raise NotUnderstood(f"{odd!r} is no number of a step", *span)
    return {key: cell for key, cell in row.items() if cell not in ("", "-", "–", "—")}


def read_fields(keys: CallKeys, spans: list[tuple[int, int]]) -> None:
    """Read lines of `Tool: …` and `Input: …`."""
    fields = _Fields(keys)
    spans += [found.span() for found in _LINE.finditer(keys.values.text) if fields.take(found)]
    fields.flush()


def has_fields(text: str) -> bool:
    """Whether a line names a tool behind a label."""
    return any(key_of(found["key"]) in TOOL_KEYS for found in map(_FIELD.match, text.splitlines()) if found)


@dataclass(slots=True)
class _Fields:
    """The fields of one call after the other. `block`: where the arguments stand, below a key for all of them that has the depth `top`."""

    keys: CallKeys
    row: dict[str, Any] = field(default_factory=dict)
    number: str | None = None
    start: int = 0
    end: int = 0
    top: int = 0
    block: tuple[int, int] | None = None

    def flush(self) -> None:
        """End a call."""
        if self.block is not None:
            self.row["arguments"] = BlockYaml(self.keys.values, *self.block).read() or {}
        if self.row:
            _record(self.row, self.keys, Span(self.start, self.end))
        self.row, self.block = {}, None

    def take(self, line: re.Match[str]) -> bool:
        """Take a line; return whether it says something about a call."""
        found = _FIELD.match(line[0])
        depth = len(found["indent"]) + len(found["dash"]) if found else 0
        if found and self.block is not None and depth > self.top:
            self.block = self.block[0], line.end()
        elif found is None or not self._field(line, key_of(found["key"]), found["value"].strip(), depth):
            return self._heading(line)
        self.end = line.end()
        return True

    def _field(self, line: re.Match[str], key: str, value: str, depth: int) -> bool:
        """Take what is said about a call; return whether it is."""
        begins = key in TOOL_KEYS and (not self.row or any(k in TOOL_KEYS or k == "arguments" for k in self.row))
        if begins and (self.row or self.keys.names.find(value.strip(_QUOTES))):
            number = self.number or "".join(filter(str.isdigit, line[0][:depth]))
            self.flush()
            self.start, self.number = line.start(), None
            self.row = {"id": number} if number else {}
        elif begins or not (self.row and (key in _KEYS or key in ASIDE_KEYS)):
            return False
        if key in self.row or (key == "arguments" and self.block is not None):
            raise NotUnderstood("this is said twice about one call", *line.span())
        if key == "arguments" and not value:
            self.block, self.top = (line.end(), line.end()), depth
        else:
            self.row[key] = value
        return True

    def _heading(self, line: re.Match[str]) -> bool:
        heading = _HEADING.match(line[0])
        if heading is None:
            return False
        self.flush()
        self.number = heading["n"]
        return _TITLE.match(line[0]) is not None


def _record(row: dict[str, Any], keys: CallKeys, span: Span) -> None:
    """Take the call that a record says. Its arguments are an object, or stand as in a call, there or behind the tool's name."""
    given = row.pop("arguments", "")
    fields: dict[str, Any] = {
        key: [part for part in re.split(r"[\s,;]+", cell.strip("[]`")) if part]
        if key in AFTER_KEYS
        else cell.strip(_QUOTES)
        for key, cell in row.items()
    }
    tool = next((key for key in TOOL_KEYS if _CALLED.match(str(fields.get(key, "")))), None)
    if tool is not None and not given:
        called = _CALLED.fullmatch(str(fields[tool]))
        if called is None:
            raise NotUnderstood("what follows this call is not understood", *span)
        fields[tool], given = called.groups()
    key = keys.tool_key(fields)
    if key is None:
        keys.take(fields, span)
        return
    named = fields.pop(key)
    signature = keys.names.signature(keys.name(named))
    args = [*given.items()] if isinstance(given, dict) else _arguments(given, signature, keys.values.limits, span)
    keys.add(named, args, span, fields)


def _arguments(given: str, signature: Signature | None, limits: TextLimits, span: Span) -> list[tuple[str | None, Any]]:
    """Read the arguments of a cell or a field: an object, arguments as in a call, or one text for a tool with one parameter."""
    text = given.strip()
    if len(text) > 1 and text[0] == text[-1] == "`":
        text = text[1:-1].strip()
    if text.casefold() in ("", "none", "()", "n/a", "{}"):
        return []
    try:
        args, _ = Values(text, limits).arguments(0, "")
    except NotUnderstood as odd:
        if signature is None or len(signature.parameters) != 1 or re.search(r"[\"'{}\[\]()=:]|[;,] ", text):
            raise NotUnderstood(f"these arguments can't be read: {odd.message}", *span) from None
        return [(None, text)]
    match args:
        case [(None, dict() as named)]:
            return [*named.items()]
    return args


def _cells(row: str) -> list[str]:
    return [cell[1].strip().replace("\\|", "|") for cell in _CELL.finditer(row)]


def yaml_at(text: str) -> tuple[int, int] | None:
    """Return where lines stand that are YAML; bullets with bold or quoted words are not, nor those that nothing stands below."""
    for found in _YAML.finditer(text):
        if _BELOW.search(found[0]) and not re.search(r"\*\*|`", found[0]):
            return found.span()
    return None


def read_yaml(keys: CallKeys, spans: list[tuple[int, int]], place: tuple[int, int]) -> None:
    """Read the block of YAML that stands at a place."""
    spans.append(place)
    keys.values.bare = True
    keys.take(BlockYaml(keys.values, *place).read(), Span(*place))


class _Line(NamedTuple):
    """A line: its indentation, where its text begins, and the text."""

    indent: int
    at: int
    text: str


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
        while self._next < len(self._lines) and line.indent == indent:
            dash, key = _DASH.match(line.text), _KEY.match(line.text)
            if isinstance(made, list) and dash:
                made.append(self._value(line, dash.end(), depth, True))
            elif isinstance(made, list) or dash:
                break
            elif key is None:
                raise NotUnderstood("a key and a colon belong here", line.at, line.at + len(line.text))
            elif (name := key["key"].strip("\"'")) in made:
                raise NotUnderstood(f"key {name!r} occurs twice", line.at, line.at + len(line.text))
            else:
                made[name] = self._value(line, key.end(), depth, False)
            line = self._lines[min(self._next, len(self._lines) - 1)]
        last = self._lines[self._next - 1]
        return self._values.placed(made, start, last.at + len(last.text))

    def _value(self, line: _Line, begun: int, depth: int, item: bool) -> Any:
        """Read what begins behind a dash or a colon."""
        rest = _COMMENT.sub("", line.text[begun:]).rstrip()
        if item and (_KEY.match(rest) or _DASH.match(rest)):
            self._lines[self._next] = _Line(line.indent + begun, line.at + begun, rest)
            return self._block(line.indent + begun, depth + 1)
        self._next += 1
        if not rest:
            return self._inner(line.indent, depth, item)
        return self._folded(line, rest) if rest in ("|", ">", "|-", ">-") else self._scalar(rest, line.at + begun)

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
        if text[0] in "&*!%@`|>":
            raise NotUnderstood("this YAML is not understood", at, at + len(text))
        if text[0] not in "\"'[{":
            return literal_in(text, self._limits, text)
        value, end = self._values.value(at)
        if end - at != len(text):
            raise NotUnderstood("what follows this value is not understood", at, at + len(text))
        return value


def literal_in(text: str, limits: TextLimits, other: Any) -> Any:
    """Return the value that a text is, and `other` where it is none. Nothing may stand behind a scalar."""
    values = Values(text, limits)
    try:
        value, end = values.value(0)
    except NotUnderstood:
        return other
    return value if (values.space(end) if isinstance(value, dict | list) else end) == len(text) else other
