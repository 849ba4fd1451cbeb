"""Read calls that are laid out: tables, bullets of tool and input, YAML. Rows and records become the objects of `call_keys`."""

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
from lcc.grammar.lenient.marks.prefaces import LABELS
from lcc.grammar.lenient.marks.tool_names import ToolNames
from lcc.grammar.limits import TextLimits
from lcc.grammar.reading.loose_values import NotUnderstood, Values
from lcc.grammar.signatures import Signature
from lcc.grammar.source import Span

_ROW: Final = re.compile(r"[ \t]*\|(.*)\|[ \t]*\Z")
_RULE: Final = re.compile(r"[ \t]*\|(?:[ \t]*:?-+:?[ \t]*\|)+[ \t]*\Z")
_CELL: Final = re.compile(r"(?:[^|\\`\"']|\\.|`[^`]*`|\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|[\"'`])*")
_FIELD: Final = re.compile(
    r"(?P<indent>[ \t]*)(?P<dash>(?:(?:[-*•+]|[0-9]{1,4}[.)])[ \t]+)*)(?P<key>(?:\*\*|__|`)?[^\W\d_][\w #-]{0,30}(?:\*\*|__|`)?)[ \t]*[:：](?:\*\*|__)?(?:[ \t]+|(?=[\"'{\[`])|\Z)(?P<value>.*)\Z"
)
_LINE: Final = re.compile(r"[^\r\n]+")
_CALLED: Final = re.compile(r"[A-Za-z_][\w./-]*\(")
_NUMBER_KEYS: Final = frozenset(["#", "№", "nr", "nº", "no.", "n"])
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
    "werkzeug": "tool", "outil": "tool", "herramienta": "tool", "ferramenta": "tool", "strumento": "tool", "инструмент": "tool", "工具": "tool",
    "ツール": "tool", "도구": "tool", "الأداة": "tool", "eingabe": "input", "argumente": "arguments", "parameter": "arguments", "entrée": "input",
    "entrada": "input", "argumentos": "arguments", "parámetros": "arguments", "parâmetros": "arguments", "argomenti": "arguments", "ввод": "input",
    "аргументы": "arguments", "параметры": "arguments", "输入": "input", "参数": "arguments", "入力": "input", "引数": "arguments", "입력": "input",
    "인수": "arguments", "المدخلات": "input", "schritt": "step", "étape": "step", "paso": "step", "passo": "step", "шаг": "step", "步骤": "step",
    "ステップ": "step", "단계": "step", "gedanke": "thought", "zweck": "purpose", "objetivo": "purpose", "but": "purpose", "目的": "purpose",
}  # fmt: skip
"""Keys of tables and bullets in other languages."""


def key_of(written: str) -> str:
    """Return a key of the table that a heading or a label means."""
    key = plain_key(written.strip().strip("*_`").strip())
    return "id" if key in _NUMBER_KEYS else _WORDS.get(key, key)


def read_table(keys: CallKeys, spans: list[tuple[int, int]]) -> None:
    """Read a table whose columns are tools and arguments."""
    header: list[str] | None = None
    previous: tuple[int, str] | None = None
    for found in _LINE.finditer(keys.values.text):
        line, at = found[0], found.start()
        if _RULE.match(line):
            if header is None and previous is not None:
                header = [key_of(cell) for cell in _cells(previous[1])]
                if not any(key in TOOL_KEYS for key in header) and not ({"name"} & set(header)):
                    return
                spans += [(previous[0], previous[0] + len(previous[1])), found.span()]
            continue
        if _ROW.match(line) and header is not None:
            cells = _cells(line)
            if len(cells) != len(header):
                raise NotUnderstood("this row has another number of cells than the table", at, found.end())
            spans.append(found.span())
            odd = next(
                (c for k, c in zip(header, cells, strict=True) if k in _NUMBERS and not _NUMBER.fullmatch(c)), None
            )
            if odd is not None:
                raise NotUnderstood(f"{odd!r} is no number of a step", at, found.end())
            row = {key: cell for key, cell in zip(header, cells, strict=True) if cell not in ("", "-", "–", "—")}
            _record(row, keys, Span(*found.span()))
        previous = (at, line) if _ROW.match(line) else None


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
    """The fields of one call after the other. `within`: how far the keys of arguments are indented at least, below a key for all."""

    keys: CallKeys
    row: dict[str, Any] = field(default_factory=dict)
    number: str | None = None
    start: int = 0
    end: int = 0
    top: int = 0
    within: int | None = None

    def flush(self) -> None:
        """End a call."""
        if self.row:
            _record(self.row, self.keys, Span(self.start, self.end))
            self.row, self.within = {}, None

    def take(self, line: re.Match[str]) -> bool:
        """Take a line; return whether it says something about a call."""
        found = _FIELD.match(line[0])
        if found is None:
            return self._heading(line)
        key, depth = key_of(found["key"]), len(found["indent"]) + len(found["dash"])
        below = self.within is not None and depth > self.within
        if self.row and (
            below or (depth > self.top and key not in TOOL_KEYS and _takes(self.row, found["key"], self.keys.names))
        ):
            given = self.row.setdefault("arguments", {})
            if not isinstance(given, dict):
                raise NotUnderstood("the arguments of this call are given twice", *line.span())
            bare = found["value"].strip().strip("`").strip()
            given[found["key"].strip().strip("*_`")] = literal_in(bare, self.keys.values.limits, bare)
        elif not self._field(line, found, key, depth):
            return False
        self.end = line.end()
        return True

    def _field(self, line: re.Match[str], found: re.Match[str], key: str, depth: int) -> bool:
        value = found["value"].strip()
        if not (
            key in TOOL_KEYS
            or key in ARGUMENT_KEYS
            or key in AFTER_KEYS
            or key in ID_KEYS
            or (self.row and key in ASIDE_KEYS)
        ):
            return self._heading(line)
        self.within = None
        if key in TOOL_KEYS and not (self.row and not any(k in TOOL_KEYS or k in ARGUMENT_KEYS for k in self.row)):
            if not self.row and not self.keys.names.find(value.strip("`\"' ")):
                return False
            self.flush()
            self.start, self.top = line.start(), depth
            number = self.number or "".join(filter(str.isdigit, found["dash"]))
            self.row, self.number = {"id": number} if number else {}, None
        elif not self.row:
            return False
        if key in self.row or (key in ARGUMENT_KEYS and "arguments" in self.row):
            raise NotUnderstood("this is said twice about one call", *line.span())
        self.row[key if value or key not in ARGUMENT_KEYS else "arguments"] = value or (
            {} if key in ARGUMENT_KEYS else value
        )
        self.within = depth if key in ARGUMENT_KEYS and not value else None
        return True

    def _heading(self, line: re.Match[str]) -> bool:
        heading = _HEADING.match(line[0])
        if heading is None:
            return False
        self.flush()
        self.number = heading["n"]
        return _TITLE.match(line[0]) is not None


def _takes(row: dict[str, Any], key: str, names: ToolNames) -> bool:
    """Whether a key below a tool is one of its parameters."""
    tool = next((value for k, value in row.items() if k in TOOL_KEYS), "")
    signature = names.signature(names.find(str(tool).strip("`\"' ")) or "")
    return signature is not None and signature.parameter(key.strip().strip("*_`")) is not None


def _record(row: dict[str, Any], keys: CallKeys, span: Span) -> None:
    fields: dict[str, Any] = {}
    for key, cell in row.items():
        if key in ARGUMENT_KEYS:
            fields["arguments"] = cell
        elif key in AFTER_KEYS:
            fields[key] = [part for part in re.split(r"[\s,;]+", cell.strip("[]`")) if part]
        else:
            fields[key] = cell.strip().strip("`\"'") if isinstance(cell, str) else cell
    given = fields.pop("arguments", "")
    tool_key = next((k for k in TOOL_KEYS if _CALLED.match(str(fields.get(k, "")))), None)
    if tool_key is not None and not given:
        values = Values(fields[tool_key], keys.values.limits)
        try:
            fields[tool_key], args, end = values.call(0)
        except NotUnderstood as odd:
            raise NotUnderstood(odd.message, span.start, span.end) from None
        if end != len(values.text):
            raise NotUnderstood("what follows this call is not understood", span.start, span.end)
        given = {name or f"#{place}": value for place, (name, value) in enumerate(args)}
    before = len(keys.calls)
    keys.take(fields, span)
    for said in keys.calls[before:]:
        said.args = (
            [(None if k.startswith("#") else k, v) for k, v in given.items()]
            if isinstance(given, dict)
            else _arguments(given, keys.names.signature(said.tool), keys.values.limits, span)
        )


def _arguments(given: str, signature: Signature | None, limits: TextLimits, span: Span) -> list[tuple[str | None, Any]]:
    """Read the arguments of a cell or a field: an object, arguments as in a call, or one text for a tool with one parameter."""
    text = given.strip()
    if len(text) > 1 and text[0] == text[-1] == "`":
        text = text[1:-1].strip()
    if not text or text.casefold() in ("none", "()", "n/a", "{}"):
        return []
    values = Values(text, limits)
    try:
        if text.startswith("{"):
            value, end = values.value(0)
            if values.space(end) == len(text):
                return list(value.items())
        args, _ = values.arguments(0, "")
    except NotUnderstood as odd:
        if signature is None or len(signature.parameters) != 1 or re.search(r"[\"'{}\[\]()=:]|[;,] ", text):
            raise NotUnderstood(f"these arguments can't be read: {odd.message}", span.start, span.end) from None
        return [(None, text)]
    return args


def literal_in(text: str, limits: TextLimits, other: Any) -> Any:
    """Return the value that a text is, and `other` where it is none. Nothing may stand behind a scalar."""
    values = Values(text, limits)
    try:
        value, end = values.value(0)
    except NotUnderstood:
        return other
    return value if (values.space(end) if isinstance(value, dict | list) else end) == len(text) else other


def _cells(line: str) -> list[str]:
    found = _ROW.match(line)
    inner = found[1] if found else ""
    cells, at = [], 0
    while True:
        cell = _CELL.match(inner, at)
        end = cell.end() if cell else at
        cells.append(inner[at:end].strip().replace("\\|", "|"))
        if end >= len(inner):
            return cells
        at = end + 1
