"""Run a program while its text arrives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lcc.ask.programs.program_run import ProgramRun
from lcc.compiler import NO_INPUTS, CompileError
from lcc.grammar.diagnostics import Diagnostic
from lcc.grammar.given import in_brief, require
from lcc.grammar.ir import Plan
from lcc.grammar.python.arriving.program_stream import ProgramStream
from lcc.grammar.source import Source
from lcc.grammar.values import Json
from lcc.live_run import Run, check_run_arguments
from lcc.models.settings import ModelSettings
from lcc.python_tools.collect import as_tools, tools_given
from lcc.runtime.options import Options
from lcc.runtime.program.before import NOTHING_BEFORE
from lcc.runtime.run import DEFAULTS


class LiveRun(Run):
    """A program that runs while its text arrives.

        async with lcc.LiveRun(tools) as run:
            async for piece in reply:
                run.feed(piece)
            run.finish()
        print(run.result.answer)

    A call that only reads starts with the end of its line, once what it waits for has ended; what changes something starts when `finish`
    has said that the text is whole. An error in it means that no further call is made. Leaving the block without `finish` stops the run.
    `tools`: what `lcc.run` takes; ToolError is raised for what can't be one. `inputs`: JSON values by name.
    """

    def __init__(
        self,
        tools: Iterable[object] = (),
        inputs: Mapping[str, Json] = NO_INPUTS,
        *,
        front_end: str = "python",
        options: Options | None = None,
        model: str | ModelSettings | None = None,
        keep_events: bool = True,
    ) -> None:
        """Bind tools to a program that will come. `front_end`: only `python` reads what isn't whole; ValueError for others."""
        if front_end != "python":
            raise ValueError(
                f"the front end {in_brief(front_end)} reads whole texts: only `python` can be run while it is written"
            )
        check_run_arguments(inputs, options, model)
        self._source = Source("<program>", "")

        def bind(tools: Iterable[object]) -> None:
            bound = as_tools(tools)
            signatures = {name: tool.signature for name, tool in bound.items()}
            stream = ProgramStream(signatures)
            self._prepare(
                Plan(body=(), fails="strict"), bound, inputs, options or DEFAULTS, model, keep_events, NOTHING_BEFORE
            )
            self._program = ProgramRun(self._run, signatures, stream, round_=1, emit=lambda event: None)

        self._bind_now_or_later(tools_given(tools), bind)

    def feed(self, text: str) -> None:
        """Take a piece of the text."""
        require(text, str, "the text", "a piece of a program")
        self._program.feed(text)

    def finish(self) -> tuple[Diagnostic, ...]:
        """Say that the text is whole; return what there is to say about it. Raises CompileError if it is wrong, and the run is stopped."""
        verdict = self._program.end()
        self._source = verdict.source
        if verdict.plan is None:
            raise CompileError(verdict.diagnostics, verdict.source)
        return verdict.diagnostics
