"""Write the main table of programs: what each system takes, what it gets wrong, and what it loses where a call fails once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import mean, median
from typing import Any, TypeAlias

from benchmarks.programs.systems import Figures, key

UNCORRECTED = "lcc-prepared"
"""Has no model that could correct anything."""


@dataclass(frozen=True, slots=True)
class Prices:
    """USD for a million tokens."""

    prompt: float
    cached: float
    written: float

    def usd(self, prompt: float, cached: float, written: float) -> float:
        """Return what tokens cost; those that are cached are among those of the prompt."""
        return ((prompt - cached) * self.prompt + cached * self.cached + written * self.written) / 1e6


Calls: TypeAlias = Sequence[tuple[str, Mapping[str, Any], bool]]
PRICES = Prices(prompt=0.40, cached=0.10, written=1.60)
"""Those of gpt-4.1-mini in November 2026."""


def table(rows: Sequence[Figures], writes: set[str]) -> str:
    """Return the main table: a line for each system, medians and means over the programs that it ran. `writes`: tools that change something."""
    heads = (
        "system", "right", "wrong", "× bound, median", "seconds, mean", "prompt tokens", "of them cached", "tokens written", "$ per 1,000",
        "model calls", "calls", "lost", "twice", "none after", "wrong after",
    )  # fmt: skip
    found = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    for name in dict.fromkeys(row.system for row in rows):
        whole = [row for row in rows if row.system == name and not row.fault]
        good = {row.program: row for row in whole if row.right and not row.error}
        cells = [f"{len(good)}/{len(whole)}", str(sum(not row.error and not row.right for row in whole))]
        broken = [row for row in rows if row.system == name and row.fault and row.program in good]
        cells += [*_means([*good.values()]), *_after(broken, good, writes)] if good else [""] * (len(heads) - 3)
        found.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(found)


def _means(rows: Sequence[Figures]) -> list[str]:
    tokens = [mean(getattr(row, part) for row in rows) for part in ("prompt", "cached", "written")]
    return [
        f"{median(row.over for row in rows):.2f}",
        f"{mean(row.seconds for row in rows):.2f}",
        *(f"{count:,.0f}" for count in tokens),
        f"{1_000 * PRICES.usd(*tokens):.2f}",
        f"{mean(row.model_calls for row in rows):.1f}",
        f"{mean(len(row.calls) for row in rows):.1f}",
    ]


def _after(broken: Sequence[Figures], good: dict[str, Figures], writes: set[str]) -> list[str]:
    """Return what came of the runs in which a call failed once."""
    if not broken:
        return [""] * 4
    lost, twice = again(broken, good, writes)
    none = sum(bool(row.error) for row in broken)
    return [str(lost), str(twice), str(none), str(sum(not row.error and not row.right for row in broken))]


def after_fault(rows: Sequence[Figures], name: str, writes: set[str]) -> tuple[int, int]:
    """Return how many results a system lost, and how many writes it made twice, over the programs that it gets right."""
    mine = [row for row in rows if row.system == name]
    good = {row.program: row for row in mine if row.right and not row.error and not row.fault}
    return again([row for row in mine if row.fault and row.program in good], good, writes)


def again(broken: Sequence[Figures], good: dict[str, Figures], writes: set[str]) -> tuple[int, int]:
    """Return how many results of calls that had ended well were lost, and how many writes were made more often than without the fault.

    A result is lost if its call is made again, or if there is no answer in the end. Writes are counted by their tools, since those that
    are made again may say something else.
    """
    lost = twice = 0
    for row in broken:
        before = good[row.program]
        expected = None if row.expected is None else [(*one, True) for one in row.expected]
        allowed = _ended(before.calls) | _ended(expected or ())
        reads = [one for one in row.calls if one[0] not in writes]
        doubled = (
            _by_tool(row.calls, writes) - _by_tool(before.calls if expected is None else expected, writes)
        ).total()
        twice += doubled
        lost += _ended(row.calls).total() if row.error else (_ended(reads) - allowed).total() + doubled
    return lost, twice


def _ended(calls: Calls) -> Counter[str]:
    return Counter(key(tool, given) for tool, given, well in calls if well)


def _by_tool(calls: Calls, tools: set[str]) -> Counter[str]:
    return Counter(tool for tool, _, well in calls if well and tool in tools)


def beside(rows: Sequence[Figures]) -> str:
    """Return how long each other system that asks a model takes beside lcc, of the programs that both got right: the median of the ratios, and where it is faster."""
    found = [
        "| system | programs of both | seconds, to lcc's, median | least | most | faster than lcc |",
        "|" + "---|" * 6,
    ]
    for name in dict.fromkeys(row.system for row in rows):
        asks = not name.startswith("lcc") and any(row.model_calls for row in rows if row.system == name)
        if asks and (ratios := ratios_to(rows, name, "seconds")):
            faster = [program for program, ratio in ratios.items() if ratio < 1]
            cells = (f"{value(ratios.values()):.2f}" for value in (median, min, max))
            found.append(f"| {name} | {len(ratios)} | {' | '.join(cells)} | {', '.join(faster) or 'none'} |")
    return "\n".join(found)


def ratios_to(rows: Sequence[Figures], name: str, field: str, other: str = "lcc") -> dict[str, float]:
    """Return what a system takes over what another takes, by the programs that both got right. `field`: of figures, or usd."""
    whole = {(row.system, row.program): row for row in rows if row.right and not row.error and not row.fault}
    found = {}
    for (system, program), row in whole.items():
        if system == name and (ours := whole.get((other, program))) and (below := value_of(ours, field)):
            found[program] = value_of(row, field) / below
    return found


def value_of(row: Figures, field: str) -> float:
    """Return a figure of a row; usd is the price of its tokens."""
    found = PRICES.usd(row.prompt, row.cached, row.written) if field == "usd" else getattr(row, field)
    return float(found)


def failures(rows: Sequence[Figures]) -> str:
    """Return what each system failed at, with the programs."""
    found: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        wrong = "" if row.right or row.fault else "it gave another answer, or left out calls"
        if why := "" if row.fault else row.error.partition("\n")[0][:140] or wrong:
            found.setdefault((row.system, why), []).append(row.program)
    return "\n".join(f"- {name}, {len(ids)}: {why} ({', '.join(ids)})" for (name, why), ids in found.items())
