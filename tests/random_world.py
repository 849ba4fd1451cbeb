"""Play the outside of random programs: tools that take virtual time and note what happens to what, and somebody who approves.

A call of the world is JSON text, `["t1", {"x": "a", …}]`, defaults filled in: the same that `reference_interpreter` makes. So
results, failures and refusals are functions of that text, and a run can be compared with the interpreter's.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any, Final
from zlib import crc32

import anyio
from reference_interpreter import fake_result, resource_keys, takes

from lcc.grammar.ir import TaskId
from lcc.grammar.signatures import CallLimits, Effect, Signature, Tools, coerce
from lcc.grammar.values import Json
from lcc.runtime.context import Context
from lcc.runtime.options import ApprovalRequest, Options
from lcc.runtime.tool import ArgumentError, Tool

WIND_UP: Final = 0.1
"""Virtual seconds that a cancelled call goes on for: less than a run's time of grace."""
MOST_CALLS: Final = 2_000


class Unlucky(Exception):
    """What a fake tool raises."""


@dataclass(frozen=True, kw_only=True)
class Circumstances:
    """What a program is run under. Numbers named `seed` decide by hashing the text of a call."""

    seed: int = 0
    backend: str = "trio"
    level: int = 0
    concurrency: int = 1_000
    each_tool: int | None = None
    hedge: float | None = None
    retries: int = 0
    failing: int = 0
    flaky: bool = False
    refused: frozenset[str] = frozenset()
    by_call: bool = False
    given_all: bool = True

    def fails(self, signature: Signature, call: str) -> bool:
        """Whether a call always fails. What is evaluated while compiling never does."""
        if signature.name in self.refused and signature.effect is Effect.DESTRUCTIVE:
            return True
        return bool(self.failing) and not signature.fold and _hash(self.seed, call) % 100 < self.failing

    def is_flaky(self, signature: Signature, call: str) -> bool:
        """Whether a call fails the first time that it is made in the world, and may be repeated."""
        return self.flaky and self.retries > 0 and signature.may_retry and _hash("flaky", self.seed, call) % 3 == 0


def make_circumstances(chance: Random) -> Circumstances:
    """Make up what a program is run under."""
    return Circumstances(
        seed=chance.randrange(1 << 16),
        backend=chance.choice(["trio", "asyncio"]),
        level=chance.choice([0, 1, 2, 3, 3]),
        concurrency=chance.choice([1_000, 1_000, 1, 2, 3]),
        each_tool=chance.choice([None, None, 1, 2]),
        hedge=chance.choice([None, None, 0.03, 0.3]),
        retries=chance.randint(0, 2),
        failing=chance.choice([0, 0, 25]),
        flaky=chance.random() < 0.5,
        refused=frozenset(chance.sample(["t2", "t4", "t5", "t6"], chance.choice([0, 0, 1, 2]))),
        given_all=chance.random() < 0.5,
    )


def _hash(*parts: object) -> int:
    return crc32(" ".join(map(str, parts)).encode())


@dataclass
class World:
    """The outside of one run, or of some runs one after another.

    `faults` are what must not happen, in words. `calls` are those that were begun; `by_task`: `done` counts
    the writes that each task made that must not be made again, `redone` those that may. `shapes`
    counts what the run came to, of `RUN_SHAPES`. `loop`: where what only reads runs in threads, the loop whose time passes.
    """

    tools: Tools
    circumstances: Circumstances
    writes: dict[str, list[str]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    done: Counter[TaskId] = field(default_factory=Counter)
    redone: Counter[TaskId] = field(default_factory=Counter)
    by_task: bool = False
    allowed: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    shapes: Counter[str] = field(default_factory=Counter)
    stopped: bool = False
    loop: asyncio.AbstractEventLoop | None = None
    _active: list[tuple[str, bool]] = field(default_factory=list)
    _failed_once: set[str] = field(default_factory=set)
    _asking: bool = False

    # for the run

    def bound(self) -> dict[str, Tool]:
        """Return the tools with their code."""
        single_of = {s.batch.tool: s for s in self.tools.values() if s.batch is not None}
        found: dict[str, Tool] = {}
        for name, signature in self.tools.items():
            function: Callable[..., object] = partial(self._call, signature)
            if name in single_of:
                function = partial(self._batch, single_of[name])
            elif self.loop is not None and signature.effect.may_start_early:
                function = partial(self._in_thread, signature)
            context = "context" if self.by_task and name not in single_of else None
            found[name] = Tool(signature, function, partial(checked, signature), _json, context_parameter=context)
        return found

    def options(self, **more: Any) -> Options:
        """Return the options of a run."""
        c = self.circumstances
        limits = CallLimits(concurrency=c.each_tool)
        hedged = {n: c.hedge for n, s in self.tools.items() if s.effect.may_start_early} if c.hedge is not None else {}
        return Options(
            concurrency=c.concurrency,
            threads=1 if self.loop is not None else 64,
            tools=dict.fromkeys(self.tools, limits) if c.each_tool is not None else {},
            hedge=hedged,  # type: ignore[arg-type]
            retries=c.retries,
            approve=self.approve,
            random=lambda: 0.5,
            **more,
        )

    async def approve(self, request: ApprovalRequest) -> bool:
        """Allow a request or don't. What is asked must be asked one at a time, and show something."""
        if self._asking:
            self.faults.append("two requests for approval at once")
        if not request.calls:
            self.faults.append(f"an empty request for approval of {request.id}")
        self._asking = True
        if any(True for _ in self._active):
            self.shapes["approval while others run"] += 1
        try:
            await anyio.sleep(0.07)
        finally:
            self._asking = False
        signature = self.tools[request.tool]
        shown = [self.text(signature, arguments) for _, arguments in request.calls]
        refused = self.circumstances.by_call and _hash("no", self.circumstances.seed, *shown) % 3 == 0
        if refused or request.tool in self.circumstances.refused:
            self.shapes["refusal"] += 1
            return False
        self.allowed.update(shown)
        return True

    def count(self, *, threads: bool) -> None:
        """Count what a run came to by what it was run under."""
        c = self.circumstances
        self.shapes["limit for all tools"] += c.concurrency < 4
        self.shapes["limit for each tool"] += c.each_tool is not None
        self.shapes["threads"] += threads
        tools = Counter(json.loads(call)[0] for call in self.calls)
        narrow = c.hedge is not None and c.each_tool == 1
        if narrow and any(n > 2 and self.tools[tool].effect.may_start_early for tool, n in tools.items()):
            self.shapes["calls behind a hedged one"] += 1

    # calls

    def text(self, signature: Signature, arguments: Mapping[str, Json]) -> str:
        """Return the text of a call, with defaults."""
        filled = _filled(signature, arguments)
        return json.dumps([signature.name, {key: filled[key] for key in sorted(filled)}])

    async def _call(self, signature: Signature, context: Context | None = None, **arguments: Json) -> Json:
        call = self._begun(signature, arguments)
        with self._using(signature, arguments):
            await self._pause("before", call)
            result = self._act(signature, call, arguments)
            if context is not None and signature.effect.writes:
                (self.redone if signature.idempotent else self.done)[context.task] += 1
            await self._pause("after", call)
        return result

    def _in_thread(self, signature: Signature, **arguments: Json) -> Json:
        call = self._begun(signature, arguments)
        assert self.loop is not None
        asyncio.run_coroutine_threadsafe(self._pause("in a thread", call), self.loop).result(10)
        return self._act(signature, call, arguments)

    async def _batch(self, single: Signature, items: list[Json]) -> list[object]:
        """Make some calls of a tool as one; each fails alone, and is made with what the tool itself would be given."""
        self.shapes["batch"] += 1
        results: list[object] = []
        given = [item for item in items if isinstance(item, dict)]
        assert len(given) == len(items)
        with self._using(single, *given):
            for arguments in given:
                try:
                    call = self._begun(single, checked(single, arguments))
                    await self._pause("before", call)
                    results.append(self._act(single, call, arguments))
                except (ArgumentError, Unlucky) as error:
                    results.append(error)
        return results

    def _begun(self, signature: Signature, arguments: Mapping[str, Json]) -> str:
        call = self.text(signature, arguments)
        self.calls.append(call)
        if self.stopped:
            self.faults.append(f"begun after the run was cancelled: {call}")
        if len(self.calls) > MOST_CALLS:
            raise AssertionError("the run makes calls without end")
        if signature.effect is Effect.DESTRUCTIVE:
            if not self.allowed[call]:
                self.faults.append(f"nobody allowed {call}")
            self.allowed[call] -= 1
        return call

    def _act(self, signature: Signature, call: str, arguments: Mapping[str, Json]) -> Json:
        if self.circumstances.fails(signature, call):
            self.shapes["failing call"] += 1
            raise Unlucky(call)
        if call not in self._failed_once and self.circumstances.is_flaky(signature, call):
            self._failed_once.add(call)
            self.shapes["call that fails once"] += 1
            raise Unlucky(f"the first time: {call}")
        keys = resource_keys(signature, _filled(signature, arguments))
        state: Json = [[key, *self.writes.get(key, [])] for key in keys]
        if signature.effect.writes:
            for key in dict.fromkeys(keys):
                self.writes.setdefault(key, []).append(call)
        return fake_result(signature, call, state)

    @contextmanager
    def _using(self, signature: Signature, *calls: Mapping[str, Json]) -> Iterator[None]:
        """Note what calls use for as long as they last. Nothing else may write it then, or read what they write."""
        writes = signature.effect.writes
        used = [(key, writes) for arguments in calls for key in resource_keys(signature, _filled(signature, arguments))]
        for key, others in self._active:
            if any(key == own and (others or writes) for own, _ in used):
                self.faults.append(f"{signature.name} uses {key} while another call does, and one of them writes")
        self._active += used
        try:
            yield
        finally:
            for use in used:
                self._active.remove(use)

    async def _pause(self, when: str, call: str) -> None:
        """Take some virtual time; when told to stop, take a little more."""
        try:
            await anyio.sleep(_hash(when, self.circumstances.seed, call, len(self.calls)) % 40 / 100)
        except anyio.get_cancelled_exc_class():
            self.shapes["call told to stop"] += 1
            with anyio.CancelScope(shield=True):
                await anyio.sleep(WIND_UP)
            raise


RUN_SHAPES: Final = (
    "approval while others run",
    "batch",
    "call that fails once",
    "call told to stop",
    "calls behind a hedged one",
    "cancelled in the middle",
    "failing call",
    "limit for all tools",
    "limit for each tool",
    "passes in random order",
    "printed at -O3",
    "refusal",
    "resumed in the middle",
    "streamed with an input",
    "threads",
)
"""What runs must come to: what `World.shapes` counts."""


def _filled(signature: Signature, arguments: Mapping[str, Json]) -> dict[str, Json]:
    found = dict(arguments)
    for parameter in signature.parameters:
        if not parameter.required:
            found.setdefault(parameter.name, coerce(parameter.default, parameter.type))  # type: ignore[arg-type]
    return found


def checked(signature: Signature, arguments: Mapping[str, Json]) -> Mapping[str, Json]:
    for name, value in arguments.items():
        parameter = signature.parameter(name)
        if parameter is None or not takes(value, parameter.type):
            raise ArgumentError(f"`{name}` of `{signature.name}` can't be {value!r}")
    return arguments


def _json(value: object) -> Json:
    return value  # type: ignore[return-value]
