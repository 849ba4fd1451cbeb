"""Expire the calls that are still on, in time and in order, and remember no others."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from running_plans import OK, WAIT, run_plan, statuses, tools

from lcc.runtime.calls.deadlines import Deadlines


class Clock:
    """A clock that is set by hand, with timers that are looked at by hand."""

    def __init__(self) -> None:
        self.now = 0.0
        self.set: list[tuple[float, object]] = []

    def at(self, when, call):
        self.set.append((when, call))

    def go_to(self, now):
        self.now = now
        due = [entry for entry in self.set if entry[0] <= now]
        self.set = [entry for entry in self.set if entry[0] > now]
        for _, call in due:
            call()


@pytest.fixture
def clock():
    return Clock()


def worker(name):
    return SimpleNamespace(name=name, serial=1)


def test_only_calls_that_are_still_on_expire_and_one_timer_does_for_all(clock):
    expired = []
    deadlines = Deadlines(10.0, lambda: clock.now, clock, lambda w: expired.append((clock.now, w.name)))
    workers = [worker(k) for k in range(4)]
    for k, one in enumerate(workers):
        clock.now = float(k)
        deadlines.add(clock.now, one)
    assert [when for when, _ in clock.set] == [10.0]
    workers[1].serial += 1
    clock.go_to(9.9)
    assert expired == []
    clock.go_to(10.0)
    assert expired == [(10.0, 0)]
    assert [when for when, _ in clock.set] == [12.0]
    clock.go_to(13.5)
    assert expired == [(10.0, 0), (13.5, 2), (13.5, 3)]
    assert clock.set == []


def test_a_call_that_hangs_does_not_make_it_remember_those_that_ended_behind_it(clock):
    deadlines = Deadlines(1e6, lambda: clock.now, clock, lambda w: None)
    deadlines.add(0.0, worker("hangs"))
    one = worker("busy")
    for _ in range(10_000):
        deadlines.add(0.0, one)
        one.serial += 1
    assert len(deadlines._queue) < 200


def test_calls_expire_each_on_its_own():
    text = "1. wait(0.5, 1)\n2. wait(9, 2)\n3. wait(1.5, 3)\n4. wait(9, $1)\njoin()\n"
    result = run_plan(text, tools(WAIT), backend="clock", timeout=2.0)
    assert statuses(result) == {"1": OK, "2": "failed", "3": OK, "4": "failed"}
    assert (result.tasks[2].end, result.tasks[4].end) == (2.0, 2.5)
