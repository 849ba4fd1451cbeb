"""Take out of a server's list the tools that the SDK wouldn't read: it would refuse the whole list for one of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Self


@asynccontextmanager
async def sifted(
    transport: AbstractAsyncContextManager[Any], odd: Callable[[str, str], None]
) -> AsyncIterator[tuple[Any, Any]]:
    """Open a transport whose lists of tools hold nothing but tools. `odd` is given the name of any other, and what is wrong with it."""
    async with transport as (reading, writing):
        yield _Sifting(reading, odd), writing


class _Sifting:
    """A stream of messages like another one, but for lists of tools."""

    def __init__(self, inner: Any, odd: Callable[[str, str], None]) -> None:
        self._inner = inner
        self._odd = odd

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def receive(self) -> Any:
        return self._sift(await self._inner.receive())

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Any:
        return self._sift(await self._inner.__anext__())

    async def __aenter__(self) -> Self:
        await self._inner.__aenter__()
        return self

    async def __aexit__(self, *raised: Any) -> Any:
        return await self._inner.__aexit__(*raised)

    def _sift(self, item: Any) -> Any:
        result = getattr(getattr(item, "message", None), "result", None)
        if isinstance(result, dict) and isinstance(result.get("tools"), list):
            result["tools"] = [tool for tool in result["tools"] if self._is_tool(tool)]
        return item

    def _is_tool(self, tool: object) -> bool:
        from mcp.types import Tool
        from pydantic import ValidationError

        name = str(tool.get("name", "")) if isinstance(tool, dict) else ""
        schema = tool.get("inputSchema") if isinstance(tool, dict) else None
        if not isinstance(schema, dict) or schema.get("type", "object") != "object":
            self._odd(name, "its `inputSchema` is no schema of an object")
            return False
        if not isinstance(schema.get("properties", {}), dict):
            self._odd(name, "the `properties` of its `inputSchema` are no object")
            return False
        schema.setdefault("type", "object")
        try:
            Tool.model_validate(tool)
        except ValidationError as error:
            first = error.errors()[0]
            self._odd(name, f"at {'.'.join(map(str, first['loc']))}: {first['msg']}")
            return False
        return True
