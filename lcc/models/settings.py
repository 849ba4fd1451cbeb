"""Hold which model a role talks to, and how, and read such settings where people write them.

A project's file has them in a table:

    [tool.lcc.models]
    model = "gpt-5-mini"
    base-url = "http://localhost:8000/v1"     # used with --trust-project only
    joiner = { model = "gpt-5-nano" }         # also planner and tools

A command line has those of one role: `planner.temperature=0`, `joiner.base-url=http://localhost:8000/v1`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias, get_args
from urllib.parse import urlsplit

from lcc.grammar.given import in_brief, require, require_number, require_seconds
from lcc.models.local.gguf import PREFIX, is_local, local_path

Api: TypeAlias = Literal["chat", "responses"]
APIS: Final = ("chat", "responses")
Constrain: TypeAlias = Literal["auto", "off", "lark", "gbnf"]
CONSTRAIN: Final[tuple[Constrain, ...]] = get_args(Constrain)
ROLES: Final = ("planner", "joiner", "tools")
"""Who talks to models: the planner, the joiner, and tools that are made of a model."""

_HOST: Final = re.compile(r"[^\s/\\@]+")


_PROVIDERS: Final = {
    "api.openai.com": "openai",
    "openai.azure.com": "azure.ai.openai",
    "inference.ai.azure.com": "azure.ai.inference",
    "anthropic.com": "anthropic",
    "amazonaws.com": "aws.bedrock",
    "generativelanguage.googleapis.com": "gcp.gemini",
    "aiplatform.googleapis.com": "gcp.vertex_ai",
    "cohere.com": "cohere",
    "cohere.ai": "cohere",
    "deepseek.com": "deepseek",
    "groq.com": "groq",
    "mistral.ai": "mistral_ai",
    "perplexity.ai": "perplexity",
    "x.ai": "x_ai",
}
"""How hosts end, and what OpenTelemetry's GenAI conventions call who serves there (`gen_ai.provider.name`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSettings:
    """A model and how to ask it.

    `base_url`: None is OpenAI. `key`: None sends no key; it is never shown. `api`: Chat Completions, which every endpoint has, or
    Responses. `temperature`, `max_tokens`: left to the endpoint if None. `timeout`: seconds of silence after which a reply is
    given up. `retries`: further tries on 408, 409, 429, 5xx, silence and lost connections, `Retry-After` heeded, and
    of a reply that breaks off. `stream`: take replies as
    they are written. `structured`: ask for JSON by a schema where a reply has a form; an endpoint that refuses is asked without.
    `constrain`: hold a reply that has a grammar to it; `auto` does where the endpoint is known to take one at no cost, `lark` and
    `gbnf` insist on it. `extra`: further fields of every request, by name.

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
            raise ValueError(f"api {in_brief(self.api)}: it is one of {', '.join(APIS)}")
        if self.constrain not in CONSTRAIN:
            raise ValueError(f"constrain {in_brief(self.constrain)}: it is one of {', '.join(CONSTRAIN)}")
        if not (self.context is None or self.context >= 256) or not (self.threads is None or self.threads >= 1):
            raise ValueError("context must be at least 256 tokens, and threads at least 1")
        if not self.timeout > 0:
            raise ValueError("timeout must be positive")
        if self.retries < 0:
            raise ValueError("retries must not be negative")

    @property
    def provider(self) -> str:
        """Who serves the model: OpenTelemetry's name of it, else the host; `local` for a model in a file."""
        if is_local(self.model):
            return "local"
        host = "api.openai.com" if self.base_url is None else urlsplit(self.base_url).hostname or ""
        return next((name for end, name in _PROVIDERS.items() if f".{host}".endswith(f".{end}")), host)

    def _check_kinds(self) -> None:
        require(self.model, str, "model", "a name, as text")
        for name in ("base_url", "key"):
            require(getattr(self, name), (str, type(None)), name, "text")
        require_number(self.temperature, "temperature")
        for name in ("max_tokens", "context", "threads"):
            require_number(getattr(self, name), name, whole=True)
        require(self.timeout, (int, float), "timeout", "a number of seconds")
        require_seconds(self.timeout, "timeout")
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


KINDS: Final[Mapping[str, tuple[type, ...]]] = {
    "model": (str,),
    "base-url": (str,),
    "api": (str,),
    "temperature": (int, float),
    "max-tokens": (int,),
    "timeout": (int, float),
    "retries": (int,),
    "context": (int,),
    "threads": (int,),
    "stream": (bool,),
    "structured": (bool,),
    "constrain": (str,),
}


def read_models(value: object) -> dict[str, Any]:
    """Return the settings with underscores for hyphens, those of a role under its name; ValueError says what is wrong."""
    if not isinstance(value, dict):
        raise ValueError("a table")
    found: dict[str, Any] = {}
    for name, one in value.items():
        if name in ROLES:
            if not isinstance(one, dict) or any(inner in ROLES for inner in one):
                raise ValueError(f"a table with a table or nothing for `{name}`")
            found[name] = read_models(one)
        elif name not in KINDS:
            raise ValueError(f"a table of {', '.join(KINDS)} and {', '.join(ROLES)}; it holds `{name}`")
        elif not isinstance(one, KINDS[name]) or (isinstance(one, bool) and bool not in KINDS[name]):
            raise ValueError(f"a table whose `{name}` is {KINDS[name][-1].__name__}")
        else:
            found[name.replace("-", "_")] = one
    return found


def with_files_in(models: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Return the settings with the files of local models looked for in a folder, as the project's file means them."""
    found = {name: with_files_in(one, folder) if name in ROLES else one for name, one in models.items()}
    if is_local(named := str(found.get("model", ""))):
        found["model"] = f"{PREFIX}{folder / local_path(named)}"
    return found


_BOOLEANS: Final = {"true": True, "yes": True, "false": False, "no": False}


def read_role_settings(texts: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return settings by role, with underscores for hyphens; ValueError says what is wrong. A later text goes before an earlier one."""
    found: dict[str, dict[str, Any]] = {}
    for text in texts:
        place, equals, value = text.partition("=")
        role, dot, name = place.partition(".")
        if not (equals and dot):
            raise ValueError(f"{text!r} is not like planner.temperature=0")
        if role not in ROLES:
            raise ValueError(f"there is no role {role!r}: it is one of {', '.join(ROLES)}")
        if name not in KINDS:
            raise ValueError(f"a model has no setting {name!r}: it is one of {', '.join(KINDS)}")
        found.setdefault(role, {})[name.replace("-", "_")] = _value(place, value, KINDS[name])
    return found


def _value(place: str, text: str, kinds: tuple[type, ...]) -> Any:
    if bool in kinds:
        if text.lower() not in _BOOLEANS:
            raise ValueError(f"{place} is true or false, not {text!r}")
        return _BOOLEANS[text.lower()]
    try:
        return kinds[-1](text)
    except ValueError:
        raise ValueError(f"{place} is a number, not {text!r}") from None
