"""Hold the adapters against the real packages: their tools in plans, and a program's run as a tool of their agents."""

from __future__ import annotations

import json
from typing import Any

import anyio
import pytest

import lcc
from lcc.python_tools.collect import as_tools

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


@lcc.tool(effect="read")
async def price(fruit: str) -> float:
    """Return the price of a fruit in euros."""
    return {"apple": 0.5, "pear": 0.6}[fruit]


@lcc.tool(effect="destructive")
def erase(path: str) -> str:
    """Erase a file."""
    return f"erased {path}"


PROGRAM = "answer([price(fruit) for fruit in ['apple', 'pear']])"


class TestLangChain:
    @pytest.fixture(autouse=True)
    def package(self) -> None:
        pytest.importorskip("langchain_core")

    def test_its_tools_are_tools_of_plans(self) -> None:
        from langchain_core.tools import StructuredTool, ToolException, tool
        from pydantic import BaseModel, Field

        class Query(BaseModel):
            words: str = Field(description="what to look for")
            limit: int = Field(default=3, ge=1, le=10)

        def search(words: str, limit: int = 3) -> list[str]:
            """Search the library."""
            return [f"{words} {n}" for n in range(limit)]

        async def later(words: str, limit: int = 3) -> str:
            """Search later."""
            raise ToolException(f"no {words}")

        @tool
        def double(number: float) -> float:
            """Double a number."""
            return 2 * number

        given = [
            StructuredTool.from_function(search, args_schema=Query),
            StructuredTool.from_function(coroutine=later, name="later", description="Later.", args_schema=Query),
            double,
        ]
        found = as_tools(given)
        assert str(found["search"].signature).startswith("search(words: str, limit: int = 3)")
        assert found["search"].signature.parameter("words").description == "what to look for"  # type: ignore[union-attr]
        result = lcc.run("1. search('tides', limit=2)\n2. double(1.5)\n3. later('x')\n4. join($1, $2, $3)", tools=given)
        assert result.join[:2] == [["tides 0", "tides 1"], 3.0]
        assert result.tasks[3].error is not None
        assert result.tasks[3].error.message == "no x"
        with pytest.raises(lcc.CompileError, match="limit"):
            lcc.compile("1. search('tides', limit=11)\n2. join($1)", tools=given)

    def test_a_program_is_a_tool_of_its_agents(self) -> None:
        from langchain_core.messages import ToolCall
        from langchain_core.utils.function_calling import convert_to_openai_tool

        from lcc.adapters.langchain import program_tool

        made = program_tool([price, erase])
        assert made.invoke({"program": PROGRAM})["answer"] == [0.5, 0.6]
        message = anyio.run(
            made.ainvoke, ToolCall(name="run_program", args={"program": PROGRAM}, id="1", type="tool_call")
        )
        assert json.loads(message.content)["answer"] == [0.5, 0.6]
        assert made.invoke({"program": "answer(erase('a'))"})["status"] == "failed"
        assert made.invoke({"program": "answer(prize('a'))"})["status"] == "refused"
        told = convert_to_openai_tool(made)["function"]
        assert (told["name"], told["parameters"]["required"]) == ("run_program", ["program"])
        assert "def price(fruit: str) -> float" in told["description"]


class TestPydanticAI:
    @pytest.fixture(autouse=True)
    def package(self) -> None:
        pytest.importorskip("pydantic_ai")

    def toolset(self) -> Any:
        from pydantic_ai import FunctionToolset, ModelRetry, RunContext

        toolset = FunctionToolset[Any]()

        @toolset.tool_plain
        def double(number: float) -> float:
            """Double a number."""
            return 2 * number

        async def who(context: Any, name: str = "you") -> str:
            """Greet."""
            return f"{context.tool_name} {name}"

        who.__annotations__["context"] = RunContext[Any]  # as if it stood in a module of its own
        toolset.tool(who)

        @toolset.tool_plain(requires_approval=True)
        def wipe() -> str:
            """Wipe."""
            return "wiped"

        @toolset.tool_plain
        def again() -> str:
            """Fail."""
            raise ModelRetry("say it again")

        return toolset

    def test_a_toolset_is_tools_of_plans(self) -> None:
        toolset = self.toolset()
        assert str(as_tools([toolset])["wipe"].signature.effect) == "destructive"
        for given in (toolset, toolset.prefixed("x").renamed({n: f"x_{n}" for n in ("double", "who", "again")})):
            result = lcc.run("1. double(2)\n2. who()\n3. again()\n4. join($1, $2, $3)", tools=[given])
            assert result.join[:2] == [4.0, "who you"], result
            assert result.tasks[3].error is not None
            assert "say it again" in result.tasks[3].error.message

    def test_a_program_is_a_tool_of_its_agents(self) -> None:
        from pydantic_ai import Agent
        from pydantic_ai.messages import ModelResponse, TextPart, ToolCallPart
        from pydantic_ai.models.function import AgentInfo, FunctionModel

        from lcc.adapters.pydantic_ai import program_toolset

        told: list[Any] = []

        def model(messages: list[Any], info: AgentInfo) -> ModelResponse:
            told.append((messages, info))
            if len(told) == 1:
                return ModelResponse(parts=[ToolCallPart("run_program", {"program": PROGRAM})])
            return ModelResponse(parts=[TextPart(str(messages[-1].parts[0].content["answer"]))])

        agent = Agent(FunctionModel(model), toolsets=[program_toolset([price, erase])])
        assert anyio.run(agent.run, "What do they cost?").output == "[0.5, 0.6]"
        [definition] = told[0][1].function_tools
        assert (definition.name, definition.parameters_json_schema["required"]) == ("run_program", ["program"])
        assert "def price(fruit: str) -> float" in definition.description


class TestOpenAIAgents:
    @pytest.fixture(autouse=True)
    def package(self) -> None:
        pytest.importorskip("agents")

    def test_its_function_tools_are_tools_of_plans(self) -> None:
        from agents import function_tool

        @function_tool
        def double(number: float, times: int = 1) -> float:
            """Double a number.

            Args:
                number: the number
            """
            return float(number * 2**times)

        @function_tool(needs_approval=True)
        async def wipe() -> str:
            """Wipe."""
            return "wiped"

        @function_tool
        def fail() -> str:
            """Fail."""
            raise ValueError("out of paper")

        given = [double, wipe, fail]
        found = as_tools(given)
        assert str(found["wipe"].signature.effect) == "destructive"
        assert found["double"].signature.parameter("number").description == "the number"  # type: ignore[union-attr]
        result = lcc.run("1. double(2)\n2. double(2, times=2)\n3. fail()\n4. join($1, $2, $3)", tools=given)
        assert result.join[:2] == [4.0, 8.0], result
        assert result.tasks[3].error is not None
        assert "out of paper" in result.tasks[3].error.message

    def test_a_program_is_a_tool_of_its_agents(self) -> None:
        from agents.tool_context import ToolContext

        from lcc.adapters.openai_agents import program_tool

        made = program_tool([price, erase])
        text = json.dumps({"program": PROGRAM})
        context: Any = ToolContext(context=None, tool_name=made.name, tool_call_id="1", tool_arguments=text)

        async def main() -> Any:
            return json.loads(await made.on_invoke_tool(context, text))

        assert anyio.run(main)["answer"] == [0.5, 0.6]
        assert made.params_json_schema["required"] == ["program"]
        assert "def price(fruit: str) -> float" in made.description
