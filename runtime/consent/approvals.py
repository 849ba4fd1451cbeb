"""Ask for approval, one request at a time, and let through exactly what was allowed.

An approval is for the calls that were shown, with the arguments that were shown: it is used up by the call, and a call without an
equal one isn't made, whatever led to it. A request that would show nothing is not put to anybody, and is a no.

In a plan with a body, the first destructive call that is due asks for all of them whose arguments are known, in one request for each
tool. None of them is made before all requests are answered with yes, and one no is a no to all that were shown so far: nobody is asked twice.
"""

from __future__ import annotations

import inspect
import json
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import TypeAlias

from anyio import Lock, move_on_after

from lcc.grammar.given import kind_of
from lcc.grammar.ir import TaskId
from lcc.grammar.values import Json
from lcc.runtime.failures import class_name, failure_of, message_of
from lcc.runtime.graph.node import Approval, Call
from lcc.runtime.options import LATER, NOBODY, ApprovalRequest, NotAllowed, Options
from lcc.runtime.result import Failure, FailureKind, TaskStatus

Asked: TypeAlias = Call | Approval
"""A single call, or the step that asks for a whole fan-out."""

_Shown: TypeAlias = tuple[Call, dict[str, Json], str]
"""A call that is asked about, the arguments that are shown, and what the arguments of the call itself are compared with."""


class Approvals:
    """The destructive calls that wait for an answer: single ones, and the steps that ask for a whole fan-out.

    `answered` is called with each when there is one: None means yes, a failure says why not; `put_off` where there is none yet. `known`
    tells of calls that an earlier process made; they aren't made again, so nobody is asked about them. `foreseen` tells of calls that are
    asked about with one, `repeats` of calls that an earlier plan made.
    """

    def __init__(
        self,
        options: Options,
        arguments_of: Callable[[Call], dict[str, Json]],
        start: Callable[[], object],
        answered: Callable[[Asked, Failure | None], None],
        put_off: Callable[[Failure], None],
        known: Callable[[Call], bool],
        foreseen: Callable[[Call], Iterable[Call]],
        repeats: Callable[[Call, Mapping[str, Json]], str | None],
    ) -> None:
        self._approver = options.approve
        self._timeout = options.approval_timeout
        self._arguments_of = arguments_of
        self._start = start
        self._answered = answered
        self._put_off = put_off
        self._repeats = repeats
        self._known = known
        self._foreseen = foreseen
        self._queue: deque[Asked] = deque()
        self._asking = False
        self._allowed: dict[Call, str] = {}
        self._refused: dict[Call, Failure] = {}
        self.one_at_a_time = Lock()

    def refusal(self) -> Failure | None:
        """Return the answer that stands without asking: no, where there is nobody to ask."""
        if self._approver is not None:
            return None
        return Failure(FailureKind.DENIED, f"it is destructive, and {NOBODY}")

    @property
    def attended(self) -> bool:
        """Whether there is somebody to ask."""
        return self._approver is not None

    def ask(self, node: Asked) -> None:
        """Ask about a call, or a fan-out's step, once those before it have been answered."""
        self._queue.append(node)
        if not self._asking:
            self._asking = True
            self._start()

    def allows(self, node: Call) -> bool:
        """Whether somebody has allowed a call before it was due."""
        return node in self._allowed

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
            if node in self._allowed or node in self._refused:
                self._answered(node, self._refused.get(node) if isinstance(node, Call) else None)
                continue
            shown = self._shown(node)
            refusal = await self._answers(node, shown) if shown else _nothing(node)
            if node.status is not None:  # it was stopped while somebody thought about it
                continue
            if refusal is not None and refusal.kind is FailureKind.WAITING:
                self._put_off(refusal)
                continue
            if refusal is None:
                self._allowed.update((call, exact) for call, _, exact in shown)
            self._answered(node, refusal)
        self._asking = False

    async def _answers(self, node: Asked, shown: list[_Shown]) -> Failure | None:
        """Ask about all of these, in one request for each tool; stop at the first no."""
        by_tool: dict[str, list[_Shown]] = {}
        for one in shown:
            by_tool.setdefault(one[0].binding.name, []).append(one)
        asked: list[_Shown] = []
        for tool, calls in by_tool.items():
            id_ = node.id if isinstance(node, Approval) else calls[0][0].id
            asked += calls
            refusal = await self._answer(id_, tool, calls)
            if refusal is not None and refusal.kind is not FailureKind.WAITING:
                self._refused.update((call, refusal) for call, _, _ in asked)
            if refusal is not None or node.status is not None:
                return refusal
        return None

    async def _answer(self, id_: TaskId, tool: str, shown: list[_Shown]) -> Failure | None:
        repeats = {call.id: said for call, given, _ in shown if (said := self._repeats(call, given))}
        calls = tuple([(call.id, arguments) for call, arguments, _ in shown])
        return await self._put(ApprovalRequest(id_, tool, calls, repeats))

    async def confirm(self, call: Call, message: str) -> bool:
        """Ask what a tool asks in the middle of a call; the answer is for nothing else."""
        if self._approver is None:
            return False
        shown = (call.id, self._arguments_of(call))
        return await self._put(ApprovalRequest(call.id, call.binding.name, (shown,), message=message)) is None

    async def _put(self, request: ApprovalRequest) -> Failure | None:
        """Put a request to the approver, once what was asked before has been answered."""
        async with self.one_at_a_time:
            return await self._put_now(request)

    async def _put_now(self, request: ApprovalRequest) -> Failure | None:
        assert self._approver is not None
        with move_on_after(self._timeout):
            try:
                allowed: object = self._approver(request)
                if not inspect.isawaitable(allowed):
                    return Failure(
                        FailureKind.DENIED, f"`approve` must be an async function; it returned {kind_of(allowed)}"
                    )
                allowed = await allowed
            except NotAllowed as error:
                return Failure(FailureKind.DENIED, str(error))
            except Exception as error:
                message = f"approval failed: {message_of(error)}"
                return Failure(FailureKind.DENIED, message, 0, class_name(error), error)
            if allowed is LATER:
                return Failure(FailureKind.WAITING, f"the run waits for approval of {request.tool} ({request.id})")
            return _refusal(allowed)
        return Failure(FailureKind.DENIED, f"no approval within {self._timeout:g} s")

    def _shown(self, node: Asked) -> list[_Shown]:
        """Return the calls to ask about, with their arguments; a call whose arguments can't be had is doomed, and isn't shown.

        One that is only foreseen isn't doomed: it may never be due.
        """
        shown: list[_Shown] = []
        for call in self._to_be_made(node):
            try:
                shown.append(self._show(call))
            except Exception as error:
                call.doom = TaskStatus.FAILED, failure_of(error, 0)
        for call in self._foreseen(node) if shown and isinstance(node, Call) else ():
            answered = call in self._allowed or call in self._refused
            if call is not node and not answered and not self._known(call):
                with suppress(Exception):
                    shown.append(self._show(call))
        return shown

    def _show(self, call: Call) -> _Shown:
        arguments = self._arguments_of(call)
        return call, arguments, _exactly(arguments)

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
