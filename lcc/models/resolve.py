"""Find out which model each role talks to, what is given, else the environment, else the project; and open it.

    --model, LCC_MODEL, [tool.lcc] model                     and --planner-model, LCC_PLANNER_MODEL, [tool.lcc.planner] model, …
    --base-url, LCC_BASE_URL, OPENAI_BASE_URL, [tool.lcc] base-url
    LCC_API_KEY, OPENAI_API_KEY
    --role planner.base-url=URL, LCC_PLANNER_BASE_URL                          and LCC_PLANNER_API_KEY, …: those of one role

An address of one role alone is not sent the key in OPENAI_API_KEY, which is that of another endpoint.

`local:PATH.gguf` is a model in a file; addresses and keys are for the others.

A project may be a stranger's. The address that its file names is used only if the user says so, and then the key in
OPENAI_API_KEY isn't sent there: what a checkout says must not carry a key away. So is a model's file that it names.
"""

from __future__ import annotations

import os
from collections.abc import Hashable, Mapping
from contextlib import AsyncExitStack
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from lcc.models.faults import NoModel
from lcc.models.local.gguf import check_local, is_local
from lcc.models.request import Model
from lcc.models.settings import ROLES, ModelSettings, Roles

if TYPE_CHECKING:
    from openai import AsyncOpenAI

    from lcc.models.local.model import Loading, OnLoad

HOW_TO_GET_ONE: Final = """\
no model is configured. Any OpenAI-compatible endpoint will do:
  hosted          export OPENAI_API_KEY=…     and --model gpt-5-mini
  Ollama          ollama pull qwen3:8b        and --model qwen3:8b --base-url http://localhost:11434/v1
  vLLM            vllm serve Qwen/Qwen3-8B    and --model Qwen/Qwen3-8B --base-url http://localhost:8000/v1
  a GGUF file     pip install 'lcc-toolchain[local]'   and --model local:FILE.gguf; no key, no network
LCC_MODEL and LCC_BASE_URL, or `model` in [tool.lcc] of pyproject.toml, serve in place of the options"""

LOCAL_TIMEOUT: Final = 600.0
"""Seconds of silence allowed to a model on this machine, which is long about a long prompt."""
NO_SETTINGS: Final[Mapping[str, Any]] = MappingProxyType({})


def resolve_roles(
    model: str | ModelSettings | Roles | None = None,
    *,
    planner: str | ModelSettings | None = None,
    joiner: str | ModelSettings | None = None,
    tools: str | ModelSettings | None = None,
    base_url: str | None = None,
    api_key: str | None = None,
    project: Mapping[str, Any] = NO_SETTINGS,
    trust_project: bool = False,
    environ: Mapping[str, str] | None = None,
    own: Mapping[str, Mapping[str, Any]] = NO_SETTINGS,
    **parameters: Any,
) -> Roles:
    """Return the model of each role; raise NoModel where one has none.

    `parameters` are fields of ModelSettings that hold for all roles; None leaves one to the project or the default. `own`: fields for one
    role, by its name; they go before everything else. `project`: the settings of a project's file, those of a role under its name.
    """
    if isinstance(model, Roles):
        return Roles(**{role: _served(settings) for role, settings in model.by_name().items()})
    given = {"planner": planner, "joiner": joiner, "tools": tools}
    found = {
        role: resolve_role(
            role,
            given[role],
            model,
            base_url=base_url,
            api_key=api_key,
            project=project,
            trust_project=trust_project,
            environ=environ,
            own=own.get(role, NO_SETTINGS),
            **parameters,
        )
        for role in ROLES
    }
    return Roles(**found)


def resolve_role(
    role: str,
    given: str | ModelSettings | None = None,
    model: str | ModelSettings | Roles | None = None,
    *,
    base_url: str | None = None,
    api_key: str | None = None,
    project: Mapping[str, Any] = NO_SETTINGS,
    trust_project: bool = False,
    environ: Mapping[str, str] | None = None,
    own: Mapping[str, Any] = NO_SETTINGS,
    **parameters: Any,
) -> ModelSettings:
    """Return the model of one role: `given`, else the model of all roles; `own` are settings of this role, the rest is as for `resolve_roles`."""
    if isinstance(model, Roles):
        return _served(model.by_name()[role])
    environ = os.environ if environ is None else environ
    settings = {**{k: v for k, v in project.items() if k not in ROLES}, **project.get(role, {})}
    named = own.get("model") or given or _role_variable(environ, role) or model or environ.get("LCC_MODEL")
    one = named or settings.get("model")
    if isinstance(one, ModelSettings):
        return _served(one)
    if not one:
        raise NoModel(HOW_TO_GET_ONE)
    projects = settings.pop("base_url", None)
    settings |= {name: value for name, value in parameters.items() if value is not None}
    settings |= {name: value for name, value in own.items() if name != "base_url"} | {"model": one}
    if is_local(one):
        if not named and not trust_project:
            raise NoModel(
                f"pyproject.toml names the model {one}. Allow it with --trust-project, or name one with --model"
            )
        return _served(_checked({"timeout": LOCAL_TIMEOUT, **settings}))
    own_url = own.get("base_url") or _role_variable(environ, role, "BASE_URL")
    own_key = _role_variable(environ, role, "API_KEY")
    if own_url:
        return _checked({"base_url": own_url, "key": own_key or api_key or environ.get("LCC_API_KEY"), **settings})
    url, key = _address(projects, base_url, own_key or api_key, trust_project, environ)
    return _checked({"base_url": url, "key": key, **settings})


def _served(settings: ModelSettings) -> ModelSettings:
    """Return the settings; raise NoModel if they are of a model in a file that can't be served."""
    if is_local(settings.model):
        check_local(settings.model)
    return settings


def _role_variable(environ: Mapping[str, str], role: str, what: str = "MODEL") -> str | None:
    return environ.get(f"LCC_{role.upper()}_{what}")


def _address(
    projects: str | None, given: str | None, api_key: str | None, trusted: bool, environ: Mapping[str, str]
) -> tuple[str | None, str | None]:
    own_key = api_key or environ.get("LCC_API_KEY")
    url = given or environ.get("LCC_BASE_URL") or environ.get("OPENAI_BASE_URL")
    if url or not projects:
        return url or None, own_key or environ.get("OPENAI_API_KEY")
    if not trusted:
        raise NoModel(
            f"pyproject.toml sends models' requests to {projects}. Allow that with --trust-project, "
            "or name an address with --base-url"
        )
    return projects, own_key


def _checked(fields: Mapping[str, Any]) -> ModelSettings:
    try:
        return ModelSettings(**fields)
    except (TypeError, ValueError) as error:
        raise NoModel(f"the model's settings are wrong: {error}") from None


async def open_models(roles: Roles, stack: AsyncExitStack, on_load: OnLoad | None = None) -> dict[str, Model]:
    """Return the model of each role; what is opened is closed with the stack. Roles at one endpoint share its connections.

    `on_load` is told when a local model is loaded. Raises NoModel for a local model that can't be served here.
    """
    opened: dict[ModelSettings, Model] = {}
    clients: dict[Hashable, AsyncOpenAI] = {}
    models: dict[str, Model] = {}
    for role, settings in roles.by_name().items():
        if settings not in opened:
            opened[settings] = await _open(settings, stack, clients, on_load or _nothing)
        models[role] = opened[settings]
    return models


async def _open(
    settings: ModelSettings, stack: AsyncExitStack, clients: dict[Hashable, AsyncOpenAI], on_load: OnLoad
) -> Model:
    if is_local(settings.model):
        from lcc.models.local.model import LocalModel

        return await stack.enter_async_context(LocalModel(settings, on_load))
    from lcc.models.openai_model import OpenAIModel, open_client  # half a second

    endpoint = (settings.base_url, settings.key, settings.timeout, settings.retries)
    if endpoint not in clients:
        clients[endpoint] = await stack.enter_async_context(open_client(settings))
    return OpenAIModel(settings, clients[endpoint])


def _nothing(loading: Loading) -> None:
    return None
