"""Say what a whole text is, and read it: which form is decided by what stands in it, never by trial."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, NamedTuple, TypeAlias

from lcc.grammar.diagnostics import Diagnostic
from lcc.grammar.lenient.calls.call_keys import CallKeys
from lcc.grammar.lenient.calls.settle import Read
from lcc.grammar.lenient.forms.call_records import TABLE, has_fields, read_fields, read_table, read_yaml, yaml_at
from lcc.grammar.lenient.forms.programs import is_program, read_as_program
from lcc.grammar.lenient.forms.units import ITEM, MARKS, WRAPPER, Units, quoted
from lcc.grammar.lenient.marks.accounting import mark_read
from lcc.grammar.lenient.marks.dialect import LOOSE_END, THOUGHT
from lcc.grammar.lenient.marks.heads import read_head
from lcc.grammar.lenient.marks.lines import NOTHING, Line, line_of
from lcc.grammar.lenient.marks.prefaces import LABELS, is_preface
from lcc.grammar.limits import TextLimits
from lcc.grammar.reading.loose_values import NotUnderstood, Values
from lcc.grammar.reading.thoughts import blank, blank_out, channels, thoughts
from lcc.grammar.source import Span
from lcc.grammar.tolerant.tool_names import ToolNames

_JOIN: Final = re.compile(r"[ \t]*(?:\d+\.[ \t]*)?join\(")
_LINES: Final = re.compile(r"[^\r\n]+")
_STATEMENTS: Final = re.compile(r"[^\r\n]*?(\"\"\"|''')[\s\S]*?\1[^\r\n]*|[^\r\n]+")
"""The lines of a program, those of a text in three quotes as one."""
_SAYING: Final = re.compile(r"[ \t]*#(?:#|.*[:：][ \t]*\Z)|\"\"\"|'''|\"[^\"]*\"[ \t]*\Z|'[^']*'[ \t]*\Z")
"""What stands in a program as a comment, and may be meant to say something about its calls: a heading, what announces, a text."""
_FENCE: Final = re.compile(
    rf"^[ \t]*(?:(?:{LABELS})[ \t]*[:：][ \t]*)?(?:```|~~~)[ \t]*(?P<language>[\w+.-]*)[ \t]*(?:<end_code>)?[ \t]*\r?$",
    re.MULTILINE | re.IGNORECASE,
)
_PROGRAMS: Final = frozenset(
    ["py", "python", "python3", "ipython", "tool_code", "js", "javascript", "ts", "typescript", "jsx"]
)
_YAML: Final = frozenset(["yaml", "yml"])
_DATA: Final = re.compile(
    rf"^[ \t]*{ITEM}(?:functools(?=\[))?(?:[{{\[]\s*[\"'“{{\[\w]|\{{\s*\}})", re.MULTILINE | re.IGNORECASE
)
_CALLS: Final = re.compile(r"^[ \t]*\[\s*[A-Za-z_][\w.]*\(", re.MULTILINE)
_TAG: Final = re.compile(r"^[ \t]*<([A-Za-z_][\w.-]*)>", re.MULTILINE)
_NODES: Final = re.compile(r"<node-\d|[<{$#\[ _-]0[>}\]]|<(?:GENERATED>-|resource-)0")

Spans: TypeAlias = list[tuple[int, int]]


class Whole(NamedTuple):
    """What was read of a text as a whole. `text` has marks in the place of it, `first` is where the first of its calls stands, `prose` where it may say something."""

    form: str
    text: str
    first: Span
    reads: tuple[Read, ...]
    diagnostics: tuple[Diagnostic, ...] = ()
    prose: Span | None = None


class _Fence(NamedTuple):
    """What a fence says that it holds, and where that stands."""

    language: str
    start: int
    end: int


def read_whole(text: str, names: ToolNames, limits: TextLimits, earlier: frozenset[int]) -> tuple[str, Whole | None]:
    """Return the text without thoughts and channels, with marks for what was read, and what that says; None where it is a plan of
    numbered calls, or nothing.

    `earlier`: the ids of calls before it. What isn't understood raises NotUnderstood.
    """
    spoken = blank_out(text, channels(text))
    asides = list(thoughts(spoken))
    if not all(aside.closed for aside in asides):
        return text, None
    text = blank_out(spoken, asides)
    if _numbered(text, names):
        return text, None
    found = _form(text, names, limits, max(earlier, default=0) + 1)
    return (text, None) if found is None else (found.text, found)


def _form(text: str, names: ToolNames, limits: TextLimits, first: int) -> Whole | None:
    """Return what a text says in the form that it has."""
    fences = _fences(text)
    program = any(fence.language in _PROGRAMS for fence in fences)
    yaml = None if program else next((fence[1:] for fence in fences if fence.language in _YAML), None) or yaml_at(text)
    if not program and (MARKS.search(text) or any(f[1] in names.tools for f in _TAG.finditer(text))):
        found = _wrapped_program(text, names, limits, first)
        return found or _calls(
            "tool calls", quoted(text), names, limits, first, lambda keys, spans: Units(keys, spans).read(True)
        )
    if not program and (_CALLS.search(text) or _DATA.search(text)):
        return _calls("data", text, names, limits, first, lambda keys, spans: Units(keys, spans).read(False))
    if TABLE.search(text):
        return _calls("a table", text, names, limits, first, read_table)
    if yaml is not None:
        return _calls("YAML", text, names, limits, first, lambda keys, spans: read_yaml(keys, spans, yaml))
    if program or is_program(text):
        return _program(text, names, limits, first)
    return _calls("labelled lines", text, names, limits, first, read_fields) if has_fields(text) else None


def _calls(
    form: str, text: str, names: ToolNames, limits: TextLimits, first: int, read: Callable[[CallKeys, Spans], None]
) -> Whole | None:
    """Return the calls that a reader finds in a text; None if it finds none."""
    spans: Spans = []
    keys = CallKeys(Values(text, limits), names)
    read(keys, spans)
    if not keys.calls:
        return None
    reads = keys.reads(0 if _NODES.search(text) else 1)
    return Whole(form, mark_read(text, sorted(spans)), reads[0].call.span, reads)


def _numbered(text: str, names: ToolNames) -> bool:
    for found in _LINES.finditer(text):
        head = read_head(text, found.start(), names)
        if head is not None and head.numbered and head.tool != "join":
            return True
    return False


def _wrapped_program(text: str, names: ToolNames, limits: TextLimits, first: int) -> Whole | None:
    """Read a program in tags that only delimit."""
    text = WRAPPER.sub(lambda found: blank(found[0]), text)
    return _program(text, names, limits, first) if is_program(text) else None


def _fences(text: str) -> list[_Fence]:
    """Return what stands in the fences of a text."""
    marks = list(_FENCE.finditer(text))
    ends = [*(mark.start() for mark in marks[1::2]), len(text)]
    return [_Fence(mark["language"].casefold(), mark.end(), end) for mark, end in zip(marks[::2], ends, strict=False)]


def _program(text: str, names: ToolNames, limits: TextLimits, first: int) -> Whole | None:
    """Read the program in the fences, or the lines of a text that are no asides."""
    fences, said = _fences(text), None
    if fences:
        spans = [(start, end) for _, start, end in fences if text[start:end].strip()]
        if len(spans) > 1:
            raise NotUnderstood("this is a second program; a plan is one", *spans[1])
        outside = blank_out(text, spans)
        spans += [line.span() for line in _LINES.finditer(outside) if _JOIN.match(line[0])]
    else:
        lines = list(_STATEMENTS.finditer(text))
        said = next((Span(*line.span()) for line in lines if _SAYING.match(line[0]) and not is_preface(line[0])), None)
        spans = [line.span() for line in lines if line[1] or not _is_aside(line[0], names)]
    spans = sorted((s, e) for s, e in spans if text[s:e].strip())
    between = zip((0, *(end for _, end in spans)), (*(start for start, _ in spans), len(text)), strict=True)
    made = read_as_program(blank_out(text, list(between)), names, limits, first)
    if made is None:
        raise NotUnderstood("there is no call in this program", 0, code="R044")
    reads, diagnostics = made
    return Whole(
        "a program", mark_read(text, spans), reads[0].call.span if reads else Span(*spans[0]), reads, diagnostics, said
    )


def _is_aside(line: str, names: ToolNames) -> bool:
    if not line.strip() or THOUGHT.match(line) or (LOOSE_END.match(line)):
        return True
    if re.match(r"[ \t]*[)\]}#]", line):
        return False
    if NOTHING.match(line) and not re.match(r"[\s\"'()\[\]{},]*\Z", line):
        return True
    kind = line_of(line, names)
    return kind in (Line.PREFACE, Line.LABEL, Line.OBSERVATION, Line.FENCE) or (
        kind is Line.PROSE
        and not is_program(line)
        and re.search(r"[=({\[]|^[ \t]", line) is None
        and re.match(r"[ \t]*(?:pass|return|break|continue|else|try|finally)\b", line) is None
    )
