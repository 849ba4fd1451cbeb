"""Say what values are evaluated in: frames that hold names and results, the scopes of comprehensions, what a run gives.

A frame is a mapping: names as they are, results by the id of their task, inputs as `$name`. A comprehension or function has a
frame of its own, with the one around it under UP: a name is read where it stands when it is read, as in CPython.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Final, TypeAlias

from lcc.grammar.dataclass import dataclass
from lcc.grammar.ir.blocks import value_locals
from lcc.grammar.ir.expressions import Const, Element, Input, Ref, TaskId, Value
from lcc.grammar.ir.operations import DICTS, SCALARS, Meter, OperationError, attribute, in_use
from lcc.grammar.ir.walk import reads
from lcc.grammar.values import PathError, at_path, show_path

Key: TypeAlias = str | TaskId
Frame: TypeAlias = Mapping[Any, Any]
"""What a value is evaluated in: `Mapping[Key, object]`."""
Code: TypeAlias = Callable[[Frame], Any]
"""A value that is ready to be evaluated."""

_JSON: Final = frozenset({*SCALARS, list, *DICTS})
UP: Final = ""
"""The key of the frame around one; no name is empty."""
NOT_TAKEN: Final = object()
"""What a frame holds for a step that wasn't taken."""


class NoElement:
    """What a frame holds for an element that a list doesn't have. `count`: of those that it has."""

    __slots__ = ("count",)

    def __init__(self, count: int) -> None:
        self.count = count


class NotTaken(Exception):
    """A value reads a step that wasn't taken, so it isn't taken itself. No handler of a program sees it."""


def not_defined(name: str) -> NameError:
    """Return what CPython raises for a name of the program that nothing has bound yet."""
    return NameError(f"name '{name}' is not defined")


class Evaluation:
    """What evaluating takes and gives during a run: the meter, the instant that clocks show.

    `unbound` makes the error for a name that isn't bound: who renames names knows what they were called. `roots` returns the
    values that are in use beside those that are being evaluated; without it, what was made counts until the end. What the meter
    has used and `freed` are together what was made so far, in bytes. `at_work`: several values are evaluated as one.
    """

    __slots__ = ("_mark", "_seen", "at_work", "freed", "meter", "now", "roots", "unbound")

    def __init__(
        self,
        meter: Meter,
        now: datetime | None = None,
        unbound: Callable[[str], NameError] = not_defined,
        roots: Callable[[], Iterable[Any]] | None = None,
    ) -> None:
        self.meter = meter
        self.now = now
        self.unbound = unbound
        self.roots = roots
        self._seen = 0
        self.freed = 0
        self._mark = 0
        self.at_work = False
        if roots is not None:
            meter.live = self._live

    def _live(self, meter: Meter) -> int:
        """Return the bytes in use: of the roots, and all that was made while the value was evaluated that is at work."""
        made = meter.memory_used + self.freed
        roots = self.roots() if self.roots is not None else ()
        total = in_use(meter, roots) + made - self._mark
        self.freed = made - total
        return total

    def begin(self) -> None:
        """Begin with another value: what was made before is in use only where `roots` lead to it."""
        if not self.at_work:
            self._mark = self.meter.memory_used + self.freed

    def end_turn(self, made: int, kept: Any) -> None:
        """Give back what a turn of a loop made, so many bytes, but for the one value that it keeps."""
        kind = type(kept)
        if kind in SCALARS:
            size = 50 + 4 * len(kept) if kind is str else 32 + kept.bit_length() // 7 if kind is int else 32
            self._mark += max(0, made - size)

    def is_due(self, steps: int = 10_000) -> bool:
        """Whether so many steps were used since this last said so: time to let others work."""
        if self.meter.steps_used - self._seen < steps:
            return False
        self._seen = self.meter.steps_used
        return True

    def clock(self) -> datetime:
        """Return the instant of the run; raise OperationError where there is none, as before a run."""
        if self.now is None:
            raise OperationError("value", "the time of the run isn't known yet")
        return self.now


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a value stands: the names of the comprehensions and functions around it, the innermost first."""

    evaluation: Evaluation
    compile: Callable[[Value, Scope], Code]
    around: tuple[frozenset[str], ...] = ()

    @property
    def meter(self) -> Meter:
        """The meter of the evaluation."""
        return self.evaluation.meter

    def code(self, value: Value) -> Code:
        """Compile a value that stands here."""
        return self.compile(value, self)

    def inside(self, names: frozenset[str]) -> Scope:
        """Return the scope of a comprehension or function that stands here."""
        return Scope(self.evaluation, self.compile, (names, *self.around))


_NO_KEYS: Final[frozenset[Key]] = frozenset()


def frame_keys(value: Value) -> frozenset[Key]:
    """Return the keys of a frame that evaluating a value may read."""
    if type(value) is Const:
        return _NO_KEYS
    found: set[Key] = set(value_locals(value))
    for one, _ in reads(value):
        found.add(one.task if isinstance(one, Ref) else f"${one.name}")
    return frozenset(found)


def read_name(scope: Scope, name: str) -> Code:
    """Compile the reading of a name."""
    depth = next((at for at, names in enumerate(scope.around) if name in names), None)
    if depth is not None:
        return _read_own(name, depth)
    unbound = scope.evaluation.unbound

    def missing(name: Key) -> Exception:
        return unbound(str(name))

    return _read(name, len(scope.around), missing)


def read_result(scope: Scope, value: Ref | Input) -> Code:
    """Compile the reading of a result or an input, or of a part of it."""

    def missing(name: Key) -> Exception:
        return OperationError("value", f"`{name if isinstance(name, str) else f'${name}'}` isn't there")

    key = value.task if isinstance(value, Ref) else f"${value.name}"
    whole = _read(key, len(scope.around), missing)
    if type(key) is Element:
        whole = _there(key, whole)
    path = value.path
    return _part(f"${value.task if isinstance(value, Ref) else value.name}", whole, path) if path else whole


def _there(id: Element, read: Code) -> Code:
    """Refuse an element that a list doesn't have."""

    def run(frame: Frame) -> Any:
        value = read(frame)
        if type(value) is NoElement:
            raise PathError(f"${id}: index {id.place} of a list of {value.count}")
        return value

    return run


def _part(shown: str, whole: Code, path: tuple[str | int, ...]) -> Code:
    """Compile the following of a path; the error names what is read as it is written."""

    def run(frame: Frame) -> Any:
        value = whole(frame)
        try:
            return part_of(value, path)
        except PathError as error:
            raise PathError(f"{shown}{error}") from None

    return run


def part_of(value: Any, path: tuple[str | int, ...]) -> Any:
    """Follow a path as plan files mean it; what isn't JSON is read as an expression reads it."""
    for at, step in enumerate(path):
        kind = type(value)
        if type(step) is int and kind is tuple:
            value = value[step]
        elif type(step) is str and kind not in _JSON:
            value = attribute(value, step)
        else:
            try:
                value = at_path(value, (step,))
            except PathError:
                raise PathError(_wrong_path(value, path[: at + 1])) from None
    return value


def _wrong_path(value: Any, path: tuple[str | int, ...]) -> str:
    """Say what a path doesn't find, by all of it."""
    try:
        at_path(value, path[-1:])
    except PathError as error:
        return str(error).replace(show_path(path[-1:]), show_path(path), 1)
    raise AssertionError(path)


def _read(key: Key, depth: int, missing: Callable[[Key], Exception]) -> Code:
    """Compile the reading of a key of the frame that stands `depth` frames further out."""
    if depth == 0:

        def here(frame: Frame) -> Any:
            try:
                value = frame[key]
            except KeyError:
                raise missing(key) from None
            if value is NOT_TAKEN:
                raise NotTaken
            return value

        return here

    def further_out(frame: Frame) -> Any:
        for _ in around:
            frame = frame[UP]
        return at_home(frame)

    around = range(depth)
    at_home = _read(key, 0, missing)
    return further_out


def _read_own(name: str, depth: int) -> Code:
    """Compile the reading of a name that a comprehension or function binds."""
    if depth == 0:

        def here(frame: Frame) -> Any:
            try:
                return frame[name]
            except KeyError:
                what = f"local variable '{name}' where it is not associated with a value"
                raise UnboundLocalError(f"cannot access {what}") from None

        return here

    def further_out(frame: Frame) -> Any:
        for _ in around:
            frame = frame[UP]
        try:
            return frame[name]
        except KeyError:
            what = f"free variable '{name}' where it is not associated with a value in enclosing scope"
            raise NameError(f"cannot access {what}") from None

    around = range(depth)
    return further_out
