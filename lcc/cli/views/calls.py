"""Write calls and values for people: on one line, escaped."""

from __future__ import annotations


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
