"""Run the benchmarks of the compiler and the scheduler by themselves, and collect what they print.

Each is a module of its own with more options; here they run small enough for all to take a few minutes.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
REPORT = "micro.md"
LONGEST = 900.0
"""Seconds that one may take."""


@dataclass(frozen=True, slots=True)
class Micro:
    """One of them. `says`: what it measures. `arguments` as on its command line; `quick` those of a smoke run, None to leave it out."""

    module: str
    says: str
    arguments: tuple[str, ...] = ()
    quick: tuple[str, ...] | None = None


ALL = (
    Micro("parsing", "Text to IR"),
    Micro("streaming", "Reading a model's output token by token", ("--size", "200000"), ("--size", "4000")),
    Micro("passes", "Passes, schedules against their lower bound, what passes save"),
    Micro("lints", "Lints"),
    Micro("scheduler", "The scheduler", ("--rounds", "3"), ("--tasks", "50", "--rounds", "1")),
    Micro("memory", "Memory of a run", (), ("--tasks", "50")),
    Micro("bodies", "Plans with bodies", (), ("--calls", "60", "--rounds", "1")),
    Micro("journal", "The journal", ("--rounds", "3"), ("--tasks", "20", "--rounds", "1")),
)


def sections(*, quick: bool = False) -> str:
    """Return Markdown with what each prints; what fails is said in its place."""
    parts = []
    for one in ALL:
        arguments = one.quick if quick else one.arguments
        if arguments is None:
            continue
        said = _output(one.module, arguments)
        parts.append(
            f"## {one.says}\n\n`{' '.join(['python -m', f'benchmarks.{one.module}', *arguments])}`\n\n```text\n{said}\n```\n"
        )
    return "\n".join(parts)


def _output(module: str, arguments: tuple[str, ...]) -> str:
    command = [sys.executable, "-m", f"benchmarks.{module}", *arguments]
    environment = {**os.environ, "NO_COLOR": "1"}
    try:
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=LONGEST)
    except subprocess.TimeoutExpired:
        return f"not done in {LONGEST:g} s"
    if done.returncode:
        return f"failed: {(done.stderr.strip().splitlines() or ['without a word'])[-1]}"
    return done.stdout.rstrip()
