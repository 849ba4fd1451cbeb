"""Declare Python functions as tools.

    @lcc.tool(effect="read", resource="web", cost=0.8)
    def search(query: str) -> list[str]:
        "Find pages about something."

Declaring costs next to nothing: the function stays the function it was and carries its declaration; what needs its types is
worked out when a plan first asks (`lcc.python_tools.function`).
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, Literal, TypeAlias, TypedDict, TypeGuard, TypeVar, Unpack, overload

from lcc.grammar.dataclass import dataclass
from lcc.grammar.signatures import Effect
from lcc.grammar.signatures.declaration import Fault, Isolation, check_options, check_signature, overlaid
from lcc.grammar.signatures.tool_rules import UNUSABLE_TOOL
from lcc.runtime.tool import Tool

ATTRIBUTE: Final = "__lcc_tool__"
"""The attribute of a function that holds its declaration."""

EffectName: TypeAlias = Effect | Literal["pure", "read", "write", "destructive", "undeclared"]
AnyFunction = TypeVar("AnyFunction", bound=Callable[..., Any])


class ToolError(ValueError):
    """A Python object can't be the tool that it is declared to be. `code` and `help` are those of the diagnostic it becomes."""

    def __init__(self, message: str, help: str | None = None, code: str = UNUSABLE_TOOL.code) -> None:
        super().__init__(f"{message} ({help})" if help else message)
        self.message = message
        self.help = help
        self.code = code


@dataclass(slots=True)
class Declaration:
    """What a decorator said about `function`, which is what a call of the tool calls; and the tool, once it is made.

    `holder`: the function that carries the declaration. It is another one where `function` can't carry attributes.
    """

    function: Callable[..., object]
    holder: object
    options: Mapping[str, object]
    made: Tool | None = None


class Options(TypedDict, total=False):
    """The options of a declaration; None is the same as leaving one out."""

    name: str | None
    description: str | None
    effect: EffectName | None
    resource: str | Sequence[str] | None
    idempotent: bool | None
    fold: bool | None
    trusted: bool | None
    discloses: bool | None
    cost: float | None
    cost_usd: float | None
    tokens: int | None
    concurrency: int | None
    rate: float | None
    timeout: float | None
    retries: int | None
    max_result_bytes: int | None
    batch: str | None
    max_batch: int | None
    isolation: Isolation | None


@overload
def tool(function: AnyFunction, /, **options: Unpack[Options]) -> AnyFunction: ...
@overload
def tool(**options: Unpack[Options]) -> Callable[[AnyFunction], AnyFunction]: ...
def tool(function: Any = None, /, **options: Any) -> Any:
    """Declare a function as a tool: `@tool`, `@tool(effect="read", …)`, or `tool(client.search, effect="read")`.

    A function is returned as it is and can be called as before, with its declaration attached. What can't carry one, such as
    a bound method or a builtin, is returned in a function of its own that does the same. Of somebody else's `Tool` a copy is returned
    of which the options say more, or something else.

    `name`: what plans call it, by default the function's name. `description`: what a planner reads, by default the first
    paragraph of the docstring.
    `effect`: what a call does to the world; see `Effect`. `resource`: what it reads or writes; `{path}` stands for an argument.
    `idempotent`: a write that may be repeated. `fold`: a pure tool that may be called at compile time. `trusted`: its results
    may go into a write without a lint. `discloses`: a read that could carry a result away, so that a call with one in its arguments
    waits until the plan is whole.
    `cost`, `cost_usd`, `tokens`: what a call is expected to take, in seconds, USD and tokens.
    `concurrency`, `rate`, `timeout`, `retries`, `max_result_bytes`: calls at once, calls a second, seconds a call, further
    attempts, bytes of a result as JSON.
    `batch`, `max_batch`: the tool that makes up to so many calls in one; it takes a list of argument objects.
    `isolation`: where calls run. By default coroutines run in the event loop, other functions in threads.

    Raises ToolError for options that don't fit, and for what can't be a tool.
    """
    given = {key: value for key, value in options.items() if value is not None}
    _refuse(check_options(given))
    if function is None:
        return lambda target: _declare(target, given)
    return _declare(function, given)


def declaration_of(function: object) -> Declaration | None:
    """Return the declaration that a function carries, or that the function of a bound method does; None if there is none.

    A decorator above `@tool` copies the attribute to its own wrapper: then the wrapper is what gets called.
    """
    found = getattr(function, ATTRIBUTE, None)
    if not isinstance(found, Declaration) or not callable(function):
        return None
    return found if found.holder is function else Declaration(function, function, found.options)


def _declare(target: Any, options: dict[str, object]) -> Any:
    if isinstance(target, staticmethod | classmethod):
        _declare(target.__func__, options)
        return target
    if inspect.isfunction(target):
        _check_names(target, options)
        if ATTRIBUTE not in vars(target):
            setattr(target, ATTRIBUTE, Declaration(target, target, options))
            return target
        return _wrapped(target, options)
    if is_function(target):
        return _wrapped(target, options)
    if isinstance(target, Tool):
        try:
            return replace(target, signature=overlaid(target.signature, options))
        except ValueError as error:
            raise ToolError(str(error)) from None
    raise not_a_function(target)


def is_function(target: object) -> TypeGuard[Callable[..., Any]]:
    """Whether an object is a function or a bound method. A partial is none, though it binds like one from Python 3.14 on."""
    return inspect.isroutine(target) and not isinstance(target, functools.partial)


def not_a_function(target: object) -> ToolError:
    """Return the error for an object that is neither a function nor a bound method."""
    match target:
        case type():
            return ToolError(f"the class `{target.__name__}` can't be a tool", "give a bound method of an instance")
        case functools.partial():
            return ToolError(
                "a partial can't be a tool: its parameters have no types of their own", "wrap it in a `def`"
            )
        case property() | functools.cached_property():
            return ToolError("a property can't be a tool", "make it a method")
        case _ if callable(target):
            name = type(target).__name__
            return ToolError(
                f"an object of the class `{name}` can't be a tool", "give its bound method: `tool(it.__call__)`"
            )
        case _:
            return ToolError(
                f"an object of the class `{type(target).__name__}` can't be a tool", "a tool is a function"
            )


def _check_names(function: Any, options: dict[str, object]) -> None:
    code = function.__code__
    name = str(options.get("name", function.__name__))
    parameters = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    _refuse(check_signature(name, parameters, options), function.__name__)


def _refuse(faults: list[Fault], name: str | None = None) -> None:
    """Raise the first fault as a ToolError."""
    for fault in faults:
        where = f"tool `{name}`: " if name and f"`{name}`" not in fault.message else ""
        raise ToolError(f"{where}{fault.message}", fault.help, fault.code)


def _wrapped(target: Any, options: dict[str, object]) -> Any:
    """Return a function that calls `target` and carries its own declaration."""
    if inspect.iscoroutinefunction(target):

        async def call_async(*args: Any, **kwargs: Any) -> Any:
            return await target(*args, **kwargs)

        wrapper: Any = call_async
    else:

        def call(*args: Any, **kwargs: Any) -> Any:
            return target(*args, **kwargs)

        wrapper = call
    functools.update_wrapper(wrapper, target)
    setattr(wrapper, ATTRIBUTE, Declaration(target, wrapper, options))
    return wrapper
