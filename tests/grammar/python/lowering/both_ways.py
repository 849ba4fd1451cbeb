"""Run a program twice, by CPython and lowered, on the same small world of tools, and say what each came to.

CPython is the oracle: it executes the text with the tools as functions, or as coroutine functions where the program awaits. The lowered
program is done by the reference interpreter, one statement after the other.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import inspect
import io
import json
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cpython_words import older
from reference_program import interpret

from lcc.grammar.diagnostics import Diagnostic
from lcc.grammar.front_ends.python import parse
from lcc.grammar.signatures import Effect, Parameter, Signature, tools_by_name
from lcc.grammar.signatures.built_in import SLEEP
from lcc.grammar.syntax.parser import Parsed


class Record(dict[str, Any]):
    """What a tool gives: a field goes before a method."""

    def __getattribute__(self, name: str) -> Any:
        return self[name] if dict.__contains__(self, name) else dict.__getattribute__(self, name)


def wrapped(value: Any) -> Any:
    if isinstance(value, dict):
        return Record({key: wrapped(item) for key, item in value.items()})
    return [wrapped(item) for item in value] if isinstance(value, list) else value


def plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: plain(item) for key, item in dict.items(value)}
    return [plain(item) for item in value] if isinstance(value, list | tuple) else value


class World:
    """Tools of a harbour: what they give depends on what was written before."""

    def __init__(self) -> None:
        self.written: dict[str, list[Any]] = {}
        self.calls: list[tuple[str, list[Any]]] = []

    def berth(self, ship: str) -> dict[str, Any]:
        """Read a berth; there is none for a ship whose name ends in `x`."""
        if ship.endswith("x"):
            raise LookupError(f"no ship {ship}")
        return {
            "ship": ship,
            "depth": len(ship) + len(self.written.get(ship, [])),
            "crew": [ship[:1], ship[-1:]],
            "items": [1, 2],
        }

    def depth(self, place: int) -> int:
        """Read how deep a place is; no place is below zero."""
        if place < 0:
            raise ValueError(f"no place {place}")
        return (place * 7 + len(self.written.get("log", []))) % 10

    def note(self, name: str, text: Any = "") -> int:
        """Write a line; return how many there are."""
        self.written.setdefault(name, []).append(text)
        if text == "bad":
            raise RuntimeError("can't write that")
        return len(self.written[name])

    def signal(self, text: Any) -> str:
        """Do something that isn't declared."""
        self.written.setdefault("log", []).append(text)
        return f"seen {text}"

    def tides(self, count: int) -> list[int]:
        """Read some tides."""
        return [(count * i + 3) % 7 for i in range(count % 5)]


_PARAMETERS = {"berth": ["ship"], "depth": ["place"], "note": ["name", "text"], "signal": ["text"], "tides": ["count"]}
_EFFECTS = {"note": Effect.WRITE, "signal": Effect.UNDECLARED}
TOOLS = tools_by_name(
    [
        Signature(name, tuple([Parameter(one, required=one != "text" or name != "note", default="") for one in names]),
                  effect=_EFFECTS.get(name, Effect.READ))
        for name, names in _PARAMETERS.items()
    ]
)  # fmt: skip


@dataclass
class Seen:
    """What a program came to."""

    given: Any = None
    error: str | None = None
    printed: str = ""
    calls: list[tuple[str, list[Any]]] = field(default_factory=list)
    tasks: bool = field(default=False, compare=False)
    """Whether tasks may begin before they are awaited."""


def tool(world: World, name: str) -> Callable[..., Any]:
    """Return a tool as a function that keeps its calls."""
    function = getattr(world, name)
    signature = inspect.signature(function)

    def call(*args: Any, **names: Any) -> Any:
        bound = signature.bind(*args, **names)
        bound.apply_defaults()
        given = [json.loads(json.dumps(plain(one))) for one in bound.arguments.values()]
        world.calls.append((name, given))
        return json.loads(json.dumps(function(*given)))

    return call


class _End(SystemExit):
    pass


class _Ending(ast.NodeTransformer):
    """Let `return` end the program at top level, and let no handler see an end."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return self._function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return self._function(node)

    def _function(self, node: Any) -> ast.AST:
        before, self.inside = getattr(self, "inside", False), True
        self.generic_visit(node)
        self.inside = before
        return node  # type: ignore[no-any-return]

    def visit_Return(self, node: ast.Return) -> ast.AST:
        if getattr(self, "inside", False):
            return node
        value = node.value or ast.Constant(None)
        return ast.copy_location(ast.Expr(ast.Call(ast.Name("__return__", ast.Load()), [value], [])), node)

    def visit_Try(self, node: ast.Try) -> ast.AST:
        self.generic_visit(node)
        if node.handlers:
            node.handlers.insert(0, ast.ExceptHandler(ast.Name("__end__", ast.Load()), None, [ast.Raise(None, None)]))
        return node


def _inside(text: str) -> ast.Module:
    """Return a program as the body of a function, where `return` and `await` may stand."""
    function = ast.parse("async def program(): pass")
    function.body[0].body = ast.parse(text).body  # type: ignore[attr-defined]
    return function


def _compiled(module: ast.Module, flags: int = 0) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)  # of `return` in `finally`, from 3.14 on
        return compile(module, "program", "exec", flags)


def by_cpython(text: str) -> Seen:
    """Return what CPython makes of a program."""
    module = ast.parse(text)
    _compiled(_inside(text))  # raises SyntaxError, also for what the parser reads
    waits = any(isinstance(node, ast.Await) for node in ast.walk(module))
    if module.body and isinstance(module.body[-1], ast.Expr):
        module.body[-1] = ast.Expr(ast.Call(ast.Name("__last__", ast.Load()), [module.body[-1].value], []))
    module = ast.fix_missing_locations(_Ending().visit(module))
    world, seen = World(), Seen()
    ended: list[Any] = []
    returned: list[Any] = []
    last: list[Any] = []

    def end(value: Any = None) -> None:
        if not ended:
            ended.append(json.loads(json.dumps(plain(value))))
        raise _End

    def give(value: Any = None) -> None:
        returned[:] = [value]
        raise _End

    space: dict[str, Any] = {
        "answer": end,
        "__return__": give,
        "__end__": _End,
        "__last__": last.append,
        "__name__": "__main__",
    }
    space |= {name: _unless(ended, tool(world, name), waits) for name in TOOLS}
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            made = eval(_compiled(module, ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), space)
            if inspect.iscoroutine(made):
                asyncio.run(made)
    except _End:
        pass
    except Exception as error:
        returned.clear()
        if not ended:
            seen.error = f"{type(error).__name__}: {older(str(error))}"
    seen.printed, seen.calls = older(printed.getvalue()), world.calls
    if ended or returned:
        seen.given = ended[0] if ended else plain(returned[0])
    if seen.error is None and seen.given is None:
        seen.given = seen.printed or (plain(last[0]) if last else None)
    return seen


def _unless(ended: list[Any], function: Callable[..., Any], waits: bool) -> Callable[..., Any]:
    def call(*args: Any, **names: Any) -> Any:
        if ended:
            raise _End
        return wrapped(function(*args, **names))

    async def waiting(*args: Any, **names: Any) -> Any:
        return call(*args, **names)

    return waiting if waits else call


def read(text: str) -> Parsed:
    """Read a program."""
    return parse(text, tools=TOOLS)


def by_lowering(text: str) -> Seen | tuple[Diagnostic, ...]:
    """Return what the lowered program comes to, or why it is refused."""
    found = read(text)
    if not found.ok:
        return found.diagnostics
    world = World()
    outcome = interpret(found.plan, {name: tool(world, name) for name in TOOLS} | {SLEEP.name: lambda seconds: None})
    return Seen(None if outcome.error else outcome.given, outcome.error, outcome.printed, world.calls)
