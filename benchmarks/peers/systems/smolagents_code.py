# /// script
# requires-python = ">=3.11"
# dependencies = ["smolagents[openai]"]
# ///
"""Answer with smolagents' CodeAgent, in an environment of its own, where lcc isn't."""

from __future__ import annotations

import asyncio
import functools
import inspect
import typing
from typing import Any

from smolagents import CodeAgent, OpenAIServerModel, Tool
from worlds import serve

_MODULES = [
    "asyncio",
    "json",
    "functools",
    "typing",
    "statistics",
    "collections",
    "itertools",
    "math",
    "re",
    "datetime",
]


def as_tool(name: str, function: Any) -> Tool:
    """Return a tool of smolagents that makes one call at a time."""

    def forward(*args: Any, **names: Any) -> Any:
        return asyncio.run(function(*args, **names))

    functools.update_wrapper(forward, function)
    del forward.__wrapped__
    signature = inspect.signature(function)
    given = typing.get_type_hints(function)
    inputs = {}
    for one in signature.parameters.values():
        kind = {str: "string", int: "integer", float: "number", bool: "boolean"}.get(given[one.name], "any")
        inputs[one.name] = {"type": kind, "description": one.name}
        if one.default is not inspect.Parameter.empty:
            inputs[one.name]["nullable"] = True
    named = {"name": name, "description": function.__doc__ or name, "inputs": inputs, "output_type": "any"}
    forward.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=[inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD), *signature.parameters.values()]
    )

    def method(self: Any, *args: Any, **names: Any) -> Any:
        return forward(*args, **names)

    method.__signature__ = forward.__signature__  # type: ignore[attr-defined]
    kind_of = type(name, (Tool,), {**named, "forward": method, "skip_forward_signature_validation": True})
    return typing.cast("Tool", kind_of())


def answer(asked: dict[str, Any], tools: dict[str, Any]) -> Any:
    """Run the agent until it is done."""
    model = OpenAIServerModel("smolagents", api_base=asked["base_url"], api_key="none")
    agent = CodeAgent(
        [as_tool(name, one) for name, one in tools.items()], model, additional_authorized_imports=_MODULES, max_steps=5
    )
    return agent.run(asked["question"])


serve(answer)
