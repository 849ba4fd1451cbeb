"""Read a plan file with steps while it is written: text in, statements of the IR out, each outer step as soon as it is complete.

A call or value is complete with its line, a loop with the next step outside of it. What follows a block of Python waits for the end of
the text, since the ids of the block's calls do. After an error nothing more comes out; `parsed` then says all that is wrong.

The plan is read as one that begins with `strict`. It stands behind the earlier plans of a question, and reads their results by number.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from lcc.grammar.diagnostics import Diagnostic, Severity, has_errors
from lcc.grammar.ir import (
    Block,
    Element,
    ForEach,
    Handler,
    InputDecl,
    Let,
    Plan,
    Region,
    Statement,
    Task,
    Try,
    block_calls,
)
from lcc.grammar.limits import DEFAULT_LIMITS, TextLimits
from lcc.grammar.python.arriving.program_stream import Piece
from lcc.grammar.python.arriving.reply_program import ProgramInReply, without_margin
from lcc.grammar.source import Source, Span
from lcc.grammar.syntax.notation.body_reader import BodyReader, StepMaker
from lcc.grammar.syntax.notation.step_blocks import StepBlocks, ids_of, is_loop
from lcc.grammar.syntax.notation.step_values import StepValues
from lcc.grammar.syntax.notation.written import Written
from lcc.grammar.syntax.parser import Parsed, PlanReader, check_text
from lcc.grammar.syntax.resolve import Scope
from lcc.grammar.syntax.scanner import Kind, Scanner, Segment

_LATE = "move it before the first step"


@dataclass(frozen=True, slots=True)
class BehindSteps:
    """The plans behind which another goes on: their statements, and whether each failed; the ids that can be read; their texts."""

    done: tuple[tuple[Block, bool], ...] = ()
    ids: frozenset[int] = frozenset()
    text: str = ""


NO_STEPS_BEHIND = BehindSteps()


class StepStream:
    """Feed it a reply. `statements`: all that came out. `done`: those of the plans behind, and whether each of these failed.

    The text stands behind those of the earlier plans, in one source, from `start` on.
    """

    names: tuple[str, ...] = ()

    def __init__(
        self,
        *,
        path: str = "<plan>",
        limits: TextLimits = DEFAULT_LIMITS,
        behind: BehindSteps = NO_STEPS_BEHIND,
        ahead: Collection[int] = (),
    ) -> None:
        """`ahead`: ids of steps that others stand in for, or are ordered after, as far as that is known."""
        self._path = path
        self._limits = limits
        self._behind = behind
        self.done = behind.done
        self.start = len(behind.text)
        self.statements: list[Statement] = []
        self._text = [behind.text]
        self._programs: list[str] = []
        self._reply = ProgramInReply(self.start)
        self._scanner = Scanner(limits.nesting, start=self.start)
        self._reader = PlanReader(Source(path, ""), limits, behind.ids, whole=True)
        self._growing = GrowingSteps(limits, behind.ids, ahead)
        self._late: list[Diagnostic] = []
        self._refused: Diagnostic | None = None
        self._plan: Plan | None = None

    @property
    def program(self) -> str:
        """The plan alone, without what stands around it."""
        return without_margin("".join(self._programs))

    @property
    def inputs(self) -> tuple[InputDecl, ...]:
        """The inputs that are declared."""
        return tuple(self._reader.inputs)

    @property
    def broken(self) -> bool:
        """Whether there is an error."""
        read = (*self._reply.diagnostics, *self._late, *self._reader.parser.diagnostics)
        return self._refused is not None or has_errors(read) or self._growing.broken

    @property
    def lacks(self) -> str:
        """Why the plan is not whole, once its text has ended."""
        return "" if self._reader.join is not None else "it has no join() or answer(…) at its end"

    @property
    def late(self) -> tuple[Task, ...]:
        """The calls that came too late: they stand in for steps, or are ordered after them, that had come out before that was known."""
        related = [one for one in block_calls(tuple(self.statements)) if self._growing.late and named_by(one)]
        return tuple(related)

    def feed(self, piece: str) -> Block:
        """Take a piece of the text; return the statements that can be done now."""
        self._text.append(piece)
        if self._refused is None:
            self._refused = check_text(piece, self._limits)
        if self._refused is not None:
            return ()
        return self._take(self._scanner.feed(self._known(self._reply.feed(piece))))

    def finish(self) -> Block:
        """Take the end of the text; return what is left to do, nothing if anything is wrong."""
        if self._refused is not None:
            return ()
        made = self._take(self._scanner.feed(self._known(self._reply.finish())))
        made += self._take(self._scanner.close())
        self._reader.source = self._source()
        self._plan = replace(self._reader.finish(), fails="strict") if self._reader.any else Plan()
        if has_errors(self.parsed().diagnostics):
            return ()
        left = (self._plan.body or ())[len(self.statements) :]
        self.statements += left
        return () if self._growing.late else made + left

    def parsed(self) -> Parsed:
        """Return what came of the text, once it has ended."""
        found = self._reply.findings((*self._late, *self._reader.parser.diagnostics))
        if self._refused is not None:
            found = (self._refused,)
        elif not self._reader.any and not has_errors(found):
            message = "there is no step in this plan"
            found += (Diagnostic("P017", Severity.ERROR, message, Span(self.start, self.start)),)
        plan = self._plan
        if plan is None:
            plan = Plan(inputs=self.inputs, body=tuple(self.statements), fails="strict")
        shown = Plan() if has_errors(found) else plan
        return Parsed(shown, tuple(sorted(found, key=lambda one: one.span or Span(0, 0))), self._source())

    def behind(self, statement: int | None, *, failed: bool) -> BehindSteps:
        """Return what a plan goes on behind that follows this one. `statement`: which of its statements ended it."""
        past = self._reached(statement, failed=failed)
        ids = {one.id for one in past if isinstance(one, Task | Let | ForEach | Region)}
        if failed and statement is not None:
            past += (Try((self.statements[statement],), (Handler(None, ()),)),)
        text = self._source().text
        read = self._behind.ids | {id_ for id_ in ids if isinstance(id_, int) and id_ > 0}
        return BehindSteps((*self.done, (past, failed)), read, text if text.endswith("\n") else f"{text}\n")

    def place_of(self, id: int) -> int | None:
        """Return nothing: a further plan goes on, and has its own numbers."""
        return None

    def pieces(self) -> tuple[Piece, ...]:
        """Return the outer steps."""
        return tuple([Piece("", (one,)) for one in self.statements])

    def reached(self, statement: int | None, *, failed: bool) -> int:
        """Return how many steps another plan goes on behind, without one that failed."""
        return len(self._reached(statement, failed=failed))

    def _reached(self, statement: int | None, *, failed: bool) -> Block:
        end = len(self.statements) if statement is None else statement if failed else statement + 1
        return tuple(self.statements[:end])

    def _known(self, text: str) -> str:
        self._programs.append(text)
        return text

    def _take(self, segments: Iterable[Segment]) -> Block:
        made: Block = ()
        for segment in segments:
            self._reader.source = source = self._source()
            known = len(self._reader.places)
            self._reader.take(segment)
            if segment.kind is Kind.INPUT and known:
                message = "an input is declared behind a step that could have read it"
                self._late.append(Diagnostic("P028", Severity.ERROR, message, segment.span, _LATE))
            if self.broken:
                continue
            self._growing.declare(self._reader.inputs)
            for written in self._reader.written(known):
                made += self._growing.add(*written, source)
            if self._reader.join is not None:
                made += self._growing.finish()
        if self.broken:
            return ()
        self.statements += made
        return made

    @property
    def text(self) -> str:
        """What spans are in: the texts of the programs before, and what there is of this one."""
        return self._source().text

    def _source(self) -> Source:
        if len(self._text) > 1:
            self._text = ["".join(self._text)]
        return Source(self._path, self._text[0])


class GrowingSteps:
    """The steps of a plan of which more may come: each is made as it would be made among all of them."""

    def __init__(self, limits: TextLimits, earlier: frozenset[int], ahead: Collection[int]) -> None:
        source = Source("<plan>", "")
        self._found: list[Diagnostic] = []
        self._reader = BodyReader(source, limits, self._found)
        self._blocks = StepBlocks("", limits.nesting, self._found.append)
        self._ids, self._inputs = set(earlier), set[str]()
        scope = Scope(self._ids, self._inputs)
        self._values = StepValues(source, scope, 0)
        self._maker = StepMaker(self._reader, self._values, scope, set())
        self._made = 0
        self._waits = False
        self._out: set[int] = set()
        self._ahead = ahead
        self.late = False

    @property
    def broken(self) -> bool:
        """Whether there is an error in what has come."""
        return has_errors(self._found) or self._values.wrong

    def declare(self, inputs: Iterable[InputDecl]) -> None:
        """Know inputs."""
        self._inputs.update(one.name for one in inputs)

    def add(self, segment: Segment, step: Written | Task, thought: str, source: Source) -> Block:
        """Take the next step; return what is complete now."""
        self._reader.source = source
        self._values.source = lambda: source
        self._blocks.text = source.text
        for entry in self._reader.entries([(segment, step, thought)]):
            self._blocks.add(entry)
            self._ids.update(ids_of([entry]))
            if isinstance(entry.step, Written):
                self.late = self.late or not self._out.isdisjoint(named_by(entry.step))
                self._waits = self._waits or self.late or entry.step.kind == "python"
        top = self._blocks.top
        return self._until(len(top) - 1 if top and is_loop(top[-1]) else len(top))

    def finish(self) -> Block:
        """Take the end of the steps."""
        return self._until(len(self._blocks.top))

    def _until(self, end: int) -> Block:
        if self._waits or self.broken:
            return ()
        entries, self._made = self._blocks.top[self._made : end], max(end, self._made)
        self._out.update(id_ for id_ in ids_of(entries) if id_ not in self._ahead)
        return self._maker.block(entries)


def named_by(step: Task | Written) -> tuple[int, ...]:
    """Return the steps that a call stands in for, or is ordered after."""
    after = [id_.task if isinstance(id_, Element) else id_ for id_ in (*step.after, *step.ok)]
    return (*after, *(() if step.instead is None else (step.instead,)))
