"""Take a command from its arguments to a compiled plan and the values of its inputs, and stop it where its input is bad."""

from __future__ import annotations

import argparse
from collections.abc import Collection, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lcc.cli.console import BadInput, Console, Usage
from lcc.cli.files import STDIN, read_source
from lcc.compiler import check, read
from lcc.grammar.dataclass import dataclass
from lcc.grammar.diagnostics import Diagnostic, has_errors
from lcc.grammar.front_ends import front_end_of
from lcc.grammar.ir import InputDecl, Plan, calls_of
from lcc.grammar.signatures import ANY, Tools, Type, only_text
from lcc.grammar.signatures.annotations import AnnotationError, parse_annotation
from lcc.grammar.source import Source
from lcc.grammar.syntax.parser import Parsed
from lcc.grammar.values import Json, read_json
from lcc.toolset import Toolset, load_bound, load_static

if TYPE_CHECKING:
    from lcc.passes.context import Change, Evaluate
    from lcc.runtime.tool import Tool

NO_TOOLS: Final = "no tools: name some with --tools, or in [tool.lcc] of pyproject.toml"


@dataclass(frozen=True, slots=True)
class CompiledFile:
    """A plan file, compiled. `written`: the plan before any pass. `callable`: the tools with an implementation.

    `changes`: what passes did; `findings`: warnings about the text.
    """

    plan: Plan
    written: Plan
    source: Source
    tools: Tools
    callable: Mapping[str, Tool]
    changes: tuple[Change, ...] = ()
    findings: tuple[Diagnostic, ...] = ()


def parse(source: Source, args: argparse.Namespace, tools: Tools) -> Parsed:
    """Read a plan by the front end that the command line names, or else by that of such files."""
    name = language(source.path, args)
    try:
        return read(source.text, tools, front_end=name, path=source.path)
    except (ValueError, LookupError) as error:
        raise Usage(f"--front-end {name}: {error}") from None


def language(path: str, args: argparse.Namespace) -> str:
    """Return the name of the front end that reads a file."""
    named: str | None = args.front_end
    return front_end_of(path) if named is None else named


def static_tools(path: str, args: argparse.Namespace) -> Toolset:
    """Load the declarations of the tools in scope of a plan file. Code is imported only if the command line names it."""
    return load_static(args.tools, near=near(path), trust_annotations=args.trust_annotations)


def bound_tools(
    path: str, args: argparse.Namespace, needed: Collection[str] | None, static: Toolset | None = None
) -> Toolset:
    """Load the tools in scope of a plan file with their code. `needed`: those that must have some, by default all. `static`: their declarations."""
    return load_bound(
        args.tools,
        near=near(path),
        needed=needed,
        trust_project=args.trust_project,
        trust_annotations=args.trust_annotations,
        static=static,
    )


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
    args: argparse.Namespace,
    console: Console,
    *,
    bound: bool = False,
    fold: bool = False,
    source: Source | None = None,
) -> CompiledFile:
    """Read, verify and optimize the plan file that the command line names, with its tools; raise BadInput for one with errors.

    `bound`: tools are going to be called. Their code is imported once the plan is known to be right, as far as declarations say.
    `fold`: calls of tools that declare it may be evaluated, where the tools' code is loaded. `source`: a text in the place of the file's.
    """
    from lcc.cli.pipeline import run_pipeline

    toolset = static_tools(args.file, args)
    if not bound:
        report_tools(toolset, console)
        parsed = parse(source or read_source(args.file), args, toolset.signatures)
        found = _without_errors(parsed, toolset.signatures)
    else:
        parsed, toolset, found = _bind(toolset, source or read_source(args.file), args, console)
    console.report(found, parsed.source)
    with _evaluator(toolset) if fold else nullcontext() as evaluate:
        made = run_pipeline(parsed.plan, toolset.signatures, parsed.source, args, console, evaluate)
    tools = toolset.signatures
    return CompiledFile(made.plan, parsed.plan, parsed.source, tools, toolset.tools, tuple(made.changes), tuple(found))


def _bind(
    toolset: Toolset, source: Source, args: argparse.Namespace, console: Console
) -> tuple[Parsed, Toolset, tuple[Diagnostic, ...]]:
    """Load the tools' code, and start their servers, once the plan is known to be right, as far as declarations say."""
    known, needed = None, None
    told: set[tuple[str, Diagnostic]] = set()
    if not toolset.unknown:
        report_tools(toolset, console)
        told = {(where.path, found) for where, found in toolset.findings}
        parsed = parse(source, args, toolset.signatures)
        known = parsed, _without_errors(parsed, toolset.signatures)
        needed = {task.tool for task in calls_of(parsed.plan)}
    bound = bound_tools(args.file, args, needed, toolset)
    new = tuple(one for one in bound.findings if (one[0].path, one[1]) not in told)
    report_tools(replace(bound, findings=new), console)
    if known is not None and bound.signatures is toolset.signatures:
        return known[0], bound, known[1]
    parsed = parse(source, args, bound.signatures)
    return parsed, bound, _without_errors(parsed, bound.signatures)


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


def read_inputs(given: Iterable[str], plan: Plan) -> dict[str, Json]:
    """Return the inputs of a command line by name; raise Usage for one without `=` and for one that is given twice.

    A value for an input that takes only text is text as it stands. For any other it is JSON, or text where it isn't JSON.
    Whether a name is declared and a value fits is checked, against the plan, before anything runs.
    """
    types = {declaration.name: _type(declaration) for declaration in plan.inputs}
    inputs: dict[str, Json] = {}
    for pair in given:
        name, equals, text = pair.partition("=")
        if not equals:
            raise Usage(f"--input {pair}: write it as name=value")
        if name in inputs:
            raise Usage(f"--input {name}: given twice")
        inputs[name] = text if only_text(types.get(name, ANY)) else _json_or_text(text)
    return inputs


def _type(declaration: InputDecl) -> Type:
    try:
        return parse_annotation(declaration.type)
    except AnnotationError:
        return ANY  # the parser has refused it already


def _json_or_text(text: str) -> Json:
    try:
        value: Json = read_json(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return text
    return value


def _refuse(constant: str) -> Json:
    raise ValueError(f"{constant} is not a JSON number")
