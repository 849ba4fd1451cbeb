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
from lcc.grammar.lenient.forms.units import DATA, MARKS, WRAPPER, Units, quoted
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


def read_whole(text: str, names: ToolNames, limits: TextLimits) -> tuple[str, Whole | None]:
    """Return the text without thoughts and channels, with marks for what was read, and what that says; None where it is a plan of
    numbered calls, or nothing. What isn't understood raises NotUnderstood.
    """
    spoken = blank_out(text, channels(text))
    asides = list(thoughts(spoken))
    if not all(aside.closed for aside in asides):
        return text, None
    text = blank_out(spoken, asides)
    heads = (read_head(text, line.start(), names) for line in _LINES.finditer(text))
    if any(head is not None and head.numbered and head.tool != "join" for head in heads):
        return text, None
    found = _Text(text, names, limits).form()
    return (text, None) if found is None else (found.text, found)


class _Text:
    """A text that is read as a whole. `fences`: what each says that it holds, and where that stands."""

    def __init__(self, text: str, names: ToolNames, limits: TextLimits) -> None:
        self.text, self.names, self.limits = text, names, limits
        marks = list(_FENCE.finditer(text))
        ends = [*(mark.start() for mark in marks[1::2]), len(text)]
        within = zip(marks[::2], ends, strict=False)
        self.fences = [(mark["language"].casefold(), (mark.end(), end)) for mark, end in within]

    def form(self) -> Whole | None:
        """Return what a text says in the form that it has."""
        text = self.text
        program = any(language in _PROGRAMS for language, _ in self.fences)
        fenced = next((place for language, place in self.fences if language in _YAML), None)
        yaml = None if program else fenced or yaml_at(text)
        if not program and (MARKS.search(text) or any(f[1] in self.names.tools for f in _TAG.finditer(text))):
            plain = WRAPPER.sub(lambda found: blank(found[0]), text)
            if is_program(plain):
                return self._program(plain)
            self.text = quoted(text)
            return self._calls("tool calls", lambda keys, spans: Units(keys, spans).read(True))
        if not program and DATA.search(text):
            return self._calls("data", lambda keys, spans: Units(keys, spans).read(False))
        if TABLE.search(text):
            return self._calls("a table", read_table)
        if yaml is not None:
            return self._calls("YAML", lambda keys, spans: read_yaml(keys, spans, yaml))
        if program or is_program(text):
            return self._program(text)
        return self._calls("labelled lines", read_fields) if has_fields(text) else None

    def _calls(self, form: str, read: Callable[[CallKeys, Spans], None]) -> Whole | None:
        """Return the calls that a reader finds in the text; None if it finds none."""
        spans: Spans = []
        keys = CallKeys(Values(self.text, self.limits), self.names)
        read(keys, spans)
        if not keys.calls:
            return None
        reads = keys.reads(0 if _NODES.search(self.text) else 1)
        return Whole(form, mark_read(self.text, sorted(spans)), reads[0].call.span, reads)

    def _program(self, text: str) -> Whole:
        """Read the program in the fences, or the lines of a text that are no asides."""
        spans, said = [place for _, place in self.fences if text[slice(*place)].strip()], None
        if len(spans) > 1:
            raise NotUnderstood("this is a second program; a plan is one", *spans[1])
        if self.fences:
            spans += [line.span() for line in _LINES.finditer(blank_out(text, spans)) if _JOIN.match(line[0])]
        else:
            lines = [line for line in _STATEMENTS.finditer(text) if line[0].strip()]
            said = next((line for line in lines if _SAYING.match(line[0]) and not is_preface(line[0])), None)
            spans = [line.span() for line in lines if line[1] or not _is_aside(line[0], self.names)]
        spans.sort()
        between = zip((0, *(end for _, end in spans)), (*(start for start, _ in spans), len(text)), strict=True)
        made = read_as_program(blank_out(text, list(between)), self.names, self.limits)
        if made is None:
            raise NotUnderstood("there is no call in this program", 0, code="R044")
        reads, diagnostics = made
        begun = reads[0].call.span if reads else Span(*spans[0])
        prose = Span(*said.span()) if said else None
        return Whole("a program", mark_read(text, spans), begun, reads, diagnostics, prose)


def _is_aside(line: str, names: ToolNames) -> bool:
    if THOUGHT.match(line) or LOOSE_END.match(line):
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
