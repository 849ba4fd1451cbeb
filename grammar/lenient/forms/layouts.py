"""Read calls that are laid out: tables, and lines of tool and input. Rows and records become the objects of `call_keys`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final

from lcc.grammar.lenient.calls.call_keys import (
    AFTER_KEYS,
    ARGUMENT_KEYS,
    ASIDE_KEYS,
    ID_KEYS,
    TOOL_KEYS,
    CallKeys,
    plain_key,
)
from lcc.grammar.lenient.forms.block_yaml import BlockYaml
from lcc.grammar.lenient.marks.prefaces import LABELS
from lcc.grammar.limits import TextLimits
from lcc.grammar.reading.headings import KINDS
from lcc.grammar.reading.loose_values import NotUnderstood, Values
from lcc.grammar.signatures import Signature
from lcc.grammar.source import Span

_ROW: Final = re.compile(r"[ \t]*\|(.*)\|[ \t]*\Z")
_RULE: Final = re.compile(r"[ \t]*\|(?:[ \t]*:?-+:?[ \t]*\|)+[ \t]*\Z")
_CELL: Final = re.compile(r"(?:\A|\|)((?:[^|\\`\"']|\\.|`[^`]*`|\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|[\"'`])*)")
_FIELD: Final = re.compile(
    r"(?P<indent>[ \t]*)(?P<dash>(?:(?:[-*•+]|[0-9]{1,4}[.)])[ \t]+)*)(?P<key>(?:\*\*|__|`)?[^\W\d_][\w #-]{0,30}(?:\*\*|__|`)?)[ \t]*[:：](?:\*\*|__)?(?:[ \t]+|(?=[\"'{\[`])|\Z)(?P<value>.*)\Z"
)
_LINE: Final = re.compile(r"[^\r\n]+")
_CALLED: Final = re.compile(r"[A-Za-z_][\w./-]*\(")
_KEYS: Final = frozenset([*TOOL_KEYS, *AFTER_KEYS, *ID_KEYS, "arguments"])
_NUMBERS: Final = frozenset(ID_KEYS) - frozenset(TOOL_KEYS)
_NUMBER: Final = re.compile(
    rf"[*_`]{{0,2}}(?:(?:{LABELS}) ?)?(?:[#$]?[A-Za-z]?_?\d{{1,6}}(?:\.\d{{1,3}})?[.)]?|[A-Za-z])[*_`]{{0,2}}|[-–—]|",
    re.IGNORECASE,
)
"""What a cell of a column of numbers holds."""
_HEADING: Final = re.compile(
    r"[ \t]*(?:#{1,6}[ \t]+|\*\*|__)?(?:step|task|action|call|schritt|étape|paso|passo|шаг|步骤|ステップ|단계)?[ \t]*(?P<n>\d{1,6})\b",
    re.IGNORECASE,
)
_TITLE: Final = re.compile(r"[ \t]*(?:#{1,6}[ \t]+|\*\*|__|\d)[^()\[\]{}\"'`$?!]*[^()\[\]{}\"'`$?!:：\s][ \t]*\Z")
"""A heading of a step, which may have a title."""
_WORDS: Final = {
    "schritt": "step", "étape": "step", "paso": "step", "passo": "step", "шаг": "step", "步骤": "step", "ステップ": "step", "단계": "step",
    "zweck": "purpose", "objetivo": "purpose", "but": "purpose", "目的": "purpose", "#": "id", "№": "id", "nr": "id", "nº": "id", "no.": "id", "n": "id",
}  # fmt: skip
_KINDS: Final = {"action": "tool", "input": "arguments", "thought": "thought"}
"""The keys that headings of agents mean, where they are no keys themselves."""
_QUOTES: Final = "`\"' "


def key_of(written: str) -> str:
    """Return a key of the table that a heading or a label means; `arguments` for all that is an input."""
    key = plain_key(written.strip("*_` \t"))
    if key in ARGUMENT_KEYS:
        return "arguments"
    return key if key in TOOL_KEYS else _WORDS.get(key) or _KINDS.get(KINDS.get(key.replace("_", " "), ""), key)


def read_table(keys: CallKeys, spans: list[tuple[int, int]]) -> None:
    """Read a table whose columns are tools and arguments."""
    header: list[str] = []
    above: re.Match[str] | None = None
    for line in _LINE.finditer(keys.values.text):
        if _RULE.match(line[0]):
            if not header and above is not None:
                header = [key_of(cell) for cell in _cells(above[0])]
                if not any(key in TOOL_KEYS for key in header):
                    return
                if len(set(header)) < len(header):
                    raise NotUnderstood("two columns of this table say the same", *above.span())
                spans += [above.span(), line.span()]
        elif not _ROW.match(line[0]):
            above = None
        elif header:
            spans.append(line.span())
            _record(_row(header, _cells(line[0]), line.span()), keys, Span(*line.span()))
        else:
            above = line


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
        if found is None:
            return self._heading(line)
        depth = len(found["indent"]) + len(found["dash"])
        if self.block is not None and depth > self.top:
            self.block = self.block[0], line.end()
        elif not self._field(line, key_of(found["key"]), found["value"].strip(), depth):
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
    args = [*given.items()] if isinstance(given, dict) else None
    tool = next((key for key in TOOL_KEYS if _CALLED.match(str(fields.get(key, "")))), None)
    if tool is not None and not given:
        values = Values(str(fields[tool]), keys.values.limits)
        try:
            fields[tool], args, end = values.call(0)
        except NotUnderstood as odd:
            raise NotUnderstood(odd.message, *span) from None
        if end != len(values.text):
            raise NotUnderstood("what follows this call is not understood", *span)
    key = keys.tool_key(fields)
    if key is None:
        keys.take(fields, span)
        return
    named = fields.pop(key)
    if args is None:
        args = _arguments(given, keys.names.signature(keys.name(named)), keys.values.limits, span)
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


def _cells(line: str) -> list[str]:
    found = _ROW.match(line)
    return [cell[1].strip().replace("\\|", "|") for cell in _CELL.finditer(found[1])] if found else []
