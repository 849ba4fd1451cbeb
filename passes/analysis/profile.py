"""Remember how long the calls of each tool took, and what they cost, from run to run.

A profile is a JSON file. Profiles merge: of several runs, machines or days in any order the result is the same. Where a
tool's duration depends on the size of its arguments, that shows in `sizes`, one sketch for each power of four bytes.

A sketch counts durations in buckets each of which is longer than the one before by the same factor, so that the relative error of a
quantile is bounded and sketches add up: DDSketch (Masson, Rim and Lee, VLDB 2019).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import field
from math import ceil, log
from typing import Final

from lcc.grammar.dataclass import dataclass
from lcc.grammar.signatures import Cost
from lcc.grammar.values import Json, read_json

ACCURACY: Final = 0.01
"""How far a quantile may be off, relative to its value."""

SHORTEST: Final = 1e-6
LONGEST: Final = 1e7
"""Durations outside of these, in seconds, count as the nearer of the two, so that a sketch has at most 1,500 buckets."""

_GROWTH: Final = (1 + ACCURACY) / (1 - ACCURACY)
_LOG_GROWTH: Final = log(_GROWTH)
_NANO: Final = 1_000_000_000


@dataclass(slots=True)
class Sketch:
    """Durations in seconds. `nanoseconds` is their sum."""

    buckets: dict[int, int] = field(default_factory=dict)
    nanoseconds: int = 0

    @property
    def count(self) -> int:
        """How many durations were added."""
        return sum(self.buckets.values())

    @property
    def mean(self) -> float:
        """The mean duration in seconds; 0 if there is none."""
        count = self.count
        return self.nanoseconds / _NANO / count if count else 0.0

    def add(self, seconds: float) -> None:
        """Add a duration; raise ValueError for one that is negative or no number."""
        if not seconds >= 0:
            raise ValueError(f"not a duration: {seconds!r}")
        held = min(max(seconds, SHORTEST), LONGEST)
        bucket = ceil(log(held) / _LOG_GROWTH)
        self.buckets[bucket] = self.buckets.get(bucket, 0) + 1
        self.nanoseconds += round(min(seconds, LONGEST) * _NANO)

    def merge(self, other: Sketch) -> None:
        """Add all durations of another sketch."""
        for bucket, count in other.buckets.items():
            self.buckets[bucket] = self.buckets.get(bucket, 0) + count
        self.nanoseconds += other.nanoseconds

    def quantile(self, q: float) -> float:
        """Return the duration that a share `q` of all are not above, in seconds; 0 if there is none.

        Raise ValueError for a share outside of 0 to 1.
        """
        if not 0 <= q <= 1:
            raise ValueError(f"not a share: {q!r}")
        count = self.count
        if not count:
            return 0.0
        wanted = q * (count - 1)
        below = 0
        for bucket in sorted(self.buckets):
            below += self.buckets[bucket]
            if below > wanted:
                break
        return 2 * _GROWTH**bucket / (_GROWTH + 1)

    def to_json(self) -> dict[str, object]:
        """Return the sketch as JSON."""
        return {
            "nanoseconds": self.nanoseconds,
            "buckets": {str(bucket): self.buckets[bucket] for bucket in sorted(self.buckets)},
        }

    @classmethod
    def from_json(cls, data: object) -> Sketch:
        """Read what `to_json` wrote; raise ValueError for anything else."""
        match data:
            case {"nanoseconds": int() as total, "buckets": dict() as buckets} if total >= 0:
                return cls(_buckets(buckets), total)
            case _:
                raise ValueError("a sketch needs `nanoseconds` and `buckets`")


def _buckets(data: Mapping[object, object]) -> dict[int, int]:
    found: dict[int, int] = {}
    for key, count in data.items():
        if not isinstance(key, str) or not isinstance(count, int) or isinstance(count, bool) or count < 1:
            raise ValueError(f"not a bucket: {key!r}: {count!r}")
        bucket = int(key)
        if not -2_000 <= bucket <= 2_000:
            raise ValueError(f"not a bucket: {key!r}")
        found[bucket] = count
    return found


VERSION: Final = 1
ENOUGH: Final = 20
"""A size class is believed from this many calls on."""
MATTERS: Final = 1.25
"""Size matters where the median of one class is this many times that of another."""


class ProfileError(ValueError):
    """A text that is no profile, or one of a newer version. The message says what is wrong."""


@dataclass(slots=True)
class ToolProfile:
    """What the calls of one tool took. Only calls that ended well are timed; `failed` counts the others."""

    seconds: Sketch = field(default_factory=Sketch)
    sizes: dict[int, Sketch] = field(default_factory=dict)
    failed: int = 0
    tokens: int = 0
    nano_usd: int = 0

    def merge(self, other: ToolProfile) -> None:
        """Add what another profile knows."""
        self.seconds.merge(other.seconds)
        for size, sketch in other.sizes.items():
            self.sizes.setdefault(size, Sketch()).merge(sketch)
        self.failed += other.failed
        self.tokens += other.tokens
        self.nano_usd += other.nano_usd

    @property
    def is_sized(self) -> bool:
        """Whether the size of the arguments matters for the duration, as far as was seen."""
        medians = [sketch.quantile(0.5) for sketch in self.sizes.values() if sketch.count >= ENOUGH]
        return len(medians) > 1 and max(medians) > MATTERS * min(medians)

    def sketch(self, argument_bytes: int | None = None) -> Sketch:
        """Return the durations to expect of a call, of its size class where that matters and enough is known."""
        if argument_bytes is not None and self.is_sized:
            sized = self.sizes.get(size_class(argument_bytes))
            if sized is not None and sized.count >= ENOUGH:
                return sized
        return self.seconds


@dataclass(slots=True)
class Profile:
    """The profiles of tools by name. Empty, it is false."""

    tools: dict[str, ToolProfile] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.tools)

    def record(
        self,
        tool: str,
        seconds: float,
        *,
        argument_bytes: int | None = None,
        tokens: int = 0,
        usd: float = 0.0,
        ok: bool = True,
    ) -> None:
        """Add one call."""
        known = self.tools.setdefault(tool, ToolProfile())
        known.tokens += tokens
        known.nano_usd += round(usd * _NANO)
        if not ok:
            known.failed += 1
            return
        known.seconds.add(seconds)
        if argument_bytes is not None:
            known.sizes.setdefault(size_class(argument_bytes), Sketch()).add(seconds)

    def merge(self, other: Profile) -> None:
        """Add what another profile knows."""
        for tool, theirs in other.tools.items():
            self.tools.setdefault(tool, ToolProfile()).merge(theirs)

    def is_sized(self, tool: str) -> bool:
        """Whether the size of a tool's arguments matters for its duration, as far as was seen."""
        known = self.tools.get(tool)
        return known is not None and known.is_sized

    def expected(self, tool: str, argument_bytes: int | None = None) -> Cost:
        """Return what a call is expected to take, on average; None where nothing is known."""
        known = self.tools.get(tool)
        if known is None or not known.seconds.count:
            return Cost()
        calls = known.seconds.count + known.failed
        usd = known.nano_usd / _NANO / calls
        return Cost(known.sketch(argument_bytes).mean, usd, round(known.tokens / calls))

    def to_json(self) -> dict[str, object]:
        """Return the profile as JSON."""
        return {"version": VERSION, "tools": {name: _tool_json(self.tools[name]) for name in sorted(self.tools)}}

    def dumps(self) -> str:
        """Return the text of a profile file."""
        return json.dumps(self.to_json(), indent=1) + "\n"

    @classmethod
    def from_json(cls, data: object) -> Profile:
        """Read what `to_json` wrote; raise ProfileError for anything else."""
        match data:
            case {"version": int() as version} if version > VERSION:
                raise ProfileError(f"the profile has version {version}; this lcc reads up to {VERSION}")
            case {"version": int(), "tools": dict() as tools}:
                try:
                    return cls({str(name): _read_tool(tool) for name, tool in tools.items()})
                except ValueError as error:
                    raise ProfileError(f"not a profile: {error}") from None
            case _:
                raise ProfileError("not a profile: `version` and `tools` are missing")

    @classmethod
    def loads(cls, text: str) -> Profile:
        """Read the text of a profile file; raise ProfileError for anything else."""
        try:
            data = read_json(text)
        except RecursionError:
            raise ProfileError("not a profile: nested too deeply") from None
        except ValueError as error:
            raise ProfileError(f"not a profile: {error}") from None
        return cls.from_json(data)


def size_class(argument_bytes: int) -> int:
    """Return the class of a size: 0 for up to 3 bytes, then one for each power of four."""
    return (max(argument_bytes, 1).bit_length() - 1) // 2


def argument_bytes(arguments: Json) -> int:
    """Return the size of a call's arguments: the bytes of their JSON."""
    return len(json.dumps(arguments, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace"))


def _tool_json(tool: ToolProfile) -> dict[str, object]:
    return {
        "failed": tool.failed,
        "tokens": tool.tokens,
        "nano_usd": tool.nano_usd,
        "seconds": tool.seconds.to_json(),
        "sizes": {str(size): tool.sizes[size].to_json() for size in sorted(tool.sizes)},
    }


def _read_tool(data: object) -> ToolProfile:
    if not isinstance(data, Mapping):
        raise ValueError("a tool's profile must be an object")
    sizes = data.get("sizes", {})
    if not isinstance(sizes, Mapping):
        raise ValueError("`sizes` must be an object")
    return ToolProfile(
        Sketch.from_json(data.get("seconds")),
        {int(size): Sketch.from_json(sketch) for size, sketch in sizes.items()},
        _count(data, "failed"),
        _count(data, "tokens"),
        _count(data, "nano_usd"),
    )


def _count(data: Mapping[object, object], key: str) -> int:
    value = data.get(key, 0)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"`{key}` must be a count")
    return value
