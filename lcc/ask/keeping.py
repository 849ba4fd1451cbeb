"""Decide where a question is kept, and write down what it takes to ask it again.

{"strategy": "lcc", "history": [["user", "Hello"]], "plan": null, "schema": null, "max_replans": 2, "examples": [["q", "plan"]], …}
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeAlias

from anyio import CancelScope, to_thread

from lcc.ask.answer import Answer, AnswerStatus
from lcc.ask.asked import AskSettings
from lcc.ask.diary import Diary
from lcc.ask.planning.few_shots import FewShot
from lcc.ask.typed import AnswerType
from lcc.config import JOURNAL_NAME, state_folder
from lcc.grammar.diagnostics import Diagnostic, Severity
from lcc.grammar.given import kind_of
from lcc.grammar.signatures import Tools
from lcc.grammar.values import Json
from lcc.models.request import SPEAKERS, Message
from lcc.runtime.journal.file import JournalError
from lcc.runtime.journal.questions import QuestionJournal, begin_question, resume_question

JournalPlace: TypeAlias = "str | Path | bool | None"
"""The path of a journal; True: that of this user; False: none; None: that of this user where a tool may write."""

NO_JOURNAL: Final = "X010"

_KEPT: Final = ("max_replans", "result_tokens", "level", "max_steps", "parallel_workers", "language", "repeat")


@dataclass(frozen=True, slots=True)
class Put:
    """A question as it was put: with the conversation before it, the wanted type, the text of the first plan, how it is answered, and whether somebody `approves` of plans."""

    question: str
    history: list[Message]
    answer_type: AnswerType | None
    plan: str | None
    strategy: str
    settings: AskSettings
    approves: bool = False


def own_journal() -> Path:
    """Return the path of this user's journal."""
    return state_folder() / JOURNAL_NAME


def place_of(given: JournalPlace, tools: Tools) -> Path | None:
    """Return where questions are kept, None if they aren't; raise TypeError for what is no place."""
    if given is None:
        given = any(not tool.effect.may_start_early for tool in tools.values())
    if isinstance(given, bool):
        return own_journal() if given else None
    if not isinstance(given, str | Path):
        raise TypeError(f"journal is {kind_of(given)}, not the path of a file, True or False")
    return Path(given)


@asynccontextmanager
async def kept(
    open_: Callable[[], QuestionJournal | None] | None, tools: Tools, outcome: list[Answer]
) -> AsyncIterator[Diary]:
    """Keep a question for as long as the block lasts. An answer in `outcome` says how it ended; else it will go on."""
    journal = None if open_ is None else await to_thread.run_sync(open_)
    try:
        yield Diary(journal, tools)
    finally:
        if journal is not None:
            with CancelScope(shield=True):
                going_on = not outcome or outcome[0].status is AnswerStatus.WAITING
                told = _told(outcome[0]) if outcome else None
                await to_thread.run_sync(journal.close, None if going_on else outcome[0].status.value, told)


def _told(answer: Answer) -> dict[str, Json]:
    """Return what a report tells of an answer, beside the plans."""
    usage: dict[str, Json] = {role: used.to_json() for role, used in answer.usage.items()}
    told: dict[str, Json] = {"status": answer.status.value, "text": answer.text, "reason": answer.reason}
    return told | {"calls": answer.calls, "seconds": answer.seconds, "usage": {**usage, "all": answer.total.to_json()}}


def opener(
    place: Path | None, put: Put, tools: Tools, notes: list[Diagnostic], *, named: bool
) -> Callable[[], QuestionJournal | None] | None:
    """Return what enters a question in a journal. `named`: the user named the journal; else it must not get in the way.

    Old questions are taken out of a journal that isn't named. If it can't be kept, that is added to the `notes`.
    """
    if place is None:
        return None
    begin = partial(begin_question, place, put.question, _settings_json(put), tools)
    if named:
        return begin

    def begin_own() -> QuestionJournal | None:
        try:
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            place.touch(mode=0o600)
            return begin(forget=True)
        except (OSError, JournalError) as error:
            said = f"no journal is kept of this question, so it can't be resumed: {error}"
            notes.append(
                Diagnostic(NO_JOURNAL, Severity.WARNING, said, None, "name another one: `--journal`, `journal=…`")
            )
            return None

    return begin_own


def found_again(
    place: Path, prefix: str | None, tools: Tools, settings: AskSettings, type_: AnswerType | None
) -> tuple[Put, QuestionJournal]:
    """Open a question that a journal holds, and return it as it was put; raise JournalError if it can't go on like this."""
    journal = resume_question(place, tools, question=prefix)
    assert journal.known is not None
    try:
        return _put(journal.known.entry.question, journal.known.settings, settings, type_), journal
    except BaseException:
        journal.close(journal.known.entry.status)
        raise


def _settings_json(put: Put) -> dict[str, Json]:
    settings = put.settings
    kept: dict[str, Any] = {name: getattr(settings, name) for name in _KEPT}
    kept["examples"] = [[one.question, one.plan] for one in settings.examples]
    kept |= {"strategy": put.strategy, "plan": put.plan, "history": [[one.speaker, one.text] for one in put.history]}
    kept["approves"] = put.approves
    kept["schema"] = None if put.answer_type is None else dict(put.answer_type.schema)
    return kept


def _put(question: str, kept: Mapping[str, Any], settings: AskSettings, type_: AnswerType | None) -> Put:
    wanted, given = kept.get("schema"), None if type_ is None else dict(type_.schema)
    if wanted != given:
        message = (
            "the question was asked for an answer of another type" if wanted else "the question has no answer_type"
        )
        raise JournalError(message, "resume it with the answer_type that it was asked with")
    try:
        own = {name: kept[name] for name in _KEPT}
        own["examples"] = tuple(FewShot(str(one), str(plan)) for one, plan in kept["examples"])
        plan = None if kept["plan"] is None else str(kept["plan"])
        settings, approves = replace(settings, **own), kept["approves"] is not False
        return Put(question, list(_messages(kept["history"])), type_, plan, str(kept["strategy"]), settings, approves)
    except (KeyError, TypeError, ValueError) as error:
        raise JournalError(f"the journal is damaged: a question isn't one ({error})", "ask it anew") from None


def _messages(kept: Iterable[tuple[str, str]]) -> Iterable[Message]:
    for name, text in kept:
        for speaker in SPEAKERS:
            if speaker == name:
                yield Message(speaker, str(text))
