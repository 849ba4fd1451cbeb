"""Hold programs with what there is to know of each before it is measured: its calls by rounds, and its text in every dialect."""

from __future__ import annotations

import asyncio
import functools
import inspect
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeAlias, get_origin, get_type_hints

import lcc
from benchmarks.peers.systems.worlds import load_world
from benchmarks.programs.gathering import gathered
from benchmarks.programs.in_turn import run_in_turn
from benchmarks.programs.sandbox_dialects import Unsayable, awaiting, by_name, plain
from benchmarks.programs.sources import PROGRAMS
from benchmarks.simulated.clock import run as run_on_clock
from lcc.grammar.ir import Const, Plan, Ref, Task
from lcc.grammar.syntax.print_plan import print_plan
from lcc.python_tools.function import tool_of

WORLD = Path(__file__).parent / "world.py"
Levels: TypeAlias = Sequence[Sequence[tuple[str, Mapping[str, Any]]]]
STEP = 1.0
"""Seconds of a call where rounds are counted; they are skipped."""


@dataclass(frozen=True, slots=True)
class After:
    """What a program gives where its last call fails at first. `handled`: it handles that itself."""

    wanted: Any = None
    calls: Sequence[tuple[str, Mapping[str, Any]]] = ()
    handled: bool = False


@dataclass(frozen=True, slots=True)
class Program:
    """A program. `levels`: the calls that can be made at once, round by round. `texts`: by dialect; one that says why there is none begins with `#!`.

    `wanted`: what it gives. `after`: what it gives, and the calls that end well, if its last call fails at first: once more as a whole, unless it
    handles that itself.
    """

    id: str
    text: str
    rounds: int
    world: Path
    levels: Levels = ()
    texts: Mapping[str, str] = field(default_factory=dict)
    wanted: Any = None
    after: After = field(default_factory=After)

    @property
    def question(self) -> str:
        """What models are asked."""
        return f"Do what program {self.id} does."

    @property
    def last_call(self) -> list[Any]:
        """The call that fails where one does: the last to begin."""
        tool, given = self.levels[-1][-1]
        return [tool, given]


def programs(data: Path | None) -> list[Program]:
    """Return the programs of a folder, or the sample; those that end in an exception by themselves are left out."""
    if data is None:
        found: list[tuple[str, str, int, list[Any] | None]]
        found = [(name.replace(" ", "-"), one.plain, one.rounds, None) for name, one in PROGRAMS.items()]
        world = WORLD
    else:
        rows = map(json.loads, (data / "programs.jsonl").read_text(encoding="utf-8").splitlines())
        found = [(row["id"], row["source"], row["rounds"], _recorded(row)) for row in rows if not row.get("error")]
        world = (data / "world.py").absolute()
    return [_known(*one, world) for one in found]


def _recorded(row: Mapping[str, Any]) -> list[Any]:
    return [row["answer"]] if "answer" in row else list(row["join"])


def _known(name: str, text: str, rounds: int, recorded: list[Any] | None, world: Path) -> Program:
    """Return a program. What it gives is what is recorded, or else what CPython makes of it in turn."""
    tools = load_world(str(world))
    levels = _levels(text, world)
    found = Program(name, text, rounds, world, levels, dict(_texts(text, world, tools, levels)))
    if not found.levels:
        return found
    whole = run_in_turn(found, fault=False)
    wanted = recorded[0] if recorded else whole.value
    broken = run_in_turn(found, fault=True)
    handled = not broken.error
    good = broken if handled else whole
    after = After(
        broken.value if handled else wanted, [(tool, given) for tool, given, well in good.calls if well], handled
    )
    return replace(found, wanted=wanted, after=after)


def _texts(text: str, world: Path, tools: Mapping[str, Any], levels: Levels) -> Iterator[tuple[str, str]]:
    parameters = {name: list(inspect.signature(one).parameters) for name, one in tools.items()}
    reads = [name for name, one in tools.items() if one.options.get("effect") in ("read", "pure")]
    others = set(tools) - set(reads)
    packed = [name for name, one in tools.items() if not _gives_object(one)]
    fields = {
        field
        for one in tools.values()
        for kind in vars(inspect.getmodule(one)).values()
        if isinstance(kind, type) and hasattr(kind, "__total__")
        for field in kind.__annotations__
    }
    ways: dict[str, Callable[[], str]] = {
        "awaiting": lambda: awaiting(text, parameters, fields),
        "gathered": lambda: gathered(awaiting(text, parameters, fields), reads, others),
        "by name": lambda: by_name(gathered(awaiting(text, parameters, fields), reads, others), tools, packed),
        "plain": lambda: plain(text, fields, "final_answer"),
    }
    known = list(lcc_tools(world))
    compiled = lcc.compile(text, known, front_end="python")
    plan = print_plan(compiled.plan)
    said = "python:" not in plan and not plan.startswith("ir:")
    yield "plan", plan if said else "#! a plan can't say its loops"
    yield "calls", _calls(lcc.compile(plan, known).plan if said else Plan(), levels, parameters)
    for name, way in ways.items():
        try:
            yield name, way()
        except Unsayable as error:
            yield name, f"#! {error}"


def _calls(plan: Plan, levels: Levels, parameters: Mapping[str, Sequence[str]]) -> str:
    """Return a program as calls alone, in JSON: those of one round, or those of a plan whose arguments are literals and whole results."""
    if len(levels) == 1:
        return json.dumps(levels[0])
    found: list[Any] = []
    for step in plan.body or (None,):
        values = [arg.value for arg in step.args] if isinstance(step, Task) and step.when is None else [None]
        if not isinstance(step, Task) or not all(
            isinstance(one, Const) or (isinstance(one, Ref) and not one.path) for one in values
        ):
            return "#! an argument, or whether a call is made, is computed from results"
        names = (arg.name or name for arg, name in zip(step.args, parameters[step.tool], strict=False))
        told = (
            one.value if isinstance(one, Const) else f"${one.task}" for one in values if isinstance(one, Const | Ref)
        )
        found.append([step.tool, dict(zip(names, told, strict=True))])
    return json.dumps(found)


def _gives_object(tool: Any) -> bool:
    given = get_type_hints(tool)["return"]
    return hasattr(given, "__total__") or get_origin(given) is dict or given is dict


def _levels(text: str, world: Path) -> list[list[tuple[str, dict[str, Any]]]]:
    """Return the calls of a run by lcc, round by round, on a clock that skips waiting."""
    found: list[list[tuple[str, dict[str, Any]]]] = []

    async def run() -> None:
        clock = asyncio.get_running_loop().time
        began = clock()

        async def step(function: Any, given: dict[str, Any]) -> None:
            level = round((clock() - began) / STEP)
            found.extend([] for _ in range(level + 1 - len(found)))
            found[level].append((function.__name__, given))
            await asyncio.sleep(STEP)

        tools = lcc_tools(world, step)
        compiled = lcc.compile(text, tools, front_end="python")
        await lcc.execute(compiled.plan, tools)

    run_on_clock(run(), skip=True)
    return [level for level in found if level]


def lcc_tools(world: Path, before: Callable[[Any, dict[str, Any]], Awaitable[None]] | None = None) -> list[lcc.Tool]:
    """Return the tools of a world, run anew, for lcc; `before` is awaited before each call."""

    def watched(tool: lcc.Tool, function: Any) -> lcc.Tool:
        signature = inspect.signature(function)

        @functools.wraps(function)
        async def call(*args: Any, **names: Any) -> Any:
            bound = signature.bind(*args, **names)
            bound.apply_defaults()
            if before is not None:
                await before(function, dict(bound.arguments))
            return await function(*args, **names)

        return replace(tool, function=call)

    found = []
    for function in load_world(str(world)).values():
        declared: Any = lcc.tool(**function.options)(function)
        found.append(watched(tool_of(declared), function))
    return found
