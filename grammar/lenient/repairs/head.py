"""Change the head of a call into the language's: `12. tool(`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from lcc.grammar.lenient.draft import Change
from lcc.grammar.lenient.repairs import (
    assignment,
    invisible,
    markdown_escape,
    missing_number,
    numbering,
    tool_name,
)
from lcc.grammar.lenient.tool_names import plain

if TYPE_CHECKING:
    from lcc.grammar.lenient.heads import Head

_PLAIN_NUMBER: Final = re.compile(r"[ \t]*[1-9][0-9]*[ \t]*\.[ \t]*\Z")
_INVISIBLE: Final = re.compile("[\u00a0\u00ad\u200b-\u200f\u2060\ufeff]")


def head_changes(region: str, head: Head) -> list[Change]:
    """Return the changes that make a head plain, except for its bracket. A call without a number gets `1`, for now."""
    before = region[head.start : head.tool_at]
    ends = head.tool in ("join", "answer")
    wanted = "" if ends and not head.number else f"{head.number or 1}. "
    changes = []
    if not (_PLAIN_NUMBER.match(before) and head.number) and not (ends and not before):
        changes.append(Change(head.start, head.tool_at, wanted, _code(before, head)))
    if head.written != head.tool:
        code = tool_name.REPAIR.code if plain(head.written) != head.tool else markdown_escape.REPAIR.code
        if plain(head.written) == head.tool and "\\" not in head.written:
            code = invisible.REPAIR.code
        changes.append(Change(head.tool_at, head.tool_at + len(head.written), head.tool, code))
    name_end = head.tool_at + len(head.written)
    bracket = head.end - 1 - (region[head.end - 2 : head.end] == "\\(")
    if region[name_end:bracket].strip(" \t"):
        code = (
            invisible.REPAIR.code if not _INVISIBLE.sub("", region[name_end:bracket]).strip() else numbering.REPAIR.code
        )
        changes.append(Change(name_end, bracket, "", code))
    return changes


def _code(before: str, head: Head) -> str:
    if head.variable:
        return assignment.REPAIR.code
    if not head.numbered:
        return missing_number.REPAIR.code
    if head.number == 0:
        return numbering.REPAIR.code
    return invisible.REPAIR.code if _PLAIN_NUMBER.match(_INVISIBLE.sub("", before)) else numbering.REPAIR.code
