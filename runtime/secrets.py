"""Keep the values of secret inputs out of what is written and shown: messages, journals, traces, reports.

A tool's exception often quotes what it was given. Texts and numbers of four characters or more are looked for, as they are, as JSON
and as Python write them; shorter ones would be found everywhere.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from lcc.grammar.ir import InputDecl
from lcc.grammar.values import Json
from lcc.runtime.result import Failure, FailureKind, TaskRecord

SHORTEST: Final = 4
HIDDEN: Final = "(secret)"
WITHHELD: Final = "its result held a secret input, which the journal doesn't keep"


class Secrets:
    """The secret texts of one run. False if there are none."""

    def __init__(self, declared: Iterable[InputDecl] = (), values: Mapping[str, Json] | None = None) -> None:
        given = values or {}
        texts = {form for d in declared if d.secret for text in _texts(given.get(d.name)) for form in _forms(text)}
        longest_first = sorted(texts, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first))) if texts else None

    def __bool__(self) -> bool:
        return self._pattern is not None

    def hide(self, text: str) -> str:
        """Return a text without them."""
        return text if self._pattern is None else self._pattern.sub(HIDDEN, text)

    def hide_failure(self, failure: Failure) -> Failure:
        """Return a failure whose message holds none."""
        return failure if self._pattern is None else replace(failure, message=self.hide(failure.message))

    def hide_value(self, value: Json) -> Json:
        """Return a value without them; the very same if it holds none."""
        if self._pattern is None or self._pattern.search(json.dumps(value, ensure_ascii=False)) is None:
            return value
        return self._without(value)

    def hide_record(self, record: TaskRecord) -> TaskRecord:
        """Return a record for a journal: a result that holds a secret is kept without it, and marked by an error."""
        value = self.hide_value(record.value)
        if value is record.value:
            return record
        return replace(record, value=value, error=Failure(FailureKind.RESULT, WITHHELD))

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
    """Yield the texts and numbers in a value that are long enough to be looked for."""
    if isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif value is not None and not isinstance(value, bool) and len(str(value)) >= SHORTEST:
        yield str(value)


def _forms(text: str) -> Iterator[str]:
    yield text
    yield json.dumps(text, ensure_ascii=False)[1:-1]
    yield json.dumps(text)[1:-1]
    yield repr(text)[1:-1]
