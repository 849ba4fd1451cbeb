"""Show a model results that are too long to be shown whole: their shape, their beginning, and how to see the rest.

    $3 = [{"id": 1, "name": "pear"}, …]  (list of 240 × {id: int, name: str}; 12 items are shown, more: $3[12:])

A model that answers may look into them, a bounded number of times: at a part by its path, a slice, or by words. What it sees then is
data, on one line, cut to the same size, and says again what is left.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

from lcc.ask.joining.decision import fold
from lcc.grammar.diagnostics import Diagnostic, Severity
from lcc.grammar.ir import TaskId
from lcc.grammar.reading.headings import unfenced
from lcc.grammar.reading.thoughts import spoken
from lcc.grammar.values import Json, PathError, at_path, read_json, to_text
from lcc.models.tokens import cut_tokens, estimate
from lcc.runtime.journal.spilling import GONE
from lcc.runtime.recording import ResultGone
from lcc.runtime.result import TaskRecord

MOST: Final = 6
"""Looks into results for one question."""

NO_MORE: Final = "No further look is possible. Answer with what is known, and say what could not be found out."
"""What follows a look that isn't possible."""

PLACES: Final = '"$3[10:20]", "$3.items[4]", "$3.text, words"'
"""What a model may look at, by example."""

_LONGEST: Final = 400
"""Characters of a request to look."""
_WANTED: Final = re.compile(
    r"\s*\$?(?P<name>\d{1,9}|printed|returned|join\d{1,6})(?P<path>(?:\.\w+|\[-?\d{1,9}\]|\[\"[^\"]*\"\])*)"
    r"(?:\[(?P<first>-?\d{0,9}):(?P<last>-?\d{0,9})\])?\s*(?:[,;]\s*(?P<words>\S.*))?",
    re.DOTALL,
)
_STEP: Final = re.compile(r"\.(\w+)|\[(-?\d+)\]|\[\"([^\"]*)\"\]")
_ACTION: Final = re.compile(
    r"^[\s*_`#>-]{0,8}action[\s*_`]{0,4}[:：][\s*_`]{0,4}peek\s{0,3}[(（](?P<what>[^\n]*)", re.IGNORECASE | re.MULTILINE
)
_AROUND: Final = 160
"""Characters to each side of words that were looked for."""
_FIELDS: Final = 8
_SAMPLE: Final = 20


@dataclass(slots=True)
class Looks:
    """The results that a model was shown, by name, and how often it may yet look into one. `cut`: one of them wasn't shown whole.

    `notes`: what there is to say to people: that a result couldn't be looked into any more. Results in a journal are read there each time.
    """

    cap: int
    left: int = MOST
    cut: bool = False
    notes: list[Diagnostic] = field(default_factory=list)
    _values: dict[str, Callable[[], Json]] = field(default_factory=dict)
    _told: bool = False

    @property
    def offered(self) -> bool:
        """Whether there is anything to look at, and a look left."""
        return self.cut and self.left > 0

    def show(self, name: str, read: Callable[[], Json]) -> str:
        """Return a result on one line, as much of it as fits; it can be looked into from now on. `read`: gives it, at any time."""
        self.know(name, read)
        return self.part(f"${name}", read())

    def result(self, id: TaskId, record: TaskRecord) -> str:
        """Return the result of a call on one line, as `show` does."""
        return self.show(str(id), lambda: record.value)

    def know(self, name: str, read: Callable[[], Json]) -> None:
        """Let a result be looked into."""
        self._values[name] = read

    def part(self, place: str, value: Json) -> str:
        """Return a part of a result that is known, which stands at that place."""
        text = show_part(place, value, self.cap)
        self.cut = self.cut or text is not None
        return _line(value) if text is None else text

    def lines(self, name: str, text: str) -> str:
        """Return a text with its lines, as much of it as fits."""
        self.know(name, lambda: text)
        return self._lines(name, text)

    def _lines(self, name: str, text: str) -> str:
        if estimate(text) <= self.cap:
            return text
        self.cut = True
        shown = _head(text, self.cap)
        return f"{text[:shown]}\n({shape(text)}; more: ${name}[{shown}:])"

    def text(self, name: str, record: TaskRecord) -> str:
        """Return the result of a call as the text that tools' results are, as much of it as fits."""
        self.know(name, lambda: record.value)
        value = record.value
        if isinstance(value, str):
            return self._lines(name, value)
        text = to_text(value)
        return text if estimate(text) <= self.cap else self.part(f"${name}", value)

    def way(self, how: str) -> str:
        """Return the line that tells a model how to look, the first time that there is something to look at. `how`: what it then does."""
        if not self.offered or self._told:
            return ""
        self._told = True
        return f"\n(Of a long result only a part is shown. If more of it is needed, {how}, by place or for words; the place is such as {PLACES}.)"

    def peek(self, wanted: str) -> str:
        """Return what there is to see at a place, and how often one may look yet."""
        if self.left <= 0:
            return NO_MORE
        seen = self.look(wanted)
        more = (
            f"You may look {self.left} more time{'' if self.left == 1 else 's'}."
            if self.left
            else "No further look is possible."
        )
        return f"{seen}\n\n{more}"

    def look(self, wanted: str) -> str:
        """Return what there is to see at a place; why there is nothing, if so. It counts either way."""
        self.left -= 1
        found = _WANTED.fullmatch(wanted) if len(wanted) <= _LONGEST else None
        if found is None:
            return 'that is no place in a result: write $3, $3.items[10:20] or $3, "words"'
        name = found["name"]
        if name not in self._values:
            return f"there is no result ${name} here; results are {', '.join(f'${one}' for one in islice(self._values, 50))}"
        try:
            return self._part(f"${name}{found['path']}", name, found)
        except PathError as error:
            return f"there is nothing at ${name}{found['path']}: {error}"
        except ResultGone as error:
            self.notes.append(Diagnostic(GONE, Severity.WARNING, f"${name} couldn't be looked into: {error}", None))
            return f"${name} can't be looked into any more: it is gone ({GONE}). What was shown of it stands"

    def _part(self, shown: str, name: str, found: re.Match[str]) -> str:
        steps = [int(index) if index else key or named for named, index, key in _STEP.findall(found["path"])]
        value = at_path(self._values[name](), tuple(steps))
        first = 0
        if found["first"] is not None:
            if not isinstance(value, str | list):
                return f"{shown} is {shape(value)}, which has no slices"
            first, last, _ = slice(_number(found["first"]), _number(found["last"])).indices(len(value))
            value = value[first:last]
        words = (found["words"] or "").strip().strip("\"'“”")
        if words:
            return _search(shown, value, words, first, self.cap)
        return f"{shown} = {show_part(shown, value, self.cap, first) or _line(value)}"


def read_look(reply: str) -> str | None:
    """Return where a reply wants to look; None for any other reply."""
    text = unfenced(spoken(reply))
    if text.startswith("{"):
        try:
            given: Any = read_json(text, strict=False)
        except (ValueError, RecursionError):
            return None
        if isinstance(given, dict) and fold(str(given.get("action", ""))) == "peek":
            said = next((given[key] for key in ("answer", "missing") if isinstance(given.get(key), str)), "")
            return str(said)
        return None
    found = _ACTION.search(text)
    return None if found is None else found["what"].strip().rstrip("*_`. ").removesuffix(")").removesuffix("）")


def show_part(name: str, value: Json, cap: int, first: int = 0) -> str | None:
    """Return as much of a value as fits into `cap` tokens, and what is left; None where all of it fits.

    `first`: where in the whole it begins, if it is a slice.
    """
    if _fits(value, cap):
        return None
    if isinstance(value, str):
        shown = _head(value, cap)
        begins = json.dumps(value[:shown], ensure_ascii=False)
        return f"{begins}  ({shape(value)}; more: {name}[{first + shown}:])"
    if isinstance(value, list):
        return _list(name, value, cap, first)
    assert isinstance(value, dict)
    return _dict(name, value, cap)


def _list(name: str, value: list[Json], cap: int, first: int) -> str:
    room = cap
    shown: list[str] = []
    for item in value:
        text = _line(item)
        room -= estimate(text) + 1
        if room < 0:
            break
        shown.append(text)
    if not shown:
        place = f"{name}[{first}]"
        return f"[{show_part(place, value[0], max(1, cap // 2)) or _line(value[0])}, …]  ({shape(value)}; more: {place}, {name}[{first + 1}:])"
    left = f"{len(shown)} are shown, more: {name}[{first + len(shown)}:]"
    return f"[{', '.join(shown)}, …]  ({shape(value)}; {left})"


def _dict(name: str, value: dict[str, Json], cap: int) -> str:
    share, room, shown = max(20, cap // max(1, min(len(value), 16))), cap, list[str]()
    for key, one in value.items():
        text = f"{json.dumps(key, ensure_ascii=False)}: {show_part(_at(name, key), one, share) or _line(one)}"
        room -= estimate(text) + 1
        if room < 0 and shown:
            break
        shown.append(cut_tokens(text, 2 * cap))
    left = list(islice(value, len(shown), len(shown) + 50))
    more = (
        "" if not left else f"; {len(value) - len(shown):,} more keys: {', '.join(cut_tokens(key, 20) for key in left)}"
    )
    return f"{{{', '.join(shown)}{', …' if left else ''}}}  ({shape(value)}{cut_tokens(more, cap)})"


def _at(name: str, key: str) -> str:
    return f"{name}.{key}" if key.isidentifier() else f'{name}["{key}"]'


def _search(name: str, value: Json, words: str, first: int, cap: int) -> str:
    """Return where words stand in a text, or in the parts of a list or an object, upper and lower case alike."""
    places = list(islice(_places(name, value, words.casefold(), first), 1_000))
    room, shown = cap, list[str]()
    for place, text in places:
        room -= estimate(text) + 8
        if room < 0 and shown:
            break
        shown.append(f"{place}: {cut_tokens(text, cap)}")
    if not shown:
        return f"{json.dumps(words, ensure_ascii=False)} stands nowhere in {name}"
    left = (
        f"; {len(places) - len(shown):,} more places, from {places[len(shown)][0]}" if len(shown) < len(places) else ""
    )
    return f"{json.dumps(words, ensure_ascii=False)} in {name}: {' | '.join(shown)}{left}"


def _places(name: str, value: Json, words: str, first: int) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        folded, at = value.casefold(), 0
        while (at := folded.find(words, at)) >= 0:
            begin, end = max(0, at - _AROUND), at + len(words) + _AROUND
            yield f"{name}[{first + begin}:{first + end}]", json.dumps(value[begin:end], ensure_ascii=False)
            at = end
    elif isinstance(value, list):
        for place, item in enumerate(value, first):
            if words in _line(item).casefold():
                yield f"{name}[{place}]", _line(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if words in f"{key} {_line(item)}".casefold():
                yield _at(name, key), _line(item)


def shape(value: Json, depth: int = 2) -> str:
    """Return what a value is in a few words: `list of 240 × {id: int, name: str}`."""
    match value:
        case str():
            return f"text of {len(value):,} characters"
        case list():
            return f"list of {len(value):,}{_items(value, depth)}"
        case dict():
            if not depth:
                return f"object of {len(value):,} keys"
            fields = [f"{cut_tokens(key, 12)}: {_kind(one, depth - 1)}" for key, one in islice(value.items(), _FIELDS)]
            return f"{{{', '.join(fields)}{', …' if len(value) > _FIELDS else ''}}}"
        case _:
            return _kind(value, 0)


def _items(value: list[Json], depth: int) -> str:
    kinds = dict.fromkeys(
        shape(item, depth - 1) if depth and isinstance(item, dict) else _kind(item, 0)
        for item in islice(value, _SAMPLE)
    )
    return f" × {' or '.join(islice(kinds, 3))}" if kinds else ""


def _kind(value: Json, depth: int) -> str:
    if isinstance(value, dict | list) and depth > 0:
        return shape(value, depth)
    return {dict: "object", list: "list", str: "str", bool: "bool", type(None): "null"}.get(
        type(value), type(value).__name__
    )


def _line(value: Json) -> str:
    """Return a value on one line, whole."""
    text = " ".join(value.split()) if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text or '""'


def _fits(value: Json, cap: int) -> bool:
    return estimate(_line(value)) <= cap


def _head(text: str, cap: int) -> int:
    """Return how many characters of a text take `cap` tokens."""
    quarters = cap * 4
    for place, char in enumerate(text):
        quarters -= 1 if char.isascii() else 4
        if quarters < 0:
            return max(1, place)
    return len(text)


def _number(text: str) -> int | None:
    return int(text) if text.strip("-") else None
