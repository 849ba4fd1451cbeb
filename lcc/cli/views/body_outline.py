"""Show what a run of a plan with a body would do, as an outline: its calls in their loops, conditions and handlers. Nothing is called.

1. books = find_books("tides")                 read library
for book in books, × n at once:
    3. left = count_copies(book.title)         read stock:{book}
    if left < 2:
        4. order_copies(book.title)            write stock:{book}
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, assert_never

from lcc.grammar.diagnostics.terminal import cut
from lcc.grammar.diagnostics.wording import plural, seconds
from lcc.grammar.drawing.words import (
    call_words,
    condition_words,
    join_words,
    statement_words,
    target_words,
    value_words,
)
from lcc.grammar.flow import Flow, flow_of
from lcc.grammar.ir import (
    Block,
    Exit,
    ForEach,
    Gather,
    Handler,
    If,
    Inline,
    Let,
    Plan,
    Ref,
    Region,
    Statement,
    Task,
    Try,
    While,
)
from lcc.grammar.signatures import Tools
from lcc.passes.analysis.calls import Calls
from lcc.passes.analysis.costs import Costs
from lcc.passes.analysis.effects import Accesses, orders_of
from lcc.passes.analysis.estimate_body import BodyEstimate, estimate_body
from lcc.passes.analysis.lengths import known_length
from lcc.passes.analysis.waits import Serial, serial_loops

INDENT: Final = "    "
MOST_LINES: Final = 500
"""Lines that are shown of the outline."""
_PATH_SHOWN: Final = 12


def outline_lines(plan: Plan, tools: Tools, costs: Costs, width: int) -> Iterator[str]:
    """Yield the lines that say what would run."""
    calls = Calls(tools)
    flow = flow_of(plan, orders_of(Accesses(calls), calls))
    outline = _Outline(plan, tools, flow, width)
    lines = list(outline.block(plan.body or (), ""))
    yield from lines[:MOST_LINES]
    if len(lines) > MOST_LINES:
        yield f"and {plural(len(lines) - MOST_LINES, 'more line')}"
    if plan.join is not None:
        yield f"then: {cut(join_words(plan.join), width - 6)}"
    yield from _expected(estimate_body(plan, tools, costs))
    yield "dry run: nothing was called"


def _expected(found: BodyEstimate) -> Iterator[str]:
    calls = found.tally.whole.calls
    if not calls.most:
        return
    least, most = f"{calls.least:,.0f}", f"{calls.most:,.0f}"
    yield f"calls: {most if least == most else f'{least} to {most}'}"
    shown = [f"{id_} × {turns}" if turns > 1 else str(id_) for id_, turns in found.critical_path]
    if len(shown) > _PATH_SHOWN:
        shown[_PATH_SHOWN // 2 : -_PATH_SHOWN // 2] = ["…"]
    yield f"critical path of the longest run: {' → '.join(shown)} ({seconds(found.critical_seconds)})"
    yield from (f"assumed: {one}" for one in found.assumptions)


class _Outline:
    def __init__(self, plan: Plan, tools: Tools, flow: Flow, width: int) -> None:
        self._plan = plan
        self._tools = tools
        self._width = width
        self._column = min(64, max(24, width - 40))
        effect = Calls(tools).effect
        self._serial = {id(one.loop.statement): one for one in serial_loops(flow, effect)}

    def block(self, block: Block, indent: str) -> Iterator[str]:
        """Yield the lines of a block. What is only computed isn't shown; a name that takes a result stands before the call."""
        for place, one in enumerate(block):
            behind = block[place + 1] if place + 1 < len(block) else None
            yield from self._statement(one, behind, indent)

    def _statement(self, one: Statement, behind: Statement | None, indent: str) -> Iterator[str]:
        match one:
            case Task():
                yield self._call(one, behind, indent)
            case ForEach() | While():
                yield from self._headed(f"{statement_words(one)}, {self._times(one)}:", one.body, indent)
                yield from self._headed("else:", one.orelse, indent)
            case If(_, body, orelse):
                other = list(self._headed("else:", orelse, indent))
                yield from self._headed(f"{statement_words(one)}:", body, indent, always=bool(other))
                yield from other
            case Try(body, handlers, orelse, final):
                tried = list(self._headed("try:", body, indent))
                yield from tried
                for handler in handlers:
                    yield from self._headed(_except(handler), handler.body, indent, always=bool(tried))
                yield from self._headed("else:", orelse, indent)
                yield from self._headed("finally:", final, indent)
            case Gather():
                yield from self._gather(one, indent)
            case Region(body=body) | Inline(body=body):
                yield from self._headed(f"{statement_words(one)}:", body, indent)
            case Exit(kind):
                if kind != "offer":
                    yield cut(f"{indent}{statement_words(one)}", self._width)
            case Let():
                pass
            case _:
                assert_never(one)

    def _headed(self, head: str, block: Block, indent: str, *, always: bool = False) -> Iterator[str]:
        """Yield a head and a block, if it does anything that is shown."""
        inside = list(self.block(block, indent + INDENT))
        if inside or always:
            yield cut(f"{indent}{head}", self._width)
            yield from inside or [f"{indent}{INDENT}nothing is called"]

    def _gather(self, one: Gather, indent: str) -> Iterator[str]:
        inside: list[str] = []
        for part in one.parts:
            if part.items is None:
                inside += self.block(part.body, indent + INDENT)
            else:
                target = "" if part.target is None else target_words(part.target)
                known = known_length(part.items, self._plan)
                head = f"for {target} in {value_words(part.items)}, × {'n' if known is None else known} at once:"
                inside += self._headed(head, part.body, indent + INDENT)
        if inside:
            yield cut(f"{indent}{statement_words(one)}, at once:", self._width)
            yield from inside

    def _call(self, task: Task, behind: Statement | None, indent: str) -> str:
        names = ""
        if isinstance(behind, Let) and isinstance(behind.value, Ref) and behind.value.task == task.id:
            names = "".join([f"{target_words(target)} = " for target in behind.targets])
        call = cut(f"{indent}{task.id}. {names}{call_words(task)}{condition_words(task)}", self._column)
        return f"{call:<{self._column}}  {self._effect(task)}".rstrip()

    def _effect(self, task: Task) -> str:
        signature = self._tools.get(task.tool)
        if signature is None:
            return ""
        return f"{signature.effect.value} {' '.join(one.pattern for one in signature.resources)}".rstrip()

    def _times(self, loop: ForEach | While) -> str:
        known = None if isinstance(loop, While) else known_length(loop.items, self._plan)
        times = f"× {'n' if known is None else known}"
        serial = self._serial.get(id(loop))
        return f"{times} at once" if serial is None else f"{times} in turn ({_why(serial)})"


def _why(serial: Serial) -> str:
    match serial.why:
        case "names":
            return f"{', '.join(serial.names[:3])} carried"
        case "leaves":
            return "a turn decides on the next"
        case "undeclared":
            return f"{serial.calls[0].tool} is undeclared"
        case "writes":
            return f"{serial.calls[0].tool} writes"
        case _:
            assert_never(serial.why)


def _except(handler: Handler) -> str:
    classes = "" if handler.classes is None else f" {value_words(handler.classes)}"
    return f"except{classes}{'' if handler.name is None else f' as {handler.name}'}:"
