"""Speak of the tasks of a run as the plan file does: by their ids, calls and lines there, whatever passes made of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from lcc.grammar.diagnostics.terminal import CUT, escape
from lcc.grammar.drawing.words import call_words, own_names, source_words, value_words
from lcc.grammar.ir import Arg, BodyNotSupported, Element, ListOf, Plan, Task, TaskId, Value, calls_of
from lcc.grammar.source import Source
from lcc.grammar.syntax.print_value import call_text, print_arg, print_value

_NOTHING: Final = Plan()
_SHARED: Final = 300
"""Characters of an argument that all elements of a fan-out share: it is written again for each of them."""


class SourceTasks:
    """The tasks of an optimized plan by the names of its source. `written`: the plan before any pass; `source`: its text."""

    def __init__(self, plan: Plan = _NOTHING, written: Plan = _NOTHING, source: Source | None = None) -> None:
        self._written = {task.id: task for task in calls_of(written)}
        self._tasks = {task.id: task for task in calls_of(plan)}
        self._source = source
        self.has_turns = plan.body is not None or written.body is not None
        """Whether the plan has a body, so that calls are made in turns."""
        self._fan_outs: dict[TaskId, Callable[[int], str]] = {}
        self._words: dict[TaskId, str] = {}

    def add(self, task: Task, words: str = "") -> None:
        """Take a task of a plan that is still being written, or that replaces another plan's of the same id. `words`: its call, if not by its own names."""
        self._tasks[task.id] = task
        self._words[task.id] = words
        self._fan_outs.pop(task.id, None)

    def call(self, id_: TaskId) -> str:
        """Return a task's call as the source has it; of one that a pass made, in the source's terms."""
        task = self._written.get(id_)
        if task is None:
            if isinstance(id_, Element) and id_ not in self._tasks:
                return self._element(id_)
            task = self._made(id_)
        return "" if task is None else self._said(task)

    def _said(self, task: Task) -> str:
        """Return a call of a plan with a body as its text has it: what is made of the text may have other names."""
        if self.has_turns and self._source is not None:
            words = source_words(task, self._source.text) if self._written.get(task.id) is task else None
            return words or own_names(_text(task), self._source.text)
        return self._words.get(task.id) or _text(task)

    def _element(self, id_: Element) -> str:
        """Return the call of an element, with what stands for it in a list that is written out: `search("item 17")`."""
        whole = id_.task
        if whole not in self._fan_outs:
            task = next((t for t in (self._written.get(whole), self._tasks.get(whole)) if t and _items(t)), None)
            made = task or self._written.get(whole) or self._made(whole)
            turn = "" if made is None or task is not None else self._said(made)
            self._fan_outs[whole] = (lambda place: turn) if task is None else _element_calls(task)
        return self._fan_outs[whole](id_.inner[-1] if id_.inner else id_.place)

    def line(self, id_: TaskId) -> int | None:
        """Return the line on which a task stands, None where it stands in no text."""
        task = self._written.get(id_) or self._made(id_)
        if self._source is None or task is None or task.span == (0, 0):
            return None
        return self._source.position(task.span.start)[0]

    def _made(self, id_: TaskId) -> Task | None:
        task = self._tasks.get(id_)
        if task is None:
            whole = id_.task if isinstance(id_, Element) else id_
            return self._written.get(whole) or self._tasks.get(whole)
        return task


def _text(task: Task) -> str:
    """Return a call as a plan has it; in a few words where it computes something."""
    try:
        return call_text(task)
    except BodyNotSupported:
        return call_words(task)


def value_text(value: Value) -> str:
    """Return a value as a plan has it, safe to show; in a few words where it computes something."""
    try:
        return escape(print_value(value))
    except BodyNotSupported:
        return value_words(value)


def _items(task: Task) -> ListOf | None:
    return next((arg.value for arg in task.args if arg.each and isinstance(arg.value, ListOf)), None)


def _element_calls(task: Task) -> Callable[[int], str]:
    """Return what writes the call of an element by its place, each in the time that its own argument takes."""
    items = _items(task)
    if items is None:
        whole = _text(task)
        return lambda place: whole
    at = next(place for place, arg in enumerate(task.args) if arg.each)
    name = task.args[at].name
    before, after = (
        "".join(f"{lead}{_bounded(print_arg(arg))}{trail}" for arg in args)
        for args, lead, trail in ((task.args[:at], "", ", "), (task.args[at + 1 :], ", ", ""))
    )

    def call(place: int) -> str:
        own = print_arg(Arg(name, items.items[place])) if place < len(items.items) else CUT
        return escape(f"{task.tool}({before}{own}{after})")

    return call


def _bounded(text: str) -> str:
    return text if len(text) <= _SHARED else f"{text[:_SHARED]}{CUT}"
