"""Time all lints on plans of different shapes: microseconds a task, and the slowest lints.

    python -m benchmarks.lints [TASKS]

The shapes are those that could cost a careless lint quadratic time: long chains, many equal calls, many spellings of a few
files, many comments that silence lints, one huge argument.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from lcc.grammar.signatures import Tools, tools_by_name
from lcc.grammar.signatures.stubs import read_stub
from lcc.grammar.syntax.parser import parse_plan
from lcc.passes.lint import lint
from lcc.passes.lint.facts import LintContext
from lcc.passes.lint.lints import LINTS

STUB = """\
import lcc

@lcc.tool(effect="read", resource="web")
def search(query: str) -> str: ...
@lcc.tool(effect="read")
def look(query: str) -> str: ...
@lcc.tool(effect="write")
def note(text: str) -> str: ...
@lcc.tool(effect="pure")
def math(expression: str) -> float: ...
@lcc.tool(effect="pure")
def ask(problem: str, context: list[str] = []) -> float: ...
@lcc.tool(effect="write", resource="file:{path}")
def save(path: str, text: str) -> None: ...
def unknown(path: str) -> str: ...
"""


def tools() -> Tools:
    """Return the tools that the plans call."""
    return tools_by_name(read_stub(STUB, "tools.pyi").signatures)


def mixed(tasks: int) -> str:
    """Return a plan of all kinds of calls, each reading one a little before it."""
    forms = (
        'search("x{0}")',
        'search("about ${1}")',
        'math("${1} + 1")',
        'ask("half of ${1}", context=[${1}])',
        'save("{2}.txt", ${1})',
        'unknown("{2}.txt")',
        'look("x{0} ${1}")',
        'note("#E1 {0}")',
        'search("x{2}")',
    )
    lines = [
        f"{i}. {forms[i % len(forms)].format(i, max(1, i - 1 - i * 7 % 50), i % 1000)}" for i in range(2, tasks + 1)
    ]
    return "\n".join(['1. search("tides")', *lines, "join()"])


def chain(tasks: int) -> str:
    """Return a calculation in as many steps."""
    return "\n".join(['1. math("1")', *(f'{i}. math("${i - 1} + 1")' for i in range(2, tasks + 1)), f"join(${tasks})"])


def alternating(tasks: int) -> str:
    """Return reads and writes of one resource in turn, each reading the one before."""
    lines = (f'{i}. {"note" if i % 2 else "look"}("x ${i - 1}")' for i in range(2, tasks + 1))
    return "\n".join(['1. look("x")', *lines, f"join(${tasks})"])


def spellings(tasks: int) -> str:
    """Return writes of files under many names."""
    lines = (f'{i}. save("{"./" * (i % 50)}{i // 3}.txt", "x")' for i in range(1, tasks + 1))
    return "\n".join([*lines, "join()"])


def equal(tasks: int) -> str:
    """Return one call, over and over."""
    return "\n".join([*(f'{i}. search("x")' for i in range(1, tasks + 1)), "join($1)"])


def comments(tasks: int) -> str:
    """Return calls on several lines, each with two comments that silence lints."""
    lines = (f'{i}. search(\n"{i}" # lcc: ignore[L001]\n)  # lcc: ignore' for i in range(1, tasks + 1))
    return "\n".join([*lines, "join($1)"])


def huge(tasks: int) -> str:
    """Return one call with a list of as many texts that mean other things."""
    texts = ", ".join(f'"$1 #E1 {{{{1}}}} $x_{i}"' for i in range(tasks))
    return f'input x: str\n1. search("x")\n2. search([{texts}])\njoin($2)'


SHAPES: tuple[Callable[[int], str], ...] = (mixed, chain, alternating, spellings, equal, comments, huge)


def main() -> None:
    """Print the table."""
    tasks = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    declared = tools()
    print(f"{'shape':>12}  {'parse µs/task':>13}  {'lint µs/task':>12}  {'findings':>8}  slowest")
    for shape in SHAPES:
        start = time.perf_counter()
        parsed = parse_plan(shape(tasks))
        read = time.perf_counter()
        found = lint(parsed.plan, declared, parsed.source)
        linted = time.perf_counter()
        context = LintContext(parsed.plan, declared, parsed.source)
        slowest: list[tuple[float, str]] = []
        for module in LINTS:
            begun = time.perf_counter()
            list(module.check(context))
            slowest.append((time.perf_counter() - begun, module.RULE.name))
        shown = ", ".join(f"{name} {seconds:.1f} s" for seconds, name in sorted(slowest, reverse=True)[:3])
        each = 1e6 / tasks
        print(
            f"{shape.__name__:>12}  {(read - start) * each:>13.1f}  {(linted - read) * each:>12.1f}"
            f"  {len(found):>8,}  {shown}"
        )


if __name__ == "__main__":
    main()
