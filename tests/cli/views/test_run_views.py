"""Check how a run looks: the table on a terminal, plain lines elsewhere, the line of progress."""

from __future__ import annotations

import io

import pytest
from rich.console import Console as Terminal

from lcc.ask.events import AnswerText, AskEvent, JoinStarted, PlanReady, PlanStarted, Replanned, Running, TaskPlanned
from lcc.cli.console import Console
from lcc.cli.views.ask_progress import AskProgress
from lcc.cli.views.live import AskView, LiveView
from lcc.cli.views.live_region import Region
from lcc.cli.views.run_table import MAX_ROWS, outcome_panel, task_table, terminal
from lcc.cli.views.run_text import Progress, ended_line, outcome_line, result_lines, whole_command
from lcc.cli.views.source_tasks import SourceTasks
from lcc.grammar.diagnostics.wording import seconds
from lcc.grammar.ir import Element, Plan
from lcc.grammar.source import Source
from lcc.grammar.syntax.parser import parse_plan
from lcc.passes.analysis.costs import Costs
from lcc.runtime.events import (
    LoopBlocked,
    RunEnded,
    RunStarted,
    TaskAdded,
    TaskEnded,
    TaskReported,
    TaskStarted,
)
from lcc.runtime.result import Failure, FailureKind, RunResult, RunStatus, TaskRecord, TaskStatus

OK, FAILED, SKIPPED, CANCELLED = TaskStatus.OK, TaskStatus.FAILED, TaskStatus.SKIPPED, TaskStatus.CANCELLED
BOOM = Failure(FailureKind.RAISED, "boom [red]\x1b[31m\nagain", 1, "RuntimeError")

SOURCE = Source(
    "a.plan",
    '1. search("a")\n2. fail("日本")\n3. search("$2")\n4. search("a")\n5. search("unused")\n'
    "6. add(each [1, 2])\n7. join($1, $2, $3, $4.x[0], $6)\n",
)
PLAN = parse_plan(SOURCE.text).plan
RESULT = RunResult(
    RunStatus.FAILED,
    ["two\nlines", None, None, "\x1b[2J", [1, 2]],
    {
        1: TaskRecord(OK, "two\nlines", None, 0.0, 0.5),
        2: TaskRecord(FAILED, None, BOOM, 0.0, 0.25),
        3: TaskRecord(SKIPPED, None, Failure(FailureKind.SKIPPED, "reads $2, which failed"), None, 0.25),
        6: TaskRecord(OK, [1, 2], None, 0.5, 1.0),
        Element(6, 0): TaskRecord(OK, 1, None, 0.5, 0.75),
        Element(6, 1): TaskRecord(OK, 2, None, 0.5, 1.0),
    },
    merged={4: 1, 5: None},
    makespan=1.0,
)


def shown(renderable: object, width: int = 100) -> list[str]:
    stream = io.StringIO()
    terminal(stream, color=False, width=width).print(renderable)
    return [line.rstrip() for line in stream.getvalue().splitlines()]


def test_the_table_has_a_row_for_every_task_of_the_source() -> None:
    lines = shown(task_table(PLAN, RESULT, 100))
    assert lines[3:] == [
        '    1   search("a")        ok           500 ms   ━━━━━━━━━━━━',
        '    2   fail("日本")       failed       250 ms   ━━━━━━',
        "        RuntimeError: boom [red]\\x1b[31m again",
        '    3   search("$2")       skipped',
        '    4   search("a")        same as 1',
        '    5   search("unused")   not needed',
        "    6   add(each [1, 2])   ok           500 ms               ━━━━━━━━━━━━",
        " 6[0]   add(1)             ok           250 ms               ━━━━━━",
        " 6[1]   add(2)             ok           500 ms               ━━━━━━━━━━━━",
        "",
        " failed: 4 tasks (1 failed, 1 skipped) in 1.00 s; one after another they take 1.50 s",
    ]


def test_on_a_narrow_terminal_calls_keep_their_place_and_errors_take_the_whole_width() -> None:
    lines = shown(task_table(PLAN, RESULT, 50), 50)
    assert lines[3:6] == [
        '    1   search("a")        ok           500 ms',
        '    2   fail("日本")       failed       250 ms',
        "        RuntimeError: boom [red]\\x1b[31m again",
    ]
    assert all(len(line) <= 50 for line in lines)


def test_many_elements_that_were_stopped_take_a_few_lines() -> None:
    stopped = Failure(FailureKind.CANCELLED, "cancelled", 1)
    records = {Element(6, place): TaskRecord(CANCELLED, None, stopped, 0.0, 1.0) for place in range(40)}
    records[Element(6, 3)] = TaskRecord(FAILED, None, BOOM, 0.0, 1.0)
    tasks = {**{id_: r for id_, r in RESULT.tasks.items() if isinstance(id_, int)}, **records}
    lines = shown(task_table(PLAN, RunResult(RunStatus.FAILED, {}, tasks, makespan=1.0), 100))
    assert len(lines) < 20
    assert any("6[…]" in line and "39 cancelled" in line for line in lines)
    assert any(line.split()[0] == "6[3]" for line in lines if line.strip())


def test_the_panel_names_what_join_reads_and_why_it_is_missing() -> None:
    lines = [line.strip("│ ") for line in shown(outcome_panel(PLAN, RESULT))[1:-1]]
    assert lines == [
        "$1       two",
        "lines",
        "$2       failed: RuntimeError: boom [red]\\x1b[31m again",
        "$3       skipped: reads $2, which failed",
        "$4.x[0]  \\x1b[2J",
        "$6       [1, 2]",
    ]


def test_a_panel_that_cuts_a_value_says_how_it_is_had_whole() -> None:
    short, long = (RunResult(RunStatus.OK, {}, {}, makespan=1.0, answer="x" * n, answered=True) for n in (20, 9_000))
    assert shown(outcome_panel(PLAN, long, "see `lcc runs`"))[-1] == "see `lcc runs`"
    assert not any("lcc runs" in line for line in shown(outcome_panel(PLAN, short, "see `lcc runs`")))


def test_a_value_is_had_whole_from_the_journal_if_there_is_one() -> None:
    assert whole_command(None, of_calls=True) == "--format json"
    assert whole_command(("my j", "0123456789"), of_calls=True) == "lcc runs 'my j' 01234567 --result ID"
    assert whole_command(("j", "0123456789"), of_calls=False) == "lcc replay j 01234567 --format json"


def test_plain_results_say_the_same() -> None:
    assert list(result_lines(PLAN, RESULT)) == [
        "$1 = two",
        "    lines",
        "$2 = (failed: RuntimeError: boom [red]\\x1b[31m again)",
        "$3 = (skipped: reads $2, which failed)",
        "$4.x[0] = \\x1b[2J",
        "$6 = [1, 2]",
    ]


def test_a_value_is_explained_through_the_task_that_it_was_merged_into() -> None:
    result = RunResult(RunStatus.FAILED, {4: None}, {1: TaskRecord(FAILED, None, BOOM, 0, 1)}, merged={4: 2, 2: 1})
    plan = parse_plan('1. a()\n2. a()\n4. a()\n5. join("4"=$4)\n').plan
    assert list(result_lines(plan, result)) == ["$4 = (failed: RuntimeError: boom [red]\\x1b[31m again)"]


def test_a_plan_of_nothing_has_no_bars_and_no_results() -> None:
    result = RunResult(RunStatus.OK, {}, {})
    assert list(result_lines(Plan(), result)) == []
    assert outcome_line(result) == "ok: 0 tasks in 0 µs"
    assert "ok: 0 tasks" in shown(task_table(Plan(), result, 80))[-1]


def test_a_long_table_hides_what_ended_well_and_nothing_else() -> None:
    last = MAX_ROWS + 5
    plan = parse_plan("".join(f"{n}. a()\n" for n in range(1, last + 1)) + "999. join($1)\n").plan
    tasks = {n: TaskRecord(OK, n, None, 0.0, 1.0) for n in range(1, last)} | {
        last: TaskRecord(FAILED, None, BOOM, 0, 1)
    }
    lines = shown(task_table(plan, RunResult(RunStatus.FAILED, [1], tasks, makespan=1.0), 80))
    assert "  and 4 more tasks that ended well" in lines
    assert any(line.split()[:3] == [str(last), "a()", "failed"] for line in lines)
    assert not any(line.startswith(f" {MAX_ROWS + 1} ") for line in lines)


def test_a_plain_line_says_how_a_task_ended() -> None:
    assert ended_line("1", "search()", OK, 0.0121, None, 80) == "ok           12 ms  1. search()"
    assert ended_line("1[0]", "f()", SKIPPED, None, BOOM, 80) == "skipped             1[0]. f()"
    assert ended_line("1", "f()", FAILED, 1.5, BOOM, 80) == (
        "failed      1.50 s  1. f()\n                    RuntimeError: boom [red]\\x1b[31m again"
    )
    assert len(ended_line("1", "f" * 200, OK, None, None, 80)) == 80


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (0.0, "0 µs"),
        (0.000_25, "250 µs"),
        (0.25, "250 ms"),
        (1.234, "1.23 s"),
        (119.0, "119.00 s"),
        (185.4, "3 min 5 s"),
    ],
)
def test_durations_have_a_unit_that_suits_them(duration: float, text: str) -> None:
    assert seconds(duration) == text


class Tty(io.StringIO):
    def isatty(self) -> bool:
        return True


def watched(stream: io.StringIO) -> None:
    progress = Progress(SourceTasks(PLAN, PLAN, SOURCE), Console(io.StringIO(), stream, width=60))
    for event in (
        RunStarted(10.0, 6),
        TaskStarted(10.0, 1, "search", 1),
        TaskStarted(10.01, 2, "fail", 1),
        LoopBlocked(10.1, 2, 0.05, "  at \x1b[31m"),
        TaskEnded(10.5, 1, OK, None),
        TaskStarted(10.5, Element(6, 1), "add", 1),
        TaskEnded(10.75, Element(6, 1), OK, None),
        TaskEnded(10.8, 2, FAILED, BOOM),
        RunEnded(11.0, RunStatus.FAILED),
    ):
        progress(event)


def test_progress_is_a_line_for_each_task_that_ends() -> None:
    stream = io.StringIO()
    watched(stream)
    assert stream.getvalue().splitlines() == [
        "a tool has held the event loop for 50 ms:",
        "  at \\x1b[31m",
        'ok          500 ms  1. search("a")',
        "ok          250 ms  6[1]. add(2)",
        'failed      790 ms  2. fail("日本")',
        "                    line 2: RuntimeError: boom [red]\\x1b[31m again",
    ]


def test_the_progress_of_an_ask_calls_elements_by_their_own_arguments_in_each_plan() -> None:
    stream = io.StringIO()
    progress = AskProgress(Console(io.StringIO(), stream), show_answer=False)
    for number, text in enumerate(("1. add(each [1, 2])", "1. add(each [3, 4])"), 1):
        progress(TaskPlanned(number, parse_plan(f"{text}\n2. join()").plan.tasks[0]))
        progress(Running(number, TaskStarted(1.0, Element(1, 1), "add", 1)))
        progress(Running(number, TaskEnded(1.5, Element(1, 1), OK, None)))
    assert [line.split(". ")[1] for line in stream.getvalue().splitlines()] == ["add(2)", "add(4)"]


def test_the_live_view_shows_progress_what_runs_and_the_critical_path() -> None:
    stream = Tty()
    view = LiveView(PLAN, {}, Costs(default_seconds=2.0), Console(io.StringIO(), stream, width=60))
    view(RunStarted(10.0, 6))
    view(TaskStarted(10.0, 1, "search", 1))
    view(TaskReported(10.1, 1, "half\x1b[31m"))
    screen = Terminal(file=io.StringIO(), width=60, force_terminal=False)
    with screen.capture() as shown:
        screen.print(view.view())
    text = shown.get()
    assert "0 of 6 tasks" in text
    assert "critical path" in text
    assert '1. search("a"): half\\x1b[31m' in text
    before = view.time_left(10.5)
    view(TaskEnded(11.0, 1, OK, None))
    assert view.time_left(11.0) <= before
    view(RunEnded(12.0, RunStatus.OK))
    assert "\x1b[2K" in stream.getvalue(), "the view is erased at the end"


def test_a_question_has_the_terminal_for_itself() -> None:
    stream = Tty()
    console = Console(io.StringIO(), stream, width=60)
    view = LiveView(PLAN, {}, Costs(), console)
    view(RunStarted(10.0, 6))
    with console.aside():
        before = stream.getvalue()
        view(TaskStarted(10.0, 1, "search", 1))
        assert stream.getvalue() == before
    assert stream.getvalue() != before, "the view is back as soon as there is an answer"
    view.close()


def test_a_view_that_is_closed_while_a_question_is_open_stays_away() -> None:
    stream = Tty()
    console = Console(io.StringIO(), stream, width=60)
    view = LiveView(PLAN, {}, Costs(), console)
    view(RunStarted(10.0, 6))
    with console.aside():
        view.close()
        before = stream.getvalue()
    assert stream.getvalue() == before


def test_calls_that_ctrl_c_stops_are_told_of_in_a_few_lines() -> None:
    console = Console(io.StringIO(), io.StringIO())
    plan = parse_plan("1. page(each [1, 2])\n2. join($1)").plan
    progress = Progress(SourceTasks(plan, plan), console)
    stopped = Failure(FailureKind.CANCELLED, "cancelled")
    for place in range(300):
        progress(TaskEnded(1.0, Element(1, place), TaskStatus.CANCELLED, stopped))
    progress.close()
    shown = console.stderr.getvalue()  # type: ignore[attr-defined]
    assert len(shown.splitlines()) < 15
    assert "295 more calls" in shown


def drawn(view: AskView | LiveView, width: int) -> list[str]:
    screen = Terminal(file=io.StringIO(), width=width, force_terminal=False)
    with screen.capture() as captured:
        screen.print(view.view())
    return captured.get().splitlines()


def fan_out(number: int, running: int) -> list[AskEvent]:
    """A plan of a fan-out over 20 elements, of which `number` have ended, and a call that waits for it."""
    items = ", ".join(str(item) for item in range(20))
    plan = parse_plan(f"1. add(each [{items}])\n2. search($1)\n3. join($2)").plan
    elements = [Element(1, place) for place in range(20)]
    return [
        PlanStarted(1, 1),
        *(TaskPlanned(1, task) for task in plan.tasks),
        Running(1, RunStarted(0.0, 0)),
        *(Running(1, TaskAdded(0.0, id_, "add", (), ())) for id_ in elements),
        *(Running(1, TaskStarted(0.0, id_, "add", 1)) for id_ in elements[: number + running]),
        *(Running(1, TaskEnded(1.0, id_, OK, None)) for id_ in elements[:number]),
        PlanReady(1, plan, (), Source("", "")),
    ]


@pytest.mark.parametrize("width", [200, 100, 40])
def test_the_live_view_of_an_ask_shows_its_plan_how_far_a_fan_out_is_and_what_waits(width: int) -> None:
    tasks = SourceTasks()
    view = AskView(Console(io.StringIO(), Tty(), width=width), tasks, "planning", turns=False)
    for event in fan_out(7, 5):
        if isinstance(event, TaskPlanned):
            tasks.add(event.task)
        view(event)
    lines = drawn(view, width)
    view.stop()
    assert "7 of 20 calls, running plan 1, " in lines[0]
    assert lines[1].endswith(": 7 of 20 done, 5 running")
    assert "  1[…]. a" in lines[1]
    assert lines[2].split(None, 1) == ["waits", "2. search($1)"]
    assert len(lines) == 3
    assert all(len(line) < width for line in lines)


def test_the_live_view_of_an_ask_tells_of_elements_by_themselves_where_few_run() -> None:
    tasks = SourceTasks()
    view = AskView(Console(io.StringIO(), Tty(), width=80), tasks, "planning", turns=False)
    for event in fan_out(18, 2):
        if isinstance(event, TaskPlanned):
            tasks.add(event.task)
        view(event)
    lines = drawn(view, 80)
    view.stop()
    assert lines[1].endswith(": 18 of 20 done, 2 running")
    assert [line.split(". ", 1)[1] for line in lines[2:4]] == ["add(18)", "add(19)"]


def test_the_live_view_of_an_ask_says_which_plan_and_attempt_and_the_joiner() -> None:
    view = AskView(Console(io.StringIO(), Tty(), width=80), SourceTasks(), "planning", turns=False)
    said = []
    for event in (PlanStarted(1, 1), PlanStarted(1, 2), JoinStarted(1), PlanStarted(2, 1), AnswerText("x")):
        view(event)
        said.append(drawn(view, 80)[0].rsplit(",", 1)[0])
    view.stop()
    assert said == ["planning", "planning, 1, attempt 2", "joining", "planning, 2", "answering"]


def test_the_view_of_an_ask_is_gone_before_the_answer_and_lines_wait_for_its_end() -> None:
    screen = Tty()
    console = Console(screen, screen, width=80)
    progress = AskProgress(console, show_answer=True)
    for event in (*fan_out(1, 3), Replanned(1, "more"), JoinStarted(1)):
        progress(event)
    assert console.above is not None
    progress(AnswerText("It is "))
    begun = len(screen.getvalue())
    progress(Running(1, TaskEnded(2.0, Element(1, 1), OK, None)))
    console.tell("a tool's line")
    progress(AnswerText("\x1b[31mhigh."))
    assert screen.getvalue()[begun:] == "\\x1b[31mhigh."
    progress.stop()
    progress.stop()
    ended = screen.getvalue()[begun:].splitlines()
    assert ended[0] == "\\x1b[31mhigh."
    assert ended[1].endswith("1[1]. add(1)")
    assert ended[2:] == ["a tool's line"]
    assert console.above is None


def test_the_view_of_an_ask_leaves_the_terminal_to_questions() -> None:
    screen = Tty()
    console = Console(io.StringIO(), screen, width=80)
    progress = AskProgress(console, show_answer=True)
    progress(PlanStarted(1, 1))
    with console.aside():
        before = screen.getvalue()
        progress(JoinStarted(1))
        assert screen.getvalue() == before
    assert screen.getvalue() != before
    progress.stop()


def test_what_was_asked_stays_above_a_view_that_goes_on() -> None:
    screen = Tty()
    console = Console(io.StringIO(), screen, width=80)
    region = Region(console, lambda: "one\ntwo\nthree")
    region.start()
    region.above("before")  # with the view below it
    with console.aside():
        console.say("allow? y")
        asked = len(screen.getvalue())
    region.above("after")
    redrawn = screen.getvalue()[asked:]
    region.stop()
    assert "three" in redrawn
    assert "\x1b[1A" not in redrawn.split("after")[0], "nothing above is erased"


def test_at_a_terminal_many_elements_of_an_ask_that_ended_well_are_told_of_in_a_few_lines() -> None:
    def told(stream: io.StringIO) -> list[str]:
        progress = AskProgress(Console(io.StringIO(), stream, width=60), show_answer=False)
        for event in (*fan_out(20, 0), Running(1, RunEnded(2.0, RunStatus.OK))):
            progress(event)
        progress.stop()
        return [line for line in stream.getvalue().splitlines() if "1[" in line and "done" not in line]

    assert len(told(io.StringIO())) == 20, "all of them where it isn't one"
    assert "1[…]. add(each [0, 1, 2, …: 8 more calls" in told(Tty())[-1]
