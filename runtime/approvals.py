"""Ask for approval, one request at a time, and pass the answers on."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from anyio import move_on_after

from lcc.grammar.ir import TaskId
from lcc.grammar.values import Json, PathError
from lcc.runtime.approval import ApprovalRequest
from lcc.runtime.lookup import Unavailable
from lcc.runtime.node import Kind, Node
from lcc.runtime.options import Options
from lcc.runtime.result import Failure, FailureKind, TaskStatus
from lcc.runtime.tool import ArgumentError

if TYPE_CHECKING:
    from lcc.runtime.graph import Graph


class Approvals:
    """The destructive calls that wait for an answer: single ones, and the steps that ask for a whole fan-out.

    `answered` is called with each when there is one: None means yes, a failure says why not.
    """

    def __init__(
        self,
        options: Options,
        graph: Graph,
        start: Callable[[], object],
        answered: Callable[[Node, Failure | None], None],
    ) -> None:
        self._approver = options.approve
        self._timeout = options.approval_timeout
        self._graph = graph
        self._start = start
        self._answered = answered
        self._queue: deque[Node] = deque()
        self._asking = False

    def refusal(self) -> Failure | None:
        """Return the answer that stands without asking: no, where there is nobody to ask."""
        if self._approver is not None:
            return None
        return Failure(FailureKind.DENIED, "it is destructive, and there is nobody to approve of it")

    def ask(self, node: Node) -> None:
        """Ask about a call, or a fan-out's step, once those before it have been answered."""
        self._queue.append(node)
        if not self._asking:
            self._asking = True
            self._start()

    async def run(self) -> None:
        """Ask until nothing is left to ask."""
        while self._queue:
            node = self._queue.popleft()
            if node.status is None:
                self._answered(node, await self._answer(node))
        self._asking = False

    async def _answer(self, node: Node) -> Failure | None:
        request = self._request(node)
        if not request.calls:
            return None  # nothing can be called: let the calls fail by themselves
        assert self._approver is not None
        with move_on_after(self._timeout):
            try:
                allowed = await self._approver(request)
            except Exception as error:
                return Failure(FailureKind.DENIED, f"approval failed: {error}", 0, type(error).__name__, error)
            return None if allowed is True else Failure(FailureKind.DENIED, "approval was refused")
        return Failure(FailureKind.DENIED, f"no approval within {self._timeout:g} s")

    def _request(self, node: Node) -> ApprovalRequest:
        nodes = [node]
        if node.kind is Kind.APPROVAL:
            assert node.fan_out is not None
            assert node.fan_out.elements is not None
            nodes = [e for e in node.fan_out.elements if e.status is None and e.doom is None]
        calls: list[tuple[TaskId, dict[str, Json]]] = []
        for one in nodes:
            try:
                calls.append((one.id, self._graph.arguments(one)))
            except (PathError, ArgumentError, Unavailable):
                continue
        tool = nodes[0].binding.name if nodes and nodes[0].binding is not None else ""
        return ApprovalRequest(node.id, tool, tuple(calls))


def refuse(node: Node, failure: Failure) -> None:
    """Doom what a refused request was for."""
    if node.kind is Kind.APPROVAL:
        assert node.fan_out is not None
        for element in node.fan_out.elements or ():
            element.doom = element.doom or (TaskStatus.FAILED, failure)
    else:
        node.doom = TaskStatus.FAILED, failure
