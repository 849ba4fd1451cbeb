"""Make up plans for known tools, and write them as models might: one corruption a plan.

`written` gives the clean text; each corruption of `CORRUPTIONS` takes the calls and returns the text of a model's output that
still says the same. Texts hold no dollars, so that nothing else than the corruption is at stake.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import strategies as st

from lcc.grammar.signatures import Tools, tools_by_name
from lcc.grammar.signatures.stubs import read_stub

STUB = """
@tool(effect="read")
def search(query: str) -> str: ...
@tool(effect="read")
def math(expression: str) -> float: ...
@tool(effect="read")
def get_weather(city: str, unit: str = "C") -> dict: ...
@tool(effect="read")
def translate(text: str, target_lang: str) -> str: ...
@tool(effect="read")
def summarize(text: str | list, max_words: int = 50) -> str: ...
@tool(effect="read")
def send_email(to: str | list[str], subject: str, body: str) -> bool: ...
"""
"""Declared to read: beside other calls prose, which is one of the corruptions, refuses the plan."""
TOOLS: Tools = tools_by_name(read_stub(STUB, "tools.pyi").signatures)


@dataclass(frozen=True)
class Argument:
    """A text, a number, or a reference to an earlier call; `name` for a keyword."""

    value: str | int
    name: str = ""
    reference: int = 0

    def plain(self, quote: str = '"') -> str:
        if self.reference:
            return f"${self.reference}"
        return str(self.value) if isinstance(self.value, int) else quote + _escaped(self.value, quote) + quote


def _escaped(text: str, quote: str) -> str:
    return text.replace("\\", "\\\\").replace(quote, f"\\{quote}") if quote else text


@dataclass(frozen=True)
class Call:
    tool: str
    args: tuple[Argument, ...]

    def inner(self, sign: str = "=", quote: str = '"', comma: str = ", ") -> str:
        return comma.join(f"{a.name}{sign if a.name else ''}{a.plain(quote)}" for a in self.args)

    def plain(self) -> str:
        return f"{self.tool}({self.inner()})"


WORDS = [
    "tides",
    "moon",
    "Paris",
    "(old)",
    "it's",
    "city,",
    "5",
    "km",
    "[x]",
    "{y}",
    "height;",
    "Böll",
    "東京",
    "#1",
    "a/b",
    "3.5%",
    "x=1",
    "<b>",
    "'q'",
    "and",
    "join()",
    "2.",
    "one:",
    "two",
    "-",
    "🙂",
    "C#",
    "**b**",
    "`c`",
]
SIMPLE = ["tides", "moon", "Paris", "city", "height", "Böll", "東京", "radius", "of", "the", "a", "42", "largest"]


def phrases(words: list[str]) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(words), min_size=1, max_size=5).map(" ".join)


@st.composite
def calls(draw: st.DrawFn, words: list[str] = WORDS) -> tuple[Call, ...]:
    """A few calls that fit the tools; later ones may refer to earlier ones."""
    made: list[Call] = []
    text = phrases(words)

    def value(place: int) -> st.SearchStrategy[Argument]:
        plain = st.builds(Argument, text)
        return plain | st.builds(lambda n: Argument("", reference=n), st.integers(1, place)) if place else plain

    for place in range(draw(st.integers(1, 4))):
        match draw(st.sampled_from(("search", "get_weather", "translate", "summarize", "send_email"))):
            case "search":
                made.append(Call("search", (draw(value(place)),)))
            case "get_weather":
                made.append(Call("get_weather", (draw(value(place)), Argument(draw(st.sampled_from("CF")), "unit"))))
            case "translate":
                made.append(
                    Call(
                        "translate", (draw(value(place)), Argument(draw(st.sampled_from(("fr", "de"))), "target_lang"))
                    )
                )
            case "summarize":
                made.append(Call("summarize", (draw(value(place)), Argument(draw(st.integers(1, 99)), "max_words"))))
            case _:
                args = (Argument("a@b.org", "to"), Argument(draw(text), "subject"), Argument(draw(text), "body"))
                made.append(Call("send_email", args))
    return tuple(made)


def written(plan: tuple[Call, ...]) -> str:
    """Return the plan as the language has it."""
    return _lines([f"{i}. {call.plain()}" for i, call in enumerate(plan, 1)], f"{len(plan) + 1}. join()")


def _lines(lines: list[str], join: str) -> str:
    return "\n".join([*lines, join, "<END_OF_PLAN>"]) + "\n"


def _numbered(head: str) -> Callable[[tuple[Call, ...]], str]:
    def corrupt(plan: tuple[Call, ...]) -> str:
        lines = [f"{head.format(i)}{call.plain()}" for i, call in enumerate(plan, 1)]
        return _lines(lines, f"{head.format(len(plan) + 1)}join()")

    return corrupt


def _each(change: Callable[[Call], str]) -> Callable[[tuple[Call, ...]], str]:
    def corrupt(plan: tuple[Call, ...]) -> str:
        return _lines([f"{i}. {change(call)}" for i, call in enumerate(plan, 1)], f"{len(plan) + 1}. join()")

    return corrupt


def _json(call: Call) -> str:
    names = [p.name for p in TOOLS[call.tool].parameters]
    args = {a.name or names[i]: f"${a.reference}" if a.reference else a.value for i, a in enumerate(call.args)}
    return json.dumps({"name": call.tool, "arguments": args}, ensure_ascii=False)


def _smart(call: Call) -> str:
    shown = [
        f"{a.name}{'=' if a.name else ''}{a.plain() if a.reference or isinstance(a.value, int) else f'“{a.value}”'}"
        for a in call.args
    ]
    return f"{call.tool}({', '.join(shown)})"


def _bare(call: Call) -> str:
    shown = [f"{a.name}{'=' if a.name else ''}{a.plain('')}" for a in call.args]
    return f"{call.tool}({', '.join(shown)})"


CORRUPTIONS: dict[str, Callable[[tuple[Call, ...]], str]] = {
    "1)": _numbered("{}) "),
    "Step 1:": _numbered("Step {}: "),
    "**1.**": _numbered("**{}.** "),
    "- 1.": _numbered("- {}. "),
    "(1)": _numbered("({}) "),
    "1:": _numbered("{}: "),
    "步骤1：": _numbered("步骤{}："),
    "Action:": lambda plan: _lines([f"Action: {call.plain()}" for call in plan], "Action: join()"),
    "no number": lambda plan: _lines([call.plain() for call in plan], "join()"),
    "bullets": lambda plan: _lines([f"- {call.plain()}" for call in plan], "- join()"),
    "$1 =": lambda plan: _lines([f"${i} = {call.plain()}" for i, call in enumerate(plan, 1)], "join()"),
    "one line": lambda plan: ", ".join(
        [*(f"{i}. {c.plain()}" for i, c in enumerate(plan, 1)), f"{len(plan) + 1}. join()"]
    ),
    "no )": _each(lambda call: f"{call.tool}({call.inner()}"),
    "two ))": _each(lambda call: f"{call.plain()})"),
    "single quotes": _each(lambda call: f"{call.tool}({call.inner(quote=chr(39))})"),
    "smart quotes": _each(_smart),
    "no quotes": _each(_bare),
    "name: value": _each(lambda call: f"{call.tool}({call.inner(': ')})"),
    "full-width comma": _each(lambda call: f"{call.tool}({call.inner(comma='，')})"),
    "two commas": _each(lambda call: f"{call.tool}({call.inner(comma=',, ')})"),
    "no comma": _each(lambda call: f"{call.tool}({call.inner(comma=' ')})"),
    "Tool": _each(lambda call: f"{call.tool.title()}({call.inner()})"),
    "toolName": _each(lambda call: f"{call.tool.replace('_', '-').upper()}({call.inner()})"),
    "json": _each(_json),
    "no last quote": _each(
        lambda call: f"{call.tool}({call.inner()[:-1]})" if call.inner().endswith('"') else call.plain()
    ),
    "comment": _each(lambda call: f"{call.plain()} // a note"),
    "semicolon": _each(lambda call: f"{call.plain()};"),
    "backticks": _each(lambda call: f"`{call.plain()}`"),
    "several lines": _each(lambda call: call.tool + "(\n    " + call.inner(comma=",\n    ") + ",\n)"),
    "fence": lambda plan: f"```python\n{written(plan)}```\n",
    "prose": lambda plan: f"Sure, here it is.\n\n{written(plan)}\nI hope this helps.\n",
    "think": lambda plan: f'<think>\n1. search("no")\n</think>\n{written(plan)}',
    "crlf": lambda plan: written(plan).replace("\n", "\r\n"),
    "zero width": _each(lambda call: f"\u200b{call.tool}(\u200b{call.inner()})\u200b"),
    "markdown": _each(lambda call: call.plain().replace("_", "\\_", 1) if "_" in call.tool else call.plain()),
    "no join parentheses": lambda plan: written(plan).replace("join()\n<END", "join\n<END"),
}
"""Corruptions by name."""
