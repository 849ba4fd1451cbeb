"""Ask the joiner: an answer from the results, or another plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from lcc.ask.asked import NoAnswer
from lcc.ask.caller import Caller
from lcc.ask.events import AnswerText, AskSink, JoinStarted, Replanned
from lcc.ask.joining.answer_stream import AnswerStream
from lcc.ask.joining.decision import Decision, plain, read_decision
from lcc.ask.joining.joiner_prompt import (
    first_message,
    further_message,
    last_chance_message,
    reply_schema,
    system_text,
    unread_message,
)
from lcc.ask.joining.looks import NO_MORE, Looks, read_look
from lcc.ask.joining.observations import show_round
from lcc.ask.memory import Round
from lcc.ask.programs.program_results import show_program, show_steps
from lcc.ask.typed import NOT_OF_TYPE, AnswerType, NotOfType, correction
from lcc.ask.written import with_writes
from lcc.grammar.diagnostics import Diagnostic
from lcc.models.request import Message, Request
from lcc.runtime.consent.write_log import WriteLog

_TRIES: Final = 2
"""Of a reply in which no decision can be read, or whose answer isn't of the type that was asked for."""


@dataclass(slots=True)
class Joiner:
    """The joiner's side of one question. Its conversation grows by one exchange with every plan. `cap`: tokens of one result."""

    caller: Caller
    question: str
    history: Sequence[Message]
    answer_type: AnswerType | None
    cap: int
    emit: AskSink
    writes: WriteLog
    _talk: list[Message] = field(default_factory=list)
    _looks: Looks = field(init=False)

    def __post_init__(self) -> None:
        self._looks = Looks(self.cap)

    @property
    def notes(self) -> Sequence[Diagnostic]:
        """What there is to say to people of the looks into results."""
        return self._looks.notes

    async def decide(self, round_: Round, *, may_replan: bool) -> Decision:
        """Return what to do after a plan. Raises ModelFault and Stopped."""
        show = show_round if round_.program is None else show_steps if round_.written.join else show_program
        results = show(round_, self._looks)
        results = with_writes(results, self.writes)
        self._talk.append(further_message(results) if self._talk else first_message(self.question, results))
        if not may_replan and round_.number > 1:
            self._talk.append(last_chance_message())
        self.emit(JoinStarted(round_.number))
        decision = await self._ask(may_replan)
        if decision.replan:
            self.emit(Replanned(round_.number, decision.text))
        return decision

    async def _ask(self, may_replan: bool) -> Decision:
        """Return a decision that may be made; the model is asked once more for one, and then its words are the answer."""
        said = problem = ""
        tries = _TRIES
        while tries:
            reply, decision = await self._once(may_replan)
            wanted = read_look(reply)
            if wanted is not None and self._looks.offered:
                self._talk.append(Message("user", self._looks.peek(wanted)))
                continue
            tries -= 1
            if wanted is not None:
                told, problem = (
                    Message("user", NO_MORE),
                    problem or "it looks into results, and no further look is possible",
                )
            elif decision is None:
                said, told = plain(reply) or said, unread_message(may_replan=may_replan)
                problem = problem or "its reply holds no answer that can be read"
            elif decision.replan:
                if may_replan:
                    return decision
                said, told = decision.text or said, last_chance_message()
                problem = problem or "it wants another plan, and none is possible"
            elif self.answer_type is None:
                return decision
            else:
                try:
                    return replace(decision, value=self.answer_type.read(_given(decision)))
                except NotOfType as error:
                    problem = str(error)
                told = correction(reply, problem)[1]
            self._talk.append(told)
        if self.answer_type is not None:
            raise NotOfType(f"{NOT_OF_TYPE}: {problem}")
        if not said:
            raise NoAnswer(f"the joiner gave no answer: {problem}")
        self.emit(AnswerText(said))
        return Decision(False, said, unread=True)

    async def _once(self, may_replan: bool) -> tuple[str, Decision | None]:
        stream = AnswerStream()

        def show(piece: str) -> None:
            new = stream.feed(piece)
            if new:
                self.emit(AnswerText(new))

        typed = self.answer_type is not None
        reply = await self.caller.ask(
            "joiner", self._request(may_replan), None if typed else show, restart=stream.restart
        )
        decision = read_decision(reply.text)
        if decision and not decision.replan and (rest := stream.finish(decision.text)):
            self.emit(AnswerText(rest))
        self._talk.append(Message("assistant", reply.text or "Thought:"))  # endpoints refuse an empty message
        return reply.text, decision

    def _request(self, may_replan: bool) -> Request:
        schema = None if self.answer_type is None else self.answer_type.schema
        looks = self._looks.offered

        def messages(structured: bool) -> tuple[Message, ...]:
            text = system_text(may_replan=may_replan, structured=structured, answer_schema=schema, looks=looks)
            return (Message("system", text), *self.history, *self._talk)

        if not self.caller.structured("joiner") and schema is None:
            return Request(messages(False))
        form = reply_schema(may_replan=may_replan, answer_schema=schema, looks=looks)
        return Request(messages(True), form, plain=messages(schema is not None))


def _given(decision: Decision) -> object:
    return decision.text if decision.value is None else decision.value
