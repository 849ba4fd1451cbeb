"""Say how the statements of the IR are in JSON: objects, each with a key of its own."""

from __future__ import annotations

from typing import Any, Final

from lcc.grammar.ir.json_shape import IrJsonError, Object, Shape, nested, pair, shown, text, variants, whole
from lcc.grammar.ir.json_values import SHAPES, named, one_of, referred
from lcc.grammar.ir.nodes import Arg, Exit, ForEach, Gather, Handler, If, Inline, Let, Part, Region, Task, Try, While
from lcc.grammar.signatures import RESERVED_TOOLS, TOOL_NAME
from lcc.grammar.source import Span

__all__ = ["SHAPES"]


def _read_span(obj: Any, at: str) -> Span:
    start, end = pair(obj, at)
    return Span(whole(start, f"{at}/0", 0), whole(end, f"{at}/1", 0))


def _read_args(obj: Any, at: str) -> tuple[Arg, ...]:
    args: tuple[Arg, ...] = SHAPES["[argument]"].read(obj, at)
    if sum([arg.each for arg in args]) > 1:
        raise IrJsonError(at, "two arguments are `each`; a call may have one")
    return args


def _read_tool(obj: Any, at: str) -> str:
    tool = text(obj, at)
    if not TOOL_NAME.match(tool) or tool in RESERVED_TOOLS:
        raise IrJsonError(at, f"{shown(obj)} can't name a tool")
    return tool


def _read_part(obj: Any, at: str) -> Part:
    found: Part = _PART.read(obj, at)
    if (found.target is None) is not (found.items is None):
        raise IrJsonError(at, "`for` and `in` belong together")
    return found


def _read_exit(obj: Any, at: str) -> Exit:
    found: Exit = _EXIT.read(obj, at)
    if found.kind in ("break", "continue") and found.value is not None:
        raise IrJsonError(f"{at}/value", f"`{found.kind}` has no value")
    if found.kind in ("answer", "offer") and found.value is None:
        raise IrJsonError(at, f"`{found.kind}` has a value")
    return found


_SPAN: Final[Object] = {
    "description": "Where it stands in the source: the half-open range of code points.",
    "type": "array",
    "items": referred("count"),
    "minItems": 2,
    "maxItems": 2,
}
SHAPES.define("span", Shape(_SPAN, _read_span, lambda span: [span.start, span.end]))
SHAPES["tool"] = Shape({**named(TOOL_NAME), "not": {"enum": ["join", "answer"]}}, _read_tool)
SHAPES.define_record(
    "argument",
    Arg,
    "name?: text, value: item, each?: truth",
    "Positional without a name. `each`: the call runs once for every element; at most one argument of a call.",
)
SHAPES["arguments"] = Shape(SHAPES["[argument]"].schema, _read_args, SHAPES["[argument]"].write)
SHAPES.define_record(
    "task",
    Task,
    "id: id, tool: tool, args?: arguments, after?: [id], ok?: [id], instead?: id, when?: value, priority?: seconds, "
    "thought?: text, span?: span",
    "One call. `after`: tasks that must have ended although no data flows; `ok`: those that must have ended well. `priority`: upward "
    "rank in seconds. `instead`: it is made only if that task failed; `when`: only if this is true. These and `ok` stand only in a "
    "body.",
)
_BLOCK_SCHEMA: Final[Object] = {"type": "array", "items": referred("statement")}
SHAPES.define(
    "block",
    Shape(
        _BLOCK_SCHEMA,
        nested(lambda obj, at: SHAPES["[statement]"].read(obj, at), "a block"),
        lambda block: SHAPES["[statement]"].write(block),
    ),
)
SHAPES.define_record(
    "handler",
    Handler,
    "classes?: value, name?: local_name, body: block, span?: span",
    "Without classes it takes every failure that may be handled.",
)
_PART: Final = SHAPES.record(
    Part,
    "for=target?: target, in=items?: value, body: block, value: value",
    "One part of a gather, or with `in` one for each of these.",
)
SHAPES.define("part", Shape(_PART.schema, _read_part, _PART.write))
SHAPES["parts_of_gather"] = Shape(
    SHAPES["[part]"].schema, nested(SHAPES["[part]"].read, "a block"), SHAPES["[part]"].write
)
SHAPES["way_out"] = one_of("break", "continue", "return", "answer", "raise", "offer")
_EXIT: Final = SHAPES.record(
    Exit,
    "exit=kind: way_out, value?: value, span?: span",
    "It leaves a loop, a function or the program. `offer` leaves nothing: its value counts if nothing was printed.",
)
_REST: Final = "when?: value, thought?: text, span?: span"
_STATEMENTS: Final[dict[type, tuple[str, Shape]]] = {
    Let: (
        "let",
        SHAPES.record(
            Let,
            f"let=value: value, targets?: [target], id?: source_id, {_REST}",
            "A value, bound to an id or to targets from left to right; without either for what it changes or prints.",
        ),
    ),
    ForEach: (
        "for",
        SHAPES.record(
            ForEach,
            "for=target: target, in=items: value, id: source_id, body: block, yield=yields?: value, yield_when?: value, "
            f"else=orelse?: block, {_REST}",
            "The body, once for each item. Its result is what the turns yield.",
        ),
    ),
    Region: (
        "region",
        SHAPES.record(
            Region,
            f"region=id: source_id, names?: [local_name], body: block, {_REST}",
            "Strict statements among steps. Its result is a record of `names`.",
        ),
    ),
    Inline: (
        "inline",
        SHAPES.record(
            Inline,
            "inline=id: source_id, name?: text, names?: [local_name], body: block, via?: span, span?: span",
            "The body of a function in the place where it is called. `names`: its own. `via`: the call.",
        ),
    ),
    If: ("if", SHAPES.record(If, "if=test: value, body: block, else=orelse?: block, span?: span")),
    While: (
        "while",
        SHAPES.record(While, "while=test: value, id: source_id, body: block, else=orelse?: block, span?: span"),
    ),
    Try: (
        "try",
        SHAPES.record(
            Try, "try=body: block, handlers?: [handler], else=orelse?: block, finally=final?: block, span?: span"
        ),
    ),
    Gather: (
        "gather",
        SHAPES.record(
            Gather,
            "gather=id: source_id, exceptions?: truth, parts: parts_of_gather, span?: span",
            "Independent parts. Its result is the list of their values; with `exceptions` a part that fails gives its exception.",
        ),
    ),
    Exit: ("exit", Shape(_EXIT.schema, _read_exit, _EXIT.write)),
    Task: ("tool", SHAPES["task"]),
}
SHAPES.define("statement", variants(_STATEMENTS, "A statement of a body."))
