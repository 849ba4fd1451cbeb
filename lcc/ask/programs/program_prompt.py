"""Write what the planner is told where it writes programs: a few rules, the tools as typed stubs with their records, examples.

The system message is the same, byte for byte, for every question to the same tools, so that prompt caches serve it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from lcc.ask.planning.few_shots import FewShot
from lcc.ask.planning.planner_prompt import in_order
from lcc.grammar.python.lowering.program import stub_names
from lcc.grammar.signatures import Signature
from lcc.grammar.signatures.tool_text import ToolTexts
from lcc.models.request import Message

RULES: Final = """\
Write a Python program for the user's request with the functions below, at top level, and nothing else.
- Calls that don't need one another run at the same time by themselves: no async, await or threads.
- A result's fields are attributes: member.id.
- answer(x) ends it with the answer. Without it someone reads what you print, and answers.
- No classes, recursion, files or imports but json, math, re, datetime, statistics, collections, itertools, functools."""


def system_message(tools: Iterable[Signature], examples: Sequence[FewShot], *, chosen: bool = False) -> Message:
    """Return what every request to the planner begins with. `chosen`: the tools were, for the question, so that they stand last."""
    texts = ToolTexts(tools)
    stubs = "\n".join([*texts.records(), *_stubs(texts)])
    shown = [f"Request: {one.question}\n{fenced(one.plan)}" for one in examples]
    return Message("system", "\n\n".join(in_order(RULES, stubs, shown, chosen=chosen)))


def fenced(program: str) -> str:
    """Return a program as a model writes it."""
    return f"```python\n{program.rstrip()}\n```"


def _stubs(texts: ToolTexts) -> Iterator[str]:
    called = {signature.name: stub for stub, signature in stub_names({tool.name: tool for tool in texts.tools}).items()}
    for tool in texts.tools:
        yield f"def {called[tool.name]}{texts.line(tool)[len(tool.name) :]}"


def refusal_message(problems: str) -> Message:
    """Return what follows a program that can't be run."""
    return Message(
        "user", f"This program can't be run:\n{problems}\nWrite the whole program again without these errors."
    )


def go_on_message(results: str, wanted: str, names: Sequence[str], *, failed: bool) -> Message:
    """Return what follows a program whose output is not enough, or that failed."""
    lines = [results, ""]
    if failed:
        lines.append("The program ended there. Calls that ended well are not made again if you repeat them.")
    else:
        lines.append(f"That doesn't suffice: {wanted or 'something is missing'}")
    lines.append("Write another program with what is still needed.")
    if names:
        lines.append(f"It has the names of the programs before: {', '.join(names[:MOST_NAMES])}")
    return Message("user", "\n".join(lines))


MOST_NAMES: Final = 40
