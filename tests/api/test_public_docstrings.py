"""Lint the docstrings of public names: each is there, is a sentence, and says what its reader needs beside the types.

That is: the exceptions that are raised, but TypeError for an argument of another type, which docs/api.md tells of all; what numbers are measured in
or count; what containers hold whose type leaves it open, and by what it is found there. What is said in the class's docstring, or in that of a
function to which it sends the reader, is said. Modules name who their methods are of.
"""

from __future__ import annotations

import ast
import enum
import inspect
import re
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from raised_errors import raised_by

import lcc

UNITS = {
    r"\w*timeout|deadline|seconds|makespan|delay|cap|base|start|end|grace|hedge|block_warning|retry_after": "second",
    r"clock": "second",
    r"\w*bytes|memory": "byte",
    r"\w*usd": "USD",
    r"\w*tokens|context": "token",
    r"rate": "a second",
    r"digits": "digit",
    r"offset|name_at": "code point",
}
"""What is said of a parameter that is a number, where it is named: what it is measured in. All other numbers count something."""

KEYED = re.compile(r"\bby\b|→|\b(?:for|of) each\b|\bmaps\b|\bJSON [Ss]chemas?\b")
"""How it is said of a mapping what its keys are."""

SOURCES = {
    r"BM25": "Robertson",
    r"delta debugging": "Zeller",
    r"ReAct\b": "arXiv 2210.03629",
    r"ReWOO": "arXiv 2305.18323",
    r"Skeleton-of-Thought": "arXiv 2307.15337",
    r"LLMCompiler": "arXiv 2312.04511",
    r"DDSketch|relative error": "Masson",
    r"JSON pointer": "RFC 6901",
    r"upward rank": "Topcuoglu",
}
"""Who a method, or a form, is of, where a module's docstring names it as what it does."""

GUARDS = {"BodyNotSupported"}
"""Exceptions inside of lcc, which callers rule out before."""


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


ROOT = Path(__file__).parents[2]
MODULES = [path for room in ("lcc", "grammar", "passes", "runtime") for path in sorted((ROOT / room).rglob("*.py"))]
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


def whole_text_of(value: Any, owner: Any = None) -> str:
    """Return the docstrings of a thing, of its class, and of the public functions that they send the reader to: as `run`, see `run`."""
    text = text_of(value, owner)
    sent = re.findall(r"`(?:lcc\.)?(\w+)`", " ".join(re.findall(r"(?i)\b(?:as|see|what)\b[^.:;]*", text)))
    others = [getattr(owner, name, None) if hasattr(owner, name) else getattr(lcc, name, None) for name in sent]
    return "\n\n".join([text, *(one.__doc__ for one in others if inspect.isfunction(one) and one.__doc__)])


def pieces(text: str, name: str) -> list[str]:
    """Return the parts of a text that name something: paragraphs, and lines that begin with a name."""
    return [one for one in re.split(r"\n\s*\n|\n(?=\s*`)", text) if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", one)]


def _parameters(value: Any) -> list[tuple[str, str]]:
    if isinstance(value, type) and (issubclass(value, enum.Enum) or "__init__" not in value.__dict__):
        return []
    found = list(inspect.signature(value).parameters.values())
    return [(one.name, str(one.annotation)) for one in found if one.name != "self"]


def units_lacking(value: Any, text: str) -> list[str]:
    """Return the parameters that are numbers of something of which the text doesn't say what, where it names them."""
    found = []
    for name, annotation in _parameters(value):
        if not re.search(r"\b(int|float)\b", annotation):
            continue
        unit = next((unit for pattern, unit in UNITS.items() if re.fullmatch(pattern, name)), "")
        if not any(unit in piece for piece in pieces(text, name)):
            found.append(f"`{name}`: say {f'{unit}s' if unit else 'what it counts'}")
    return found


def contents_lacking(value: Any, text: str) -> list[str]:
    """Return the parameters whose type leaves open what they hold, and of which the text doesn't say it; or by what it is found there."""
    found = []
    for name, annotation in _parameters(value):
        named = pieces(text, name)
        if re.search(r"\b(object|Any|Json|Mapping|dict)\b", annotation) and not named:
            found.append(f"`{name}`: say what it holds")
        elif re.match(r"(Mapping|dict)\b", annotation) and not any(map(KEYED.search, named)):
            found.append(f"`{name}`: say by what it is found there")
    return found


def errors_lacking(value: Any, owner: Any, text: str) -> list[str]:
    """Return the exceptions of lcc that a function raises, also through what it calls, where the text names neither them nor a base."""
    functions = (
        [value.__dict__.get(name) for name in ("__init__", "__post_init__")] if isinstance(value, type) else [value]
    )
    raised = {
        one for f in functions if inspect.isfunction(f) for one in raised_by(f, value if f is not value else owner)
    }
    words = set(re.findall(r"\w+", text)) - {"Exception", "BaseException", "object"}
    ours = [one for one in raised if one.__module__.startswith("lcc") and one.__name__ not in GUARDS]
    return sorted(one.__name__ for one in ours if not any(base.__name__ in words for base in one.__mro__))


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
def test_a_public_name_names_what_is_raised_below_it(value: Any, owner: Any) -> None:
    assert errors_lacking(value, owner, whole_text_of(value, owner)) == []


@pytest.mark.parametrize(("value", "owner"), PUBLIC)
def test_a_public_name_gives_its_units(value: Any, owner: Any) -> None:
    assert units_lacking(value, whole_text_of(value, owner)) == []


@pytest.mark.parametrize(("value", "owner"), PUBLIC)
def test_a_public_name_says_what_its_containers_hold(value: Any, owner: Any) -> None:
    assert contents_lacking(value, whole_text_of(value, owner)) == []


def sources_lacking(text: str) -> list[str]:
    """Return whom a docstring should name, since it names what is theirs."""
    return [source for pattern, source in SOURCES.items() if re.search(pattern, text) and source not in text]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_names_the_source_of_its_method(path: Path) -> None:
    assert sources_lacking(ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "") == []


def test_the_lint_finds_what_is_lacking() -> None:
    def wait(timeout: float, level: int, inputs: Mapping[str, object]) -> None:
        """Wait for some seconds.

        `timeout`: how long.
        `inputs`: of others.
        """
        lcc.tool(3)
        raise OSError

    text = str(wait.__doc__)
    assert raised_in(inspect.getsource(wait)) == {"OSError"}
    assert units_lacking(wait, text) == ["`timeout`: say seconds", "`level`: say what it counts"]
    assert contents_lacking(wait, text) == ["`inputs`: say by what it is found there"]
    assert errors_lacking(wait, None, text) == ["ToolError"]
    assert sources_lacking("Find by BM25.") == ["Robertson"]
