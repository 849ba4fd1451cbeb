"""Find the references of data in texts: one table of notations, each with its exact extent.

What looks like a reference to a call that exists, and is none of these, is an error: as text it would reach the tool.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from lcc.grammar.lenient.forms.said import Said
from lcc.grammar.reading.loose_values import NotUnderstood

_WORDS: Final = (
    "steps?|tasks?|nodes?|calls?|results?|outputs?|responses?|answers?|actions?|observations?|evidence|resources?|generated|res|out|data|tool|"
    "schritt|ergebnis|étape|paso|passo|шаг|步骤|结果|ステップ|結果|단계|결과"
)
_STEPS: Final = r"""(?:\.[^\W\d]\w*+|\[(?:-?[0-9]{1,9}|"[^"\\\r\n]*+"|'[^'\\\r\n]*+')\]|)*+"""
_INNER: Final = (
    rf"[ ]*+(?:the[ ])?(?P<lead>(?:(?:{_WORDS})(?:\.|[ _-](?:of|from)[ _-](?:the[ ])?))*)(?P<key>[^\W_][\w -]*?|[0-9]{{1,9}})"
    rf"(?P<path>{_STEPS})[ ]*+"
)
_BRACKETS: Final = tuple(
    re.compile(rf"{opening}{_INNER}{closing}", re.IGNORECASE)
    for opening, closing in (
        (r"\$\{\{", r"\}\}"), (r"\{\{", r"\}\}"), (r"[$#]\{", r"\}"), (r"\{", r"\}"), (r"<<", r">>"), (r"<", r">"), (r"\[\[", r"\]\]"), (r"\$\(", r"\)"),
        (r"\[", r"\]"), (r"«", r"»"), (r"%", r"%"),
    )
)  # fmt: skip
_BARE: Final = re.compile(
    rf"<GENERATED>-(?P<g>[0-9]{{1,9}})|[$@](?P<d>[^\W_][\w-]*+|[0-9]{{1,9}})(?P<ds>{_STEPS})|#(?P<h>[A-Za-z]{{1,12}}_?[0-9]{{1,9}})(?!\w)",
    re.IGNORECASE,
)
_WHOLE: Final = re.compile(rf"(?:(?:{_WORDS})[_ -]?(?:of[_ -])?)(?P<key>\w[\w-]*?)(?P<path>{_STEPS})", re.IGNORECASE)
_START: Final = re.compile(r"[<{$@#\[«%]")
_FIELDS: Final = frozenset(
    ["output", "outputs", "result", "results", "response", "value", "data", "answer", "content", "text", "return"]
)
_STEP: Final = re.compile(r"""\.([^\W\d]\w*)|\[(-?[0-9]+)\]|\[["']([^"']*)["']\]""")
_DIGITS: Final = re.compile(r"[0-9]{1,9}\Z")
_WORDED: Final = re.compile(rf"(?:{_WORDS}|[a-z]|ex)[ _-]?(?P<n>[0-9]{{1,9}})(?:[ _-](?:{_WORDS}))?\Z", re.IGNORECASE)


class Found(NamedTuple):
    """A reference in a text: where, to which call (by its place), and the path."""

    start: int
    end: int
    place: int
    path: tuple[str | int, ...]


@dataclass(slots=True)
class Lookup:
    """The calls of one text by what a reference may call them. `base`: the number of the first, where calls have no ids."""

    calls: list[Said]
    base: int = 1
    _keys: dict[str, int] = field(init=False)
    _numbers: dict[int, int] = field(init=False)

    def __post_init__(self) -> None:
        self._keys, self._numbers = {}, {}
        for place, said in enumerate(self.calls):
            for key in (said.key, said.name):
                if key is None:
                    continue
                if self._keys.setdefault(_plain(key), place) != place:
                    raise NotUnderstood(f"two calls are called `{key}`", said.span.start, said.span.end)
        numbered = [(place, _number(said.key)) for place, said in enumerate(self.calls) if said.key is not None]
        for place, number in numbered:
            if number is not None:
                self._numbers.setdefault(number, place)
        if not any(number is not None for _, number in numbered):
            self._numbers = {place + self.base: place for place in range(len(self.calls))}

    def find(self, key: str, word: bool) -> int | None:
        """Return the place of the call that a key means; `word`: a word like `step` stands before it."""
        key = key.strip()
        place = self._keys.get(_plain(key))
        if place is not None:
            return place
        if _DIGITS.match(key):
            return self._numbers.get(int(key))
        found = _WORDED.match(key)
        return self._numbers.get(int(found["n"])) if found else None


def references(text: str, lookup: Lookup) -> Iterator[Found]:
    """Yield the references that a text holds."""
    at = 0
    while (begun := _START.search(text, at)) is not None:
        found = _at(text, begun.start(), lookup)
        if found is None:
            at = begun.start() + 1
            continue
        yield found
        at = found.end


def whole(text: str, lookup: Lookup) -> Found | None:
    """Return the reference that a text is, without marks: `step_1`, `result of s1`."""
    found = _WHOLE.fullmatch(text.strip())
    if found is None:
        return None
    place = lookup.find(text.strip(), True)
    path: tuple[str | int, ...] = ()
    if place is None:
        place, path = lookup.find(found["key"], True), _path(found["path"])
    return (
        None
        if place is None or not any(c.isdigit() for c in found["key"])
        else Found(0, len(text), place, _result(path))
    )


def _at(text: str, at: int, lookup: Lookup) -> Found | None:
    bare = _BARE.match(text, at)
    if bare:
        key = bare["g"] or bare["d"] or bare["h"]
        if bare["d"] and text[at] == "@" and not any(char.isdigit() for char in key):
            return None
        place = lookup.find(key, False)
        steps, end = _path(bare["ds"] or ""), bare.end()
        if place is None and bare["d"] and _plain(key) in _LEADS and steps and isinstance(steps[0], str | int):
            place, steps = lookup.find(str(steps[0]), True), steps[1:]
        if place is not None:
            return Found(at, end, place, _result(steps))
    for pattern in _BRACKETS:
        found = pattern.match(text, at)
        if found is None:
            continue
        key, steps = found["key"], _path(found["path"])
        square = text[at] in "[%" and text[at + 1 : at + 2] != "["
        if square and not (found["lead"] or _WORDED.match(key)):
            continue
        place = lookup.find(key, bool(found["lead"]))
        if place is None and _plain(key) in _LEADS and steps:
            place, steps = lookup.find(str(steps[0]), True), steps[1:]
        if place is not None:
            return Found(at, found.end(), place, _result(steps))
    return None


_LEADS: Final = frozenset(
    ["step", "steps", "task", "tasks", "node", "nodes", "call", "calls", "result", "results", "output", "outputs"]
)


def _path(steps: str) -> tuple[str | int, ...]:
    return tuple(int(s[2]) if s[2] else s[1] or s[3] for s in _STEP.finditer(steps))


def _result(path: tuple[str | int, ...]) -> tuple[str | int, ...]:
    return path[1:] if path and isinstance(path[0], str) and path[0].casefold() in _FIELDS else path


def _plain(key: str) -> str:
    return key.strip().strip("$#@<>{}").replace("-", "_").replace(" ", "_").casefold()


def _number(key: str) -> int | None:
    plain = _plain(key)
    found = _WORDED.match(plain)
    if found:
        return int(found["n"])
    return int(plain) if _DIGITS.match(plain) else None
