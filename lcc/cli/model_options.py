"""Declare which models a command and its tools talk to, and find them: options, the environment, the project."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lcc.cli.console import Console, Usage
from lcc.config import Config
from lcc.grammar.diagnostics.terminal import escape_lines

if TYPE_CHECKING:
    from lcc.ask.tool_model import OwnToolModel
    from lcc.models.settings import ModelSettings, Roles
    from lcc.runtime.options import Budget
    from lcc.runtime.tool import Tool


def add_models(parser: argparse.ArgumentParser) -> None:
    """Declare the options that choose models."""
    group = parser.add_argument_group("models")
    group.add_argument(
        "--model",
        metavar="M",
        help="the model of every role; local:FILE.gguf runs a file on this machine (default: LCC_MODEL)",
    )
    group.add_argument("--planner-model", metavar="M", help="the planner's model")
    group.add_argument("--joiner-model", metavar="M", help="the joiner's model")
    group.add_argument(
        "--role",
        action="append",
        default=[],
        metavar="ROLE.NAME=VALUE",
        help="a setting of one role's model, as in [tool.lcc.models]: planner.temperature=0, joiner.base-url=URL (may be repeated)",
    )
    _add_endpoint(group)


def add_tool_model(parser: argparse.ArgumentParser) -> None:
    """Declare the options that choose the model of tools, for a command that asks no other."""
    group = parser.add_argument_group("models, for tools that ask one")
    group.add_argument("--model", metavar="M", help="the model (default: LCC_MODEL)")
    _add_endpoint(group)


def _add_endpoint(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--tools-model", metavar="M", help="the model of tools that ask one (default: --model)")
    group.add_argument(
        "--base-url",
        metavar="URL",
        help="an OpenAI-compatible endpoint (default: LCC_BASE_URL, OPENAI_BASE_URL, OpenAI); its key is in LCC_API_KEY or "
        "OPENAI_API_KEY",
    )
    group.add_argument("--api", choices=("chat", "responses"), help="Chat Completions (default) or Responses")
    group.add_argument("--temperature", type=float, metavar="X", help="of every model (default: the endpoint's)")
    group.add_argument("--reply-tokens", type=int, metavar="N", help="tokens of one reply (default: the endpoint's)")
    group.add_argument(
        "--model-timeout",
        type=float,
        metavar="S",
        help="seconds of a model's silence (default: 60; 600 of a local model)",
    )
    group.add_argument("--model-context", type=int, metavar="N", help="tokens of prompt and reply of a local model")
    group.add_argument("--model-threads", type=int, metavar="N", help="processors that a local model uses")
    group.add_argument("--model-retries", type=int, metavar="N", help="further tries on 429 and 5xx (default: 2)")
    group.add_argument("--no-stream", action="store_true", help="take models' replies whole")
    group.add_argument("--no-schema", action="store_true", help="don't ask for replies by a JSON schema")
    group.add_argument(
        "--trust-project",
        action="store_true",
        help="use the address, the local model, the allowed hosts and the servers of tools that pyproject.toml names",
    )


def roles_of(args: argparse.Namespace, config: Config) -> Roles:
    """Return the model of each role; raise NoModel where one has none."""
    from lcc.models.resolve import resolve_roles

    return resolve_roles(
        args.model,
        planner=args.planner_model,
        joiner=args.joiner_model,
        tools=args.tools_model,
        own=_own(args.role),
        **_shared(args, config),
    )


def _own(texts: list[str]) -> dict[str, dict[str, Any]]:
    from lcc.models.settings import read_role_settings

    try:
        return read_role_settings(texts)
    except ValueError as error:
        raise Usage(f"--role: {error}") from None


def tool_model_of(args: argparse.Namespace, config: Config) -> ModelSettings:
    """Return the model of tools alone; raise NoModel where there is none."""
    from lcc.models.resolve import resolve_role

    return resolve_role("tools", args.tools_model, args.model, **_shared(args, config))


def _shared(args: argparse.Namespace, config: Config) -> dict[str, Any]:
    """Return what holds for the models of all roles."""
    from lcc.models.settings import with_files_in

    folder = config.path.parent if config.path is not None else Path.cwd()
    return {
        "base_url": args.base_url,
        "project": with_files_in(config.models, folder),
        "trust_project": args.trust_project,
        "api": args.api,
        "temperature": args.temperature,
        "max_tokens": args.reply_tokens,
        "timeout": args.model_timeout,
        "retries": args.model_retries,
        "context": args.model_context,
        "threads": args.model_threads,
        "stream": False if args.no_stream else None,
        "structured": False if args.no_schema else None,
    }


def tool_model(tools: Iterable[Tool], args: argparse.Namespace, config: Config, budget: Budget) -> OwnToolModel | None:
    """Return what tools can ask within a budget; None if none of them could."""
    if all(tool.context_parameter is None for tool in tools):
        return None
    from lcc.ask.accounts import Limits
    from lcc.ask.tool_model import OwnToolModel

    return OwnToolModel(lambda: tool_model_of(args, config), Limits(tokens=budget.tokens, usd=budget.usd))


def close_tool_model(asked: OwnToolModel | None, console: Console) -> None:
    """End what was started on this machine, and say how to get a model, if a tool asked for one in vain."""
    if asked is None:
        return
    from lcc.models.local.server import close_local_models

    close_local_models()
    if asked.missing:
        console.say(escape_lines(asked.missing))
