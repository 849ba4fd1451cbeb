"""Write small programs and their tools for tests: statements by short names, tools that take virtual time and keep a log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

import anyio
from virtual_time import run_virtually

from lcc.grammar.ir import (
    Apply,
    Arg,
    Builtin,
    Const,
    Handler,
    Let,
    ListOf,
    Local,
    Plan,
    Ref,
    Statement,
    Task,
    Try,
    Value,
)
from lcc.grammar.signatures import ANY, STR, CallLimits, Effect, Parameter, Resource, Signature
from lcc.grammar.values import Json
from lcc.runtime.options import Options
from lcc.runtime.result import RunResult
from lcc.runtime.run import Run
from lcc.runtime.tool import Tool


def lift(value: Any) -> Value:
    """Return a value of the IR: text, numbers and lists stand for themselves."""
    if isinstance(value, list):
        return ListOf(tuple(map(lift, value)))
    return Const(value) if value is None or isinstance(value, str | int | float) else value


def op(name: str, *args: Any) -> Apply:
    """Apply an operation."""
    return Apply(name, tuple(map(lift, args)))


def name(text: str) -> Local:
    """Read a name."""
    return Local(text)


def let(target: str, value: Any) -> Let:
    """Bind a name."""
    return Let(lift(value), (target,))


def do(value: Any) -> Let:
    """Evaluate for an effect."""
    return Let(lift(value))


def call(id: int, tool: str, *args: Any, into: str | None = None, **given: Any) -> tuple[Statement, ...]:
    """Call a tool, and perhaps bind its result."""
    task = Task(id, tool, tuple(Arg(None, lift(arg)) for arg in args), **given)
    return (task,) if into is None else (task, Let(Ref(id), (into,)))


def handled(body: Sequence[Statement], *handler: Statement, classes: str = "Exception", as_: str | None = None) -> Try:
    """Handle a failure."""
    return Try(tuple(body), (Handler(Builtin(classes), handler, as_),))


@dataclass
class World:
    """Tools that each take a second. `log` holds what began and ended, with the time; `fails` the arguments at which they fail."""

    fails: dict[Any, Exception] = field(default_factory=dict)
    log: list[tuple[float, str, str, Json]] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    polled: int = 0

    def tools(self) -> dict[str, Tool]:
        """Return them."""
        shelf = (Resource("shelf"),)
        kinds = {
            "look": (Effect.READ, shelf), "peek": (Effect.READ, (Resource("box:{x}"),)), "fetch": (Effect.READ, (Resource("net"),)),
            "calc": (Effect.PURE, ()), "put": (Effect.WRITE, shelf), "pack": (Effect.WRITE, (Resource("box:{x}"),)),
            "stir": (Effect.UNDECLARED, ()), "burn": (Effect.DESTRUCTIVE, shelf), "poll": (Effect.READ, (Resource("job"),)),
        }  # fmt: skip
        return {name: self._tool(name, effect, resources) for name, (effect, resources) in kinds.items()}

    def _tool(self, name: str, effect: Effect, resources: tuple[Resource, ...]) -> Tool:
        async def function(x: Json = None, y: Json = None) -> Json:
            began = anyio.current_time()
            self.log.append((began, "begin", name, x))
            await anyio.sleep(self.seconds.get(name, 1.0))
            self.log.append((anyio.current_time(), "end", name, x))
            if isinstance(x, str | int) and x in self.fails:
                raise self.fails[x]
            if name == "poll":
                self.polled += 1
                return self.polled
            return x

        parameters = (
            Parameter("x", STR if name == "peek" else ANY, required=False, default=None),
            Parameter("y", ANY, required=False, default=None),
        )
        signature = Signature(name, parameters, ANY, effect, resources, limits=CallLimits())
        return Tool(signature, function, lambda given: given, lambda value: value)  # type: ignore[arg-type,return-value]

    def began(self, *names: str) -> list[tuple[str, Json]]:
        """Return the calls that began, of these tools or all."""
        return [(name, x) for _, what, name, x in self.log if what == "begin" and (not names or name in names)]

    def seconds_of(self, result: RunResult) -> int:
        """Return how long a run took."""
        return round(result.makespan)


def body(*statements: Statement | tuple[Statement, ...]) -> tuple[Statement, ...]:
    """Join statements, and lists of them, to a block."""
    return tuple(one for some in statements for one in (some if isinstance(some, tuple) else (some,)))


def run(
    world: World,
    *statements: Statement | tuple[Statement, ...],
    fails: Literal["strict", "independent"] = "strict",
    backend: str = "trio",
    join: Any = None,
    **options: Any,
) -> RunResult:
    """Run a program in virtual time."""
    plan = Plan(body=body(*statements), fails=fails, join=join)
    return run_virtually(partial(_run, plan, world, Options(**options)), backend)


async def _run(plan: Plan, world: World, options: Options) -> RunResult:
    async with Run(plan, world.tools(), options=options, keep_events=False) as running:
        return await running.wait()
