"""Make calls of what data say: references by the table of notations, each with its exact extent.

What looks like a reference to a call that exists, and is none of these, is an error: as text it would reach the tool.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from lcc.grammar.ir import Arg, Const, DictOf, ListOf, Ref, Value, references, text_of
from lcc.grammar.ir.expressions import Format, Path
from lcc.grammar.lenient.calls.polish import spread
from lcc.grammar.lenient.calls.said import Said
from lcc.grammar.lenient.calls.settle import Read
from lcc.grammar.reading.loose_values import NotUnderstood
from lcc.grammar.signatures import RESERVED_TOOLS
from lcc.grammar.syntax.statement import Call, CallKind
from lcc.grammar.syntax.strings import read_path
from lcc.grammar.tolerant.parameters import written
from lcc.grammar.tolerant.references import looks_like, number_of, written_in, written_whole
from lcc.grammar.tolerant.tool_names import ToolNames

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
    """The ids of the calls of one text, from `first` on, by what a reference may call them. `base`: what the first is called without a name."""

    def __init__(self, calls: list[Said], first: int, base: int) -> None:
        self._keys: dict[str, int] = {}
        tasks = [said for said in calls if said.tool not in RESERVED_TOOLS]
        for id_, said in enumerate(tasks, first):
            for key in filter(None, (said.key, said.name)):
                if self._keys.setdefault(_plain(key), id_) != id_:
                    raise NotUnderstood(f"two calls are called `{key}`", *said.span)
        found = [(number_of(_plain(said.key or "")), id_) for id_, said in enumerate(tasks, first)]
        numbered = {number: id_ for number, id_ in reversed(found) if number is not None}
        self._numbers = numbered or {place + base: id_ for place, (_, id_) in enumerate(found)}

    def find(self, key: str) -> int | None:
        """Return the id of the call that a key means."""
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
    """Make the calls of one text. `first`: the id of the first task. `base`: what it is called without a name."""

    def __init__(self, calls: list[Said], names: ToolNames, first: int, base: int) -> None:
        self._names = names
        self._lookup = Lookup(calls, first, base)

    def read(self, said: Said) -> Read:
        """Return a call with its references."""
        if said.tool in RESERVED_TOOLS:
            values = [self._value(value, said) for _, value in said.args]
            values = values[:1] if said.tool == "answer" else [value for value in values if references(value)]
            given: tuple[Arg, ...] = tuple(Arg(None, value, False, said.span) for value in values)
            kind: CallKind = "answer" if said.tool == "answer" and given else "join"
            return Read(Call(kind, None, kind, given, False, said.span), None, None, (), (), resolved=True)
        args = tuple(Arg(name, self._value(value, said), False, said.span) for name, value in said.args)
        signature = self._names.signature(said.tool)
        args = written(signature, spread(args, signature) or args)
        after = tuple(self._dependency(key, said) for key in said.after)
        call = Call("task", None, said.tool, args, False, said.span)
        return Read(call, None, None, (), (), resolved=True, after=after)

    def _dependency(self, key: str, said: Said) -> int:
        target = self._lookup.find(key.strip("$#<>{}[]"))
        if target is None:
            raise NotUnderstood(f"this depends on `{key}`, which is no call of the plan", *said.span, "P010")
        return target

    def _value(self, value: Any, said: Said) -> Value:
        match value:
            case str():
                return self._text(value, said)
            case list():
                return ListOf(tuple(self._value(item, said) for item in value))
            case dict():
                return self._object(value, said)
            case _:
                return Const(value)

    def _object(self, value: dict[str, Any], said: Said) -> Value:
        """Return an object, or the reference that it is: `{"$ref": "look"}`, `{"from_step": 1, "field": "name"}`."""
        match list(value.items()):
            case [(head, str() | int() as key), *more] if head in _REFERS:
                target = self._lookup.find(str(key).strip("$#<>{}[]"))
                steps = [f".{field}" for name, field in more if name in _PATHS and isinstance(field, str)]
                if target is not None and not len(more) == len(steps) < 2:
                    what = f"this looks like the result of call {key}, and is no reference"
                    raise NotUnderstood(what, *said.span, "P010")
                if target is not None:
                    return Ref(target, _result(read_path("".join(steps))), said.span)
        return DictOf(tuple((key, self._value(item, said)) for key, item in value.items()))

    def _text(self, text: str, said: Said) -> Value:
        parts: list[str | Ref] = []
        at = 0
        for start, end, target, path in self._lookup.references(text):
            parts += [self._checked(text[at:start], said), Ref(target, path, said.span)]
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


def _result(path: Path) -> Path:
    return path[1:] if path and isinstance(path[0], str) and path[0].casefold() in _FIELDS else path


def _plain(key: str) -> str:
    return key.strip().strip("$#@<>{}").replace("-", "_").replace(" ", "_").casefold()
