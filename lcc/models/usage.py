"""Count what model calls cost: calls, tokens and money, by role."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lcc.grammar.values import Json


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
