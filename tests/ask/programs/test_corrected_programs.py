"""A program that is written again after one that failed keeps what that one found, and writes nothing twice."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from asking import BACKENDS, run
from fake_model_server import FakeModelServer

import lcc


class Harbour:
    """Tools that count their calls. The first question for a depth at quay 3 fails, as every odd question for the wind does."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.log: list[str] = []

    def tools(self) -> list[Any]:
        """Return its tools."""

        @lcc.tool(effect="read", resource="quays")
        async def depth(quay: int) -> int:
            self.calls[f"depth {quay}"] += 1
            if quay == 3 and self.calls["depth 3"] == 1:
                raise RuntimeError("the gauge is off")
            return quay * 2

        @lcc.tool(effect="read", resource="sky")
        async def wind() -> int:
            self.calls["wind"] += 1
            if self.calls["wind"] % 2:
                raise RuntimeError("no wind gauge")
            return 7

        @lcc.tool(effect="read", resource="log")
        async def entries() -> int:
            self.calls["entries"] += 1
            return len(self.log)

        @lcc.tool(effect="write", resource="log")
        async def enter(text: str) -> int:
            self.log.append(text)
            return len(self.log)

        return [depth, wind, entries, enter]


def ask(backend: str, *programs: str) -> tuple[Any, Harbour]:
    """Ask once, with a planner that writes some programs one after the other."""
    harbour = Harbour()
    with FakeModelServer({"planner": list(programs)}) as server:
        model = lcc.ModelSettings(model="fake", base_url=server.base_url, key="k", timeout=100.0)
        asking = lcc.Agent(harbour.tools(), model, language="python", journal=False)
        return run(lambda: asking.ask("?"), backend), harbour


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    "program",
    [
        "import asyncio\nfound = await asyncio.gather(*[depth(q) for q in (1, 2, 3, 4)])\nanswer(found)\n",
        "import asyncio\nfound = list(await asyncio.gather(depth(1), depth(2), depth(3), depth(4)))\nanswer(found)\n",
        "found = []\nfor quay in (3, 1, 2, 4):\n    found.append(depth(quay))\nanswer(sorted(found))\n",
    ],
)
@pytest.mark.parametrize("beginning", ["", "again = True\n"])
def test_reads_beside_and_behind_the_one_that_failed_are_kept(backend: str, program: str, beginning: str) -> None:
    answer, harbour = ask(backend, program, beginning + program)
    assert answer.value == [2, 4, 6, 8]
    assert harbour.calls == {"depth 1": 1, "depth 2": 1, "depth 3": 2, "depth 4": 1}


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_program_that_begins_again_reads_what_it_read_then_and_writes_once(backend: str) -> None:
    beginning = 'for word in ("tide", "fog"):\n    enter(f"{entries()} {word}")\n'
    answer, harbour = ask(backend, beginning + "depth(3)\n", beginning + "answer([depth(3), entries()])\n")
    assert answer.value == [6, 2]
    assert harbour.log == ["0 tide", "1 fog"]
    assert harbour.calls["entries"] == 3


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_it_handled_then_is_handled_again_without_a_call(backend: str) -> None:
    program = """tries = 0
while True:
    tries += 1
    try:
        blows = wind()
        break
    except RuntimeError:
        pass
enter(f"{blows} after {tries}")
answer([tries, depth(3)])
"""
    answer, harbour = ask(backend, program, program)
    assert answer.value == [2, 6]
    assert harbour.log == ["7 after 2"]
    assert harbour.calls["wind"] == 2


def test_a_program_that_begins_otherwise_reads_what_there_is_now() -> None:
    first = "before = entries()\nenter(str(before))\ndepth(3)\n"
    answer, harbour = ask("asyncio", first, "now = entries()\nenter(str(now))\nanswer([before, now, depth(3)])\n")
    assert answer.value == [0, 1, 6]
    assert harbour.log == ["0", "1"]


def test_a_kept_read_answers_once_so_that_asking_again_is_asking() -> None:
    first = "first = entries()\ndepth(3)\n"
    second = "seen = [entries() for _ in range(1)]\nwhile len(seen) < 3:\n    seen.append(entries())\nanswer(seen)\n"
    answer, harbour = ask("asyncio", first, second)
    assert answer.value == [0, 0, 0]
    assert harbour.calls["entries"] >= 2


@pytest.mark.parametrize("wait", ["", "await "])
def test_a_name_that_stood_for_a_result_is_the_tool_where_it_is_called(wait: str) -> None:
    program = f"depth = {wait}depth(3)\nanswer(depth)\n"
    answer, _ = ask("asyncio", program, program)
    assert answer.value == 6
    program = f"entries = {wait}entries()\nfound = {wait}depth(3)\nanswer([entries, found])\n"
    answer, harbour = ask("asyncio", program, program)
    assert answer.value == [0, 6]
    assert harbour.calls["entries"] == 1
