"""Decide how an endpoint is made to hold a reply to a grammar.

    OpenAI      a custom tool whose input follows the grammar, in Lark; the model has to call it
    llama.cpp   the field `grammar`, in GBNF
    vLLM        the field `structured_outputs`
    SGLang      the field `ebnf`

Which server it is, its list of models says in `owned_by`. A server that says nothing known is not sent a grammar by `auto`:
it might ignore the field, or refuse the request. OpenAI isn't either: the grammar would be part of every prompt.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

from lcc.grammar.constrain.syntaxes import Syntax
from lcc.models.faults import FaultKind, ModelFault
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


def fields(settings: ModelSettings, server: Server, syntax: Syntax, text: str) -> dict[str, object] | None:
    """Return the fields of a request that hold a grammar; None where a custom tool does."""
    if server is Server.VLLM:
        return {"structured_outputs": {"grammar": text}}
    if server is Server.SGLANG and syntax == "gbnf":
        return {"ebnf": text}
    if syntax == "gbnf":
        return {"grammar": text}
    return None
