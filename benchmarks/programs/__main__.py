"""Measure programs beside what CPython makes of the same text, in one run.

    python -m benchmarks.programs [--latency 0.2] [--repeat 3] [--data FOLDER]

Each program is run by `lcc.execute` (compiled before, the public path), by CPython with one call after another, and, gathered by
hand, by CPython. A bound is the longest chain of dependent calls times the latency; figures are multiples of it. The answers of
all three must be equal. `--data`: a folder with programs.jsonl and world.py instead, for which nothing is gathered by hand.
"""

from __future__ import annotations

import argparse
import ast
import asyncio
import contextlib
import importlib.util
import io
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import lcc
from benchmarks.programs import world
from benchmarks.programs.sources import PROGRAMS
from lcc.python_tools.collect import declared_in


class Case(NamedTuple):
    """One program to time."""

    name: str
    text: str
    gathered: str | None
    rounds: int


class Record(dict[str, Any]):
    """A result of a tool as programs read it."""

    def __getattr__(self, name: str) -> Any:
        return self[name]


class _End(BaseException):
    """The end of a program."""


def records(value: Any) -> Any:
    """Return a tool's result with records in the place of dicts."""
    if isinstance(value, dict):
        return Record({key: records(item) for key, item in value.items()})
    return [records(item) for item in value] if isinstance(value, list) else value


async def by_python(text: str, tools: Mapping[str, Callable[..., Awaitable[Any]]]) -> Any:
    """Run a program of this benchmark by CPython; calls that it doesn't await run one after another."""
    loop, awaits = asyncio.get_running_loop(), "await " in text
    given: list[Any] = []

    def answer(value: Any) -> None:
        given.append(value)
        raise _End

    def tool(call: Callable[..., Awaitable[Any]]) -> Callable[..., Any]:
        async def asked(*args: Any, **names: Any) -> Any:
            return records(await call(*args, **names))

        def at_once(*args: Any, **names: Any) -> Any:
            return asyncio.run_coroutine_threadsafe(asked(*args, **names), loop).result()

        return asked if awaits else at_once

    space: dict[str, Any] = {"answer": answer, **{name: tool(call) for name, call in tools.items()}}
    code = compile(text, "<program>", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT if awaits else 0)

    def whole() -> None:
        with contextlib.suppress(_End), contextlib.redirect_stdout(io.StringIO()):
            exec(code, space)

    if awaits:
        with contextlib.suppress(_End):
            await eval(code, space)
    else:
        await asyncio.to_thread(whole)
    return given[0] if given else None


async def by_lcc(compiled: Any, tools: Any) -> Any:
    """Run a compiled program by lcc."""
    result = await lcc.execute(compiled.plan, tools)
    return result.answer if result.answered else result.join


async def timed(run: Callable[[], Awaitable[Any]], repeat: int) -> tuple[float, Any]:
    """Return the median of the seconds that a run takes, and what it gave."""
    took, value = [], None
    for _ in range(repeat):
        began = time.perf_counter()
        value = await run()
        took.append(time.perf_counter() - began)
    return median(took), value


def cases(data: Path | None) -> tuple[Iterator[Case], Any]:
    """Return the programs and the module of their tools."""
    if data is None:
        return (Case(name, p.plain, p.gathered, p.rounds) for name, p in PROGRAMS.items()), world
    spec = importlib.util.spec_from_file_location("measured_world", data / "world.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    rows = [json.loads(line) for line in (data / "programs.jsonl").read_text(encoding="utf-8").splitlines()]
    found = (Case(r["id"], r["source"], None, r["rounds"]) for r in rows if not r.get("error") and r["rounds"])
    return found, module


async def measure(data: Path | None, latency: float, repeat: int) -> None:
    """Print a line for each program, then the medians."""
    found, module = cases(data)
    tools: list[Any] = declared_in(module)
    called = {tool.__name__: tool for tool in tools}
    print(f"{'program':<24}{'bound s':>9}{'lcc':>8}{'in turn':>9}{'gathered':>10}")
    columns: list[list[float]] = [[], [], []]
    for case in found:
        compiled = lcc.compile(case.text, tools, front_end="python")
        bound = case.rounds * latency
        figures, values = [], []
        for run in _runs(case, compiled, tools, called, own=data is None):
            took, value = await timed(run, repeat)
            figures.append(took / bound)
            values.append(json.dumps(value, sort_keys=True))
        if len(set(values)) > 1:
            raise SystemExit(f"{case.name}: the answers differ: {values}")
        for column, figure in zip(columns, figures, strict=False):
            column.append(figure)
        shown = "".join(f"{figure:>9.3f}" for figure in figures)
        print(f"{case.name:<24}{bound:>9.2f}{shown}")
    shown = "".join(f"{median(column):>9.3f}" for column in columns if column)
    print(f"{'median':<24}{'':>9}{shown}")


def _runs(case: Case, compiled: Any, tools: Any, called: Any, *, own: bool) -> Iterator[Callable[[], Awaitable[Any]]]:
    yield lambda: by_lcc(compiled, tools)
    if own:
        yield lambda: by_python(case.text, called)
    if case.gathered is not None:
        gathered = case.gathered
        yield lambda: by_python(gathered, called)


def main() -> None:
    """Measure as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--latency", type=float, default=0.05, help="seconds a call takes")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--data", type=Path, default=None)
    args = parser.parse_args()
    world.LATENCY[0] = args.latency
    os.environ["PROGRAM_LATENCY"] = str(args.latency)
    asyncio.run(measure(args.data, args.latency, args.repeat))


if __name__ == "__main__":
    main()
