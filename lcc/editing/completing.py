"""Say what may be written at a place: a tool, a parameter of the call, an id or input, a field of a record."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from lcc.editing.hovering import tool_words
from lcc.editing.open_text import OpenText
from lcc.grammar.ir import Element, Input, Ref, Task
from lcc.grammar.signatures import NoSuchPath, Type, show
from lcc.grammar.signatures.types import RecordType, UnionType
from lcc.pages.highlight import tokens

REACH: Final = 20_000
"""Characters before a place that are looked at."""
_FIELD: Final = re.compile(r"\$\{?\s*(\w+)((?:\.\w+|\[[0-9]+\])*)\.(\w*)\Z")
_REFERENCE: Final = re.compile(r"\$\{?\s*(\w*)\Z")
_TOOL: Final = re.compile(r"(?:\A|[\r\n])[ \t]*[0-9]+[ \t]*\.[ \t]*([\w./-]*)\Z")
_CALL: Final = re.compile(r"([A-Za-z_][\w./-]*)[ \t]*\(")
_STEP: Final = re.compile(r"(?:\A|[\r\n])[ \t]*[0-9]+[ \t]*\.[ \t]*(?=[A-Za-z_][\w./-]*[ \t]*\()")
_WORD: Final = re.compile(r"\w*\Z")
_NAMED: Final = re.compile(r"\s*(\w+)\s*=")
_PATH: Final = re.compile(r"\.(\w+)|\[([0-9]+)\]")


class Completion(NamedTuple):
    """One thing that may be written. `kind`: tool, parameter, id, input or field. `start`: where what it replaces begins."""

    kind: str
    label: str
    start: int
    detail: str = ""
    documentation: str = ""


def completions(text: OpenText, offset: int) -> list[Completion]:
    """Return what may stand at an offset, with what is written of it already."""
    before = text.source.text[max(0, offset - REACH) : offset]
    if text.language != "plan":
        return list(_tools(text, offset, before, _WORD.search(before)))
    if found := _FIELD.search(before[-2_000:]):
        return list(_fields(text, offset, found))
    if found := _REFERENCE.search(before[-200:]):
        return list(_references(text, offset, found))
    if found := _TOOL.search(before[-400:]):
        return list(_tools(text, offset, before, found))
    return list(_parameters(text, offset, before))


def _tools(text: OpenText, offset: int, before: str, found: re.Match[str] | None) -> Iterator[Completion]:
    word = "" if found is None else found[found.lastindex or 0]
    for name, signature in text.tools.items():
        yield Completion("tool", name, offset - len(word), str(signature)[:500], tool_words(signature)[:4_000])
    if text.language == "plan":
        yield Completion("tool", "join", offset - len(word), "hand results back")
        yield Completion("tool", "answer", offset - len(word), "answer with one value")


def _references(text: OpenText, offset: int, found: re.Match[str]) -> Iterator[Completion]:
    start = offset - len(found[1])
    for id, statement in text.ids.items():
        if isinstance(id, Element) or statement.span.start >= offset or statement.span.end >= offset:
            continue
        said = f"{statement.tool}: " if isinstance(statement, Task) else ""
        yield Completion("id", str(id), start, f"{said}{show(text.types.result(id))}"[:500])
    for declared in text.parsed.plan.inputs:
        yield Completion("input", declared.name, start, declared.type[:500])


def _fields(text: OpenText, offset: int, found: re.Match[str]) -> Iterator[Completion]:
    path = tuple([one[1] or int(one[2][:9]) for one in _PATH.finditer(found[2])])
    name = found[1]
    place = Ref(int(name[:9]), path) if name.isdecimal() else Input(name, path)
    try:
        type_ = text.types.part(place)
    except NoSuchPath:
        return
    seen = set()
    for record in _records(type_):
        for field in record.fields:
            if field.name not in seen:
                seen.add(field.name)
                yield Completion("field", field.name, offset - len(found[3]), show(field.type)[:500], field.note)


def _records(type_: Type) -> Iterator[RecordType]:
    match type_:
        case RecordType():
            yield type_
        case UnionType(members):
            for member in members:
                yield from _records(member)
        case _:
            pass


def _parameters(text: OpenText, offset: int, before: str) -> Iterator[Completion]:
    """Yield the parameters of the call that a place is right inside of, where a new argument may begin."""
    steps = list(_STEP.finditer(before))
    call = _CALL.match(before, steps[-1].end()) if steps else None
    signature = None if call is None else text.tools.get(call[1])
    if call is None or signature is None:
        return
    inside = before[call.end() :]
    word = _WORD.search(inside)
    typed = "" if word is None else word[0]
    given = _given(inside.removesuffix(typed))
    if given is None:
        return
    for place, parameter in enumerate(signature.parameters):
        if parameter.name not in given and not parameter.positional_only and place >= given[""]:
            note = parameter.description or parameter.note
            yield Completion(
                "parameter", parameter.name, offset - len(typed), show(parameter.shown)[:500], note[:2_000]
            )


def _given(inside: str) -> dict[str, int] | None:
    """Return the names of the arguments before a place, and under "" how many have none; None where no argument may begin."""
    depth, outer = 0, []
    for kind, part in tokens(inside):
        for char in "" if kind == "comment" else "x" if kind in ("string", "reference") else part:
            depth += (char in "([{") - (char in ")]}")
            if depth < 0:
                return None
            outer.append(char if depth == 0 else "x")
    *arguments, last = "".join(outer).split(",")
    if depth or last.strip():
        return None
    named = {found[1]: 1 for one in arguments if (found := _NAMED.match(one))}
    return {"": len(arguments) - len(named), **named}
