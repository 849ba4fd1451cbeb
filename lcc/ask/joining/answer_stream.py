"""Hand the answer's text on while its reply is still written.

Nothing is handed on that the finished reply might not stand by: only the answer of an end in one of the two forms that are asked for,
`Action: Finish(…)` and the reply schema's JSON, and of the first only what precedes its first possible end. The pieces, joined, are the
beginning of the answer; `finish` gives the rest. Every character is looked at a bounded number of times, however small the pieces are.
"""

from __future__ import annotations

import json
import re
from typing import Final

from lcc.ask.joining.decision import (
    ALL_CLOSERS,
    CLOSERS,
    OPENERS,
    SCHEMA_HEAD,
    balanced_end,
    may_be_replan,
    opened_finish,
    said_without_heading,
)
from lcc.grammar.reading.headings import LONGEST_HEADING, next_heading, sections
from lcc.grammar.reading.loose_values import QUOTES
from lcc.grammar.reading.thoughts import holds_thought, spoken

_SEARCHED: Final = 8_000
"""How far into a reply its answer is looked for while it comes; where it begins later, it is handed on at the end."""
_MAY_BEGIN: Final = frozenset(CLOSERS) | {'"'}
_OTHERWISE: Final = re.compile(r"[{<`\[【]|\n[ \t]*\r?\n[ \t]*\S")
"""What in a thought may be read as more than that."""
_NAMED: Final = re.compile(r"\w*\s*=?")
_DOUBTFUL: Final = re.compile(r"[<◁]|\[/?t|\[/?r", re.IGNORECASE)
"""What may begin an aside, or the end of a reply."""


class AnswerStream:
    """Feed it the reply's pieces; it returns those of the answer."""

    def __init__(self) -> None:
        self._shown: list[str] = []
        self._before = ""
        self._over = False
        self.restart()

    def feed(self, piece: str) -> str:
        """Return what of the answer is certain now and was not before."""
        if self._over:
            return ""
        if self._payload is None:
            self._head += piece
            piece = self._begin() if not _MAY_BEGIN.isdisjoint(piece) else ""
            if self._payload is None:
                self._over = self._over or len(self._head) > _SEARCHED
                return ""
        doubtful = _DOUBTFUL.search(piece)
        new = self._new(self._payload.feed(piece[: doubtful.start()] if doubtful else piece))
        self._over = self._over or doubtful is not None
        return new

    def restart(self) -> None:
        """Begin again: the reply broke off, and another is written. What was handed on isn't handed on again."""
        self._head = ""
        self._payload: _Json | _Text | None = None
        self._over = False
        self._before = "".join(self._shown)
        self._held = ""
        self._known = 0

    def finish(self, answer: str) -> str:
        """Return what of the final answer was not handed on; all of it if what was doesn't fit."""
        shown = "".join(self._shown)
        return answer[len(shown) :] if answer.startswith(shown) else ""

    def _begin(self) -> str:
        """Look for where the answer begins; return what of it is there."""
        text = spoken(self._head) if holds_thought(self._head) else self._head.lstrip()
        if holds_thought(text):
            return ""
        asked = SCHEMA_HEAD.match(text)
        if asked:
            self._payload = _Json()
            return text[asked.end() :]
        for section in sections(text):
            body = text[section.body : section.end]
            if section.kind == "action":
                opened = opened_finish(text, section)
                if opened:
                    self._payload = _Text(opened["open"])
                    return text[opened.end() :]
                return ""
            plain = (
                section.kind == "thought" and not _OTHERWISE.search(body) and not said_without_heading(text, section)
            )
            if not plain and body.strip():
                return ""
        return ""

    def _new(self, known: str) -> str:
        """Return what of more of the answer was not handed on before a restart; nothing any more where that was another.

        A beginning that may yet be no more than the word for another plan is held back.
        """
        known = self._held + known
        if not self._known and may_be_replan(known):
            self._held = known
            return ""
        self._held = ""
        place, self._known = self._known, self._known + len(known)
        common = self._before[place : self._known]
        if not known.startswith(common):
            self._over = True
            return ""
        new = known[len(common) :]
        self._shown.append(new)
        return new


class _Text:
    """The answer of the text form, up to what closes its bracket, or to a line that may be a heading."""

    def __init__(self, opening: str) -> None:
        self._opening, self._closers = opening, tuple(ALL_CLOSERS.get(opening, CLOSERS[opening]))
        self._text = ""
        self._spaces: list[str] = []
        self._begun = False
        self._over = False
        self._depth = 1

    def feed(self, piece: str) -> str:
        """Return what is certain now: not the space and the bracket that may be the end, nor a line that may begin a section."""
        if self._over:
            return ""
        if piece.isspace():
            self._spaces.append(piece)
            return ""
        self._text += "".join((*self._spaces, piece))
        self._spaces.clear()
        if not self._begun and not self._begin():
            return ""
        text = self._text
        line = text.rfind("\n") + 1
        if line and len(text) - line < LONGEST_HEADING:
            text = text[: max(line - 1, 0)]
        heading = next_heading(f"x{text}", 0) - 1
        end = self._end(text[:heading])
        self._over = end is not None or heading < len(text)
        known = text[: heading if end is None else end].rstrip()
        if end is None and known[-1:] in self._closers:
            known = known[:-1].rstrip()
        self._depth += sum(map(known.count, OPENERS.get(self._opening, self._opening))) - sum(
            map(known.count, self._closers)
        )
        self._text = self._text[len(known) :]
        return known

    def _begin(self) -> bool:
        """Whether the answer has begun, and is neither quoted nor named."""
        self._text = self._text.lstrip()
        named = _NAMED.match(self._text)
        self._over = (
            self._text[:1] in QUOTES or self._text[:1] in ("{", "｛") or (named is not None and "=" in named[0])
        )
        self._begun = bool(self._text) and not self._over and named is not None and named.end() < len(self._text)
        return self._begun

    def _end(self, text: str) -> int | None:
        return balanced_end(text, 0, self._opening, self._depth)


class _Json:
    """The answer of the JSON form: a string, up to its quote."""

    def __init__(self) -> None:
        self._raw = ""
        self._held = ""
        self._begun = False
        self._over = False

    def feed(self, piece: str) -> str:
        """Return what is certain now: neither an escape that isn't complete nor the space that may be at the end."""
        if self._over:
            return ""
        text = self._raw + piece
        raw = _until_quote(text)
        self._raw = text[len(raw) :]
        self._over = self._raw.startswith('"')
        try:
            new = str(json.loads(f'"{raw}"', strict=False))
            new.encode()
        except ValueError:
            self._over = True
            return ""
        if not self._begun:
            new = new.lstrip()
            self._begun = bool(new)
        if not new or new.isspace():
            self._held += new
            return ""
        text = self._held + new
        known = text.rstrip()
        self._held = text[len(known) :]
        return known


def _until_quote(text: str) -> str:
    """Return what of a JSON string has come, up to its end or to an escape that isn't complete."""
    place = 0
    while place < len(text):
        char = text[place]
        if char == '"':
            return text[:place]
        if char != "\\":
            place += 1
            continue
        escape = text[place : place + 2]
        length = 6 if escape == "\\u" else 2
        if escape == "\\u" and text[place + 2 : place + 3].lower() == "d":
            length = 12  # half of a pair: wait for the other
        if place + length > len(text):
            return text[:place]
        place += length
    return text
