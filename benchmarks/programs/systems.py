"""Ask systems for programs, one after another, over one simulated server; those of others run in processes of their own."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import lcc
from benchmarks.peers.environments import PEERS, environment, locked_environment
from benchmarks.peers.systems.worlds import load_world, noted
from benchmarks.programs.answers import is_answer
from benchmarks.programs.in_turn import run_texts
from benchmarks.programs.players import DIALECTS, PLAYERS
from benchmarks.programs.records import Program, lcc_tools
from benchmarks.simulated.asked import Asked, Reply, Served
from benchmarks.simulated.pace import Pace
from benchmarks.simulated.server import ModelServer

IN_TURN, WITHOUT_JOURNAL = "python-in-turn", "lcc-no-journal"
SCRIPTS = Path(__file__).parents[1] / "peers" / "systems"
LIMIT = 40.0
"""Seconds for one program."""
SYSTEMS: Mapping[str, tuple[str, str]] = {
    "pydantic-plain": ("pydantic_code", "plain"),
    "pydantic-in-turn": ("pydantic_code", "in-turn"),
    "pydantic-eager": ("pydantic_code", "eager"),
    "pydantic-speculative": ("pydantic_code", "speculative"),
    "fastmcp": ("fastmcp_code", ""),
    "smolagents": ("smolagents_code", ""),
    "langgraph": ("langgraph_tools", ""),
    "openai-agents": ("openai_agents_tools", ""),
    "llmcompiler": ("older_plans", "llmcompiler"),
    "llama-index": ("older_plans", "llama-index"),
}
"""Systems of others: the script and lock of each, and its argument."""
PACKAGES = {"llmcompiler": "llmcompiler", "llama-index": "llama-index-pack"}
"""The older ones have no lock: which of the peers each is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One program by one system. `waited`: seconds in which models wrote. `bound`: rounds × latency. `calls`: tool, arguments, whether it ended well.

    `right`: the answer is that of the program. `expected`: the calls that the program makes if its last one fails, where it handles that itself.
    """

    system: str
    program: str
    fault: bool = False
    seconds: float = 0.0
    waited: float = 0.0
    bound: float = 0.0
    prompt: int = 0
    written: int = 0
    model_calls: int = 0
    cached: int = 0
    error: str = ""
    answer: Any = None
    right: bool = False
    expected: Sequence[tuple[str, Mapping[str, Any]]] | None = None
    calls: Sequence[tuple[str, Mapping[str, Any], bool]] = field(default_factory=list)

    @property
    def over(self) -> float:
        """Time in which no model writes, as a multiple of the bound."""
        return (self.seconds - self.waited) / self.bound


async def measure(
    names: Sequence[str], programs: Sequence[Program], pace: Pace, cache: Path, fault: bool
) -> list[Figures]:
    """Return the figures of each system for each program. `fault`: the last call of each program fails when it is first made."""
    known = {one.id: one for one in programs}

    def answer(asked: Asked) -> Reply:
        said = asked.prompt
        found = max((one for one in programs if one.question in said), key=lambda one: len(one.id))
        asked.question = found.id
        return PLAYERS[asked.role](found, asked)

    rows: list[Figures] = []
    with tempfile.TemporaryDirectory() as folder:
        async with ModelServer(answer, pace) as server:
            for name in names:
                asking = _Process(name, cache) if name in SYSTEMS else None
                for program in [programs[0], *programs]:
                    before = len(server.log)
                    told = await _told(name, asking, program, server.base_url, fault, Path(folder))
                    rows.append(_figures(name, program, told, server.log[before:], fault))
                del rows[-len(programs) - 1]
                if asking is not None:
                    await asking.close()
                mine = rows[-len(programs) :]
                print(f"{name:22} {sum(one.right for one in mine)} of {len(known)} right", file=sys.stderr, flush=True)
    return rows


async def _told(
    name: str, asking: _Process | None, program: Program, base_url: str, fault: bool, folder: Path
) -> dict[str, Any]:
    """Return what a system tells of a program."""
    text = program.texts.get(DIALECTS.get(name, ""), "")
    if name != IN_TURN and text.startswith("#!"):
        return {"seconds": 0.0, "calls": [], "error": text[3:]}
    if name.startswith("lcc"):
        return await _by_lcc(name, program, base_url, fault, folder)
    return await (
        _by_python(program, DIALECTS[name], fault) if asking is None else asking.ask(program, base_url, fault)
    )


def _figures(name: str, program: Program, told: Mapping[str, Any], served: Sequence[Served], fault: bool) -> Figures:
    return Figures(
        system=name,
        program=program.id,
        fault=fault,
        seconds=told["seconds"],
        waited=sum(one.seconds for one in served),
        bound=program.rounds * float(os.environ["PROGRAM_LATENCY"]),
        prompt=sum(one.prompt for one in served),
        cached=sum(one.cached for one in served),
        written=sum(one.completion for one in served),
        model_calls=len(served),
        error=told.get("error", ""),
        answer=told.get("answer"),
        right=_right(program, told, fault),
        expected=program.after.calls if fault and program.after.handled else None,
        calls=told["calls"],
    )


def _right(program: Program, told: Mapping[str, Any], fault: bool) -> bool:
    """Whether a system gave the program's answer, and made each of its calls: what it makes besides doesn't count here.

    Where the program handles the failure of a call, the answer decides, with and without the failure.
    """
    after = program.after
    wanted = program.wanted
    if fault and after.handled:
        return is_answer(told.get("answer"), wanted) or is_answer(told.get("answer"), after.wanted)
    made = {key(tool, given): well for tool, given, well in told["calls"]}
    whole = {key(*one) for level in program.levels for one in level} <= made.keys()
    return whole and (not fault or made[key(*program.last_call)]) and is_answer(told.get("answer"), wanted)


def key(tool: str, given: Mapping[str, Any]) -> str:
    """Return what equal calls have in common; 5 and 5.0 are equal."""
    return tool + json.dumps(given, sort_keys=True, default=str).replace(".0,", ",").replace(".0}", "}")


async def _by_lcc(name: str, program: Program, base_url: str, fault: bool, folder: Path) -> dict[str, Any]:
    """Ask lcc, with a journal as it keeps one by default, unless the name says otherwise."""
    calls, tools = _noted(program, fault)

    def model(role: str) -> lcc.ModelSettings:
        return lcc.ModelSettings(model=role, base_url=base_url, key="none")

    given = [replace(tool, function=tools[tool.signature.name]) for tool in lcc_tools(program.world)]
    language = "python" if name != "lcc-plans" else "steps"
    began = time.perf_counter()
    told: dict[str, Any] = {"calls": calls}
    try:
        if name == "lcc-prepared":
            compiled = lcc.compile(program.text, given, front_end="python")
            began = time.perf_counter()
            result = await lcc.execute(compiled.plan, given, options=lcc.Options(approve=_yes))
            told["error"] = "" if result.ok else "it failed"
            joined = result.join
            told["answer"] = (
                result.answer if result.answered else joined[0] if isinstance(joined, list) and joined else joined
            )
        else:
            agent = lcc.Agent(
                given,
                model(name),
                planner=model(name),
                joiner=model("lcc-joiner"),
                language=language,
                journal=False if name == WITHOUT_JOURNAL else folder / "asks.db",
                options=lcc.Options(approve=_yes),
            )
            async with asyncio.timeout(LIMIT):
                answer = await agent.ask(program.question)
            told["error"] = "" if answer.ok else answer.reason
            told["answer"] = answer.value
    except Exception as error:
        told["error"] = f"{type(error).__name__}: {error}"[:300]
    return told | {"seconds": time.perf_counter() - began}


async def _yes(request: object) -> bool:
    """Allow what a tool is to destroy: nobody asks in the other systems either."""
    return True


async def _by_python(program: Program, dialect: str, fault: bool) -> dict[str, Any]:
    """Run a program by CPython; after a fault it is run once more."""
    ran = await run_texts(program, (dialect, "plain"), fault=fault, tries=2)
    return {"calls": ran.calls, "error": ran.error, "seconds": ran.seconds, "answer": ran.value}


def _noted(program: Program, fault: bool) -> tuple[list[list[Any]], dict[str, Any]]:
    """Return a list of the calls that will be made, and the tools of a program's world, run anew."""
    calls: list[list[Any]] = []
    failing = [program.last_call] if fault else []
    return calls, {name: noted(one, calls, failing) for name, one in load_world(str(program.world)).items()}


class _Process:
    """A peer's process, started when it is first asked, killed when a program takes too long."""

    def __init__(self, name: str, cache: Path) -> None:
        script, self._argument = SYSTEMS[name]
        self._script = SCRIPTS / f"{script}.py"
        package = next((one.package for one in PEERS if one.name == PACKAGES.get(name)), None)
        lock = self._script.with_suffix(".lock")
        self._python = environment(cache, package) if package else locked_environment(cache, lock)
        self._process: asyncio.subprocess.Process | None = None

    async def ask(self, program: Program, base_url: str, fault: bool) -> dict[str, Any]:
        """Return what the process tells of a program."""
        if self._process is None:
            pipe = asyncio.subprocess.PIPE
            self._process = await asyncio.create_subprocess_exec(
                self._python, "-W", "ignore", self._script, self._argument, stdin=pipe, stdout=pipe,
                stderr=None if os.environ.get("PEER_ERRORS") else asyncio.subprocess.DEVNULL, limit=1 << 24,
            )  # fmt: skip
        asked = {
            "base_url": base_url,
            "question": program.question,
            "world": str(program.world),
            "fault": program.last_call if fault else None,
        }
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked).encode() + b"\n")
        try:
            async with asyncio.timeout(LIMIT):
                line = await self._process.stdout.readline()
        except TimeoutError:
            await self.close()
            return {"seconds": LIMIT, "calls": [], "error": f"not done in {LIMIT:g} s"}
        if not line:
            await self.close()
            return {"seconds": 0.0, "calls": [], "error": "its process ended"}
        told: dict[str, Any] = json.loads(line)
        return told

    async def close(self) -> None:
        """End the process."""
        if self._process is not None:
            process, self._process = self._process, None
            if process.returncode is None:
                process.kill()
            await process.wait()


def lines(rows: Sequence[Figures]) -> Iterator[str]:
    """Yield figures as lines of JSON."""
    for row in rows:
        yield json.dumps(asdict(row), ensure_ascii=False, default=str)
