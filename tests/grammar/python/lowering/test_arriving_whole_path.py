"""Run made-up programs while their text arrives, and hold what they do to what CPython does with all of it."""

from __future__ import annotations

from functools import partial
from random import Random

import pytest
from body_world import Pause, random_pause
from random_python import Maker
from shape_counts import used_seed
from test_arriving_programs import pieces_of
from whole_path import Skipped, compare, signatures

from lcc.ask.programs.program_run import ProgramRun
from lcc.grammar.ir import Plan
from lcc.grammar.python.arriving.program_stream import ProgramStream
from lcc.runtime.options import Options
from lcc.runtime.program.before import NOTHING_BEFORE
from lcc.runtime.result import RunResult
from lcc.runtime.run import Run
from lcc.runtime.tool import Tool

FEW = 10
MANY = 600
BACKENDS = ("asyncio", "trio")
EMPTY = Plan(body=(), fails="strict")


class Refused(Exception):
    """A program is refused as it arrives."""


async def arriving(plan: Plan, tools: dict[str, Tool], *, text: str, pieces: list[str], written: Pause) -> RunResult:
    """Run a program that comes in pieces, with pauses between them."""

    async def yes(_: object) -> bool:
        return True

    options = Options(approve=yes)
    async with Run(EMPTY, tools, options=options, keep_events=False, before=NOTHING_BEFORE) as run:
        declared = signatures(text)
        program = ProgramRun(run, declared, ProgramStream(declared), round_=1, emit=lambda event: None)
        for piece in pieces:
            program.feed(piece)
            await written()
        verdict = program.end()
        if verdict.plan is None:
            raise Refused(verdict.diagnostics)
        return await run.wait()


def _check(seed: str, backend: str, *, waits: bool) -> bool:
    """Return whether there was something to compare."""
    text = Maker(Random(seed), waits=waits).program()
    how = partial(
        arriving,
        text=text,
        pieces=pieces_of(text, Random(f"{seed} pieces")),
        written=random_pause(Random(f"{seed} text")),
    )
    try:
        wrong = compare(text, 0, random_pause(Random(seed)), backend, how)
    except Skipped:
        return False
    assert wrong is None, f"{seed!r} on {backend}: {wrong}\n{text}"
    return True


@pytest.mark.filterwarnings("ignore:coroutine")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("waits", [False, True])
def test_a_program_does_the_same_while_it_arrives(backend: str, waits: bool) -> None:
    assert sum(_check(f"live {backend} {number}", backend, waits=waits) for number in range(FEW)) > 0


@pytest.mark.filterwarnings("ignore:coroutine")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.slow
@pytest.mark.timeout(3_000)
def test_many_programs_do_the_same_while_they_arrive() -> None:
    seed = used_seed()
    assert sum(_check(f"live {seed} {n}", BACKENDS[n % 2], waits=n % 3 == 0) for n in range(MANY)) > MANY // 3
