"""Declare how a plan is run — limits, time, retries, budgets — on the command line, over what `[tool.lcc]` says."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, TypeVar

from lcc.cli.bad_input import Usage
from lcc.grammar.signature import CallLimits

if TYPE_CHECKING:
    from lcc.config import Config
    from lcc.runtime.approval import Approver
    from lcc.runtime.events import EventSink
    from lcc.runtime.journal_hook import Journal
    from lcc.runtime.options import Options

T = TypeVar("T", int, float)
_BLOCK_WARNING: Final = 2.0
"""Seconds that a tool may hold the event loop before people are told."""
_LIMITS: Final[dict[str, Callable[[str], float]]] = {
    "concurrency": int,
    "rate": float,
    "timeout": float,
    "retries": int,
    "max_result_bytes": int,
}


def add_run_options(parser: argparse.ArgumentParser) -> None:
    """Declare the options of a run."""
    parser.add_argument("--trace", metavar="OUT", help="write a trace of the run, which Perfetto opens")
    parser.add_argument("--profile-out", metavar="OUT", help="add what calls took to this profile, for --profile")
    add_limits(parser)


def add_allowed_hosts(parser: argparse.ArgumentParser) -> None:
    """Declare which hosts tools may reach."""
    parser.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="HOST",
        help="a host that `http_get` may reach: example.org, *.example.org (default: LCC_ALLOW_HOSTS; may be repeated)",
    )


def add_limits(parser: argparse.ArgumentParser) -> None:
    """Declare what a run may use: calls at once, time, retries, budgets."""
    add_allowed_hosts(parser)
    group = parser.add_argument_group("limits")
    group.add_argument("--concurrency", type=_count, metavar="N", help="calls at once (default: 1000)")
    group.add_argument("--threads", type=_count, metavar="N", help="calls of sync tools at once (default: 64)")
    group.add_argument("--processes", type=_count, metavar="N", help="calls in processes at once (default: 4)")
    group.add_argument(
        "--ray-address",
        metavar="ADDRESS",
        help='the cluster for tools with isolation="ray" (default: RAY_ADDRESS, else this machine)',
    )
    group.add_argument("--timeout", type=_seconds, metavar="S", help="seconds for a call whose tool declares no limit")
    group.add_argument("--deadline", type=_seconds, metavar="S", help="seconds for the whole run")
    group.add_argument(
        "--retries", type=_natural, metavar="N", help="further tries of a failed call, where repeating is safe"
    )
    group.add_argument(
        "--on-failure", choices=("skip", "stop"), help="skip what reads a failed task, or stop (default: skip)"
    )
    group.add_argument("--max-calls", type=_natural, metavar="N", help="calls that the run may make")
    group.add_argument("--max-tokens", type=_natural, metavar="N", help="tokens that its tools may spend")
    group.add_argument("--max-usd", type=_seconds, metavar="X", help="money that its tools may spend, in USD")
    group.add_argument(
        "--limit",
        action="append",
        default=[],
        metavar="TOOL.NAME=VALUE",
        help="a limit of one tool: concurrency, rate (a second), timeout, retries or max_result_bytes (may be repeated)",
    )
    group.add_argument(
        "--hedge",
        action="append",
        default=[],
        metavar="TOOL=S",
        help="after S seconds call a tool that only reads a second time; the first answer wins (may be repeated)",
    )


def options_of(
    args: argparse.Namespace, config: Config, *, sink: EventSink, approve: Approver | None, journal: Journal | None
) -> Options:
    """Return the options that a command line asks for; raises Usage for a limit that isn't one."""
    from lcc.runtime.options import Budget, Options, Policy

    given = dict(config.limits)
    for name in ("concurrency", "threads", "processes", "timeout", "deadline", "retries"):
        if getattr(args, name) is not None:
            given[name] = getattr(args, name)
    on_failure = args.on_failure or given.pop("on_failure", "skip")
    budget = Budget(
        calls=_either(args.max_calls, given.pop("max_calls", None)),
        tokens=_either(args.max_tokens, given.pop("max_tokens", None)),
        usd=_either(args.max_usd, given.pop("max_usd", None)),
    )
    return Options(
        **given,  # type: ignore[arg-type]
        ray_address=args.ray_address,
        on_failure=Policy(str(on_failure)),
        budget=budget,
        tools={**config.tool_limits, **_tool_limits(args.limit, config)},
        hedge=dict(_pair(text, "--hedge", float) for text in args.hedge),
        on_event=sink,
        approve=approve,
        journal=journal,
        block_warning=_BLOCK_WARNING,
        settings=_settings(args, config),
    )


def _settings(args: argparse.Namespace, config: Config) -> dict[str, object]:
    """Return what tools are told: the hosts that a project's own file allows count only if the user trusts it."""
    from lcc.tools.allowed_hosts import SETTING, VARIABLE, WrongHost, read_hosts

    given = args.allow_host
    if not given and VARIABLE not in os.environ and args.trust_project:
        given = config.allow_hosts
    if not given:
        return {}
    try:
        return {SETTING: read_hosts(given)}
    except WrongHost as error:
        raise Usage(f"--allow-host: {error}") from None


def _tool_limits(given: Sequence[str], config: Config) -> dict[str, CallLimits]:
    found: dict[str, dict[str, float]] = {}
    for text in given:
        left, _, value = text.rpartition("=")
        tool, _, name = left.rpartition(".")
        if not tool or name not in _LIMITS:
            raise Usage(f"--limit {text}: write it as TOOL.NAME=VALUE; names are {', '.join(_LIMITS)}")
        found.setdefault(tool, {})[name] = _number(value, f"--limit {text}", _LIMITS[name])
    limits: dict[str, CallLimits] = {}
    for tool, values in found.items():
        before = config.tool_limits.get(tool, CallLimits())
        known = {name: getattr(before, name) for name in _LIMITS}
        limits[tool] = CallLimits(**{**known, **values})
    return limits


def _pair(text: str, option: str, read: Callable[[str], float]) -> tuple[str, float]:
    name, _, value = text.partition("=")
    return name, _number(value, f"{option} {text}", read)


def _number(text: str, where: str, read: Callable[[str], float]) -> float:
    try:
        number = read(text)
    except ValueError:
        raise Usage(f"{where}: `{text}` is not a number") from None
    if not number >= 0:
        raise Usage(f"{where}: it must not be negative")
    return number


def _either(first: T | None, second: object) -> T | None:
    return first if first is not None else second  # type: ignore[return-value]


def _count(text: str) -> int:
    return _checked(text, int, 1)


def _natural(text: str) -> int:
    return _checked(text, int, 0)


def _seconds(text: str) -> float:
    return _checked(text, float, 0)


def _checked(text: str, read: Callable[[str], T], least: int) -> T:
    try:
        number = read(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"`{text}` is not a number") from None
    if not number >= least:
        raise argparse.ArgumentTypeError(f"it must be at least {least}")
    return number
