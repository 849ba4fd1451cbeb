"""Turn a recorded plan into calls with their arguments and results, so that each kind of model can be played from one record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks.dialects import program, steps
from benchmarks.evaluation import NoData
from benchmarks.shorter import Form, write
from lcc.ask.joining.decision import Decision, read_decision
from lcc.grammar.ir import Plan, Ref, Task, TaskId, Value, dependencies
from lcc.grammar.lenient.stream import StreamParser
from lcc.grammar.values import at_path
from lcc.runtime.graph.arguments import resolve as fill_in
from lcc.runtime.graph.room import Room


@dataclass(frozen=True, slots=True)
class RecordedCall:
    """A call of a recorded plan. `reads`: the ids of the calls whose results it reads. `written`: the arguments by their parameters.
    `arguments`: the same with those results filled in."""

    id: int
    tool: str
    written: Mapping[str, Value]
    arguments: Mapping[str, Any]
    reads: tuple[int, ...]
    result: Any


@dataclass(frozen=True, slots=True)
class Recorded:
    """A record: the plan as a model wrote it, in each form; its calls in the plan's order; and the joiner's reply.

    `thought` and `answer` are what the joiner's reply says.
    """

    forms: Mapping[Form, str]
    calls: tuple[RecordedCall, ...]
    join: str

    @property
    def thought(self) -> str:
        """Why the answer is the answer."""
        return decided(self.join).thought

    @property
    def answer(self) -> str:
        """What the model answers."""
        return decided(self.join).text


Perform = Callable[[int, str, Mapping[str, Any]], Any]
"""Makes the call of a task by a tool with arguments; returns its result."""


def read_lines(folder: Path, *, name: str, get: str) -> list[str]:
    """Return the lines of the records in a folder; raise NoData, which says how to `get` them."""
    path = folder / "cassettes.jsonl"
    try:
        return [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except FileNotFoundError:
        raise NoData(f"there are no records of {name} at {path}; {get}") from None
    except (OSError, ValueError) as error:
        raise NoData(f"{path} can't be read: {error}") from None


def read_plan(text: str) -> Plan:
    """Read a plan as lcc reads a model's; raise ValueError if it isn't one."""
    parser = StreamParser({})
    parser.feed(text)
    parser.close("stop")
    parsed = parser.parsed("record")
    if any(d.severity.value == "error" for d in parsed.diagnostics) or parsed.plan.join is None:
        raise ValueError(f"not a plan: {[d.message for d in parsed.diagnostics]}")
    return parsed.plan


def resolve(plan: Plan, parameters: Mapping[str, tuple[str, ...]], perform: Perform) -> tuple[RecordedCall, ...]:
    """Make the calls of a plan one by one. `parameters`: the parameters' names of each tool, in order."""
    results: dict[TaskId, Any] = {}
    calls = []
    for task in plan.tasks:
        if not isinstance(task.id, int) or task.each is not None:
            raise ValueError("its plan has fan-outs; a record's calls stand one by one")
        written = _by_name(task, parameters)
        given = {name: fill(value, results) for name, value in written.items()}
        result = perform(task.id, task.tool, given)
        results[task.id] = result
        reads = tuple(sorted({one for one in dependencies(task) if isinstance(one, int)}))
        calls.append(RecordedCall(task.id, task.tool, written, given, reads, result))
    return tuple(calls)


def _by_name(task: Task, parameters: Mapping[str, tuple[str, ...]]) -> dict[str, Value]:
    """Return the arguments of a call by their parameters; raise ValueError if it has no such tool or takes too many."""
    names = parameters.get(task.tool)
    if names is None:
        raise ValueError(f"its plan calls {task.tool}, which is no tool of the evaluation")
    if len(task.args) > len(names) or any(arg.name not in (None, *names) for arg in task.args):
        raise ValueError(f"call {task.id} of its plan has arguments that {task.tool}({', '.join(names)}) doesn't take")
    free = iter(names)
    return {arg.name or next(free): arg.value for arg in task.args}


def decided(join: str) -> Decision:
    """Return what a recorded reply of the joiner says; raise ValueError if it is no decision."""
    decision = read_decision(join)
    if decision is None:
        raise ValueError(f"not a decision: {join[:80]!r}")
    return decision


DIALECTS: Final = {
    Form.STEPS: (steps, False),
    Form.STEPS_ANSWER: (steps, True),
    Form.PYTHON: (program, False),
    Form.PYTHON_ANSWER: (program, True),
}


def record_of(text: str, calls: tuple[RecordedCall, ...], join: str) -> Recorded:
    """Return a record with its plan in every form."""
    plan, answer = read_plan(text), decided(join).text
    forms = {form: write(plan, calls, answer, form) for form in Form if form not in DIALECTS}
    forms |= {form: to_dialect(plan, calls, answer, direct=direct) for form, (to_dialect, direct) in DIALECTS.items()}
    forms[Form.RECORDED] = text
    return Recorded(forms, calls, join)


@dataclass(frozen=True, slots=True)
class _Results:
    """Where references lead while a record is resolved."""

    values: Mapping[TaskId, Any]

    def result(self, ref: Ref) -> Any:
        """Return a result, or a part of it."""
        return at_path(self.values[ref.task], ref.path)

    def input(self, name: str) -> Any:
        """Return an input: records have none."""
        raise LookupError(name)


def fill(value: Value, results: Mapping[TaskId, Any]) -> Any:
    """Return a value with results in the place of references, as lcc's runtime fills them in."""
    return fill_in(value, _Results(results), Room(None))
