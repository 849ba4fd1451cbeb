"""List the commands of `lcc`. A command is a module with `add_arguments(parser)` and `run(args, console) -> int`."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

if TYPE_CHECKING:
    from lcc.cli.console import Console


class Command(NamedTuple):
    """One command: the module in `lcc.cli` that holds it, and its line in `lcc --help`."""

    name: str
    module: str
    help: str


COMMANDS: Final = (
    Command("check", "check", "report what is wrong with plans, without running anything"),
    Command("compile", "compile", "show the compiled plan: as IR, JSON or a plan file"),
    Command("opt", "opt", "optimize a plan: plan in, plan out"),
    Command("run", "run", "compile a plan and execute it"),
    Command("ask", "ask", "answer a question: a model plans, the plan runs, a model answers"),
    Command("resume", "resume", "go on with a recorded run where it broke off"),
    Command("runs", "runs", "list the runs of a journal, or show one"),
    Command("replay", "replay", "show the results of a recorded run, without its tools"),
    Command("estimate", "estimate", "say what a run would take: time, calls, tokens, money"),
    Command("fmt", "fmt", "rewrite plans in the one canonical form"),
    Command("graph", "graph", "draw what depends on what"),
    Command("tools", "tools", "list tools: signatures, effects, resources"),
    Command("grammar", "grammar", "print the grammar of the plans that fit the tools"),
    Command("explain", "explain", "explain a diagnostic's code, with examples"),
    Command("completion", "completion", "print a completion script for a shell"),
)


class CommandModule(Protocol):
    """What a command's module offers."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the command's arguments."""

    def run(self, args: argparse.Namespace, console: Console) -> int:
        """Do the work; return the exit status."""
