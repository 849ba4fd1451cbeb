"""Name what command-line tests share: tools, a plan, and what a command did."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

TOOLS = '''\
import lcc

@lcc.tool(effect="read", resource="web", cost=0.5)
def search(query: str, limit: int = 5) -> str:
    """Find a paragraph."""
    return f"about {query}"

@lcc.tool(effect="pure", cost=0.01)
def add(a: float, b: float) -> float:
    return a + b

@lcc.tool(effect="read")
def shout() -> str:
    return "\\x1b[31mred\\u202e\\nsecond [bold]line"

@lcc.tool(effect="read")
def fail(message: str) -> str:
    raise RuntimeError(message)

@lcc.tool(effect="destructive")
def erase(path: str) -> str:
    return f"erased {path}"

@lcc.tool
def note(text: str) -> None:
    print("noted", text)
'''

PLAN = """\
input city: str = "Paris"
1. search("tides in $city")
2. search(query="tides in $city")
3. add(1, 2)
4. join($1, $2, $3)
"""


class Done(NamedTuple):
    """What a command did."""

    status: int
    out: str
    err: str


Command = Callable[..., Done]
