"""Approval where calls are foreseen: all whose arguments are known are asked about at once, one request for each tool."""

from __future__ import annotations

from collections.abc import Callable

import anyio
import pytest
from running_plans import tool, tools

from lcc.grammar.signatures import Effect
from lcc.grammar.syntax.parser import parse_plan
from lcc.grammar.values import Json
from lcc.runtime import run as run_module
from lcc.runtime.graph.flat_issuer import FlatIssuer
from lcc.runtime.graph.issuer import NewIssuer
from lcc.runtime.graph.node import Call
from lcc.runtime.options import ApprovalRequest, Options
from lcc.runtime.result import FailureKind, RunResult
from lcc.runtime.run import execute


class Foreseeing(FlatIssuer):
    """Foresees every destructive call of the plan that nothing is filled into."""

    def foreseen(self, node: Call) -> tuple[Call, ...]:
        """Return them."""
        found = [n for n in self.nodes.values() if isinstance(n, Call) and n.binding.destructive and not n.attempts]
        return tuple(n for n in found if n.place > node.place and not n.doom)


@pytest.fixture(autouse=True)
def foreseeing(monkeypatch: pytest.MonkeyPatch) -> None:
    def issuer_of(*_: object) -> NewIssuer:
        return Foreseeing

    monkeypatch.setattr(run_module, "_issuer_of", issuer_of)


Asked = list[tuple[str, str, list[tuple[str, Json]]]]
TEXT = '1. drop("a")\n2. wipe("b", after=$1)\n3. drop("c", after=$2)\n4. read("d")\n5. drop($4, after=$3)\n6. join()\n'


def run(answer: Callable[[ApprovalRequest], bool]) -> tuple[RunResult, Asked, list[str]]:
    asked: Asked = []
    made: list[str] = []

    async def approve(request: ApprovalRequest) -> bool:
        asked.append((str(request.id), request.tool, [(str(id_), given["key"]) for id_, given in request.calls]))
        return answer(request)

    async def drop(key: str, after: object = None) -> str:
        made.append(f"drop {key}")
        return key

    async def wipe(key: str, after: object = None) -> str:
        made.append(f"wipe {key}")
        return key

    async def read(key: str) -> str:
        return f"<{key}>"

    given = tools(
        tool(drop, "key", "after?", effect=Effect.DESTRUCTIVE),
        tool(wipe, "key", "after?", effect=Effect.DESTRUCTIVE),
        tool(read, "key"),
    )
    plan = parse_plan(TEXT).plan
    result = anyio.run(lambda: execute(plan, given, options=Options(approve=approve)))
    return result, asked, made


def test_calls_whose_arguments_are_known_are_asked_about_together() -> None:
    """Of those behind, `after` isn't known before what they read has ended, so each asks when it is due."""
    result, asked, made = run(lambda request: True)
    assert result.ok
    assert asked[0][2] == [("1", "a")]
    assert made == ["drop a", "wipe b", "drop c", "drop <d>"]


SIMPLE = '1. drop("a")\n2. wipe("b")\n3. drop("c")\n4. read("d")\n5. drop($4)\n6. join()\n'


@pytest.fixture
def simple(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "TEXT", SIMPLE)


@pytest.mark.usefixtures("simple")
def test_there_is_one_request_for_each_tool_and_one_more_for_what_becomes_known_later() -> None:
    result, asked, made = run(lambda request: True)
    assert result.ok
    assert asked[:2] == [("1", "drop", [("1", "a"), ("3", "c")]), ("2", "wipe", [("2", "b")])]
    assert asked[2:] == [("5", "drop", [("5", "<d>")])]
    assert sorted(made) == ["drop <d>", "drop a", "drop c", "wipe b"]


@pytest.mark.usefixtures("simple")
def test_one_no_is_a_no_to_all_that_were_asked_about_with_it() -> None:
    result, asked, made = run(lambda request: request.tool == "drop")
    assert asked[:2] == [("1", "drop", [("1", "a"), ("3", "c")]), ("2", "wipe", [("2", "b")])]
    error = result.tasks[1].error
    assert error is not None
    assert error.kind is FailureKind.DENIED
    assert "drop a" not in made
