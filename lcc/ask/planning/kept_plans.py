"""Make one file of all plans of a question, which makes each write once when it runs from nothing, as the question did.

A later plan may repeat what an earlier one wrote: it was answered by that then, or refused, and in a file it would be made twice.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from lcc.ask.memory import Round
from lcc.grammar.diagnostics import has_errors
from lcc.grammar.ir import (
    Element,
    Join,
    Let,
    Plan,
    Ref,
    Task,
    TaskId,
    Value,
    block_calls,
    calls_of,
    dependencies,
    map_references,
)
from lcc.grammar.python.arriving.program_stream import Piece, ProgramStream
from lcc.grammar.signatures import Tools
from lcc.grammar.signatures.built_in import SLEEP
from lcc.grammar.syntax.print_plan import print_plan, steps_text
from lcc.grammar.writing.values.written_values import NotSayable
from lcc.passes.verify import verify
from lcc.runtime.result import FailureKind, TaskStatus


class NotSaved(Exception):
    """No file can be made that makes each write exactly once."""

    def __init__(self) -> None:
        super().__init__(
            "the plans of this question can't be kept as one: it would make a write again, or leave one out, "
            "since they share calls that write"
        )


def saved_plan(question: str, rounds: Sequence[Round], tools: Tools) -> str:
    """Return one plan file for all plans of a question: their calls in order, and the join of the last. Programs stand one after the other.

    Calls of earlier plans that failed are left out, as no later plan reads them, and so is what repeats a write of another plan; the
    file begins with the question. Raises NotSaved.
    """
    comment = "".join(f"# {line}\n" for line in f"Request: {question}".splitlines())
    log = _Log(rounds, tools)
    if rounds[-1].program is None:
        return comment + print_plan(_calls(rounds, log))
    if rounds[-1].written.join is None:  # a program in Python
        return comment + _text(_statements(rounds, log, _Programs(tools)))
    steps = _Steps(tools, rounds)
    return f"{comment}strict\n{strict_text(steps.plan(_statements(rounds, log, steps)))}"


def strict_text(plan: Plan) -> str:
    """Return the text of a plan without the line that says it is strict: all plans with steps are."""
    try:
        return steps_text(plan).removeprefix("strict\n")
    except NotSayable:  # it was written as IR text
        return print_plan(plan)


class _Log:
    """Who wrote. `made`: each call that has the result of a write, and the call that made this. `refused`: calls that weren't made, and the one that was."""

    def __init__(self, rounds: Sequence[Round], tools: Tools) -> None:
        self.made: dict[TaskId, TaskId] = {}
        self.refused: dict[TaskId, TaskId | None] = {}
        known: dict[str, TaskId] = {}
        for round_ in rounds:
            named = {task.id: task.tool for task in (*calls_of(round_.written), *calls_of(round_.plan))}
            spread = {id_.task for id_ in round_.records if isinstance(id_, Element)}
            for id_, record in round_.records.items():
                known[str(id_)] = id_
                signature = tools.get(named.get(id_, named.get(_task(id_), "")))
                if (
                    id_ in spread
                    or signature is None
                    or signature.effect.may_start_early
                    or signature.name == SLEEP.name
                ):
                    continue
                if record.error is not None and record.error.kind is FailureKind.REPEATED:
                    self.refused[id_] = known.get(record.error.cause or "")
                elif record.status is TaskStatus.OK:
                    self.made[id_] = id_ if record.merged is None else self.made.get(record.merged, record.merged)

    def source(self, id_: TaskId) -> TaskId | None:
        """Return the call that made the write of a call, whether that was answered by it or refused because of it."""
        return self.made.get(id_, self.refused.get(id_))

    def writes(self, tasks: Iterable[Task]) -> list[TaskId]:
        """Return the writes of calls: made ones, and those that weren't made again."""
        ids = {task.id for task in tasks}
        return [id_ for id_ in (*self.made, *self.refused) if id_ in ids or _task(id_) in ids]

    def once(self, tasks: Iterable[Task]) -> bool:
        """Whether calls make each write of the question once, and none that wasn't made in it."""
        sources = Counter(self.source(id_) for id_ in self.writes(tasks))
        return sources == Counter(set(self.made.values()))

    def repeats(self) -> bool:
        """Whether a call was answered by a write, or refused because of one."""
        return bool(self.refused) or any(id_ != source for id_, source in self.made.items())


def _task(id_: TaskId) -> TaskId:
    return id_.task if isinstance(id_, Element) else id_


# programs, and plans with steps


class _Programs:
    """Programs in Python: how they are put together."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def stands(self, pieces: Sequence[Piece]) -> bool:
        """Whether they are a program by themselves."""
        stream = ProgramStream(self._tools)
        stream.feed(_text(pieces))
        stream.finish()
        parsed = stream.parsed()
        found = (*parsed.diagnostics, *verify(parsed.plan, self._tools))
        return not has_errors(found) and not parsed.plan.inputs

    def instead(self, piece: Piece, call: TaskId, source: TaskId, before: Sequence[Piece]) -> list[Piece] | None:
        """Return what stands for `before` and a piece whose only write is one that `source` made; None if nothing can."""
        if not piece.call or call != _last(piece):
            return None
        if not piece.target:
            return [*before]
        place = next((at for at, one in enumerate(before) if one.call and _last(one) == source), None)
        if place is None:
            return None
        made, name = before[place], before[place].target or piece.target
        if any(
            re.search(rf"\b{name}\b", one.text) and (not one.call or one.target == name) for one in before[place + 1 :]
        ):
            return None
        if not made.target:
            return [
                *before[:place],
                replace(made, text=f"{name} = {made.text.lstrip()}", target=name),
                *before[place + 1 :],
            ]
        return [*before, *([] if name == piece.target else [Piece(f"{piece.target} = {name}\n", ())])]


class _Steps:
    """Plans with steps."""

    def __init__(self, tools: Tools, rounds: Sequence[Round]) -> None:
        self._tools = tools
        self._last = rounds[-1].written

    def plan(self, pieces: Sequence[Piece]) -> Plan:
        """Return them as a plan."""
        body = tuple([one for piece in pieces for one in piece.block])
        return Plan(self._last.inputs, (), self._last.join, body=body, fails="strict")

    def stands(self, pieces: Sequence[Piece]) -> bool:
        """Whether they are a plan by themselves."""
        return not has_errors(verify(self.plan(pieces), self._tools))

    def instead(self, piece: Piece, call: TaskId, source: TaskId, before: Sequence[Piece]) -> list[Piece] | None:
        """Return what stands for `before` and a step whose only write is one that `source` made; None if nothing can."""
        (step,) = piece.block
        made = next(
            (one.block[0] for one in before if isinstance(one.block[0], Task) and one.block[0].id == source), None
        )
        if made is None or not isinstance(step, Task) or not isinstance(call, int) or not isinstance(source, int):
            return None
        return [*before, Piece("", (Let(Ref(source), id=call, thought=step.thought),))]


def _statements(rounds: Sequence[Round], log: _Log, language: _Programs | _Steps) -> Sequence[Piece]:
    """Return the statements to keep: all but those that failed; where a write is repeated, as few of the last plans as have every write."""
    kept = [round_.pieces[: round_.reached] for round_ in rounds]
    last = rounds[-1].result.failure
    if last is None or last.kind is not FailureKind.REPEATED:
        kept[-1] = rounds[-1].pieces
    starts = range(len(rounds) - 1, -1, -1) if log.repeats() else (0,)
    for start in starts:
        pieces = _without_repeats([one for some in kept[start:] for one in some], log, language)
        if log.once(_tasks(pieces)) and (not log.repeats() or language.stands(pieces)):
            return pieces
    raise NotSaved


def _without_repeats(pieces: Iterable[Piece], log: _Log, language: _Programs | _Steps) -> list[Piece]:
    """Leave out statements whose only write one before them has made, where that can be; its result stands for theirs."""
    left: list[Piece] = []
    for piece in pieces:
        writes = log.writes(block_calls(piece.block))
        source = log.source(writes[0]) if len(writes) == 1 else None
        held = source is not None and source in log.writes(_tasks(left))
        other = language.instead(piece, writes[0], source, left) if source is not None and held else None
        left = [*left, piece] if other is None else other
    return left


def _tasks(pieces: Iterable[Piece]) -> list[Task]:
    return [task for piece in pieces for task in block_calls(piece.block)]


def _last(piece: Piece) -> TaskId | None:
    """Return the outermost call of a statement that is one."""
    return max((task.id for task in block_calls(piece.block) if isinstance(task.id, int)), default=None)


def _text(pieces: Iterable[Piece]) -> str:
    return "".join([one.text for one in pieces])


# plans of calls


def _calls(rounds: Sequence[Round], log: _Log) -> Plan:
    """Return one plan of all calls that ended well, and the last plan's; an earlier call stands for an equal one."""
    names: dict[TaskId, TaskId] = {}
    tasks: list[Task] = []
    for round_ in rounds:
        for task in round_.written.tasks:
            record, source = round_.records.get(task.id), log.source(task.id)
            if source != task.id and source in {one.id for one in tasks}:
                names[task.id] = source
            elif round_ is rounds[-1] or (record is not None and record.status is TaskStatus.OK):
                tasks.append(_reading(task, names))
    join = rounds[-1].written.join
    if join is not None:
        join = replace(join, values=tuple([map_references(one, _renamer(names)) for one in join.values]))
    tasks = _without_covered(tasks, join, log)
    if not log.once(tasks):
        raise NotSaved
    if join is not None and join.id in {task.id for task in tasks}:
        join = replace(join, id=None)
    return Plan(rounds[-1].written.inputs, tuple(tasks), join)


def _without_covered(tasks: Sequence[Task], join: Join | None, log: _Log) -> list[Task]:
    """Leave out calls that nothing reads, where others make the same writes."""
    left = list(tasks)
    for task in tasks:
        rest = [one for one in left if one is not task]
        sources = {log.source(id_) for id_ in log.writes([task])}
        read = {_task(id_) for one in rest for id_ in dependencies(one)}
        read |= {_task(one.task) for value in (() if join is None else join.values) for one in _refs(value)}
        if sources and task.id not in read and sources <= {log.source(id_) for id_ in log.writes(rest)}:
            left = rest
    return left


def _refs(value: Value) -> list[Ref]:
    found: list[Ref] = []

    def note(ref: Ref) -> Value:
        found.append(ref)
        return ref

    map_references(value, note)
    return found


def _renamer(names: Mapping[TaskId, TaskId]) -> Callable[[Ref], Value]:
    return lambda ref: replace(ref, task=names.get(ref.task, ref.task))


def _reading(task: Task, names: Mapping[TaskId, TaskId]) -> Task:
    """Return a call that reads what stands for others."""
    args = tuple([replace(arg, value=map_references(arg.value, _renamer(names))) for arg in task.args])
    return replace(task, args=args, after=tuple([names.get(id_, id_) for id_ in task.after]))
