"""Choose a front end: every one reads some form of plan into the same IR, so that all passes and the runtime serve it.

In: a text, perhaps tools. Out: `Parsed`: the plan, the findings, the source. Must not know: what becomes of the plan.

`FRONT_ENDS` is the list; each module has a `parse` of the same shape. Others are installed packages with an entry point in the
group `lcc.front_ends` that names such a function; what their authors need besides the IR and diagnostics is here. Read `skeleton`
first, then `openai`. Modules are imported when they are asked for.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import PurePath
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Protocol, cast

from lcc.grammar.diagnostics.wording import did_you_mean
from lcc.grammar.limits import DEFAULT_LIMITS, TextLimits
from lcc.grammar.plug_ins import installed, load
from lcc.grammar.signatures import NO_TOOLS, Tools
from lcc.grammar.source import Source, Span

if TYPE_CHECKING:
    from lcc.grammar.syntax.parser import Parsed, check_text

__all__ = [
    "BY_SUFFIX",
    "DEFAULT_LIMITS",
    "FRONT_ENDS",
    "NO_TOOLS",
    "FrontEnd",
    "Parsed",
    "Source",
    "Span",
    "TextLimits",
    "Tools",
    "check_text",
    "front_end",
    "front_end_of",
    "names",
    "parse",
]

GROUP: Final = "lcc.front_ends"
FRONT_ENDS: Final = MappingProxyType(
    {
        "plan": "lcc.grammar.front_ends.plan",
        "model": "lcc.grammar.front_ends.model",
        "rewoo": "lcc.grammar.front_ends.rewoo",
        "openai": "lcc.grammar.front_ends.openai",
        "skeleton": "lcc.grammar.front_ends.skeleton",
        "python": "lcc.grammar.front_ends.python",
        "ir": "lcc.grammar.front_ends.ir_text",
        "ir-json": "lcc.grammar.front_ends.ir_json",
    }
)
"""The built-in front ends: the name, and the module whose `parse` it is."""


BY_SUFFIX: Final = MappingProxyType({".py": "python", ".ir": "ir", ".json": "ir-json"})
"""The front end of files whose names end so, where none is named."""


class FrontEnd(Protocol):
    """Read a text. Nothing that the text holds raises: what is wrong with it is a diagnostic."""

    def __call__(self, text: str, *, path: str, tools: Tools, limits: TextLimits) -> Parsed:
        """Return the plan that a text says, and what there is to say about the text."""
        ...


def front_end(name: str) -> FrontEnd:
    """Return the front end of that name; raise ValueError if there is none, and PlugInError if it can't be loaded."""
    module = FRONT_ENDS.get(name)
    if module is not None:
        return cast(FrontEnd, import_module(module).parse)
    found = load(GROUP, name, "front end")
    if found is None:
        hint = did_you_mean(name, names()) or f"front ends are {', '.join(names())}"
        raise ValueError(f"there is no front end `{name}`; {hint}")
    return cast(FrontEnd, found)


def front_end_of(path: str) -> str:
    """Return the name of the front end that reads a file of this path: plan files, unless its suffix says otherwise."""
    return BY_SUFFIX.get(PurePath(path).suffix.lower(), "plan")


def names() -> tuple[str, ...]:
    """Return the names of all front ends: the built-in ones, then those of installed packages."""
    return (*FRONT_ENDS, *(name for name in installed(GROUP) if name not in FRONT_ENDS))


def parse(
    text: str,
    front_end_name: str = "plan",
    *,
    path: str = "<string>",
    tools: Tools = NO_TOOLS,
    limits: TextLimits = DEFAULT_LIMITS,
) -> Parsed:
    """Read a text by the front end of that name; raise ValueError for one that doesn't exist."""
    return front_end(front_end_name)(text, path=path, tools=tools, limits=limits)


def __getattr__(name: str) -> object:
    """Give `Parsed` and `check_text`: the parser is imported when a front end is written or run, not when one is named."""
    if name not in ("Parsed", "check_text"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("lcc.grammar.syntax.parser"), name)
