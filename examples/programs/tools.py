"""Offer tools of a small town for the programs beside: a library, a greenhouse, ferries, a bakery, an observatory.

    lcc run examples/programs/overdue.py --tools examples/programs/tools.py

What is read is made up here; what is written is appended to files in the folder EXAMPLES_OUTBOX (default: `outbox`).
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, TypedDict

import lcc

OUTBOX = Path(os.environ.get("EXAMPLES_OUTBOX", "outbox"))

LOANS = {
    "ada": [{"book": "Tides", "days": 31}, {"book": "Moss", "days": 4}],
    "ben": [{"book": "Kites", "days": 12}],
    "cleo": [{"book": "Bread", "days": 50}, {"book": "Stars", "days": 45}],
}
BEDS = {"north": [18.5, 19.0, 21.5], "south": [24.0, 29.5, 31.0], "west": []}
FERRIES = [
    {"id": "F1", "to": "Holm", "leaves": "08:15", "seats": 0, "price": 12},
    {"id": "F2", "to": "Holm", "leaves": "09:40", "seats": 3, "price": 14},
    {"id": "F3", "to": "Holm", "leaves": "11:05", "seats": 40, "price": 9},
    {"id": "F4", "to": "Skar", "leaves": "10:00", "seats": 8, "price": 21},
]
RECIPES = {
    "rye": {"flour": 500, "salt": 10, "water": 350},
    "buns": {"flour": 300, "butter": 80, "sugar": 60},
    "focaccia": {"flour": 400, "oil": 50, "salt": 12},
}
PANTRY = {"flour": 1000, "salt": 15, "water": 9000, "butter": 200, "sugar": 40}
NIGHTS = {"mon": 80, "tue": 35, "wed": 10, "thu": 55}
OBJECTS = [
    {"name": "M13", "kind": "cluster", "magnitude": 5.8},
    {"name": "M31", "kind": "galaxy", "magnitude": 3.4},
    {"name": "M57", "kind": "nebula", "magnitude": 8.8},
    {"name": "M81", "kind": "galaxy", "magnitude": 6.9},
]


class Member(TypedDict):
    """A member of the library."""

    name: str
    mail: str


class Loan(TypedDict):
    """A book that is lent, and for how many days it has been."""

    book: str
    days: int


class Ferry(TypedDict):
    """A ferry of today."""

    id: str
    to: str
    leaves: str
    seats: int
    price: int


class Sky(TypedDict):
    """What is to be seen in the sky."""

    name: str
    kind: str
    magnitude: float


def _append(name: str, row: Any) -> None:
    OUTBOX.mkdir(parents=True, exist_ok=True)
    with (OUTBOX / f"{name}.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")


@lcc.tool(effect="read", resource="library", cost=0.1)
def members() -> list[Member]:
    """List the members of the library."""
    return [{"name": name, "mail": f"{name}@town.example"} for name in LOANS]


@lcc.tool(effect="read", resource="library", cost=0.1)
def loans(member: str) -> list[Loan]:
    """List what a member has lent."""
    return [{"book": str(one["book"]), "days": int(str(one["days"]))} for one in LOANS[member]]


@lcc.tool(effect="write", resource="mail:{to}", cost=0.2)
def send_mail(to: str, text: str) -> str:
    """Send a mail; return its number."""
    _append("mail", [to, text])
    return f"mail to {to}"


@lcc.tool(effect="read", resource="beds", cost=0.1)
def readings(bed: str) -> list[float]:
    """Return the temperatures of a bed today; fail for a bed that isn't there."""
    if bed not in BEDS:
        raise LookupError(f"there is no bed {bed}")
    return BEDS[bed]


@lcc.tool(effect="write", resource="windows:{bed}", cost=0.2)
def open_windows(bed: str, share: int) -> bool:
    """Open the windows above a bed."""
    _append("windows", [bed, share])
    return True


@lcc.tool(effect="read", resource="ferries", cost=0.1)
def ferries(to: str) -> list[Ferry]:
    """List the ferries of today to a place, by the time they leave."""
    return [Ferry(**one) for one in FERRIES if one["to"] == to]  # type: ignore[typeddict-item]


@lcc.tool(effect="write", resource="seats:{ferry}", cost=0.3)
def book_seats(ferry: str, seats: int) -> str:
    """Book seats; fail if there are fewer left."""
    left = next(int(str(one["seats"])) for one in FERRIES if one["id"] == ferry)
    if left < seats:
        raise ValueError(f"{ferry} has {left} seats left")
    _append("seats", [ferry, seats])
    return f"{ferry}-{seats}"


@lcc.tool(effect="read", resource="recipes", cost=0.1)
def recipe(name: str) -> dict[str, int]:
    """Return what a recipe takes, in grams."""
    return RECIPES[name]


@lcc.tool(effect="read", resource="pantry", cost=0.1)
def in_stock(what: str) -> int:
    """Return how many grams of something there are; fail for what was never kept."""
    if what not in PANTRY:
        raise KeyError(what)
    return PANTRY[what]


@lcc.tool(effect="write", resource="orders:{what}", cost=0.2)
def order(what: str, grams: int) -> str:
    """Order something for the pantry."""
    _append("orders", [what, grams])
    return f"{grams} g of {what}"


@lcc.tool(effect="read", resource="clouds", cost=0.1)
def clouds(night: str) -> int:
    """Return how much of the sky is hidden on a night, in percent."""
    return NIGHTS[night]


@lcc.tool(effect="read", resource="catalogue", cost=0.1)
def catalogue() -> list[Sky]:
    """List what can be observed this week."""
    return [Sky(**one) for one in OBJECTS]  # type: ignore[typeddict-item]


@lcc.tool(effect="write", resource="schedule:{night}", cost=0.2)
def observe(night: str, name: str) -> str:
    """Put an observation on the schedule."""
    _append("schedule", [night, name])
    return f"{name} on {night}"
