"""Say what was measured and where, in general terms: versions and processors, no names."""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.simulated.tokens import Tokens

ROOT = Path(__file__).parents[1]


def commit() -> str:
    """Return the commit of this repository, with a mark if files differ from it; `unknown` outside of one."""
    found = _git("rev-parse", "--short=12", "HEAD")
    if not found:
        return "unknown"
    return found + ("+changes" if _git("status", "--porcelain", "--untracked-files=no") else "")


def about(**more: Any) -> dict[str, Any]:
    """Return what heads a file of results."""
    return {
        "commit": commit(),
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "machine": machine(),
        "tokens": Tokens().name,
        **more,
    }


def machine() -> str:
    """Return the processors, the memory and the interpreter."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    memory = ""
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        memory = f", {os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') / 2**30:.0f} GiB"
    return f"{cores} cores{memory}, {platform.system()} {platform.machine()}, Python {platform.python_version()}"


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()
