"""Take a command from its arguments to a compiled plan, and stop it where its input is bad."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lcc.cli.bad_input import BadInput, Usage
from lcc.cli.console import Console
from lcc.cli.files import STDIN, read_source
from lcc.compiler import check, read
from lcc.grammar.diagnostics import Diagnostic, has_errors
from lcc.grammar.ir import Plan
from lcc.grammar.signatures import Tools
from lcc.grammar.source import Source
from lcc.grammar.syntax.parser import Parsed

if TYPE_CHECKING:
    from lcc.passes.context import Evaluate
    from lcc.runtime.tool import Tool
    from lcc.toolset import Toolset


@dataclass(frozen=True, slots=True)
class CompiledFile:
    """A plan file, compiled. `written`: the plan before any pass. `callable`: the tools with an implementation."""

    plan: Plan
    written: Plan
    source: Source
    tools: Tools
    callable: Mapping[str, Tool]


def parse(source: Source, args: argparse.Namespace, tools: Tools) -> Parsed:
    """Read a plan by the front end that the command line names."""
    try:
        return read(source.text, tools, front_end=args.front_end, path=source.path)
    except (ValueError, LookupError) as error:
        raise Usage(f"--front-end {args.front_end}: {error}") from None


def static_tools(path: str, args: argparse.Namespace) -> Toolset:
    """Load the declarations of the tools in scope of a plan file. Code is imported only if the command line names it."""
    from lcc.toolset import load_static

    return load_static(args.tools, near=near(path))


def near(path: str) -> Path:
    """Return where to begin looking for a project: at a plan file, or in the working folder for standard input."""
    return Path.cwd() if path == STDIN else Path(path)


def report_tools(toolset: Toolset, console: Console) -> None:
    """Report what is wrong with the tools; raise BadInput if they can't be relied on."""
    groups = list(toolset.by_source())
    if toolset.failed:
        *others, (source, diagnostics) = sorted(groups, key=lambda group: has_errors(group[1]))
        for other, found in others:
            console.report(found, other)
        raise BadInput(diagnostics, source)
    for source, diagnostics in groups:
        console.report(diagnostics, source)


def compile_file(
    args: argparse.Namespace, console: Console, *, bound: bool = False, fold: bool = False
) -> CompiledFile:
    """Read, verify and optimize the plan file that the command line names, with its tools; raise BadInput for one with errors.

    `bound`: tools are going to be called. Their code is imported once the plan is known to be right, as far as declarations say.
    `fold`: calls of tools that declare it may be evaluated, where the tools' code is loaded.
    """
    from lcc.cli.pipeline import run_pipeline

    toolset = static_tools(args.file, args)
    report_tools(toolset, console)
    parsed = parse(read_source(args.file), args, toolset.signatures)
    found = _without_errors(parsed, toolset.signatures)
    if bound:
        toolset = _bound_tools(parsed, args)
        report_tools(toolset, console)
        found = _without_errors(parsed, toolset.signatures)
    console.report(found, parsed.source)
    with _evaluator(toolset) if fold else nullcontext() as evaluate:
        plan = run_pipeline(parsed.plan, toolset.signatures, parsed.source, args, console, evaluate).plan
    return CompiledFile(plan, parsed.plan, parsed.source, toolset.signatures, toolset.tools)


def _evaluator(toolset: Toolset) -> AbstractContextManager[Evaluate | None]:
    """Return what evaluates calls at compile time; nothing where no tool can be."""
    foldable = {name: tool for name, tool in toolset.tools.items() if tool.signature.fold}
    if not foldable:
        return nullcontext()
    from lcc.runtime.backends.folding import FoldProcess

    return FoldProcess(foldable)


def _without_errors(parsed: Parsed, tools: Tools) -> tuple[Diagnostic, ...]:
    found = check(parsed, tools)
    if has_errors(found):
        raise BadInput(found, parsed.source)
    return found


def _bound_tools(parsed: Parsed, args: argparse.Namespace) -> Toolset:
    from lcc.toolset import load_bound

    needed = {task.tool for task in parsed.plan.tasks}
    return load_bound(args.tools, near=near(args.file), needed=needed)
