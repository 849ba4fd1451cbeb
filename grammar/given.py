"""Say what is wrong with an argument that a program gives: what it is, what is wanted, and what to do."""

from __future__ import annotations

import inspect
from reprlib import Repr
from types import ModuleType
from typing import Final

LONGEST: Final = 10**9
"""Seconds that any clock can wait: 31 years."""
_SHOWN: Final = 60
_NAMES: Final = {str: "text", bytes: "bytes", bool: "a bool", int: "an int", dict: "a dict", list: "a list"}


def require(value: object, kinds: type | tuple[type, ...], name: str, wanted: str) -> None:
    """Raise TypeError unless a value is of one of these classes, True being no number. `wanted`: what is, and how to get it."""
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in _each(kinds)):
        raise TypeError(f"{name} is {kind_of(value)}, not {wanted}")


def _each(kinds: type | tuple[type, ...]) -> tuple[type, ...]:
    return kinds if isinstance(kinds, tuple) else (kinds,)


def require_number(value: object, name: str, *, whole: bool = False) -> None:
    """Raise TypeError unless a value is None or a number. True is none."""
    if value is not None:
        require(value, int if whole else (int, float), name, "an int" if whole else "a number")


def require_seconds(value: object, name: str) -> None:
    """Raise TypeError unless a value is None or a number, and ValueError for more seconds than a clock can wait."""
    if value is not None:
        require(value, (int, float), name, "a number of seconds")
        if value > LONGEST:  # type: ignore[operator]
            raise ValueError(f"{name} must be at most {LONGEST:,} seconds, not {in_brief(value)}")


def require_callable(value: object, name: str, wanted: str) -> None:
    """Raise TypeError unless a value is None or can be called."""
    if value is not None and not callable(value):
        raise TypeError(f"{name} is {kind_of(value)}, not {wanted}")


def require_listener(value: object) -> None:
    """Raise TypeError unless `on_event` is None or can be called: nobody would await what a coroutine function returns."""
    require_callable(value, "on_event", "a function of one event")
    call = value if inspect.isroutine(value) else getattr(value, "__call__", value)  # noqa: B004
    if inspect.iscoroutinefunction(call):
        raise TypeError("on_event is a coroutine function, and is called, not awaited; iterate over the events instead")


def in_brief(value: object) -> str:
    """Return a short text for a value that is none of those wanted; of one that has none, what it is."""
    try:
        text = _SHORT.repr(value)
    except Exception:  # of code that belongs to the value
        return kind_of(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


_SHORT: Final = Repr()
_SHORT.maxother = _SHORT.maxstring = _SHORT.maxlong = _SHOWN


def kind_of(value: object) -> str:
    """Return what a value is, with an article, and nothing of what it holds."""
    if value is None:
        return "None"
    if isinstance(value, ModuleType):
        return "a module"
    if inspect.iscoroutine(value):
        return "a coroutine that nobody has awaited"
    if isinstance(value, type):
        return f"the class {value.__name__}"
    if inspect.isroutine(value):
        return "a function"
    name = type(value).__name__
    return _NAMES.get(type(value)) or f"{'an' if name[:1] in 'AEIOUaeiou' else 'a'} {name}"
