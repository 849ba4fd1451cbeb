"""Remember how long the calls of each tool took, and what they cost, from run to run.

A profile is a JSON file. Profiles merge: of several runs, machines or days in any order the result is the same. Where a
tool's duration depends on the size of its arguments, that shows in `sizes`, one sketch for each power of four bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from lcc.grammar.signatures import Cost
from lcc.grammar.values import Json
from lcc.passes.sketch import Sketch

VERSION: Final = 1
ENOUGH: Final = 20
"""A size class is believed from this many calls on."""
MATTERS: Final = 1.25
"""Size matters where the median of one class is this many times that of another."""

_NANO: Final = 1_000_000_000


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
            data = json.loads(text)
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
