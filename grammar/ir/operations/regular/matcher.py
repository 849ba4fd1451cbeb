"""Match regular expressions with bounded effort, and find what `re` finds.

CPython's parser reads a pattern; this module turns it into a small program and runs it by backtracking, in the order of choices in
which `re` tries them. It remembers at which choice and place it has failed, so that no work is done twice: what it does is at most the
product of the lengths of program and text (Davis, Servant and Lee, "Using selective memoization to defeat regular expression denial
of service", IEEE S&P 2021), and the meter counts it. It remembers too how many steps each failure took, and so knows the effort
without memory: where that has no end in CPython, it is an error here, and no answer that CPython would never give. What would make the memory unsound is refused: references to groups, atomic
groups, conditions, groups within a look-around, and repeats of what may be empty.

A letter is tested, and `^`, `$` and word borders are, by CPython's own code for just that part of the pattern.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import field
from functools import lru_cache
from importlib import import_module
from typing import Any, Final

from lcc.grammar.dataclass import dataclass
from lcc.grammar.ir.operations.basis.meter import Meter, OperationError, refused

_parser: Any = import_module("re._parser")
_compiler: Any = import_module("re._compiler")

FLAGS: Final = {
    "A": re.A, "ASCII": re.A, "I": re.I, "IGNORECASE": re.I, "M": re.M, "MULTILINE": re.M, "S": re.S, "DOTALL": re.S,
    "X": re.X, "VERBOSE": re.X, "U": re.U, "UNICODE": re.U,
}  # fmt: skip
_ALLOWED: Final = int(re.A | re.I | re.M | re.S | re.X | re.U)
_LONGEST: Final = 1000
_LARGEST: Final = 2000
_WIDEST: Final = 10_000
"""Letters of a range where case is ignored: CPython passes over each of them to compile it."""
_KNOWN_LETTERS: Final = 4096
MOST_EFFORT: Final = 4_000_000_000
"""Steps that a match would take without memory. `re` takes a second or more for so many."""
_LARGE: Final = 255
_FREE: Final = 10_000
_WAITING_BYTES: Final = 128
_SET_OF_SETS: Final = re.compile(r"\[\^?\[|\[[^\]]*(?:--|&&|~~|\|\|)")

CHAR, SPLIT, JUMP, SAVE, AT, LOOK, MATCH = range(7)

Spans = tuple[int, ...]
"""Start and end of each group, -1 where it takes no part."""


class Letters(dict[str, bool]):
    """Which letters one part of a pattern accepts, learnt by asking CPython."""

    def __init__(self, item: Any, flags: int) -> None:
        super().__init__()
        self.ranges: list[tuple[int, int]] = []
        self.negated = False
        self.accepts: re.Pattern[str] | None = _native(self._without_ranges(item, flags), flags)

    def _without_ranges(self, item: Any, flags: int) -> Any:
        """Take the ranges out of a set: CPython passes over each of their letters to compile it, and some are wide."""
        what, parts = item
        if str(what) != "IN" or flags & re.I:
            return item
        self.negated = str(parts[0][0]) == "NEGATE"
        self.ranges = [range_ for kind, range_ in parts if str(kind) == "RANGE"]
        return what, [part for part in parts if str(part[0]) not in ("RANGE", "NEGATE")]

    def __missing__(self, letter: str) -> bool:
        code = ord(letter)
        answer = any(first <= code <= last for first, last in self.ranges)
        if not answer and self.accepts is not None:
            answer = self.accepts.fullmatch(letter) is not None
        answer = answer is not self.negated
        if len(self) < _KNOWN_LETTERS:
            self[letter] = answer
        return answer


@dataclass(slots=True)
class Program:
    """A pattern as instructions `(what, a, b)`; `splits` of them are choices."""

    code: list[tuple[int, Any, Any]] = field(default_factory=list)
    groups: int = 1
    flags: int = 0
    names: dict[str, int] = field(default_factory=dict)
    splits: int = 0

    def emit(self, what: int, a: Any = None, b: Any = None) -> int:
        """Add an instruction and return its place."""
        if len(self.code) >= _LARGEST:
            raise refused("the regular expression is too large", "repeat less, or write a shorter pattern")
        self.code.append((what, a, b))
        return len(self.code) - 1

    def split(self) -> int:
        """Add a choice, whose ways are set later."""
        self.splits += 1
        return self.emit(SPLIT, 0, (0, self.splits - 1))

    def choose(self, at: int, first: int, second: int) -> None:
        """Set the ways of a choice, the preferred one first."""
        self.code[at] = (SPLIT, first, (second, self.code[at][2][1]))


def _endless() -> OperationError:
    return OperationError(
        "steps",
        f"this pattern takes more than {MOST_EFFORT:,} steps on this text",
        "write it so that each text is matched in one way only: `a+` for `(a+)+`, `[^,]*,` for `.*,`",
    )


def _refuse(what: str) -> Exception:
    return refused(f"a regular expression can't have {what} here", "write a simpler pattern")


class _Builder:
    """Turns a parsed pattern into a program, item by item."""

    def __init__(self, program: Program) -> None:
        self.program = program

    def sequence(self, items: Any, flags: int) -> None:
        for item in items:
            self.item(item, flags)

    def item(self, item: Any, flags: int) -> None:
        name = str(item[0])
        match name:
            case "LITERAL" | "NOT_LITERAL" | "ANY" | "IN":
                self.program.emit(CHAR, Letters(item, flags))
            case "AT":
                self.program.emit(AT, _native(item, flags))
            case "BRANCH":
                self.branch(item[1][1], flags)
            case "SUBPATTERN":
                self.group(item[1], flags)
            case "MAX_REPEAT" | "MIN_REPEAT":
                self.repeat(item[1], flags, name == "MAX_REPEAT")
            case "ASSERT" | "ASSERT_NOT":
                self.look(item[1], flags, name == "ASSERT_NOT")
            case _:
                raise _refuse(_NAMES.get(name, name.lower().replace("_", " ")))

    def group(self, parts: Any, flags: int) -> None:
        number, add, remove, body = parts
        if add & _TYPES:
            flags &= ~_TYPES
        flags = (flags | add) & ~remove
        if number is not None:
            self.program.emit(SAVE, 2 * number)
        self.sequence(body, flags)
        if number is not None:
            self.program.emit(SAVE, 2 * number + 1)

    def branch(self, ways: Any, flags: int) -> None:
        ends = []
        for way in ways[:-1]:
            at = self.program.split()
            self.sequence(way, flags)
            ends.append(self.program.emit(JUMP))
            self.program.choose(at, at + 1, len(self.program.code))
        self.sequence(ways[-1], flags)
        for end in ends:
            self.program.code[end] = (JUMP, len(self.program.code), None)

    def repeat(self, parts: Any, flags: int, greedy: bool) -> None:
        least, most, body = parts
        endless = most is _parser.MAXREPEAT
        if body.getwidth()[0] == 0 and (endless or most > max(1, least)):
            raise _refuse("a repeat of what may be empty")
        for _ in range(least):
            self.sequence(body, flags)
        program = self.program
        splits = []
        for _ in range(1 if endless else most - least):
            splits.append(program.split())
            self.sequence(body, flags)
        if endless:
            program.emit(JUMP, splits[0])
        end = len(program.code)
        for at in splits:
            program.choose(at, *((at + 1, end) if greedy else (end, at + 1)))

    def look(self, parts: Any, flags: int, negative: bool) -> None:
        direction, body = parts
        inner = Program()
        low, high = body.getwidth()
        if direction < 0 and low != high:
            raise re.error("look-behind requires fixed-width pattern")
        _Builder(inner).sequence(body, flags)
        if any(what == SAVE for what, _, _ in inner.code):
            raise _refuse("a group within a look-around")
        inner.emit(MATCH)
        self.program.emit(LOOK, (inner, low if direction < 0 else 0), negative)


_TYPES: Final = int(re.A | re.L | re.U)
_NAMES: Final = {
    "GROUPREF": "a reference to a group",
    "GROUPREF_EXISTS": "a condition",
    "ATOMIC_GROUP": "an atomic group",
    "POSSESSIVE_REPEAT": "a possessive repeat",
}


def _native(item: Any, flags: int) -> re.Pattern[str] | None:
    """Return the pattern that is one item; None for a set of nothing."""
    if str(item[0]) == "IN" and not item[1]:
        return None
    if str(item[0]) == "IN" and flags & re.I:
        for what, range_ in item[1]:
            if str(what) == "RANGE" and range_[1] - range_[0] > _WIDEST:
                raise _refuse("a range as wide as that where case is ignored")
    state = _parser.State()
    state.flags = flags
    compiled: re.Pattern[str] = _compiler.compile(_parser.SubPattern(state, [item]), flags)
    return compiled


@lru_cache(maxsize=256)
def program_of(pattern: str, flags: int) -> Program:
    """Return the program of a pattern; raise re.error for what isn't one, OperationError for what is refused."""
    if len(pattern) > _LONGEST:
        raise refused(f"a regular expression has at most {_LONGEST:,} characters")
    if int(flags) & ~_ALLOWED:
        raise refused("these flags of re aren't available", "use re.I, re.M, re.S, re.X or re.A")
    if _SET_OF_SETS.search(pattern):
        raise _refuse("a set of letters within another")
    try:
        parsed = _parser.parse(pattern, int(flags))
        state = parsed.state
        program = Program(groups=state.groups, flags=int(state.flags), names=dict(state.groupdict))
        _Builder(program).sequence(parsed, state.flags)
    except (RecursionError, OverflowError):
        raise refused("the regular expression is too large", "write a shorter pattern") from None
    program.emit(MATCH)
    return program


class Memory:
    """Where one program has failed on one text, and how many steps that took: those below 255 in a byte each, the others apart."""

    def __init__(self, size: int) -> None:
        self.small = bytearray(size)
        self.large: dict[int, int] = {}

    def forget(self, marks: list[int]) -> None:
        """Forget failures."""
        for mark in marks:
            self.small[mark] = 0
            self.large.pop(mark, None)


class Matcher:
    """One program on one text. `effort`: the steps that it would have taken so far without its memory."""

    def __init__(self, meter: Meter, program: Program, text: str) -> None:
        self.meter = meter
        self.program = program
        self.text = text
        self.effort = 0
        self._memories: dict[int, Memory] = {}

    def _memory(self, program: Program) -> Memory:
        found = self._memories.get(id(program))
        if found is None:
            size = program.splits * (len(self.text) + 1)
            self.meter.memory(size)
            self.meter.step(1 + size // 4096)
            found = self._memories[id(program)] = Memory(size)
        return found

    def run(self, program: Program, start: int, whole: bool = False, advance: bool = False) -> tuple[int, Spans] | None:
        """Match from a place; return the end and the groups. `whole`: up to the end; `advance`: not the empty text."""
        memory = self._memory(program)
        trail: list[int] = []
        least = len(self.text) if whole else start + 1 if advance else start
        found = self._run(program, start, least, memory, trail)
        if advance:  # what failed for being empty doesn't fail elsewhere
            self.meter.step(len(trail) // 16)
            memory.forget(trail)
        return found

    def _run(
        self, program: Program, place: int, least: int, memory: Memory, trail: list[int] | None
    ) -> tuple[int, Spans] | None:
        """`stack` holds second ways that are still to be tried, and the choices whose second way is being tried, as (-1, mark, begin)."""
        text, code, end, row = self.text, program.code, len(self.text), len(self.text) + 1
        failed, large = memory.small, memory.large
        spans: Spans = (-1,) * (2 * program.groups)
        stack: list[tuple[int, int, int, int, Spans]] = []
        at = used = spared = 0
        while True:
            what, a, b = code[at]
            at += 1
            used += 1
            if used & 63 == 0:
                self._pay(len(stack))
            if what == CHAR:
                if place < end and a[text[place]]:
                    place += 1
                    continue
            elif what == SPLIT:
                mark = b[1] * row + place
                known = failed[mark]
                if not known:
                    stack.append((b[0], mark, used + spared, place, spans))
                    at = a
                    continue
                spared += known if known < _LARGE else large[mark]
                if self.effort + spared > MOST_EFFORT:
                    raise _endless()
            elif what == SAVE:
                spans = (*spans[:a], place, *spans[a + 1 :])
                continue
            elif what == JUMP:
                at = a
                continue
            elif what == MATCH:
                if place >= least:
                    self.effort += used + spared
                    return place, spans
            else:
                before, self.effort = self.effort, self.effort + used + spared
                holds = self._holds(what, a, b, place)
                spared, self.effort = self.effort - before - used, before
                if holds:
                    continue
            while stack:
                at, mark, begin, place, spans = stack.pop()
                if at >= 0:
                    stack.append((-1, mark, begin, place, spans))
                    break
                self._fail(memory, mark, used + spared - begin)
                if trail is not None:
                    trail.append(mark)
            else:
                self.effort += used + spared
                return None

    def _pay(self, waiting: int) -> None:
        self.meter.step(16)
        if waiting > _FREE:
            self.meter.room(waiting * _WAITING_BYTES)

    def _fail(self, memory: Memory, mark: int, steps: int) -> None:
        if steps < _LARGE:
            memory.small[mark] = max(1, steps)
        else:
            if mark not in memory.large:
                self.meter.memory(100)
            memory.small[mark], memory.large[mark] = _LARGE, steps

    def _holds(self, what: int, a: Any, negative: Any, place: int) -> bool:
        if what == AT:
            return a.match(self.text, place) is not None
        program, back = a
        found = place >= back and self.run(program, place - back) is not None
        return found is not negative

    def search(self, start: int, advance: bool = False) -> tuple[int, int, Spans] | None:
        """Find the first match from a place on: start, end, groups."""
        text, program = self.text, self.program
        first = next((c for c in program.code if c[0] != SAVE), None)
        letters = first[1] if first is not None and first[0] == CHAR else None
        if advance:
            found = self.run(program, start, advance=True)
            if found is not None:
                return start, *found
            start += 1
        memory = self._memory(program)
        for at in range(start, len(text) + 1):
            if at & 63 == 0:
                self.meter.step(8)
            if letters is not None and (at == len(text) or not letters[text[at]]):
                continue
            self.meter.step()
            found = self._run(program, at, at, memory, None)
            if found is not None:
                return at, *found
        return None

    def matches(self) -> Iterator[tuple[int, int, Spans]]:
        """Yield the matches that don't overlap, as finditer does."""
        at, advance = 0, False
        while at <= len(self.text):
            found = self.search(at, advance)
            if found is None:
                return
            yield found
            at, advance = found[1], found[0] == found[1]
