"""Measure programs by lcc, CPython and the systems that people pick today, and write the main table.

    python -m benchmarks.programs.compared [--data FOLDER] [--systems NAME …] [--out FOLDER] [--latency 0.1]
    python -m benchmarks.programs.compared --report FOLDER

Each system is asked twice for each program: once as it is, once with a fault, where the last call of the program fails when it is first made.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from statistics import mean, median

from benchmarks.machine import about
from benchmarks.peers.environments import default_cache
from benchmarks.peers.systems.worlds import load_world
from benchmarks.programs.records import programs
from benchmarks.programs.systems import SYSTEMS, Figures, lines, measure
from benchmarks.simulated.pace import Pace

OURS = ("lcc", "lcc-prepared", "lcc-plans", "python-in-turn", "python-gathered")
PACE = Pace(first=0.2, token=0.005, jitter=0.0)
AT_ONCE = Pace(first=0.0, token=0.0, prompt_token=0.0, jitter=0.0)
ROWS = "programs.jsonl"


def table(rows: Sequence[Figures], writes: set[str]) -> str:
    """Return the main table: a line for each system, medians and means over the programs that it ran. `writes`: tools that change something."""
    found = [
        "| system | programs run | × bound, median | seconds, mean | prompt tokens | tokens written | model calls | calls"
        " | results lost | writes made twice | no answer after the fault |",
        "|" + "---|" * 11,
    ]
    for name in dict.fromkeys(row.system for row in rows):
        whole = [row for row in rows if row.system == name and not row.fault]
        good = {row.program: row for row in whole if not row.error}
        if not good:
            found.append(f"| {name} | 0/{len(whole)} |" + " |" * 9)
            continue
        broken = [row for row in rows if row.system == name and row.fault and row.program in good]
        lost, twice = _again(broken, good, writes)
        cells = [
            f"{len(good)}/{len(whole)}",
            f"{median(row.over for row in good.values()):.2f}",
            f"{mean(row.seconds for row in good.values()):.2f}",
            *(f"{mean(getattr(row, part) for row in good.values()):,.0f}" for part in ("prompt", "written")),
            f"{mean(row.model_calls for row in good.values()):.1f}",
            f"{mean(len(row.calls) for row in good.values()):.1f}",
            *((str(lost), str(twice), str(sum(bool(row.error) for row in broken))) if broken else ("", "", "")),
        ]
        found.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(found)


def _again(broken: Sequence[Figures], good: dict[str, Figures], writes: set[str]) -> tuple[int, int]:
    """Return how many results of calls that had ended well were lost, and how many writes were made once more than without the fault.

    A result is lost if its call is made again, or if there is no answer in the end.
    """
    lost = twice = 0
    for row in broken:
        more = _ended(row) - _ended(good[row.program])
        again = sum(count for (tool, _), count in more.items() if tool not in writes)
        doubled = sum(count for (tool, _), count in more.items() if tool in writes)
        twice += doubled
        lost += sum(_ended(row).values()) if row.error else again + doubled
    return lost, twice


def _ended(row: Figures) -> Counter[tuple[str, str]]:
    return Counter((tool, json.dumps(given, sort_keys=True)) for tool, given, ended in row.calls if ended)


def failures(rows: Sequence[Figures]) -> str:
    """Return what each system failed at, with how often."""
    found = Counter((row.system, row.error.splitlines()[0][:140]) for row in rows if row.error and not row.fault)
    return "\n".join(f"- {name}, {count}: {error}" for (name, error), count in found.items())


def _report(folder: Path) -> str:
    first, *rest = (folder / ROWS).read_text(encoding="utf-8").splitlines()
    said = json.loads(first)["about"]
    rows = [Figures(**json.loads(line)) for line in rest]
    heads = "\n".join(f"- {name}: {value}" for name, value in said.items() if name != "writes")
    return f"{heads}\n\n{table(rows, set(said['writes']))}\n\nNot run:\n\n{failures(rows)}\n"


def main() -> None:
    """Measure as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--out", type=Path, default=Path("results-programs"))
    parser.add_argument("--systems", nargs="+", default=[*OURS, *SYSTEMS], choices=[*OURS, *SYSTEMS], metavar="NAME")
    parser.add_argument("--latency", type=float, default=0.1, help="seconds a call takes")
    parser.add_argument("--programs", type=int, help="at most so many, from all over")
    parser.add_argument("--cache", type=Path, default=default_cache(), help="where environments are")
    parser.add_argument("--report", type=Path, metavar="FOLDER", help="print the table of a run, and measure nothing")
    given = parser.parse_args()
    if given.report:
        print(_report(given.report))
        return
    os.environ["PROGRAM_LATENCY"] = "0"
    found = [one for one in programs(given.data) if one.rounds and one.levels]
    found = found[:: -(-len(found) // given.programs)] if given.programs else found
    tools = load_world(str(found[0].world))
    reads = ("read", "pure")
    writes = sorted(name for name, one in tools.items() if one.options.get("effect") not in reads)
    rows: list[Figures] = []
    given.out.mkdir(parents=True, exist_ok=True)
    head = json.dumps({"about": about(latency=given.latency, pace=repr(PACE), writes=writes)})
    for name in given.systems:
        for fault, pace, latency in ((False, PACE, given.latency), (True, AT_ONCE, 0.01)):
            os.environ["PROGRAM_LATENCY"] = str(latency)
            rows += asyncio.run(measure([name], found, pace, given.cache, fault))
        (given.out / ROWS).write_text("\n".join([head, *lines(rows)]) + "\n", encoding="utf-8")
    print(_report(given.out))


if __name__ == "__main__":
    main()
