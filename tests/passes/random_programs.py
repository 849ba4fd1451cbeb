"""Make up tools with random effects and resources, and plans that call them with few different arguments.

Few arguments, so that calls repeat, conflict and expand often. Results are dicts with a text `v`, a number `n` and a list `l`,
or lists of texts, as `reference_interpreter.fake_result` makes them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from hypothesis import strategies as st

from lcc.grammar.ir import Arg, Const, DictOf, Format, Input, InputDecl, Join, ListOf, Plan, Ref, Task, Value, text_of
from lcc.grammar.ir_text import print_ir
from lcc.grammar.signature import OUTSIDE, Batch, Effect, Parameter, Resource, Signature, Tools
from lcc.grammar.types import ANY, FLOAT, STR, Field, ListType, RecordType, Type
from lcc.grammar.values import Json

INPUTS: dict[str, Json] = {"city": "a", "names": ["a", "b"]}
RECORD = RecordType("Result", (Field("v", STR), Field("n", ANY), Field("l", ListType(STR))))
PATTERNS = ("", "r", "s", "f:{x}", "f:{x}/{y}", "f:a", "g:{y}", "f:")
TEXTS = ("a", "b", "a/b")


class Program(NamedTuple):
    """Tools, and a plan that calls them correctly."""

    tools: Tools
    plan: Plan

    def __repr__(self) -> str:
        """Show it as it is read: declarations and the text of the IR."""
        lines = [f"{s}: {s.effect} {[r.pattern for r in s.resources]} {s.batch or ''}" for s in self.tools.values()]
        return "\n".join(["", *lines, print_ir(self.plan)])


@st.composite
def toolsets(draw: st.DrawFn) -> Tools:
    """Draw four to six tools. A pure tool or a read may have a batch form, a pure one may be folded."""
    tools: dict[str, Signature] = {}
    for number in range(draw(st.integers(4, 6))):
        effect = draw(st.sampled_from(list(Effect)))
        patterns = draw(st.lists(st.sampled_from(PATTERNS), min_size=1, max_size=2, unique=True))
        resources = tuple(Resource(pattern or OUTSIDE) for pattern in patterns)
        if effect in (Effect.PURE, Effect.UNDECLARED):
            resources = ()
        result: Type = draw(st.sampled_from([ANY, RECORD, ListType(STR)]))
        name = f"t{number}"
        batch = None
        if effect.may_start_early and draw(st.booleans()):
            batch = Batch(f"{name}_all", draw(st.integers(2, 3)))
            families = tuple(Resource(resource.parts[0]) for resource in resources)
            items = (Parameter("items", ListType(ANY)),)
            tools[batch.tool] = Signature(batch.tool, items, ListType(ANY), effect, families)
        fold = effect is Effect.PURE and draw(st.booleans())
        tools[name] = Signature(name, _parameters(draw), result, effect, resources, fold=fold, batch=batch)
    return tools


def _parameters(draw: st.DrawFn) -> tuple[Parameter, ...]:
    kinds = st.sampled_from([ANY, ANY, STR])
    keyword_only = draw(st.booleans())
    return (
        Parameter("x", draw(kinds)),
        Parameter("y", draw(kinds), required=False, default="a", keyword_only=keyword_only),
        Parameter("z", FLOAT, required=False, default=1, keyword_only=True),
    )


@st.composite
def programs(draw: st.DrawFn, most_tasks: int = 8) -> Program:
    """Draw a program. Ids have gaps; a join of any kind ends it."""
    tools = draw(toolsets())
    callable_tools = [s for s in tools.values() if not s.name.endswith("_all")]
    tasks: list[Task] = []
    results: dict[int, str] = {}
    id = 0
    for _ in range(draw(st.integers(1, most_tasks))):
        id += draw(st.integers(1, 2))
        if tasks and draw(st.integers(0, 2)) == 0:
            earlier = draw(st.sampled_from(tasks))
            signature, args = tools[earlier.tool], _restyled(draw, earlier.args)
        else:
            signature = draw(st.sampled_from(callable_tools))
            args = _arguments(draw, signature, results)
        tasks.append(Task(id, signature.name, args))
        results[id] = _kind(signature, args)
    inputs = (InputDecl("city", "str", Const("a")), InputDecl("names", "list[str]"))
    return Program(tools, Plan(inputs, tuple(tasks), _join(draw, tasks, results)))


def _kind(signature: Signature, args: tuple[Arg, ...]) -> str:
    single = "list" if isinstance(signature.result, ListType) else "dict"
    spread = next((arg for arg in args if arg.each), None)
    if spread is None:
        return single
    length = len(spread.value.items) if isinstance(spread.value, ListOf) else -1
    return f"each {single} {length}"


def _arguments(draw: st.DrawFn, signature: Signature, results: dict[int, str]) -> tuple[Arg, ...]:
    _, y, _ = signature.parameters
    fan_out = draw(st.integers(0, 3)) == 0
    first = _spread(draw, results) if fan_out else _value(draw, results)
    args = [Arg(draw(st.sampled_from([None, "x"])), first, fan_out)]
    if draw(st.booleans()):
        positional = args[0].name is None and not y.keyword_only and draw(st.booleans())
        args.append(Arg(None if positional else "y", _value(draw, results)))
    if draw(st.integers(0, 3)) == 0:
        args.append(Arg("z", _number(draw, results)))
    return tuple(args)


def _restyled(draw: st.DrawFn, args: tuple[Arg, ...]) -> tuple[Arg, ...]:
    """Return the same arguments, now all by keyword, or with the default of `z` written out."""
    if draw(st.booleans()):
        args = tuple(replace(arg, name=arg.name or "xy"[place]) for place, arg in enumerate(args))
    if draw(st.booleans()) and all(arg.name != "z" for arg in args):
        args = (*args, Arg("z", Const(draw(st.sampled_from([1, 1.0])))))
    return args


def _number(draw: st.DrawFn, results: dict[int, str]) -> Value:
    choices: list[Value] = [Const(1), Const(1.0), Const(2)]
    choices += [Ref(id, ("n",)) for id, kind in results.items() if kind == "dict"]
    return draw(st.sampled_from(choices))


def _value(draw: st.DrawFn, results: dict[int, str], depth: int = 0) -> Value:
    match draw(st.integers(0, 5 if depth else 7)):
        case 0 | 1:
            return Const(draw(st.sampled_from([*TEXTS, *TEXTS, 1, 1.0, True, None])))
        case 2 | 3 | 4:
            return _place(draw, results)
        case 5:
            parts = draw(st.lists(st.integers(0, 2), min_size=1, max_size=3))
            return text_of([" " if part == 0 else _place_or_text(draw, results) for part in parts])
        case 6:
            return ListOf(tuple(_value(draw, results, depth + 1) for _ in range(draw(st.integers(0, 2)))))
        case _:
            return DictOf((("k", _value(draw, results, depth + 1)),))


def _place_or_text(draw: st.DrawFn, results: dict[int, str]) -> str | Ref | Input:
    place = _place(draw, results)
    return place if isinstance(place, Ref | Input) else "a"


def _place(draw: st.DrawFn, results: dict[int, str]) -> Value:
    choices: list[Value] = [Const("a"), Input("city")]
    for id, kind in results.items():
        choices += [Ref(id, path) for path in _paths(kind)]
    return draw(st.sampled_from(choices[-12:]))


def _paths(kind: str) -> list[tuple[str | int, ...]]:
    match kind.split():
        case ["dict"]:
            return [(), ("v",), ("n",), ("l", 0), ("l",)]
        case ["each", single, length]:
            places = [] if int(length) < 1 else [int(length) - 1, -1, 0]
            inner: list[tuple[str | int, ...]] = [(), ("v",)] if single == "dict" else [()]
            return [(), *((place, *path) for place in places for path in inner)]
        case _:
            return [()]


def _spread(draw: st.DrawFn, results: dict[int, str]) -> Value:
    """Draw what a fan-out may run over: a literal list, a list that a task returns, a fan-out, an input."""
    choices: list[Value] = [Input("names")]
    for id, kind in results.items():
        if kind == "dict":
            choices.append(Ref(id, ("l",)))
        else:
            choices.append(Ref(id))
    if draw(st.booleans()):
        return ListOf(tuple(_value(draw, results, 1) for _ in range(draw(st.integers(0, 3)))))
    return draw(st.sampled_from(choices))


def _join(draw: st.DrawFn, tasks: list[Task], results: dict[int, str]) -> Join:
    match draw(st.integers(0, 3)):
        case 0 | 1:
            ids = tuple(task.id for task in tasks if isinstance(task.id, int))
            return Join(tuple(Ref(id) for id in ids), ids)
        case 2:
            return Join(tuple(_value(draw, results) for _ in range(draw(st.integers(1, 3)))))
        case _:
            return Join((_value(draw, results),), direct=True)


__all__ = ["INPUTS", "Format", "Program", "programs", "toolsets"]
