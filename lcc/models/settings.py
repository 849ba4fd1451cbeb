"""Hold which model a role talks to, and how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

Api: TypeAlias = Literal["chat", "responses"]
APIS: Final = ("chat", "responses")
ROLES: Final = ("planner", "joiner", "tools")
"""Who talks to models: the planner, the joiner, and tools that are made of a model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSettings:
    """A model and how to ask it.

    `base_url`: None is OpenAI. `key`: None sends no key; it is never shown. `api`: Chat Completions, which every endpoint has, or
    Responses. `temperature`, `max_tokens`: left to the endpoint if None. `timeout`: seconds of silence after which a reply is
    given up. `retries`: further tries on 408, 409, 429, 5xx and lost connections, `Retry-After` heeded. `stream`: take replies as
    they are written. `structured`: ask for JSON by a schema where a reply has a form; an endpoint that refuses is asked without.
    `extra`: further fields of every request.
    """

    model: str
    base_url: str | None = None
    key: str | None = field(default=None, repr=False)
    api: Api = "chat"
    temperature: float | None = None
    max_tokens: int | None = None
    timeout: float = 60.0
    retries: int = 2
    stream: bool = True
    structured: bool = True
    extra: Mapping[str, object] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        if not self.model:
            raise ValueError("the model has no name")
        if self.api not in APIS:
            raise ValueError(f"api {self.api!r}: it is one of {', '.join(APIS)}")
        if not self.timeout > 0:
            raise ValueError("timeout must be positive")
        if self.retries < 0:
            raise ValueError("retries must not be negative")


@dataclass(frozen=True, slots=True)
class Roles:
    """The model of each role."""

    planner: ModelSettings
    joiner: ModelSettings
    tools: ModelSettings

    @classmethod
    def all(cls, settings: ModelSettings) -> Roles:
        """Return one model for every role."""
        return cls(settings, settings, settings)

    def by_name(self) -> dict[str, ModelSettings]:
        """Return the model of each role by the role's name."""
        return {"planner": self.planner, "joiner": self.joiner, "tools": self.tools}
