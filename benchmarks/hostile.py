"""Time 1 MB of every family of hostile text through the paths that read what a model or a stranger wrote.

    python -m benchmarks.hostile

A family is a beginning, and a piece that is repeated to the size: what repairs look for, quotes and brackets that never close,
references, fences, tags. Every family is read by the model front end, without tools and with a few, and by the other readers; the
table gives seconds of processor time, the worst family of each reader first. Tests draw from the same families.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from lcc.grammar.lenient.marks.repairs import RULES

STUB: Final = """
def search(query: str) -> str: ...
def f(a: str, b: int = 1, c: list[str] = []) -> str: ...
def g(*, deep: dict[str, str] = {}) -> dict: ...
"""
"""The tools that hostile texts name."""
BEGINNINGS: Final = (
    "",
    "1. search(",
    '1. search("',
    "1. search('",
    "1. f([",
    '1. g({"a": "',
    "1. f(a=",
    "1. f(“",
    "1. search(`",
    "1. search(“a” ",
    "1. f(x, ",
    "1. join(",
    '{"name": "f", "arguments": {"a": ',
    "Action: f\nAction Input: ",
    "<think>",
    "Thought: ",
    "input x: str = ",
    '1. search("""',
    "1. f(f(",
    "1. search(\n",
)
PIECES: Final = (
    *("a,", "a=1,", "a: 1, ", "a ", "a\n", "a=", "=", ",", ";", "，", "(", ")", "[", "]", "{", "}", "([{", "（"),
    *('"', "'", '"""', "“", "”", "«", "`", "```\n", "\\", '\\"', "&quot;", '", "', "', '", '" ', ' "a"', '5" ', "'s "),
    *(
        '"a" + ',
        '"a", ',
        '"a"\n',
        '"a": "b", ',
        "“a”，",
        'f"{',
        'f"{$1}" ',
        "$1",
        "$1, ",
        "${",
        "$1[0]",
        "$1.a",
        "$$",
        "$x ",
    ),
    *(
        "#E1 ",
        "{{1}} ",
        "<1>",
        "result_1 ",
        "{1}",
        "f(",
        "f(a)",
        "f(a), ",
        "f(1",
        "search(",
        "f(a) + ",
        "1 + ",
        "- ",
        "2 * (",
        "$1*",
    ),
    *(
        "# a\n",
        "// a\n",
        "/* a",
        "\u200b",
        "\u00a0",
        "\r",
        "\n",
        "\r\n",
        "\t",
        "1. ",
        "1. f(",
        "1. f(a)\n",
        "1. f(a) x\n",
        "join(",
        "join() x\n",
    ),
    *(
        "1. join($1)\n",
        "1. f(1)\n",
        '1. f("a") -> b("c")\n',
        "<think>",
        "</think>",
        "<",
        "<END_OF_PLAN>",
        "<END",
        "Thought: a\n",
    ),
    *(
        "Thought",
        "Action: f\n",
        "Action: f\nAction Input: a\n",
        "each [",
        "each $1, ",
        "wait, ",
        "Wait, no.\n1. f(1)\n",
        "option 1\n",
        "**",
        "**1.** ",
    ),
    *(
        "Step 1: f(a)\n",
        "- f(a)\n",
        "x = f(a)\n",
        "x = ",
        "①",
        "一、",
        "if ",
        "if x then f(a)\n",
        '{"a": ',
        '{"name": "f"}, ',
        "[[",
        "0",
        "1e",
        ".5",
        "-1, ",
    ),
    *(
        "...\n",
        "…",
        "f (",
        "f[a]",
        "f{",
        "\\(",
        "`f(a)` ",
        "x: f(a). ",
        "then f(a) ",
        "None ",
        "True,",
        ":",
        "a:b ",
        "'a' 'b' ",
        "input a: str\n",
    ),
    *(
        '"a" "b" ',
        '.format("{}", ',
        "str(",
        "1, ",
        "for x in y ",
        ") for x in ",
        "# lcc: ignore[L001] ",
        "L001,",
        "🙂",
        "\\n",
        "a(b)(c) ",
        "-> ",
    ),
)
"""What is repeated."""


class Family(NamedTuple):
    """A kind of hostile text."""

    beginning: str
    piece: str

    def text(self, size: int) -> str:
        """Return a text of about that many characters."""
        return self.beginning + self.piece * max(1, (size - len(self.beginning)) // len(self.piece))


def examples() -> Iterator[str]:
    """Yield the examples of all repairs, bad and good, line by line and whole."""
    for rule in RULES:
        for text in (rule.bad, rule.good):
            yield text
            yield from text.splitlines(keepends=True)


def families() -> list[Family]:
    """Return all families."""
    pieces = dict.fromkeys((*PIECES, *examples()))
    return [Family(beginning, piece) for beginning in BEGINNINGS for piece in pieces if piece]


def readers() -> dict[str, Callable[[str], object]]:
    """Return what reads text that a model or a stranger wrote, by name."""
    from lcc.ask.joining.decision import read_decision
    from lcc.grammar.formatting.format import format_plan
    from lcc.grammar.front_ends import parse
    from lcc.grammar.signatures import tools_by_name
    from lcc.grammar.signatures.stubs import read_stub

    tools = tools_by_name(read_stub(STUB, "tools.pyi").signatures)
    return {
        "model": lambda text: parse(text, "model"),
        "model, with tools": lambda text: parse(text, "model", tools=tools),
        "plan": lambda text: parse(text, "plan"),
        "rewoo": lambda text: parse(text, "rewoo"),
        "openai": lambda text: parse(text, "openai"),
        "fmt": format_plan,
        "joiner": read_decision,
    }


def seconds(read: Callable[[str], object], text: str) -> float:
    """Return the processor time of one reading."""
    start = time.process_time()
    read(text)
    return time.process_time() - start


def main() -> None:
    """Print the table: for each reader, the median family and the worst ones."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--size", type=int, default=1_000_000, help="characters of a text (default: 1,000,000)")
    parser.add_argument("--every", type=int, default=97, help="take one family in so many (default: 97)")
    parser.add_argument("--worst", type=int, default=3, help="families shown for each reader (default: 3)")
    args = parser.parse_args()
    chosen = families()[:: args.every]
    print(f"{len(chosen)} families of {args.size:,} characters, seconds of processor time")
    for name, read in readers().items():
        read("1. f(a)\n")
        found = sorted(((seconds(read, family.text(args.size)), family) for family in chosen), reverse=True)
        print(f"{name:<18}  median {found[len(found) // 2][0]:5.2f}", flush=True)
        for spent, family in found[: args.worst]:
            print(f"{'':<18}  {spent:13.2f}  {family.beginning!r} + {family.piece!r} …", flush=True)


if __name__ == "__main__":
    main()
