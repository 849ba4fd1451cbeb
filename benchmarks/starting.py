"""Measure what a command takes beside bare Python: processor time of whole processes, medians of ratios of neighbours.

    python -m benchmarks.starting [--rounds 11]

A plan of three calls, and tools that import nothing but lcc. The first round, in which Python writes its bytecode, doesn't count.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

BARE: Final = ("-c", "pass")
PLAN: Final = '1. look_up("tides")\n2. look_up("moon")\n3. look_up($1)\n4. join($2, $3)\n'
TOOLS: Final = """
import lcc


@lcc.tool(effect="read")
def look_up(word: str) -> str:
    return word
"""
COMMANDS: Final = {
    "import lcc": ("-c", "import lcc"),
    "lcc --help": ("-m", "lcc", "--help"),
    "lcc check, no tools": ("-m", "lcc", "check", "a.plan"),
    "lcc check": ("-m", "lcc", "check", "a.plan", "--tools", "look.py"),
    "lcc run": ("-m", "lcc", "run", "a.plan", "--tools", "look.py"),
}


def seconds(arguments: tuple[str, ...], folder: str) -> float:
    """Return the seconds of the processor that a Python process in a folder takes from its start to its end."""
    before = getrusage(RUSAGE_CHILDREN)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, *arguments]
    subprocess.run(command, check=True, capture_output=True, cwd=folder, env=environment)
    after = getrusage(RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Print milliseconds, and the multiple of bare Python."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=11)
    given = parser.parse_args()
    bare: list[float] = []
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    with TemporaryDirectory() as folder:
        Path(folder, "a.plan").write_text(PLAN, encoding="utf-8")
        Path(folder, "look.py").write_text(TOOLS, encoding="utf-8")
        for _ in range(given.rounds + 1):
            bare.append(seconds(BARE, folder))
            for name, arguments in COMMANDS.items():
                times[name].append(seconds(arguments, folder))
    print(f"{'python -c pass':24}{median(bare[1:]) * 1e3:8.0f} ms")
    for name, found in times.items():
        ratio = median(one / beside for one, beside in zip(found[1:], bare[1:], strict=True))
        print(f"{name:24}{median(found[1:]) * 1e3:8.0f} ms{ratio:8.1f} ×")


if __name__ == "__main__":
    main()
