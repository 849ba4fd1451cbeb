"""List the promised interface of lcc, one line for each thing, as `key: what is promised of it`.

    lcc.run(inputs): keyword, `Mapping[str, object] | None`, default None
    lcc run --input: NAME=VALUE, may be repeated
    P010: unknown-reference

docs/stability.md says what is promised of each group. What a key's words are decides how the changelog names it: see `words`.
"""

from __future__ import annotations

import argparse
import ast
import enum
import inspect
import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType, UnionType
from typing import Any, ForwardRef, get_origin

import lcc
from lcc import config
from lcc.cli.main import build_parser
from lcc.codes import all_rules
from lcc.grammar import front_ends
from lcc.grammar.front_ends import BY_SUFFIX, FRONT_ENDS
from lcc.grammar.ir import json_form
from lcc.passes.analysis import profile
from lcc.passes.pipeline import LEVELS, PASSES
from lcc.runtime.journal import schema

Promise = tuple[str, str]

FURTHER = {
    "lcc.grammar.constrain.bounds": ("Bounds",),
    "lcc.grammar.constrain.syntaxes": ("plan_grammar_text",),
    "lcc.grammar.front_ends": tuple(sorted(front_ends.__all__)),
    "lcc.grammar.ir.json_form": ("from_json", "json_schema", "to_json"),
    "lcc.grammar.ir.text_form": ("parse_ir", "print_ir"),
    "lcc.passes.context": ("Action", "Change", "Context"),
    "lcc.runtime.journal.settling": ("settle",),
    "lcc.runtime.journal.stored_result": ("stored_result",),
    "lcc.runtime.watch.otel": ("OpenTelemetry",),
}
"""What is promised of other modules: what pages import, and what plug-ins are written with."""

ADAPTERS = {
    "lcc.adapters.langchain": ("program_tool",),
    "lcc.adapters.openai_agents": ("program_tool",),
    "lcc.adapters.pydantic_ai": ("program_toolset",),
}
"""The same of modules that import a framework, which need not be there: they are read, not imported."""


def promised() -> dict[str, str]:
    """Return what is promised, by key."""
    found: dict[str, str] = {}
    for group in (_names, _commands, _settings, _codes, _stages, _forms):
        for key, what in group():
            assert key not in found, key
            found[key] = what
    return found


def words(key: str) -> tuple[str, ...]:
    """Return what a changelog has to write in backquotes, in one paragraph, to name the thing.

    `lcc.Run.cancel(reason)` is `Run.cancel` and `reason`; `lcc run --input` is `lcc run` and `--input`; all else is the key itself.
    """
    if match := re.fullmatch(r"lcc\.([\w.]+?)(?:\((\*{0,2}\w+)\))?", key):
        return tuple(word.lstrip("*") for word in match.groups() if word)
    if match := re.fullmatch(r"(lcc [\w-]+) (\S.*)", key):
        return match[1], match[2].split(", ")[-1]
    return (key,)


def _names() -> Iterator[Promise]:
    for name in sorted(lcc.__all__):  # type: ignore[attr-defined]
        value = getattr(lcc, name)
        if name != "__version__":
            yield from _thing(f"lcc.{name}", value)
    yield "__version__", "text"
    for home, names in FURTHER.items():
        module = import_module(home)
        for name in names:
            if getattr(module, name) is not getattr(lcc, name, None):
                yield from _thing(f"{home}.{name}", getattr(module, name))
    for home, names in ADAPTERS.items():
        functions = read_functions(home)
        for name in names:
            yield from _thing(f"{home}.{name}", functions[name])


def read_functions(home: str) -> dict[str, Any]:
    """Return the public functions that a module's text defines, without what they do: nothing that it imports need be there."""
    spec = find_spec(home)
    assert spec is not None
    assert spec.origin is not None
    head, *statements = ast.parse(
        "from __future__ import annotations\n" + Path(spec.origin).read_text(encoding="utf-8")
    ).body
    made: list[ast.stmt] = [head]
    for one in statements:
        if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef) and not one.name.startswith("_"):
            assert not one.decorator_list, one.name
            made.append(_without_body(one))
    found: dict[str, Any] = {}
    exec(compile(ast.Module(made, []), home, "exec"), found)
    return {name: value for name, value in found.items() if inspect.isfunction(value)}


def _without_body(one: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.stmt:
    doc = ast.get_docstring(one, clean=False)
    one.body = [ast.copy_location(ast.Expr(ast.copy_location(ast.Constant(doc), one)), one)]
    return one


def _thing(key: str, value: Any) -> Iterator[Promise]:
    match value:
        case ModuleType():
            yield key, "module"
            own = getattr(value, "__all__", None) or [name for name in vars(value) if _defined_in(value, name)]
            for name in sorted(own):
                yield from _thing(f"{key}.{name}", getattr(value, name))
        case type():
            yield from _class(key, value)
        case UnionType():
            yield key, f"any of {', '.join(one.__name__ for one in value.__args__)}"
        case Mapping():
            yield key, "a mapping"
        case _ if get_origin(value) is not None:
            yield key, "type"
        case _ if inspect.isfunction(value):
            yield from _function(key, value)
        case lcc.Tool():
            yield from _function(key, value.func, what="tool")
        case _:
            yield key, f"a value of {type(value).__name__}"


def _defined_in(module: ModuleType, name: str) -> bool:
    value = getattr(module, name)
    return not name.startswith("_") and getattr(value, "__module__", None) == module.__name__


def _class(key: str, value: type) -> Iterator[Promise]:
    if issubclass(value, enum.Enum):
        yield key, "enumeration"
        for member in value:
            yield f"{key}.{member.name}", repr(member.value)
        return
    if getattr(value, "_is_protocol", False):
        yield key, "protocol"
        for name, member in sorted(_members(value).items()):
            yield from _member(f"{key}.{name}", member)
        return
    bases = [base.__name__ for base in value.__mro__[1:] if base.__module__ == "builtins" and base is not object]
    yield key, f"class, is a {bases[0]}" if bases else "class"
    if "__init__" in value.__dict__ or "__new__" in value.__dict__:
        yield from _parameters(key, value)
    for name, member in sorted(_members(value).items()):
        if name not in _parameter_names(value) or not isinstance(member, str | ForwardRef):
            yield from _member(f"{key}.{name}", member)


def _members(value: type) -> dict[str, Any]:
    """Return public attributes and methods, also of bases that are lcc's; an annotated field is the text of its annotation."""
    found: dict[str, Any] = {}
    for base in reversed(value.__mro__):
        if base.__module__.split(".")[0] != "lcc":
            continue
        found |= inspect.get_annotations(base)
        found |= {
            name: one
            for name, one in vars(base).items()
            if isinstance(one, property | classmethod | staticmethod) or inspect.isfunction(one)
        }
    return {name: one for name, one in found.items() if not name.startswith("_") or name == "__call__"}


def _member(key: str, member: Any) -> Iterator[Promise]:
    match member:
        case property():
            yield key, f"property, {_text(inspect.signature(member.fget).return_annotation)}"
        case classmethod() | staticmethod():
            yield from _function(key, member.__func__, what="class method", bound=isinstance(member, classmethod))
        case _ if inspect.isfunction(member):
            yield from _function(key, member, what="method", bound=True)
        case _:
            yield key, f"attribute, {_text(member)}"


def _function(key: str, function: Any, what: str = "function", *, bound: bool = False) -> Iterator[Promise]:
    kind = f"async {what}" if inspect.iscoroutinefunction(inspect.unwrap(function)) else what
    yield key, f"{kind}, gives {_text(inspect.signature(function).return_annotation)}"
    yield from _parameters(key, function, skip=int(bound))


_KINDS = {
    inspect.Parameter.POSITIONAL_ONLY: "positional only",
    inspect.Parameter.POSITIONAL_OR_KEYWORD: "positional",
    inspect.Parameter.VAR_POSITIONAL: "any further",
    inspect.Parameter.KEYWORD_ONLY: "keyword",
    inspect.Parameter.VAR_KEYWORD: "any other by keyword",
}


def _parameters(key: str, callable_: Any, skip: int = 0) -> Iterator[Promise]:
    for place, one in enumerate(list(inspect.signature(callable_).parameters.values())[skip:]):
        if one.name.startswith("_"):
            continue
        stars = {one.VAR_POSITIONAL: "*", one.VAR_KEYWORD: "**"}.get(one.kind, "")
        kind = f"{_KINDS[one.kind]} {place + 1}" if "positional" in _KINDS[one.kind] else _KINDS[one.kind]
        facts = [kind, _text(one.annotation), _default(one.default)]
        yield f"{key}({stars}{one.name})", ", ".join(fact for fact in facts if fact)


def _parameter_names(value: type) -> set[str]:
    own = "__init__" in value.__dict__ or "__new__" in value.__dict__
    return set(inspect.signature(value).parameters) if own else set()


def _default(value: object) -> str:
    if value is inspect.Parameter.empty:
        return ""
    plain = value is None or isinstance(value, bool | int | float | str | tuple)
    return f"default {value!r}" if plain and not isinstance(value, enum.Enum) else "has a default"


def _text(annotation: object) -> str:
    if annotation is inspect.Parameter.empty:
        return ""
    if isinstance(annotation, ForwardRef):
        return f"`{annotation.__forward_arg__}`"
    return f"`{annotation if isinstance(annotation, str) else getattr(annotation, '__name__', str(annotation))}`"


def _commands() -> Iterator[Promise]:
    parser = build_parser()
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, command in action.choices.items():
                yield f"lcc {name}", "command"
                for one in command._actions:
                    if one.dest != "help":
                        yield f"lcc {name} {_option_name(one)}", _option(one)
        elif action.dest != "help":
            yield f"lcc {_option_name(action)}", _option(action)
    yield "exit status", str(parser.epilog).partition(": ")[2]


def _option_name(action: argparse.Action) -> str:
    return ", ".join(action.option_strings) or str(action.metavar or action.dest)


def _option(action: argparse.Action) -> str:
    shown = str(action.metavar) if action.metavar and action.option_strings else ""
    choices = "|".join(map(str, action.choices)) if action.choices else ""
    repeated = "may be repeated" if isinstance(action, argparse._AppendAction) else ""
    many = f"nargs {action.nargs}" if action.nargs not in (None, 0) else ""
    default = f"default {action.default}" if isinstance(action.default, str | int) and action.default else ""
    return ", ".join(fact for fact in (shown, choices, many, default, repeated) if fact) or "flag"


def _settings() -> Iterator[Promise]:
    for name in config._SETTINGS:
        yield f"[tool.lcc] {name}", "setting"


def _codes() -> Iterator[Promise]:
    for rule in all_rules():
        yield rule.code, rule.name


def _stages() -> Iterator[Promise]:
    for name in PASSES:
        yield f"pass {name}", "pass"
    for level, stages in enumerate(LEVELS):
        names = [stage if isinstance(stage, str) else f"({', '.join(map(str, stage))})" for stage in stages]
        yield f"-O{level}", ", ".join(names)
    for name in FRONT_ENDS:
        suffixes = sorted(suffix for suffix, named in BY_SUFFIX.items() if named == name)
        yield f"front end {name}", ", ".join(["front end", *suffixes])


_FAILURE = lcc.Failure(lcc.FailureKind.RAISED, "no", handled=True, reached=False)
_FULL = lcc.RunResult(
    lcc.RunStatus.FAILED,
    join=[],
    tasks={1: lcc.TaskRecord(lcc.TaskStatus.FAILED, error=_FAILURE, merged=2)},
    answer="a",
    answered=True,
    failure=_FAILURE,
    printed="p",
)


def _forms() -> Iterator[Promise]:
    yield "IR JSON version", f"{json_form.VERSION}, also read: {json_form._WITHOUT_BODIES}"
    yield "journal version", f"{schema.VERSION}, also read: {', '.join(map(str, sorted(schema.EARLIER)))}"
    yield "profile version", str(profile.VERSION)
    yield "JSON of a run", " ".join(lcc.to_dict(_FULL))
    yield "JSON of a task of a run", " ".join(lcc.to_dict(_FULL.tasks[1]))
    yield "JSON of a failure", " ".join(lcc.to_dict(_FAILURE))
    yield "JSON of a finding", " ".join(lcc.to_dict(lcc.parse("1. search(").diagnostics[0]))
    whole = json_form.json_schema()
    yield "IR JSON plan", _keys(whole)
    definitions: Any = whole["$defs"]
    for name, definition in definitions.items():
        if keys := _keys(definition):
            yield f"IR JSON {name}", keys


def _keys(definition: Any) -> str:
    """Return the keys of an object of the IR's JSON form, `?` behind those that may be missing; forms are separated by `|`."""
    forms = [one for one in (definition, *definition.get("anyOf", ())) if "properties" in one]
    return " | ".join(
        " ".join(key if key in one.get("required", ()) else f"{key}?" for key in one["properties"]) for one in forms
    )
