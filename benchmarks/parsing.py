"""Time text to IR: microseconds and bytes a task, linearity, and the ratio to Lark's own parser on the same statements.

Public are `lcc.parse`, and `lcc.compile` with a typed tool and all checks at `-O0` and `-O2`; inner is the parser alone.

    python -m benchmarks.parsing

The text: 55-byte lines `12. search("population of Tokyo", context=[$1, $2])`, one call in four with an interpolated text.
Every figure is the best of three runs, since other programs disturb; the ratio is taken inside one run.
"""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable

import lcc
from lcc.grammar.lark_tables import loaded
from lcc.grammar.syntax.parser import parse_plan
from lcc.grammar.syntax.scanner import Kind, Scanner
from lcc.grammar.syntax.statement import PLAN_GRAMMAR

SIZES = (1_000, 10_000, 100_000)


def plan(tasks: int) -> str:
    """Return a plan of that many tasks, about 55 bytes a line."""
    lines = [
        f'{i}. search("population of $1, and of ${i - 1}", limit=5)'
        if i % 4 == 0
        else f'{i}. search("population of Tokyo", context=[$1, ${i - 1}])'
        if i > 1
        else '1. search("population of Tokyo and Osaka", limit=10)'
        for i in range(1, tasks + 1)
    ]
    return "\n".join([*lines, "join()"])


def best(run: Callable[[], object], times: int = 3) -> float:
    """Return the shortest of a few runs, in seconds of the processor."""
    found = []
    for _ in range(times):
        start = time.process_time()
        run()
        found.append(time.process_time() - start)
    return min(found)


def main() -> None:
    """Print the table."""
    parse_plan("1. f()\njoin()")
    heads = ("tasks", "bytes/line", "inner µs", "bytes/task", "to Lark's", "lcc.parse", "compile -O0", "compile -O2")
    print("  ".join(f"{head:>11}" for head in heads))
    for tasks in SIZES:
        text = plan(tasks)
        seconds = best(lambda text=text: parse_plan(text))  # type: ignore[misc]
        tracemalloc.start()
        kept = parse_plan(text)
        memory = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        assert len(kept.plan.tasks) == tasks
        assert not kept.diagnostics
        inner = [f"{len(text) / tasks:.1f}", f"{seconds / tasks * 1e6:.1f}", f"{memory / tasks:.0f}"]
        inner.append(f"{seconds / tasks / lark(text, min(tasks, 5_000)):.2f}")
        print("  ".join(f"{cell:>11}" for cell in [f"{tasks:,}", *inner, *public(text, tasks)]))


def public(text: str, tasks: int) -> list[str]:
    """Return the microseconds a task of what users call."""

    @lcc.tool(effect="read")
    async def search(query: str, context: list[object] | None = None, limit: int = 10) -> str:
        return query

    calls = (
        lambda: lcc.parse(text),
        lambda: lcc.compile(text, [search], level=0),
        lambda: lcc.compile(text, [search], level=2),
    )
    return [f"{best(call, 2) / tasks * 1e6:.1f}" for call in calls]


def lark(text: str, tasks: int) -> float:
    """Return the seconds a statement that Lark's own LALR parser takes to make a tree of it, after the same scanner."""
    grammar = loaded(PLAN_GRAMMAR)
    statements = [s.text for s in Scanner().feed(text) if s.kind is Kind.CALL][:tasks]
    return best(lambda: [grammar.parse(s) for s in statements], 1) / len(statements)


if __name__ == "__main__":
    main()
