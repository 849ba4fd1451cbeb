"""Hold programs with what there is to know of each before it is measured: its calls by rounds, and its text in every dialect."""

from __future__ import annotations

import asyncio
import functools
import inspect
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import lcc
from benchmarks.peers.systems.worlds import load_world
from benchmarks.programs.dialects import Unsayable, awaiting, by_name, plain
from benchmarks.programs.gathering import gathered
from benchmarks.programs.sources import PROGRAMS
from benchmarks.simulated.clock import run as run_on_clock
from lcc.grammar.syntax.print_plan import print_plan
from lcc.python_tools.function import tool_of

WORLD = Path(__file__).parent / "world.py"
STEP = 1.0
"""Seconds of a call where rounds are counted; they are skipped."""


@dataclass(frozen=True, slots=True)
class Program:
    """A program. `levels`: the calls that can be made at once, round by round. `texts`: by dialect; one that says why there is none begins with `#!`."""

    id: str
    text: str
    rounds: int
    world: Path
    levels: Sequence[Sequence[tuple[str, Mapping[str, Any]]]] = ()
    texts: Mapping[str, str] = field(default_factory=dict)

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
        found = [(name.replace(" ", "-"), one.plain, one.rounds) for name, one in PROGRAMS.items()]
        world = WORLD
    else:
        rows = map(json.loads, (data / "programs.jsonl").read_text(encoding="utf-8").splitlines())
        found = [(row["id"], row["source"], row["rounds"]) for row in rows if not row.get("error")]
        world = (data / "world.py").absolute()
    return [_known(*one, world) for one in found]


def _known(name: str, text: str, rounds: int, world: Path) -> Program:
    tools = load_world(str(world))
    return Program(name, text, rounds, world, _levels(text, world), dict(_texts(text, world, tools)))


def _texts(text: str, world: Path, tools: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    parameters = {name: list(inspect.signature(one).parameters) for name, one in tools.items()}
    reads = [name for name, one in tools.items() if one.options.get("effect") in ("read", "pure")]
    fields = {
        field
        for one in tools.values()
        for kind in vars(inspect.getmodule(one)).values()
        if isinstance(kind, type) and hasattr(kind, "__total__")
        for field in kind.__annotations__
    }
    ways = {
        "awaiting": lambda: awaiting(text, parameters, fields),
        "gathered": lambda: gathered(awaiting(text, parameters, fields), reads, set(tools) - set(reads)),
        "by name": lambda: by_name(gathered(awaiting(text, parameters, fields), reads, set(tools) - set(reads)), tools),
        "plain": lambda: plain(text, fields, "final_answer"),
    }
    compiled = lcc.compile(text, list(lcc_tools(world)), front_end="python")
    plan = print_plan(compiled.plan)
    yield "plan", "#! a plan can't say its loops" if "python:" in plan else plan
    for name, way in ways.items():
        try:
            yield name, way()
        except Unsayable as error:
            yield name, f"#! {error}"


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
