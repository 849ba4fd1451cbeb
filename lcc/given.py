"""Take the arguments of lcc's own functions, or say what was given, what is wanted, and how to get it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from os import PathLike
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from lcc.compiler import Compiled
from lcc.grammar.given import kind_of, require
from lcc.grammar.ir import Plan
from lcc.grammar.syntax.parser import Parsed
from lcc.grammar.values import Json
from lcc.python_tools.declare import ToolError

if TYPE_CHECKING:
    from lcc.models.settings import ModelSettings
    from lcc.runtime.options import Options

NO_INPUTS: Final[Mapping[str, Json]] = MappingProxyType({})


def plan_text(given: object, name: str = "the plan") -> str:
    """Return a plan's text; raise TypeError for anything else."""
    if isinstance(given, str):
        return given
    match given:
        case PathLike():
            how = 'read it: path.read_text(encoding="utf-8")'
        case bytes() | bytearray():
            how = "decode it: .decode()"
        case Plan():
            how = "a plan that is read already runs by `await lcc.execute(plan, tools)`"
        case Compiled() | Parsed():
            how = "what is read already runs by `await lcc.execute(compiled.plan, tools)`"
        case _:
            how = """like '1. search("tides")\\n2. join()'"""
    raise TypeError(f"{name} is {kind_of(given)}, not text; {how}")


def plan_of(given: object) -> Plan:
    """Return a plan that is read; raise TypeError for anything else."""
    if isinstance(given, Plan):
        return given
    match given:
        case str():
            how = "compile it: lcc.compile(text, tools).plan, or run it by lcc.run(text, tools)"
        case Compiled() | Parsed():
            how = "it holds one: `.plan`"
        case _:
            how = "lcc.compile(text, tools).plan is one"
    raise TypeError(f"the plan is {kind_of(given)}, not an lcc.Plan; {how}")


def tools_given(given: Iterable[object]) -> tuple[object, ...]:
    """Return the tools that a program hands over, of a mapping its values; raise ToolError where it is no list of them."""
    if isinstance(given, str | bytes) or not isinstance(given, Iterable):
        raise ToolError(f"tools are given as a list of functions, not as {kind_of(given)}", "tools=[search, math]")
    return tuple(given.values() if isinstance(given, Mapping) else given)


def check_run_arguments(inputs: object, options: Options | None, model: object) -> None:
    """Raise TypeError for inputs, options or a model of another kind."""
    from lcc.runtime.options import Options

    require(inputs, Mapping, "inputs", 'a dict of values by name: {"city": "Paris"}')
    require(options, (Options, type(None)), "options", "lcc.Options(…)")
    check_model(model)


def check_model(model: str | ModelSettings | object, name: str = "model") -> None:
    """Raise TypeError for what names no model."""
    from lcc.models.settings import ModelSettings, Roles

    wanted = 'a name such as "gpt-5-mini", or lcc.ModelSettings(…)'
    require(model, (str, ModelSettings, Roles, type(None)), name, wanted)
