"""Make tools of plan files: their inputs are the parameters, and what is said of them is how the file begins."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lcc.compiler import Compiled, compile_parsed, read
from lcc.grammar.front_ends import front_end_of
from lcc.grammar.ir import Const, InputDecl, calls_of
from lcc.grammar.signatures import ANY, Effect, Tools, to_json_schema
from lcc.grammar.signatures.annotations import AnnotationError, parse_annotation
from lcc.grammar.values import Json
from lcc.runtime.text_files import read_text_file

_COMMENT: Final = re.compile(r"\A(?:[ \t]*#[^\n]*\n)+")
_DOCSTRING: Final = re.compile(r'\A\s*"""(.*?)"""', re.DOTALL)


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """A plan that is a tool. `reads`, `destroys`: whether it changes nothing, or may change things beyond repair."""

    name: str
    description: str
    parameters: dict[str, Json]
    compiled: Compiled
    reads: bool
    destroys: bool


def load_plan(path: Path, tools: Tools, level: int) -> SavedPlan:
    """Read a plan file; raise CompileError for one with errors, Unreadable for one that can't be read."""
    text = read_text_file(path)
    shown = str(path)
    compiled = compile_parsed(read(text, tools, front_end=front_end_of(shown), path=shown), tools, level=level)
    effects = {tools[task.tool].effect for task in calls_of(compiled.written) if task.tool in tools}
    return SavedPlan(
        name=re.sub(r"\W+", "_", path.stem).strip("_") or "plan",
        description=_description(text),
        parameters=_parameters(compiled.plan.inputs),
        compiled=compiled,
        reads=all(effect.may_start_early for effect in effects),
        destroys=bool(effects & {Effect.DESTRUCTIVE, Effect.UNDECLARED}),
    )


def _description(text: str) -> str:
    documented = _DOCSTRING.match(text)
    if documented:
        return " ".join(documented[1].split())
    comment = _COMMENT.match(text)
    lines = comment[0].splitlines() if comment else []
    return " ".join(line.strip().lstrip("#").strip() for line in lines)


def _parameters(inputs: tuple[InputDecl, ...]) -> dict[str, Json]:
    properties: dict[str, Json] = {}
    for declared in inputs:
        try:
            schema = to_json_schema(parse_annotation(declared.type))
        except AnnotationError:
            schema = to_json_schema(ANY)
        if isinstance(declared.default, Const):
            schema = {**schema, "default": declared.default.value}
        properties[declared.name] = schema
    required: list[Json] = [declared.name for declared in inputs if declared.default is None]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
