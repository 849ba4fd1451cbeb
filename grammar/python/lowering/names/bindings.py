"""Say what a name stands for at a place of a program, and what becomes of that where ways through it meet.

A scope maps names to what they are bound to *here*: lowering follows the flow of the program, so a name is what was assigned last.
What is a value at run time is a `Var`; functions, modules, tools and coroutines are known while lowering, and are never values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import compress
from operator import is_not
from typing import Literal, TypeAlias

from lcc.grammar.ir import NOWHERE, InputDecl, Value
from lcc.grammar.python import tree
from lcc.grammar.source import Span


@dataclass(frozen=True)
class Var:
    """A name of the plan. `sure`: it is bound on every way to here. `kind`: what its value is, where that is known."""

    name: str
    sure: bool = True
    kind: str = ""


@dataclass(frozen=True)
class Unbound:
    """A name of a function that isn't assigned yet."""

    shown: str


@dataclass(frozen=True, eq=False)
class Function:
    """A function of the program: a `def`, or a lambda. `defaults`: the values of its parameters' defaults, evaluated where it stands."""

    name: str
    params: tree.arguments
    body: tuple[tree.Statement, ...] | tree.Expression
    scope: Scope
    defaults: Mapping[str, Value]
    waits: bool = False
    span: Span = NOWHERE


@dataclass(frozen=True)
class Path:
    """A module, or a part of one: `datetime`, `datetime.datetime.now`."""

    module: str
    path: str = ""

    def __truediv__(self, name: str) -> Path:
        return Path(self.module, f"{self.path}.{name}" if self.path else name)

    def __str__(self) -> str:
        return f"{self.module}.{self.path}" if self.path else self.module


@dataclass(frozen=True)
class Tool:
    """A tool, by its name in the plan. `blocks`: it isn't awaited, in a program that awaits either."""

    name: str
    blocks: bool = False


@dataclass(frozen=True)
class BuiltinName:
    """A builtin function or class; `answer` is one."""

    name: str


@dataclass(frozen=True)
class Unclear:
    """A name that stands for different things on different ways to here. `value`: the name in the plan, where it is a value or a tool."""

    why: str
    value: str | None = None


@dataclass(frozen=True)
class Ignored:
    """A name of `typing` and the like, which stands in annotations only."""

    name: str


@dataclass(frozen=True)
class Declared:
    """A name that was annotated and has no value: an input, if it is read before it is assigned."""

    decl: InputDecl


@dataclass(frozen=True, eq=False)
class Site:
    """A place where a coroutine is made: what it will call, and the names of its arguments. `begun`: it is a task."""

    callee: Tool | Function
    names: tuple[str | None, ...]
    span: Span
    begun: bool = False


@dataclass(frozen=True)
class Coroutine:
    """A call that is made where it is awaited. `over`: it was."""

    site: Site
    args: tuple[Value, ...]
    span: Span
    over: bool = False


@dataclass(frozen=True, eq=False)
class CoroutineList:
    """A list of coroutines. At run time each is a tuple: the place of its site among `sites`, and its arguments."""

    name: str
    span: Span
    sites: list[Site] = field(default_factory=list)
    used: list[bool] = field(default_factory=lambda: [False])


@dataclass(frozen=True)
class Element:
    """An element of a list of coroutines, which a loop took out."""

    name: str
    of: CoroutineList
    over: bool = False


@dataclass(frozen=True, eq=False)
class FunctionList:
    """A list of functions made in one place, each of which is a tuple of what it has of its own. `cells`: what they share."""

    name: str
    function: Function
    own: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class FunctionOf:
    """An element of a list of functions."""

    name: str
    of: FunctionList


Binding: TypeAlias = (
    Var
    | Unbound
    | Function
    | Path
    | Tool
    | BuiltinName
    | Unclear
    | Ignored
    | Declared
    | Coroutine
    | CoroutineList
    | Element
    | FunctionList
    | FunctionOf
)


@dataclass(eq=False)
class Scope:
    """The names of a module, a function or a comprehension. `own`: those that it assigns anywhere, with their names in the plan."""

    kind: Literal["module", "function", "comprehension"]
    parent: Scope | None = None
    own: dict[str, str] = field(default_factory=dict)
    env: dict[str, Binding] = field(default_factory=dict)
    many: frozenset[str] = frozenset()


def merged(ways: Iterable[Mapping[str, Binding]]) -> dict[str, Binding]:
    """Return what names are where ways meet. Nearly all are the same on all ways, in one order; these take no step of their own."""
    first, *others = all_ways = list(ways)
    known = list(first)
    differ: dict[str, None] = {}
    for way in others:
        names = list(way)
        both = min(len(names), len(known))
        if names[:both] == known[:both]:
            differ.update(dict.fromkeys(compress(names, map(is_not, way.values(), first.values()))))
            differ.update(dict.fromkeys((*names[both:], *known[both:])))
        else:
            differ.update(dict.fromkeys(name for name in (*known, *names) if way.get(name) is not first.get(name)))
    return {**first, **{name: _meet(name, [one.get(name) for one in all_ways]) for name in differ}}


def _meet(name: str, found: list[Binding | None]) -> Binding:
    first = next(one for one in found if one is not None)
    if all(one == first for one in found):
        return first
    variables = [one for one in found if isinstance(one, Var)]
    missing = [one for one in found if one is None or isinstance(one, Unbound)]
    if not variables or len(variables) + len(missing) < len(found):
        values = {one.name if isinstance(one, Var) else one.value for one in found if isinstance(one, Var | Unclear)}
        plain = all(one is None or isinstance(one, Var | Unbound | Tool | Unclear) for one in found)
        value = values.pop() if plain and len(values) == 1 else None
        return Unclear(f"`{name}` is a value on one way to here, and the tool or function on another", value)
    kinds = {one.kind for one in variables}
    sure = not missing and all(one.sure for one in variables)
    return replace(variables[0], sure=sure, kind=kinds.pop() if len(kinds) == 1 else "")
