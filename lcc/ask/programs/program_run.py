"""Run a program while a model writes it: text in, statements to an open run, the rest when it is whole and without errors.

An error stops the run at once: no further call is made, and nothing has been changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Generic, Protocol, TypeVar

from lcc.ask.events import AskSink, TaskPlanned
from lcc.ask.planning.plan_run import OpenRun, Verdict, told_to_model
from lcc.codes import NOT_WHOLE
from lcc.grammar.diagnostics import Diagnostic, Severity, has_errors
from lcc.grammar.drawing.words import written_words
from lcc.grammar.ir import Block, InputDecl, Plan, Statement, Task, block_calls
from lcc.grammar.signatures import Tools
from lcc.grammar.syntax.parser import Parsed
from lcc.passes.verify import verify
from lcc.runtime.inputs import RunError

REFUSED: Final = "the program is refused"


class Arriving(Protocol):
    """What reads a program, or a plan with steps, while it is written."""

    start: int
    done: tuple[tuple[Block, bool], ...]
    statements: list[Statement]

    @property
    def lacks(self) -> str:
        """Why it is not whole, once it has ended."""

    @property
    def late(self) -> tuple[Task, ...]:
        """The calls that stand in for steps, or are ordered after them, that had come out before that was known."""

    @property
    def inputs(self) -> tuple[InputDecl, ...]:
        """The inputs that it declares."""

    @property
    def text(self) -> str:
        """What spans are in."""

    @property
    def broken(self) -> bool:
        """Whether there is an error."""

    def feed(self, piece: str) -> Block:
        """Take a piece; return the statements that can be done now."""

    def finish(self) -> Block:
        """Take the end; return what is left to do."""

    def parsed(self) -> Parsed:
        """Return what came of the text."""

    def place_of(self, id: int) -> int | None:
        """Return which id a call had in the program before, where this one begins as that did."""


class BegunTooEarly(Exception):
    """Steps had begun before it was known that `calls` stand in for them, or are ordered after them. Nothing was changed. `text`: the whole reply."""

    def __init__(self, text: str, calls: tuple[Task, ...]) -> None:
        super().__init__()
        self.text = text
        self.calls = calls


S = TypeVar("S", bound=Arriving)


class ProgramRun(Generic[S]):
    """Feed it a reply. `end` decides about what changes something, and all that is left.

    What is known of types is checked when the number of statements has doubled, and of the whole: that takes as long as a walk
    through all of them.
    """

    def __init__(self, run: OpenRun, tools: Tools, stream: S, *, round_: int, emit: AskSink) -> None:
        self.stream = stream
        self._run = run
        self._tools = tools
        self._round = round_
        self._emit = emit
        self._declared: set[str] = set()
        self._checked = 1
        self._stopped = False
        self._ended: Plan | None = None

    def feed(self, text: str) -> None:
        """Take a piece of the text."""
        statements = self.stream.feed(text)
        if statements or self.stream.broken:
            self._add(statements)

    def end(self, finish_reason: str = "stop") -> Verdict:
        """Take the end of the text. If the program is whole and has no errors, everything else may start; else nothing more does.

        Raises BegunTooEarly if it is to be begun anew, with what is known now.
        """
        self._add(self.stream.finish())
        parsed = self.stream.parsed()
        self._ended = parsed.plan
        found = (*self._wholeness(finish_reason), *parsed.diagnostics)
        if not has_errors(found):
            found += self._verified()
        if not has_errors(found):
            if self.stream.late:
                raise BegunTooEarly(parsed.source.text[self.stream.start :], self.stream.late)
            try:
                self._run.finish(parsed.plan)
            except RunError as error:
                found += told_to_model(error.diagnostics)
            else:
                return Verdict(parsed.plan, parsed.plan, found, parsed.source)
        self._stop()
        return Verdict(parsed.plan, None, tuple(dict.fromkeys(found)), parsed.source)

    def broken_off(self) -> Verdict:
        """Return what was written, of a text that broke off."""
        parsed = self.stream.parsed()
        return Verdict(parsed.plan, None, (*self._wholeness("it broke off"), *parsed.diagnostics), parsed.source)

    def _wholeness(self, finish_reason: str) -> Iterator[Diagnostic]:
        if finish_reason != "stop":
            why = {"length": "it was cut off at its token limit"}.get(finish_reason, finish_reason)
            yield Diagnostic(
                NOT_WHOLE, Severity.ERROR, f"the program is not whole: {why}", None, "write the whole program, shorter"
            )
        elif self.stream.lacks:
            yield Diagnostic(NOT_WHOLE, Severity.ERROR, f"the plan is not whole: {self.stream.lacks}", None)

    def _add(self, statements: Block) -> None:
        for declared in self.stream.inputs:
            self._declare(declared)
        for statement in statements:
            if self._stopped:
                return
            for task in block_calls((statement,)):
                self._emit(TaskPlanned(self._round, task, written_words(task, self.stream.text)))
            try:
                self._run.add(statement)
            except RunError:  # there is no such tool, as checking the whole will say
                self._stop()
        if self.stream.broken or not self._is_right():
            self._stop()

    def _declare(self, declared: InputDecl) -> None:
        if declared.name not in self._declared:
            self._declared.add(declared.name)
            self._run.declare(declared)

    def _is_right(self) -> bool:
        written = self.stream.statements
        if self._stopped or len(written) < 2 * self._checked:
            return True
        self._checked = len(written)
        return not has_errors(self._verified())

    def _verified(self) -> tuple[Diagnostic, ...]:
        """Return what is wrong with what is written so far, read behind the programs before."""
        stream = self.stream
        before = tuple([one for block, _ in stream.done for one in block])
        join = None if self._ended is None else self._ended.join
        plan = Plan(stream.inputs, (), join, body=(*before, *stream.statements), fails="strict")
        return tuple([one for one in verify(plan, self._tools) if one.span is None or one.span.start >= stream.start])

    def _stop(self) -> None:
        if not self._stopped:
            self._stopped = True
            self._run.cancel(REFUSED)
