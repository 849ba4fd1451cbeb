"""Hold which model a role talks to, and how."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias, get_args
from urllib.parse import urlsplit

from lcc.grammar.given import require, require_number
from lcc.models.local.files import PREFIX, is_local

Api: TypeAlias = Literal["chat", "responses"]
APIS: Final = ("chat", "responses")
Constrain: TypeAlias = Literal["auto", "off", "lark", "gbnf"]
CONSTRAIN: Final[tuple[Constrain, ...]] = get_args(Constrain)
ROLES: Final = ("planner", "joiner", "tools")
"""Who talks to models: the planner, the joiner, and tools that are made of a model."""

_HOST: Final = re.compile(r"[^\s/\\@]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSettings:
    """A model and how to ask it.

    `base_url`: None is OpenAI. `key`: None sends no key; it is never shown. `api`: Chat Completions, which every endpoint has, or
    Responses. `temperature`, `max_tokens`: left to the endpoint if None. `timeout`: seconds of silence after which a reply is
    given up. `retries`: further tries on 408, 409, 429, 5xx, silence and lost connections, `Retry-After` heeded, and
    of a reply that breaks off. `stream`: take replies as
    they are written. `structured`: ask for JSON by a schema where a reply has a form; an endpoint that refuses is asked without.
    `constrain`: hold a reply that has a grammar to it; `auto` does where the endpoint is known to take one at no cost, `lark` and
    `gbnf` insist on it. `extra`: further fields of every request.

    `local:PATH.gguf` is a model in a file, run on this machine, with neither address nor key. Of such a model, `context`: tokens of
    prompt and reply together; `threads`: processors to use (by default half of them, since the other half are mostly their twins).
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
    constrain: Constrain = "auto"
    context: int | None = None
    threads: int | None = None
    extra: Mapping[str, object] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        self._check_kinds()
        if not self.model:
            raise ValueError("the model has no name")
        if is_local(self.model) and (self.base_url is not None or self.model == PREFIX):
            raise ValueError(f"{self.model!r}: a local model has a file, and no address")
        if is_local(self.model) and self.constrain == "lark":
            raise ValueError("a local model takes its grammar as GBNF: constrain is auto, gbnf or off")
        if self.base_url is not None and not _is_address(self.base_url):
            raise ValueError(f"{self.base_url!r} is no address: it is like http://localhost:8000/v1")
        if self.key is not None and not (self.key.isascii() and self.key.isprintable() and " " not in self.key):
            raise ValueError("the key holds characters that no key has")
        if self.api not in APIS:
            raise ValueError(f"api {self.api!r}: it is one of {', '.join(APIS)}")
        if self.constrain not in CONSTRAIN:
            raise ValueError(f"constrain {self.constrain!r}: it is one of {', '.join(CONSTRAIN)}")
        if not (self.context is None or self.context >= 256) or not (self.threads is None or self.threads >= 1):
            raise ValueError("context must be at least 256 tokens, and threads at least 1")
        if not self.timeout > 0:
            raise ValueError("timeout must be positive")
        if self.retries < 0:
            raise ValueError("retries must not be negative")

    def _check_kinds(self) -> None:
        require(self.model, str, "model", "a name, as text")
        for name in ("base_url", "key"):
            require(getattr(self, name), (str, type(None)), name, "text")
        for name in ("temperature", "timeout"):
            require_number(getattr(self, name), name)
        for name in ("max_tokens", "context", "threads"):
            require_number(getattr(self, name), name, whole=True)
        require(self.timeout, (int, float), "timeout", "a number of seconds")
        require(self.retries, int, "retries", "an int")
        for name in ("stream", "structured"):
            require(getattr(self, name), bool, name, "True or False")
        require(self.extra, Mapping, "extra", "a dict of fields")


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(_HOST.fullmatch(parts.hostname or "")) and parts.port != 0
    except ValueError:
        return False


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


def check_model(model: str | ModelSettings | object, name: str = "model") -> None:
    """Raise TypeError for what names no model."""
    wanted = 'a name such as "gpt-5-mini", or lcc.ModelSettings(…)'
    require(model, (str, ModelSettings, Roles, type(None)), name, wanted)
