"""Measure programs by lcc, CPython and the systems that people pick today, and write the main table.

    python -m benchmarks.programs.compared [--data FOLDER] [--systems NAME …] [--out FOLDER] [--latency 0.1]
    python -m benchmarks.programs.compared --report FOLDER …

Each system is asked twice for each program: once as it is, once with a fault, where the last call of the program fails when it is first made.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.machine import about
from benchmarks.peers.environments import default_cache
from benchmarks.peers.systems.worlds import load_world
from benchmarks.programs.charts import draw
from benchmarks.programs.main_table import UNCORRECTED, beside, failures, table
from benchmarks.programs.records import programs
from benchmarks.programs.systems import SYSTEMS, Figures, lines, measure
from benchmarks.simulated.pace import Pace

OURS = ("lcc", "lcc-no-journal", "lcc-prepared", "lcc-plans", "python-in-turn", "python-gathered")
PACE = Pace(first=0.2, token=0.005, jitter=0.0)
AT_ONCE = Pace(first=0.0, token=0.0, prompt_token=0.0, jitter=0.0)
ROWS = "programs.jsonl"


def _read(folders: Sequence[Path]) -> tuple[dict[str, Any], list[Figures]]:
    said: dict[str, Any] = {}
    rows: list[Figures] = []
    for folder in folders:
        first, *rest = (folder / ROWS).read_text(encoding="utf-8").splitlines()
        said = json.loads(first)["about"]
        rows += [Figures(**json.loads(line)) for line in rest]
    return said, rows


def _report(folders: Sequence[Path]) -> str:
    said, rows = _read(folders)
    heads = "\n".join(f"- {name}: {value}" for name, value in said.items() if name != "writes")
    parts = (heads, table(rows, set(said["writes"])), f"Beside lcc:\n\n{beside(rows)}", f"Not run:\n\n{failures(rows)}")
    return "\n\n".join(parts) + "\n"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--out", type=Path, default=Path("results-programs"))
    parser.add_argument("--systems", nargs="+", default=[*OURS, *SYSTEMS], choices=[*OURS, *SYSTEMS], metavar="NAME")
    parser.add_argument("--latency", type=float, default=0.1, help="seconds a call takes")
    parser.add_argument("--programs", type=int, help="at most so many, from all over")
    parser.add_argument("--resume", action="store_true", help="keep the systems that are measured in --out")
    parser.add_argument("--cache", type=Path, default=default_cache(), help="where environments are")
    parser.add_argument(
        "--report", type=Path, nargs="+", metavar="FOLDER", help="print the table of runs, and measure nothing"
    )
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw that report, too")
    return parser.parse_args()


def main() -> None:
    """Measure as the command line says."""
    given = _arguments()
    if given.report:
        print(_report(given.report))
        if given.plot:
            said, rows = _read(given.report)
            draw(rows, set(said["writes"]), given.plot)
        return
    os.environ["PROGRAM_LATENCY"] = "0"
    found = [one for one in programs(given.data) if one.rounds and one.levels]
    found = found[:: -(-len(found) // given.programs)] if given.programs else found
    tools = load_world(str(found[0].world))
    reads = ("read", "pure")
    writes = sorted(name for name, one in tools.items() if one.options.get("effect") not in reads)
    given.out.mkdir(parents=True, exist_ok=True)
    rows = _read([given.out])[1] if given.resume and (given.out / ROWS).exists() else []
    head = json.dumps({"about": about(latency=given.latency, pace=repr(PACE), writes=writes)})
    known = {row.system for row in rows}
    for name in [one for one in given.systems if one not in known]:
        for fault, pace, latency in ((False, PACE, given.latency), (True, AT_ONCE, 0.01)):
            if fault and name == UNCORRECTED:
                continue
            os.environ["PROGRAM_LATENCY"] = str(latency)
            rows += asyncio.run(measure([name], found, pace, given.cache, fault))
        (given.out / ROWS).write_text("\n".join([head, *lines(rows)]) + "\n", encoding="utf-8")
    print(_report([given.out]))


if __name__ == "__main__":
    main()
