"""Show what each call of a run did when: it waited, ran, was tried again."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from lcc.grammar.diagnostics.terminal import cut
from lcc.grammar.diagnostics.wording import plural, seconds
from lcc.grammar.ir import TaskId, task_id
from lcc.grammar.values import Json
from lcc.pages.page import text
from lcc.runtime.events import AttemptFailed, Event, RunStarted, TaskEnded, TaskRetracted, TaskStarted
from lcc.runtime.journal.rows import Attempt
from lcc.runtime.result import TaskRecord
from lcc.runtime.watch.trace import WAITING, Trace

MOST_ROWS: Final = 2_000
_NAME: Final = 60


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of time of one call, in seconds from the run's start. `kind`: waiting, running, failed; `note`: what is said of it."""

    id: TaskId
    start: float
    end: float
    kind: str
    note: str = ""
    critical: bool = False


def bars_of_trace(trace: Trace, critical: Container[TaskId] = ()) -> list[Bar]:
    """Return what a trace has seen."""
    records = trace.to_json()["traceEvents"]
    assert isinstance(records, list)
    return [
        bar for record in records if isinstance(record, dict) and record["ph"] == "X" for bar in _bars(record, critical)
    ]


def _bars(record: Mapping[str, Json], critical: Container[TaskId]) -> Iterator[Bar]:
    details, start, took = record["args"], record["ts"], record["dur"]
    assert isinstance(details, dict)
    assert isinstance(start, int | float)
    assert isinstance(took, int | float)
    id_ = task_id(str(details["task"]))
    status = str(details.get("status", "waiting"))
    kind = "waiting" if record["pid"] == WAITING else "running" if status == "ok" else "failed"
    waited = str(record["name"]).partition(": ")[2] if kind == "waiting" else status
    attempt = details.get("attempt", 1)
    note = _note(waited, attempt if isinstance(attempt, int) else 1, str(details.get("message", "")))
    yield Bar(id_, start / 1e6, (start + took) / 1e6, kind, note, id_ in critical)


class LiveBars:
    """An event sink that knows the bars of a run at any time, with those of calls that are being made."""

    def __init__(self) -> None:
        self.trace = Trace()
        self.count = 0
        self._began = self._now = 0.0
        self._open: dict[TaskId, float] = {}
        self.tools: dict[TaskId, str] = {}

    def __call__(self, event: Event) -> None:
        """Take one event of the run."""
        self.trace(event)
        self.count += 1
        self._now = event.time
        match event:
            case RunStarted(time):
                self._began = time
            case TaskStarted(time, id_, tool):
                self._open.setdefault(id_, time)
                self.tools[id_] = tool
            case AttemptFailed(_, id_) | TaskEnded(_, id_) | TaskRetracted(_, id_):
                self._open.pop(id_, None)

    def bars(self, now: float | None = None) -> list[Bar]:
        """Return the bars, up to `now` on the clock of events."""
        until = (self._now if now is None else now) - self._began
        going = [Bar(id_, start - self._began, until, "running", "still running") for id_, start in self._open.items()]
        return bars_of_trace(self.trace) + going


def bars_of_attempts(
    records: Mapping[TaskId, TaskRecord],
    attempts: Mapping[TaskId, Sequence[Attempt]] = MappingProxyType({}),
    critical: Container[TaskId] = (),
) -> list[Bar]:
    """Return what a journal knows: when each call waited for what, began, failed, was made again and ended."""
    return [bar for id_, one in records.items() for bar in _of_call(id_, one, attempts.get(id_, ()), id_ in critical)]


def _of_call(id_: TaskId, record: TaskRecord, attempts: Sequence[Attempt], critical: bool) -> Iterator[Bar]:
    """Yield the bars of a call that has ended. Attempts of processes before the last one have times of their own."""
    if record.start is None:
        return
    begun: float | None = record.start
    number = 1
    made = [(one.at, one) for one in attempts if one.at is not None and record.start <= one.at <= record.end]
    for number, (at, one) in enumerate(made, 1):
        if one.since is not None:
            yield Bar(id_, one.since, at, "waiting", _note(one.waited, number), critical)
        begun = at if begun is None else begun  # else one that was made beside another, which goes on
        if one.failed is not None:
            why = "" if one.failure is None else one.failure.shown
            yield Bar(id_, begun, one.failed, "failed", _note("failed", number, why), critical)
            begun = None
    if begun is not None:
        why = "" if record.error is None else record.error.shown
        kind = "running" if record.error is None else "failed"
        yield Bar(id_, begun, record.end, kind, _note(record.status.value, number, why), critical)


def _note(said: str, attempt: int, why: str = "") -> str:
    return "; ".join(filter(None, (said, f"attempt {attempt}" if attempt > 1 else "", why)))


def timeline(bars: Sequence[Bar], name: Callable[[TaskId], str], pane: str) -> str:
    """Return the part of a page that shows bars, a row for each call, by their begin; the page needs `report.js`."""
    rows: dict[TaskId, list[Bar]] = {}
    for bar in sorted(bars, key=lambda bar: bar.start):
        rows.setdefault(bar.id, []).append(bar)
    whole = max([bar.end for bar in bars], default=0.0) or 1e-9
    shown = list(rows.items())[:MOST_ROWS]
    left = f'<p class="dim">{plural(len(rows) - len(shown), "call")} more</p>' if len(rows) > len(shown) else ""
    body = "".join(f'<div class="row"><span class="name" title="{text(label)}">{text(cut(label, _NAME))}</span><span class="lane">{_lane(own, whole)}</span></div>' for id_, own in shown for label in (f"{id_}. {name(id_)}",))  # fmt: skip
    buttons = "".join(
        f'<button type="button" data-time="{pane}" data-by="{by}" aria-label="{label}">{sign}</button>'
        for by, label, sign in (("2", "longer", "+"), ("0.5", "shorter", "−"), ("0", "fit the width", "fit"))
    )
    return (
        f'<div class="tools">{buttons}<span class="key k-waiting">waiting</span><span class="key k-running">running</span>'
        f'<span class="key k-failed">failed</span><span class="key k-critical">critical path</span><span class="dim">{seconds(whole)} in all</span></div>'
        f'<div class="time" id="{pane}" role="region" aria-label="timeline" tabindex="0"><div class="rows">{_axis(whole)}{body}</div></div>{left}'
    )


def _lane(bars: Iterable[Bar], whole: float) -> str:
    return "".join(
        f'<i class="b-{bar.kind}{" b-critical" if bar.critical else ""}" style="left:{bar.start / whole:.4%};width:{(bar.end - bar.start) / whole:.4%}" '
        f'title="{text(f"{seconds(bar.start)} to {seconds(bar.end)}, {seconds(bar.end - bar.start)}: {bar.kind}, {bar.note}")}"></i>'
        for bar in bars
    )


def _axis(whole: float) -> str:
    marks = "".join(f'<span style="left:{at * 20}%">{seconds(whole * at / 5)}</span>' for at in range(5))
    return f'<div class="row axis" aria-hidden="true"><span class="name"></span><span class="lane">{marks}</span></div>'
