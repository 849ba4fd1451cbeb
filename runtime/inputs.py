"""Check what a plan asks for before anything runs: its inputs and its tools."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from lcc.grammar.diagnostics import Diagnostic, Severity
from lcc.grammar.ir import InputDecl, Plan, Task
from lcc.grammar.nearest import did_you_mean
from lcc.grammar.types import ANY, Type, coerce, fits, show, type_of, value_fits
from lcc.grammar.values import Json, PathError
from lcc.runtime.arguments import resolve


class RunError(Exception):
    """A plan can't be run as it was asked for; nothing has been called. `diagnostics` say why."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("; ".join(d.message for d in self.diagnostics))


def check_run(plan: Plan, tools: Collection[str], inputs: Mapping[str, Json]) -> dict[str, Json]:
    """Return the value of every input; raise RunError if one is missing, unknown or of the wrong type, or a tool is."""
    values, found = input_values(plan.inputs, inputs)
    found += [unknown_tool(task, tools) for task in plan.tasks if task.tool not in tools]
    if found:
        raise RunError(found)
    return values


def input_values(declared: Iterable[InputDecl], inputs: Mapping[str, Json]) -> tuple[dict[str, Json], list[Diagnostic]]:
    """Return the inputs' values, defaults filled in and conversions without doubt made, and what is wrong with them."""
    values: dict[str, Json] = {}
    found: list[Diagnostic] = []
    known = {declaration.name: declaration for declaration in declared}
    for name, declaration in known.items():
        if name in inputs:
            type_ = _type_of(declaration)
            value = coerce(inputs[name], type_)
            if not value_fits(value, type_):
                found.append(_wrong_type(declaration, inputs[name], type_))
            values[name] = value
        elif declaration.default is not None:
            values[name] = coerce(resolve(declaration.default, _Defaults(values)), _type_of(declaration))
        else:
            found.append(_missing(declaration))
    found += [_unknown(name, known) for name in inputs if name not in known]
    return values, found


def unknown_tool(task: Task, tools: Collection[str]) -> Diagnostic:
    """Return the error of a task whose tool has no implementation here."""
    return Diagnostic(
        "X004",
        Severity.ERROR,
        f"no implementation of the tool `{task.tool}`",
        task.tool_span,
        did_you_mean(task.tool, tools) or "a declaration alone can be checked, not run: give the tool's Python",
    )


def unknown_limit(name: str, help: str) -> Diagnostic:
    """Return the error of a limit for a tool that isn't there."""
    return Diagnostic("X005", Severity.ERROR, f"there is no tool `{name}` to limit or to hedge", None, help)


class _Defaults:
    """What a default may read: inputs declared before it."""

    def __init__(self, values: Mapping[str, Json]) -> None:
        self._values = values

    def result(self, ref: object) -> Json:
        raise PathError("a default can't read a result")

    def input(self, name: str) -> Json:
        return self._values[name]


def _type_of(declaration: InputDecl) -> Type:
    from lcc.grammar.annotations import AnnotationError, parse_annotation  # only plans with inputs need `ast`

    try:
        return parse_annotation(declaration.type)
    except AnnotationError:
        return ANY  # the parser has refused it already


def _missing(declaration: InputDecl) -> Diagnostic:
    return Diagnostic(
        "X001",
        Severity.ERROR,
        f"input `{declaration.name}` has no value",
        declaration.span,
        f"give one (`--input {declaration.name}=…`) or write a default",
    )


def _wrong_type(declaration: InputDecl, value: Json, type_: Type) -> Diagnostic:
    given = (
        show(type_of(value))
        if not isinstance(value, dict | list)
        else "a dict"
        if isinstance(value, dict)
        else "a list"
    )
    shown = "" if declaration.secret else f", and {given} was given"
    help_ = None if fits(type_of(value), type_) else f"declared as `{declaration.name}: {declaration.type}`"
    return Diagnostic(
        "X002", Severity.ERROR, f"input `{declaration.name}` is `{show(type_)}`{shown}", declaration.span, help_
    )


def _unknown(name: str, known: Collection[str]) -> Diagnostic:
    names = ", ".join(f"`{k}`" for k in known)
    return Diagnostic(
        "X003",
        Severity.ERROR,
        f"the plan declares no input `{name}`",
        None,
        did_you_mean(name, known) or (f"it declares {names}" if names else "it declares no inputs"),
    )
