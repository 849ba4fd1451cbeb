"""Keep the values of secret inputs out of what is written and shown: messages, journals, traces, reports.

A tool's exception often quotes what it was given, rarely as it was given: as JSON or Python write it, in a URL, as HTML, as JSON in
JSON in a URL. So a text is searched as it is, and again each time its escapes have been taken out. White space may be another than
it was, or missing; letters may be small or large ones; a quotation mark may be several, as a shell, SQL and CSV write it. Base64 is
looked for in each of its three alignments, since `Basic` authentication puts a name before the secret.

Texts, keys and numbers of four characters or more are looked for; shorter ones would be found everywhere.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from lcc.grammar.ir import Element, InputDecl, TaskId
from lcc.grammar.late_pattern import pattern
from lcc.grammar.values import Json
from lcc.runtime.calls.escapes import decoded, layers
from lcc.runtime.result import Failure, FailureKind, TaskRecord

SHORTEST: Final = 4
COMPUTED: Final = 2
"""The level of a call that was given what the plan itself computed; below, it is what a tool made of that."""
_MOST_COMPUTED: Final = 256
"""Texts that are looked for behind the calls that they were given to."""
HIDDEN: Final = "(secret)"
WITHHELD: Final = "its result held a secret input, which the journal doesn't keep"


class Secrets:
    """The secret texts of one run. False if there are none.

    `calls`: those whose arguments may hold what was computed from a secret, as `secrecy` has it.
    """

    calls: Mapping[TaskId, int] = MappingProxyType({})

    def __init__(self, declared: Iterable[InputDecl] = (), values: Mapping[str, Json] | None = None) -> None:
        self._computed: set[str] = set()
        self.learn(declared, values or {})

    def learn(self, declared: Iterable[InputDecl], values: Mapping[str, Json]) -> None:
        """Make the secret ones of these inputs the secrets of the run."""
        self._look_for({text for d in declared if d.secret for text in _texts(values.get(d.name))})

    def _look_for(self, texts: set[str]) -> None:
        self._known = texts
        self._pattern = _alternatives(pattern for text in texts for pattern in _patterns(text)) if texts else None
        self._clue = _alternatives(clue for text in texts for clue in _clues(text)) if texts else None

    def __bool__(self) -> bool:
        return self._pattern is not None

    def around(self, id_: TaskId, arguments: Callable[[], Json]) -> Secrets:
        """Return these secrets, and what a call may tell of what the plan computed from them.

        That is what the call was given, if the plan computed it; else, behind such a call, what that one was given.
        """
        level = self.calls.get(id_.task if isinstance(id_, Element) else id_)
        if level is None:
            return self
        if level >= COMPUTED or len(self._computed) > _MOST_COMPUTED:
            given = set(_texts(arguments()))
            self._computed |= given
            return self._with(given)
        return self._with(self._computed)

    def _with(self, texts: set[str]) -> Secrets:
        more = Secrets()
        more._look_for(self._known | texts)
        return more

    def hide(self, text: str) -> str:
        """Return a text without them."""
        if self._pattern is None or not self._may_be_in(text):
            return text
        found = [layer.source(*m.span()) for layer in layers(text) for m in self._pattern.finditer(layer.text)]
        hidden, at = [], 0
        for start, end in sorted(found):
            if end > at:
                hidden += [text[at:start], HIDDEN] if start >= at else []
                at = end
        return "".join(hidden) + text[at:]

    def hide_failure(self, failure: Failure) -> Failure:
        """Return a failure whose message and cause hold none."""
        if self._pattern is None:
            return failure
        cause = None if failure.cause is None else self.hide(failure.cause)
        return replace(failure, message=self.hide(failure.message), cause=cause)

    def hide_value(self, value: Json) -> Json:
        """Return a value without them; the very same if it holds none."""
        if self._pattern is None or not self._may_be_in(json.dumps(value, ensure_ascii=False)):
            return value
        hidden = self._without(value)
        return value if hidden == value else hidden

    def hide_record(self, record: TaskRecord) -> TaskRecord:
        """Return a record for a journal: a result that holds a secret is kept without it, and marked by an error."""
        value = self.hide_value(record.value)
        if value is record.value:
            return record
        return replace(record, value=value, error=Failure(FailureKind.RESULT, WITHHELD))

    def _may_be_in(self, text: str) -> bool:
        """Whether to look closely: letters and digits of a secret stand in a text that holds it, unless they are written as numbers."""
        return self._clue is not None and (self._clue.search(text) or _NUMBERS.search(text)) is not None

    def _without(self, value: Json) -> Json:
        if isinstance(value, str):
            return self.hide(value)
        if isinstance(value, list):
            return [self._without(item) for item in value]
        if isinstance(value, dict):
            return {self.hide(key): self._without(item) for key, item in value.items()}
        if isinstance(value, int | float) and not isinstance(value, bool):
            return HIDDEN if self.hide(str(value)) != str(value) else value
        return value


NO_SECRETS: Final = Secrets()


def _texts(value: Json) -> Iterator[str]:
    """Yield the texts, keys and numbers in a value that are long enough to be looked for."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(key)
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif value is not None and not isinstance(value, bool) and len(str(value).strip()) >= SHORTEST:
        yield str(value)


_NUMBERS: Final = pattern(r"%[0-9A-Fa-f]{2}|\\[xuU]|&[#0-9A-Za-z]{2,32};?")
_APART: Final = pattern(r"""([\s'"]+)""")
_LETTERS: Final = pattern("[0-9A-Za-z]+")
_HIGH: Final = pattern("[\x80-\xff]+")
"""Characters that Python escapes as it does bytes, so that they may be taken for UTF-8."""
_SPOILT: Final = (0, 2, 3)
"""How many characters of Base64 the bytes before a text have a part in, by their number."""
_IN_URLS: Final = str.maketrans({"+": "[-+]", "/": "[/_]"})


def _alternatives(patterns: Iterable[str]) -> re.Pattern[str]:
    """Return a pattern that finds the longest of some."""
    return re.compile("|".join(sorted(set(patterns), key=len, reverse=True)), re.IGNORECASE)


def _patterns(text: str) -> Iterator[str]:
    """Yield patterns of a text: as it is, with the escapes that are part of it taken out, as Base64."""
    for layer in (*layers(text), *layers(_HIGH.sub(lambda run: decoded(run[0].encode("latin-1")), text))):
        core = layer.text.strip().strip("\\") or layer.text  # of its last backslash, what follows may make an escape
        behind = layer.text[len(layer.text.rstrip()) :]
        yield _loosely(core) + f"(?:{behind})?"
    for known in _encoded(text):
        yield known.translate(_IN_URLS)


def _loosely(text: str) -> str:
    """Return a pattern of a text whose white space and quotation marks may be others between words, in linear time."""
    words = _APART.split(text)
    if not any(words[::2]):
        return re.escape(text)
    for place in range(1, len(words), 2):
        quoted = not words[place].isspace()
        inside = words[place - 1] and words[place + 1]
        words[place] = r"""[\s+'"\\]+""" if quoted else r"[\s+]*"
        if quoted and not inside:  # what begins with them is looked for where a run of them begins, each place once
            words[place] = r"""(?<!['"\\])['"\\]+[\s+]*""" if words[place + 1] else r"""[\s+'"\\]*['"]"""
    words[::2] = map(re.escape, words[::2])
    return "".join(words)


def _encoded(text: str) -> Iterator[str]:
    """Yield what must stand in the Base64 of any text that ends in a text, or goes on behind it; and the text in hexadecimal."""
    data = text.strip().encode("utf-8", "surrogatepass")
    yield data.hex()
    for before, spoilt in enumerate(_SPOILT):
        yield b64encode(bytes(before) + data)[spoilt : (before + len(data)) * 4 // 3].decode()


def _clues(text: str) -> Iterator[str]:
    """Yield patterns of which one is found in every text that holds a text in any form."""
    for known in (text, *_encoded(text)):
        yield max(_LETTERS.findall(known), key=len, default="")
