"""Write the reference of lcc's public names from their signatures and docstrings: one page for each layer that they live in."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import lcc

LAYERS = {
    "lcc": ("Compile, run, ask", "What people call: compiling, running, asking, declaring tools."),
    "grammar": ("The language", "Plans as data, declarations of tools, and what is said about a text."),
    "runtime": ("Runs", "Options, limits, events and results of runs."),
}
_WIDTH = 100


def write_reference(into: Path) -> None:
    """Write the pages into a folder."""
    into.mkdir(parents=True, exist_ok=True)
    pages: dict[str, list[str]] = {layer: [] for layer in LAYERS}
    homes = {name: layer_of(name) for name in public_names()}
    for name, layer in homes.items():
        pages[layer].append("\n".join(section(name, homes)))
    for layer, (title, about) in LAYERS.items():
        text = f"# {title}\n\n{about}\n\nGenerated from the docstrings of `lcc` {lcc.__version__}. [How they are used](../api.md).\n\n"
        (into / f"{layer}.md").write_text(text + "\n".join(pages[layer]), encoding="utf-8")


def public_names() -> list[str]:
    """Return the names of `lcc.__all__` in the order of the alphabet."""
    names = cast(list[str], lcc.__all__)
    return sorted((name for name in names if not name.startswith("__")), key=str.lower)


def layer_of(name: str) -> str:
    """Return the page that a public name stands on."""
    home = lcc._homes[name].split(".")
    return home[1] if len(home) > 1 and home[1] in LAYERS else "lcc"


def section(name: str, homes: dict[str, str]) -> Iterator[str]:
    """Yield the lines about one public name: its signature, its docstring, and what a class has."""
    value: Any = getattr(lcc, name)
    yield f"## lcc.{name} {{ #lcc.{name} }}\n"
    yield from _code(heading(f"lcc.{name}", value))
    yield _prose(docstring(value), layer_of(name), homes)
    if isinstance(value, type):
        for member, found in members(value):
            yield f"### {name}.{member} {{ #lcc.{name}.{member} }}\n"
            yield from _code(heading(member, found))
            yield _prose(docstring(found), layer_of(name), homes)


def members(cls: type) -> Iterator[tuple[str, Any]]:
    """Yield the public methods and properties of a class that have a docstring of their own, and the members of an enum."""
    if issubclass(cls, Enum):
        return
    for name in sorted(dir(cls)):
        found = inspect.getattr_static(cls, name)
        function = found.fget if isinstance(found, property) else getattr(found, "__func__", found)
        home = getattr(function, "__module__", None) or ""
        if not name.startswith("_") and callable(function) and home.startswith("lcc") and function.__doc__:
            yield name, found


def docstring(value: Any) -> str:
    """Return the docstring of a function, class or module; of a value nothing, but the values of an enum."""
    found = value.fget if isinstance(value, property) else getattr(value, "__func__", value)
    if not isinstance(found, type | ModuleType) and not inspect.isroutine(found):
        return ""
    text = inspect.cleandoc(found.__doc__ or "")
    if isinstance(found, type) and issubclass(found, Enum):
        text += "\n\n" + "\n".join(f"- `{one.name}`: `{one.value!r}`" for one in found)
    return text


def heading(name: str, value: Any) -> str:
    """Return how a name is written: with the parameters of what is called, the type of a property, the value of an alias."""
    if isinstance(value, property):
        return f"{name}: {_said(inspect.signature(value.fget).return_annotation)}" if value.fget else name
    if isinstance(value, ModuleType):
        return f"import {value.__name__}"
    if isinstance(value, type) and issubclass(value, Enum):
        return f"class {name}"
    if not isinstance(value, type) and not inspect.isroutine(getattr(value, "__func__", value)):
        return name if type(value).__module__.startswith("lcc") else f"{name} = {_said(value)}"
    function = getattr(value, "__func__", value)
    word = "class " if isinstance(value, type) else "async def " if inspect.iscoroutinefunction(function) else "def "
    return word + name + _parameters(function)


class _Words(str):
    """An annotation as it was written, which is shown without quotes."""

    def __repr__(self) -> str:
        return str(self)


def _said(annotation: Any) -> str:
    return annotation if isinstance(annotation, str) else re.sub(r"\b(?:lcc|typing|collections)\.[\w.]*\.", "", inspect.formatannotation(annotation))  # fmt: skip


def _parameters(function: Any) -> str:
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return "(…)"
    given = [
        one.replace(
            annotation=one.annotation if one.annotation is one.empty else _Words(_said(one.annotation)),
            default=_Words(getattr(one.default, "__name__", "…"))
            if repr(one.default)[:1] == "<" and one.default is not one.empty
            else one.default,
        )
        for one in signature.parameters.values()
        if one.name not in ("self", "cls")
    ]
    returned = signature.empty if isinstance(function, type) else signature.return_annotation
    if returned is not signature.empty:
        returned = _Words(_said(returned))
    return _wrapped(str(signature.replace(parameters=given, return_annotation=returned)), [str(one) for one in given])


def _wrapped(whole: str, given: list[str]) -> str:
    if len(whole) <= _WIDTH:
        return whole
    tail = whole.rpartition(" -> ")[2] if " -> " in whole else ""
    lines = [f"    {one}," for one in given]
    if "*, " in whole and not any(one.startswith("*") for one in given):
        first = next(one for one in given if f"*, {one}" in whole)
        lines.insert(given.index(first), "    *,")
    return "(\n" + "\n".join(lines) + "\n)" + (f" -> {tail}" if tail else "")


def _code(text: str) -> Iterator[str]:
    yield f"```python\n{text}\n```\n"


def _prose(text: str, layer: str, homes: dict[str, str]) -> str:
    """Return a docstring as Markdown, in which public names that can be nothing else are links."""

    def linked(match: re.Match[str]) -> str:
        name = match[1].removeprefix("lcc.")
        if name not in homes or (not match[1].startswith("lcc.") and not name[0].isupper()):
            return match[0]
        page = "" if homes[name] == layer else f"{homes[name]}.md"
        return f"[{match[0]}]({page}#lcc.{name})"

    return re.sub(r"`((?:lcc\.)?\w+)`", linked, text) + "\n"
