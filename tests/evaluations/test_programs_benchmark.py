"""Check the benchmark of programs: lcc, CPython in turn and gathered calls give the same answers, with as many calls."""

from __future__ import annotations

import pytest

import lcc
from benchmarks.programs import world
from benchmarks.programs.__main__ import by_lcc, by_python
from benchmarks.programs.sources import PROGRAMS
from lcc.python_tools.collect import declared_in


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
@pytest.mark.anyio
async def test_all_ways_to_run_a_program_give_the_same(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world, "LATENCY", [0.0])
    tools = declared_in(world)
    called = {tool.__name__: tool for tool in tools}
    program = PROGRAMS[name]
    plan = lcc.compile(program.plain, tools, front_end="python")
    found, counts = [], []
    for run in (
        lambda: by_lcc(plan, tools),
        lambda: by_python(program.plain, called),
        lambda: by_python(program.gathered, called),
    ):
        world.CALLS.clear()
        found.append(await run())
        counts.append(sorted(world.CALLS))
    assert found[0] is not None
    assert found[1:] == found[:1] * 2
    assert counts[1:] == counts[:1] * 2
