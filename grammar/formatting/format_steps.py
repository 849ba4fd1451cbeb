"""Print a plan file with steps in its canonical layout: each step as the printer writes it, four spaces a level; comments stay.

A call on the outer level that needs no expressions is laid out as in every plan file. What a block of Python holds, and a step with
comments or long texts inside, stays as it is written, apart from its indentation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from lcc.grammar.formatting.document import Item
from lcc.grammar.ir import Block, ForEach, Let, Plan, Region, Task
from lcc.grammar.syntax.print_body import expression, print_steps, when_text
from lcc.grammar.syntax.print_plan import join_line
from lcc.grammar.syntax.scanner import Kind, Segment

INDENT: Final = "    "
Written = dict[int, Task | Let | ForEach | Region]


class StepLayout:
    """Lays out the segments of one plan file, in order."""

    def __init__(self, plan: Plan, statement: Callable[[str], str]) -> None:
        """`statement`: what lays out one that plans of calls have, too: an input."""
        self._plan = plan
        self._statement = statement
        self._steps = dict(_written(plan.body or ()))
        self._inputs = tuple([one.name for one in plan.inputs])
        self._columns = [0]
        self._loops: list[ForEach | None] = [None]
        self._opened = False

    def line(self, segment: Segment, column: int) -> str:
        """Return a segment as it is laid out; `column`: where it begins in its line."""
        self._enter(column, segment.kind in (Kind.COMMENT, Kind.THOUGHT))
        indent = INDENT * (len(self._columns) - 1)
        text = segment.text.rstrip()
        if segment.kind in (Kind.COMMENT, Kind.END):
            return indent + text
        if segment.kind is Kind.THOUGHT:
            return f"{indent}Thought: {text[8:].strip()}".rstrip()
        return self._statement(text) if segment.kind is Kind.INPUT else self._step(text, indent, column)

    def _enter(self, column: int, beside: bool) -> None:
        """Find the level of a line; a comment opens none, and ends none that goes on behind it."""
        if self._opened and column > self._columns[-1]:
            self._columns.append(column)
            self._loops.append(self._loop)
        elif not beside or column <= self._columns[0]:
            while len(self._columns) > 1 and column < self._columns[-1]:
                self._columns.pop()
                self._loops.pop()
        if not beside:
            self._opened = False

    def _step(self, text: str, indent: str, column: int) -> str:
        first = text.split("\n", 1)[0]
        if first.partition("#")[0].strip() == "strict":
            return f"{indent}strict"
        number = text.partition(".")[0].strip()
        step = self._steps.get(int(number)) if number.isascii() and number.isdigit() else None
        if isinstance(step, ForEach):
            self._loop, self._opened = step, True
        if isinstance(step, Region) or first.startswith(("python", "ir")):
            return self._block(text, indent, step)
        if "\n" in text and ("#" in text or '"""' in text or "'''" in text):
            return indent + text
        if step is not None:
            return "\n".join(print_steps((step,), self._inputs, indent, body=False))
        loop = self._loops[-1]
        if text.startswith("yield") and loop is not None and loop.yields is not None:
            return f"{indent}yield {expression(loop.yields)}{when_text(loop.yield_when)}"
        if self._plan.join is not None and text.partition("(")[0].rpartition(".")[2].strip() in ("join", "answer"):
            return join_line(self._plan.join, self._plan.body or (), numbered=number.isdigit())
        return indent + text

    _loop: ForEach | None = None

    def _block(self, text: str, indent: str, step: object) -> str:
        """Return a block of Python, its lines indented below its head."""
        head, *lines = text.split("\n")
        behind = head.partition("#")
        alone = f"{indent}{head.partition(':')[0].rstrip()}:"
        shown = f"{indent}{step.id}. python{when_text(step.when)}:" if isinstance(step, Region) else alone
        comment = f"  #{behind[2].rstrip()}" if behind[1] else ""
        widths = [len(line) - len(line.lstrip()) for line in lines if line.strip()]
        least = min(widths, default=0)
        if '"""' in text or "'''" in text:  # what is in a text isn't indentation
            return "\n".join([shown + comment, *lines])
        body = [f"{indent}{INDENT}{line[least:].rstrip()}".rstrip() if line.strip() else "" for line in lines]
        return "\n".join([shown + comment, *body])


def _written(block: Block) -> Iterator[tuple[int, Task | Let | ForEach | Region]]:
    for one in block:
        if isinstance(one, Task | Let | ForEach | Region) and isinstance(one.id, int):
            yield one.id, one
        if isinstance(one, ForEach):
            yield from _written(one.body)


def format_steps(plan: Plan, items: Iterable[Item], statement: Callable[[str], str]) -> str:
    """Return a plan file with steps in canonical layout. `statement`: lays out an input."""
    layout = StepLayout(plan, statement)
    lines: list[str] = []
    for item in items:
        if item.blank:
            lines.append("")
        lines.append(layout.line(item.segment, item.column) + item.comment)
    return "".join(f"{line}\n" for line in lines)
