"""Make declarations of what a server lists: JSON functions, as files hold them too, and of these the tools of plans.

What a server says of itself is text of a stranger: its annotations count only where the user trusts it, and nothing else of it sets an option.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from typing import Any, Final

from lcc.grammar.signatures.declaration import said_of
from lcc.grammar.signatures.json_functions import EXTENSION, read_functions
from lcc.grammar.values import Json
from lcc.mcp_client.server_settings import ServerSettings
from lcc.python_tools.json_tools import json_tool
from lcc.runtime.context import Context
from lcc.runtime.tool import Tool

ORIGIN: Final = "x-mcp"
"""The key under which a saved declaration says of which server it is, and what that calls the tool."""
MAX_SCHEMA: Final = 1_000_000
"""Characters of the schemas of one tool."""
MAX_DESCRIPTION: Final = 8_000
_WRAP: Final = "result"


@dataclass(frozen=True, slots=True)
class Listed:
    """A tool as a server lists it. `fingerprint`: a text that changes with its schemas. `unwrap`: results are in `{"result": …}`."""

    name: str
    declaration: Mapping[str, Json]
    fingerprint: str
    unwrap: bool


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A tool that can't be used, and why."""

    name: str
    reason: str


def listed(tool: Mapping[str, Any], settings: ServerSettings) -> Listed | LeftOut:
    """Return the declaration of one tool of a `tools/list`."""
    name = str(tool.get("name", ""))
    schemas = {key: tool[key] for key in ("inputSchema", "outputSchema") if tool.get(key) is not None}
    fingerprint = json.dumps(schemas, sort_keys=True)
    if len(fingerprint) > MAX_SCHEMA:
        return LeftOut(name, f"its schemas take {len(fingerprint):,} characters, more than {MAX_SCHEMA:,}")
    declaration: dict[str, Json] = {"name": settings.prefix + name}
    if isinstance(tool.get("description"), str) and tool["description"].strip():
        declaration["description"] = tool["description"].strip()[:MAX_DESCRIPTION]
    declaration |= schemas
    options = _options(name, tool.get("annotations") or {}, settings)
    inner = _wrapped(schemas.get("outputSchema"))
    if inner is not None:
        options["result"] = inner
    if options:
        declaration[EXTENSION] = options
    declaration[ORIGIN] = {"server": settings.name, "name": name}
    return Listed(name, declaration, fingerprint, inner is not None)


def _wrapped(schema: object) -> dict[str, Json] | None:
    """Return the schema of what is meant where results are wrapped in an object, since before 2026 structured content was always one."""
    if not isinstance(schema, dict) or schema.get("type") != "object":
        return None
    properties = schema.get("properties")
    if not isinstance(properties, dict) or list(properties) != [_WRAP] or schema.get("required") != [_WRAP]:
        return None
    inner = properties[_WRAP]
    if not isinstance(inner, dict):
        return None
    return {**inner, **{key: schema[key] for key in ("$defs", "definitions") if key in schema}}


def _options(name: str, annotations: Mapping[str, object], settings: ServerSettings) -> dict[str, Any]:
    said = said_of(name, settings.effects)
    if said is not None:
        return dict(said)
    return effect_of(annotations) if settings.trust_annotations else {}


def effect_of(annotations: Mapping[str, object]) -> dict[str, Json]:
    """Return the options that annotations of a trusted server come to. What isn't said is the worst, as the protocol has it."""
    if annotations.get("readOnlyHint") is True:
        read: dict[str, Json] = {"effect": "read"}
        return read if annotations.get("openWorldHint") is False else read | {"discloses": True}
    if annotations.get("destructiveHint") is not False:
        return {"effect": "destructive"}
    write: dict[str, Json] = {"effect": "write"}
    return write | {"idempotent": True} if annotations.get("idempotentHint") is True else write


Call = Callable[[Listed, Mapping[str, object], Context | None, bool], Awaitable[object]]
"""Makes a call of a listed tool; the last says whether it only reads."""


def tool_of_listed(one: Listed, call: Call, lifespan: AbstractAsyncContextManager[object]) -> Tool | LeftOut:
    """Return the tool that is called by `call`."""
    stub = read_functions([dict(one.declaration)])
    if not stub.signatures:
        return LeftOut(one.name, "; ".join(found.message for found in stub.diagnostics))
    signature = stub.signatures[0]
    reads = signature.effect.may_start_early

    async def made(_: str, arguments: Mapping[str, object], context: Context | None) -> object:
        return await call(one, arguments, context, reads)

    tool = json_tool(signature, made, one.name, takes_context=True)
    return replace(tool, isolation="loop", lifespan=lifespan)
