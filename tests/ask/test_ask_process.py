"""Check `lcc ask` as a process of its own: that it always ends."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from asking import END, finish
from fake_model_server import FakeModelServer

TOOLS = """\
import asyncio

import lcc


@lcc.tool(effect="read", timeout=0.05)
async def stubborn() -> str:
    while True:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            pass
"""


@pytest.mark.slow  # it waits in real time, as the process does
def test_a_tool_that_swallows_every_cancellation_does_not_keep_the_process(tmp_path: Path) -> None:
    (tmp_path / "tools.py").write_text(TOOLS, encoding="utf-8")
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("LCC_", "OPENAI_"))}
    with FakeModelServer({"planner": [f"1. stubborn()\n2. join()\n{END}"], "joiner": [finish("unknown")]}) as server:
        command = [sys.executable, "-m", "lcc", "ask", "?", "--tools", "tools.py", "--model", "fake"]
        done = subprocess.run(
            [*command, "--base-url", server.base_url],
            cwd=tmp_path,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
            timeout=500,
        )
    assert (done.returncode, done.stdout) == (0, "unknown\n")
    assert "abandoned" in done.stderr
    assert "Traceback" not in done.stderr
