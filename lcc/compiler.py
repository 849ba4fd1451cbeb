"""Join the stages of compilation: text, plan, verified plan, optimized plan. The API and the command line both stand on it."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from os import PathLike
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from lcc.grammar import front_ends
from lcc.grammar.dataclass import dataclass
from lcc.grammar.diagnostics import Diagnostic, has_errors
from lcc.grammar.diagnostics.render import MOST_SHOWN, render, summary
from lcc.grammar.given import kind_of
from lcc.grammar.ir import Plan
from lcc.grammar.late_pattern import pattern
from lcc.grammar.shown import Shown, show_by
from lcc.grammar.signatures import Tools
from lcc.grammar.source import Source, Span
from lcc.grammar.syntax.parser import Parsed, parse_plan
from lcc.grammar.values import Json
from lcc.passes.verify import verify

if TYPE_CHECKING:
    from lcc.passes.context import Change
    from lcc.passes.pipeline import PassStats

FRONT_ENDS: Final = tuple(front_ends.FRONT_ENDS)
"""The languages that a plan may be written in, except those of installed packages."""

NO_INPUTS: Final[Mapping[str, Json]] = MappingProxyType({})

_NO_JOIN: Final = "V003"
_END: Final = pattern(r"(?:join|answer)\s*\(")


def _drawn(value: object) -> str | None:
    from lcc.pages.notebook import drawn

    return drawn(value)


def _worded(value: object) -> str | None:
    from lcc.grammar.drawing.picture import Picture
    from lcc.grammar.ir.text_form import print_ir

    match value:
        case Plan():
            return print_ir(value).rstrip("\n")
        case Parsed(plan, found, source):
            said = render(found, source, most=MOST_SHOWN).rstrip("\n") if found else ""
            return "\n".join(filter(None, (print_ir(plan).rstrip("\n"), said))) or "an empty plan"
        case Picture():
            from lcc.grammar.drawing.svg import as_svg

            return as_svg(value)
        case _:
            return None


show_by(html=_drawn, words=_worded)


class CompileError(Shown, Exception):
    """A plan that can't be compiled, or can't be run as it was asked for. Nothing has been called.

    `diagnostics` holds all findings, warnings too, with spans in `source`. As a string it is the whole report.
    """

    def __init__(self, diagnostics: tuple[Diagnostic, ...], source: Source) -> None:
        super().__init__(diagnostics, source)
        self.diagnostics = diagnostics
        self.source = source

    def __str__(self) -> str:
        return f"{summary(self.diagnostics)}\n{render(self.diagnostics, self.source, most=MOST_SHOWN)}".rstrip("\n")

    def _repr_html_(self) -> str:
        from lcc.pages.notebook import error_html

        return error_html(self.diagnostics, self.source)

    def _render_traceback_(self) -> list[str]:
        """Return what IPython prints: what is wrong with the plan, and not where Python was."""
        return str(self).split("\n")


@dataclass(frozen=True, slots=True)
class Compiled(Shown):
    """A compiled plan.

    `plan`: verified, bound to its tools and optimized. `diagnostics`: warnings about the text, then what the optimizer did and
    why that was legal, as remarks; never an error. `stats`: an entry for each run of a pass, with its seconds. `changes`: the
    remarks as records. `source`: the text that spans refer to. `written`: the plan as it was written.
    """

    plan: Plan
    diagnostics: tuple[Diagnostic, ...]
    stats: tuple[PassStats, ...]
    changes: tuple[Change, ...]
    source: Source
    written: Plan

    def __str__(self) -> str:
        """Return the compiled plan as IR text."""
        return str(self.plan)

    def _repr_html_(self) -> str:
        from lcc.pages.notebook import compiled_html

        return compiled_html(self.plan, self.source, self.diagnostics, self.changes)


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Pause the search for cycles: a text makes many nodes and hardly a cycle, and each search walks over all that there are."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@_without_collecting()
def read(text: str, tools: Tools, *, front_end: str = "plan", path: str = "<string>") -> Parsed:
    """Read a text by a front end; raise ValueError for one that doesn't exist. What is wrong with the text is a diagnostic."""
    if front_end == "plan":
        return parse_plan(text, path=path)
    return front_ends.parse(text, front_end, path=path, tools=tools)


def check(parsed: Parsed, tools: Tools) -> tuple[Diagnostic, ...]:
    """Return what is wrong with a text and with the plan that could be read of it, in the order of the text."""
    if parsed.plan == Plan() and not parsed.ok:
        return parsed.diagnostics
    found = [_located(d, parsed) for d in verify(parsed.plan, tools, repaired=parsed.repaired, unread=parsed.unread)]
    if not parsed.ok and _END.search(parsed.source.text):
        found = [d for d in found if d.code != _NO_JOIN]  # it may be what couldn't be read
    return tuple(sorted((*parsed.diagnostics, *found), key=lambda d: d.span.start if d.span else 0))


@_without_collecting()
def findings(
    parsed: Parsed, tools: Tools, select: Iterable[str] | None = None, ignore: Iterable[str] = ()
) -> tuple[Diagnostic, ...]:
    """Return what is wrong with a text, and with one without errors also what is legal and yet likely wrong, in the order of the text.

    `select`, `ignore`: codes of lints, how codes begin, or names. Raises UnknownSelector for one that there isn't.
    """
    found = check(parsed, tools)
    if has_errors(found):
        return found
    from lcc.passes.lint import lint

    found += lint(parsed.plan, tools, parsed.source, select, ignore)
    return tuple(sorted(found, key=lambda one: one.span.start if one.span else -1))


def _located(diagnostic: Diagnostic, parsed: Parsed) -> Diagnostic:
    """Place what is missing at the end of the text."""
    if diagnostic.span is not None:
        return diagnostic
    end = len(parsed.source.text.rstrip())
    return replace(diagnostic, span=Span(end, end))


@_without_collecting()
def compile_parsed(parsed: Parsed, tools: Tools, *, level: int) -> Compiled:
    """Verify and optimize a plan; raise CompileError if it has errors."""
    from lcc.passes.pipeline import optimize

    found = check(parsed, tools)
    if has_errors(found):
        raise CompileError(found, parsed.source)
    optimized = optimize(parsed.plan, tools, level=level)
    diagnostics = (*found, *optimized.diagnostics)
    return Compiled(optimized.plan, diagnostics, optimized.stats, optimized.changes, parsed.source, parsed.plan)


def plan_text(given: object) -> str:
    """Return a plan's text; raise TypeError for anything else."""
    if isinstance(given, str):
        return given
    match given:
        case PathLike():
            how = 'read it: path.read_text(encoding="utf-8")'
        case bytes() | bytearray():
            how = "decode it: .decode()"
        case Plan():
            how = "a plan that is read already runs by `await lcc.execute(plan, tools)`"
        case Compiled():
            how = "what is compiled already runs by `compiled.run(inputs)` or `await compiled.arun(inputs)`"
        case Parsed():
            how = "what is read already runs by `await lcc.execute(parsed.plan, tools)`"
        case _:
            how = """like '1. search("tides")\\n2. join()'"""
    raise TypeError(f"the plan is {kind_of(given)}, not text; {how}")


def plan_of(given: object) -> Plan:
    """Return a plan that is read; raise TypeError for anything else."""
    if isinstance(given, Plan):
        return given
    match given:
        case str():
            how = "compile it: lcc.compile(text, tools).plan, or run it by lcc.run(text, tools)"
        case Compiled() | Parsed():
            how = "it holds one: `.plan`"
        case _:
            how = "lcc.compile(text, tools).plan is one"
    raise TypeError(f"the plan is {kind_of(given)}, not an lcc.Plan; {how}")
