"""Hold what an ask gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Generic

from lcc.ask.memory import Round
from lcc.ask.typed import to_json_value
from lcc.grammar.diagnostics import Diagnostic
from lcc.grammar.ir import Plan
from lcc.grammar.shown import Shown
from lcc.grammar.syntax.print_plan import print_plan
from lcc.grammar.values import Json
from lcc.models.tokens import RoleUsage, total
from lcc.runtime.result import TaskStatus

if TYPE_CHECKING:
    from typing_extensions import TypeVar

    T = TypeVar("T", default=Any)
else:
    from typing import TypeVar

    T = TypeVar("T")


class AnswerStatus(StrEnum):
    """`WAITING`: somebody must approve first; `Agent.resume` goes on. `STOPPED`: a limit ended the ask before there was an answer. `FAILED`: a model gave none, or no plan that can be run."""

    ANSWERED = "answered"
    WAITING = "waiting"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Answer(Shown, Generic[T]):
    """The answer to a question, and how it came about.

    `text`: the answer for people, empty if there is none. `value`: the answer as data: of the type that was asked for, or what
    `answer(…)` gave, else the text; None if there is no answer. `Answer[Weather]` is one to `answer_type=Weather`. `reason`: why there is none, or why no further plan was made. `rounds`: the plans with their
    results, in order. `usage`: by role; `tools` holds what tools reported. `seconds`: from the question to the answer.
    `notes`: what there is to say of the answer itself: that no plan was made for it, or that the joiner's reply is shown as it stands.
    Large results of a question with a journal are read from it each time that they are asked for, which raises JournalError where they are gone.
    `diagnostics`: of the plans, and the notes. `calls`: of tools, also those made for a plan that was refused or broke off. `question`: the id in the journal, for `Agent.resume`; empty without one.
    """

    status: AnswerStatus
    text: str = ""
    value: T = None  # type: ignore[assignment]
    thought: str = ""
    reason: str = ""
    rounds: tuple[Round, ...] = ()
    usage: Mapping[str, RoleUsage] = field(default_factory=dict)
    diagnostics: tuple[Diagnostic, ...] = ()
    notes: tuple[Diagnostic, ...] = ()
    seconds: float = 0.0
    calls: int = 0
    question: str = ""

    if not TYPE_CHECKING:

        def __class_getitem__(cls, item: object) -> type[Answer]:
            """Return the class itself: what `Answer[…]` holds matters to type checkers alone, and pydantic writes all alike."""
            return cls

    @property
    def ok(self) -> bool:
        """Whether there is an answer."""
        return self.status is AnswerStatus.ANSWERED

    @property
    def plans(self) -> tuple[Plan, ...]:
        """The plans as they were written, ids continuing."""
        return tuple(round_.written for round_ in self.rounds)

    @property
    def total(self) -> RoleUsage:
        """What all roles spent."""
        return total(self.usage)

    @property
    def results(self) -> dict[str, Json]:
        """Every result there is, of all plans, by id as text."""
        return {
            str(id_): record.value
            for round_ in self.rounds
            for id_, record in round_.records.items()
            if record.status is TaskStatus.OK
        }

    def __str__(self) -> str:
        """Return the answer, or why there is none."""
        return self.text if self.ok else f"{self.status.value}: {self.reason}"

    def _repr_html_(self) -> str:
        from lcc.grammar.diagnostics.wording import plural, seconds
        from lcc.pages.notebook import answer_html

        facts = [plural(len(self.rounds), "plan"), plural(self.calls, "call"), seconds(self.seconds)]
        rounds = [(one.source, one.plan, one.records) for one in self.rounds]
        return answer_html(self.status.value, str(self), facts, rounds)

    def to_json(self) -> dict[str, Json]:
        """Return the object that `ask --format json` prints."""
        rounds: list[Json] = [
            {
                **({"plan": print_plan(round_.written)} if round_.program is None else {"program": round_.program}),
                "tasks": {str(id_): record.to_json() for id_, record in round_.records.items()},
            }
            for round_ in self.rounds
        ]
        return {
            "status": self.status.value,
            "text": self.text,
            "value": to_json_value(self.value),
            "reason": self.reason,
            "notes": [{"code": note.code, "message": note.message} for note in self.notes],
            "rounds": rounds,
            "usage": {role: usage.to_json() for role, usage in self.usage.items()},
            "total": self.total.to_json(),
            "calls": self.calls,
            "question": self.question,
            "seconds": self.seconds,
        }

    to_dict = to_json

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: object) -> object:
        """Tell pydantic, and what stands on it such as FastAPI, that this is written as `to_dict` says."""
        from pydantic_core import core_schema

        written = core_schema.plain_serializer_function_ser_schema(cls.to_json, return_schema=core_schema.dict_schema())
        return core_schema.is_instance_schema(cls, serialization=written)


class AskFailed(Exception):
    """There is no answer because a model failed, or wrote no plan that can be run.

    The message says what happened and what to do. `answer` holds what was done by then, with every finished result.
    """

    def __init__(self, message: str, answer: Answer) -> None:
        super().__init__(message)
        self.answer = answer

    def _repr_html_(self) -> str:
        return self.answer._repr_html_()
