"""Bound what going through values takes: each function uses the steps, then a primitive of CPython may do the work.

Values are walked as they would be written out, so that a list of two times itself, sixty times over, counts for what it is.
A tuple of containers is walked for each time it stands somewhere, too: CPython keeps no hash of it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date, datetime, time, timedelta
from gc import get_referents
from itertools import chain, islice
from operator import itemgetter
from types import CellType
from typing import Final, NamedTuple

from lcc.grammar.ir.operations.basis.kinds import (
    DICTS,
    ITEMS,
    KEYS,
    KINDS,
    LAZY,
    SCALARS,
    VALUES,
    Lazy,
    MatchValue,
    Record,
    SetValue,
    Value,
    at_once,
    is_exception,
)
from lcc.grammar.ir.operations.basis.meter import Meter, OperationError

SIZED: Final[frozenset[type]] = frozenset({str, list, tuple, range, SetValue, *DICTS, KEYS, VALUES, ITEMS})
ITERABLE: Final[frozenset[type]] = SIZED | set(LAZY.values())
_SMALL: Final = frozenset({type(None), bool, float, date, time, datetime, timedelta})
_TEXT_OF_SMALL: Final = 100
"""Characters that the text of a small value takes at most."""
_TEXT_OF: Final = {type(None): 4, bool: 5, float: 25}
_SAFE_KEYS: Final = frozenset({type(None), bool, str, float, date, time, datetime})
_HASHED: Final[frozenset[type]] = frozenset({SetValue, KEYS, *DICTS})
_HASHES: Final = (1 << 61) - 1
"""CPython's hash of an integer is its remainder by this: smaller ones differ, but for -1 and -2."""
_WRITTEN: Final[frozenset[type]] = frozenset({list, tuple, *DICTS})
_PLAIN: Final = SCALARS | _WRITTEN
_MOST_AT_ONCE: Final = 1 << 20
"""Values, and characters, that are gone through together."""
_FEW: Final = 16
_LONG_NAME: Final = 64
_MANY_NAMES: Final = 64
_LONG: Final = 4096
_CHUNK: Final = 1024
_CHUNK_BYTES: Final = 1 << 20
"""Of an iterator, whose length isn't known, so many elements and bytes are made before they are paid for."""


def parts(value: Value) -> Collection[Value] | None:
    """Return the values inside of a container; None if the value is none."""
    kind = type(value)
    if kind in SCALARS:
        return None
    if kind in DICTS:
        return [*value.keys(), *value.values()]
    if kind in (list, tuple, SetValue, KEYS, VALUES):
        return value  # type: ignore[no-any-return]
    if kind is ITEMS:
        return [x for pair in value for x in pair]
    if is_exception(value):
        return value.args  # type: ignore[no-any-return]
    return (value.text,) if kind is MatchValue else None


def scalar_size(value: Value) -> int:
    """Return how many characters the text of a scalar takes at most."""
    kind = type(value)
    if kind is str:
        return len(value) + 2
    return value.bit_length() // 3 + 2 if kind is int else _TEXT_OF.get(kind, _TEXT_OF_SMALL)


def walk(meter: Meter, value: Value, *, cycles: bool = False, spread: int = 1) -> int:
    """Use a step for each value inside of one, as written out; return how many characters its text takes at most.

    `cycles`: what stands within itself is passed over, as repr does it, else it is an error. `spread`: so many times the steps.
    """
    kind = type(value)
    if kind in SCALARS:
        length = scalar_size(value)
        meter.step(spread * (1 + length // 256))
        return length
    if (kind is tuple or kind is list) and len(value) < _FEW and set(map(type, value)) <= SCALARS:
        length = 32 + sum(map(scalar_size, value)) + 2 * len(value)
        meter.step(spread * (2 + len(value) + length // 256))
        return length
    return size(meter, value, cycles=cycles, spread=spread).characters


class Size(NamedTuple):
    """What a value is as written out: characters, values, steps, how deep it goes, whether something stands within itself."""

    characters: int
    values: int
    steps: int
    depth: int
    cyclic: bool = False


def _quoted(text: str) -> int:
    return len(text) + 2


def size(
    meter: Meter,
    value: Value,
    *,
    cycles: bool = False,
    spread: int = 1,
    text_size: Callable[[str], int] = _quoted,
) -> Size:
    """Return the size of a value, whose steps are used; see `walk`. `text_size`: characters that a text takes at most."""
    if type(value) in _WRITTEN:
        found = _size_by_levels(meter, value, text_size)
        if found is not None:
            meter.step(spread * found.steps)
            return found
    return _Walk(meter, cycles, spread, text_size).size(value)


def _size_by_levels(meter: Meter, value: Value, text_size: Callable[[str], int]) -> Size | None:
    """Return the size of plain data, gone through level by level in C; None if it is large, deep or anything else."""
    level, kinds = [value], {type(value)}
    characters = values = steps = depth = 0
    while level:
        depth += 1
        if depth > meter.limits.depth or values + sum(map(len, level)) > _MOST_AT_ONCE:
            return None
        items, names = _level_below(level, kinds)
        kinds = set(map(type, items))
        texts, numbers = of_kind(str, items, kinds), of_kind(int, items, kinds)
        written = _size_of_names(names, text_size)
        if written is None or not kinds <= _PLAIN or sum(map(len, texts)) > _MOST_AT_ONCE:
            return None
        written += text_size("".join(texts)) + 2 * len(texts)
        if bits_of(numbers) > 63:
            written += sum(map(scalar_size, numbers))
        characters += 32 * len(level) + 27 * len(items) + written
        values += len(items)
        steps += 2 * len(level) + len(items) + written // 256
        kinds &= _WRITTEN
        level = [item for item in items if type(item) in _WRITTEN] if kinds else []
    return Size(characters, 1 + values, steps, depth)


def _level_below(level: list[Value], kinds: set[type]) -> tuple[list[Value], list[Value]]:
    """Return what stands in containers of some kinds, and the names of dicts."""
    if kinds <= DICTS:
        return list(chain.from_iterable(map(dict.values, level))), list(chain.from_iterable(level))
    dicts = [one for one in level if type(one) in DICTS] if kinds & DICTS else []
    items = list(chain.from_iterable([one for one in level if type(one) not in DICTS] if dicts else level))
    items += chain.from_iterable(map(dict.values, dicts))
    return items, list(chain.from_iterable(dicts))


def _size_of_names(names: list[Value], text_size: Callable[[str], int]) -> int | None:
    """Return how many characters names of dicts take at most; None if they are no texts, or long."""
    different = set(names)
    if not set(map(type, different)) <= {str}:
        return None
    longest = max(map(len, different), default=0)
    if longest > _LONG_NAME or len(different) > _MANY_NAMES:
        return text_size("".join(names)) + 4 * len(names) if sum(map(len, names)) <= _MOST_AT_ONCE else None
    return max(map(text_size, different)) * len(names) if names else 0


def of_kind(kind: type, items: list[Value], kinds: set[type]) -> list[Value]:
    """Return the items of a kind, of those whose kinds are given."""
    if kind not in kinds:
        return []
    return items if len(kinds) == 1 else [item for item in items if type(item) is kind]


def bits_of(numbers: list[int]) -> int:
    """Return how many bits the largest of integers has."""
    return max(max(numbers), -min(numbers)).bit_length() if numbers else 0


class _Walk:
    """One walk, which passes through what it has met before only in numbers."""

    def __init__(self, meter: Meter, cycles: bool, spread: int, text_size: Callable[[str], int]) -> None:
        self.meter = meter
        self.cycles = cycles
        self.spread = spread
        self.text_size = text_size
        self.known: dict[int, Size] = {}
        self.above: set[int] = set()

    def size(self, value: Value, depth: int = 1) -> Size:
        """Return the size of a value, whose steps are used."""
        inside = parts(value)
        if inside is None:
            characters = self.text_size(value) if type(value) is str else scalar_size(value)
            return self.paid(Size(characters, 1, 1 + characters // 256, 0))
        known = self.known.get(id(value))
        if known is not None:
            self.meter.deeper(depth + known.depth - 1)
            return self.paid(known)
        if self.cycles and id(value) in self.above:
            return self.paid(Size(5, 1, 1, 0, True))
        self.meter.deeper(depth)
        if type(value) in _HASHED:
            keys(self.meter, value, len(inside))
        self.above.add(id(value))
        found = self.inside(inside, depth)
        self.above.remove(id(value))
        if not found.cyclic:
            self.known[id(value)] = found
        return found

    def inside(self, items: Collection[Value], depth: int) -> Size:
        """Return the size of a container by its elements; scalars are added up here."""
        count = len(items)
        self.paid(Size(0, 0, 1 + count // 16, 1))
        if set(map(type, items)) <= _SMALL:
            return Size(32 + (_TEXT_OF_SMALL + 2) * count, 1 + count, 1 + count // 16, 1)
        characters, values, own, steps, deepest, cyclic = 32 + 2 * count, 1, 0, 1 + count // 16, 0, False
        for item in items:
            if type(item) in SCALARS:
                length = self.text_size(item) if type(item) is str else scalar_size(item)
                own += 1 + length // 256
                if length > _LONG:
                    self.paid(Size(0, 0, own, 0))
                    steps, own = steps + own, 0
                characters += length
                values += 1
            else:
                one = self.size(item, depth + 1)
                characters += one.characters
                values += one.values
                steps += one.steps
                deepest = max(deepest, one.depth)
                cyclic |= one.cyclic
        self.paid(Size(0, 0, own, 0))
        return Size(characters, values, steps + own, 1 + deepest, cyclic)

    def paid(self, size: Size) -> Size:
        """Use the steps of what isn't looked into further."""
        self.meter.step(self.spread * size.steps)
        return size


def depth_of(value: Value) -> int:
    """Return how deep lists and dicts are nested that don't stand within themselves."""
    depth, level = 0, [value]
    while level := [one for one in level if type(one) is list or type(one) is dict]:
        depth += 1
        level = list(chain.from_iterable(one.values() if type(one) is dict else one for one in level))
    return depth


def comparison(meter: Meter, first: Value, second: Value) -> None:
    """Use what comparing two values takes."""
    if type(first) in SCALARS or type(second) in SCALARS:
        if type(first) is str and type(second) is str:
            meter.characters(min(len(first), len(second)))
        return
    walk(meter, first)
    if type(first) in (SetValue, KEYS, ITEMS):
        walk(meter, second)


def membership(meter: Meter, count: int, item: Value) -> None:
    """Use what comparing so many values with an item takes."""
    kind = type(item)
    if kind in SCALARS:
        meter.elements(count * (1 + len(item) // 256 if kind is str else 1))
    else:
        walk(meter, item, spread=count + 1)


def sorting(meter: Meter, items: list[Value], count: int) -> None:
    """Use what comparing elements with each other takes, as often as sorting does."""
    rounds = max(1, count).bit_length()
    kinds = set(map(type, items))
    if kinds <= _SMALL | {int}:
        meter.elements(count * rounds)
    elif kinds <= SCALARS:
        text = sum(map(len, of_kind(str, items, kinds)))
        meter.step(1 + (count * rounds) // 16 + text * rounds // 256)
    else:
        walk(meter, items, spread=rounds)


def key(meter: Meter, value: Value, count: int = 0) -> None:
    """Use what hashing a key takes, and finding it among so many.

    Texts have hashes that nobody can foresee. Tuples and large integers may have been chosen to collide: they pay for that.
    """
    kind = type(value)
    if kind in _SAFE_KEYS or (kind is int and -_HASHES < value < _HASHES):
        return
    if kind is tuple:
        walk(meter, value)
    if kind is not tuple or not all(type(x) in (str, bool) or (type(x) is int and 0 <= x < 1 << 31) for x in value):
        meter.step(count // 16)


def keys(meter: Meter, values: Iterable[Value], count: int) -> None:
    """Use what putting values into a dict or set takes."""
    meter.elements(count)
    items = at_once(values)
    if are_plain_keys(items):
        return
    if set(map(type, items)) == {tuple} and _flat_keys(meter, items, count):
        return
    for value in items:
        key(meter, value, count)


def are_plain_keys(values: Iterable[Value]) -> bool:
    """Whether hashing each of these values, and finding it, takes nothing beside the step."""
    kinds = set(map(type, values))
    return kinds <= _SAFE_KEYS or (kinds == {int} and min(values) > -_HASHES and max(values) < _HASHES)


def _flat_keys(meter: Meter, tuples: Collection[Value], count: int) -> bool:
    """Use what `key` takes for each of short tuples of scalars; return False, and use nothing, for others."""
    parts = walk_flat(meter, tuples)
    if parts is None:
        return False
    kinds = set(map(type, parts))
    numbers = of_kind(int, parts, kinds)
    if not kinds <= {str, bool, int} or (numbers and (min(numbers) < 0 or max(numbers) >= 1 << 31)):
        meter.step(count * (count // 16))
    return True


def walk_flat(meter: Meter, rows: Collection[Value]) -> list[Value] | None:
    """Use what `walk` takes for each of short tuples, or lists, of scalars, and return what is in them; None, and nothing is used, for others."""
    if max(map(len, rows)) >= _FEW:
        return None
    parts = list(chain.from_iterable(rows))
    kinds = set(map(type, parts))
    if not kinds <= SCALARS:
        return None
    numbers = of_kind(int, parts, kinds)
    length = 34 * len(parts) + sum(map(len, of_kind(str, parts, kinds))) + len(numbers) * (bits_of(numbers) // 3)
    meter.step(2 * len(rows) + len(parts) + length // 256)
    return parts


def listed(
    meter: Meter, iterable: Value, *, most: int | None = None, use: Callable[[list[Value]], Value] | None = None
) -> list[Value]:
    """Return the elements of an iterable as a list, paid for before it is made; `most`: no more than so many.

    `use`: what is done with the elements; where reading fails it is done with those before first, since CPython does it as it reads.
    """
    if type(iterable) is list and most is None:
        return iterable
    out: list[Value] = []
    if type(iterable) in SIZED:
        count = len(iterable) if most is None else min(len(iterable), most)
        new = type(iterable) in (range, ITEMS) or (type(iterable) is str and not iterable.isascii())
        meter.new_items(count, 84 if new else 8)
        items = at_once(iterable)
        return list(items if most is None else islice(items, most))
    if not isinstance(iterable, Lazy):
        iter(iterable)
        raise TypeError(f"'{type(iterable).__name__}' object is not iterable")
    try:
        for chunk in _chunks(iterable, most):
            out += chunk
            meter.new_items(len(chunk), iterable.width)
    except OperationError:
        raise
    except Exception:
        if use is not None and out:
            use(out)
        raise
    return out


def extend(meter: Meter, target: list[Value], values: Value) -> None:
    """Add the elements of an iterable to a list, paid for; those of an iterator as they are read, since it may look at the list."""
    if not isinstance(values, Lazy):
        items = listed(meter, values)
        meter.new_items(len(items))
        target += items
        return
    wanted = max(1, min(_CHUNK, _CHUNK_BYTES // values.width))
    added = wanted
    while added == wanted:
        before = len(target)
        try:
            target.extend(islice(values.iterator, wanted))
        finally:
            added = len(target) - before
        meter.new_items(added, values.width)


def _chunks(lazy: Lazy, most: int | None) -> Iterator[list[Value]]:
    left = most
    largest = max(1, min(_CHUNK, _CHUNK_BYTES // lazy.width))
    while left is None or left > 0:
        wanted = largest if left is None else min(left, largest)
        chunk: list[Value] = []
        failure: Exception | None = None
        try:
            chunk.extend(islice(lazy.iterator, wanted))
        except Exception as error:
            failure = error
        yield chunk
        if failure is not None:
            raise failure
        if len(chunk) < wanted:
            return
        left = None if left is None else left - len(chunk)


def pairs(meter: Meter, iterable: Value) -> list[tuple[Value, ...]]:
    """Return the pairs of which a dict is made, paid for; their lengths are not checked. Raise what dict raises."""
    items = listed(meter, iterable)
    if set(map(type, items)) == {tuple} and set(map(len, items)) == {2}:
        meter.memory(172 * len(items))
        meter.step(2 * len(items))
        keys(meter, list(map(itemgetter(0), items)), len(items))
        return items
    out = []
    for at, item in enumerate(items):
        if type(item) not in ITERABLE:
            raise TypeError(f"cannot convert dictionary update sequence element #{at} to a sequence")
        out.append(tuple(listed(meter, item, most=3)))
        if len(out[-1]) != 2:
            size = len(item) if type(item) in SIZED else len(out[-1])
            raise ValueError(f"dictionary update sequence element #{at} has length {size}; 2 is required")
    keys(meter, [p[0] for p in out], len(out))
    meter.new_items(len(out), 100)
    return out


def _held(value: object) -> list[object]:
    """Return what an iterator holds: CPython's own say it to the collector, and so do generators, of their variables."""
    holder = value.iterator if isinstance(value, Lazy) else value
    return get_referents(holder) if hasattr(type(holder), "__next__") or type(holder) is CellType else []


def in_use(meter: Meter, roots: Iterable[Value]) -> int:
    """Return about how many bytes values take together, each of which counts once; use the steps for that."""
    seen: set[int] = set()
    stack = list(roots)
    total = 0
    while stack:
        value = stack.pop()
        if id(value) in seen or value is None:
            continue
        seen.add(id(value))
        meter.step(1) if len(seen) % 8 == 0 else None
        inside = _held(value) if isinstance(value, Lazy) or type(value) not in KINDS else parts(value)
        if inside is None:
            total += 28 + (len(value) if type(value) is str and value.isascii() else scalar_size(value) * 4)
        else:
            each = 100 if type(value) in (dict, Record, Counter, defaultdict, SetValue) else 8
            items = list(inside)
            total += 64 + each * len(items)
            stack += items
    return total
