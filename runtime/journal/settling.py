"""Settle calls of which a journal knows that they were begun, and not whether they were done."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from contextlib import closing
from pathlib import Path

from lcc.grammar.ir import TaskId, task_id
from lcc.grammar.signatures import Tools, only_text, show, value_fits
from lcc.grammar.values import Json
from lcc.runtime.journal.file import JournalError, JournalFile, StoredRun, value_text
from lcc.runtime.journal.questions import load_question, question_named


def settle(
    path: str | Path,
    run: str | None = None,
    *,
    done: Mapping[str, Json] | None = None,
    redo: Collection[str] = (),
    tools: Tools | None = None,
) -> None:
    """Say of calls in doubt that they were `done`, with which results, or that they are to be made again when the run is resumed.

    `run`: the beginning of the id of a run or of a question; the last of the journal by default. `tools`: to check results by their
    declared types. Raises JournalError, and changes nothing, for a call that isn't in doubt, and while the run is executed.
    """
    done = done or {}
    both = sorted(done.keys() & set(redo))
    if both:
        raise JournalError(f"call {both[0]} is to be taken as done and to be made again", "say one of them")
    with closing(JournalFile(path)) as file:
        doubtful = in_doubt(file, run)
        found = [(*_one(doubtful, name), value_text(value)) for name, value in done.items()]
        for (stored, id_, _), value in zip(found, done.values(), strict=True):
            _check_type(stored, id_, value, tools or {})
        for stored, id_, text in [*found, *((*_one(doubtful, name), None) for name in redo)]:
            file.settle(stored, id_, text)


def in_doubt(file: JournalFile, prefix: str | None = None) -> list[tuple[StoredRun, tuple[TaskId, ...]]]:
    """Return the runs of a question, or the one run, with their calls in doubt; raise JournalError while it is executed."""
    asked = question_named(file, prefix)
    if asked is not None:
        question = load_question(file, asked)
        if question.entry.alive:
            raise JournalError(f"question {question.entry.id[:8]} is being answered", "wait for it, or end it")
        stored = [file.load(entry.id) for entry in question.runs]
    else:
        stored = [file.load(prefix)]
        if stored[0].entry.alive:
            raise JournalError(f"run {stored[0].entry.id[:8]} is being executed", "wait for it, or end it")
    return [(one, one.in_doubt) for one in stored]


def _one(doubtful: Iterable[tuple[StoredRun, tuple[TaskId, ...]]], name: str) -> tuple[StoredRun, TaskId]:
    """Return the call in doubt of that name, and its run."""
    id_ = _id(name)
    known: StoredRun | None = None
    for stored, ids in doubtful:
        if id_ in ids:
            return stored, id_
        if id_ in stored.records or id_ in stored.started:
            known = stored
    record = None if known is None else known.records.get(id_)
    why = "the run hasn't begun it" if known is None else f"it ended: {record.status}" if record else "it was settled"
    open_ = ", ".join(str(one) for _, ids in doubtful for one in ids)
    raise JournalError(
        f"call {name} is not in doubt: {why}", f"in doubt are {open_}" if open_ else "nothing is in doubt"
    )


def _id(name: str) -> TaskId:
    try:
        return task_id(name)
    except ValueError:
        raise JournalError(f"`{name}` is no call's id", "write it as `lcc runs` does: 3, 3[1]") from None


def _check_type(stored: StoredRun, id: TaskId, value: Json, tools: Tools) -> None:
    signature = tools.get(stored.tools.get(id, ""))
    if signature is None:
        return
    if not (isinstance(value, str) if only_text(signature.result) else value_fits(value, signature.result)):
        wanted = show(signature.result)
        raise JournalError(
            f"the result of call {id} is to be {wanted}, as `{signature.name}` declares", "give such a value"
        )
