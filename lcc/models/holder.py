"""Make one endpoint hold replies to their grammars: find out what it is, and remember if it refuses."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Final

import openai
from anyio import move_on_after, to_thread

from lcc.models.dialects import Dialect
from lcc.models.faults import FaultKind, ModelFault
from lcc.models.holding import REFUSING, Server, choose, fields, server_of_address, server_of_models
from lcc.models.request import Held, Request
from lcc.models.settings import ModelSettings

_PATIENCE: Final = 5.0
"""Seconds in which an endpoint says what it is."""


class GrammarRefused(Exception):
    """An endpoint refused a request for its grammar. The message says what it said."""


def refuses_grammar(status: int, said: str) -> bool:
    """Whether an error of an endpoint that was sent a grammar is about that."""
    return status in (400, 422, 500, 501) and any(word in said.lower() for word in REFUSING)


class Holder:
    """The endpoint, as far as grammars go."""

    def __init__(
        self, settings: ModelSettings, client: openai.AsyncOpenAI, dialect: Dialect, server: Server | None = None
    ) -> None:
        self._settings = settings
        self._client = client
        self._dialect = dialect
        self._server: Server | None = server or server_of_address(settings)
        self._refused: Held | None = None

    async def hold(self, request: Request) -> tuple[Request, Held]:
        """Return a request that is sent with its grammar, if it is to be; else one without.

        Raises ModelFault where a grammar is insisted on and can't be had.
        """
        assert request.grammar is not None
        without = replace(request, grammar=None)
        if self._refused is not None:
            return without, self._refused
        settings = self._settings
        server = Server.UNKNOWN
        if settings.constrain != "off":
            server = self._server = self._server or await self._ask_what_it_is()
        syntax, why = choose(settings, server)
        if syntax is None:
            return without, Held(None, why)
        try:
            text = await to_thread.run_sync(request.grammar.write, syntax)
        except ValueError as error:
            if settings.constrain != "auto":
                raise ModelFault(FaultKind.REFUSED, f"no grammar can be sent: {error}") from None
            return without, Held(None, str(error), failed=True)
        sent = fields(settings, server, syntax, text)
        if sent is None:
            sent = self._dialect.grammar_tool(request.grammar, text)
        return replace(request, extra={**request.extra, **sent}), Held(syntax, why)

    def give_up(self, said: str) -> Held:
        """Send no grammar again, since the endpoint refused one; raise ModelFault where it is insisted on."""
        if self._settings.constrain != "auto":
            raise ModelFault(
                FaultKind.REFUSED, f"the endpoint takes no such grammar: {said}; --constrain off asks without one"
            )
        self._refused = Held(None, f"the endpoint refused it: {said}", failed=True)
        return self._refused

    async def _ask_what_it_is(self) -> Server:
        """Return the server that the list of its models tells of. Whatever goes wrong, the request itself will say."""
        client = self._client.with_options(max_retries=0, timeout=_PATIENCE)
        with move_on_after(_PATIENCE):
            try:
                answer = await client.models.with_raw_response.list()
                return server_of_models(json.loads(answer.http_response.content))
            except (openai.OpenAIError, ValueError, RecursionError):
                pass
        return Server.UNKNOWN
