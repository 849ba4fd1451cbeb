"""Make tools of those that other frameworks have: LangChain's, pydantic-ai's, and function tools of the OpenAI Agents SDK.

They are known by the modules of their classes and asked for what their documentation tells, so none of these packages is imported unless such an
object is there. Their effects aren't declared, but one that must be approved of is destructive.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from copy import copy
from dataclasses import replace
from typing import Any, Final
from uuid import uuid4

from lcc.grammar.signatures.tool_rules import UNUSABLE_TOOL
from lcc.python_tools.declare import ToolError
from lcc.python_tools.json_tools import json_tools
from lcc.runtime.tool import Tool

_APPROVED: Final = {"x-lcc": {"effect": "destructive"}}


def framework_tools(value: object) -> list[Tool] | None:
    """Return the tools of another framework's object; None for what is none of these. Raises ToolError for one that can't be used."""
    makers: Mapping[str, Callable[[Any], list[Tool]]] = {
        "langchain_core.tools": _of_langchain,
        "agents.tool": _of_agents,
        "pydantic_ai.tools": lambda tool: [_of_pydantic_ai(tool)],
        "pydantic_ai.toolsets.function": lambda toolset: [_of_pydantic_ai(tool) for tool in toolset.tools.values()],
    }
    for owner in type(value).__mro__:
        for module, make in makers.items():
            if owner.__module__ == module or owner.__module__.startswith(f"{module}."):
                return make(value)
    return None


def is_toolset(value: object) -> bool:
    """Whether an object is a toolset of pydantic-ai's, whose tools are known when it is open."""
    return any(owner.__module__ == "pydantic_ai.toolsets.abstract" for owner in type(value).__mro__)


async def tools_of_toolset(toolset: Any) -> list[Tool]:
    """Return the tools of an open toolset."""
    return [_of_toolset(toolset, name, one) for name, one in (await toolset.get_tools(_run_context())).items()]


def _of_toolset(toolset: Any, name: str, one: Any) -> Tool:
    definition = one.tool_def

    async def call(called: str, arguments: Mapping[str, Any]) -> object:
        own = replace(_run_context(), tool_name=called)
        return await toolset.call_tool(called, one.args_validator.validate_python(dict(arguments)), own, one)

    schema = definition.parameters_json_schema
    declared = {"name": name, "description": definition.description or "", "inputSchema": schema}
    return _made(declared | (_APPROVED if definition.kind == "unapproved" else {}), call)


def _run_context() -> Any:
    from pydantic_ai import RunContext, RunUsage
    from pydantic_ai.models.test import TestModel

    return RunContext(deps=None, model=TestModel(), usage=RunUsage())


def _of_pydantic_ai(tool: Any) -> Tool:
    schema = tool.function_schema

    async def call(name: str, arguments: Mapping[str, Any]) -> object:
        context = replace(_run_context(), tool_name=name)
        return await schema.call(schema.validator.validate_python(dict(arguments)), context)

    declared = {"name": tool.name, "description": tool.description or "", "inputSchema": schema.json_schema}
    return _made(declared | (_APPROVED if tool.requires_approval else {}), call)


def _of_langchain(tool: Any) -> list[Tool]:
    """Return a tool of LangChain's; one that isn't async is called in a thread."""
    schema = tool.tool_call_schema

    async def later(_: str, arguments: Mapping[str, Any]) -> object:
        return await tool.ainvoke(dict(arguments))

    def now(_: str, arguments: Mapping[str, Any]) -> object:
        return tool.invoke(dict(arguments))

    declared = {
        "name": tool.name,
        "description": tool.description or "",
        "inputSchema": schema if isinstance(schema, dict) else schema.model_json_schema(),
    }
    return [_made(declared, later if getattr(tool, "coroutine", None) is not None else now)]


def _of_agents(tool: Any) -> list[Tool]:
    """Return a function tool of the Agents SDK, with its failures as failures and not as texts."""
    if not hasattr(tool, "on_invoke_tool"):
        raise ToolError(
            f"{type(tool).__name__} is no function tool", "what runs at OpenAI isn't called here", UNUSABLE_TOOL.code
        )
    from agents import tool as agents_tool
    from agents.tool_context import ToolContext

    own = copy(tool)
    raise_failures: Callable[..., object] | None = getattr(
        agents_tool, "set_function_tool_failure_error_function", None
    )
    if raise_failures is not None:
        raise_failures(own, None)

    async def call(name: str, arguments: Mapping[str, Any]) -> object:
        text = json.dumps(dict(arguments))
        context = ToolContext(context=None, tool_name=name, tool_call_id=uuid4().hex, tool_arguments=text)
        return await own.on_invoke_tool(context, text)

    declared = {
        "name": tool.name,
        "description": tool.description or "",
        "parameters": tool.params_json_schema,
        "strict": bool(tool.strict_json_schema),
    }
    return [_made(declared | ({} if tool.needs_approval is False else _APPROVED), call)]


def _made(declared: Mapping[str, object], call: Callable[..., Awaitable[object] | object]) -> Tool:
    tools, found = json_tools([dict(declared)], call)
    if not tools:
        reasons = "; ".join(one.message for one in found)
        raise ToolError(f"the tool `{declared['name']}` can't be used: {reasons}", None, UNUSABLE_TOOL.code)
    return tools[0]
