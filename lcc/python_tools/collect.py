"""Find the tools in what a program hands over: functions, bound methods, objects with tool methods, modules, lists of these."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import ModuleType
from typing import Any, Final

from lcc.grammar.given import in_brief, kind_of
from lcc.grammar.signatures.tool_rules import REPEATED_TOOL
from lcc.python_tools.declare import ATTRIBUTE, Declaration, ToolError, declaration_of, is_function, not_a_function
from lcc.python_tools.function import tool_of
from lcc.runtime.tool import Tool

SOURCE: Final = "__lcc_tools__"
"""The method that makes an object a source of tools: it returns them, perhaps after it has asked a server."""
FRAMEWORKS: Final = ("langchain_core.", "agents.", "pydantic_ai.")
"""The packages of other frameworks whose tools are tools here too."""
MAX_DEPTH: Final = 8
"""How deep lists of tools nest."""


def as_tools(objects: Iterable[object]) -> dict[str, Tool]:
    """Return tools by name, in the order given.

    An object may be a function, declared or not; a bound method; a `Tool`; an instance whose class has methods declared with
    `@lcc.tool`; a module; a source, such as `lcc.mcp(…)`; a list of these. Raises ToolError for anything else, and for two tools of one name.
    """
    found: dict[str, Tool] = {}
    for tool in collect(tools_given(objects)):
        same = found.setdefault(tool.name, tool)
        if same is not tool and same.function != tool.function:
            message = f"two tools are called `{tool.name}`"
            way = '@lcc.tool(name="…")' if tool.lifespan is None else 'lcc.mcp(…, prefix="docs_")'
            raise ToolError(message, f"give one another name: {way}", REPEATED_TOOL.code)
    return found


def tools_given(given: Iterable[object]) -> tuple[object, ...]:
    """Return the tools that a program hands over, of a mapping its values; raise ToolError where it is no list of them."""
    if isinstance(given, str | bytes) or not isinstance(given, Iterable):
        raise ToolError(f"tools are given as a list of functions, not as {kind_of(given)}", "tools=[search, math]")
    return tuple(given.values() if isinstance(given, Mapping) else given)


def collect(value: object, depth: int = 0) -> Iterator[Tool]:
    """Yield the tools that an object is, or holds."""
    match value:
        case Tool():
            yield value
        case _ if is_function(value):
            yield tool_of(value)
        case staticmethod():
            yield tool_of(value.__func__)
        case ModuleType():
            for declared in declared_in(value):
                yield from collect(declared, depth + 1)
        case _ if (source := source_of(value)) is not None:
            yield from source()
        case _ if (others := _of_others(value)) is not None:
            yield from others
        case Mapping() | Iterable() if not isinstance(value, str | bytes | type) and depth < MAX_DEPTH:
            for item in value.values() if isinstance(value, Mapping) else value:
                yield from collect(item, depth + 1)
        case str() | bytes():
            raise ToolError(
                f"{in_brief(value)} is no tool: a program gives the functions themselves", "tools=[search, math]"
            )
        case type():
            raise not_a_function(value)
        case _ if hasattr(type(value), "__aenter__"):
            message = f"the tools of {kind_of(value)} are known when it is open"
            raise ToolError(message, "async with lcc.OpenTools([…]) as tools: …")
        case _:
            yield from _methods(value)


def _of_others(value: object) -> list[Tool] | None:
    """Return the tools of another framework's object; None for anything else."""
    if not any(owner.__module__.startswith(FRAMEWORKS) for owner in type(value).__mro__):
        return None
    from lcc.python_tools.frameworks import framework_tools  # it is imported only where there is such an object

    return framework_tools(value)


def source_of(value: object) -> Callable[[], Iterable[Tool]] | None:
    """Return what gives the tools of a source, such as a server; None for what is none."""
    return None if isinstance(value, type) else getattr(value, SOURCE, None)


def declared_in(module: ModuleType) -> list[object]:
    """Return the declared functions and the tools among a module's names, also those that it imported, each once."""
    found: dict[int, object] = {}
    for value in list(vars(module).values()):
        if isinstance(value, Tool) or (inspect.isroutine(value) and declaration_of(value) is not None):
            found[id(value)] = value
    return list(found.values())


def _methods(instance: object) -> Iterator[Tool]:
    names: dict[str, None] = {}
    for owner in reversed(type(instance).__mro__):
        for name, value in vars(owner).items():
            function: Any = value.__func__ if isinstance(value, staticmethod | classmethod) else value
            if inspect.isfunction(function) and isinstance(vars(function).get(ATTRIBUTE), Declaration):
                names[name] = None
    if not names:
        raise not_a_function(instance)
    for name in names:
        yield tool_of(getattr(instance, name))
