"""Plans with bodies, before, during and after a run: outlines, turns, what wasn't made, what was handled."""

from __future__ import annotations

import io
from pathlib import Path

import anyio
import pytest
import random_bodies
from body_plans import TOOLS, program
from hypothesis import given, settings
from rich.console import Console as Terminal

import lcc
from lcc.cli.console import Console
from lcc.cli.views.dry_run import dry_run_lines
from lcc.cli.views.live import LiveView
from lcc.cli.views.run_table import outcome_panel, task_table, terminal
from lcc.cli.views.run_text import Progress, outcome_line, result_lines
from lcc.cli.views.source_tasks import SourceTasks
from lcc.cli.views.turns import MOST_TURNS
from lcc.grammar.ir import Element, Plan, TaskId, calls_of
from lcc.grammar.syntax.parser import parse_plan
from lcc.passes.analysis.costs import Costs
from lcc.python_tools.collect import as_tools
from lcc.runtime.events import RunEnded, RunStarted, TaskAdded, TaskEnded, TaskStarted
from lcc.runtime.options import Options
from lcc.runtime.result import Failure, FailureKind, RunResult, RunStatus, TaskRecord, TaskStatus
from lcc.runtime.run import execute
from lcc.runtime.watch.event_stream import share
from lcc.runtime.watch.profiler import Profiler
from lcc.runtime.watch.trace import Trace

OK, FAILED, NOT_TAKEN = TaskStatus.OK, TaskStatus.FAILED, TaskStatus.NOT_TAKEN
GOLDEN = Path(__file__).parents[2] / "golden" / "dry_run_bodies.txt"
PROGRAMS = (
    """\
books = find_books(TOPIC)
low = []
for book in books:
    left = count_copies(book.title)
    if left < 2:
        try:
            ordered = order_copies(book.title, 3 - left)
        except TimeoutError as error:
            send("ann", f"failed: {error}")
    else:
        post(book.title)
answer(summarize(str(low)))
""",
    """\
first, second = gather(find_books("tides"), find_books("moon"))
counts = gather(count_copies(book.title) for book in first)
while not second:
    second = find_books("sun")
for book in ["a", "b"]:
    send("ann", book)
if CITY:
    x = 1
else:
    discard("a")
""",
)
PLAN, SOURCE = program(
    """
    for book in find_books("a"):
        if count_copies(book.title) < 2:
            order_copies(book.title)
        send("ann", book.title)
    """
)
LATE = Failure(FailureKind.RAISED, "late", 1, "TimeoutError", handled=True)


def result(turns: int) -> RunResult:
    """Return a result of PLAN in which a turn failed and was handled, and nothing was ordered."""
    tasks: dict[TaskId, TaskRecord] = {1: TaskRecord(OK, [], None, 0.0, 1.0)}
    for turn in range(turns):
        tasks[Element(3, turn)] = TaskRecord(OK, 1, None, 1.0, 2.0)
        tasks[Element(5, turn)] = TaskRecord(OK, True, None, 2.0, 3.0 + turn)
    tasks[Element(3, 0)] = TaskRecord(FAILED, None, LATE, 1.0, 1.5)
    return RunResult(RunStatus.OK, [None], tasks, makespan=3.0 + turns)


def shown(renderable: object, width: int = 100) -> list[str]:
    stream = io.StringIO()
    terminal(stream, color=False, width=width).print(renderable)
    return [line.rstrip() for line in stream.getvalue().splitlines()]


def console() -> tuple[Console, io.StringIO]:
    stream = io.StringIO()
    return Console(io.StringIO(), stream, color=False, width=100), stream


def test_golden_dry_runs(request: pytest.FixtureRequest) -> None:
    parts = []
    for text in PROGRAMS:
        lines = "\n".join(dry_run_lines(program(text)[0], TOOLS, Costs(), 100))
        parts.append(f"{text}---\n{lines}\n")
    if request.config.getoption("--bless"):
        GOLDEN.write_text("=======\n".join(parts), encoding="utf-8")
    assert GOLDEN.read_text(encoding="utf-8") == "=======\n".join(parts)


def test_the_table_has_a_row_for_each_turn_and_for_what_was_not_made() -> None:
    assert shown(task_table(PLAN, result(2), 100, SOURCE))[3:] == [
        '    1   find_books("a")            ok                1.00 s   ━━━━━',
        " 3[0]   count_copies(book.title)   failed, handled   500 ms       ━━",
        "        line 2: TimeoutError: late",
        " 3[1]   count_copies(book.title)   ok                1.00 s       ━━━━━",
        "    4   order_copies(book.title)   not made",
        ' 5[0]   send("ann", book.title)    ok                1.00 s            ━━━━━',
        ' 5[1]   send("ann", book.title)    ok                2.00 s            ━━━━━━━━━━',
        "",
        " ok: 5 tasks (1 failed and handled) in 5.00 s",
    ]


def test_many_turns_are_one_row() -> None:
    lines = shown(task_table(PLAN, result(MOST_TURNS + 1), 100, SOURCE))
    assert [line.split()[0] for line in lines[3:7]] == ["1", "3[…]", "4", "5[…]"]
    assert "12 ok, 1 failed, handled" in lines[4]
    assert "13 ok" in lines[6]


def test_turns_that_did_not_end_well_have_rows_beside_the_one_of_all() -> None:
    found = result(MOST_TURNS + 1)
    bad = TaskRecord(FAILED, None, Failure(FailureKind.RAISED, "boom", 1, "ValueError"), 1.0, 2.0)
    tasks = {**found.tasks, Element(5, 2): bad}
    lines = shown(task_table(PLAN, RunResult(RunStatus.FAILED, [None], tasks), 100, SOURCE))
    assert [line.split()[0] for line in lines[6:8]] == ["5[…]", "5[2]"]
    assert "12 ok, 1 failed" in lines[6]


def test_progress_stops_telling_of_turns_that_end_well_and_counts_the_rest() -> None:
    screen, stream = console()
    progress = Progress(SourceTasks(PLAN, PLAN, SOURCE), screen)
    for turn in range(MOST_TURNS + 8):
        failure = Failure(FailureKind.RAISED, "boom", 1, "ValueError") if turn == MOST_TURNS + 3 else None
        progress(TaskStarted(0.0, Element(3, turn), "count_copies", 1))
        progress(TaskEnded(1.0, Element(3, turn), FAILED if failure else OK, failure))
    progress.close()
    lines = stream.getvalue().splitlines()
    assert lines[0] == "ok          1.00 s  3[0]. count_copies(book.title)"
    assert len(lines) == MOST_TURNS + 3
    assert lines[-2].strip() == "line 2: ValueError: boom"
    assert lines[-1].split() == ["ok", "3[…].", "count_copies(book.title):", "7", "more", "turns"]


def test_the_live_view_counts_the_calls_so_far_and_folds_turns() -> None:
    class Tty(io.StringIO):
        def isatty(self) -> bool:
            return True

    view = LiveView(PLAN, TOOLS, Costs(), Console(io.StringIO(), Tty(), width=80))
    view(RunStarted(0.0, 0))
    for turn in range(9):
        id_ = Element(3, turn)
        view(TaskAdded(0.0, id_, "count_copies", (), ()))
        view(TaskStarted(0.0, id_, "count_copies", 1))
    view(TaskEnded(1.0, Element(3, 0), OK, None))
    screen = Terminal(file=io.StringIO(), width=80, force_terminal=False)
    with screen.capture() as captured:
        screen.print(view.view())
    text = captured.get()
    view(RunEnded(2.0, RunStatus.OK))
    assert "1 of 9 calls so far" in text
    assert "critical path 1 → 3 → 4 → 5" in text
    assert "3[…]. count_copies(book.title): 8 turns" in text
    assert "left" not in text


def test_what_a_program_hands_back_is_printed_as_it_is() -> None:
    given = RunResult(RunStatus.OK, ["two\nlines"], {})
    assert list(result_lines(PLAN, given)) == ["two", "lines"]
    assert any("two" in line for line in shown(outcome_panel(PLAN, given)))
    assert list(result_lines(PLAN, RunResult(RunStatus.OK, [None], {}))) == []
    assert outcome_line(result(1)).startswith("ok: 3 tasks (1 failed and handled)")


def test_traces_call_turns_by_their_task() -> None:
    trace = Trace({3: "3. count_copies(book.title)"})
    trace(RunStarted(0.0, 0))
    trace(TaskStarted(0.0, Element(3, 1, (0,)), "count_copies", 1))
    trace(TaskEnded(1.0, Element(3, 1, (0,)), OK, None))
    events = trace.to_json()["traceEvents"]
    assert isinstance(events, list)
    assert events[-1]["name"] == "3[1][0]. count_copies(book.title)"  # type: ignore[index, call-overload]


def test_the_profiler_knows_the_size_of_constant_arguments_in_turns() -> None:
    plan, _ = program("for x in [1, 2]:\n    find_books('tides')")
    profiler = Profiler(plan)
    for turn in range(2):
        profiler(TaskStarted(0.0, Element(2, turn), "find_books", 1))
        profiler(TaskEnded(1.0, Element(2, turn), OK, None))
    assert profiler.profile.expected("find_books", len('["tides"]')).seconds == pytest.approx(1.0)


@settings(deadline=None)
@given(random_bodies.bodies())
def test_every_body_has_its_views(plan: Plan) -> None:
    assert list(dry_run_lines(plan, random_bodies.TOOLS, Costs(), 80))[-1] == "dry run: nothing was called"
    tasks = SourceTasks(plan, plan)
    assert all(tasks.call(task.id) for task in calls_of(plan))
    records = {Element(int(task.id), 0): TaskRecord(NOT_TAKEN, None, None, None, 0.0) for task in calls_of(plan)}
    assert shown(task_table(plan, RunResult(RunStatus.OK, [], records), 80))


def test_a_run_of_a_program_is_shown_from_its_events_to_its_table() -> None:
    @lcc.tool(effect="read", resource="library")
    async def find_books(topic: str) -> list[dict[str, str]]:
        return [{"title": "tides"}, {"title": "moon"}]

    @lcc.tool(effect="read", resource="stock:{book}")
    async def count_copies(book: str) -> int:
        return 1 if book == "tides" else 5

    @lcc.tool(effect="write", resource="stock:{book}")
    async def order_copies(book: str, number: int = 1) -> int:
        raise TimeoutError("late")

    @lcc.tool(effect="write", resource="mail")
    async def send(to: str, text: str) -> bool:
        return True

    plan, source = program(
        """
        for book in find_books("a"):
            if count_copies(book.title) < 2:
                try:
                    order_copies(book.title)
                except TimeoutError as error:
                    send("ann", f"{error}")
        """
    )
    screen, stream = console()
    progress = Progress(SourceTasks(plan, plan, source), screen)
    trace = Trace()
    options = Options(on_event=share(progress, trace))
    tools = as_tools([find_books, count_copies, order_copies, send])
    found = anyio.run(lambda: execute(plan, tools, options=options))
    progress.close()
    assert found.ok, (found.failure, found.tasks)
    rows = [line.split()[0] for line in shown(task_table(plan, found, 100, source))[3:] if line.strip()]
    assert rows[:6] == ["1", "3[0]", "3[1]", "4[0]", "line", "5[0]"]
    assert "failed" in stream.getvalue()
    assert trace.to_json()["traceEvents"]


STEPS = """\
1. find_books(each ["a", "b"])
2. find_books("{c}") if failed $1
3. send("ann", "{x}${$2!r:>${len($1)}}") after ok $2
4. for book in $1:
    5. send(book, "x") when book
6. join($2)
"""


def test_a_dry_run_shows_formats_and_what_a_call_waits_for() -> None:
    shown = [line.strip().split("  ")[0] for line in dry_run_lines(parse_plan(STEPS).plan, TOOLS, Costs(), 160)]
    assert shown[:5] == [
        '1. find_books(each ["a", "b"])',
        '2. find_books("{c}") if failed $1',
        '3. send("ann", f"{{x}}{$2!r:>{len($1)}}") after ok $2',
        "for book in $1, × n at once:",
        '5. send(book, "x") when book',
    ]


def test_a_dry_run_shows_a_branch_only_with_its_condition() -> None:
    plan = program(
        'for x in ["a", "b"]:\n    if x == "a":\n        y = 1\n    else:\n        break\n    find_books(x)\n'
    )[0]
    lines = [line.strip() for line in dry_run_lines(plan, TOOLS, Costs(), 100)]
    assert lines[1:5] == ['if x == "a":', "nothing is called", "else:", "break"]
