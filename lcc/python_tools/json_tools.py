"""Make tools of declarations in JSON and one function that makes every call, as clients of tool servers have it."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from lcc.grammar.diagnostics import Diagnostic
from lcc.grammar.given import kind_of
from lcc.grammar.signatures import AnyType, Signature, coerce
from lcc.grammar.signatures.json_functions import read_functions
from lcc.grammar.values import Json
from lcc.python_tools.arguments import MAX_FAULTS
from lcc.python_tools.declare import ToolError
from lcc.python_tools.function import result_converter
from lcc.runtime.binding import is_async
from lcc.runtime.tool import ArgumentError, Arguments, Tool

Call: TypeAlias = Callable[..., object]
"""Makes a call: `call(name, arguments)`, or `call(name, arguments, context)` if it takes three; sync or async."""
_CONTEXT: Final = "lcc context"
"""No JSON name of a parameter that a plan could write."""


class ToolWarning(UserWarning):
    """A declaration can't be used, or only in part."""


def tools_from_json(
    declarations: object, call: Call, *, prefix: str | None = None, trust_annotations: bool = False
) -> list[Tool]:
    """Return the tools that JSON declares, each of which calls `call(name, arguments)`.

    `declarations`: a list of functions as OpenAI, Anthropic, MCP's `tools/list` and others write them, or what holds such a list.
    `call`: given the name as it is declared, and the arguments as a dict; it returns a JSON value or what can be turned into one, or
    awaits it. One with three parameters is given the `lcc.Context` of the call too. `prefix`: put before the names that plans use,
    with a dot. `trust_annotations`: whether MCP's annotations declare the effects.

    A declaration that can't be read is left out, with a ToolWarning that names it. Raises ToolError where nothing can be read.
    """
    tools, found = json_tools(declarations, call, prefix=prefix, trust_annotations=trust_annotations)
    for one in found:
        if one.is_error:
            raise ToolError(one.message, one.help, one.code)
        warnings.warn(f"{one.message} ({one.help})" if one.help else one.message, ToolWarning, stacklevel=2)
    return tools


def json_tools(
    declarations: object, call: Call, *, prefix: str | None = None, trust_annotations: bool = False
) -> tuple[list[Tool], tuple[Diagnostic, ...]]:
    """Return the tools that JSON declares, and what is wrong with declarations."""
    if not callable(call):
        raise TypeError(f"`call` is a function of a tool's name and its arguments, not {kind_of(call)}")
    stub = read_functions(declarations, trust_annotations=trust_annotations)
    takes_context = _takes_context(call)
    tools = [
        json_tool(_prefixed(signature, prefix), call, stub.declared.get(signature.name, signature.name), takes_context)
        for signature in stub.signatures
    ]
    return tools, stub.diagnostics


def json_tool(signature: Signature, call: Call, name: str, takes_context: bool = False) -> Tool:
    """Return the tool of a signature whose calls are made by `call`, which knows it by `name`."""
    function: Callable[..., object] = (
        _AsyncCall(call, name, takes_context) if is_async(call) else _Call(call, name, takes_context)
    )
    return Tool(
        signature=signature,
        function=function,
        convert=JsonArguments(signature),
        to_json=result_converter(signature),
        context_parameter=_CONTEXT if takes_context else None,
    )


@dataclass(frozen=True, slots=True)
class _Call:
    """A call of one declared tool."""

    call: Call
    name: str
    takes_context: bool

    def __call__(self, /, **arguments: object) -> object:
        if self.takes_context:
            context = arguments.pop(_CONTEXT, None)
            return self.call(self.name, arguments, context)
        return self.call(self.name, arguments)


class _AsyncCall(_Call):
    """The same where calls are awaited."""

    async def __call__(self, /, **arguments: object) -> object:
        made = _Call.__call__(self, **arguments)
        return await made if isinstance(made, Awaitable) else made


@dataclass(frozen=True, slots=True)
class JsonArguments:
    """Checks the arguments of a call against what the tool declares, and passes them on as they are."""

    signature: Signature

    def __call__(self, arguments: Arguments) -> Mapping[str, object]:
        """Return the arguments; raise ArgumentError, which says what is wrong and where."""
        from lcc.grammar.argument_checks import argument_problems  # what calls need, and declarations don't

        signature = self.signature
        given: dict[str, Json] = {}
        for name, value in arguments.items():
            parameter = signature.parameter(name)
            if parameter is None and signature.more is None:
                raise ArgumentError(f"there is no parameter `{name}`")
            type_ = signature.more if parameter is None else parameter.type
            given[name] = value if type_ is None or isinstance(type_, AnyType) else coerce(value, type_)
        wrong = argument_problems(signature, given)
        if wrong:
            raise ArgumentError("; ".join(str(one) for one in wrong[:MAX_FAULTS]))
        return given


def _takes_context(call: Call) -> bool:
    try:
        parameters = inspect.signature(call).parameters.values()
    except (ValueError, TypeError):
        return False
    return sum(p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in parameters) > 2


def _prefixed(signature: Signature, prefix: str | None) -> Signature:
    return signature if prefix is None else replace(signature, name=f"{prefix}.{signature.name}")
