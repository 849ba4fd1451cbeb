"""Compile a text as a page asks for, and show one thing about it: its findings, and the pane that is open."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final, Literal

from lcc.ask.planning import planner_prompt
from lcc.ask.programs import program_prompt
from lcc.cli.explorer.page_request import PANES, Asked
from lcc.cli.views.estimate_text import body_lines, estimate_lines
from lcc.cli.views.plan_text import emit, unified
from lcc.cli.views.source_tasks import SourceTasks
from lcc.compiler import check, read
from lcc.grammar.diagnostics import Diagnostic, has_errors
from lcc.grammar.diagnostics.terminal import escape
from lcc.grammar.diagnostics.wording import plural, seconds
from lcc.grammar.ir import BodyNotSupported, Plan, calls_of
from lcc.grammar.ir.text_form import print_ir
from lcc.grammar.plug_ins import PlugInError
from lcc.grammar.signatures import Tools
from lcc.grammar.source import Source
from lcc.grammar.syntax.parser import Parsed
from lcc.grammar.values import Json
from lcc.pages.highlight import highlighted
from lcc.pages.page import block, text
from lcc.pages.pictures import graph_pane, plan_picture
from lcc.passes.analysis.costs import Costs
from lcc.passes.analysis.estimate import estimate
from lcc.passes.analysis.estimate_body import estimate_body
from lcc.passes.context import Change
from lcc.passes.lint import lint
from lcc.passes.pipeline import BrokenPass, Optimized, UnknownPass, optimize

MOST_FINDINGS: Final = 200
MOST_DRAWN: Final = 1_000
"""Calls of a plan that is drawn."""
_LINES: Final = 4_000
"""Lines of the IR of which a difference is worked out."""


class Looked:
    """A text with all that has been found out about it. `problem`: what is wrong with the request itself."""

    def __init__(self, asked: Asked, tools: Tools) -> None:
        self.asked, self.tools, self.problem = asked, tools, ""
        self.steps: list[tuple[str, Plan, Plan]] = []
        self.made: Optimized | None = None
        try:
            self.parsed = read(asked.text, tools, front_end=asked.front_end)
        except (ValueError, LookupError, PlugInError) as error:
            self.parsed, self.problem = Parsed(Plan(), (), Source("<text>", asked.text)), str(error)
            self.found: tuple[Diagnostic, ...] = ()
            return
        self.found = check(self.parsed, tools)
        if has_errors(self.found):
            return
        self.found += tuple(lint(self.parsed.plan, tools, self.parsed.source))
        try:
            self.made = optimize(
                self.parsed.plan, tools, level=asked.level, passes=asked.passes, after_pass=self._watch
            )
        except (UnknownPass, PlugInError, BrokenPass) as error:
            self.problem = str(error)

    def _watch(self, name: str, before: Plan, after: Plan) -> None:
        self.steps.append((name, before, after))


def look(looked: Looked) -> dict[str, Json]:
    """Return what the page shows: findings by their places, and the pane."""
    pane = looked.asked.pane
    shown = "" if pane == "run" else _PANES[pane](looked)
    source, found = looked.parsed.source, sorted(looked.found, key=lambda d: d.span.start if d.span else -1)
    inputs: list[Json] = [one.name for one in looked.parsed.plan.inputs]
    return {
        "pane": shown,
        "runs": looked.made is not None,
        "inputs": inputs,
        "findings": findings_json(found[:MOST_FINDINGS], source),
        "more": max(0, len(found) - MOST_FINDINGS),
    }


def findings_json(found: Sequence[Diagnostic], source: Source) -> list[Json]:
    """Return findings with places as scripts count them: in units of UTF-16."""
    places = {at for one in found for span in _spans(one) for at in span}
    units: dict[int, int] = {}
    last = count = 0
    for at in sorted(places):
        count += len(source.text[last:at].encode("utf-16-le", "surrogatepass")) // 2
        last, units[at] = at, count
    return [_finding_json(one, source, units) for one in found]


def _spans(one: Diagnostic) -> Iterable[tuple[int, int]]:
    if one.span is not None:
        yield one.span
    if one.fix is not None:
        yield from (edit.span for edit in one.fix.edits)


def _finding_json(one: Diagnostic, source: Source, units: dict[int, int]) -> Json:
    shown: dict[str, Json] = {"code": one.code, "severity": one.severity.value, "message": escape(one.message)}
    shown["help"] = escape(one.help or "")
    if one.span is not None:
        line, column = source.position(one.span.start)
        shown |= {"start": units[one.span.start], "end": units[one.span.end], "place": f"{line}:{column}"}
    if one.fix is not None:
        edits: list[Json] = [[units[edit.span.start], units[edit.span.end], edit.text] for edit in one.fix.edits]
        shown["fix"] = {"message": escape(one.fix.message), "edits": edits}
    return shown


def _of_plan(show: Callable[[Looked, Optimized], str]) -> Callable[[Looked], str]:
    """Return a pane that there is only for a plan without errors."""

    def pane(looked: Looked) -> str:
        if looked.made is None:
            errors = sum(one.is_error for one in looked.found)
            return _said(looked.problem or f"{plural(errors, 'error')}: nothing is compiled before the text is right")
        try:
            return show(looked, looked.made)
        except BodyNotSupported as error:
            return _said(str(error))

    return pane


def _said(words: str) -> str:
    return f'<p class="dim">{block(words)}</p>'


def _code(shown: str) -> str:
    return f'<pre class="code" tabindex="0">{highlighted(shown)}</pre>'


def _form(form: Literal["ir", "plan", "python"]) -> Callable[[Looked], str]:
    return _of_plan(lambda looked, made: _code(emit(made.plan, looked.tools, form)))


def _passes(looked: Looked, made: Optimized) -> str:
    changes: dict[str, list[Change]] = {}
    for change in made.changes:
        changes.setdefault(change.by, []).append(change)
    said: set[str] = set()
    parts = []
    for (name, before, after), stats in zip(looked.steps, made.stats, strict=True):
        own = changes.get(name, []) if name not in said else []
        said.add(name)
        reasons = "".join(f"<li>{text(str(change))}</li>" for change in own)
        diff = _difference(name, before, after)
        counted = f"{plural(stats.changed, 'change')}, {seconds(stats.seconds)}"
        opened = " open" if diff or reasons else ""
        parts.append(
            f'<details class="pass"{opened}><summary><b>{text(name)}</b> <span class="dim">{counted}</span></summary>'
            f"{f'<ul>{reasons}</ul>' if reasons else ''}{diff or _said('nothing changed')}</details>"
        )
    return "".join(parts)


def _difference(name: str, before: Plan, after: Plan) -> str:
    if before is after:
        return ""
    old, new = print_ir(before), print_ir(after)
    if max(old.count("\n"), new.count("\n")) > _LINES:
        return _said(f"more than {_LINES:,} lines: `lcc compile --print-after {name}` shows the difference")
    lines = unified(old, new, f"before {name}", f"after {name}").splitlines()[2:]
    kinds = {"+": "d-new", "-": "d-old", "@": "d-at"}
    marked = "".join(f'<span class="{kinds.get(line[:1], "d-same")}">{block(line)}\n</span>' for line in lines)
    return f'<pre class="diff" tabindex="0">{marked}</pre>' if marked else ""


def _graph(looked: Looked, made: Optimized) -> str:
    if (count := sum(1 for _ in calls_of(made.plan))) > MOST_DRAWN:
        return _said(f"{plural(count, 'call')}: more than {MOST_DRAWN:,} are drawn by `lcc graph --format svg` only")
    return graph_pane(plan_picture(made.plan, looked.tools, source=looked.parsed.source), "graph of the plan")


def _estimate(looked: Looked, made: Optimized) -> str:
    named = SourceTasks(made.plan, looked.parsed.plan, looked.parsed.source)
    if made.plan.body is not None:
        lines = body_lines(estimate_body(made.plan, looked.tools, Costs()), named)
    else:
        lines = estimate_lines(estimate(made.plan, looked.tools, Costs()), named)
    return f'<pre tabindex="0">{block(chr(10).join(lines))}</pre>'


def _prompt(looked: Looked) -> str:
    """Return what a model is told to write such a text; that needs no plan."""
    written = program_prompt if looked.asked.front_end == "python" else planner_prompt
    return f'<pre tabindex="0">{block(written.system_message(looked.tools.values(), ()).text)}</pre>'


_PANES: Final[dict[str, Callable[[Looked], str]]] = {
    "ir": _form("ir"),
    "passes": _of_plan(_passes),
    "graph": _of_plan(_graph),
    "estimate": _of_plan(_estimate),
    "prompt": _prompt,
    "plan": _form("plan"),
    "python": _form("python"),
}
assert [*_PANES, "run"] == list(PANES)
