"""Find the model for the tools of a run, once one of them asks, and say how to get one where there is none."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from typing import TYPE_CHECKING

from lcc.cli.console import Console

if TYPE_CHECKING:
    from lcc.ask.tool_model import OwnToolModel
    from lcc.config import Config
    from lcc.runtime.options import Budget
    from lcc.runtime.tool import Tool


def tool_model(tools: Iterable[Tool], args: argparse.Namespace, config: Config, budget: Budget) -> OwnToolModel | None:
    """Return what tools can ask within a budget; None if none of them could."""
    if all(tool.context_parameter is None for tool in tools):
        return None
    from lcc.ask.accounts import Limits
    from lcc.ask.tool_model import OwnToolModel
    from lcc.cli.model_options import tool_model_of

    return OwnToolModel(lambda: tool_model_of(args, config), Limits(tokens=budget.tokens, usd=budget.usd))


def close_tool_model(asked: OwnToolModel | None, console: Console) -> None:
    """End what was started on this machine, and say how to get a model, if a tool asked for one in vain."""
    if asked is None:
        return
    from lcc.grammar.diagnostics.terminal import escape_lines
    from lcc.models.local.server import close_local_models

    close_local_models()
    if asked.missing:
        console.say(escape_lines(asked.missing))
