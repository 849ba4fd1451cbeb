"""Make an endpoint hold replies to their grammars: find out what it is, choose how, and remember if it refuses.

    OpenAI      a custom tool whose input follows the grammar, in Lark; the model has to call it
    llama.cpp   the field `grammar`, in GBNF
    vLLM        the field `structured_outputs`
    SGLang      the field `ebnf`

Which server it is, its list of models says in `owned_by`. A server that says nothing known is not sent a grammar by `auto`:
it might ignore the field, or refuse the request. OpenAI isn't either: the grammar would be part of every prompt.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

import openai
from anyio import move_on_after, to_thread

from lcc.grammar.constrain.syntaxes import Syntax
from lcc.grammar.values import read_json
from lcc.models.dialects import Dialect
from lcc.models.faults import FaultKind, ModelFault
from lcc.models.request import Held, Request
from lcc.models.settings import ModelSettings


class Server(StrEnum):
    """What answers at an address."""

    OPENAI = "OpenAI"
    LLAMA = "llama.cpp"
    VLLM = "vLLM"
    SGLANG = "SGLang"
    UNKNOWN = "unknown"


_OWNERS: Final = {"llamacpp": Server.LLAMA, "vllm": Server.VLLM, "sglang": Server.SGLANG}
_OPENAI: Final = ("api.openai.com", ".openai.azure.com")


def server_of_address(settings: ModelSettings) -> Server | None:
    """Return the server of an address that is known without asking; None for others."""
    host = urlsplit(settings.base_url).hostname if settings.base_url else _OPENAI[0]
    return Server.OPENAI if (host or "").endswith(_OPENAI) else None


REFUSING: Final = ("grammar", "custom", "tool", "structured_outputs", "ebnf", "lark")
"""Words of which one is in what an endpoint says that refuses a grammar."""


def server_of_models(listed: object) -> Server:
    """Return the server that answers with a list of models."""
    data = listed.get("data") if isinstance(listed, dict) else None
    first = data[0] if isinstance(data, list) and data else None
    owner = first.get("owned_by") if isinstance(first, dict) else None
    return _OWNERS.get(owner, Server.UNKNOWN) if isinstance(owner, str) else Server.UNKNOWN


def choose(settings: ModelSettings, server: Server) -> tuple[Syntax | None, str]:
    """Return the notation in which a server is given a grammar, None for not at all, and why."""
    match settings.constrain:
        case "off":
            return None, "it is switched off"
        case "lark":
            if server is Server.LLAMA:  # Lark that it can't read, it drops in silence
                raise ModelFault(
                    FaultKind.REFUSED, "llama.cpp takes its grammar as GBNF; --constrain gbnf says the same"
                )
            return "lark", "as you say"
        case "gbnf":
            if server is Server.OPENAI:
                raise ModelFault(FaultKind.REFUSED, "OpenAI takes no GBNF; --constrain lark says the same in Lark")
            return "gbnf", "as you say"
        case _:
            pass
    if server is Server.OPENAI:
        return None, "OpenAI counts a grammar as part of the prompt; --constrain lark uses one"
    if settings.api == "responses" and server is not Server.LLAMA:
        return None, "it isn't known whether this endpoint's Responses take a grammar; --constrain gbnf tries"
    if server is Server.UNKNOWN:
        return None, "it isn't known whether this endpoint takes a grammar; --constrain gbnf or lark tries"
    return "gbnf", f"the server is {server.value}"


def fields(server: Server, syntax: Syntax, text: str) -> dict[str, object] | None:
    """Return the fields of a request that hold a grammar; None where a custom tool does."""
    if server is Server.VLLM:
        return {"structured_outputs": {"grammar": text}}
    if server is Server.SGLANG and syntax == "gbnf":
        return {"ebnf": text}
    if syntax == "gbnf":
        return {"grammar": text}
    return None


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
        sent = fields(server, syntax, text)
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
                return server_of_models(read_json(answer.http_response.content))
            except (openai.OpenAIError, ValueError, RecursionError):
                pass
        return Server.UNKNOWN
