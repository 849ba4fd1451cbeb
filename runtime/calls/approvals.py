"""Ask for approval, one request at a time, and let through exactly what was allowed.

An approval is for the calls that were shown, with the arguments that were shown: it is used up by the call, and a call without an
equal one isn't made, whatever led to it. A request that would show nothing is not put to anybody, and is a no.
"""

from __future__ import annotations

import inspect
import json
from collections import deque
from collections.abc import Callable, Mapping
from typing import TypeAlias

from anyio import move_on_after

from lcc.grammar.given import kind_of
from lcc.grammar.values import Json
from lcc.runtime.failures import class_name, failure_of, message_of
from lcc.runtime.graph.node import Approval, Call
from lcc.runtime.options import ApprovalRequest, NotAllowed, Options
from lcc.runtime.result import Failure, FailureKind, TaskStatus

Asked: TypeAlias = Call | Approval
"""A single call, or the step that asks for a whole fan-out."""

_Shown: TypeAlias = tuple[Call, dict[str, Json], str]
"""A call that is asked about, the arguments that are shown, and what the arguments of the call itself are compared with."""


class Approvals:
    """The destructive calls that wait for an answer: single ones, and the steps that ask for a whole fan-out.

    `answered` is called with each when there is one: None means yes, a failure says why not. `known` tells of calls that an
    earlier process made; they aren't made again, so nobody is asked about them.
    """

    def __init__(
        self,
        options: Options,
        arguments_of: Callable[[Call], dict[str, Json]],
        start: Callable[[], object],
        answered: Callable[[Asked, Failure | None], None],
        known: Callable[[Call], bool],
    ) -> None:
        self._approver = options.approve
        self._timeout = options.approval_timeout
        self._arguments_of = arguments_of
        self._start = start
        self._answered = answered
        self._known = known
        self._queue: deque[Asked] = deque()
        self._asking = False
        self._allowed: dict[Call, str] = {}

    def refusal(self) -> Failure | None:
        """Return the answer that stands without asking: no, where there is nobody to ask."""
        if self._approver is not None:
            return None
        return Failure(FailureKind.DENIED, "it is destructive, and there is nobody to approve of it")

    def ask(self, node: Asked) -> None:
        """Ask about a call, or a fan-out's step, once those before it have been answered."""
        self._queue.append(node)
        if not self._asking:
            self._asking = True
            self._start()

    def use(self, node: Call, arguments: Mapping[str, Json]) -> None:
        """Use up the approval of a call that is about to be made; raise NotAllowed if there is none for these arguments."""
        allowed = self._allowed.pop(node, None)
        if allowed is None:
            raise NotAllowed("it is destructive, and nobody was asked about it")
        if allowed != _exactly(arguments):
            raise NotAllowed("its arguments are not those that were approved of")

    def refuse(self, node: Asked, failure: Failure) -> None:
        """Doom what a refused request was for."""
        for call in self._to_be_made(node):
            call.doom = TaskStatus.FAILED, failure

    async def run(self) -> None:
        """Ask until nothing is left to ask."""
        while self._queue:
            node = self._queue.popleft()
            if node.status is not None:
                continue
            shown = self._shown(node)
            refusal = await self._answer(node, shown) if shown else _nothing(node)
            if node.status is not None:  # it was stopped while somebody thought about it
                continue
            if refusal is None:
                self._allowed.update((call, exact) for call, _, exact in shown)
            self._answered(node, refusal)
        self._asking = False

    async def _answer(self, node: Asked, shown: list[_Shown]) -> Failure | None:
        assert self._approver is not None
        binding = shown[0][0].binding
        calls = tuple((call.id, arguments) for call, arguments, _ in shown)
        with move_on_after(self._timeout):
            try:
                allowed: object = self._approver(ApprovalRequest(node.id, binding.name, calls))
                if not inspect.isawaitable(allowed):
                    return Failure(
                        FailureKind.DENIED, f"`approve` must be an async function; it returned {kind_of(allowed)}"
                    )
                allowed = await allowed
            except Exception as error:
                message = f"approval failed: {message_of(error)}"
                return Failure(FailureKind.DENIED, message, 0, class_name(error), error)
            return _refusal(allowed)
        return Failure(FailureKind.DENIED, f"no approval within {self._timeout:g} s")

    def _shown(self, node: Asked) -> list[_Shown]:
        """Return the calls to ask about, with their arguments; a call whose arguments can't be had is doomed, and isn't shown."""
        shown = []
        for call in self._to_be_made(node):
            try:
                arguments = self._arguments_of(call)
                shown.append((call, arguments, _exactly(arguments)))
            except Exception as error:
                call.doom = TaskStatus.FAILED, failure_of(error, 0)
        return shown

    def _to_be_made(self, node: Asked) -> list[Call]:
        if isinstance(node, Call):
            return [node]
        return [
            element
            for element in node.owner.elements or ()
            if element.status is None and element.doom is None and not element.attempts and not self._known(element)
        ]


def _refusal(answer: object) -> Failure | None:
    """Return what an answer means. Only True is a yes: what is merely true, as a text or a truth value of NumPy's, may be a mistake."""
    if answer is True:
        return None
    message = "approval was refused" if answer is False else f"`approve` returned {kind_of(answer)}; only True is a yes"
    return Failure(FailureKind.DENIED, message)


def _nothing(node: Asked) -> Failure:
    return Failure(FailureKind.DENIED, "there was nothing to approve of") if node.doom is None else node.doom[1]


def _exactly(arguments: Mapping[str, Json]) -> str:
    """Return a text that only equal arguments have: 1, 1.0 and true differ in it."""
    return json.dumps(arguments)
