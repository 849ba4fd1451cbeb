"""Answer what a server asks in the middle of a call: a yes or no by who approves of calls, a form by who answers questions."""

from __future__ import annotations

from typing import Any, Final

from lcc.grammar.values import Json
from lcc.runtime.context import Context

MAX_MESSAGE: Final = 2_000


async def answer_of(parameters: Any, context: Context | None, server: str) -> Any:
    """Return the SDK's answer to an elicitation. Where there is nobody to ask, it is declined."""
    from mcp.types import ElicitResult

    if context is None or getattr(parameters, "mode", "form") != "form":  # an address to go to, which nobody here opens
        return ElicitResult(action="decline")
    schema = dict(parameters.requested_schema)
    message = f"the server `{server}` asks: {parameters.message[:MAX_MESSAGE]}"
    flag = _flag_of(schema)
    if flag is not None:
        allowed = await context.confirm(message)
        content: dict[str, Any] = {flag: True} if flag else {}
        return ElicitResult(action="accept", content=content) if allowed else ElicitResult(action="decline")
    given = await context.answer(message, schema)
    if given is None:
        return ElicitResult(action="decline")
    fields: dict[str, Any] = dict(given)
    return ElicitResult(action="accept", content=fields)


def _flag_of(schema: dict[str, Json]) -> str | None:
    """Return the one field of a form that asks for a yes, empty for a form without fields; None for any other form."""
    properties = schema.get("properties")
    if not isinstance(properties, dict) or not properties:
        return ""
    (name, first), *others = properties.items()
    return name if not others and isinstance(first, dict) and first.get("type") == "boolean" else None
