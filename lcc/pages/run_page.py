"""Report runs on one page: what was asked and answered, the plans, what passes changed and why, graph, timeline, calls, costs.

All texts of plans, tools and models are escaped; long ones are cut, and say so.
"""

from __future__ import annotations

import shlex
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from lcc.grammar.diagnostics import Diagnostic, has_errors
from lcc.grammar.diagnostics.terminal import dump_json
from lcc.grammar.diagnostics.wording import plural, seconds
from lcc.grammar.ir import Element, Plan, TaskId
from lcc.grammar.signatures import NO_TOOLS, Tools
from lcc.grammar.source import Source
from lcc.grammar.values import Json
from lcc.pages.highlight import highlighted
from lcc.pages.page import block, page, text
from lcc.pages.pictures import graph_pane, plan_picture
from lcc.pages.timeline import Bar, timeline
from lcc.passes.context import Change
from lcc.runtime.result import RunResult, TaskRecord, TaskStatus

MOST: Final = 20_000
"""Characters that are shown of one argument list or result."""
_BRIEF: Final = 120
_LEAST: Final = 200
"""Characters that are shown of each of many values."""
_ROWS: Final = 5_000
"""Calls, and values, that are listed."""


@dataclass(frozen=True, slots=True)
class ReportedRun:
    """One plan and its run. `name` says what a call is, `arguments` what it was made with, `bars` what it did when. `changes`: what passes
    did, None where that isn't known, and how many `more` there were.

    `whole`: the command that prints a result whole, but for the call's id; `replay`: the one that prints all of them and what was
    handed over; empty where there is none.
    """

    plan: Plan
    source: Source
    records: Mapping[TaskId, TaskRecord]
    name: Callable[[TaskId], str]
    tools: Tools = field(default_factory=lambda: NO_TOOLS)
    arguments: Mapping[TaskId, Mapping[str, Json]] = field(default_factory=dict)
    bars: Sequence[Bar] = ()
    changes: Sequence[Change] | None = None
    more: int = 0
    diagnostics: Sequence[Diagnostic] = ()
    result: RunResult | None = None
    whole: str = ""
    replay: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What a page reports. `question`, `answer`: of an ask; `outcome`: what the last run handed over, else."""

    title: str
    status: str
    runs: Sequence[ReportedRun]
    question: str | None = None
    answer: str | None = None
    facts: Sequence[str] = ()
    usage: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    failure: str | None = None


def report_page(report: Report) -> str:
    """Return a page about runs."""
    body = "".join((_head(report), "<main>", *_sections(report), "</main>"))
    return page(report.title, body, scripts=("graph.js", "report.js"))


def _head(report: Report) -> str:
    facts = "".join(f"<li>{text(fact)}</li>" for fact in report.facts)
    return f'<header><h1>{text(report.title)} {status_mark(report.status)}</h1><ul class="facts">{facts}</ul></header>'


def status_mark(status: str) -> str:
    """Return how a run or a call stands, as HTML."""
    return f'<span class="status s-{_kind(status)}">{text(status)}</span>'


def _kind(status: str) -> str:
    return "good" if status in ("ok", "answered") else "mild" if status in ("not taken", "running") else "bad"


def _sections(report: Report) -> Iterator[str]:
    if report.failure:
        yield f'<p class="failure" role="alert">{block(report.failure)}</p>'
    if report.question is not None:
        yield f"<h2>Question</h2><pre>{block(_cut(report.question))}</pre>"
    if report.answer is not None:
        yield f"<h2>Answer</h2><pre>{block(_cut(report.answer))}</pre>"
    for number, run in enumerate(report.runs, 1):
        yield from _run(run, number, f" {number}" if len(report.runs) > 1 else "")
    if report.usage:
        yield f"<h2>Models</h2>{_usage(report.usage)}"


def _run(run: ReportedRun, number: int, shown: str) -> Iterator[str]:
    source = run.source.text
    yield f'<h2>Plan{shown}</h2><pre class="code">{highlighted(_cut(source))}</pre>'
    if run.diagnostics:
        yield f"<h2>Findings{shown}</h2><ul>{''.join(f'<li>{finding(one, run.source)}</li>' for one in run.diagnostics)}</ul>"
    if run.changes is not None and not has_errors(run.diagnostics):
        yield _changes(run.changes, run.more, shown)
    picture = plan_picture(run.plan, run.tools, source=run.source)
    yield f"<h2>Graph{shown}</h2>{graph_pane(picture, f'graph{shown}', f'graph{number}')}"
    yield from run_parts(run, f"time{number}", shown)


def _changes(changes: Sequence[Change], more: int, shown: str) -> str:
    where = f" in plan{shown}" if shown else ""
    if not changes:
        return f'<p class="dim">What passes changed{where}: nothing</p>'
    left = f'<p class="dim">{more:,} more</p>' if more else ""
    listed = "".join(map(change, changes))
    return f"<details><summary>What passes changed{where}: {len(changes) + more:,}</summary><ul>{listed}</ul>{left}</details>"


def run_parts(run: ReportedRun, pane: str, shown: str = "") -> Iterator[str]:
    """Yield the parts of a page about what was done: timeline, calls, outcome. `pane`: the timeline's id."""
    if run.bars:
        yield f"<h2>Timeline{shown}</h2>{timeline(run.bars, run.name, pane)}"
    yield f"<h2>Calls{shown}</h2>{_calls(run)}"
    if run.result is not None:
        yield from _outcome(run, run.result, shown)


def _outcome(run: ReportedRun, result: RunResult, shown: str) -> Iterator[str]:
    if result.printed:
        yield f"<h2>Printed{shown}</h2><pre>{block(_cut(result.printed, _way(run.replay)))}</pre>"
    if result.answered:
        yield f"<h2>Answer{shown}</h2><pre>{block(_cut(_json(result.answer), _way(run.replay)))}</pre>"
        return
    values = "".join(_values(run, result)) or '<p class="dim">none</p>'
    yield f"<h2>Results{shown}</h2>{values}"


def _values(run: ReportedRun, result: RunResult) -> Iterator[str]:
    """Yield what a run handed over: each value is cut by itself, so that a long one hides no other."""
    if isinstance(result.join, dict):
        named = [
            (f"${id_}", value, f"{run.whole} {id_}" if run.whole else run.replay) for id_, value in result.join.items()
        ]
    else:
        many = len(result.join) > 1
        named = [(f"value {at}" if many else "", value, run.replay) for at, value in enumerate(result.join, 1)]
    share = max(_LEAST, MOST // max(1, len(named)))
    for name, value, how in named[:_ROWS]:
        yield f"{f'<h3>{text(name)}</h3>' if name else ''}<pre>{block(_cut(_json(value), _way(how), share))}</pre>"
    if len(named) > _ROWS:
        yield f'<p class="dim">{plural(len(named) - _ROWS, "value")} more{text(_way(run.replay))}</p>'


def _way(command: str) -> str:
    """Return what to do for the rest of what was cut."""
    return f"; `{command}` prints it whole" if command else ""


def finding(found: Diagnostic, source: Source) -> str:
    """Return a finding as HTML, with its place."""
    place = "" if found.span is None else "{}:{}: ".format(*source.position(found.span.start))
    help_ = f' <span class="dim">{text(found.help)}</span>' if found.help else ""
    return f"{place}<b>{text(found.severity.value)}[{text(found.code)}]</b> {text(found.message)}{help_}"


def change(change: Change) -> str:
    """Return what a pass did, as an item of a list."""
    return f'<li><span class="dim">{text(change.by)}</span> {text(str(change))}</li>'


def _calls(run: ReportedRun) -> str:
    records = list(run.records.items())
    rows = "".join(_call(id_, record, run) for id_, record in records[:_ROWS])
    left = f'<p class="dim">{plural(len(records) - _ROWS, "call")} more</p>' if len(records) > _ROWS else ""
    return f'<div class="calls">{rows}</div>{left}' if rows else '<p class="dim">no calls</p>'


def _call(id_: TaskId, record: TaskRecord, run: ReportedRun) -> str:
    took = "" if record.start is None else seconds(record.end - record.start)
    made = f"{id_}. {run.name(id_)}"
    result = record.error.shown if record.error is not None else _json(record.value)
    line = " ".join(result.split())
    brief = line if len(line) <= _BRIEF else f"{line[:_BRIEF]}…"
    given = run.arguments.get(id_)
    more = _way(f"{run.whole} {shlex.quote(str(id_))}" if run.whole else run.replay) if record.error is None else ""
    parts = "" if given is None else f"<h3>arguments</h3><pre>{block(_cut(_json(dict(given))))}</pre>"
    return (
        f'<details id="call-{text(str(id_))}"><summary>{status_mark(record.status.value)} '
        f'<code>{text(made)}</code> <span class="dim">{took}</span> <code class="dim">{text(brief)}</code></summary>'
        f"{parts}<h3>{'failure' if record.error else 'result'}</h3><pre>{block(_cut(result, more))}</pre></details>"
    )


def _json(value: Json) -> str:
    if isinstance(value, str):
        return value
    try:
        return dump_json(value)
    except (ValueError, RecursionError):
        return repr(value)


def _cut(shown: str, how: str = "", most: int = MOST) -> str:
    return shown if len(shown) <= most else f"{shown[:most]}… ({len(shown) - most:,} characters more{how})"


def _usage(usage: Mapping[str, Mapping[str, Json]]) -> str:
    names = list(dict.fromkeys(name for entry in usage.values() for name in entry))
    head = "".join(f'<th scope="col">{text(name.replace("_", " "))}</th>' for name in names)
    rows = "".join(
        f'<tr><th scope="row">{text(role)}</th>{"".join(f"<td>{text(_number(entry.get(name)))}</td>" for name in names)}</tr>'
        for role, entry in usage.items()
    )
    return f'<div class="wide"><table><thead><tr><th scope="col">role</th>{head}</tr></thead><tbody>{rows}</tbody></table></div>'


def _number(value: Json) -> str:
    return (
        ""
        if value is None
        else f"{value:,}"
        if isinstance(value, int)
        else f"{value:.6g}"
        if isinstance(value, float)
        else str(value)
    )


def critical(records: Mapping[TaskId, TaskRecord], reads: Callable[[TaskId], Sequence[TaskId]]) -> list[TaskId]:
    """Return the calls that decided how long a run took: from the last one back, what ended last of what a call waited for.

    `reads`: what is known of that; where nothing is, it is what ended last before the call began.
    """
    made = {id_: one for id_, one in records.items() if one.start is not None and one.status is not TaskStatus.SKIPPED}
    by_end = sorted(made, key=lambda id_: made[id_].end)
    ends = [made[id_].end for id_ in by_end]
    elements: dict[TaskId, list[TaskId]] = {}
    for id_ in made:
        if isinstance(id_, Element):
            elements.setdefault(id_.task, []).append(id_)
    path: list[TaskId] = []
    last = by_end[-1] if by_end else None
    while last is not None and last not in path:
        path.append(last)
        known = [id_ for one in reads(last) for id_ in ([one] if one in made else elements.get(one, []))]
        place = bisect_right(ends, made[last].start or 0.0)
        last = max(known, key=lambda id_: made[id_].end) if known else by_end[place - 1] if place else None
    return path[::-1]
