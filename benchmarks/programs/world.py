"""Tools of a harbour: each call takes the same time and is noted."""

from __future__ import annotations

import os
from typing import TypedDict

import anyio

import lcc

LATENCY = [0.05]
"""Seconds a call takes, unless PROGRAM_LATENCY says otherwise."""
CALLS: list[str] = []


class Ship(TypedDict):
    """What the harbour knows of a ship."""

    id: str
    name: str
    length: float
    crew: int


class Berth(TypedDict):
    """A place to moor."""

    id: str
    length: float
    free: bool


async def _call(name: str) -> None:
    CALLS.append(name)
    await anyio.sleep(float(os.environ.get("PROGRAM_LATENCY", LATENCY[0])))


@lcc.tool(effect="read", resource="harbour")
async def ships_due(day: str) -> list[Ship]:
    """Ships that arrive on a day."""
    await _call("ships_due")
    return [{"id": f"v{i}", "name": f"Vessel {i}", "length": 20.0 + 15 * i, "crew": 3 + i} for i in range(6)]


@lcc.tool(effect="read", resource="harbour")
async def berths(quay: str) -> list[Berth]:
    """Berths of a quay."""
    await _call("berths")
    return [{"id": f"{quay}{i}", "length": 30.0 * (i + 1), "free": i % 2 == 0} for i in range(4)]


@lcc.tool(effect="read", resource="cargo")
async def cargo_of(ship: str) -> list[float]:
    """Tons of each hold."""
    await _call("cargo_of")
    return [10.0 * (int(ship[1:]) + k) for k in range(3)]


@lcc.tool(effect="read", resource="tides")
async def tide(hour: int) -> float:
    """Height of the tide in metres. Fails for hours that a day doesn't have."""
    await _call("tide")
    if not 0 <= hour < 24:
        raise ValueError(f"no such hour: {hour}")
    return round(2.0 + (hour % 12) / 4, 2)


@lcc.tool(effect="read", resource="pilots")
async def pilot_for(ship: str) -> str:
    """The pilot who knows a ship best."""
    await _call("pilot_for")
    return f"pilot {int(ship[1:]) % 3}"


@lcc.tool(effect="read", resource="log")
async def log_page(page: int) -> list[str]:
    """A page of the log; pages behind the last are empty."""
    await _call("log_page")
    return [f"entry {page}.{i}" for i in range(3)] if page < 3 else []


@lcc.tool(effect="write", resource="berth:{berth}")
async def reserve(berth: str, ship: str) -> str:
    """Reserve a berth."""
    await _call("reserve")
    return f"{berth} for {ship}"


@lcc.tool(effect="write", resource="mail")
async def notify(to: str, text: str) -> bool:
    """Send a message."""
    await _call("notify")
    return bool(to and text)
