"""Open a desk for `lcc serve`: its tools and plans, and what runs may use."""

from __future__ import annotations

import argparse
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import replace
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

from lcc import __version__
from lcc.cli.consent.approve import approver
from lcc.cli.console import BadInput, Console, Usage, bad_input
from lcc.cli.front import report_tools
from lcc.cli.model_options import close_tool_model, tool_model
from lcc.cli.options import check_limits, options_of
from lcc.compiler import CompileError
from lcc.config import find_config, read_config
from lcc.grammar.source import Source
from lcc.mcp_client.server_settings import EXTRA
from lcc.runtime.blocking import run_blocking
from lcc.runtime.calls.secrets import NO_SECRETS
from lcc.runtime.inputs import HOW_TO_GIVE_TOOLS
from lcc.runtime.text_files import Unreadable
from lcc.toolset import Toolset, load_bound

if TYPE_CHECKING:
    from lcc.ask.tool_model import OwnToolModel
    from lcc.serving.desk import DeskSettings
    from lcc.serving.saved_plans import SavedPlan

TOKEN: str = "LCC_SERVE_TOKEN"  # noqa: S105  (the name of a variable)


def serve(args: argparse.Namespace, console: Console) -> int:
    """Serve until the client or the user ends it."""
    try:
        from lcc.serving.serving_mcp import serve_stdio
    except ImportError:
        raise Usage(f"serving needs the extra `mcp`: {EXTRA}") from None
    from lcc.serving.desk import Desk
    from lcc.serving.serving_http import serve_http

    if args.http is None and (args.token or args.allow_origin):
        raise Usage("--token and --allow-origin are for --http")
    toolset = _tools(args, console)
    settings, asked = _settings(toolset, args, console)

    async def main() -> None:
        async with asked or nullcontext(), Desk(toolset.tools, settings) as desk:
            if args.http is None:
                if isinstance(console.stdout, TextIOWrapper):
                    console.stdout.reconfigure(encoding="utf-8", newline="\n")
                await serve_stdio(desk, __version__, console.stdout)
            else:
                token = args.token or os.environ.get(TOKEN) or secrets.token_urlsafe(24)
                origins = set(args.allow_origin)
                ready = _telling(args, token, console)
                await serve_http(desk, __version__, token, host=args.host, port=args.http, origins=origins, ready=ready)

    try:
        run_blocking(main)
    finally:
        close_tool_model(asked, console)
    return 0


def _tools(args: argparse.Namespace, console: Console) -> Toolset:
    toolset = load_bound(
        args.tools, near=Path.cwd(), trust_project=args.trust_project, trust_annotations=args.trust_annotations
    )
    report_tools(toolset, console)
    if not toolset.tools:
        raise bad_input(
            "X004", "there are no tools to serve", Source("--tools", ""), HOW_TO_GIVE_TOOLS.format("search")
        )
    check_limits(args, toolset.signatures, Path.cwd())
    return toolset


def _settings(toolset: Toolset, args: argparse.Namespace, console: Console) -> tuple[DeskSettings, OwnToolModel | None]:
    from lcc.serving.desk import DeskSettings

    config = read_config(find_config(Path.cwd()))
    approve = approver(console, always=True, secrets=NO_SECRETS) if args.yes else None
    options = options_of(args, config, toolset.signatures, sink=lambda event: None, approve=approve, journal=None)
    asked = tool_model(toolset.tools.values(), args, config, options.budget)
    plans = tuple(_plans(toolset, args))
    options = replace(options, model=asked, on_event=None)
    return DeskSettings(options, args.level, args.journal, plans), asked


def _plans(toolset: Toolset, args: argparse.Namespace) -> Iterator[SavedPlan]:
    from lcc.serving.offer import OWN_NAMES
    from lcc.serving.saved_plans import load_plan

    seen = set(OWN_NAMES)
    for path in args.plan:
        try:
            plan = load_plan(Path(path), toolset.signatures, args.level)
        except CompileError as error:
            raise BadInput(error.diagnostics, error.source) from None
        except Unreadable as error:
            raise Usage(f"--plan {path}: {error}") from None
        if plan.name in seen:
            raise Usage(f"--plan {path}: there is a tool `{plan.name}` already; rename the file")
        seen.add(plan.name)
        yield plan


def _telling(args: argparse.Namespace, token: str, console: Console) -> Callable[[str], None]:
    """Return what says where clients find the server, and the token where nobody chose it."""

    def ready(address: str) -> None:
        console.say(f"serving on {address}")
        if not args.token and TOKEN not in os.environ:
            console.say(f"clients send the header Authorization: Bearer {token}")

    return ready
