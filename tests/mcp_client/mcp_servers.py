"""Start the small server of the tests."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import lcc

RAW = Path(__file__).with_name("raw_mcp_server.py")


def command(*modes: str) -> list[str]:
    return [sys.executable, "-I", str(RAW), *modes]


def raw(log: Path, *modes: str, **settings: object) -> lcc.McpServer:
    """Return the tools of a server that keeps a log; by default what it says of effects is trusted."""
    settings = {"name": "raw", "trust_annotations": True, "env": {"LOG": str(log)}, "start_timeout": 100.0} | settings
    log.touch()
    return lcc.mcp(command(*modes), **settings)  # type: ignore[arg-type]


@contextmanager
def over_http(log: Path, *modes: str) -> Iterator[str]:
    """Run the server over HTTP, and give its address."""
    log.touch()
    with subprocess.Popen(
        [*command(*modes), "--http"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={"LOG": str(log)}, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}/mcp"
        finally:
            process.stdin.close()
            process.wait(100)


def lines(log: Path) -> list[str]:
    return log.read_text(encoding="utf-8").splitlines()


def is_alive(process: int) -> bool:
    """Whether a process runs, one that has ended and isn't waited for yet not counted."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    except OSError:
        return False
