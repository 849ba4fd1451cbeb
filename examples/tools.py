"""Offer real tools that need no network: search, facts, a calculator with units, climate, and an outbox.

    lcc run examples/plans/mountains.plan --tools examples/tools.py

The knowledge base lies in `examples/data/`. It answers in microseconds; set EXAMPLES_LATENCY to a number of seconds to make
`search` and `fact` as slow as a service behind a network would be. Messages are appended to files in the folder
EXAMPLES_OUTBOX (default: `outbox`).
"""

from __future__ import annotations

import json
import math as mathematics
import os
import re
import sqlite3
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, Literal, TypedDict
from zlib import crc32

import anyio
import pint

import lcc
from lcc.tools.calculator import calculate, in_unit, unit_name, units

DATA = Path(__file__).with_name("data")
LATENCY = float(os.environ.get("EXAMPLES_LATENCY", "0"))
OUTBOX = Path(os.environ.get("EXAMPLES_OUTBOX", "outbox"))

Property = Literal["area", "depth", "height", "length", "market cap", "population", "speed"]


class Fact(TypedDict):
    """A property of something, in a unit; `as_of` is a year or a day, or empty where the value doesn't change."""

    entity: str
    property: str
    value: float
    unit: str
    as_of: str


class Climate(TypedDict):
    """What an average month is like: the mean daily highest and lowest temperature in °C, and the rain in mm."""

    high: float
    low: float
    rain: float


class Place(TypedDict):
    """A place in a ranking, counted from 1."""

    place: int
    name: str
    value: float


@lcc.tool(effect="read", resource="knowledge", trusted=True, cost=0.3)
async def search(query: str) -> str:
    """Return the paragraph of the knowledge base that fits the query best."""
    await _answer_late(query)
    terms = " OR ".join(f'"{word}"' for word in re.findall(r"\w+", query)[:32])
    if not terms:
        raise ValueError("the query holds no word")
    with _lock:
        row = (
            _index()
            .execute(
                "SELECT text FROM paragraphs WHERE paragraphs MATCH ? ORDER BY bm25(paragraphs, 8, 1) LIMIT 1", (terms,)
            )
            .fetchone()
        )
    if row is None:
        raise LookupError(f"nothing in the knowledge base fits {query!r}")
    text: str = row[0]
    return text


@lcc.tool(effect="read", resource="knowledge", trusted=True, cost=0.3)
async def fact(entity: str, property: Property) -> Fact:
    """Look up a property of an entity: the height of a mountain, the market cap of a company."""
    await _answer_late(entity)
    name, facts = _entity(entity)
    if property not in facts:
        raise LookupError(f"no {property} of {name} is known; known: {', '.join(facts)}")
    found = facts[property]
    return Fact(
        entity=name,
        property=property,
        value=float(found["value"]),
        unit=found["unit"],
        as_of=found.get("as_of", ""),
    )


@lcc.tool(effect="pure", fold=True, cost=0.001)
def math(expression: str, unit: str = "") -> float:
    """Compute an arithmetic expression, with units if it has any: `8849 m - 5895 m`, `max(3, 4)`, `2.99e12 / 2.79e12`.

    `unit` is the unit of the result; a result that has a dimension needs one.
    """
    return calculate(expression, unit)


@lcc.tool(effect="pure", fold=True, cost=0.001)
def convert(value: float, source: str, target: str, digits: int = 2) -> float:
    """Convert a value from one unit to another, rounded, temperatures included: 68.0 for `convert(20, "degC", "degF")`."""
    return round(in_unit(units().Quantity(value, unit_name(source)), target), digits)


@lcc.tool(effect="pure", fold=True, cost=0.001)
def measure(text: str, unit: str) -> float:
    """Return the first quantity that a text gives in `unit`, else the first that can be converted to it.

    6961.0 for "m" and "about 15 km from Chile, its summit stands at 6,961 metres (22,838 ft)".
    """
    wanted = units().Unit(unit_name(unit))
    found = [quantity for quantity in _quantities(text) if quantity.is_compatible_with(wanted)]
    if not found:
        raise LookupError(f"the text holds no quantity in {unit}")
    return in_unit(next((quantity for quantity in found if quantity.units == wanted), found[0]), unit)


@lcc.tool(effect="pure", fold=True, cost=0.001)
def rank(names: list[str], values: list[float], top: int = 3) -> list[Place]:
    """Rank names by their values, highest first, and return the `top` places."""
    if len(names) != len(values):
        raise ValueError(f"{len(names)} names, but {len(values)} values")
    order = sorted(zip(names, values, strict=True), key=lambda pair: -pair[1])
    return [Place(place=n, name=name, value=value) for n, (name, value) in enumerate(order[:top], 1)]


@lcc.tool(effect="pure", fold=True, cost=0.001)
def climate(city: str, month: int) -> Climate:
    """Return what a month (1 to 12) is usually like in a city. Rounded; for planning a trip, not for science."""
    data = _city(city)
    if not 1 <= month <= 12:
        raise ValueError(f"month {month}: a year has 1 to 12")
    high, low, rain = (float(data[key][month - 1]) for key in ("high_c", "low_c", "rain_mm"))
    return Climate(high=high, low=low, rain=rain)


@lcc.tool(effect="pure", fold=True, cost=0.001)
def distance(origin: str, destination: str) -> float:
    """Return the distance between two cities as the crow flies, in km."""
    (a, b), (c, d) = ([mathematics.radians(x) for x in _city(city)["position"]] for city in (origin, destination))
    # The haversine formula on a sphere of the Earth's mean radius.
    h = mathematics.sin((c - a) / 2) ** 2 + mathematics.cos(a) * mathematics.cos(c) * mathematics.sin((d - b) / 2) ** 2
    return round(2 * 6371.0088 * mathematics.asin(mathematics.sqrt(h)), 1)


@lcc.tool(effect="write", resource="outbox:{to}", cost=0.001)
def send(to: str, message: str) -> int:
    """Append a message to the outbox of a recipient, and return how many messages wait there."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", to):
        raise ValueError(f"recipient {to!r}: use up to 64 letters, digits, `_` and `-`")
    OUTBOX.mkdir(parents=True, exist_ok=True)
    path = OUTBOX / f"{to}.txt"
    # A link that waits under the recipient's name could lead out of the folder.
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
    with open(os.open(path, flags, 0o600), "r+", encoding="utf-8") as file:
        file.write(" ".join(message.split()) + "\n")
        file.seek(0)
        return sum(1 for _ in file)


async def _answer_late(request: str) -> None:
    """Wait as a service would make one wait: between a half and one and a half times LATENCY, depending on the request."""
    await anyio.sleep(LATENCY * (0.5 + crc32(request.encode()) % 1000 / 1000))


_lock = Lock()


@cache
def _index() -> sqlite3.Connection:
    """Return the knowledge base in SQLite's full-text index: words by their stems, ranked by BM25, titles above text."""
    index = sqlite3.connect(":memory:", check_same_thread=False)
    index.execute("CREATE VIRTUAL TABLE paragraphs USING fts5(title, text, tokenize = 'porter unicode61')")
    index.executemany("INSERT INTO paragraphs VALUES (?, ?)", _read("knowledge").items())
    return index


@cache
def _read(name: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
    return data


def _entity(name: str) -> tuple[str, dict[str, Any]]:
    for known, facts in _read("facts").items():
        if known.casefold() == name.strip().casefold():
            return known, facts
    raise LookupError(f"nothing is known about {name!r}")


def _city(name: str) -> dict[str, Any]:
    for known, data in _read("climate").items():
        if known.casefold() == name.strip().casefold():
            found: dict[str, Any] = data
            return found
    raise LookupError(f"no data for the city {name!r}; known: {', '.join(_read('climate'))}")


_QUANTITY = re.compile(
    r"(\d[\d,]*(?:\.\d+)?)[ -]?(million |billion |trillion |)(square |sq |)(?:US )?(?!in\b)([A-Za-z]+(?:/[hs])?)(2?)\b"
)
calculate("0")  # reads the units now, so that a call at compile time needn't
_SCALES = {"": 1.0, "million ": 1e6, "billion ": 1e9, "trillion ": 1e12}


def _quantities(text: str) -> Iterator[pint.Quantity[float]]:
    """Yield every number of a text that a unit follows."""
    for number, scale, square, name, exponent in _QUANTITY.findall(text):
        try:
            unit = units().Unit(name) ** (2 if square or exponent else 1)
        except (pint.PintError, AttributeError):  # most words after a number are no units
            continue
        yield units().Quantity(float(number.replace(",", "")) * _SCALES[scale], unit)
