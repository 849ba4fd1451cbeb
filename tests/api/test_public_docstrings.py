"""Lint the docstrings of public names: each is there, is a sentence, names what is raised, and gives units."""

from __future__ import annotations

import ast
import enum
import inspect
import re
import textwrap
from collections.abc import Iterator
from typing import Any

import pytest

import lcc

UNITS = {
    r"timeout|deadline|seconds|makespan|max_seconds|delay|cap|base|start|end|block_warning": "second",
    r"\w*bytes": "byte",
    r"\w*usd": "USD",
    r"\w*tokens": "token",
    r"digits": "digit",
}
"""What the docstring of a parameter, or of its class, has to say where it is a number."""


def _public() -> Iterator[tuple[str, Any, Any]]:
    """Yield public names, their classes' methods too: the name, the thing, and the class that it belongs to."""
    for name in sorted(lcc.__all__):  # type: ignore[attr-defined]
        value = getattr(lcc, name)
        if isinstance(value, type):
            yield name, value, None
            for member, one in _members(value):
                yield f"{name}.{member}", one, value
        elif inspect.isfunction(value):
            yield name, value, None


def _members(value: type) -> Iterator[tuple[str, Any]]:
    seen = set()
    for base in value.__mro__:
        if base.__module__.split(".")[0] != "lcc":
            continue
        for name, one in vars(base).items():
            function = one.fget if isinstance(one, property) else getattr(one, "__func__", one)
            if not name.startswith("_") and inspect.isfunction(function) and name not in seen:
                seen.add(name)
                yield name, function


PUBLIC = [pytest.param(value, owner, id=name) for name, value, owner in _public()]


def text_of(value: Any, owner: Any = None) -> str:
    """Return the docstring of a thing and of its class."""
    own = value.__dict__.get("__doc__") if isinstance(value, type) else value.__doc__
    return "\n".join(text for text in (own, owner.__doc__ if owner else None) if text)


def raised_in(source: str) -> set[str]:
    """Return the names of the exceptions that a function's own statements raise to its caller: not what it catches itself."""
    found = set()

    def look(node: ast.AST) -> None:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda() | ast.ClassDef():
                return
            case ast.Raise(exc=ast.Call(func=ast.Name(id=name)) | ast.Name(id=name)) if name[0].isupper():
                found.add(name)
        for child in ast.iter_child_nodes(node):
            look(child)

    [function] = ast.parse(textwrap.dedent(source)).body
    for statement in ast.iter_child_nodes(function):
        look(statement)
    return found


def units_lacking(value: Any, text: str) -> list[str]:
    """Return the parameters that are numbers of something of which the text doesn't say what."""
    return [
        f"`{name}`: say {unit}s"
        for name, one in inspect.signature(value).parameters.items()
        for pattern, unit in UNITS.items()
        if re.search(r"\b(int|float)\b", str(one.annotation)) and re.fullmatch(pattern, name) and unit not in text
    ]


@pytest.mark.parametrize(("value", "owner"), PUBLIC)
def test_a_public_name_says_what_it_is(value: Any, owner: Any) -> None:
    text = text_of(value)
    assert text, "it has no docstring"
    assert not text.startswith(f"{value.__name__}("), "it has only the docstring that is made for it"
    first = text.strip().split("\n\n")[0].strip()
    assert first[0].isupper() or first[0] == "`", "begin with a capital letter"
    assert re.search(r"[.:`]\Z", first), "end the first paragraph with a full stop"


@pytest.mark.parametrize(("value", "owner"), [one for one in PUBLIC if not isinstance(one.values[0], type)])
def test_a_public_function_names_what_it_raises(value: Any, owner: Any) -> None:
    lacking = raised_in(inspect.getsource(value)) - set(re.findall(r"\w+", text_of(value, owner)))
    assert not lacking, "say when these are raised"


@pytest.mark.parametrize(("value", "owner"), PUBLIC)
def test_a_public_name_gives_its_units(value: Any, owner: Any) -> None:
    if isinstance(value, type) and (issubclass(value, enum.Enum) or "__init__" not in value.__dict__):
        return
    assert units_lacking(value, text_of(value, owner)) == []


def test_the_lint_finds_what_is_lacking() -> None:
    def wait(timeout: float) -> None:
        """Wait."""
        raise OSError

    assert raised_in(inspect.getsource(wait)) == {"OSError"}
    assert units_lacking(wait, str(wait.__doc__)) == ["`timeout`: say seconds"]
