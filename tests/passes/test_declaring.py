"""What declaring the effects of undeclared tools would free is found by compiling the plan as if they were declared."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from lcc.compiler import read
from lcc.grammar.signatures import Effect, Signature, Tools, tools_by_name
from lcc.grammar.signatures.stubs import read_stub
from lcc.passes.declaring import Declaring, declaring

TOOLS = """\
from lcc import tool
def sound(berth: str) -> int: ...
def log(text: str) -> str: ...
@tool(effect="write")
def hoist(flag: str) -> str: ...
@tool(effect="read")
def tide(berth: str) -> int: ...
"""
PROGRAM = """\
for berth in ["north", "south", "west"]:
    depth = sound(berth)
    log(f"{berth}: {depth}")
hoist("blue")
"""


def tools() -> Tools:
    signatures: Sequence[Signature] = read_stub(TOOLS).signatures
    return tools_by_name(signatures)


def found(text: str, front_end: str = "plan") -> Declaring | None:
    return declaring(read(text, tools(), front_end=front_end).plan, tools())


def test_a_program_is_faster_where_its_undeclared_tools_only_read() -> None:
    freed = found(PROGRAM, "python")
    assert freed is not None
    assert freed.now.makespan == pytest.approx(7)
    by_name = {one.tool: one for one in freed.freed}
    assert [one.tool for one in freed.freed] == ["log", "sound", ""]
    assert by_name["log"].held == 1
    assert by_name[""].written == 2
    assert by_name[""].as_[Effect.READ].makespan == pytest.approx(3)
    assert by_name["log"].as_[Effect.READ].makespan > by_name[""].as_[Effect.READ].makespan


def test_calls_of_a_plan_are_merged_and_dropped_where_tools_only_read() -> None:
    freed = found('1. sound("north")\n2. sound("north")\n3. log("x")\n4. join($1, $2)\n')
    assert freed is not None
    calls = {one.tool: one.as_[Effect.PURE].calls for one in freed.freed}
    assert (freed.now.calls, calls) == (3, {"sound": 2, "log": 2, "": 1})


def test_nothing_is_said_of_plans_whose_tools_are_declared() -> None:
    assert found('1. tide("north")\n2. hoist("blue")\n3. join($1)\n') is None
    assert found('1. elsewhere("north")\n2. join($1)\n') is None
