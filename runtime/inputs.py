"""Check what a plan asks for before anything runs: its inputs and its tools.

The value of an input is JSON. A tuple is a list; nothing else is converted: what a date or a set should become is for the program to say.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import is_dataclass
from enum import Enum
from keyword import iskeyword
from math import isfinite
from numbers import Number
from os import PathLike
from typing import Final

from lcc.grammar.diagnostics import Diagnostic, Severity
from lcc.grammar.diagnostics.wording import did_you_mean
from lcc.grammar.given import kind_of
from lcc.grammar.ir import InputDecl, Plan, Task, calls_of
from lcc.grammar.signatures import ANY, Type, coerce, fits, show, type_of, value_fits
from lcc.grammar.values import Json, PathError, show_path
from lcc.runtime.graph.arguments import resolve
from lcc.runtime.graph.room import Room

HOW_TO_GIVE_TOOLS: Final = """\
a tool is a typed function in a file, which --tools FILE.py names (in Python: tools=[{0}]):
import lcc
@lcc.tool(effect="read")
def {0}(query: str) -> str: ..."""

MAX_DEPTH: Final = 200
"""How deep an input may nest, as a result may."""
SHOWN: Final = 16
"""Steps of a path that are shown."""
MAX_BITS: Final = 14_000
"""How large an integer may be: Python refuses to print more than 4,300 digits."""


class RunError(Exception):
    """A plan can't be run as it was asked for; nothing has been called. `diagnostics` say why."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("; ".join(d.message for d in self.diagnostics))


def check_run(plan: Plan, tools: Collection[str], inputs: Mapping[str, Json]) -> dict[str, Json]:
    """Return the value of every input; raise RunError if one is missing, unknown or of the wrong type, or a tool is."""
    values, found = input_values(plan.inputs, inputs)
    found += lacking_tools(plan, tools)
    if found:
        raise RunError(found)
    return values


def check_inputs(plan: Plan, inputs: Mapping[str, Json]) -> dict[str, Json]:
    """Return the value of every input; raise RunError if one is missing, unknown or of the wrong type."""
    values, found = input_values(plan.inputs, inputs)
    if found:
        raise RunError(found)
    return values


def lacking_tools(plan: Plan, tools: Collection[str]) -> list[Diagnostic]:
    """Return the errors of calls whose tools have no implementation here."""
    if tools:
        return [unknown_tool(task, tools) for task in calls_of(plan) if task.tool not in tools]
    calls = tuple(calls_of(plan))
    return [no_tools(calls)] if calls else []


def input_values(declared: Iterable[InputDecl], inputs: Mapping[str, Json]) -> tuple[dict[str, Json], list[Diagnostic]]:
    """Return the inputs' values, defaults filled in and conversions without doubt made, and what is wrong with them."""
    values: dict[str, Json] = {}
    found: list[Diagnostic] = []
    known = {declaration.name: declaration for declaration in declared}
    for name, declaration in known.items():
        if name in inputs:
            type_ = _type_of(declaration)
            try:
                given = input_json(inputs[name])
            except NoJson as error:
                found.append(_no_json(declaration, error))
                values[name] = None
                continue
            values[name] = coerce(given, type_)
            if not value_fits(values[name], type_):
                found.append(_wrong_type(declaration, given, type_))
        elif declaration.default is not None:
            values[name] = coerce(resolve(declaration.default, _Defaults(values), Room()), _type_of(declaration))
        else:
            found.append(_missing(declaration))
            values[name] = None  # for defaults that read it
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


def no_tools(tasks: Sequence[Task]) -> Diagnostic:
    """Return the error of a plan that calls tools where none are given."""
    names = list(dict.fromkeys(task.tool for task in tasks))
    called = ", ".join(f"`{name}`" for name in names[:8]) + (", …" if len(names) > 8 else "")
    message = f"the plan calls {called}, and no tools are given"
    name = next((name for name in names if name.isidentifier() and not iskeyword(name)), "search")
    return Diagnostic("X004", Severity.ERROR, message, tasks[0].tool_span, HOW_TO_GIVE_TOOLS.format(name))


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
    from lcc.grammar.signatures.annotations import (  # only plans with inputs need `ast`
        AnnotationError,
        parse_annotation,
    )

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


def _no_json(declaration: InputDecl, error: NoJson) -> Diagnostic:
    where = f" at `{error.where}`" if error.where and not declaration.secret else ""
    message = f"input `{declaration.name}` holds {error.what}{where}, and inputs are JSON values"
    return Diagnostic("X002", Severity.ERROR, message, declaration.span, error.help)


def _unknown(name: object, known: Collection[str]) -> Diagnostic:
    names = ", ".join(f"`{k}`" for k in known)
    return Diagnostic(
        "X003",
        Severity.ERROR,
        f"the plan declares no input `{name}`",
        None,
        (did_you_mean(name, known) if isinstance(name, str) else None)
        or (f"it declares {names}" if names else "it declares no inputs"),
    )


class NoJson(Exception):
    """A value that has no JSON form. `what` says what is there, `where` the path to it, `help` what to give in its place."""

    def __init__(self, what: str, help: str) -> None:
        super().__init__(what)
        self.what = what
        self.help = help
        self.path: list[str | int] = []

    @property
    def where(self) -> str:
        """Where in the value it is; empty for the value itself, and for what lies too deep to be named."""
        return show_path(tuple(reversed(self.path))) if len(self.path) <= SHOWN else ""


def input_json(value: object, depth: int = 0) -> Json:
    """Return the JSON value; raise NoJson where there is none."""
    if depth > MAX_DEPTH:
        raise NoJson(f"more than {MAX_DEPTH} levels, or itself", "give a value that is less deep")
    match value:
        case None | bool():
            return value
        case Enum():
            raise NoJson(kind_of(value), "give its value: `.value`")
        case str():
            return str.__str__(value)
        case int():
            if value.bit_length() > MAX_BITS:
                raise NoJson("an integer of more than 4,200 digits", "give it as text")
            return int(value)
        case float():
            if not isfinite(value):
                raise NoJson(repr(float(value)), "JSON has no such number: give None, or text")
            return float(value)
        case list() | tuple():
            return [_at(index, item, depth) for index, item in enumerate(value)]
        case Mapping():
            return {_key(key): _at(key, item, depth) for key, item in value.items()}
        case _:
            raise NoJson(kind_of(value), _help(value))


def _at(step: str | int, value: object, depth: int) -> Json:
    try:
        return input_json(value, depth + 1)
    except NoJson as error:
        error.path.append(step)
        raise


def _key(key: object) -> str:
    if not isinstance(key, str) or isinstance(key, Enum):
        raise NoJson(f"{kind_of(key)} as a key", "the keys of a dict are texts")
    return str.__str__(key)


def _help(value: object) -> str:
    match value:
        case bytes() | bytearray() | memoryview():
            return "give text: `.decode()`"
        case Set():
            return "give a list: `sorted(…)`"
        case PathLike():
            return "give its text: `str(…)`"
        case Number():
            return "give a float, or text: `str(…)`"
        case _ if hasattr(value, "isoformat"):
            return "give its text: `.isoformat()`"
        case _ if hasattr(value, "model_dump"):
            return 'give a dict: `.model_dump(mode="json")`'
        case _ if is_dataclass(value) and not isinstance(value, type):
            return "give a dict: `dataclasses.asdict(…)`"
        case _:
            return "give text, a number, a bool, None, a list or a dict of these"
