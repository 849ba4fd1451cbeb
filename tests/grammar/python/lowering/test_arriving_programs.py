"""Read programs in pieces: what comes out means what the whole text means, and what can't be known yet is waited for."""

from __future__ import annotations

from random import Random

import pytest
from both_ways import TOOLS, Seen, World, by_cpython, by_lowering, read, tool
from hypothesis import given, settings, strategies as st
from random_python import Maker
from reference_program import interpret

from lcc.grammar.diagnostics import Diagnostic
from lcc.grammar.ir import block_calls
from lcc.grammar.python.arriving.program_stream import ProgramStream


def pieces_of(text: str, chance: Random) -> list[str]:
    """Cut a text into pieces of random length."""
    found, at = [], 0
    while at < len(text):
        end = at + chance.choice([1, 2, 5, 20, 100])
        found.append(text[at:end])
        at = end
    return found


def in_pieces(text: str, chance: Random) -> ProgramStream:
    stream = ProgramStream(TOOLS)
    for piece in pieces_of(text, chance):
        stream.feed(piece)
    stream.finish()
    return stream


def by_stream(text: str, chance: Random) -> Seen | tuple[Diagnostic, ...]:
    """Return what a program comes to that is read in pieces, or why it is refused."""
    parsed = in_pieces(text, chance).parsed()
    if not parsed.ok:
        return parsed.diagnostics
    world = World()
    outcome = interpret(parsed.plan, {name: tool(world, name) for name in TOOLS})
    return Seen(None if outcome.error else outcome.given, outcome.error, outcome.printed, world.calls)


def check(text: str, chance: Random) -> None:
    whole, found = by_lowering(text), by_stream(text, chance)
    if isinstance(whole, tuple) or isinstance(found, tuple):
        assert isinstance(whole, tuple), (text, found)
        assert isinstance(found, tuple), text
        assert {(d.code, d.span) for d in whole if d.is_error} & {(d.code, d.span) for d in found if d.is_error}, text
    else:
        assert found == whole, text


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9), st.booleans())
def test_a_program_in_pieces_means_what_the_whole_means(seed: int, waits: bool) -> None:
    check(Maker(Random(seed), waits=waits).program(), Random(seed))


PROGRAMS = [
    "def first():\n    return second(2)\ndef second(x):\n    return depth(x)\nfirst()\n",
    "def first():\n    return later + depth(1)\nlater = 3\nanswer(first())\n",
    "try:\n    a = depth(later)\nexcept NameError:\n    a = 1\nlater = 2\nprint(a)\n",
    "depth = depth(3)\nprint(depth)\n",
    "import asyncio\na = depth(1)\nb = depth(2)\nanswer(a + b)\n",
    "import asyncio\nasync def main():\n    answer(await depth(1))\nasyncio.run(main())\n",
    "import asyncio\ntasks = []\nfor i in [1, 2]:\n    tasks.append(depth(i))\nfound = await asyncio.gather(*tasks)\nfound\n",
    "import asyncio\nout = []\nfor i in [1, 2]:\n    out.append(await depth(i))\nprint(out)\n",
    "a = await depth(1)\nb = depth(2)\n",
    "1\n2\nx = 3\n",
    "4\nNone\n",
    "depth(1)\ndepth(2)\n",
    "x = 1\ng = (x + i for i in [1, 2])\nx = 5\nprint(list(g))\n",
    "x = 1\nprint(nowhere)\ny = depth(2)\n",
    "def f(a):\n    t = depth(a)\n    return t + 1\nt = f(1)\nt_2 = f(2)\nprint(t, t_2)\n",
    "def unused(x):\n    return open(x)\nanswer(1)\n",
    "if depth(1) > 3:\n    x = 1\nelse:\n    x = 2\nx\n",
    "import json\nfrom math import sqrt\nanswer(json.dumps(sqrt(4)))\n",
]


@pytest.mark.parametrize("text", PROGRAMS)
def test_what_needs_the_whole_program_is_decided_by_it(text: str) -> None:
    for seed in range(4):
        check(text, Random(seed))
    if read(text).ok:
        assert isinstance(by_lowering(text), Seen)
        assert by_cpython(text).calls == by_lowering(text).calls  # type: ignore[union-attr]


def test_a_statement_comes_out_with_the_end_of_its_line() -> None:
    stream = ProgramStream(TOOLS)
    assert not stream.feed("a = depth(")
    assert [call.tool for call in block_calls(stream.feed("1)\n"))] == ["depth"]
    assert not stream.feed("for i in [1, 2]:\n    b = depth(i)\n")
    assert [call.tool for call in block_calls(stream.feed("pri"))] == ["depth"]
    assert stream.feed("nt(a)\n")


def test_nothing_comes_out_behind_an_error() -> None:
    stream = ProgramStream(TOOLS)
    assert stream.feed("a = depth(1)\n")
    assert not stream.feed("b = = 1\nc = depth(2)\n")
    assert not stream.finish()
    assert [one.code for one in stream.parsed().diagnostics] == ["P100"]
    assert stream.parsed().plan.body is None


def test_an_await_behind_calls_without_one_is_refused() -> None:
    stream = ProgramStream(TOOLS)
    assert stream.feed("x = 1\na = depth(1)\n")
    assert not stream.feed("b = await depth(2)\nprint(a, b)\n")
    stream.finish()
    (found,) = stream.parsed().diagnostics
    assert found.code == "P054"
    assert "line 2" in found.message


def test_a_name_that_the_reader_makes_is_refused_where_it_would_be_taken() -> None:
    stream = ProgramStream(TOOLS)
    stream.feed("a = [depth(i) for i in [1]] + [depth(2)]\n")
    made = next(iter(stream._program._fresh_names))
    stream.feed(f"{made} = 3\nprint({made})\n")
    stream.finish()
    assert [one.code for one in stream.parsed().diagnostics] == ["P052"]


def test_a_program_goes_on_with_names_and_helpers() -> None:
    first = ProgramStream(TOOLS)
    first.feed("def twice(x):\n    return depth(x) * 2\na = twice(3)\nb = depth(-1)\nc = 1\n")
    first.finish()
    ends = [place for place, one in enumerate(first.statements) if one.span == first.statements[-2].span]
    behind = first.behind(ends[0], failed=True)
    second = ProgramStream(TOOLS, behind=behind)
    second.feed("d = twice(a)\nprint(d)\n")
    second.finish()
    parsed = second.parsed()
    assert parsed.ok
    assert {"a", "twice"} <= set(second.names)
    assert "c" not in second.names
    ((done, failed),) = second.done
    assert failed
    assert {call.id for call in block_calls(done)} == {1, 2}
    assert min(call.id for call in block_calls(parsed.plan.body or ())) > first._program.last_id  # type: ignore[type-var]
    assert parsed.source.text.endswith("print(d)\n")
