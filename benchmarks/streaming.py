"""Measure what reading a model's output costs per streamed token, on clean plans and on texts made to hurt; last a program, by `lcc.LiveRun`.

A token is four characters. A fast model takes 20 ms to produce one; the goal is at most 10 µs of reading, 0.05 % of it. Run:

    python benchmarks/streaming.py [--size 1000000]

The last column compares twice the text with the text: 2.0 is linear. The program is a tenth as long. In its time is all that `feed` does: it reads,
lowers and checks statements, and issues them to the run; what its calls take isn't.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import anyio

import lcc
from lcc.grammar.lenient import StreamParser

TOKEN = 4
BUDGET = 10.0
PROGRAM = "lcc.LiveRun, a program"

SHAPES: dict[str, Callable[[int], str]] = {
    "clean plan": lambda n: _numbered('{i}. search("population of country {i}", limit=[$1, 2])\n', n),
    "clean plan, texts with $": lambda n: _numbered('{i}. math("$1 / 2 + {i}")\n', n),
    "1) numbering": lambda n: _numbered('{i}) search("population of country {i}")\n', n),
    "Step 1: numbering": lambda n: _numbered('Step {i}: search("country {i}")\n', n),
    "missing )": lambda n: _numbered('{i}. search("population of country {i}"\n', n),
    "bare text": lambda n: _numbered("{i}. search(population of country)\n", n),
    "inner quotes": lambda n: _numbered('{i}. search("the "best" of {i}")\n', n),
    "nested calls": lambda n: _numbered('{i}. math(search("country {i}"))\n', n),
    "prose": lambda n: _fill("I would rather think about it for a while, as one does.\n", n),
    "(((((": lambda n: "(" * n,
    '"""': lambda n: '"""' * (n // 3),
    '1. a("""': lambda n: '1. a("""' + "x\n" * (n // 2),
    "$1$1$1": lambda n: "$1" * (n // 2),
    '1. a("$1$1$1")': lambda n: f'1. a("{"$1" * (n // 2)}")',
    "1. a($2 $3 $4 …)": lambda n: (
        f'1. a("{" ".join(f"${i}" for i in range(2, n // 14))}")\n' + _numbered("{i}. b()\n", n // 2, 2)
    ),
    "1. a(1. a(": lambda n: _fill("1. a(", n),
    "1. a(\\n": lambda n: _fill("1. a(\n", n),
    "1. a(\\'\\n": lambda n: _fill("1. a('\n", n),
    '1. a("b" or\\n': lambda n: _fill('1. a("b") or "c")\n', n),
    "lists": lambda n: "1. a(" + "[1, " * 60 + _fill("'x' ", n) + ")",
    "quotes": lambda n: '1. a("' + _fill('a" b ', n) + '")\n2. b()\n',
    "spaces": lambda n: " " * n,
    "newlines": lambda n: "\n" * n,
    "digits": lambda n: "1" * n,
    "joins": lambda n: _numbered("{i}. b()\n", n // 2) + _fill("join()\n", n // 2),
    "corrections": lambda n: _fill("1. a(1)\nWait, no.\n", n),
    "{{1}}": lambda n: "1. a()\n" + _fill('2. b("{{1}}", {{1}})\n', n),
    "<think>": lambda n: _fill("<think>", n),
    "JSON": lambda n: _fill('{"name": "search", "arguments": {"query": "x"}}\n', n),
    "backslashes": lambda n: '1. a("' + "\\" * n + '")\n',
    "commas": lambda n: "1. a(" + "," * n + ")\n2. b()\n",
    "Action:": lambda n: _fill("Action: search\nAction Input: x\n", n),
    "assignments": lambda n: _numbered("v{i} = search(v{j})\n", n),
}


def _fill(piece: str, size: int) -> str:
    return piece * (size // len(piece))


def _numbered(line: str, size: int, first: int = 1) -> str:
    out: list[str] = []
    length, i = 0, first
    while length < size:
        out.append(line.format(i=i, j=i - 1))
        length += len(out[-1])
        i += 1
    return "".join(out)


def seconds(text: str, piece: int) -> float:
    """Return how long a text takes that comes in pieces of some characters."""
    parser = StreamParser()
    start = time.process_time()
    for at in range(0, len(text), piece):
        parser.feed(text[at : at + piece])
    parser.close()
    return time.process_time() - start


@lcc.tool(effect="read", resource="shelf")
async def search(query: str, limit: int = 5) -> list[str]:
    """Find titles."""
    return [query] * limit


def fed(text: str) -> float:
    """Return how long `lcc.LiveRun` takes to be fed a program, token by token."""

    async def run() -> float:
        taken = 0.0
        async with lcc.LiveRun([search], keep_events=False) as live:
            for number, at in enumerate(range(0, len(text), TOKEN)):
                start = time.process_time()
                live.feed(text[at : at + TOKEN])
                taken += time.process_time() - start
                if number % 100 == 0:
                    await anyio.sleep(0)
            live.finish()
            await live.wait()
        return taken

    return anyio.run(run)


def main() -> None:
    """Print one line for each shape."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--size", type=int, default=1_000_000, help="characters of each text")
    arguments.add_argument("--only", default="", help="part of a shape's name")
    given = arguments.parse_args()
    seconds(SHAPES["clean plan"](10_000), TOKEN)  # load the grammar
    print(f"{'shape':28} {'s at once':>10} {'s in tokens':>12} {'µs a token':>11} {'% of 20 ms':>11} {'twice':>6}")
    for name, shape in SHAPES.items():
        if given.only not in name:
            continue
        text = shape(given.size)
        half = seconds(shape(given.size // 2), TOKEN)
        whole, streamed = seconds(text, len(text) or 1), seconds(text, TOKEN)
        each = streamed / (len(text) / TOKEN) * 1e6
        mark = "" if each <= BUDGET else "  over 10 µs"
        print(f"{name:28} {whole:10.2f} {streamed:12.2f} {each:11.2f} {each / 200:11.3f} {streamed / half:6.1f}{mark}")
    if given.only in PROGRAM:
        text = _numbered('found{i} = search("population of country {i}", limit=3)\n', given.size // 10)
        fed(text[: text.index("\n", 1_000) + 1])  # load all that runs programs
        half, streamed = fed(text[: text.index("\n", len(text) // 2) + 1]), fed(text)
        each = streamed / (len(text) / TOKEN) * 1e6
        print(f"{PROGRAM:28} {'':10} {streamed:12.2f} {each:11.2f} {each / 200:11.3f} {streamed / half:6.1f}")


if __name__ == "__main__":
    main()
