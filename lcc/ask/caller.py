"""Make an ask's model calls: with its role's model, on its accounts, and once more after a fault that may pass."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from lcc.ask.accounts import Accounts
from lcc.ask.diary import Diary, reply_json, reply_of, request_digest
from lcc.models.faults import PASSING, FaultKind, ModelFault
from lcc.models.request import Finish, Message, Model, OnText, Reply, Request
from lcc.models.settings import ModelSettings
from lcc.models.tokens import RoleUsage, TokenUsage

OnCost: TypeAlias = Callable[[RoleUsage], None]

MODEL_OF: Final = {"agent": "planner", "solver": "joiner", "skeleton": "planner", "point": "joiner"}
"""Whose model the roles ask that have no settings of their own."""

CUT_OFF: Final = (
    "the {}'s reply was cut off at its token limit; --reply-tokens, or ModelSettings.max_tokens, allows more"
)
"""What is said of a role whose reply ended for its length."""


def _nothing() -> None:
    return None


_LOG: Final = logging.getLogger("lcc.models")
_LOG.addHandler(logging.NullHandler())  # else what nobody listens to goes to standard error


def _shown(request: Request) -> str:
    said = (
        f"[{m.speaker}] {m.text}" if isinstance(m, Message) else f"[{type(m).__name__.lower()}] {m}"
        for m in request.messages
    )
    return "\n".join(said)


@dataclass(slots=True)
class _Said:
    """What an event tells of a model call beside its costs."""

    request: Request
    prompts: bool
    reply: Reply | None = None
    failed: str = ""

    def fields(self) -> dict[str, object]:
        """Return the fields of the event."""
        told = {"messages": self.request.messages, "reply": self.reply} if self.prompts else {}
        return {"failed": self.failed, **told}


class Caller:
    """The models of one ask, by role."""

    def __init__(
        self,
        models: Mapping[str, Model],
        settings: Mapping[str, ModelSettings],
        accounts: Accounts,
        clock: Callable[[], float],
        diary: Diary,
        *,
        prompts: bool = False,
    ) -> None:
        """`prompts`: events hold what models are asked and say."""
        self._prompts = prompts
        self._models = models
        self.diary = diary
        self._settings = settings
        self.accounts = accounts
        self._clock = clock

    def structured(self, role: str) -> bool:
        """Whether a role's model is asked for JSON by a schema."""
        return self._settings[_model_of(role)].structured

    def tries(self, role: str) -> int:
        """How often a role's model is asked whose reply breaks off, stalls or is garbage."""
        return 1 + self._settings[_model_of(role)].retries

    async def ask(
        self,
        role: str,
        request: Request,
        on_text: OnText | None,
        restart: Callable[[], None] = _nothing,
        on_cost: OnCost | None = None,
    ) -> Reply:
        """Return a reply that came to its own end and isn't empty. `restart` is called before another try, `on_cost` after each.

        Raises ModelFault after the last, Stopped at a limit.
        """
        tries = self.tries(role)
        for attempt in range(1, tries + 1):
            try:
                reply = await self.ask_once(role, request, on_text, on_cost)
                _check(role, reply)
                return reply
            except ModelFault as fault:
                if fault.kind not in PASSING or attempt == tries:
                    raise
            restart()
        raise AssertionError("unreachable")

    async def ask_once(
        self,
        role: str,
        request: Request,
        on_text: OnText | None,
        on_cost: OnCost | None = None,
        run: str | None = None,
    ) -> Reply:
        """Return a whole reply; raise ModelFault for anything else, Stopped at a limit. `run`: what is run by it, for the journal.

        What a tool asks for isn't taken down: what the tool makes of it is.
        """
        await self.accounts.begin()
        began = self._clock()
        if _LOG.isEnabledFor(logging.DEBUG):
            _LOG.debug("%s is asked:\n%s", role, _shown(request))
        usage, said = TokenUsage(calls=1, silent=1), _Said(request, prompts=self._prompts)
        asked = None if role == "tools" or self.diary.journal is None else request_digest(role, request)
        try:
            known = self._known(asked, on_text)
            reply = known or await self._models[_model_of(role)].ask(request, on_text)
            usage = reply.usage
            said.reply = reply
        except BaseException as error:
            said.failed = type(error).__name__
            raise
        finally:
            cost = self.accounts.charge(role, self._settings[_model_of(role)], usage, began, said.fields())
            if on_cost is not None:
                on_cost(cost)
        _LOG.debug("%s says:\n%s", role, reply.text)
        seconds, tokens = self._clock() - began, usage.prompt + usage.completion
        _LOG.info("%s answered in %.1f s, %d tokens", role, seconds, tokens)
        if known is None and asked is not None:
            await self.diary.note(role, asked, reply_json(reply), run)
        return reply

    def _known(self, asked: str | None, on_text: OnText | None) -> Reply | None:
        """Return what a model said before its process ended."""
        known = None if asked is None else self.diary.take(asked)
        if known is None:
            return None
        reply = reply_of(known.reply)
        if on_text is not None and reply.text:
            on_text(reply.text)
        return reply


def _model_of(role: str) -> str:
    return MODEL_OF.get(role, role)


def _check(role: str, reply: Reply) -> None:
    if reply.finish is Finish.LENGTH:
        raise ModelFault(FaultKind.TOO_LONG, CUT_OFF.format(role))
    if reply.finish is Finish.FILTER:
        raise ModelFault(FaultKind.REFUSED, f"the {role}'s reply was stopped by the endpoint's content filter")
    if not reply.text.strip() and not reply.calls:
        raise ModelFault(FaultKind.GARBAGE, f"the {role}'s reply is empty")
