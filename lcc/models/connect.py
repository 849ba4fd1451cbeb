"""Open the models of the roles for the time of one ask. Roles at one endpoint share its connections."""

from __future__ import annotations

from contextlib import AsyncExitStack

from lcc.models.request import Model
from lcc.models.settings import ModelSettings, Roles


async def open_models(roles: Roles, stack: AsyncExitStack) -> dict[str, Model]:
    """Return the model of each role; what is opened is closed with the stack."""
    opened: dict[ModelSettings, Model] = {}
    models: dict[str, Model] = {}
    for role, settings in roles.by_name().items():
        if settings not in opened:
            opened[settings] = await _open(settings, stack)
        models[role] = opened[settings]
    return models


async def _open(settings: ModelSettings, stack: AsyncExitStack) -> Model:
    from lcc.models.openai_model import OpenAIModel, open_client  # half a second

    return OpenAIModel(settings, await stack.enter_async_context(open_client(settings)))
