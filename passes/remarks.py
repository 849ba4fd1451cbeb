"""Say what the optimizer did as remarks, each with a code that `lcc explain` knows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from lcc.grammar.diagnostics import Diagnostic, Rule, Severity
from lcc.grammar.ir import NOWHERE
from lcc.passes.context import Action, Change

CODES: Final[Mapping[Action, str]] = MappingProxyType(
    {
        Action.MERGED: "O001",
        Action.DROPPED: "O002",
        Action.EXPANDED: "O003",
        Action.FOLDED: "O004",
        Action.BATCHED: "O005",
        Action.NARROWED: "O006",
        Action.ORDERED: "O007",
        Action.UNORDERED: "O008",
        Action.KEPT: "O009",
        Action.REWRITTEN: "O010",
        Action.SERIAL: "O011",
        Action.HELD: "O012",
    }
)


def remarks(changes: Iterable[Change]) -> tuple[Diagnostic, ...]:
    """Return a remark for each change, in the order in which they were made."""
    return tuple(remark(change) for change in changes)


def remark(change: Change) -> Diagnostic:
    """Return the remark that says a change: `2 and 5 are one: `search` is read`."""
    span = next((span for span in change.spans if span != NOWHERE), None)
    return Diagnostic(CODES[change.action], Severity.REMARK, str(change), span)


_TOOLS: Final = """\
import lcc

@lcc.tool(effect="read", resource="web")
def search(query: str) -> str: ...
@lcc.tool(effect="pure", batch="embed_all", max_batch=10)
def embed(text: str) -> list[float]: ...
@lcc.tool(effect="pure")
def embed_all(items: list) -> list: ...
@lcc.tool(effect="pure", fold=True)
def double(value: int) -> int: ...
@lcc.tool(effect="write", resource="file:{path}")
def save(path: str, text: str) -> None: ...
@lcc.tool(effect="read", resource="file:{path}")
def load(path: str) -> str: ...
def post(text: str) -> str: ...
"""
RULES: Final = (
    Rule(
        "O001",
        "merged",
        "equal calls are one",
        "Their results are the same: the tool is pure, or it reads, and nothing writes between them what it reads.",
        '1. search("tides")\n2. search(query="tides")\n3. join()\n',
        '1. search("tides")\n2. search("moon")\n3. join()\n',
        _TOOLS,
    ),
    Rule(
        "O002",
        "dropped",
        "a call is dropped",
        "Nothing that join reads needs its result, and the call changes nothing.",
        '1. search("tides")\n2. search("moon")\n3. join($1)\n',
        '1. search("tides")\n2. search("moon")\n3. join($1, $2)\n',
        _TOOLS,
    ),
    Rule(
        "O003",
        "expanded",
        "a fan-out over a literal list becomes single calls",
        "They can then be merged, dropped and started one by one.",
        '1. search(each ["tides", "moon"])\n2. join()\n',
        '1. search("tides")\n2. join()\n',
        _TOOLS,
    ),
    Rule(
        "O004",
        "folded",
        "a call was evaluated at compile time",
        "The tool is pure, declares that it may be, and its arguments are known.",
        '1. double(21)\n2. search("what is $1?")\n3. join()\n',
        'input roads: int\n1. double($roads)\n2. search("what is $1?")\n3. join()\n',
        _TOOLS,
    ),
    Rule(
        "O005",
        "batched",
        "several calls can be one call of the tool's batch form",
        "They read the same results, and the batch form returns a result or an error for each.",
        '1. embed("tides")\n2. embed("moon")\n3. join()\n',
        '1. embed("tides")\n2. search("moon")\n3. join()\n',
        _TOOLS,
    ),
    Rule(
        "O006",
        "narrowed",
        "`join()` no longer reads a result that other tasks consume",
        "It was asked for, to save the joiner's tokens.",
        '1. search("tides")\n2. search("more about $1")\n3. join()\n',
        '1. search("tides")\n2. search("moon")\n3. join()\n',
        _TOOLS,
    ),
    Rule(
        "O007",
        "ordered",
        "a call waits for an earlier one that it shares a resource with",
        "One of them writes it, so they keep the order of the plan.",
        '1. save("a.txt", "tides")\n2. load("a.txt")\n3. join()\n',
        '1. save("a.txt", "tides")\n2. load("b.txt")\n3. join()\n',
        _TOOLS,
    ),
    Rule(
        "O008",
        "unordered",
        "calls of an undeclared tool run in no order with others",
        "What they do is unknown, and models expect them to run in parallel. A declared effect would order them where they "
        "conflict, and let them merge, be dropped and start early where that is safe.",
        '1. post("tides")\n2. join()\n',
        '1. search("tides")\n2. join()\n',
        _TOOLS,
    ),
    Rule(
        "O009",
        "kept",
        "a change was left undone",
        "The effect of a tool forbids it, or it would cost more than it saves.",
        '1. post("tides")\n2. post("tides")\n3. join()\n',
        '1. post("tides")\n2. post("moon")\n3. join()\n',
        _TOOLS,
    ),
    Rule(
        "O010",
        "rewritten",
        "a pass of an installed package changed something",
        "The pass says what, and why that is legal. In the example it is one that strips the space around texts.",
        '1. search("tides ")\n2. join()\n',
        '1. search("tides")\n2. join()\n',
        _TOOLS,
    ),
    Rule(
        "O011",
        "serial",
        "the turns of a loop wait for one another",
        "A call of a turn needs what a call of the turn before made: by a name that both use, by a condition that may leave the loop, "
        "or because both write, or may write since they are undeclared. Other turns overlap by themselves.",
        'for city in ["Oslo", "Lima"]:\n    post(city)\n',
        'for city in ["Oslo", "Lima"]:\n    search(city)\n',
        _TOOLS,
        "python",
    ),
    Rule(
        "O012",
        "held",
        "calls wait for one of an undeclared tool",
        "In a program, what an undeclared tool does is unknown, so it is taken for a write that may touch everything: nothing that reads or "
        "writes starts before it has ended. With a declared effect and resource, only what conflicts waits.",
        'post("begin")\nanswer(search("tides"))\n',
        'save("a.txt", "begin")\nanswer(search("tides"))\n',
        _TOOLS,
        "python",
    ),
)
