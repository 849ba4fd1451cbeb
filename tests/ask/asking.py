"""Tools that count their calls, and agents that talk to a fake endpoint."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import anyio
from fake_model_server import FakeModelServer, Gate

import lcc

END = "<END_OF_PLAN>"
BACKENDS = ("asyncio", "trio")


class World:
    """What tools read and change. `calls` counts; `notes` is what was written; `gate`: opened by the tool `open_gate`."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.notes: list[str] = []
        self.seen_by_gate: list[list[str]] = []
        self.gate = Gate()

    @property
    def tools(self) -> list[Any]:
        @lcc.tool(effect="read", resource="web")
        async def search(query: str) -> str:
            """Find a paragraph about something."""
            self.calls[query] += 1
            if query.startswith("broken"):
                raise RuntimeError(f"no page about {query}")
            return f"about {query}"

        @lcc.tool(effect="read", resource="gate")
        async def open_gate() -> str:
            """Let the model go on."""
            self.seen_by_gate.append(list(self.notes))
            self.gate.open()
            return "open"

        @lcc.tool(effect="write", resource="notes")
        async def note(text: str) -> str:
            """Write something down."""
            self.notes.append(text)
            return f"noted {text}"

        @lcc.tool(effect="pure")
        async def length(text: str) -> int:
            """Count characters."""
            self.calls[f"length {text}"] += 1
            return len(text)

        return [search, open_gate, note, length]


def agent(world: World, server: FakeModelServer, **settings: Any) -> lcc.Agent:
    """Return an agent whose model is the server's. Settings of the model are those that ModelSettings has."""
    own = {name: settings.pop(name) for name in list(settings) if name in lcc.ModelSettings.__dataclass_fields__}
    model = lcc.ModelSettings(
        **{"model": "fake", "base_url": server.base_url, "key": "secret-key", "timeout": 100.0, **own}
    )
    return lcc.Agent(world.tools, model, **settings)


def signatures(world: World) -> Any:
    """Return the signatures of a world's tools, by name."""
    model = lcc.ModelSettings(model="fake", base_url="http://127.0.0.1:9", key="k")
    return lcc.Agent(world.tools, model).signatures


def run(main: Callable[[], Any], backend: str = "asyncio") -> Any:
    """Run a coroutine function on an event loop of its own."""
    return anyio.run(main, backend=backend)


def finish(answer: str) -> str:
    """Return the joiner's reply that gives an answer."""
    return f"Thought: I know it.\nAction: Finish({answer})"


def replan(wanted: str) -> str:
    """Return the joiner's reply that wants another plan."""
    return f"Thought: Not yet.\nAction: Replan({wanted})"
