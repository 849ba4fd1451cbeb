"""Run the optimizer as a command line asks for, and show what it does: diffs, reasons and times, on standard error."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable

from lcc.cli.console import BadInput, Console, Usage
from lcc.cli.files import read_costs
from lcc.grammar.diagnostics.terminal import escape
from lcc.grammar.diagnostics.wording import plural, seconds
from lcc.grammar.ir import Plan
from lcc.grammar.plug_ins import PlugInError
from lcc.grammar.signatures import Tools
from lcc.grammar.source import Source
from lcc.passes.context import Change, Evaluate
from lcc.passes.pipeline import AfterPass, BrokenPass, Optimized, PassStats, UnknownPass, find_pass, optimize

BIND = "bind"


def run_pipeline(
    plan: Plan,
    tools: Tools,
    source: Source,
    args: argparse.Namespace,
    console: Console,
    evaluate: Evaluate | None = None,
) -> Optimized:
    """Optimize a verified plan; raise Usage for a pass that doesn't exist, BadInput where one breaks the plan."""
    names = None if args.passes is None else [name.strip() for name in args.passes.split(",") if name.strip()]
    try:
        if args.print_after is not None and args.print_after != BIND:
            find_pass(args.print_after)
        optimized = optimize(
            plan,
            tools,
            level=args.level,
            passes=names,
            costs=read_costs(args),
            evaluate=evaluate,
            verify_each=args.verify_each,
            after_pass=_watcher(args, console),
        )
    except (UnknownPass, PlugInError) as error:
        raise Usage(str(error)) from None
    except BrokenPass as error:
        console.fail(str(error))
        raise BadInput(error.diagnostics, source) from None
    if args.stats:
        show_stats(optimized, source, console)
    if args.time_passes:
        show_times(optimized.stats, console)
    return optimized


def _watcher(args: argparse.Namespace, console: Console) -> AfterPass | None:
    if args.print_after is None and not args.print_after_all:
        return None
    from lcc.cli.views.plan_text import for_terminal, unified
    from lcc.grammar.ir.text_form import print_ir

    def watch(name: str, before: Plan, after: Plan) -> None:
        if not args.print_after_all and name != args.print_after:
            return
        diff = "" if before is after else unified(print_ir(before), print_ir(after), f"before {name}", f"after {name}")
        console.say(for_terminal(diff, color=console.color) if diff else f"--- {name}: nothing changed")

    return watch


def show_stats(optimized: Optimized, source: Source, console: Console) -> None:
    """Say what each pass did, and for each change where and why it was legal."""
    changes: dict[str, list[Change]] = {}
    for change in optimized.changes:
        changes.setdefault(change.by, []).append(change)
    for name, runs in _by_name(optimized.stats).items():
        before, after = runs[0].before, runs[-1].after
        count = plural(before, "task") if before == after else f"{before} to {plural(after, 'task')}"
        console.say(f"{name}: {count}{_counted(runs)}")
        for change in changes.get(name, ()):
            console.say(f"  {_place(change, source)}{escape(str(change))}")


def _by_name(stats: Iterable[PassStats]) -> dict[str, list[PassStats]]:
    runs: dict[str, list[PassStats]] = {}
    for entry in stats:
        runs.setdefault(entry.name, []).append(entry)
    return runs


def _counted(runs: Iterable[PassStats]) -> str:
    total: Counter[str] = Counter()
    for entry in runs:
        total.update({action.value: number for action, number in entry.changes.items()})
    said = ", ".join(f"{number} {action}" for action, number in total.items())
    return f" ({said})" if said else ""


def _place(change: Change, source: Source) -> str:
    if not change.spans or change.spans[0] == (0, 0):
        return ""
    return f"line {source.position(change.spans[0].start)[0]}: "


def show_times(stats: Iterable[PassStats], console: Console) -> None:
    """Say how long each pass took, and what share of the whole that is."""
    runs = _by_name(stats)
    total = sum(entry.seconds for entries in runs.values() for entry in entries)
    for name, entries in runs.items():
        took = sum(entry.seconds for entry in entries)
        times = f" ({len(entries)} runs)" if len(entries) > 1 else ""
        console.say(f"{seconds(took):>10}  {took / total if total else 0:>4.0%}  {name}{times}")
    console.say(f"{seconds(total):>10}        all passes")
