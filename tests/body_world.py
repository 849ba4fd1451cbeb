"""Play the tools of random bodies: what each answers is a digest of its arguments and of what its resources have seen.

    Outside(tools, seed)   one world: its state, and what was called, in the order in which the calls acted
    .functions()           the tools as plain functions, for the reference
    .bound(pause)          the same for a run: each pauses before and after it acts

A tool fails for some arguments, by their digest. `poll` and `fetch` have a state that questions change: one goes on with each
question of an argument, the other fails the first times.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Final
from zlib import crc32

import anyio
from reference_interpreter import resource_keys

from lcc.grammar.signatures import ANY, INT, OUTSIDE, Effect, Parameter, Resource, Signature, Tools
from lcc.grammar.values import Json

Pause = Callable[[], Awaitable[None]]
Call = tuple[str, Json]

PATTERNS: Final = ("shelf:{k}", "shelf:{k}", "shelf:{k}", "till", "shelf:1", "box:{x}")
FAILURES: Final = (ValueError, KeyError, LookupError, ZeroDivisionError, TimeoutError, RuntimeError, PermissionError)
EFFECTS: Final = {
    "look": Effect.READ, "view": Effect.READ, "tell": Effect.READ, "calc": Effect.PURE, "deal": Effect.PURE,
    "put": Effect.WRITE, "pay": Effect.WRITE, "burn": Effect.DESTRUCTIVE, "stir": Effect.UNDECLARED,
    "poll": Effect.READ, "fetch": Effect.READ,
}  # fmt: skip
READS: Final = ("look", "view", "tell")
PURE: Final = ("calc", "deal")
WRITES: Final = ("put", "pay", "burn")
ANSWER_WITH_RECORDS: Final = frozenset({"view", "deal", "pay"})
"""The tools that answer with a record; the others answer with a number."""
STATEFUL: Final = ("poll", "fetch")
PARAMETERS: Final = (
    Parameter("x", ANY),
    Parameter("k", ANY, required=False, default=0),
    Parameter("sure", INT, required=False, default=0),
)


def make_tools(chance: Random) -> Tools:
    """Make up the resources that the tools use."""
    tools = {}
    for name, effect in EFFECTS.items():
        patterns = list(dict.fromkeys(chance.choices(PATTERNS, k=chance.choice([1, 1, 2]))))
        if name in STATEFUL:
            patterns = [OUTSIDE] if chance.random() < 0.5 else ["desk:{x}"]
        resources = () if effect in (Effect.PURE, Effect.UNDECLARED) else tuple(Resource(p) for p in patterns)
        tools[name] = Signature(name, PARAMETERS, ANY, effect, resources)
    return tools


def digest(*parts: Json) -> int:
    """Return a number that depends on all of the parts."""
    return crc32(json.dumps(parts).encode())


@dataclass
class Outside:
    """One world. `calls`: what acted, in order; `writes`: what each resource has seen; `stirred`: what all of them have."""

    tools: Tools
    seed: int = 0
    calls: list[Call] = field(default_factory=list)
    began: list[Call] = field(default_factory=list)
    failures: int = 0
    writes: dict[str, list[int]] = field(default_factory=dict)
    stirred: list[int] = field(default_factory=list)
    asked: Counter[str] = field(default_factory=Counter)

    def functions(self) -> dict[str, Callable[..., Json]]:
        """Return the tools as functions that act at once."""
        return {name: partial(self.act, name) for name in self.tools}

    def act(self, name: str, x: Json, k: Json = 0, sure: Json = 0) -> Json:
        """Make a call: change the state, and answer or fail."""
        signature = self.tools[name]
        arguments: dict[str, Json] = {"x": x, "k": k, "sure": sure}
        self.calls.append((name, arguments))
        if name in STATEFUL:
            return self._asked(name, x)
        state = self._state(signature, arguments)
        number = digest(self.seed, name, x, k, state)
        if not sure and digest(self.seed, "fails", name, x, k) % 9 == 0:
            self.failures += 1
            raise FAILURES[number % len(FAILURES)](f"{name} of {number % 10}")
        return answer(name, number)

    def _asked(self, name: str, x: Json) -> Json:
        times = self.asked[name + json.dumps(x)] = self.asked[name + json.dumps(x)] + 1
        last = digest(self.seed, name, x) % 3
        if name == "fetch" and times <= last:
            self.failures += 1
            raise (TimeoutError, ValueError)[times % 2](f"not yet, {times}")
        return "done" if name == "poll" and times > last else times

    def _state(self, signature: Signature, arguments: Mapping[str, Json]) -> Json:
        """Return what a call sees, and note what it writes, also if it fails then."""
        seen: list[Json] = []
        mark = digest(signature.name, dict(arguments))
        if signature.effect is Effect.UNDECLARED:
            seen = [[key, *self.writes[key]] for key in sorted(self.writes)]
            self.stirred.append(mark)
        elif signature.effect is not Effect.PURE:
            keys = list(dict.fromkeys(resource_keys(signature, arguments)))
            seen = [[key, *self.writes.get(key, [])] for key in keys]
            if signature.effect.writes:
                for key in keys:
                    self.writes.setdefault(key, []).append(mark)
        return [*seen, *self.stirred] if signature.effect is not Effect.PURE else []

    async def run(self, name: str, pause: Pause, x: Json, k: Json = 0, sure: Json = 0) -> Json:
        """Make a call that takes its time before and after it acts."""
        self.began.append((name, {"x": x, "k": k, "sure": sure}))
        await pause()
        try:
            return self.act(name, x, k, sure)
        finally:
            await pause()


def answer(name: str, number: int) -> Json:
    """Return what a tool answers with: a number, or a record of rows and of lists by key."""
    if name not in ANSWER_WITH_RECORDS:
        return number % 23
    rows: list[Json] = [
        {"n": number // (place + 3) % 9, "tag": f"t{number % (place + 2)}"} for place in range(number % 4)
    ]
    return {"id": number % 7, "rows": rows, "more": {"a": [number % 5], "b": []}}


def random_pause(chance: Random) -> Pause:
    """Return pauses of random length."""

    async def pause() -> None:
        await anyio.sleep(chance.choice([0, 0, 0.01, chance.randrange(1, 50) / 100]))

    return pause


def reversed_pause() -> Pause:
    """Return pauses that get shorter and shorter: what began last ends first."""
    begun = [0]

    async def pause() -> None:
        begun[0] += 1
        await anyio.sleep(10 / begun[0])

    return pause
