"""The programs: as a model writes them, gathered by hand, and the longest chain of calls that wait for one another."""

from __future__ import annotations

from typing import Final, NamedTuple


class Program(NamedTuple):
    """One program. `rounds`: the least number of calls in a row that any run of it takes."""

    plain: str
    gathered: str
    rounds: int


PROGRAMS: Final[dict[str, Program]] = {
    "heavy ships": Program(
        """
due = ships_due("monday")
heavy = []
for ship in due:
    tons = sum(cargo_of(ship.id))
    if tons > 60:
        heavy.append({"ship": ship.name, "tons": tons, "pilot": pilot_for(ship.id)})
heavy.sort(key=lambda row: row["tons"], reverse=True)
answer(heavy)
""",
        """
import asyncio
due = await ships_due("monday")
loads = await asyncio.gather(*[cargo_of(ship.id) for ship in due])
chosen = [(ship, sum(load)) for ship, load in zip(due, loads) if sum(load) > 60]
pilots = await asyncio.gather(*[pilot_for(ship.id) for ship, _ in chosen])
heavy = [{"ship": s.name, "tons": t, "pilot": p} for (s, t), p in zip(chosen, pilots)]
heavy.sort(key=lambda row: row["tons"], reverse=True)
answer(heavy)
""",
        3,
    ),
    "free berths": Program(
        """
free = {}
for quay in ["n", "s", "w"]:
    free[quay] = [b.id for b in berths(quay) if b.free and b.length >= 60]
high = [h for h in range(6, 12) if tide(h) > 3.0]
answer({"free": free, "hours": high})
""",
        """
import asyncio
quays = ["n", "s", "w"]
hours = range(6, 12)
found = await asyncio.gather(*[berths(q) for q in quays], *[tide(h) for h in hours])
free = {q: [b.id for b in bs if b.free and b.length >= 60] for q, bs in zip(quays, found)}
high = [h for h, t in zip(hours, found[len(quays):]) if t > 3.0]
answer({"free": free, "hours": high})
""",
        1,
    ),
    "reserve": Program(
        """
places = [b for b in berths("n") if b.free]
placed = []
for ship, berth in zip(ships_due("friday"), places):
    if ship.length <= berth.length:
        placed.append(reserve(berth.id, ship.id))
notify("harbour master", f"{len(placed)} berths are reserved")
answer(placed)
""",
        """
import asyncio
all_places, due = await asyncio.gather(berths("n"), ships_due("friday"))
pairs = [(s, b) for s, b in zip(due, [p for p in all_places if p.free]) if s.length <= b.length]
placed = await asyncio.gather(*[reserve(b.id, s.id) for s, b in pairs])
await notify("harbour master", f"{len(placed)} berths are reserved")
answer(list(placed))
""",
        4,
    ),
    "log": Program(
        """
entries = []
page = 0
while True:
    found = log_page(page)
    if not found:
        break
    entries.extend(found)
    page += 1
answer(len(entries))
""",
        """
entries = []
page = 0
while True:
    found = await log_page(page)
    if not found:
        break
    entries.extend(found)
    page += 1
answer(len(entries))
""",
        4,
    ),
    "tides": Program(
        """
lines = []
for hour in [5, 12, 30, 18]:
    try:
        lines.append(f"{hour:02d}: {tide(hour):.1f} m")
    except ValueError as error:
        lines.append(str(error))
answer("; ".join(lines))
""",
        """
import asyncio
hours = [5, 12, 30, 18]
found = await asyncio.gather(*[tide(h) for h in hours], return_exceptions=True)
lines = [str(t) if isinstance(t, ValueError) else f"{h:02d}: {t:.1f} m" for h, t in zip(hours, found)]
answer("; ".join(lines))
""",
        1,
    ),
    "crews": Program(
        """
def crew_of(day):
    return sum(ship.crew for ship in ships_due(day))

days = ["monday", "tuesday", "friday"]
crews = {day: crew_of(day) for day in days}
most = max(crews, key=crews.get)
pilots = Counter(pilot_for(ship.id) for ship in ships_due(most))
answer({"day": most, "crews": crews, "pilots": dict(pilots)})
""".replace("\ndef", "\nfrom collections import Counter\n\ndef", 1),
        """
import asyncio
from collections import Counter
days = ["monday", "tuesday", "friday"]
found = await asyncio.gather(*[ships_due(day) for day in days])
crews = {day: sum(s.crew for s in ships) for day, ships in zip(days, found)}
most = max(crews, key=crews.get)
again = await ships_due(most)
pilots = Counter(await asyncio.gather(*[pilot_for(s.id) for s in again]))
answer({"day": most, "crews": crews, "pilots": dict(pilots)})
""",
        3,
    ),
}
