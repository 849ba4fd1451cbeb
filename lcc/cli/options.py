"""Declare the options that several commands share, and read what they say."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from lcc.cli.console import BadInput, Usage
from lcc.cli.views.seeing import add_seeing
from lcc.config import OWN_LIMITS, Config, find_config, read_config
from lcc.grammar.diagnostics import Diagnostic, Severity
from lcc.grammar.diagnostics.wording import did_you_mean, listed
from lcc.grammar.given import LONGEST
from lcc.grammar.signatures import LIMITS, CallLimits, Tools
from lcc.grammar.signatures.declaration import OPTIONS
from lcc.grammar.signatures.tool_rules import WRONG_SETTING

if TYPE_CHECKING:
    from lcc.runtime.events import EventSink
    from lcc.runtime.options import Approver, Options
    from lcc.runtime.recording import Journal

LEVELS: Final = (0, 1, 2, 3)
DEFAULT_LEVEL: Final = 2
REPEATS: Final = ("refuse", "ask", "allow")
"""Those of `lcc.runtime.consent.write_log`, which is loaded where a question is asked."""


def add_file(parser: argparse.ArgumentParser) -> None:
    """Declare the one plan file of a command."""
    parser.add_argument("file", metavar="FILE", help="a plan file; - is standard input")


def add_tools(parser: argparse.ArgumentParser) -> None:
    """Declare `--tools`, and what is said of all of them."""
    parser.add_argument(
        "--tools",
        action="append",
        default=[],
        metavar="SPEC",
        help="tools to check and call: FILE.py, package.module[:name], FILE.pyi, FILE.json or an mcp.json[:server[.tool]] (may be repeated; "
        "default: [tool.lcc] in the pyproject.toml nearest to the plan)",
    )
    parser.add_argument(
        "--trust-annotations",
        action="store_true",
        help="take the effects that JSON declarations tell of (readOnlyHint, destructiveHint and so on) at their word",
    )


def add_level(parser: argparse.ArgumentParser, *, default: int = DEFAULT_LEVEL) -> None:
    """Declare `-O` alone, for a command that doesn't show what passes do."""
    _add_level(parser, default)
    parser.set_defaults(
        passes=None, print_after=None, print_after_all=False, verify_each=False, stats=False, time_passes=False
    )


def _add_level(parser: argparse._ActionsContainer, default: int) -> None:
    parser.add_argument(
        "-O",
        dest="level",
        type=int,
        choices=LEVELS,
        default=default,
        metavar="N",
        help=f"how much to optimize, 0 to 3 (default: {default})",
    )


def add_pipeline(parser: argparse.ArgumentParser) -> None:
    """Declare the options that choose passes and show what they do."""
    group = parser.add_argument_group("optimization")
    _add_level(group, DEFAULT_LEVEL)
    group.add_argument("--passes", metavar="A,B,…", help="run these passes, in this order, instead of a level's")
    group.add_argument("--stats", action="store_true", help="say what each pass changed, and why it was legal")
    group.add_argument("--time-passes", action="store_true", help="say how long each pass took")
    group.add_argument("--verify-each", action="store_true", help="verify the plan after every pass")
    shown = group.add_mutually_exclusive_group()
    shown.add_argument("--print-after", metavar="PASS", help="show what a pass changed, as a diff of the IR")
    shown.add_argument("--print-after-all", action="store_true", help="show what every pass changed")


def add_format(parser: argparse.ArgumentParser) -> None:
    """Declare `--format` of a command that prints text or JSON."""
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default: text")


def add_yes(parser: argparse.ArgumentParser) -> None:
    """Declare `--yes`."""
    parser.add_argument("--yes", action="store_true", help="allow destructive calls without asking")


def add_wait(parser: argparse.ArgumentParser) -> None:
    """Declare `--wait`."""
    parser.add_argument(
        "--wait",
        action="store_true",
        help="with a journal: end where somebody must be asked, and go on with `lcc resume --approve` or `--deny`",
    )


def add_approve_plan(parser: argparse.ArgumentParser) -> None:
    """Declare `--approve-plan`."""
    parser.add_argument(
        "--approve-plan",
        action="store_true",
        help="show the whole plan and what it changes, and ask before anything is called",
    )


def add_profile(parser: argparse.ArgumentParser) -> None:
    """Declare `--profile`."""
    parser.add_argument("--profile", metavar="P", help="what calls took before, as `lcc run --profile-out` wrote it")


def add_plan(parser: argparse.ArgumentParser) -> None:
    """Declare a plan file and all that it is compiled with."""
    add_file(parser)
    add_profile(parser)
    add_tools(parser)
    add_front_end(parser)


def add_front_end(parser: argparse.ArgumentParser) -> None:
    """Declare `--front-end`."""
    help_ = "the language of the text (default: ir for .ir, ir-json for .json, else plan)"
    parser.add_argument("--front-end", metavar="NAME", help=help_)


T = TypeVar("T", int, float)
_BLOCK_WARNING: Final = 2.0
"""Seconds that a tool may hold the event loop before people are told."""


def add_run_options(parser: argparse.ArgumentParser) -> None:
    """Declare the options of a run."""
    parser.add_argument("--trace", metavar="OUT", help="write a trace of the run, which Perfetto opens")
    parser.add_argument(
        "--report", metavar="OUT", help="write a page about the run: plan, graph, timeline, calls, failures"
    )
    parser.add_argument("--profile-out", metavar="OUT", help="add what calls took to this profile, for --profile")
    add_seeing(parser)
    add_limits(parser)


def add_journal(parser: argparse.ArgumentParser, *, required: bool) -> None:
    """Declare the journal, as an option or as the command's subject."""
    if required:
        parser.add_argument(
            "journal",
            metavar="JOURNAL",
            nargs="?",
            help="the file that `--journal` named (default: that of your questions)",
        )
    else:
        parser.add_argument("--journal", metavar="JOURNAL", help="record the run in this SQLite file, for `lcc resume`")
    parser.add_argument(
        "--durable", action="store_true", help="with a journal: survive a power cut too, at the disk's pace"
    )


def add_settling(parser: argparse.ArgumentParser) -> None:
    """Declare what settles calls in doubt."""
    parser.add_argument(
        "--done",
        action="append",
        default=[],
        metavar="ID=VALUE",
        help="a call in doubt was done, and this was its result: text where the tool returns text, else JSON; without `=VALUE` null "
        "(may be repeated)",
    )
    parser.add_argument(
        "--redo",
        action="append",
        default=[],
        metavar="ID",
        help="a call in doubt is to be made again (may be repeated)",
    )


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
    group.add_argument("--max-usd", type=_amount, metavar="X", help="money that its tools may spend, in USD")
    group.add_argument(
        "--limit",
        action="append",
        default=[],
        metavar="TOOL.NAME=VALUE",
        help="a limit of one tool: concurrency, rate (a second), timeout, retries or max_result_bytes; or NAME=VALUE, what "
        "a program itself may use: steps, memory (bytes), turns, depth or digits (may be repeated)",
    )
    group.add_argument(
        "--hedge",
        action="append",
        default=[],
        metavar="TOOL=S",
        help="after S seconds call a tool that only reads a second time; the first answer wins (may be repeated)",
    )


def options_of(
    args: argparse.Namespace,
    config: Config,
    tools: Tools,
    *,
    sink: EventSink,
    approve: Approver | None,
    journal: Journal | None,
) -> Options:
    """Return the options that a command line asks for; raises as `check_limits` does."""
    from lcc.runtime.options import Budget, Options, Policy

    given = dict(config.limits)
    for name in ("concurrency", "threads", "processes", "timeout", "deadline", "retries"):
        if getattr(args, name) is not None:
            given[name] = getattr(args, name)
    given.update(_own_limits(args.limit))
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
        tools=_tool_limits(args, config, tools),
        hedge=_hedges(args.hedge, tools),
        on_event=sink,
        approve=approve,
        journal=journal,
        block_warning=_BLOCK_WARNING,
        settings=_settings(args, config),
    )


def _settings(args: argparse.Namespace, config: Config) -> dict[str, object]:
    """Return what tools are told: the hosts that a project's own file allows count only if the user trusts it."""
    of_project = config.allow_hosts if args.trust_project else ()
    if not args.allow_host and not of_project:
        return {}
    from lcc.tools.allowed_hosts import SETTING, VARIABLE, WrongHost, read_hosts

    given = args.allow_host or (() if VARIABLE in os.environ else of_project)
    if not given:
        return {}
    try:
        return {SETTING: read_hosts(given)}
    except WrongHost as error:
        raise Usage(f"--allow-host: {error}") from None


def check_limits(args: argparse.Namespace, tools: Tools, near: Path) -> None:
    """Raise Usage, or BadInput for the project's file, if a limit of one tool is none, or of a tool that isn't there."""
    _hedges(args.hedge, tools)
    _tool_limits(args, read_config(find_config(near)), tools)
    _own_limits(args.limit)


def _tool_limits(args: argparse.Namespace, config: Config, tools: Collection[str]) -> dict[str, CallLimits]:
    """Return the limits of single tools; a project's are for its own tools, which `--tools` replaces."""
    unknown = next((tool for tool in config.tool_limits if tool not in tools), None)
    if unknown is not None and not args.tools:
        message = f"`limits` is for the tool `{unknown}`, which isn't there"
        span = config.span_of("limits")
        found = Diagnostic(WRONG_SETTING.code, Severity.ERROR, message, span, did_you_mean(unknown, tools))
        raise BadInput((found,), config.source)
    limits = {tool: given for tool, given in config.tool_limits.items() if tool in tools}
    for text in args.limit:
        if text.partition("=")[0] in OWN_LIMITS:
            continue
        left, _, value = text.rpartition("=")
        tool, _, name = left.rpartition(".")
        if not tool or name not in LIMITS:
            raise Usage(
                f"--limit {text}: write it as TOOL.NAME=VALUE; names are {', '.join(LIMITS)}; "
                f"or, for what a program itself may use, as {', '.join(OWN_LIMITS)}=VALUE"
            )
        _check_tool(tool, tools, f"--limit {text}")
        number = _number(value, f"--limit {text}", float if name in ("rate", "timeout") else int)
        if wanted := OPTIONS[name](number):
            raise Usage(f"--limit {text}: `{name}` must be {wanted}")
        given: dict[str, Any] = {name: number}
        limits[tool] = replace(limits.get(tool, CallLimits()), **given)
    return limits


def _own_limits(texts: Sequence[str]) -> dict[str, int]:
    """Return the limits of what a program itself does."""
    limits = {}
    for text in texts:
        name, _, value = text.partition("=")
        if name in OWN_LIMITS:
            limits[name] = _number(value, f"--limit {text}", int)
            if limits[name] < 1:
                raise Usage(f"--limit {text}: it must be at least 1")
    return limits


def _hedges(given: Sequence[str], tools: Tools) -> dict[str, float]:
    hedges: dict[str, float] = {}
    for text in given:
        name, _, value = text.partition("=")
        _check_tool(name, tools, f"--hedge {text}")
        hedges[name] = _number(value, f"--hedge {text}", float)
        if not hedges[name] >= 0:
            raise Usage(f"--hedge {text}: it must not be negative")
        if hedges[name] > LONGEST:
            raise Usage(f"--hedge {text}: it must be at most {LONGEST:,}")
        if not tools[name].effect.may_start_early:
            help_ = "only a tool that is declared to be pure or to read is called a second time"
            raise Usage(f"--hedge {text}: a call of `{name}` may write; {help_}")
    return hedges


def _check_tool(name: str, tools: Collection[str], where: str) -> None:
    if name not in tools:
        known = did_you_mean(name, tools) or f"the tools are {listed(sorted(tools), 8) or 'none'}"
        raise Usage(f"{where}: there is no tool `{name}`; {known}")


def _number(text: str, where: str, read: Callable[[str], T]) -> T:
    try:
        return read(text)
    except ValueError:
        raise Usage(f"{where}: `{text}` is not a {'whole ' if read is int else ''}number") from None


def _either(first: T | None, second: object) -> T | None:
    return first if first is not None else second  # type: ignore[return-value]


def _count(text: str) -> int:
    return _checked(text, int, 1)


def _natural(text: str) -> int:
    return _checked(text, int, 0)


def _seconds(text: str) -> float:
    return _checked(text, float, 0, LONGEST)


def _amount(text: str) -> float:
    return _checked(text, float, 0)


def _checked(text: str, read: Callable[[str], T], least: int, most: int | None = None) -> T:
    try:
        number = read(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"`{text}` is not a number") from None
    if not number >= least:
        raise argparse.ArgumentTypeError(f"it must be at least {least}")
    if most is not None and number > most:
        raise argparse.ArgumentTypeError(f"it must be at most {most:,}")
    return number
