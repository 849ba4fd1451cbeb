"""Run a program while its text arrives, from an application."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any

import anyio
import pytest

import lcc

BACKENDS = ("asyncio", "trio")


class Harbour:
    """Tools that keep what was asked of them."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    @property
    def tools(self) -> list[Any]:
        @lcc.tool(effect="read", resource="water")
        async def tide(port: str) -> float:
            self.seen.append(port)
            return len(port) / 2

        @lcc.tool(effect="write", resource="log")
        async def log(text: str) -> str:
            self.seen.append(f"log {text}")
            return text

        return [tide, log]


async def _quiet() -> None:
    """Let everything happen that may."""
    for _ in range(20):
        await anyio.lowlevel.checkpoint()


@pytest.mark.parametrize("backend", BACKENDS)
def test_reads_start_with_their_line_and_writes_with_the_end(backend: str) -> None:
    harbour = Harbour()

    async def main() -> Any:
        async with lcc.LiveRun(harbour.tools) as run:
            run.feed('log("first")\na = tide("Brest")\nb = ti')
            await _quiet()
            assert harbour.seen == ["Brest"]
            run.feed('de("Cork")\nlog(str(a + b))\nanswer([a')
            await _quiet()
            assert harbour.seen == ["Brest", "Cork"]
            run.feed(", b])")
            assert run.finish() == ()
            return await run.wait()

    result = anyio.run(main, backend=backend)
    assert result.answer == [2.5, 2.0]
    assert harbour.seen == ["Brest", "Cork", "log first", "log 4.5"]


def test_an_error_means_that_no_further_call_is_made() -> None:
    harbour = Harbour()

    async def main() -> None:
        async with lcc.LiveRun(harbour.tools) as run:
            run.feed('log("first")\na = tide("Brest")\n')
            await _quiet()
            run.feed('b = tied("Cork")\nc = tide("Dublin")\n')
            await _quiet()
            with pytest.raises(lcc.CompileError, match="tied"):
                run.finish()

    anyio.run(main)
    assert harbour.seen == ["Brest"]


def test_a_program_that_is_never_finished_changes_nothing() -> None:
    harbour = Harbour()

    async def main() -> Any:
        async with lcc.LiveRun(harbour.tools) as run:
            run.feed('log("first")\n')
            await _quiet()
        return run.result

    result = anyio.run(main)
    assert not result.ok
    assert harbour.seen == []


def test_inputs_are_known_where_they_are_declared() -> None:
    harbour = Harbour()

    async def main() -> Any:
        async with lcc.LiveRun(harbour.tools, {"port": "Cork"}) as run:
            run.feed("port: str\nanswer(tide(port))\n")
            run.finish()
            return await run.wait()

    assert anyio.run(main).answer == 2.0


def test_a_missing_input_is_an_error_at_the_end() -> None:
    harbour = Harbour()

    async def main() -> Any:
        async with lcc.LiveRun(harbour.tools) as run:
            run.feed("port: str\nlog(port)\n")
            with pytest.raises(lcc.CompileError, match="port"):
                run.finish()

    anyio.run(main)
    assert harbour.seen == []


def test_only_programs_are_read_before_they_are_whole() -> None:
    with pytest.raises(ValueError, match="only `python` can be run while it is written"):
        lcc.LiveRun([], front_end="plan")


@pytest.mark.parametrize("pieces", ["whole", "lines"])
def test_a_list_that_is_changed_later_is_read_before_that(pieces: str) -> None:
    text = 'xs = [1]\na = tide("Brest")\nys = [len(xs), a]\nxs.append(2)\nanswer([ys, xs])\n'
    harbour = Harbour()

    async def main() -> Any:
        async with lcc.LiveRun(harbour.tools) as run:
            for piece in [text] if pieces == "whole" else text.splitlines(keepends=True):
                run.feed(piece)
            run.finish()
            return await run.wait()

    assert anyio.run(main).answer == [[1, 2.5], [1, 2]]


def test_what_is_read_lazily_sees_what_was_added_before_it_is_read() -> None:
    text = "xs = [[1]]\ng = iter(xs)\nxs.append([2])\nfor one in g:\n    one.append(tide('Brest'))\nys = xs[1]\nys.append(3)\nanswer(xs)\n"

    async def main() -> Any:
        async with lcc.LiveRun(Harbour().tools) as run:
            for piece in text.splitlines(keepends=True):
                run.feed(piece)
            run.finish()
            return await run.wait()

    assert anyio.run(main).answer == [[1, 2.5], [2, 2.5, 3]]


def test_a_call_that_could_carry_a_result_away_waits_for_the_whole_program() -> None:
    seen: list[str] = []

    @lcc.tool(effect="read", resource="web", discloses=True)
    async def fetch(address: str) -> str:
        seen.append(address)
        return "page"

    async def main() -> Any:
        async with lcc.LiveRun([*Harbour().tools, fetch]) as run:
            run.feed(
                'host = "h"\nfetch("a")\nfetch(host)\nfound = fetch(f"{tide(host)}")\nif found:\n    fetch("c")\nanswer(1)\n'
            )
            await _quiet()
            assert seen == ["a", "h"]
            run.finish()
            return await run.wait()

    assert anyio.run(main).ok
    assert seen == ["a", "h", "0.5", "c"]


SHAPES = {
    "calls": "port{i} = tide('{i}')\n",
    "lists": "found{i} = tide('{i}')\nrows{i} = []\nfor one in [1, 2]:\n    rows{i}.append(found{i} + one)\n",
    "one list": "every.append(tide('{i}'))\nif every[-1] > 3:\n    print(len(every))\n",
    "a view of a list that grows": "every.append([{i}])\nprint(next(view))\n",
}


def functions_called(shape: str, times: int) -> int:
    """Return how many Python and C functions it takes to feed a program: a measure of time that no other program disturbs."""
    made = 0

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal made
        made += event in ("call", "c_call")

    async def main() -> None:
        async with lcc.LiveRun(Harbour().tools, keep_events=False) as run:
            run.feed("every = []\nview = zip(every, every)\n")
            before = sys.getprofile()
            sys.setprofile(count)
            try:
                run.feed("".join([shape.replace("{i}", str(i)) for i in range(times)]))
            finally:
                sys.setprofile(before)
            run.cancel()

    anyio.run(main)
    return made


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_a_program_is_taken_in_proportion_to_its_length(shape: str) -> None:
    assert functions_called(shape, 400) < 4.6 * functions_called(shape, 100)
