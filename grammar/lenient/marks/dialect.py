"""Tell the scanner what can begin a statement in a model's output.

Everything that begins a statement in a plan file does here too, and first, so that a clean plan is cut exactly as the strict
parser cuts it. What comes on top (other numbering, thoughts in other spellings, think tags, a loosely written end) begins
only what a plan file would refuse.
"""

from __future__ import annotations

import re
from typing import Final

from lcc.grammar.lenient.marks.heads import LEAD, may_grow, read_head, read_spelled
from lcc.grammar.lenient.marks.prefaces import THOUGHTS
from lcc.grammar.reading.thoughts import CLOSES_THOUGHT, COMMENTS, OPENS_THOUGHT, either
from lcc.grammar.syntax.scanner import HEAD_LIMIT, Kind, Place, begins
from lcc.grammar.tolerant.tool_names import SPACE, ToolNames

OPENS_ASIDE: Final = re.compile(rf"{OPENS_THOUGHT.pattern}|{either(COMMENTS)}", re.IGNORECASE)
_TAG: Final = re.compile(rf"{OPENS_ASIDE.pattern}|{CLOSES_THOUGHT.pattern}", re.IGNORECASE)
_STOPS: Final = re.compile(
    rf"{OPENS_THOUGHT.pattern}|{CLOSES_THOUGHT.pattern}|<{SPACE}?END(?:\\?[_ -])?OF(?:\\?[_ -])?PLAN{SPACE}?>",
    re.IGNORECASE,
)
_CLOSES_COMMENT: Final = {opening: re.compile(re.escape(closing)) for opening, closing in COMMENTS.items()}
_LONGEST_TAG: Final = 24
THOUGHT: Final = re.compile(
    rf"{LEAD.pattern}(?:{THOUGHTS})(?:{SPACE}*+#?\d{{1,4}})?(?:\*\*|__)?{SPACE}*+[:：\-–—](?:\*\*|__)?", re.IGNORECASE
)
LOOSE_END: Final = re.compile(
    rf"{LEAD.pattern}(?:\d{{1,6}}[.)]{SPACE}*+)?(?:[<＜\[]{SPACE}*+/?END(?:\\?[_ -])?OF(?:\\?[_ -])?PLAN{SPACE}*+/?[>＞\]]|END\\?_OF\\?_PLAN\b>?|<E[A-Z_]{{0,10}}\Z)"
    rf"(?:\*\*|__|`{{1,2}}(?!`))?",
    re.IGNORECASE,
)
_LINE_END: Final = re.compile(r"[\r\n]")
_NEVER_INSIDE: Final = re.compile(r"[\"'“‘)\]}\[,$%^&+|~?;:!/\\]")
_DECIDES: Final = re.compile(r"[\r\n(\[{（>▷]")
"""What a line holds before it can be said what begins on it; looking for more costs 10 µs a token in prose."""
_EVIDENCE: Final = re.compile(r"#E[0-9]{1,6}[ \t]*+=[ \t]*+[A-Za-z_][A-Za-z0-9_./-]*+[ \t]*+[\[(]")
"""`#E1 = tool[`: ReWOO's variables look like comments."""
_EVIDENCE_PREFIX: Final = re.compile(r"#(?:E[^\r\n(\[]*+)?\Z")


def is_comment(text: str) -> bool:
    """Whether an aside is a comment, not a thought."""
    return text.startswith(tuple(COMMENTS))


class ModelOutput:
    """The dialect of models, given the tools in scope."""

    steps = False

    def __init__(self, names: ToolNames) -> None:
        self._names = names
        self._closing = CLOSES_THOUGHT  # closes the aside that is open
        self._skip = 0  # the length of its opening

    def begins(self, text: str, at: int, final: bool, place: Place) -> tuple[Kind | None, int]:
        """Return which statement begins at `at`; see `Dialect`."""
        kind, end = begins(text, at, final, place)
        evidence = kind is Kind.COMMENT and _EVIDENCE.match(text, at)
        if kind is Kind.COMMENT and not final and may_grow(text, at) and _EVIDENCE_PREFIX.match(text, at):
            return None, at
        if kind is not Kind.TEXT and not evidence:
            return kind, end
        return self._begins(text, at, final, place)

    def line_end(self, text: str, at: int, kind: Kind, final: bool) -> tuple[int, bool]:
        """Return where the line ends; prose ends at a think tag, too."""
        found = _LINE_END.search(text, at)
        end = found.start() if found else len(text)
        if kind is Kind.TEXT:
            tag = _STOPS.search(text, at, end)
            if tag:
                return tag.start(), True
            if found is None and not final:
                open_ = max(text.rfind("<", at), text.rfind("◁", at))
                if open_ >= at and len(text) - open_ < _LONGEST_TAG and ">" not in text[open_:]:
                    return open_, False
        return end, found is not None

    def closes(self, text: str, at: int, final: bool) -> tuple[int, bool]:
        """Return the offset past the tag that closes an aside."""
        at, self._skip = at + self._skip, 0
        found = self._closing.search(text, at)
        if found:
            return found.end(), True
        return len(text) if final else max(at, len(text) - _LONGEST_TAG), False

    def _begins(self, text: str, at: int, final: bool, place: Place) -> tuple[Kind | None, int]:
        """Return what begins on a line that is none of a plan file. Inside of a call, which statement it is doesn't matter."""
        inside = place is Place.INSIDE or place is Place.INDENTED
        if inside and _NEVER_INSIDE.match(text, at):
            return Kind.TEXT, at
        if not final and may_grow(text, at) and _DECIDES.search(text, at) is None:
            return None, at
        tag = _TAG.match(text, at)
        if tag:
            self._closing, self._skip = _CLOSES_COMMENT.get(tag.group(), CLOSES_THOUGHT), len(tag.group())
            return Kind.ASIDE, at if OPENS_ASIDE.match(text, at) else tag.end()
        limit = at + HEAD_LIMIT
        end = LOOSE_END.match(text, at, limit)
        if end and (final or end.end() < len(text)):
            return Kind.END, end.end()
        thought = THOUGHT.match(text, at, limit) if place is Place.LINE else None
        if thought:
            return Kind.THOUGHT, thought.end()
        join = read_spelled(text, at, self._names) if inside else None
        if join and join.tool == "join" and join.numbered and (final or join.end < len(text)):
            return Kind.CALL, join.end
        head = read_head(text, at, self._names, place is Place.SAME_LINE, inside)
        if head and (place is not Place.INDENTED or head.numbered):
            return Kind.CALL, head.end
        if not final and (end or may_grow(text, at)):
            return None, at
        return Kind.TEXT, at
