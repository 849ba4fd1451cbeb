"""Show a run on a terminal: a row for each task with its place in time, then what the plan hands over.

Text from plans and tools is escaped and given to rich as `Text`, so neither escape sequences nor rich's own markup in it work.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TextIO

from rich.console import Console as Terminal, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from lcc.cli.views.run_text import error_text, handed_back, joined, located, outcome_line
from lcc.cli.views.source_tasks import SourceTasks
from lcc.cli.views.turns import Folded, folded_elements, rows, status_words
from lcc.grammar.diagnostics.terminal import CUT, cut, escape_lines
from lcc.grammar.diagnostics.wording import seconds
from lcc.grammar.ir import Plan, TaskId, flat
from lcc.grammar.source import Source
from lcc.grammar.values import to_text
from lcc.runtime.result import RunResult, TaskRecord, TaskStatus

MAX_ROWS: Final = 80
"""Rows of tasks that ended well; what didn't is always shown."""
_BAR: Final = 24
_OTHER_COLUMNS: Final = 16 + 11 + 10 + _BAR
"""Cells that all columns but the ids and the calls take, with what lies between them."""
_NARROWEST: Final = 16
_VALUE_LIMIT: Final = 2_000
_STYLES: Final = {
    TaskStatus.OK: "green",
    TaskStatus.FAILED: "bold red",
    TaskStatus.SKIPPED: "yellow",
    TaskStatus.CANCELLED: "yellow",
    TaskStatus.ABANDONED: "bold magenta",
    TaskStatus.NOT_TAKEN: "dim",
}


def terminal(stream: TextIO, *, color: bool, width: int) -> Terminal:
    """Return a rich console that follows what lcc decided about colour and width."""
    return Terminal(
        file=stream, force_terminal=color, no_color=not color, width=width, highlight=False, legacy_windows=False
    )


def task_table(plan: Plan, result: RunResult, width: int, source: Source | None = None) -> Group:
    """Return the table of tasks and the line that sums them up; `plan` is as it was written in `source`, before any pass.

    Errors stand below their rows, over the full width. On a narrow terminal bars are left out, so that the calls keep their place.
    """
    tasks = SourceTasks(plan, plan, source)
    shown = list(_rows(plan, result))
    longest = max((len(one.id if isinstance(one, Folded) else str(one)) for one in shown), default=1)
    bars = width >= longest + _OTHER_COLUMNS + _NARROWEST
    room = max(_NARROWEST, width - longest - _OTHER_COLUMNS + (0 if bars else _BAR + 3))
    table = _Table(width, bars=bars)
    hidden = 0
    for place, id_ in enumerate(shown):
        if isinstance(id_, Folded):
            table.row(_folded_row(id_, tasks.call(id_.site), result, room, words=bars))
            if not bars:
                table.below(Text(id_.words))
            continue
        record = result.tasks.get(id_)
        if place >= MAX_ROWS and (record is None or record.status is TaskStatus.OK):
            hidden += 1
            continue
        table.row(_row(id_, tasks.call(id_), record, result, room, "not needed" if plan.body is None else "not made"))
        if record is not None and record.error is not None and record.status is not TaskStatus.SKIPPED:
            table.below(Text(located(error_text(record.error), tasks.line(id_)), style="red"))
    more = [Text(f"  and {hidden} more tasks that ended well", style="dim")] if hidden else []
    style = "bold green" if result.ok else "bold red"
    return Group(*table.lines(), *more, Text(f" {outcome_line(result)}", style=style))


class _Table:
    """Rows of cells in columns as wide as need be, and texts between them over the full width."""

    def __init__(self, width: int, *, bars: bool) -> None:
        self._width = width
        self._columns = 5 if bars else 4
        self._rows: list[tuple[Text, ...] | Text] = []

    def row(self, cells: tuple[Text, ...]) -> None:
        """Add a row."""
        self._rows.append(cells[: self._columns])

    def below(self, text: Text) -> None:
        """Add a text that belongs to the row above."""
        self._rows.append(text)

    def lines(self) -> Iterable[RenderableType]:
        """Yield the lines of the table, an empty one before and behind it."""
        heads = tuple(Text(head, style="dim") for head in ("", "task", "status", "time", "")[: self._columns])
        cells = [heads, *(row for row in self._rows if not isinstance(row, Text))]
        widths = [max(row[place].cell_len for row in cells) for place in range(self._columns)]
        yield Text()
        yield self._line(heads, widths)
        yield Text(f" {'─' * min(self._width - 2, sum(widths) + 3 * len(widths) - 3)}", style="dim")
        for row in self._rows:
            if isinstance(row, Text):
                yield Padding(row, (0, 0, 0, widths[0] + 4))
            else:
                yield self._line(row, widths)
        yield Text()

    def _line(self, row: tuple[Text, ...], widths: list[int]) -> Text:
        line = Text(" ", no_wrap=True, overflow="ellipsis")
        for place, (cell, width) in enumerate(zip(row, widths, strict=True)):
            gap = " " * (width - cell.cell_len)
            line.append("   " if place else "")
            if place in (0, 3):
                line.append(gap)
            line.append_text(cell)
            if place not in (0, 3):
                line.append(gap)
        line.rstrip()
        return line


def _rows(plan: Plan, result: RunResult) -> Iterable[TaskId | Folded]:
    if plan.body is not None:
        yield from rows(plan, result.tasks)
        return
    source: dict[TaskId, None] = dict.fromkeys(task.id for task in flat(plan, "rows of tasks"))
    elements: dict[int, list[TaskId]] = {}
    for id_ in result.tasks:
        if not isinstance(id_, int) and id_ not in source:
            elements.setdefault(id_.task, []).append(id_)
    for id_ in source:
        yield id_
        yield from folded_elements(sorted(elements.pop(id_, ())), result.tasks) if isinstance(id_, int) else ()


def _row(
    id_: TaskId,
    name: str,
    record: TaskRecord | None,
    result: RunResult,
    room: int,
    unmade: str,
) -> tuple[Text, ...]:
    """Return the cells of a task. `unmade`: what is said of one that isn't made."""
    call = Text(cut(name, room))
    if record is None:
        into = result.merged.get(id_)
        note = unmade if into is None else f"same as {into}"
        call.stylize("dim")
        return Text(str(id_)), call, Text(note, style="dim"), Text(""), Text("")
    style = _STYLES[record.status] if record.bad or record.error is None else "yellow"
    took = Text(seconds(record.end - record.start) if record.start is not None else "")
    status = Text(status_words(record), style=style)
    return Text(str(id_)), call, status, took, _bar(record.start, record.end, result.makespan, style)


def _folded_row(folded: Folded, name: str, result: RunResult, room: int, *, words: bool) -> tuple[Text, ...]:
    """Return the cells of many turns of one call, or elements. `words`: there is room for how many of them ended how."""
    style = _STYLES[folded.worst or TaskStatus.OK] if folded.worst or folded.smooth else "yellow"
    took = Text("" if folded.begin is None else seconds(folded.end - folded.begin))
    bar = _bar(folded.begin, folded.end, result.makespan, style)
    status = folded.words if words else (folded.worst or TaskStatus.OK).value
    return Text(folded.id), Text(cut(name, room)), Text(status, style=style), took, bar


def _bar(start: float | None, end: float, makespan: float, style: str) -> Text:
    """Return when a task ran, on a line as long as the run."""
    if start is None or makespan <= 0:
        return Text("")
    begin = min(_BAR - 1, int(start / makespan * _BAR))
    length = max(1, min(_BAR - begin, round((end - start) / makespan * _BAR)))
    return Text.assemble((" " * begin, ""), ("━" * length, style))


def outcome_panel(plan: Plan, result: RunResult, more: str = "") -> RenderableType:
    """Return what the plan hands over: the answer, or each value that join reads. `more`: stands below where one had to be cut."""
    title = "join"
    if plan.join is None and not result.answered:
        title, rows = "result", [("", _value_text("\n".join(escape_lines(to_text(v)) for v in handed_back(result))))]
    elif result.answered:
        title, rows = "answer", [("", _value_text(escape_lines(to_text(result.answer))))]
    else:
        rows = [
            (name, Text(problem, style="red") if problem else _value_text(escape_lines(to_text(value))))
            for name, value, problem in joined(plan, result)
        ]
    panel = Panel(_grid(rows) if title == "join" else rows[0][1], title=title, title_align="left")
    if title == "answer":
        panel.style = "bold"
    return Group(panel, Text(more)) if more and any(text.plain.endswith(CUT) for _, text in rows) else panel


def _grid(rows: Iterable[tuple[str, Text]]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold cyan", no_wrap=True, overflow="ellipsis", max_width=32)
    table.add_column(overflow="fold")
    for name, text in rows:
        table.add_row(Text(name), text)
    return table


def _value_text(text: str) -> Text:
    return Text(cut(text, _VALUE_LIMIT), overflow="fold")
