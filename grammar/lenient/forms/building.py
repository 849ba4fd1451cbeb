"""Make tasks of what a form says: ids by place, references by the table of notations, each with its exact extent.

What looks like a reference to a call that exists, and is none of these, is an error: as text it would reach the tool.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from lcc.grammar.diagnostics import Diagnostic, Severity
from lcc.grammar.ir import Arg, Const, DictOf, Join, ListOf, Plan, Ref, Task, Value, references, text_of
from lcc.grammar.ir.expressions import Format, Path
from lcc.grammar.lenient.arguments.references import looks_like, number_of, written_in, written_whole
from lcc.grammar.lenient.calls.ordering import in_order
from lcc.grammar.lenient.calls.polish import stands_for_arguments
from lcc.grammar.lenient.calls.said import Reading, Said
from lcc.grammar.lenient.marks.parameters import written
from lcc.grammar.lenient.marks.tool_names import ToolNames
from lcc.grammar.reading.loose_values import NotUnderstood
from lcc.grammar.signatures import RESERVED_TOOLS
from lcc.grammar.syntax.strings import read_path

_HELP: Final = "write one call for each step, and nothing else on its line"
_FIELDS: Final = frozenset(
    ["output", "outputs", "result", "results", "response", "value", "data", "answer", "content", "text", "return"]
)
_REFERS: Final = frozenset(["$ref", "ref", "$from", "from_step", "from_task", "result_of", "output_of", "step_ref"])
_PATHS: Final = frozenset(["field", "path", "key", "attribute", "property"])
_BRACED: Final = re.compile(r"\{\{[^{}\r\n]*+\}\}")
_WORD: Final = re.compile(r"\w++")
_LEADS: Final = frozenset(
    ["step", "steps", "task", "tasks", "node", "nodes", "call", "calls", "result", "results", "output", "outputs"]
)


class Lookup:
    """The calls of one text by what a reference may call them. `base`: the number of the first, where calls have no ids."""

    def __init__(self, calls: list[Said], base: int = 1) -> None:
        self._keys: dict[str, int] = {}
        for place, said in enumerate(calls):
            for key in filter(None, (said.key, said.name)):
                if self._keys.setdefault(_plain(key), place) != place:
                    raise NotUnderstood(f"two calls are called `{key}`", *said.span)
        found = [(number_of(_plain(said.key or "")), place) for place, said in enumerate(calls)]
        numbered = {number: place for number, place in reversed(found) if number is not None}
        self._numbers = numbered or {place + base: place for place in range(len(calls))}

    def find(self, key: str) -> int | None:
        """Return the place of the call that a key means."""
        place = self._keys.get(_plain(key))
        number = number_of(key.strip()) if place is None else None
        return place if number is None else self._numbers.get(number)

    def references(self, text: str) -> Iterator[tuple[int, int, int, Path]]:
        """Yield the references that a text holds, or the one that it is without marks (`step_1`): from where to where, to which call, its path."""
        alone = written_whole(text.strip())
        if alone is not None and any(char.isdigit() for char in alone.key):
            named = self.find(text)
            place = self.find(alone.key) if named is None else named
            if place is not None:
                yield 0, len(text), place, _result(read_path(alone.steps) if named is None else ())
                return
        for one in written_in(text):
            if one.natural:
                continue
            place, path = self.find(one.key), read_path(one.steps)
            if place is None and _plain(one.key) in _LEADS and path:
                place, path = self.find(str(path[0])), path[1:]
            if place is not None:
                yield one.start, one.end, place, _result(path)


class Builder:
    """Build the tasks of one reading. `earlier`: the ids that are taken."""

    def __init__(self, reading: Reading, names: ToolNames, earlier: frozenset[int]) -> None:
        self._reading, self._names = reading, names
        self._first = max(earlier, default=0) + 1
        self._lookup = Lookup(reading.calls, 0 if reading.zero else 1)

    def plan(self) -> Plan:
        """Return the plan of the calls."""
        made = self._tasks()
        return Plan((), made, self._join(made))

    def _tasks(self) -> tuple[Task, ...]:
        """Return the tasks, each behind those that it reads."""
        made = [
            self._task(said, place) for place, said in enumerate(self._reading.calls) if said.tool not in RESERVED_TOOLS
        ]
        ordered = in_order(made)
        if len(ordered) < len(made):
            placed = {task.id for task in ordered}
            span = next(task.span for task in made if task.id not in placed)
            raise NotUnderstood("this call and others refer to one another in a circle", *span, "P010")
        return ordered

    def _task(self, said: Said, place: int) -> Task:
        args = tuple(Arg(name, self._value(value, place, said), False, said.span) for name, value in self._args(said))
        args = written(self._names.signature(said.tool), args)
        read = {ref.task for arg in args for ref in references(arg.value)}
        after = {self._dependency(key, place, said) for key in said.after}
        return Task(self._first + place, said.tool, args, tuple(sorted(after - read)), span=said.span)

    def _join(self, tasks: tuple[Task, ...]) -> Join:
        """Return the join: what the text hands on, or everything."""
        for place, said in enumerate(self._reading.calls):
            if said.tool in ("join", "answer"):
                values = [self._value(value, place, said) for _, value in said.args]
                read = tuple(v for v in values if references(v))
                if said.tool == "answer" and values:
                    return Join(tuple(values[:1]), None, True)
                if read:
                    return Join(read, None)
        ids = tuple(sorted(t.id for t in tasks if isinstance(t.id, int)))
        return Join(tuple(Ref(id_) for id_ in ids), ids)

    def _args(self, said: Said) -> list[tuple[str | None, Any]]:
        """Return the arguments; one object that names parameters of the tool is spread over them."""
        match said.args:
            case [(None, dict() as given)] if stands_for_arguments(self._names.signature(said.tool), given):
                return list(given.items())
        return said.args

    def _dependency(self, key: str, place: int, said: Said) -> int:
        target = self._lookup.find(key.strip("$#<>{}[]"))
        if target is None or target == place:
            raise NotUnderstood(f"this depends on `{key}`, which is no call of the plan", *said.span, "P010")
        return self._first + target

    def _value(self, value: Any, place: int, said: Said) -> Value:
        match value:
            case str():
                return self._text(value, place, said)
            case list():
                return ListOf(tuple(self._value(item, place, said) for item in value))
            case dict():
                return self._object(value, place, said)
            case _:
                return Const(value)

    def _object(self, value: dict[str, Any], place: int, said: Said) -> Value:
        """Return an object, or the reference that it is: `{"$ref": "look"}`, `{"from_step": 1, "field": "name"}`."""
        match list(value.items()):
            case [(head, str() | int() as key), *more] if head in _REFERS:
                target = self._lookup.find(str(key).strip("$#<>{}[]"))
                steps = [f".{field}" for name, field in more if name in _PATHS and isinstance(field, str)]
                if target is not None and (target == place or not len(more) == len(steps) < 2):
                    raise NotUnderstood(
                        f"this looks like the result of call {key}, and is no reference", *said.span, "P010"
                    )
                if target is not None:
                    return Ref(self._first + target, _result(read_path("".join(steps))), said.span)
        return DictOf(tuple((key, self._value(item, place, said)) for key, item in value.items()))

    def _text(self, text: str, place: int, said: Said) -> Value:
        parts: list[str | Ref] = []
        at = 0
        for start, end, target, path in self._lookup.references(text):
            if target == place:
                raise NotUnderstood(f"`{text[start:end]}` refers to the call that it stands in", *said.span, "P010")
            parts += [self._checked(text[at:start], said), Ref(self._first + target, path, said.span)]
            at = end
        made = text_of([*parts, self._checked(text[at:], said)])
        only = made.parts[0] if isinstance(made, Format) and len(made.parts) == 1 else None
        return only if isinstance(only, Ref) else made

    def _checked(self, text: str, said: Said) -> str:
        """Return a text; raise NotUnderstood where something in it looks like a reference to a call, and is none."""
        for start, end, number in looks_like(text):
            if self._lookup.find(str(number)) is not None:
                what = f"`{text[start:end]}` looks like the result of call {number}, and is no reference"
                raise NotUnderstood(what, *said.span, "P010")
        for braced in _BRACED.finditer(text):
            words = _WORD.findall(braced[0])
            fields = len(words) > 1 and not _FIELDS.isdisjoint(word.casefold() for word in words)
            if fields or any(self._lookup.find(word) is not None for word in words):
                what = f"`{braced[0]}` looks like the result of a call, and is no reference"
                raise NotUnderstood(what, *said.span, "P010")
        return text


def refusal(odd: NotUnderstood) -> Diagnostic:
    """Return the error that says what is not understood."""
    return Diagnostic(odd.code, Severity.ERROR, odd.message, odd.span, _HELP)


def _result(path: Path) -> Path:
    return path[1:] if path and isinstance(path[0], str) and path[0].casefold() in _FIELDS else path


def _plain(key: str) -> str:
    return key.strip().strip("$#@<>{}").replace("-", "_").replace(" ", "_").casefold()
