"""A page about a run is one file that tells what happened, and in which nothing that a tool or a model wrote is more than text."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import anyio
import pytest

import lcc
from lcc.grammar.ir import Element, TaskId, calls_of
from lcc.grammar.source import Source
from lcc.pages.page import page
from lcc.pages.run_page import MOST, Report, ReportedRun, critical, report_page
from lcc.pages.timeline import bars_of_attempts, bars_of_trace
from lcc.runtime.options import Options
from lcc.runtime.result import TaskRecord, TaskStatus
from lcc.runtime.watch.trace import Trace

HOSTILE = "</pre></script><script>alert(1)</script>\u202eevil\x1b[31m<img src=x onerror=alert(1)>]]>"


class Elements(HTMLParser):
    """Collects what a page is made of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs


@lcc.tool(effect="read")
def fetch(query: str) -> str:
    return f"{query}: {HOSTILE}"


@lcc.tool(effect="read")
def fails(text: str) -> str:
    raise ValueError(HOSTILE)


TEXT = f'1. fetch("{HOSTILE[:40]}")\n2. fails($1)\n3. fetch("b")\n4. join($1, $2, $3)\n'.replace("\x1b", "")


def reported(text: str = TEXT) -> str:
    compiled = lcc.compile(text, tools=[fetch, fails])
    trace = Trace()
    result = anyio.run(lambda: lcc.execute(compiled.plan, tools=[fetch, fails], options=Options(on_event=trace)))
    ways = critical(result.tasks, trace.reads)
    run = ReportedRun(
        compiled.plan,
        Source("a.plan", text),
        result.tasks,
        lambda id_: f"call {id_}",
        arguments={1: {"query": HOSTILE}},
        bars=bars_of_trace(trace, frozenset(ways)),
        changes=compiled.changes,
        result=result,
    )
    return report_page(
        Report("a.plan", result.status.value, (run,), HOSTILE, HOSTILE, [HOSTILE], {HOSTILE: {"calls": 2}}, HOSTILE)
    )


def test_a_page_holds_plan_graph_timeline_calls_and_results() -> None:
    text = reported()
    for heading in ("Question", "Answer", "Plan", "Graph", "Timeline", "Calls", "Results", "Models"):
        assert f"<h2>{heading}</h2>" in text
    assert 'id="call-2"' in text
    assert "b-failed" in text
    assert "b-critical" in text


def test_what_tools_and_models_wrote_is_text() -> None:
    found = Elements(reported())
    assert found.tags.count("script") == 2  # its own
    assert "img" not in found.tags
    assert not [name for name, _ in found.attributes if name.startswith("on")]
    assert "\u202e" not in reported()
    assert "\x1b" not in reported()


def test_a_page_names_no_other_host() -> None:
    addresses = set(re.findall(r"https?://[^\"' <]+", reported()))
    assert addresses <= {"http://www.w3.org/2000/svg"}
    assert "default-src 'none'" in reported()


def test_data_of_scripts_ends_no_element() -> None:
    assert page("t", "", {"x": "</script><!--"}).count("</script>") == 1


def test_a_long_result_is_cut_and_says_so() -> None:
    plan = lcc.compile('1. fetch("a")\n2. join($1)\n', tools=[fetch]).plan
    records: dict[TaskId, TaskRecord] = {1: TaskRecord(TaskStatus.OK, "x" * (MOST + 1_234), start=0.0, end=1.0)}
    text = report_page(
        Report("t", "ok", (ReportedRun(plan, Source("t", ""), records, str, bars=bars_of_attempts(records)),))
    )
    assert "… (1,234 characters more)" in text
    assert len(text) < MOST * 2


def timed(**times: tuple[float, float]) -> dict[TaskId, TaskRecord]:
    return {int(name[1:]): TaskRecord(TaskStatus.OK, None, start=a, end=b) for name, (a, b) in times.items()}


def test_the_path_that_decided_goes_back_over_what_was_read() -> None:
    records = timed(t1=(0, 5), t2=(0, 9), t3=(5, 7), t4=(9, 12))
    reads = {4: (3, 2), 3: (1,)}
    assert critical(records, lambda id_: reads.get(id_, ())) == [2, 4]  # type: ignore[call-overload]
    assert critical({}, lambda id_: ()) == []


def test_where_nothing_is_known_it_goes_over_what_ended_before() -> None:
    assert critical(timed(t1=(0, 5), t2=(0, 9), t3=(5, 7)), lambda id_: ()) == [2]
    assert critical(timed(t1=(0, 5), t2=(5, 9), t3=(9, 10)), lambda id_: ()) == [1, 2, 3]


def test_a_fan_out_counts_by_its_elements() -> None:
    records: dict[TaskId, TaskRecord] = {
        Element(1, at): TaskRecord(TaskStatus.OK, None, start=0.0, end=at + 1.0) for at in range(3)
    }
    records[2] = TaskRecord(TaskStatus.OK, None, start=3.0, end=4.0)
    assert critical(records, lambda id_: (1,) if id_ == 2 else ()) == [Element(1, 2), 2]


@pytest.mark.parametrize("count", [200])
def test_a_page_about_many_calls_is_small(count: int) -> None:
    rows = "".join(f'{at}. fetch("question {at}")\n' for at in range(1, count + 1))
    compiled = lcc.compile(f"{rows}{count + 1}. join()\n", tools=[fetch])
    records: dict[TaskId, TaskRecord] = {
        t.id: TaskRecord(TaskStatus.OK, "y" * 200, start=0.0, end=1.0) for t in calls_of(compiled.plan)
    }
    run = ReportedRun(
        compiled.plan,
        compiled.source,
        records,
        str,
        arguments={id_: {"query": "q"} for id_ in records},
        bars=bars_of_attempts(records),
    )
    assert len(report_page(Report("t", "ok", (run,)))) < 1_000_000
