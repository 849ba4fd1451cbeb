"""Read a Skeleton-of-Thought skeleton: numbered points, each expanded by a parallel call, joined in order.

    1. What tides are.
    2. The moon's part.
=>
    1. expand(point="What tides are.")
    2. expand(point="The moon's part.")
    3. join($1, $2)

The tool is called `expand` (arXiv 2307.15337 expands each point by one model call). Where its declaration has the parameters
`index` and `skeleton`, it is given the point's number and the whole skeleton, too.
"""

from __future__ import annotations

import re
from typing import Final

from lcc.grammar.diagnostics import Diagnostic, Rule, Severity
from lcc.grammar.ir import Arg, Const, Join, Plan, Ref, Task
from lcc.grammar.lenient.marks.repairs import PROSE
from lcc.grammar.limits import DEFAULT_LIMITS, TextLimits
from lcc.grammar.signatures import NO_TOOLS, Tools
from lcc.grammar.source import Source, Span
from lcc.grammar.syntax.parser import Parsed, check_text
from lcc.grammar.tolerant.parameters import written

POINTS: Final = Rule(
    "P034",
    "skeleton",
    "the text is no skeleton of numbered points",
    "A skeleton numbers its points from 1; each of them is expanded on its own, so a gap or a repeated number means that the text "
    "was cut or mixed up.",
    "1. What tides are.\n3. The sun.\n",
    "1. What tides are.\n2. The moon.\n3. The sun.\n",
    front_end="skeleton",
)
RULES: Final = (POINTS,)

TOOL: Final = "expand"
_POINT: Final = re.compile(
    r"[ \t]*+(?:[-*•][ \t]++)?(?:\*\*)?(?P<number>[0-9]{1,9})(?:\*\*)?[.):](?:\*\*)?[ \t]++(?=\S)"
)
_CONTINUES: Final = re.compile(r"[ \t]++\S")


def parse(
    text: str, *, path: str = "<skeleton>", tools: Tools = NO_TOOLS, limits: TextLimits = DEFAULT_LIMITS
) -> Parsed:
    """Read a skeleton. Never raises for what the text holds."""
    source = Source(path, text)
    refused = check_text(text, limits)
    if refused:
        return Parsed(Plan(), (refused,), source)
    points, found = _points(text)
    if not points:
        found.append(Diagnostic(POINTS.code, Severity.ERROR, "there is no numbered point in this text", Span(0, 0)))
    if len(points) > limits.tasks:
        found.append(Diagnostic("P015", Severity.ERROR, f"more than {limits.tasks:,} points", points[limits.tasks][2]))
        points = points[: limits.tasks]
    for place, (number, _, span) in enumerate(points, 1):
        if number != place:
            message = f"point {number} stands where point {place} is expected"
            found.append(
                Diagnostic(POINTS.code, Severity.ERROR, message, span, "number the points from 1, without gaps")
            )
            break
    skeleton = "\n".join(f"{place}. {point}" for place, (_, point, _) in enumerate(points, 1))
    tasks = tuple(
        Task(place, TOOL, _arguments(place, point, skeleton, span, tools), span=span)
        for place, (_, point, span) in enumerate(points, 1)
    )
    join = Join(tuple(Ref(task.id) for task in tasks)) if tasks else None
    return Parsed(Plan((), tasks, join), tuple(found), source)


def _points(text: str) -> tuple[list[tuple[int, str, Span]], list[Diagnostic]]:
    """Return the points (number, text, place), and a warning for what is none."""
    points: list[tuple[int, str, Span]] = []
    found: list[Diagnostic] = []
    at = 0
    for line in text.splitlines(keepends=True):
        begun = _POINT.match(line)
        body = line.rstrip()
        span = Span(at, at + len(body))
        if begun:
            points.append((int(begun["number"]), body[begun.end() :], span))
        elif points and _CONTINUES.match(line):
            number, point, first = points[-1]
            points[-1] = number, f"{point} {body.strip()}", first.cover(span)
        elif body.strip("`~# \t"):
            found.append(Diagnostic(PROSE.code, Severity.WARNING, PROSE.message, span))
        at += len(line)
    return points, found


def _arguments(place: int, point: str, skeleton: str, span: Span, tools: Tools) -> tuple[Arg, ...]:
    args = [Arg("point", Const(point), False, span)]
    signature = tools.get(TOOL)
    if signature is not None and signature.parameter("index"):
        args.append(Arg("index", Const(place), False, span))
    if signature is not None and signature.parameter("skeleton"):
        args.append(Arg("skeleton", Const(skeleton), False, span))
    return written(signature, tuple(args))
