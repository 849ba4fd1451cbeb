"""Count tokens: about how many a text has, and, as endpoints count them, how many calls took and what they cost.

For texts no tokenizer is asked, since every model has its own: four ASCII characters, or one of any other script, count as a token. That is
near enough for English, and errs to the safe side elsewhere. Prices are those that genai-prices brings along; nothing is fetched.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from lcc.grammar.dataclass import dataclass
from lcc.grammar.values import Json
from lcc.models.local.gguf import is_local

_ASCII_PER_TOKEN: Final = 4


def estimate(text: str) -> int:
    """Return about how many tokens a text has."""
    ascii_only = len(text.encode("ascii", "ignore"))
    return -(-ascii_only // _ASCII_PER_TOKEN) + len(text) - ascii_only


def cut_tokens(text: str, limit: int) -> str:
    """Return a text of about `limit` tokens at most: its beginning and its end, and between them how much is missing."""
    if len(text) <= limit or estimate(text) <= limit:
        return text
    head = _prefix(text, limit * 3 // 4)
    tail = _prefix(text[::-1], limit - limit * 3 // 4)
    missing = len(text) - head - tail
    return f"{text[:head]} […{missing:,} characters cut…] {text[len(text) - tail :]}"


def _prefix(text: str, limit: int) -> int:
    """Return how many characters from the start of a text fit."""
    quarters = limit * _ASCII_PER_TOKEN
    for place, char in enumerate(text):
        quarters -= 1 if char.isascii() else _ASCII_PER_TOKEN
        if quarters < 0:
            return place
    return len(text)


@dataclass(frozen=True, slots=True)
class TokenUsage:
    """The tokens of one or more calls, as the endpoint counted them.

    `prompt` includes `cached`, the part that the endpoint had in its cache. `silent` counts calls of which nothing was said, so
    that the sums are too low by those.
    """

    calls: int = 0
    prompt: int = 0
    cached: int = 0
    completion: int = 0
    silent: int = 0

    @property
    def tokens(self) -> int:
        """Prompt and completion together."""
        return self.prompt + self.completion

    def __add__(self, other: TokenUsage) -> TokenUsage:
        return TokenUsage(
            self.calls + other.calls,
            self.prompt + other.prompt,
            self.cached + other.cached,
            self.completion + other.completion,
            self.silent + other.silent,
        )


@dataclass(frozen=True, slots=True)
class RoleUsage:
    """What one role spent. `usd` is None if the price of any of its calls isn't known."""

    tokens: TokenUsage = TokenUsage()
    usd: float | None = 0.0

    def __add__(self, other: RoleUsage) -> RoleUsage:
        usd = None if self.usd is None or other.usd is None else self.usd + other.usd
        return RoleUsage(self.tokens + other.tokens, usd)

    def to_json(self) -> dict[str, Json]:
        """Return calls, tokens and USD as an object."""
        t = self.tokens
        shown: dict[str, Json] = {"calls": t.calls, "prompt": t.prompt, "cached": t.cached, "completion": t.completion}
        if t.silent:
            shown["calls_without_usage"] = t.silent
        return {**shown, "usd": self.usd}


def total(roles: Iterable[RoleUsage] | Mapping[str, RoleUsage]) -> RoleUsage:
    """Add up what several roles spent."""
    values = roles.values() if isinstance(roles, Mapping) else roles
    return sum(values, RoleUsage())


def read_usage(raw: object) -> TokenUsage:
    """Read the `usage` object of a chat completion or a response; one call that said nothing where there is none."""
    if not isinstance(raw, Mapping):
        return TokenUsage(calls=1, silent=1)
    prompt = _number(raw, "prompt_tokens", "input_tokens")
    completion = _number(raw, "completion_tokens", "output_tokens")
    details = raw.get("prompt_tokens_details") or raw.get("input_tokens_details")
    cached = _number(details, "cached_tokens") if isinstance(details, Mapping) else 0
    return TokenUsage(1, prompt, min(cached, prompt), completion)


def _number(raw: Mapping[str, object], *names: str) -> int:
    for name in names:
        value = raw.get(name)
        if isinstance(value, int) and value >= 0:
            return int(value)
    return 0


def price(usage: TokenUsage, model: str, base_url: str | None) -> float | None:
    """Return the USD that calls of a model cost; None if the list doesn't know the model at that address.

    A model in a file, and one that is served on this machine or in a private network costs nothing by the token.
    """
    host = urlsplit(base_url or "https://api.openai.com").hostname or ""
    if is_local(model) or is_private(host):
        return 0.0
    if usage.silent:
        return None
    from genai_prices import Usage, calc_price

    counted = Usage(input_tokens=usage.prompt, cache_read_tokens=usage.cached, output_tokens=usage.completion)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return float(calc_price(counted, model, provider_api_url=base_url or "https://api.openai.com").total_price)
    except (LookupError, ValueError):
        return None


def is_private(host: str) -> bool:
    """Whether a host is this machine or in a private network, as far as its name tells."""
    if host == "localhost" or host.endswith((".localhost", ".local")):
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_private
