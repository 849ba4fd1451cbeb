"""Write tools as models and people are told of them: one line a tool, and each record once, with what its fields are.

ship(to: Address, copies: int = 1) -> str  # changes things; Ship a parcel; copies: 1 to 20
class Address: street: str; city: str; zip: str | None = ...  # street: street and number
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from lcc.grammar.signatures.signature import Effect, Parameter, Signature
from lcc.grammar.signatures.types import DictType, ListType, RecordType, Type, UnionType, show

_EFFECTS: Final = {Effect.WRITE: "changes things", Effect.DESTRUCTIVE: "destroys things"}
RECORDS: Final = "Records, written as dicts:"
_NOT_NAMED: Final = {"object": "Record", "dict": "Record"}


class ToolTexts:
    """The lines of some tools. Records of equal names and other fields are told apart by a number."""

    def __init__(self, tools: Iterable[Signature]) -> None:
        self.tools = tuple(tools)
        self._names: dict[RecordType, str] = {}
        for record in _records(self.tools):
            self._name(record)

    def _name(self, record: RecordType) -> None:
        if record in self._names:
            return
        wanted = _NOT_NAMED.get(record.name, record.name)
        taken = set(self._names.values())
        name, count = wanted, 1
        while name in taken:
            count += 1
            name = f"{wanted}{count}"
        self._names[record] = name

    def name_of(self, record: RecordType) -> str:
        """Return the name that a record has in these lines."""
        return self._names.get(record, record.name)

    def named(self) -> Iterator[tuple[RecordType, str]]:
        """Yield the records with their names, those first that others hold."""
        yield from self._names.items()

    def line(self, tool: Signature) -> str:
        """Return a tool's declaration, and what it says of itself."""
        said = [_EFFECTS[tool.effect]] if tool.effect in _EFFECTS else []
        if tool.description:
            said.append(" ".join(tool.description.split()).rstrip("."))
        said += parameter_notes(tool)
        declared = tool.shown(self.name_of)
        return f"{declared}  # {'; '.join(said)}" if said else declared

    def lines(self) -> list[str]:
        """Return the lines of all tools."""
        return [self.line(tool) for tool in self.tools]

    def records(self) -> list[str]:
        """Return a line for each record, those first that others hold."""
        return [f"class {name}: {self._fields(record)}" for record, name in self._names.items()]

    def _fields(self, record: RecordType) -> str:
        fields = [f"{f.name}: {show(f.type, self.name_of)}{'' if f.required else ' = ...'}" for f in record.fields]
        notes = [f"{f.name}: {f.note}" for f in record.fields if f.note]
        return "; ".join(fields) + (f"  # {'; '.join(notes)}" if notes else "")

    def text(self) -> str:
        """Return the lines of all tools, and of the records that they take and give."""
        records = self.records()
        return "\n".join([*self.lines(), *([RECORDS, *records] if records else [])])


def tools_text(tools: Iterable[Signature] | Mapping[str, Signature]) -> str:
    """Return tools as planners are told of them."""
    return ToolTexts(tools.values() if isinstance(tools, Mapping) else tools).text()


def parameter_notes(tool: Signature) -> list[str]:
    """Return what is said of a tool's parameters beyond their types: `limit: how many (1 to 50)`."""
    return [f"{p.name}: {note}" for p in tool.parameters if (note := parameter_note(p))]


def parameter_note(parameter: Parameter) -> str:
    """Return the description of a parameter and what may stand there."""
    said = " ".join(parameter.description.split()).rstrip(".")
    if said and parameter.note:
        return f"{said} ({parameter.note})"
    return said or parameter.note


def _records(tools: Iterable[Signature]) -> Iterator[RecordType]:
    """Yield the records that tools take and give whose fields are known, those within others first."""
    for tool in tools:
        for type_ in (*(parameter.shown for parameter in tool.parameters), tool.result):
            yield from _within(type_)


def _within(type_: Type) -> Iterator[RecordType]:
    match type_:
        case RecordType(_, fields):
            for one in fields:
                yield from _within(one.type)
            if fields:
                yield type_
        case ListType(item) | DictType(item):
            yield from _within(item)
        case UnionType(members):
            for member in members:
                yield from _within(member)
        case _:
            pass
