"""Open the models of the roles for the time of one ask. Roles at one endpoint share its connections, whatever their models."""

from __future__ import annotations

from collections.abc import Hashable
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from lcc.models.local.files import is_local
from lcc.models.request import Model
from lcc.models.settings import ModelSettings, Roles

if TYPE_CHECKING:
    from openai import AsyncOpenAI

    from lcc.models.local.model import Loading, OnLoad


async def open_models(roles: Roles, stack: AsyncExitStack, on_load: OnLoad | None = None) -> dict[str, Model]:
    """Return the model of each role; what is opened is closed with the stack. `on_load` is told when a local model is loaded.

    Raises NoModel for a local model that can't be served here.
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
