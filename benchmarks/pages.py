"""Measure pages in a browser: what they weigh, how long they take to make, and to be open and painted.

    python -m benchmarks.pages [--rounds 5]

A graph of 200 calls, a report of 200 calls, and one of 5,000 events; each is opened anew in a browser that is there, from a file. Needs `playwright` and chromium.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import lcc
from lcc.grammar.ir import TaskId, calls_of
from lcc.pages.pictures import graph_page, plan_picture
from lcc.pages.run_page import Report, ReportedRun, critical, report_page
from lcc.pages.timeline import Bar
from lcc.runtime.result import TaskRecord, TaskStatus


@lcc.tool(effect="read", cost=0.4)
def look_up(words: str) -> str:
    """Return what is known."""
    return words


def plan(count: int) -> lcc.Compiled:
    """Return a plan in which every third call reads the two before it, and every eighth one far above."""
    lines = []
    for at in range(1, count + 1):
        reads = (
            f"from ${at - 1} and ${at - 2}"
            if at > 2 and at % 3 == 0
            else f"after ${at // 2}"
            if at > 8 and at % 8 == 0
            else ""
        )
        lines.append(f'{at}. look_up("question {at} {reads}")\n')
    return lcc.compile("".join(lines) + f"{count + 1}. join()\n", tools=[look_up], level=0)


def graph() -> str:
    """Return the page of a graph of 200 calls."""
    return graph_page(plan_picture(plan(200).plan), "200 calls")


def report(calls: int, events: int) -> str:
    """Return the report of a run: each call gave 600 characters, and waited and was tried again until there were so many events."""
    made = plan(calls)
    records: dict[TaskId, TaskRecord] = {
        task.id: TaskRecord(TaskStatus.OK, "result " * 85, start=at * 0.01, end=at * 0.01 + 0.4)
        for at, task in enumerate(calls_of(made.plan))
    }
    ids = list(records)
    kinds = ("waiting", "running", "failed")
    bars = [
        Bar(ids[at % calls], at * 0.01, at * 0.01 + 0.2, kinds[at % 3], "429 too many requests") for at in range(events)
    ]
    arguments = {id_: {"words": f"question {id_}"} for id_ in ids}
    ways = critical(records, lambda id_: ())
    bars[0:1] = [Bar(ids[0], 0.0, 0.4, "running", "", ids[0] in ways)]
    return report_page(
        Report("a run", "ok", (ReportedRun(made.plan, made.source, records, str, arguments=arguments, bars=bars),))
    )


PAGES: dict[str, Callable[[], str]] = {
    "graph of 200 calls": graph,
    "report of 200 calls": lambda: report(200, 400),
    "report of 5,000 events": lambda: report(1_250, 5_000),
}


def opened(browser: Any, path: Path) -> float:
    """Return the seconds from asking for a page until it is painted."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    begun = perf_counter()
    page.goto(path.as_uri())
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    took = perf_counter() - begun
    page.close()
    return took


def measured(browser: Any, folder: Path, texts: dict[str, tuple[str, float]], rounds: int) -> Iterator[str]:
    """Yield a line for each page."""
    for name, (text, made) in texts.items():
        path = folder / "page.html"
        path.write_text(text, encoding="utf-8")
        times = [opened(browser, path) for _ in range(rounds + 1)][1:]
        yield f"{name:24} {len(text.encode()) / 1000:8,.0f} kB   made in {1000 * made:6.0f} ms   open in {1000 * median(times):6.0f} ms"


def main() -> None:
    """Print sizes and times."""
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    texts = {}
    for name, make in PAGES.items():
        make()
        begun = perf_counter()
        texts[name] = make(), perf_counter() - begun
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for line in measured(browser, Path(folder), texts, given.rounds):
            print(line)
        browser.close()


if __name__ == "__main__":
    main()
