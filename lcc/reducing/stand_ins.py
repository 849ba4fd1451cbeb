"""Answer in the place of tools: each call gives a value of the type that its tool declares, the same for the same arguments.

Nothing is called, so that a text can be run a thousand times. The values are made up; they follow from the tool's name and the arguments alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from zlib import crc32

from lcc.grammar.ir import InputDecl
from lcc.grammar.signatures import ANY, Signature, Tools, Type
from lcc.grammar.signatures.annotations import AnnotationError, parse_annotation
from lcc.grammar.signatures.types import (
    BoolType,
    DictType,
    FloatType,
    IntType,
    ListType,
    LiteralType,
    NullType,
    RecordType,
    UnionType,
)
from lcc.grammar.values import Json
from lcc.python_tools.json_tools import json_tool
from lcc.runtime.tool import Tool

_DEEPEST = 6


class StandIns:
    """Tools that answer so, and the calls that they were asked for. `writes`: those that may change something, as JSON."""

    def __init__(self, tools: Tools) -> None:
        self.writes: list[str] = []
        self._tools = tools
        self._single = {tool.batch.tool: tool for tool in tools.values() if tool.batch is not None}

    def tools(self) -> dict[str, Tool]:
        """Return a tool for each signature."""
        return {name: json_tool(signature, self._call, name) for name, signature in self._tools.items()}

    async def _call(self, name: str, arguments: Mapping[str, Any]) -> Json:
        single = self._single.get(name)
        if single is not None and len(arguments) == 1:
            [given] = arguments.values()
            return [self._answer(single, one) for one in given]
        return self._answer(self._tools[name], arguments)

    def _answer(self, tool: Signature, arguments: Mapping[str, Any]) -> Json:
        asked = f"{tool.name}({json.dumps(arguments, sort_keys=True, default=str)})"
        if not tool.effect.may_start_early:
            self.writes.append(asked)
        return made_up(tool.result, asked)


def made_up(type_: Type, seed: str, deep: int = 0) -> Json:
    """Return a value of a type, the same for the same seed."""
    number = crc32(seed.encode()) % 97
    match type_:
        case NullType():
            return None
        case BoolType():
            return number % 2 == 0
        case IntType():
            return number
        case FloatType():
            return number + 0.5
        case LiteralType(values):
            return values[number % len(values)]
        case ListType(item):
            return [made_up(item, f"{seed}[{i}]", deep + 1) for i in range(number % 3 + 1)] if deep < _DEEPEST else []
        case DictType(value):
            return {"a": made_up(value, f"{seed}.a", deep + 1)} if deep < _DEEPEST else {}
        case RecordType(_, fields):
            return {one.name: made_up(one.type, f"{seed}.{one.name}", deep + 1) for one in fields}
        case UnionType(members):
            return made_up(members[0], seed, deep)
        case _:
            return f"text {number}"


def made_up_inputs(inputs: tuple[InputDecl, ...]) -> dict[str, Json]:
    """Return a value for each declared input."""
    return {one.name: made_up(_type(one), one.name) for one in inputs}


def _type(declared: InputDecl) -> Type:
    try:
        return parse_annotation(declared.type)
    except AnnotationError:
        return ANY
