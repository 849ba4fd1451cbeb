"""Declare the example tools. Enough to check, optimize and draw a plan where the tools' code isn't."""

from pathlib import Path
from typing import Literal, TypedDict

import lcc

LATENCY: float
OUTBOX: Path

Property = Literal["area", "depth", "height", "length", "market cap", "population", "speed"]

class Fact(TypedDict):
    entity: str
    property: str
    value: float
    unit: str
    as_of: str

class Climate(TypedDict):
    high: float
    low: float
    rain: float

class Place(TypedDict):
    place: int
    name: str
    value: float

@lcc.tool(effect="read", resource="knowledge", trusted=True, cost=0.3)
async def search(query: str) -> str:
    """Return the paragraph of the knowledge base that fits the query best."""

@lcc.tool(effect="read", resource="knowledge", trusted=True, cost=0.3)
async def fact(entity: str, property: Property) -> Fact:
    """Look up a property of an entity: the height of a mountain, the market cap of a company."""

@lcc.tool(effect="pure", fold=True, cost=0.001)
def math(expression: str, unit: str = "") -> float:
    """Compute an arithmetic expression, with units if it has any: `8849 m - 5895 m`, `max(3, 4)`, `2.99e12 / 2.79e12`.

    `unit` is the unit of the result; a result that has a dimension needs one.
    """

@lcc.tool(effect="pure", fold=True, cost=0.001)
def convert(value: float, source: str, target: str, digits: int = 2) -> float:
    """Convert a value from one unit to another, rounded, temperatures included: 68.0 for `convert(20, "degC", "degF")`."""

@lcc.tool(effect="pure", fold=True, cost=0.001)
def measure(text: str, unit: str) -> float:
    """Return the first quantity that a text gives in `unit`, else the first that can be converted to it.

    6961.0 for "m" and "about 15 km from Chile, its summit stands at 6,961 metres (22,838 ft)".
    """

@lcc.tool(effect="pure", fold=True, cost=0.001)
def rank(names: list[str], values: list[float], top: int = 3) -> list[Place]:
    """Rank names by their values, highest first, and return the `top` places."""

@lcc.tool(effect="pure", fold=True, cost=0.001)
def climate(city: str, month: int) -> Climate:
    """Return what a month (1 to 12) is usually like in a city. Rounded; for planning a trip, not for science."""

@lcc.tool(effect="pure", fold=True, cost=0.001)
def distance(origin: str, destination: str) -> float:
    """Return the distance between two cities as the crow flies, in km."""

@lcc.tool(effect="write", resource="outbox:{to}", cost=0.001)
def send(to: str, message: str) -> int:
    """Append a message to the outbox of a recipient, and return how many messages wait there."""
