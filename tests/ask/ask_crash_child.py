"""Ask a question of several plans with a journal, to be killed at any moment: `ask_crash_child.py JOURNAL LOG URL LANGUAGE`.

Every call appends a line to the log the moment it acts, so that the log is the outside world that the question changes.
"""

from __future__ import annotations

import os
import sys

import anyio
from anyio.lowlevel import checkpoint

import lcc
from lcc.runtime.journal.file import JournalError

LOG = ""


def _act(line: str) -> None:
    with open(LOG, "a", encoding="utf-8") as file:
        file.write(f"{line}\n")


@lcc.tool(effect="read", resource="shelf:{key}")
async def look(key: int) -> int:
    """Read something that never changes."""
    await checkpoint()
    _act(f"look {key}")
    return key * 7 % 10


@lcc.tool(effect="read", resource="weather")
async def flaky(key: int) -> int:
    """Fail, always."""
    _act(f"flaky {key}")
    await checkpoint()
    raise KeyError(key)


@lcc.tool(effect="write", resource="once:{key}")
async def once(key: int, value: int) -> int:
    """Write something that must not be written twice."""
    _act(f"once {key} {value}")
    await checkpoint()
    return key + 1


TOOLS = [look, flaky, once]


async def answer(path: str, url: str, language: str) -> lcc.Answer:
    """Ask the question, or go on with it if the journal holds it."""
    model = lcc.ModelSettings(model="fake", base_url=url, key="k", timeout=60.0)
    agent = lcc.Agent(TOOLS, model, journal=path, language=language)
    if os.path.exists(path):
        try:
            return await agent.resume()
        except JournalError as error:
            if "holds no questions" not in str(error) and "is empty" not in str(error):
                raise
    return await agent.ask("What is there?")


def main(path: str, log: str, url: str, language: str, backend: str = "asyncio") -> lcc.Answer:
    """Do it, and return the answer."""
    global LOG
    LOG = log
    return anyio.run(answer, path, url, language, backend=backend)


if __name__ == "__main__":
    print("ready", flush=True)
    main(*sys.argv[1:])
    print("done", flush=True)
