"""Find where a call begins in a model's output: `1)`, `Step 1:`, `**1.**`, `a =`, `#E1 =`, `Action:`, or nothing but a name.

A head is read from one line and at most `HEAD_LIMIT` characters, by patterns that can't backtrack: every repetition is
possessive or bounded. What a head means (which number, which tool) is said here; that it was written oddly is reported by
the repairs.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from lcc.grammar.lenient.marks.prefaces import LABELS, PICTURE, UNITS, is_preface
from lcc.grammar.lenient.marks.repairs import (
    ASSIGNMENT,
    CALL_BRACKET,
    MARKDOWN_ESCAPE,
    MISSING_NUMBER,
    MISSING_PARENTHESES,
    NUMBERING,
    ODD_CHARACTER,
    PUNCTUATION,
    TOOL_NAME,
)
from lcc.grammar.reading.template_marks import ENDS, MARK
from lcc.grammar.signatures import RESERVED_TOOLS
from lcc.grammar.syntax.scanner import HEAD_LIMIT
from lcc.grammar.tolerant.call_tree import Head
from lcc.grammar.tolerant.oddities import Change
from lcc.grammar.tolerant.references import number_of
from lcc.grammar.tolerant.tool_names import INVISIBLE, SPACE, TYPES, ToolNames, may_name, plain

LEAD: Final = re.compile(
    rf"(?:{SPACE}|{PICTURE}\ufe0f?|[-+–—](?={SPACE}|\*\*)|[*•‣▪▸●○◦·→➤►▶](?={SPACE}|\*\*|[0-9])|\*\*|__(?=[\w*])|`{{1,2}}(?!`)|await(?={SPACE})"
    rf"|\[ ?\](?={SPACE})|\[(?=[A-Za-z_][A-Za-z0-9_.]*+\()|(?!{ENDS})(?i:{MARK})|)*+"
)
_BETWEEN: Final = re.compile(
    rf"(?:{SPACE}|[,;，；、.]|\\[nrt]|(?:and|then|next|followed by)(?={SPACE})|→|->|=>|\*\*|`{{1,2}}(?!`)|)*+"
)
_DIGITS = r"(?:[0-9]\ufe0f?\u20e3|[①-⑳]|[一二三四五六七八九十](?=[、.．)：:步])|\d{1,9}(?!\d))"
_NUMBER: Final = re.compile(
    rf"(?:(?:(?P<label>(?:{LABELS}|[acenoqrst]){SPACE}*+[#:.\-]?{SPACE}*+)|(?P<open>[(\[#<]))?(?P<digits>{_DIGITS})"
    rf"|(?P<letter>(?:[A-Za-z]|[IVX]{{2,5}}+|[ivx]{{2,5}}+)(?=[.)]{SPACE})))"
    rf"(?P<part>\.\d{{1,3}}(?:\.\d{{1,3}}|)*+|[a-z](?=[.):]))?(?P<unit>(?:{UNITS})(?={SPACE}*+[:：.、)]))?(?P<close>[)\]>])?"
    rf"(?:\*\*|__|`)?(?P<separator>(?:{SPACE}*+(?:\\?[.):：、．。–—→]|/(?={SPACE})|->|=>|-(?={SPACE}|\w))|)*+)(?:\*\*|__)?",
    re.IGNORECASE,
)
_LABEL: Final = re.compile(
    rf"(?P<label>[^\r\n:：(\[{{\"]{{1,80}}?)(?:[:：](?:\*\*)?{SPACE}*+(?=[\w`*\[{{])|[.!]{SPACE}++(?=[0-9]{{1,4}}[.)]{SPACE}))"
)
_LABELS: Final = re.compile(rf"(?:\*\*)?(?:{LABELS})(?:\*\*)?{SPACE}*+", re.IGNORECASE)
"""A label of a step without a number: `Action: search(`."""
_VARIABLE: Final = re.compile(
    rf"(?:(?:const|let|var|val|final){SPACE}++)?(?P<name>[#$]?[A-Za-z_][A-Za-z0-9_]*+|[#$][0-9]++)"
    rf"(?:{SPACE}*+:{SPACE}*+(?:{'|'.join(sorted(TYPES))})(?:\[[A-Za-z0-9_, ]*+\])?)?{SPACE}*+(?::=|<-|=(?![=>])|＝){SPACE}*+"
    rf"(?:await{SPACE}++)?"
)
_NAME = rf"[A-Za-z_](?:[A-Za-z0-9_./-]|\\[_.-]|[{INVISIBLE}]|)*+"
_TOOL: Final = re.compile(rf"(?P<name>{_NAME})(?:\*\*|`{{1,2}})?(?P<space>{SPACE}*+)(?P<open>\\?\(|（|\[|\{{)")
_ALONE = rf"{SPACE}*+(?:\*\*|`)?[.;]?{SPACE}*+(?=[\r\n#]|\Z)"
_SPELLED: Final = re.compile(
    rf"(?P<name>(?:join|JOIN|Join)(?={_ALONE})|{_NAME})(?:(?P<alone>{_ALONE})"
    rf"|(?:\*\*|`)?(?:{SPACE}*+[:：]{SPACE}*+|{SPACE}++[-–—]{SPACE}++|{SPACE}++)(?=[\"'“$\[{{]|[A-Za-z_]\w*+{SPACE}*+=))"
)
"""A name alone on its line, or with arguments that have no brackets."""
_JSON_ARGUMENTS: Final = re.compile(r"\{[ \t]*+[\"'“}]")
_CALLED: Final = re.compile(r"[\"'“$)]")
_CLOSED_BY: Final = {"(": ")", "[": "]", "<": ">"}
"""What closes the bracket that a number may stand in."""
_PARAGRAPH: Final = re.compile(r"[\r\n]")


def read_head(text: str, at: int, names: ToolNames, same_line: bool = False, inside: bool = False) -> Head | None:
    """Return the head that begins at `at`, or None. `same_line`: another call stands before it on its line."""
    end = _line_end(text, at)
    begun = beginning(text, at, end, same_line, labels=not (inside or same_line))
    found = _TOOL.match(text, begun.end, end)
    if found and _is_call(found, text, begun, names, inside, same_line):
        return _named(begun, found, names, found["open"][-1])
    return None


def read_spelled(text: str, at: int, names: ToolNames) -> Head | None:
    """Return the head of the line at `at` that calls without brackets: `2. search: "x"`, `join`."""
    end = _line_end(text, at)
    begun = beginning(text, at, end, labels=True)
    found = _SPELLED.match(text, begun.end) if begun.variable is None else None
    if found is None:
        return None
    if found["alone"] is None:
        calls = begun.number is not None and found["name"] in (*names.tools, "join")
    else:
        unlabelled = begun.numbered or begun.end == _matched(LEAD, text, at, end)
        calls = unlabelled and names.find(found["name"]) == "join"
    return _named(begun, found, names, "") if calls else None


def _named(begun: Head, found: re.Match[str], names: ToolNames, bracket: str) -> Head:
    written = found["name"]
    tool, start = names.find(written) or plain(written), found.start("name")
    return begun._replace(end=found.end(), tool=tool, written=written, tool_at=start, bracket=bracket)


def beginning(text: str, at: int, end: int, same_line: bool = False, labels: bool = False) -> Head:
    """Return what stands before a call at `at`. `labels`: also those without a number, as `Action:`."""
    start = _matched(LEAD, text, at, end)
    if same_line:
        start = _matched(LEAD, text, _matched(_BETWEEN, text, start, end), end)
    found, begun = _VARIABLE.match(text, start, end), Head(at, start)
    if found is None:
        begun = _numbered(begun, text, end)
        body = _unlabelled(text, begun.end, end) if labels else begun.end
        begun = begun._replace(end=body) if begun.numbered else _numbered(Head(at, body), text, end)
        found = _VARIABLE.match(text, begun.end, end) if begun.numbered else None
    if found is None:
        return begun
    name = found["name"].lstrip("#$")
    return begun._replace(end=found.end(), variable=name, number=begun.number if begun.numbered else number_of(name))


def may_grow(text: str, at: int) -> bool:
    """Whether the line that begins at `at`, the last of the text so far, may still become a head."""
    return len(text) - at < HEAD_LIMIT and _PARAGRAPH.search(text, at) is None


def _line_end(text: str, at: int) -> int:
    found = _PARAGRAPH.search(text, at, at + HEAD_LIMIT)
    return found.start() if found else min(len(text), at + HEAD_LIMIT)


def _matched(pattern: re.Pattern[str], text: str, at: int, end: int) -> int:
    found = pattern.match(text, at, end)
    return found.end() if found else at


def _unlabelled(text: str, at: int, end: int) -> int:
    """Return where the rest of a line begins behind a label, or a preface of the step or of the plan."""
    found = _LABEL.match(text, at, end)
    if found and (_LABELS.fullmatch(found["label"]) or is_preface(found["label"])):
        return _matched(LEAD, text, found.end(), end)
    return at


def _numbered(begun: Head, text: str, end: int) -> Head:
    """Read a number that may stand at the end of what was read of a line."""
    found = _NUMBER.match(text, begun.end, end)
    if found is None or (found["open"] in _CLOSED_BY and found["close"] != _CLOSED_BY[found["open"]]):
        return begun
    body, separator = _matched(LEAD, text, found.end(), end), bool(found["separator"].strip())
    enclosed = found["open"] and (found["close"] or found["open"] == "#")
    if body == found.end() and not (separator or enclosed):
        return begun  # `area51(`
    digits = "" if found["part"] or found["letter"] else found["digits"]
    said = "".join(str(int(unicodedata.numeric(char))) for char in digits if char.isnumeric())
    return Head(begun.start, body, int(said) if said else None, numbered=True, marked=separator or bool(found["close"]))


def _is_call(found: re.Match[str], text: str, begun: Head, names: ToolNames, inside: bool, same_line: bool) -> bool:
    """Whether a name before a bracket is a call, judging by how it is marked and whether the tool is known."""
    if not may_name(plain(found["name"])):
        return False
    known, marked = names.find(found["name"]) is not None, begun.numbered or begun.variable is not None
    if found["open"] == "[":
        return (marked or not inside) and (known or begun.variable is not None)
    if found["open"] == "{":
        return known and not inside and _JSON_ARGUMENTS.match(text, found.start("open")) is not None
    if known:
        return marked or not found["space"] or not inside
    if inside or same_line:
        return marked and not found["space"] and not names.known
    if found["space"]:
        return False
    return marked or not names.known or _CALLED.match(text, found.end()) is not None


_PLAIN_NUMBER: Final = re.compile(r"[ \t]*[1-9][0-9]*[ \t]*\.[ \t]*\Z")
_ODD: Final = re.compile("[\u00a0\u00ad\u200b-\u200f\u2060\ufeff]")


def head_changes(region: str, head: Head) -> list[Change]:
    """Return what the language has otherwise in a head. A call without a number counts as the first: assembling numbers it."""
    before, changes = region[head.start : head.tool_at], []
    if not (_PLAIN_NUMBER.match(before) and head.number) and (before or head.tool not in RESERVED_TOOLS):
        changes.append(Change(head.start, head.tool_at, _head_code(before, head)))
    bracket = head.end - 1 if head.bracket else head.tool_at + len(head.written)
    bracket -= bool(head.bracket) and region[bracket - 1] == "\\"
    name = region[head.tool_at : bracket]
    if name.rstrip(" \t") != head.tool:
        odd = (
            MARKDOWN_ESCAPE if "\\" in name else ODD_CHARACTER if _ODD.sub("", name).strip() == head.tool else NUMBERING
        )
        changes.append(Change(head.tool_at, bracket, (odd if plain(head.written) == head.tool else TOOL_NAME).code))
    if not head.bracket:
        changes.append(Change(bracket, head.end, MISSING_PARENTHESES.code))
    elif region[bracket] != "(":
        odd = MARKDOWN_ESCAPE if region[bracket] == "\\" else PUNCTUATION if head.bracket == "（" else CALL_BRACKET
        changes.append(Change(bracket, head.end, odd.code))
    return changes


def _head_code(before: str, head: Head) -> str:
    if head.variable:
        return ASSIGNMENT.code
    if not head.numbered:
        return MISSING_NUMBER.code
    return ODD_CHARACTER.code if head.number and _PLAIN_NUMBER.match(_ODD.sub("", before)) else NUMBERING.code
