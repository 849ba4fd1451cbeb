"""Make data classes as `dataclasses` does, with an `__init__` that is made when it is first asked for.

A start loads a hundred classes and makes instances of few of them; compiling methods for all of them took half of its time.
`dataclasses` finds the fields. What isn't `__init__` needs no text of its own: closures over the names of the fields do the same.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable
from operator import attrgetter
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any


def _late_dataclass(
    *, frozen: bool = False, slots: bool = False, eq: bool = True, kw_only: bool = False
) -> Callable[[type], type]:
    """Decorate a class. One that inherits fields is left to `dataclasses`."""

    def made(cls: type) -> type:
        if any("__dataclass_fields__" in vars(base) for base in cls.__mro__[1:]):
            whole: type = dataclasses.dataclass(frozen=frozen, slots=slots, eq=eq, kw_only=kw_only)(cls)
            return whole
        hashes = vars(cls).get("__hash__") is not None  # None: Python's own, beside an `__eq__`
        plain: Any = dataclasses.dataclass(init=False, repr=False, eq=False, slots=slots, kw_only=kw_only)
        done: Any = plain(cls)
        params = done.__dataclass_params__
        params.init, params.repr, params.eq, params.frozen = True, True, eq, frozen
        _add(done, "__init__", _LateInit(done))
        _add(done, "__repr__", _repr(done))
        if eq:
            equal, hashed = _comparing(done)
            _add(done, "__eq__", equal)
            if not hashes:
                done.__hash__ = hashed if frozen else None
        if frozen:
            _freeze(done, slots)
        out: type = done
        return out

    return made


if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:

    def dataclass(cls: type | None = None, /, **options: bool) -> Any:
        """Make a data class: `@dataclass`, or `@dataclass(frozen=…, slots=…, eq=…, kw_only=…)`."""
        return _late_dataclass(**options) if cls is None else _late_dataclass()(cls)


class _LateInit:
    """An `__init__` that makes itself when somebody asks for it, and isn't there any more afterwards."""

    __slots__ = ("_owner",)

    def __init__(self, owner: type) -> None:
        self._owner = owner

    def __get__(self, instance: object, owner: type) -> object:
        current = vars(self._owner)["__init__"]
        if current is self:
            current = _init_of(self._owner)
            type.__setattr__(self._owner, "__init__", current)
        return current.__get__(instance, owner)


def _init_of(cls: Any) -> Any:
    """Make the `__init__` of a class as `dataclasses` does; a frozen class with slots is filled through them, which is four times as fast."""
    fields = dataclasses.fields(cls)
    used: dict[str, object] = {"_missing": dataclasses.MISSING, "_set": object.__setattr__}
    lines = [line for one in fields if (line := _assignment(cls, one, used))]
    if hasattr(cls, "__post_init__"):
        lines.append("self.__post_init__()")
    given = [one for one in fields if one.init]
    named = [_parameter(one) for one in given if one.kw_only]
    taken = ["self", *(_parameter(one) for one in given if not one.kw_only), *(["*", *named] if named else ())]
    body = "\n  ".join(lines or ["pass"])
    text = f"def make({', '.join(used)}):\n def __init__({', '.join(taken)}):\n  {body}\n return __init__"
    made: dict[str, Any] = {}
    exec(text, vars(sys.modules[cls.__module__]), made)  # noqa: S102 (names of fields, from code)
    init = made["make"](**used)
    init.__qualname__ = f"{cls.__qualname__}.__init__"
    init.__annotations__ = {**{one.name: one.type for one in given}, "return": None}
    return init


def _parameter(one: dataclasses.Field[Any]) -> str:
    if one.default is not dataclasses.MISSING:
        return f"{one.name}=_default_{one.name}"
    return one.name if one.default_factory is dataclasses.MISSING else f"{one.name}=_missing"


def _assignment(cls: Any, one: dataclasses.Field[Any], used: dict[str, object]) -> str:
    """Return the line that sets a field, if `__init__` does, and add the objects that it and the parameter name to those `used`."""
    name = value = one.name
    if one.default is not dataclasses.MISSING:
        used[f"_default_{name}"] = one.default
        value = name if one.init else f"_default_{name}"
    elif one.default_factory is not dataclasses.MISSING:
        used[f"_new_{name}"] = one.default_factory
        value = f"_new_{name}() if {name} is _missing else {name}" if one.init else f"_new_{name}()"
    elif not one.init:
        return ""
    if not cls.__dataclass_params__.frozen:
        return f"self.{name} = {value}"
    if "__slots__" not in vars(cls):
        return f"_set(self, {name!r}, {value})"
    used[f"_set_{name}"] = vars(cls)[name].__set__
    return f"_set_{name}(self, {value})"


def _values(names: list[str]) -> Callable[[object], tuple[object, ...]]:
    """Return what reads attributes into a tuple."""
    if len(names) > 1:
        return attrgetter(*names)
    if not names:
        return lambda _: ()
    (name,) = names
    return lambda self: (getattr(self, name),)


def _comparing(cls: Any) -> tuple[Any, Any]:
    """Return `__eq__` and `__hash__`."""
    compared = [one for one in dataclasses.fields(cls) if one.compare]
    values = _values([one.name for one in compared])
    hashed = _values([one.name for one in compared if one.hash is not False])

    def __eq__(self: object, other: object) -> object:
        if other.__class__ is not self.__class__:
            return NotImplemented
        return values(self) == values(other)

    def __hash__(self: object) -> int:
        return hash(hashed(self))

    return __eq__, __hash__


def _repr(cls: Any) -> Any:
    names = [one.name for one in dataclasses.fields(cls) if one.repr]

    def __repr__(self: object) -> str:
        shown = ", ".join([f"{name}={getattr(self, name)!r}" for name in names])
        return f"{self.__class__.__qualname__}({shown})"

    return recursive_repr()(__repr__)


def _freeze(cls: Any, slots: bool) -> None:
    """Let nobody set or delete attributes, as far as they are the class's own."""
    names = frozenset(one.name for one in dataclasses.fields(cls))

    def __setattr__(self: object, name: str, value: object) -> None:
        if type(self) is cls or name in names:
            raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")
        super(cls, self).__setattr__(name, value)

    def __delattr__(self: object, name: str) -> None:
        if type(self) is cls or name in names:
            raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")
        super(cls, self).__delattr__(name)

    cls.__setattr__, cls.__delattr__ = __setattr__, __delattr__
    if slots:
        _add(cls, "__getstate__", _state)
        _add(cls, "__setstate__", _set_state)


def _state(self: Any) -> list[object]:
    return [getattr(self, one.name) for one in dataclasses.fields(self)]


def _set_state(self: Any, state: list[object]) -> None:
    for one, value in zip(dataclasses.fields(self), state, strict=True):
        object.__setattr__(self, one.name, value)


def _add(cls: Any, name: str, method: object) -> None:
    """Add a method that the class hasn't itself."""
    if name not in vars(cls):
        setattr(cls, name, method)
