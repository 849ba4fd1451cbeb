"""`lcc tools`: list the tools in scope: signatures, effects, resources, costs."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from lcc.cli.console import Console
from lcc.cli.files import replace_file
from lcc.cli.front import NO_TOOLS, report_tools
from lcc.cli.options import add_tools
from lcc.grammar.diagnostics.terminal import dump_json, escape
from lcc.grammar.diagnostics.wording import plural
from lcc.grammar.signatures.json_functions import to_function
from lcc.grammar.signatures.tool_text import ToolTexts, parameter_notes
from lcc.grammar.values import Json
from lcc.toolset import Toolset, load_static, rows

_WIDTH: Final = 88


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_tools(parser)
    parser.add_argument(
        "--format",
        choices=("text", "json"),
        default="text",
        help="json: the list of OpenAI-style function schemas that --tools reads (default: text)",
    )
    parser.add_argument(
        "--save",
        metavar="FILE.json",
        help="keep the declarations in a file that --tools reads, so that no server need be started",
    )
    parser.add_argument(
        "--trust-project",
        action="store_true",
        help="start the servers of tools that pyproject.toml names, to list theirs",
    )


def run(args: argparse.Namespace, console: Console) -> int:
    """Print the tools."""
    toolset = load_static(
        args.tools,
        near=Path.cwd(),
        start=True,
        trust_project=args.trust_project,
        trust_annotations=args.trust_annotations,
    )
    report_tools(toolset, console)
    if args.save is not None:
        return _save(toolset, args.save, console)
    if args.format == "json":
        console.print(dump_json([to_function(signature, extensions=True) for signature in toolset.signatures.values()]))
    elif toolset.signatures:
        for line in _lines(toolset):
            console.print(line)
    else:
        console.say(NO_TOOLS)
    console.summarize()
    return 0


def _save(toolset: Toolset, path: str, console: Console) -> int:
    """Keep the declarations in a file, those of servers as the servers tell them."""
    listed: list[Json] = []
    for name, signature in toolset.signatures.items():
        tool = toolset.tools.get(name)
        told = None if tool is None else getattr(tool.lifespan, "declaration_of", None)
        listed.append(to_function(signature, extensions=True) if told is None else told(tool))
    replace_file(path, dump_json({"tools": listed}) + "\n")
    console.say(f"{plural(len(listed), 'tool')} kept in {escape(path)}")
    console.summarize()
    return 0


def _lines(toolset: Toolset) -> Iterator[str]:
    texts = ToolTexts(toolset.signatures.values())
    for row in rows(toolset):
        signature = toolset.signatures[row.name]
        yield escape(signature.shown(texts.name_of))
        facts = [row.effect or "undeclared", row.resources, row.cost, row.declared]
        yield f"    {' · '.join(escape(fact) for fact in facts if fact)}"
        description = " ".join(signature.description.split())
        for said in (description, *parameter_notes(signature)):
            for line in textwrap.wrap(escape(said), _WIDTH):
                yield f"    {line}"
    for record in texts.records():
        yield escape(record)
