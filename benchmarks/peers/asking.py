"""Ask the peers from PyPI the same questions, over the same model server and with the same tools, in processes of their own.

A peer's process is started for its first question and serves all of an evaluation, so that its start and imports don't count. It
is killed when a question takes longer than the limit; that is then what is recorded.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.evaluation import Outcome, Session, Strategy
from benchmarks.peers.environments import FOLDER, PEERS, Peer, environment
from benchmarks.recorded import Recorded
from benchmarks.simulated.tool_log import ToolCall

LIMIT = 90.0
"""Seconds for one question."""
_LONGEST_LINE = 1 << 24


@dataclass(slots=True)
class Asking:
    """Asks one peer. `python`: the interpreter of its environment."""

    peer: Peer
    python: Path
    limit: float = LIMIT
    _process: asyncio.subprocess.Process | None = field(default=None, init=False)

    async def run(self, session: Session) -> Outcome:
        """Answer a question."""
        record = session.question.record
        if not isinstance(record, Recorded):
            return Outcome(None, error="there is no record to play the peer's models from")
        try:
            async with asyncio.timeout(self.limit):
                told = await self._ask(session, record)
        except TimeoutError:
            await self.close()
            return Outcome(None, error=f"not done in {self.limit:g} s", seconds=self.limit)
        if told is None:
            await self.close()
            return Outcome(None, error="its process ended")
        for tool, began, ended in told["calls"]:
            session.log.calls.append(ToolCall(tool, "", ended - began, began, ended))
        missed = missing(record, told)
        answer = None if missed else told.get("answer")
        return Outcome(answer, error=told.get("error") or missed, seconds=told["seconds"])

    async def _ask(self, session: Session, record: Recorded) -> dict[str, Any] | None:
        process = await self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(_question(session, record)).encode() + b"\n")
        await process.stdin.drain()
        line = await process.stdout.readline()
        told: dict[str, Any] | None = json.loads(line) if line else None
        return told

    async def _started(self) -> asyncio.subprocess.Process:
        if self._process is None:
            quiet = asyncio.subprocess.DEVNULL
            self._process = await asyncio.create_subprocess_exec(
                self.python,
                "-W",
                "ignore",
                FOLDER / self.peer.agent,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=quiet,
                limit=_LONGEST_LINE,
            )
        return self._process

    async def close(self) -> None:
        """End the process."""
        if self._process is not None:
            process, self._process = self._process, None
            if process.returncode is None:
                process.kill()
            await process.wait()


def missing(record: Recorded, told: Mapping[str, Any]) -> str:
    """Say which calls of the plan were not made, or made with other arguments; the joiner couldn't know the answer then."""
    made, wanted = len(told["calls"]), len(record.calls)
    if made >= wanted:
        return ""
    others = ", ".join(told["unknown"])
    return f"made {made} of {wanted} calls" + (f"; instead {others}" if others else "")


def _question(session: Session, record: Recorded) -> dict[str, Any]:
    """Return what the peer's process is told: the calls of the record, each with its result and the time that it takes."""
    calls = []
    for call in record.calls:
        key = next(iter(call.arguments.values()))
        seconds = session.log.pace.tool_seconds(call.tool, key) if session.log.pace else 0.0
        calls.append((call.tool, key, call.result, seconds))
    names = sorted({name for name, *_ in calls} | {"search"}, reverse=True)
    return {"base_url": session.base_url, "question": session.question.text, "tools": names, "calls": calls}


def peers(cache: Path) -> list[Strategy]:
    """Return the peers as strategies; their environments are made in a folder where they are missing."""
    found = []
    for peer in PEERS:
        asking = Asking(peer, environment(cache, peer.package))
        says = f"{peer.package.replace('==', ' ')}, in a process of its own"
        found.append(Strategy(peer.name, says, asking.run, close=asking.close))
    return found
