"""Word what is said to people: the name that was probably meant, lists, counts, durations."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import islice

_LONGEST = 100
"""Names longer than this are not compared: the comparison takes time in the product of the lengths."""


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name closest to `name`, or None if none is close; case, `-` and `_` count for little."""
    if len(name) > _LONGEST:
        return None
    from difflib import get_close_matches  # most names are right

    plain: dict[str, str] = {}
    for candidate in known:
        if len(candidate) <= _LONGEST:
            plain.setdefault(_fold(candidate), candidate)
    found = get_close_matches(_fold(name), plain, n=1, cutoff=0.6)
    return plain[found[0]] if found else None


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """Return a help text that names the closest known name, or None if none is close."""
    found = nearest(name, known)
    return None if found is None else f"did you mean `{found}`?"


def _fold(name: str) -> str:
    return name.casefold().replace("-", "_")


SHOWN = 5


def listed(names: Collection[object], shown: int = SHOWN) -> str:
    """Return the first few names, and whether there are more: `1, 2, 3[0], …`."""
    return ", ".join(map(str, islice(names, shown))) + (", …" if len(names) > shown else "")


def seconds(duration: float) -> str:
    """Return a duration with a unit that suits it: `3 µs`, `12 ms`, `1.25 s`, `2 min 5 s`."""
    if duration < 0.001:
        return f"{duration * 1e6:.0f} µs"
    if duration < 1:
        return f"{duration * 1e3:.0f} ms"
    if duration < 120:
        return f"{duration:.2f} s"
    minutes, rest = divmod(round(duration), 60)
    return f"{minutes} min {rest} s"


def plural(number: int, noun: str) -> str:
    """Return a count with its noun: `1 task`, `2 tasks`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def brief(text: str, limit: int = 60) -> str:
    """Return a text in at most `limit` characters; the cut is visible."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
