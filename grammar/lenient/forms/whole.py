"""Say what a whole text is, and read it: which form is decided by what stands in it, never by trial."""

from __future__ import annotations

import re
from typing import Any, Final

from lcc.grammar.diagnostics import has_errors
from lcc.grammar.ir.blocks import calls_of
from lcc.grammar.lenient.calls.call_keys import LIST_KEYS, TOOL_KEYS, CallKeys, plain_key
from lcc.grammar.lenient.calls.said import Reading, Understood
from lcc.grammar.lenient.forms.block_yaml import BlockYaml, may_be_yaml
from lcc.grammar.lenient.forms.building import Builder
from lcc.grammar.lenient.forms.channels import blank, plan_channel, without_thoughts
from lcc.grammar.lenient.forms.layouts import read_fields, read_table
from lcc.grammar.lenient.forms.programs import is_program, read_as_program
from lcc.grammar.lenient.forms.units import MARKS, WRAPPER, Units
from lcc.grammar.lenient.marks.accounting import account, mark_read
from lcc.grammar.lenient.marks.dialect import JOIN_LINE, LOOSE_END, THOUGHT
from lcc.grammar.lenient.marks.heads import read_head
from lcc.grammar.lenient.marks.lines import NOTHING, Line, line_of
from lcc.grammar.lenient.marks.prefaces import LABELS
from lcc.grammar.lenient.marks.tool_names import ToolNames
from lcc.grammar.limits import TextLimits
from lcc.grammar.reading.loose_values import NotUnderstood, Values
from lcc.grammar.source import Span

_JOIN: Final = re.compile(r"[ \t]*(?:\d+\.[ \t]*)?join\(")
_LINES: Final = re.compile(r"[^\r\n]+")
_FENCE: Final = re.compile(
    rf"^[ \t]*(?:(?:{LABELS})[ \t]*[:：][ \t]*)?(?:```|~~~)[ \t]*(?P<language>[\w+.-]*)[ \t]*(?:<end_code>)?[ \t]*\r?$",
    re.MULTILINE | re.IGNORECASE,
)
_PROGRAMS: Final = frozenset(
    ["py", "python", "python3", "ipython", "tool_code", "js", "javascript", "ts", "typescript", "jsx"]
)
_DATA: Final = re.compile(r"^[ \t]*(?:[-*][ \t]+)?(?:[{\[]\s*[\"'“{\[\w]|\{\s*\})", re.MULTILINE)
_CALLS: Final = re.compile(r"^[ \t]*\[\s*[A-Za-z_][\w.]*\(", re.MULTILINE)
_TABLE: Final = re.compile(r"^[ \t]*\|.*\|[ \t]*\r?\n[ \t]*\|(?:[ \t]*:?-+:?[ \t]*\|)+[ \t]*\r?$", re.MULTILINE)
_NUMBERED: Final = re.compile(
    r"^[^\w\r\n{\[<\"']*\d{1,9}[ \t]*[.):][ \t]*[*`]*[A-Za-z_][\w.-]*[*`]*[ \t]*\(", re.MULTILINE
)
_FIELD_LINE: Final = re.compile(
    r"[ \t]*(?:(?:[-*•]|[0-9]{1,4}[.)])[ \t]+)?(?:\*\*|__|`)?(?P<key>[^\W\d_][\w -]{0,30}?)(?:\*\*|__|`)?[ \t]*[:：]"
)
_TAG: Final = re.compile(r"^[ \t]*<([A-Za-z_][\w.-]*)>", re.MULTILINE)
_NODES: Final = re.compile(r"<node-\d|[<{$#\[ _-]0[>}\]]|<(?:GENERATED>-|resource-)0")


def read_whole(
    text: str, names: ToolNames, limits: TextLimits, earlier: frozenset[int]
) -> tuple[str, Understood | None]:
    """Return the text without thoughts and channels, and what it says; None where it is a plan of numbered calls, or nothing.

    `earlier`: the ids of calls before it. What isn't understood raises NotUnderstood.
    """
    try:
        text = without_thoughts(plan_channel(text))
    except NotUnderstood as odd:
        if odd.code == "R043":
            return text, None
        raise
    if _numbered(text, names):
        return text, None
    found = _form(text, names, limits, max(earlier, default=0) + 1)
    if not isinstance(found, Reading):
        return text, found
    return text, Understood(Builder(found, names, earlier).plan(), found.form, found.calls[0].span)


def _form(text: str, names: ToolNames, limits: TextLimits, first: int) -> Reading | Understood | None:
    """Return what a text says in the form that it has."""
    languages = [found["language"].casefold() for found in _FENCE.finditer(text)]
    program = any(language in _PROGRAMS for language in languages)
    if not program and (MARKS.search(text) or any(f[1] in names.tools for f in _TAG.finditer(text))):
        return _units(text, names, limits, True) or _wrapped_program(text, names, limits, first)
    if not program and (_CALLS.search(text) or _DATA.search(text)):
        return _units(text, names, limits, False)
    if _TABLE.search(text):
        return _laid_out(text, names, limits, read_table, "a table")
    if not program and _yaml_at(text) is not None:
        return _yaml(text, names, limits)
    if program or is_program(text):
        return _program(text, names, limits, first)
    if _has_fields(text):
        return _laid_out(text, names, limits, read_fields, "labelled lines")
    return None


def _numbered(text: str, names: ToolNames) -> bool:
    if _NUMBERED.search(text):
        return True
    for found in _LINES.finditer(text):
        head = read_head(text, found.start(), names)
        if head is not None and head.numbered and not head.json:
            return True
    return False


def _units(text: str, names: ToolNames, limits: TextLimits, native: bool) -> Reading | None:
    spans: list[tuple[int, int]] = []
    fenced = _FENCE.sub(lambda m: " " * len(m[0]), text) if not native else text
    units = Units(fenced, names, limits, spans)
    units.read(native)
    if not units.calls:
        return None
    account(mark_read(text, sorted([*spans, *_joins(fenced, spans)])), names, _tools(units))
    return Reading("data" if not native else "tool calls", units.calls, _NODES.search(text) is not None)


def _tools(read: Units | CallKeys) -> list[str]:
    return [call.tool for call in read.calls]


def _wrapped_program(text: str, names: ToolNames, limits: TextLimits, first: int) -> Understood | None:
    """Read a program in tags that only delimit."""
    text = WRAPPER.sub(lambda found: blank(found[0], 0, len(found[0])), text)
    return _program(text, names, limits, first) if is_program(text) else None


def _unwrapped(text: str, spans: list[tuple[int, int]]) -> str:
    """Return a text with space in some places, which stand in order."""
    out, at = [], 0
    for start, end in spans:
        out += [text[at:start], blank(text, start, end)]
        at = end
    return "".join((*out, text[at:]))


def _joins(text: str, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the lines that say `join()` outside of what was read."""
    taken = {start for start, _ in spans}
    found = []
    for line in _LINES.finditer(text):
        bare = line[0].strip()
        if (
            re.fullmatch(r"(?:\d{1,9}[.)][ \t]*)?join\(\s*\)(?:[ \t]*<END_OF_PLAN>)?[.;]?", bare)
            or JOIN_LINE.fullmatch(line[0])
        ) and line.start() not in taken:
            found.append(line.span())
    return found


def _laid_out(text: str, names: ToolNames, limits: TextLimits, read: Any, form: str) -> Reading | None:
    keys = CallKeys(Values(text, limits), names)
    spans: list[tuple[int, int]] = []
    if not read(text, keys, names, limits, spans) or not keys.calls:
        return None
    account(mark_read(text, sorted([*spans, *_joins(text, spans)])), names, _tools(keys))
    return Reading(form, keys.calls, _NODES.search(text) is not None)


def _has_fields(text: str) -> bool:
    from lcc.grammar.lenient.forms.layouts import key_of

    keys = [key_of(found["key"]) for found in map(_FIELD_LINE.match, text.splitlines()) if found]
    return any(key in TOOL_KEYS for key in keys)


def _yaml_at(text: str) -> tuple[int, int] | None:
    """Return where a block of YAML stands: a fence that says so, or lines that begin as a list of mappings, or as one of calls, do."""
    for found in _FENCE.finditer(text):
        if found["language"].casefold() in ("yaml", "yml"):
            close = re.compile(r"^[ \t]*(?:```|~~~)[ \t]*\r?$", re.MULTILINE).search(text, found.end())
            return found.end(), close.start() if close else len(text)
    lines = list(_LINES.finditer(text))
    keyed = [(i, f) for i, f in enumerate(lines) if may_be_yaml(f[0])]
    for i, found in keyed:
        begun = re.match(r"[ \t]*(-[ \t]+)?([\w -]+?)[ \t]*:[ \t]*(.*)$", found[0])
        key = plain_key(begun[2]) if begun else ""
        if begun and (
            (begun[1] and key in (*TOOL_KEYS, "id", "step", "thought"))
            or (not begun[3] and key in LIST_KEYS)
            or key in ("tool", "function", "name")
        ):
            after = lines[i + 1][0] if i + 1 < len(lines) else ""
            nested = (
                re.match(r"[ \t]+(?:-[ \t]+)?[\w-]+[ \t]*:", after)
                or (not begun[3] and re.match(r"[ \t]*-[ \t]", after))
                or re.match(r"(?:args|arguments|parameters|input|params):", after)
            )
            if not nested or "**" in after or "`" in after or (begun[1] and begun[3] and re.match(r"[ \t]+-", after)):
                continue
            end = next((f.start() for f in lines[i + 1 :] if _ends_yaml(f[0])), len(text))
            return found.start(), end
    return None


def _ends_yaml(line: str) -> bool:
    bare = line.strip()
    return re.fullmatch(r"(?:\d{1,9}[.)] ?)?join\(?\)?|```|~~~", bare) is not None or LOOSE_END.match(line) is not None


def _yaml(text: str, names: ToolNames, limits: TextLimits) -> Reading | None:
    place = _yaml_at(text)
    if place is None:
        return None
    start, end = place
    values = Values(text, limits, True)
    value = BlockYaml(text, start, end, values, limits).read()
    keys = CallKeys(values, names)
    keys.take(value, Span(start, end))
    if not keys.calls:
        return None
    spans = [(start, end)]
    account(
        mark_read(text, sorted([*spans, *[j for j in _joins(text, []) if not start <= j[0] < end]])),
        names,
        _tools(keys),
    )
    return Reading("YAML", keys.calls, _NODES.search(text) is not None)


def _program(text: str, names: ToolNames, limits: TextLimits, first: int) -> Understood | None:
    """Read the program in the fences, or the lines of a text that are no asides."""
    fences = list(_FENCE.finditer(text))
    spans: list[tuple[int, int]] = []
    if fences:
        for opening, closing in zip(fences[::2], [*fences[1::2], None][: len(fences[::2])], strict=True):
            spans.append((opening.end(), closing.start() if closing else len(text)))
        spans = [(start, end) for start, end in spans if text[start:end].strip()]
        if len(spans) > 1:
            raise NotUnderstood("this is a second program; a plan is one", *spans[1])
        outside = _unwrapped(text, spans)
        spans += [line.span() for line in _LINES.finditer(outside) if _JOIN.match(line[0])]
    else:
        spans = [found.span() for found in _LINES.finditer(text) if not _is_aside(found[0], names)]
    spans = sorted((s, e) for s, e in spans if text[s:e].strip())
    between = zip((0, *(end for _, end in spans)), (*(start for start, _ in spans), len(text)), strict=True)
    made = read_as_program(_unwrapped(text, list(between)), names, limits, first)
    if made is None:
        raise NotUnderstood("there is no call in this program", 0, code="R044")
    if not has_errors(made[1]):
        account(mark_read(text, spans), names, [call.tool for call in calls_of(made[0])])
    first_call = next((call.span for call in calls_of(made[0])), Span(*spans[0]))
    return Understood(made[0], "a program", first_call, made[1])


def _is_aside(line: str, names: ToolNames) -> bool:
    if not line.strip() or THOUGHT.match(line) or (LOOSE_END.match(line)):
        return True
    if re.match(r"[ \t]*[)\]}]", line):
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
