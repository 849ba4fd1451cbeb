"""Measure plans with bodies by ratios of processor time, each to something beside it in the same run.

    python -m benchmarks.bodies [--calls 30000] [--rounds 3]

Operations beside CPython's own on the same values; calls in bodies of three beside plain anyio with a task and an event for each, and
beside a plan of as many calls in lines; memory a call beside a fan-out's; compiling, from the text, a hundred blocks to a thousand.
The smallest of the rounds counts: the machine may be doing other things.
"""

from __future__ import annotations

import argparse
import json
import time
import tracemalloc
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final

import anyio

import lcc
from lcc.grammar.ir import Arg, Const, ForEach, Input, InputDecl, Join, ListOf, Local, Plan, Ref, Task
from lcc.grammar.ir.operations import BINARY, METHODS, MODULES, Meter, OperationLimits, Record, builtin
from lcc.grammar.values import Json

UNLIMITED: Final = OperationLimits(steps=10**12, memory=10**12)
_REPEATS: Final = 20_000


def least(rounds: int, one: Callable[[], object]) -> float:
    """Return the least seconds of the processor that something takes."""
    found = []
    for _ in range(rounds):
        begun = time.process_time()
        one()
        found.append(time.process_time() - begun)
    return min(found)


def repeated(count: int, one: Callable[[], object]) -> Callable[[], None]:
    """Return what does something so many times."""

    def run() -> None:
        for _ in range(count):
            one()

    return run


def operations() -> Iterable[tuple[str, int, Callable[[], object], Callable[[], object]]]:
    """Yield a name, how often, the operation, and what CPython does."""
    meter = Meter(UNLIMITED)
    rows: list[Any] = [{"id": n, "name": f"row {n}", "score": n * 7919 % 1000 / 10} for n in range(1_000)]
    records = [Record(row) for row in rows]
    numbers = [row["score"] for row in rows]
    texts = [row["name"] for row in rows]
    text = json.dumps(rows)
    add, join = BINARY["+"], METHODS[str]["join"]
    plus: Callable[[Any, Any], Any] = lambda a, b: a + b  # noqa: E731
    yield "3 + 4.5", _REPEATS, lambda: add(meter, 3, 4.5), lambda: plus(3, 4.5)
    yield "sorted(1,000 numbers)", 200, lambda: builtin("sorted")(meter, numbers), lambda: sorted(numbers)
    yield "sum(1,000 numbers)", 200, lambda: builtin("sum")(meter, numbers), lambda: sum(numbers)
    yield "', '.join(1,000 texts)", 200, lambda: join(meter, ", ", texts), lambda: ", ".join(texts)
    yield "json.dumps(1,000 rows)", 20, lambda: MODULES["json"]["dumps"](meter, records), lambda: json.dumps(rows)
    yield "json.loads(1,000 rows)", 20, lambda: MODULES["json"]["loads"](meter, text), lambda: json.loads(text)


@lcc.tool(effect="read", resource="desk")
async def work(key: object) -> int:
    """Return at once."""
    return 1


def chains(bodies: int) -> Plan:
    """Return a loop over so many items, each with three calls, one on the result of the other."""
    body = tuple(Task(n, "work", (Arg("key", Local("x") if n == 2 else Ref(n - 1)),)) for n in (2, 3, 4))
    return Plan(
        (InputDecl("items", "list"),),
        body=(ForEach(1, "x", Input("items"), body, yields=Ref(4)),),
        join=Join((Ref(1),)),
        fails="independent",
    )


def lines(bodies: int) -> Plan:
    """Return as many calls in lines of three, without a body."""
    tasks = []
    for place in range(bodies):
        at = 3 * place + 1
        tasks.append(Task(at, "work", (Arg("key", Const(place)),)))
        tasks += [Task(n, "work", (Arg("key", Ref(n - 1)),)) for n in (at + 1, at + 2)]
    return Plan(tasks=tuple(tasks), join=Join((Ref(len(tasks)),)))


def fan_out(calls: int) -> Plan:
    """Return one call with so many elements."""
    items = ListOf(tuple(map(Const, range(calls))))
    return Plan(tasks=(Task(1, "work", (Arg("key", items, each=True),)),), join=Join((Ref(1),)))


def ran(plan: Plan, items: int = 0) -> Callable[[], Awaitable[None]]:
    """Return what runs a plan."""
    inputs: dict[str, Json] = {"items": list(range(items))} if plan.inputs else {}

    async def run() -> None:
        assert (await lcc.execute(plan, [work], inputs)).ok

    return run


def by_hand(bodies: int) -> Callable[[], Awaitable[None]]:
    """Return plain anyio: a task for each call, which waits for the event of the one before it."""

    async def run() -> None:
        async def call(before: anyio.Event | None, done: anyio.Event) -> None:
            if before is not None:
                await before.wait()
            await work(1)
            done.set()

        async with anyio.create_task_group() as group:
            for _ in range(bodies):
                before = None
                for _ in range(3):
                    done = anyio.Event()
                    group.start_soon(call, before, done)
                    before = done

    return run


def peak(main: Callable[[], Awaitable[None]]) -> int:
    """Return the most bytes allocated at any time."""
    tracemalloc.start()
    try:
        anyio.run(main)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def program(blocks: int) -> str:
    """Return a program of so many blocks: a loop, a condition and a handler with calls."""
    one = """
for x in ["a", "b"]:
    n{0} = work(x)
    if n{0} > 1:
        try:
            n{0} = work([n{0}])
        except ValueError as e:
            print(e)
"""
    return "".join(one.format(number) for number in range(blocks))


def main() -> None:
    """Print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=30_000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    bodies, rounds = given.calls // 3, given.rounds
    for name, count, ours, theirs in operations():
        ratio = least(rounds, repeated(count, ours)) / least(rounds, repeated(count, theirs))
        print(f"{name:32}{ratio:8.2f} × CPython")
    hand = least(rounds, lambda: anyio.run(by_hand(bodies)))
    flat = least(rounds, lambda: anyio.run(ran(lines(bodies))))
    body = least(rounds, lambda: anyio.run(ran(chains(bodies), bodies)))
    print(
        f"{given.calls:,} calls in bodies of three{body / hand:10.2f} × plain anyio, {body / flat:.2f} × a plan in lines"
    )
    print(f"{given.calls:,} calls in lines of three {flat / hand:10.2f} × plain anyio")
    memory = peak(ran(chains(bodies), bodies)) / peak(ran(fan_out(3 * bodies)))
    print(f"memory a call of a body         {memory:8.2f} × one of a fan-out")
    few, many = program(100), program(1_000)
    compiled = [least(rounds, lambda t=text: lcc.compile(t, [work], front_end="python")) for text in (few, many)]  # type: ignore[misc]
    print(f"compiling ten times the blocks  {compiled[1] / compiled[0]:8.2f} × the time")


if __name__ == "__main__":
    main()
