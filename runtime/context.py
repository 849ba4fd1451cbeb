"""Tell a tool about the call it serves: a parameter annotated `lcc.Context` receives one, and plans don't see it."""

from __future__ import annotations

import math
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import field
from typing import Protocol

from lcc.grammar.dataclass import dataclass
from lcc.grammar.ir import TaskId
from lcc.grammar.values import Json


def _never() -> bool:
    return False


class NoToolModel(Exception):
    """A tool asked for a model, and its run offers none. The message says how to name one."""


class ToolModel(Protocol):
    """The model that a run offers its tools."""

    async def ask(self, context: Context, prompt: str, system: str, schema: Mapping[str, object] | None) -> str:
        """Return a whole reply; tell the context what it cost. See `Context.ask`."""


@dataclass(frozen=True, slots=True)
class Context:
    """The call that a tool serves. Every field has a default, so that a test may call a tool with `Context()`.

    `task`: the id in the plan, `3` or an element's `3[1]`. `attempt`: 1, and more on a retry. `run`: the id of the run.
    `deadline`: when the attempt is given up, in seconds of `time.monotonic()`; None for never.
    `on_report`, `is_cancelled`, `on_usage`: what the runtime listens and answers with. A call in another process has none.
    `on_question`: asks a person, see `confirm` and `answer`. `model`: what `ask` asks. `settings`: what whoever runs the plan sets for its tools, by name; never what the plan says.
    """

    tool: str = ""
    task: TaskId = 0
    attempt: int = 1
    run: str = ""
    deadline: float | None = None
    on_report: Callable[[str], None] | None = None
    is_cancelled: Callable[[], bool] = _never
    on_usage: Callable[[int, float], None] | None = None
    on_question: Callable[[str, Mapping[str, Json] | None], Awaitable[Mapping[str, Json] | None]] | None = None
    model: ToolModel | None = None
    settings: Mapping[str, object] = field(default_factory=dict, hash=False)

    @property
    def idempotency_key(self) -> str:
        """A key for services that take one: the same for every attempt at this task in this run, and for no other call."""
        import hashlib  # takes long to load, and few tools ask for a key

        return hashlib.sha256(f"{self.run}\0{self.task}".encode("utf-8", "surrogatepass")).hexdigest()[:32]

    @property
    def cancelled(self) -> bool:
        """Whether nobody waits for the result any more. A long loop in a thread should look now and then, and return."""
        return self.is_cancelled()

    @property
    def remaining(self) -> float:
        """Seconds until the deadline: 0 when it is past, infinity when there is none."""
        return math.inf if self.deadline is None else max(0.0, self.deadline - time.monotonic())

    def report(self, message: str) -> None:
        """Tell whoever watches the run what the call is at, in a few words. May be called from any thread."""
        if self.on_report is not None:
            self.on_report(message)

    def spend(self, tokens: int = 0, usd: float = 0.0) -> None:
        """Tell what the call cost: `tokens`, and `usd`, money in USD; a run's budget counts it. May be called often, and from any thread."""
        if self.on_usage is not None:
            self.on_usage(tokens, usd)

    async def confirm(self, message: str) -> bool:
        """Ask whoever approves of destructive calls; False where there is nobody. From any event loop of this process."""
        return self.on_question is not None and await self.on_question(message, None) is not None

    async def answer(self, message: str, schema: Mapping[str, Json]) -> Mapping[str, Json] | None:
        """Ask who answers tools' questions, and return the fields of a JSON schema; None where there is nobody, or no answer."""
        return None if self.on_question is None else await self.on_question(message, schema)

    async def ask(self, prompt: str, *, system: str = "", schema: Mapping[str, object] | None = None) -> str:
        """Ask the run's model for tools, and return its reply. What it costs is the call's, as if told by `spend`.

        `schema`: a JSON schema that the reply shall follow, where the endpoint can see to that; describe the form in the prompt
        too. Raises NoToolModel where the run has no model, BudgetSpent at a limit, ModelFault if no whole reply comes.
        """
        if self.model is None:
            raise NoToolModel("this call has no model to ask: run it in a plan, and name a model for tools")
        return await self.model.ask(self, prompt, system, schema)
