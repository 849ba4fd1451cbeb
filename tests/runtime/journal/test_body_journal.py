"""The journal of a body: what ended is served by its id and turn, what differs stops the run, secrets stay out of it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import anyio
import pytest
from body_plans import program
from library import Library

from lcc.grammar.ir import Apply, Arg, Const, Element, Exit, Input, InputDecl, Join, Let, Local, Plan, Ref, Task
from lcc.grammar.signatures import Tools
from lcc.grammar.source import Source
from lcc.runtime.journal.file import JournalFile, StoredRun
from lcc.runtime.journal.record import RunJournal, begin_run, resume_run
from lcc.runtime.journal.replay import replay
from lcc.runtime.options import ApprovalRequest, Options
from lcc.runtime.result import FailureKind, RunResult, TaskStatus
from lcc.runtime.run import Run


def signatures(library: Library) -> Tools:
    return {name: tool.signature for name, tool in library.tools().items()}


def execute(journal: RunJournal, plan: Plan, library: Library, inputs: Any = None, **options: Any) -> RunResult:
    async def main() -> RunResult:
        given = Options(journal=journal, **options)
        async with Run(plan, library.tools(), inputs or {}, options=given, run_id=journal.run) as run:
            result = await run.wait()
        journal.close(result)
        return result

    return anyio.run(main)


def begin(path: Path, text: str | Plan, library: Library, inputs: Any = None, **options: Any) -> RunResult:
    plan = program(text)[0] if isinstance(text, str) else text
    journal = begin_run(str(path), plan, Source("<test>", ""), signatures(library), inputs or {})
    return execute(journal, plan, library, inputs, **options)


def resume(path: Path, library: Library, inputs: Any = None, **options: Any) -> RunResult:
    journal, stored = resume_run(str(path), signatures(library))
    return execute(journal, stored.plan, library, {**stored.inputs, **(inputs or {})}, **options)


def stored(path: Path) -> StoredRun:
    file = JournalFile(path)
    try:
        return file.load()
    finally:
        file.close()


def change(path: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        assert connection.execute(statement, values).rowcount


TEXT = """
total = 0
for book in find_books("sea"):
    n = count_copies(book)
    if n > 4:
        order_copies(book, n)
    try:
        send("ann", book)
    except ValueError as e:
        send("bob", str(e))
    total = total + n
answer(total)
"""


def test_a_run_that_had_ended_calls_nothing_and_gives_the_same(tmp_path: Path) -> None:
    library = Library()
    library.fails["send ann sea 1"] = [ValueError("no such person")]
    first = begin(tmp_path / "j", TEXT, library)
    assert first.ok
    assert library.calls.count("send bob no such person") == 1
    library.calls.clear()
    second = resume(tmp_path / "j", library)
    assert library.calls == []
    assert second.answer == first.answer == 10
    replayed = anyio.run(replay, stored(tmp_path / "j"))
    assert replayed.answer == first.answer
    assert replayed.ok
    for result in (second, replayed):
        assert {id_: (r.status, r.value, r.error) for id_, r in result.tasks.items()} == {
            id_: (r.status, r.value, r.error) for id_, r in first.tasks.items()
        }
    assert {id_: r.start for id_, r in replayed.tasks.items()} == {id_: r.start for id_, r in first.tasks.items()}


def test_a_run_that_broke_off_goes_on_by_id_and_turn(tmp_path: Path) -> None:
    library = Library()
    begin(tmp_path / "j", TEXT, library)
    done = stored(tmp_path / "j").records
    assert Element(3, 0) in done
    change(tmp_path / "j", "DELETE FROM starts WHERE task LIKE '%[1]'")
    change(tmp_path / "j", "DELETE FROM ends WHERE task LIKE '%[1]'")
    library.calls.clear()
    assert resume(tmp_path / "j", library).answer == 10
    assert sorted(library.calls) == ["count sea 2", "order sea 2 5", "send ann sea 2"]


def test_a_call_with_other_arguments_stops_a_resumed_run(tmp_path: Path) -> None:
    library = Library()
    begin(tmp_path / "j", TEXT, library)
    change(tmp_path / "j", "UPDATE ends SET value = '[\"sea 1\", \"land\"]' WHERE task = '1'")
    change(tmp_path / "j", "DELETE FROM ends WHERE task = '4[1]'")
    change(tmp_path / "j", "DELETE FROM starts WHERE task = '4[1]'")
    library.calls.clear()
    result = resume(tmp_path / "j", library)
    assert result.failure is not None
    assert (result.failure.kind, result.failure.code) == (FailureKind.DIFFERS, "X012")
    assert "call 3[1], `count_copies`" in result.failure.message
    assert not [call for call in library.calls if call.startswith(("order", "send"))]


def test_a_write_in_doubt_ends_the_program_whatever_it_handles(tmp_path: Path) -> None:
    library = Library()
    text = 'try:\n    order_copies("a", 1)\nexcept Exception:\n    send("ann", "no")\nsend("ann", "b")\n'
    begin(tmp_path / "j", text, library)
    change(tmp_path / "j", "DELETE FROM ends")
    change(tmp_path / "j", "DELETE FROM starts WHERE task != '1'")
    library.calls.clear()
    result = resume(tmp_path / "j", library)
    assert result.failure is not None
    assert result.failure.kind is FailureKind.DOUBT
    assert library.calls == []


def test_equal_reads_are_recorded_as_merged_and_served(tmp_path: Path) -> None:
    library = Library()
    text = 'a = count_copies("x")\nb = count_copies("x")\nsend("ann", "b")\nanswer(a + b)\n'
    result = begin(tmp_path / "j", text, library)
    assert library.calls.count("count x") == 1
    assert result.tasks[2].merged == 1
    assert stored(tmp_path / "j").records[2].merged == 1
    assert resume(tmp_path / "j", library).answer == 2
    assert library.calls == ["count x", "send ann b"]


def test_the_time_of_a_resumed_run_is_that_of_its_beginning(tmp_path: Path) -> None:
    library = Library()
    now = Apply("method isoformat", (Apply("module datetime.datetime.now"),))
    plan = Plan(body=(Let(now, ("t",)), Exit("answer", Local("t"))), fails="strict")
    instant = datetime(2024, 2, 29, 12, 30, tzinfo=UTC)
    assert begin(tmp_path / "j", plan, library, clock=instant).answer == "2024-02-29T12:30:00"
    assert stored(tmp_path / "j").clock == instant
    later = resume(tmp_path / "j", library, clock=instant + timedelta(days=1))
    assert later.answer == "2024-02-29T12:30:00"
    assert anyio.run(replay, stored(tmp_path / "j")).answer == "2024-02-29T12:30:00"


def call(id_: int, tool: str, *values: Any) -> Task:
    return Task(id_, tool, tuple(Arg(None, value) for value in values))


def test_what_is_computed_from_a_secret_is_withheld_and_computed_again(tmp_path: Path) -> None:
    class Echo(Library):
        async def _act(self, call: str, result: Any) -> Any:
            await super()._act(call, result)
            return [call]

    library = Echo()
    half = Apply("subscript load slice", (Input("key"), Const(0), Const(6), Const(None)))
    body = (
        Let(half, ("half",)),
        call(1, "find_books", Apply("operator +", (Local("half"), Const("!")))),
        call(2, "count_copies", Apply("subscript load", (Ref(1), Const(0)))),
        call(3, "find_books", Const("open")),
        Exit("answer", Apply("builtin len", (Ref(1),))),
    )
    plan = Plan((InputDecl("key", "str", secret=True),), body=body, fails="strict")
    inputs = {"key": "tr0ub4dor&3"}
    first = begin(tmp_path / "j", plan, library, inputs)
    assert first.answer == 1
    assert "find tr0ub4!" in library.calls
    for file in tmp_path.glob("j*"):
        assert b"tr0ub4" not in file.read_bytes()
    known = stored(tmp_path / "j")
    assert set(known.arguments) == {3}
    library.calls.clear()
    assert resume(tmp_path / "j", library, inputs).answer == 1
    assert "find open" not in library.calls


def test_a_failed_read_among_independent_steps_is_made_again_unless_a_step_stood_in_for_it(tmp_path: Path) -> None:
    library = Library()
    body = (
        call(1, "count_copies", Const("a")),
        call(2, "count_copies", Const("b")),
        Task(3, "count_copies", (Arg(None, Const("c")),), instead=2),
        Let(Const(1), id=4),
    )
    plan = Plan(body=body, join=Join((Ref(1), Ref(3))))
    library.fails = {"count a": [OSError("down")], "count b": [OSError("down")]}
    first = begin(tmp_path / "j", plan, library)
    assert first.join == [None, 1]
    library.calls.clear()
    assert resume(tmp_path / "j", library).join == [1, 1]
    assert library.calls == ["count a"]


def test_the_read_by_whose_failure_a_program_ended_is_made_again(tmp_path: Path) -> None:
    library = Library()
    library.fails = {"count a": [ValueError("down")], "count b": [ValueError("down")]}
    text = 'send("ann", "x")\ntry:\n    count_copies("a")\nexcept ValueError:\n    send("bob", "y")\nn = count_copies("b")\nanswer(n)\n'
    assert not begin(tmp_path / "j", text, library).answered
    library.calls.clear()
    result = resume(tmp_path / "j", library)
    assert (result.answer, library.calls) == (1, ["count b"])
    library.calls.clear()
    assert resume(tmp_path / "j", library).answer == 1
    assert library.calls == []


def test_the_write_by_whose_failure_a_program_ended_is_not_made_again(tmp_path: Path) -> None:
    library = Library()
    library.fails = {"order a 1": [OSError("down")]}
    assert not begin(tmp_path / "j", 'order_copies("a", 1)\nsend("ann", "x")\n', library).ok
    library.calls.clear()
    result = resume(tmp_path / "j", library)
    assert result.failure is not None
    assert (result.failure.shown, library.calls) == ("OSError: down", [])


def test_approval_is_asked_anew_only_for_what_was_not_done(tmp_path: Path) -> None:
    library = Library()
    asked: list[list[str]] = []

    async def approve(request: ApprovalRequest) -> bool:
        asked.append([str(id_) for id_, _ in request.calls])
        return True

    text = 'for x in ["a", "b", "c"]:\n    discard(x)\nanswer(1)\n'
    assert begin(tmp_path / "j", text, library, approve=approve).ok
    assert asked == [["2[0]", "2[1]", "2[2]"]]
    for table in ("ends", "starts"):
        change(tmp_path / "j", f"DELETE FROM {table} WHERE task = '2[2]'")
    library.calls.clear()
    assert resume(tmp_path / "j", library, approve=approve).ok
    assert (asked[1:], library.calls) == ([["2[2]"]], ["discard c"])


def test_a_program_that_failed_is_replayed_with_its_error(tmp_path: Path) -> None:
    library = Library()
    library.fails["count b"] = [KeyError("b")]
    first = begin(tmp_path / "j", 'send("ann", "a")\nn = count_copies("b")\nsend("ann", "c")\n', library)
    replayed = anyio.run(replay, stored(tmp_path / "j"))
    assert first.failure is not None
    assert replayed.failure is not None
    assert replayed.failure.shown == first.failure.shown == "KeyError: 'b'"
    assert replayed.tasks[2].status is TaskStatus.FAILED
    assert replayed.place == first.place


@pytest.mark.parametrize("damage", ["UPDATE runs SET clock = 'yesterday'", "UPDATE runs SET clock = '2024-01-01'"])
def test_an_instant_that_is_none_is_damage(damage: str, tmp_path: Path) -> None:
    begin(tmp_path / "j", "answer(1)\n", Library())
    change(tmp_path / "j", damage)
    with pytest.raises(Exception, match="is damaged"):
        stored(tmp_path / "j")
