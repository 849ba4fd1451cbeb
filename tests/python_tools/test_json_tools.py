"""Check tools that JSON declares and one function calls, and sources of tools that are opened and closed."""

from __future__ import annotations

from typing import Any

import anyio
import pytest

import lcc
from lcc.grammar.signatures import Effect
from lcc.python_tools.declare import ToolError

BOOKS: list[dict[str, Any]] = [
    {
        "name": "find-book",
        "description": "Find a book.",
        "inputSchema": {
            "type": "object",
            "properties": {"title": {"type": "string", "maxLength": 8}, "year": {"type": "integer"}},
            "required": ["title"],
        },
        "outputSchema": {"type": "object", "properties": {"shelf": {"type": "integer"}}, "required": ["shelf"]},
    }
]


def test_every_call_goes_to_one_function_with_the_declared_name() -> None:
    seen: list[object] = []

    def call(name: str, arguments: dict[str, object]) -> object:
        seen.append((name, arguments))
        return {"shelf": 3.0}

    tools = lcc.tools_from_json(BOOKS, call, prefix="library")
    result = lcc.run('1. library.find-book("Tides", year=1999.0)\n2. answer($1.shelf)', tools)
    assert seen == [("find-book", {"title": "Tides", "year": 1999})]
    assert result.answer == 3


def test_an_async_function_is_awaited_and_may_take_the_context() -> None:
    async def call(name: str, arguments: dict[str, object], context: lcc.Context) -> object:
        return {"shelf": context.task}

    assert lcc.run('1. find-book("Tides")\n2. answer($1.shelf)', lcc.tools_from_json(BOOKS, call)).answer == 1


def test_a_result_that_is_no_argument_fails_the_call_and_says_where() -> None:
    tools = lcc.tools_from_json(BOOKS, lambda name, arguments: {"shelf": 1})
    plan = "input title: str\n1. find-book($title)\n2. join()"
    result = lcc.run(plan, tools, {"title": "A very long title"})
    error = result.tasks[1].error
    assert error is not None
    assert error.message == "`title` must have at most 8 characters, and has 17"


def test_a_result_that_is_not_as_declared_is_refused() -> None:
    result = lcc.run('1. find-book("a")\n2. join()', lcc.tools_from_json(BOOKS, lambda name, arguments: {"shelf": "x"}))
    error = result.tasks[1].error
    assert error is not None
    assert error.kind == lcc.FailureKind.RESULT


def test_an_odd_declaration_is_left_out_with_a_warning_that_names_it() -> None:
    odd = {"name": "repeat", "inputSchema": {"type": "object", "properties": {"each": {"type": "string"}}}}
    with pytest.warns(lcc.ToolWarning, match="`repeat` is left out: `each` is reserved"):
        tools = lcc.tools_from_json([odd, *BOOKS], lambda name, arguments: None)
    assert [tool.name for tool in tools] == ["find-book"]


def test_what_holds_no_tools_is_an_error() -> None:
    with pytest.raises(ToolError, match="list of functions is expected"):
        lcc.tools_from_json(3, lambda name, arguments: None)
    with pytest.raises(TypeError, match="`call` is a function"):
        lcc.tools_from_json(BOOKS, None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("annotations", "effect", "idempotent", "discloses"),
    [
        ({}, Effect.UNDECLARED, False, False),
        ({"title": "Find"}, Effect.UNDECLARED, False, False),
        ({"readOnlyHint": True, "openWorldHint": False}, Effect.READ, False, False),
        ({"readOnlyHint": True}, Effect.READ, False, True),
        ({"readOnlyHint": False}, Effect.DESTRUCTIVE, False, False),
        ({"destructiveHint": False, "idempotentHint": True}, Effect.WRITE, True, False),
    ],
)
def test_annotations_count_where_they_are_trusted(
    annotations: dict[str, object], effect: Effect, idempotent: bool, discloses: bool
) -> None:
    declared = [{**BOOKS[0], "annotations": annotations}]
    (tool,) = lcc.tools_from_json(declared, lambda name, arguments: None, trust_annotations=True)
    signature = tool.signature
    assert (signature.effect, signature.idempotent, signature.discloses) == (effect, idempotent, discloses)
    (tool,) = lcc.tools_from_json(declared, lambda name, arguments: None)
    assert tool.signature.effect is Effect.UNDECLARED


def test_somebody_elses_tool_is_given_an_effect() -> None:
    (tool,) = lcc.tools_from_json(BOOKS, lambda name, arguments: {"shelf": 1})
    read = lcc.tool(tool, effect="read", resource="shelf:{title}", timeout=3)
    assert read.signature.effect is Effect.READ
    assert [one.pattern for one in read.signature.resources] == ["shelf:{title}"]
    assert read.signature.limits.timeout == 3
    assert read.signature.input_schema == tool.signature.input_schema
    with pytest.raises(ToolError, match="names no parameter"):
        lcc.tool(tool, effect="read", resource="shelf:{author}")


class Library:
    """A source whose tools are known when it is open; it must be left in the task that entered it."""

    def __init__(self, *, fails: bool = False) -> None:
        self.log: list[str] = []
        self._fails = fails
        self._task = 0

    async def __aenter__(self) -> list[lcc.Tool]:
        self.log.append("open")
        if self._fails:
            raise ConnectionError("nobody is there")
        self._task = anyio.get_current_task().id
        return lcc.tools_from_json(BOOKS, lambda name, arguments: {"shelf": 1})

    async def __aexit__(self, *error: object) -> None:
        assert anyio.get_current_task().id == self._task
        self.log.append("close")


PLAN = '1. find-book("a")\n2. answer($1.shelf)'


def test_a_run_opens_and_closes_the_sources_among_its_tools() -> None:
    library = Library()
    assert lcc.run(PLAN, [library]).answer == 1
    assert library.log == ["open", "close"]


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_sources_stay_open_over_many_runs(backend: str) -> None:
    library = Library()

    async def main() -> None:
        async with lcc.OpenTools([library]) as tools:
            plan = lcc.compile(PLAN, tools).plan
            for _ in range(3):
                assert (await lcc.execute(plan, tools)).answer == 1
        async with lcc.Run(plan, [library]) as run:
            pass
        assert run.result.answer == 1

    anyio.run(main, backend=backend)
    assert library.log == ["open", "close"] * 2


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_what_opening_raises_is_raised_when_the_others_are_closed(backend: str) -> None:
    first, second = Library(), Library(fails=True)

    async def main() -> None:
        with pytest.raises(ConnectionError, match="nobody is there"):
            async with lcc.OpenTools([first, second]):
                raise AssertionError

    anyio.run(main, backend=backend)
    assert first.log == ["open", "close"]


def test_an_exception_in_the_block_is_raised_as_it_is() -> None:
    library = Library()

    async def main() -> None:
        with pytest.raises(KeyError):
            async with lcc.OpenTools([library]):
                raise KeyError

    anyio.run(main)
    assert library.log == ["open", "close"]


def test_a_source_that_is_not_open_is_no_tool() -> None:
    with pytest.raises(ToolError, match="known when it is open"):
        lcc.compile(PLAN, [Library()])
