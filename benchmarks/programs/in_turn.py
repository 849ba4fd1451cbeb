"""Run a program by CPython, in the dialect whose calls are awaited, or else plain; tell what it gives and which calls it made."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import io
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from benchmarks.peers.systems.worlds import FAULT, load_world, noted

_LAST = "_value_of_the_program"


class Sayable(Protocol):
    """What there is to know of a program."""

    @property
    def texts(self) -> Mapping[str, str]:
        """By dialect."""

    @property
    def world(self) -> Any:
        """The module of its tools."""

    @property
    def last_call(self) -> list[Any]:
        """The call that fails where one does."""


@dataclass(slots=True)
class Ran:
    """What came of a run. `value`: what it handed back, else what it printed. `calls`: tool, arguments, whether it ended well."""

    value: Any = None
    calls: list[list[Any]] = field(default_factory=list)
    error: str = ""
    seconds: float = 0.0


class _Answered(BaseException):
    """A plain program ended with its answer."""


def run_in_turn(program: Sayable, *, fault: bool) -> Ran:
    """Run a program once, one call after the other."""
    return asyncio.run(run_texts(program, ("awaiting", "plain"), fault=fault, tries=1))


async def run_texts(program: Sayable, dialects: Sequence[str], *, fault: bool, tries: int) -> Ran:
    """Run a program in the first of some dialects that can say it, again as a whole after a fault, until the tries are used up."""
    ran = Ran()
    failing = [program.last_call] if fault else []
    tools = {name: noted(one, ran.calls, failing) for name, one in load_world(str(program.world)).items()}
    dialect = next(one for one in dialects if not program.texts[one].startswith("#!"))
    began = time.perf_counter()
    for _ in range(tries):
        try:
            ran.value, ran.error = await _run(program.texts[dialect], tools, plain=dialect == "plain"), ""
        except Exception as error:
            ran.error = f"{type(error).__name__}: {error}"[:300]
            if FAULT in ran.error:
                continue
        break
    ran.seconds = time.perf_counter() - began
    return ran


async def _run(text: str, tools: Mapping[str, Any], *, plain: bool) -> Any:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        value = await (asyncio.to_thread(_plain, text, tools) if plain else _awaiting(text, tools))
    return printed.getvalue().removesuffix("\n") if value is None and printed.getvalue() else value


async def _awaiting(text: str, tools: Mapping[str, Any]) -> Any:
    tree = compile(text, "<program>", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    if isinstance(tree.body[-1], ast.Expr):
        tree.body[-1] = ast.Assign([ast.Name(_LAST, ast.Store())], tree.body[-1].value)
    code = compile(ast.fix_missing_locations(tree), "<program>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    space = dict(tools)
    if (running := eval(code, space)) is not None:
        await running
    return space.get(_LAST)


def _plain(text: str, tools: Mapping[str, Any]) -> Any:
    found: list[Any] = []

    def final_answer(value: Any) -> None:
        found.append(value)
        raise _Answered

    def at_once(one: Any) -> Any:
        return lambda *args, **names: asyncio.run(one(*args, **names))

    with contextlib.suppress(_Answered):
        exec(text, {"final_answer": final_answer, **{name: at_once(one) for name, one in tools.items()}})
    return found[0] if found else None
