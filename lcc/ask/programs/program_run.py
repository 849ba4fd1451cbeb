"""Run a program while a model writes it: text in, statements to an open run, the rest when it is whole and without errors.

An error stops the run at once: no further call is made, and nothing has been changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lcc.ask.events import AskSink, TaskPlanned
from lcc.ask.planning.plan_run import NO_INPUTS, OpenRun, Verdict
from lcc.codes import NOT_WHOLE
from lcc.grammar.diagnostics import Diagnostic, Severity, has_errors
from lcc.grammar.ir import Block, InputDecl, Plan, block_calls
from lcc.grammar.python.arriving.program_stream import ProgramStream
from lcc.grammar.signatures import Tools
from lcc.passes.verify import verify
from lcc.runtime.inputs import RunError

REFUSED: Final = "the program is refused"


class ProgramRun:
    """Feed it a reply. `end` decides about what changes something, and all that is left.

    What is known of types is checked when the number of statements has doubled, and of the whole: that takes as long as a walk
    through all of them.
    """

    def __init__(self, run: OpenRun, tools: Tools, stream: ProgramStream, *, round_: int, emit: AskSink) -> None:
        self.stream = stream
        self._run = run
        self._tools = tools
        self._round = round_
        self._emit = emit
        self._declared: set[str] = set()
        self._checked = 1
        self._stopped = False

    def feed(self, text: str) -> None:
        """Take a piece of the text."""
        self._add(self.stream.feed(text))

    def end(self, finish_reason: str = "stop") -> Verdict:
        """Take the end of the text. If the program is whole and has no errors, everything else may start; else nothing more does."""
        self._add(self.stream.finish())
        parsed = self.stream.parsed()
        found = (*self._wholeness(finish_reason), *parsed.diagnostics)
        if not has_errors(found):
            found += self._verified()
        if not has_errors(found):
            try:
                self._run.finish(parsed.plan)
            except RunError as error:
                found += error.diagnostics
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

    def _add(self, statements: Block) -> None:
        for declared in self.stream.inputs:
            self._declare(declared)
        for statement in statements:
            if self._stopped:
                return
            for task in block_calls((statement,)):
                self._emit(TaskPlanned(self._round, task))
            self._run.add(statement)
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
        plan = Plan(inputs=stream.inputs, body=(*before, *stream.statements), fails="strict")
        return tuple([one for one in verify(plan, self._tools) if one.span is None or one.span.start >= stream.start])

    def _stop(self) -> None:
        if not self._stopped:
            self._stopped = True
            self._run.cancel(REFUSED)


def without_inputs(verdict: Verdict) -> Verdict:
    """Return a verdict on a model's program, which nobody gives inputs."""
    found = tuple(
        Diagnostic(d.code, d.severity, d.message, d.span, NO_INPUTS) if d.code == "X001" else d
        for d in verdict.diagnostics
    )
    return Verdict(verdict.written, verdict.plan, found, verdict.source)
