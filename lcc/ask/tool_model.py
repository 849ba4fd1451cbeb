"""Let tools ask a model, on the accounts of the question or the run that they serve.

`AskToolModel` asks with an ask's own models. `OwnToolModel` is for a plan that runs by itself: its model is found and opened when the
first tool asks, so that a plan whose tools need none needs none configured.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from time import monotonic
from types import TracebackType
from typing import Final, Self

from anyio import Lock

from lcc.ask.accounts import Accounts, Limits
from lcc.ask.caller import Caller
from lcc.ask.diary import Diary
from lcc.models.faults import NoModel
from lcc.models.request import Message, Request, Schema
from lcc.models.resolve import HOW_TO_GET_ONE, open_models
from lcc.models.settings import ModelSettings, Roles
from lcc.models.tokens import RoleUsage
from lcc.runtime.context import Context, NoToolModel

ROLE: Final = "tools"
NO_MODEL: Final = (
    "no model is configured for tools: name one with --model or LCC_MODEL (in Python: model=…), and, unless OpenAI serves it, "
    "its endpoint with --base-url or LCC_BASE_URL"
)


class AskToolModel:
    """The model for tools of one ask."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def ask(self, context: Context, prompt: str, system: str, schema: Mapping[str, object] | None) -> str:
        """Return the reply; see `Context.ask`. Its cost is on the ask's accounts, and told to the run for its budget and events."""

        def spent(cost: RoleUsage) -> None:
            tokens, usd = cost.tokens.tokens, cost.usd or 0.0
            self._caller.accounts.charged_to_run(tokens, usd)
            context.spend(tokens, usd)

        messages = (*((Message("system", system),) if system else ()), Message("user", prompt))
        form = None if schema is None else Schema("reply", schema)
        reply = await self._caller.ask(ROLE, Request(messages, form), None, on_cost=spent)
        return reply.text


class OwnToolModel:
    """The model for tools of one run. It is closed when the block is left. `missing`: why there was none when a tool asked."""

    def __init__(self, find: Callable[[], ModelSettings], limits: Limits | None = None) -> None:
        """`find` names the model, and raises NoModel if there is none. `limits`: what its calls may spend."""
        self.missing = ""
        self._find = find
        self._limits = limits or Limits()
        self._stack = AsyncExitStack()
        self._opened: AskToolModel | None = None
        self._opening: Lock | None = None

    async def __aenter__(self) -> Self:
        await self._stack.__aenter__()
        self._opening = Lock()
        return self

    async def __aexit__(
        self, type_: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._stack.__aexit__(type_, error, traceback)

    async def ask(self, context: Context, prompt: str, system: str, schema: Mapping[str, object] | None) -> str:
        """Return the reply; see `Context.ask`. Raises NoToolModel if there is none."""
        assert self._opening is not None
        async with self._opening:
            if self._opened is None:
                self._opened = await self._open()
        return await self._opened.ask(context, prompt, system, schema)

    async def _open(self) -> AskToolModel:
        try:
            roles = Roles.all(self._find())
            models = await open_models(roles, self._stack)
        except NoModel as error:
            self.missing = str(error)
            raise NoToolModel(NO_MODEL if self.missing == HOW_TO_GET_ONE else self.missing) from None
        accounts = Accounts(self._limits, monotonic, lambda event: None)
        return AskToolModel(Caller(models, roles.by_name(), accounts, monotonic, Diary(None, {})))
