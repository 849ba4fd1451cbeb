"""Say more of somebody else's tools than their declarations do: effects, resources and the other options, by name or pattern."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Final

from lcc.grammar.diagnostics.wording import did_you_mean
from lcc.grammar.signatures import Signature
from lcc.grammar.signatures.declaration import build_signature, check_options, check_signature
from lcc.grammar.signatures.tool_rules import NO_SUCH_OBJECT
from lcc.python_tools.collect import as_tools
from lcc.python_tools.declare import ToolError
from lcc.python_tools.function import with_signature
from lcc.runtime.tool import Tool

_COSTS: Final = ("cost", "cost_usd", "tokens")
_LIMITS: Final = ("concurrency", "rate", "timeout", "retries", "max_result_bytes")

Said = Mapping[str, Mapping[str, object]]


def read_effects(given: object) -> dict[str, dict[str, object]]:
    """Return what is said of tools, by name or pattern: an effect, or options of `@lcc.tool`; ValueError says what it must be."""
    if not isinstance(given, Mapping) or not all(isinstance(pattern, str) for pattern in given):
        raise ValueError('a table by tool: {"get_*": "read"}')
    found: dict[str, dict[str, object]] = {}
    for pattern, said in given.items():
        if not isinstance(said, str | Mapping):
            raise ValueError(f"a table whose `{pattern}` is an effect, or a table of options")
        found[pattern] = {"effect": said} if isinstance(said, str) else dict(said)
        for fault in check_options(found[pattern]):
            raise ValueError(f"a table of effects; of `{pattern}`: {fault.message}")
    return found


def said_of(tool: str, said: Said) -> Mapping[str, object] | None:
    """Return what is said of a tool: under its name, else under the first pattern that fits."""
    return said[tool] if tool in said else next((said[one] for one in said if fnmatchcase(tool, one)), None)


def with_effects(tools: Iterable[object], effects: Mapping[str, str | Mapping[str, object]]) -> list[Tool]:
    """Return tools with what you say of them, by name or pattern: an effect, or options of `@lcc.tool`. What isn't named stays as it is.

        tools = lcc.with_effects([wikipedia, *theirs], {"search*": "read", "put": {"effect": "write", "resource": "shelf:{shelf}"}})

    Raises ValueError for what is no option, ToolError for a name that no tool has, and as a list of tools does.
    """
    try:
        said = read_effects(effects)
    except ValueError as error:
        raise ValueError(f"effects must be {error}") from None
    bound = as_tools(tools)
    for pattern in said:
        if not any(fnmatchcase(name, pattern) for name in bound):
            message = f"effects are said of `{pattern}`, and no tool is called so"
            raise ToolError(message, did_you_mean(pattern, bound), NO_SUCH_OBJECT.code)
    return [_with(tool, said_of(tool.name, said)) for tool in bound.values()]


def _with(tool: Tool, options: Mapping[str, object] | None) -> Tool:
    if options is None:
        return tool
    signature = tool.signature
    for fault in check_signature(signature.name, [p.name for p in signature.parameters], options):
        raise ToolError(f"tool `{tool.name}`: {fault.message}", fault.help, fault.code)
    return with_signature(tool, _said(signature, options))


def _said(signature: Signature, options: Mapping[str, object]) -> Signature:
    made = build_signature(signature.name, signature.parameters, signature.result, options)
    return replace(
        signature,
        name=made.name,
        description=made.description or signature.description,
        effect=made.effect if "effect" in options else signature.effect,
        resources=made.resources if "effect" in options else signature.resources,
        idempotent=made.idempotent,
        fold=made.fold,
        trusted=made.trusted,
        discloses=made.discloses,
        batch=made.batch,
        cost=made.cost if any(name in options for name in _COSTS) else signature.cost,
        limits=made.limits if any(name in options for name in _LIMITS) else signature.limits,
    )
