"""lcc: a compiler for the plans that language models write.

    import lcc

    @lcc.tool(effect="read")
    def search(query: str) -> str: ...

    result = lcc.run('1. search("tides")\\n2. join($1)', tools=[search])
    result.join

In: plans, questions, tools. Out: results, answers, and everything that was found on the way.
Must not know: the command line, which is a caller like any other.

Read `api`, then `compiler`, `prepared`, `live_run` and `live_program`; `as_dict` writes results and events, `config` is a project's file, `codes` lists every code. Rooms: `python_tools`, `mcp_client` and `toolset`,
`models`, `ask`, `tools`, `pages`, `reducing`, `serving`, `adapters`, `editing`, `cli`.

Names are imported when they are first used, so that `import lcc` costs next to nothing; `public` lists them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from lcc.public import *  # noqa: F403  (a list of names, and nothing else)

__version__: Final = "0.2.0"
_homes: dict[str, str] = {}
"""Where each public name is defined; filled when one is first asked for."""


def __getattr__(name: str) -> object:
    homes = _homes or _read_homes()
    if name == "__all__":
        return [*homes, "__version__"]
    home = homes.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = import_module(f"lcc.{name}") if home == __name__ else getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *(_homes or _read_homes()), "__all__"})


def _read_homes() -> dict[str, str]:
    """Read the imports of `lcc.public` off its code, without running it: that works from any kind of package."""
    from dis import get_instructions
    from importlib.util import find_spec

    spec: Any = find_spec("lcc.public")
    homes: dict[str, str] = {}
    home = ""
    for step in get_instructions(spec.loader.get_code(spec.name)):
        if step.opname == "IMPORT_NAME":
            home = step.argval
        elif step.opname == "IMPORT_FROM":
            homes[step.argval] = home
    _homes.update(homes)  # at once: other threads may ask meanwhile
    return homes
