"""Decide what runs next, and what the end of a call means.

Event-driven throughout: the end of a call makes others ready, and the worker that made it takes the best of them.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from anyio import Event as Signal
from anyio.abc import TaskGroup
from anyio.lowlevel import checkpoint

from lcc.grammar.ir import Plan, Statement, TaskId
from lcc.grammar.values import Json
from lcc.runtime.binding import Binding
from lcc.runtime.calls.contexts import Contexts, Questions
from lcc.runtime.calls.making import Maker
from lcc.runtime.calls.queue import Queue
from lcc.runtime.calls.recall import Recollection
from lcc.runtime.calls.repeating import Repeating
from lcc.runtime.calls.secrets import Secrets
from lcc.runtime.calls.timers import Timers
from lcc.runtime.calls.toolbox import Toolbox
from lcc.runtime.calls.winding import Winding
from lcc.runtime.calls.workers import Crew, Worker, stopped
from lcc.runtime.clock import loop_clock, thread_messenger
from lcc.runtime.consent.approvals import Approvals, Asked
from lcc.runtime.consent.write_log import WriteLog, told
from lcc.runtime.events import (
    EventSink,
    LoopBlocked,
    TaskAdded,
    TaskEnded,
    TaskHedged,
    TaskReady,
    TaskRetracted,
    TaskStarted,
    TaskWaiting,
)
from lcc.runtime.failures import class_name
from lcc.runtime.graph.batches import BatchCall, Batches, End
from lcc.runtime.graph.issuer import NewIssuer
from lcc.runtime.graph.node import Approval, Call, Planned
from lcc.runtime.limits.budget import Ledger, larger
from lcc.runtime.limits.gate import Gate
from lcc.runtime.limits.pool import Lane
from lcc.runtime.options import BudgetRequest, Options, Policy
from lcc.runtime.result import Failure, FailureKind, TaskStatus, shorten


class Scheduler:
    """The state of one run. Everything here happens on the event loop, and only workers await.

    `whole`: no task will be added. `over`: that, and every task has ended; `ended` is set then.
    `halted`: no call starts, for the moment until the run is stopped. `paused`: none starts while somebody thinks about the budget. `error`: what is to be raised to the caller then, although the
    results are there. `failure`: what went wrong with the run as a whole.
    """

    whole = over = halted = False
    error: BaseException | None = None
    failure: Failure | None = None
    paused = False
    _stopped = _failing = _may_not_go_on = False
    _send: Callable[[Callable[[], object]], bool] | None = None

    def __init__(
        self,
        toolbox: Toolbox,
        inputs: Mapping[str, Json],
        options: Options,
        group: TaskGroup,
        sink: EventSink | None,
        run_id: str,
        new_issuer: NewIssuer,
        writes: WriteLog | None = None,
    ) -> None:
        self.clock: Callable[[], float] = loop_clock()
        self.options = options
        self.journal = options.journal
        self._writes = writes
        self.emit = sink
        self.ended = Signal()
        self.began = self.clock()
        self.secrets = Secrets()
        self.ledger = Ledger(options.budget, above=None if options.pool is None else options.pool.ledger)
        self.timers = Timers(self.clock, self.start)
        watched = sink is not None or self.journal is not None
        self.queue = Queue(self.clock, self.timers, self._held if watched else None, lambda: self.crew.recruit())
        self.issuer = new_issuer(toolbox, inputs, self.clock, self, options)
        self.recollection = Recollection(options.journal, self.issuer, self.secrets, self._differs)
        self.approvals = self._new_approvals()
        self.crew = Crew(group, options.concurrency, self.queue, self, self._maker(run_id))
        self._batches = Batches(toolbox.form_of)
        self._repeating = Repeating(options, self.timers, self.clock, self.began, self._offer_again, self._offer_beside)
        self._winding = Winding(self.timers, self.clock, options.grace, self._abandon, self._offer)

    def _new_approvals(self) -> Approvals:
        issuer, known = self.issuer, self.recollection.knows
        run = self.start
        return Approvals(
            self.options,
            issuer.arguments,
            lambda: run(self.approvals.run),
            self._answered,
            self._put_off,
            known,
            issuer.foreseen,
            self._earlier_write,
        )

    def _maker(self, run_id: str) -> Maker:
        options, clock = self.options, self.clock
        questions = Questions(options, self.approvals, self.start)
        contexts = Contexts(run_id, clock, self.ledger, self.emit, options, self.secrets.hide, questions)
        journal = self.journal, self.journal_broke
        return Maker(self.issuer, self.approvals, contexts, self.secrets, *journal, clock, self.began, options.around)

    def take(self) -> Call | None:
        """Return the best call that may start now, its limits entered, or None."""
        self.timers.fire()  # the run's time may be over, and the loop too busy to have told
        while not (self.halted or self.paused) and (node := self.queue.pop()) is not None:
            binding = node.binding
            if (node.running and not self._repeating.may_hedge(node)) or (
                isinstance(node, BatchCall) and not self._gather(node)
            ):
                self.queue.release(binding.gates)
            elif self.ledger.limited and (failure := self.ledger.admit()) is not None:
                self.queue.release(binding.gates)
                if self._asks_to_go_on(failure):
                    self.queue.push(node)
                    break
                node.running += 1
                self.conclude(node, self.ends(node, TaskStatus.FAILED, None, failure))
            else:
                if binding.gates and self.queue.ready:  # a gate let another one in
                    self.crew.recruit()
                return node
        return None

    def _asks_to_go_on(self, failure: Failure) -> bool:
        """Whether somebody is asked now if the run may spend more."""
        asker = self.options.on_budget
        if asker is None or self._may_not_go_on or not self.ledger.own_is_spent:
            return False
        request = BudgetRequest(self.ledger.budget, self.ledger.usage, failure.message)
        self.paused = True

        async def ask() -> None:
            try:
                self.ledger.budget = larger(await asker(request), request.budget)
            except Exception:  # silence, an error and anything but a larger budget are a no
                self._may_not_go_on = True
            self.paused = False
            self.crew.recruit()

        self.start(ask)
        return True

    def begin(self, node: Call, worker: Worker) -> Binding:
        """Note that a call starts, and set its timers."""
        now = self.clock()
        binding = node.binding
        worker.node = node
        worker.serial += 1
        self.crew.calling += 1
        node.running += 1
        node.attempts += 1
        if node.start is None:
            node.start = now
        if not self.ledger.limited:
            self.ledger.calls += 1
        if self._writes is not None and not binding.early:
            self._note_write(node, self._writes)
        if node.running > 1 and self.emit is not None:
            self.emit(TaskHedged(now, node.id))
        if isinstance(node, BatchCall):
            self._begin_members(node, now)
        elif self.emit is not None:
            self.emit(TaskStarted(now, node.id, binding.name, node.attempts))
        timeout = binding.limits.timeout
        if timeout is not None:
            self._winding.limit(worker, now, timeout)
        if binding.hedge is not None and node.running == 1:
            self._repeating.hedge(worker, now + binding.hedge)
        return binding

    def settles(self, node: Call, worker: Worker, status: TaskStatus, failure: Failure | None) -> bool:
        """Take a call back; return whether its task ends with it. If it does, `conclude` must follow."""
        if worker.node is None:  # it was given up before, and taken back then
            return False
        worker.node = None
        worker.serial += 1
        self.crew.calling -= 1
        binding = node.binding
        self.queue.release(binding.gates)
        if self._winding.leaving or self._winding.behind:
            self._winding.left(worker)
        if node.status is None:
            if failure is None:
                return True
            last = node.running == 1
            if last and (
                isinstance(node, BatchCall) or not self._repeating.retries(self.emit, node, status, failure, binding)
            ):
                return True
        node.running -= 1
        self.crew.recruit()
        return False

    def ends(self, node: Call, status: TaskStatus, value: Json, failure: Failure | None) -> tuple[End, ...]:
        """Return how a call ends the tasks that it was made for. Those that are tried again are not among them."""
        if not isinstance(node, BatchCall):
            return ((node, status, value, failure),)
        node.status = TaskStatus.OK  # whatever its members make of it
        ends = []
        for end in node.ends(status, value, failure):
            member, own, part, why = end
            if why is not None:
                hidden = self.secrets.hide_failure(why)
                why = replace(hidden, message=shorten(hidden.message))
            bindings = (member.binding,) if failure is None else (member.binding, node.binding)
            if why is not None and self._repeating.retries(self.emit, member, own, why, *bindings):
                member.running = 0
            else:
                ends.append((member, own, part, why))
        return tuple(ends)

    def conclude(self, node: Call, ends: tuple[End, ...]) -> None:
        """End the tasks of a call."""
        node.running -= 1
        if node.status is not None and not isinstance(node, BatchCall):  # the other of two calls was faster
            return
        if node.running:
            self._winding.dismiss(self.crew, node)
        for ended, status, value, failure in ends:
            if ended is not node:
                ended.running = 0
                if ended.status is not None:
                    continue
            if status is TaskStatus.ABANDONED:
                ended.in_doubt = not ended.binding.early
            self._end(ended, status, value, failure)

    def _gather(self, call: BatchCall) -> bool:
        """Settle which tasks a batch call is made for; False if none needs it any more."""
        if not call.running:
            more = call.gather()
            if more is not None:
                self.queue.push(more)
                self.crew.recruit()
            if not call.members:
                call.status = TaskStatus.CANCELLED
        return bool(call.members)

    def _begin_members(self, call: BatchCall, now: float) -> None:
        if call.running > 1:  # the second of two
            return
        for node in call.members:
            node.running = 1
            node.attempts += 1
            node.start = now if node.start is None else node.start
            if self.emit is not None:
                self.emit(TaskStarted(now, node.id, call.binding.name, node.attempts))

    def _offer(self, node: Call) -> None:
        """Put a call where workers look, on its own or with those that it may be made with."""
        first = self.issuer.batched.get(node.id) if self.issuer.batched and not isinstance(node, BatchCall) else None
        call = node if first is None else self._batches.offer(node, first)
        if call is not None:
            self.queue.push(call)

    def _offer_again(self, node: Call) -> None:
        self._offer(node)
        self.crew.recruit()

    def _offer_beside(self, node: Call) -> None:
        self.queue.push(node)
        self.crew.recruit()

    def _end(self, node: Call | Approval, status: TaskStatus, value: Json, failure: Failure | None) -> None:
        self.issuer.end(node, status, value, failure)
        if self._failing:
            self._stop_for_failure()
        if len(self.queue.ready) > 1:
            self.crew.recruit()
        if self.issuer.open == 0:
            self._check_over()

    def task_added(self, task: Planned, reads: Iterable[TaskId], after: tuple[TaskId, ...]) -> None:
        """Tell that a task is part of the run."""
        if self.emit is not None:
            self.emit(TaskAdded(self.issuer.now, task.id, task.binding.name, tuple(reads), after))

    def call_ready(self, call: Call) -> bool:
        """Put a call where workers look, or where it waits for approval; False if it ends without being made."""
        if self.journal is not None and self.recollection.ends(call):
            made = call.failure is None or call.failure.attempts
            if made and self._writes is not None and not call.binding.early:
                self._note_write(call, self._writes, recalled=True)
            return False
        if self.halted:
            return True
        if self._writes is not None and call.binding.early and self._was_read(call, self._writes):
            return False
        repeats = self._repeated(call)
        if repeats is None and (not call.binding.destructive or call.parent is not None):
            self._push(call)
            return True
        refusal = self.approvals.refusal() if repeats is None or self._asks_to_repeat() else repeats
        if refusal is not None:
            call.status, call.failure = TaskStatus.FAILED, refusal
            return False
        if self.approvals.allows(call):
            self._push(call)
        else:
            self._ask_about(call)
        return True

    def _was_read(self, call: Call, writes: WriteLog) -> bool:
        """End a read with what an earlier process read, for a plan that isn't this one."""
        with suppress(Exception):  # without arguments it isn't made
            record = writes.known(call.binding.name, lambda: self.issuer.arguments(call))
            if record is None:
                return False
            call.status, call.value, call.attempts = record.status, record.value, 1
            call.start = call.end = self.issuer.now
            if self.journal is not None:
                at = self.issuer.now - self.began
                self.journal.note_start(call.id, call.binding.name, 1, self.issuer.arguments(call), at)
                self.journal.note_end(call.id, call.record(self.began))
            return True
        return False

    def _repeated(self, call: Call) -> Failure | None:
        """Return why a call isn't made unasked that an earlier plan made; None for others."""
        if self._writes is None or call.binding.early:
            return None
        try:
            write = self._writes.earlier(call.binding.tool.signature, self.issuer.arguments(call))
        except Exception:  # the call will fail by the same
            return None
        if write is None:
            return None
        return Failure(FailureKind.REPEATED, f"not made again: {told(write)}", cause=str(write.id))

    def _asks_to_repeat(self) -> bool:
        return self._writes is not None and self._writes.repeat == "ask" and self.approvals.attended

    def _earlier_write(self, call: Call, arguments: Mapping[str, Json]) -> str | None:
        if self._writes is None or call.binding.early:
            return None
        write = self._writes.earlier(call.binding.tool.signature, arguments)
        return None if write is None else told(write)

    def _note_write(self, call: Call, writes: WriteLog, *, recalled: bool = False) -> None:
        with suppress(Exception):  # without arguments it isn't made
            writes.begin(call.id, call.binding.tool.signature, self.issuer.arguments(call), recalled=recalled)

    def approval_ready(self, step: Approval) -> bool:
        """Put a fan-out where it waits for approval; False if nobody is asked, since nobody is there, or the run was stopped."""
        refusal = self.approvals.refusal()
        if self._stopped:
            step.status = TaskStatus.CANCELLED
        elif refusal is not None:
            self.approvals.refuse(step, refusal)
            step.status = TaskStatus.OK
        else:
            self._ask_about(step)
        return step.status is None

    def _push(self, node: Call) -> None:
        """Put a call where workers look; one that changes something behind those that were told to stop."""
        if self._winding.leaving and not node.binding.early:
            self._winding.behind.append(node)
        else:
            self._offer(node)
        if self.emit is not None:
            self.emit(TaskReady(self.issuer.now, node.id))

    def task_ended(self, node: Planned) -> None:
        """Tell that a task is over."""
        status = node.status
        assert status is not None
        if self.secrets and node.failure is not None:
            node.failure = self.secrets.hide_failure(node.failure)
        if self._writes is not None and not node.binding.early and isinstance(node, Call):
            self._writes.end(node.id, node.record(self.began))
        if self.emit is not None:
            value = self.secrets.hide_value(node.value) if self.secrets else node.value
            self.emit(TaskEnded(node.end, node.id, status, node.failure, value))
        if status is TaskStatus.OK:
            if node.merged is not None and self.journal is not None and node.id not in self.recollection.used:
                self.journal.note_end(node.id, self.secrets.hide_record(node.record(self.began)))
        else:
            if status is TaskStatus.FAILED or status is TaskStatus.ABANDONED:
                self._failing |= self.options.on_failure is not Policy.SKIP and self.issuer.tells(node)
            if self.journal is not None and not node.attempts and node.id not in self.recollection.used:
                self.journal.note_end(node.id, node.record(self.began))

    def _ask_about(self, node: Asked) -> None:
        self._held(self.issuer.now, node, "approval")
        self.approvals.ask(node)

    def _answered(self, node: Asked, refusal: Failure | None) -> None:
        if isinstance(node, Approval):
            if refusal is not None:
                self.approvals.refuse(node, refusal)
            self._end(node, TaskStatus.OK, None, None)
        elif refusal is not None:
            self._end(node, TaskStatus.FAILED, None, refusal)
        else:
            self.issuer.now = self.clock()
            self._push(node)
        self.crew.recruit()

    def _put_off(self, failure: Failure) -> None:
        """Nobody can answer now: start nothing else, and end until somebody has."""
        self.failure = self.failure or failure
        self.stop(Failure(FailureKind.CANCELLED, "not started: the run waits for an approval"), writes=False)
        self.finish()

    def start(self, function: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run a coroutine function of the run's own until it ends or the run does."""
        self.crew.start(function)

    def dismiss(self, calls: Iterable[Call]) -> None:
        """Tell calls to stop that nobody needs any more."""
        for call in calls:
            self._winding.dismiss(self.crew, call)

    def moved(self) -> None:
        """Calls have become ready, or the last has ended, outside of what was asked for."""
        self.crew.recruit()
        self._check_over()

    def widen(self, gate: Gate, more: float) -> None:
        """Let more calls through a gate, while the run lasts."""
        if not self.over:
            self.queue.widen(gate, more)

    def connect(self, lane: Lane) -> None:
        """Have calls looked at that wait at a limit of a pool, when it is their turn."""
        send = self._send or thread_messenger()
        self._send = send
        lane.connect(lambda: send(lambda: lane.pass_on() if self.over else self.queue.woken(lane)))

    def loop_was_held(self, id_: TaskId | None, seconds: float, stack: str) -> None:
        """Tell that code didn't give the loop back for a while."""
        if self.emit is not None:
            self.emit(LoopBlocked(self.clock(), id_, seconds, self.secrets.hide(stack)))

    def _held(self, now: float, node: Asked, on: str) -> None:
        if self.emit is not None:
            self.emit(TaskWaiting(now, node.id, on))
        if self.journal is not None:
            self.journal.note_wait(node.id, on, now - self.began)

    def _abandon(self, worker: Worker) -> None:
        """Give up a call that doesn't stop, and the worker with it."""
        node = worker.node
        assert node is not None
        self.crew.lose(worker)
        failure = stopped(worker.reason, node, still_running=True)
        if self.settles(node, worker, TaskStatus.ABANDONED, failure):
            ends = self.ends(node, TaskStatus.ABANDONED, None, failure)
            self.crew.maker.note_ends(ends)
            self.conclude(node, ends)
        self.crew.recruit()

    def stop(self, failure: Failure, *, writes: bool) -> None:
        """End everything that hasn't started, and tell running calls to stop, those that write only if `writes`."""
        if self.over:
            return
        self._stopped = self._repeating.over = True
        self.issuer.doom = self.issuer.doom or (TaskStatus.CANCELLED, failure)
        idle = self.issuer.doom_pending(TaskStatus.CANCELLED, failure)
        for worker in list(self.crew.workers):
            node = worker.node
            if node is not None and (writes or node.binding.early):
                self._winding.tell(worker, FailureKind.CANCELLED)
        self.issuer.open_commit()
        for step in idle:
            if step.status is None:
                self.issuer.end(step, TaskStatus.CANCELLED, None, failure)
        self._check_over()

    def interrupt(self, error: BaseException) -> None:
        """Ctrl-C was pressed while a tool ran: stop everything, and have it raised when that is done."""
        self.error = error
        self.stop(Failure(FailureKind.CANCELLED, "interrupted"), writes=True)
        self.finish()

    def journal_broke(self, error: Exception) -> None:
        """What ends can't be made durable any more: start nothing else, and keep what there is."""
        if self.failure is None:
            self.failure = Failure(FailureKind.JOURNAL, str(error), 0, class_name(error), error)
            self.stop(Failure(FailureKind.CANCELLED, "not started: the journal can't be written"), writes=False)
            self.finish()

    def _differs(self, failure: Failure) -> None:
        """A run that goes on makes another call than before: start nothing else. It is noticed in the middle of things."""

        async def stop() -> None:
            await checkpoint()
            self.halted = False
            self.stop(
                Failure(FailureKind.CANCELLED, "not started: the run differs from the one that it resumes"),
                writes=False,
            )
            self.finish()

        if self.failure is None:
            self.failure, self.halted = failure, True
            self.start(stop)

    def broke(self, error: BaseException) -> None:
        """The run itself broke, say by an exception from a callback: mark what hadn't ended, and give back what had."""
        if self.over:
            return
        self.error = self.error or error
        self.emit = None
        failure = Failure(FailureKind.CANCELLED, "the run broke off")
        for node in self.issuer.nodes.values():
            if isinstance(node, Planned) and node.status is None:
                node.status, node.failure, node.end = TaskStatus.CANCELLED, failure, self.clock()
        self.over = True
        self.ended.set()

    def add(self, statement: Statement) -> None:
        """Add a task, or another statement; it may start at once if its effect allows. In a run that was stopped it is cancelled."""
        self.issuer.now = self.clock()
        self.issuer.add(statement)
        if not self.over:
            self.crew.hire()

    def retract(self, id_: TaskId) -> None:
        """Take a task back, with all that reads it: running calls are told to stop, results are dropped."""
        self._drop(self.issuer.retract(id_))

    def revise(self, plan: Plan) -> None:
        """Take the whole plan of what was added; running calls that are no part of it any more are told to stop."""
        self.issuer.now = self.clock()
        self._drop(self.issuer.revise(plan))

    def _drop(self, nodes: Iterable[Call]) -> None:
        for node in nodes:
            node.status = node.status or TaskStatus.CANCELLED
            self._winding.dismiss(self.crew, node)
            if self.emit is not None:
                self.emit(TaskRetracted(self.clock(), node.id))

    def finish(self) -> None:
        """No task will be added any more, and what waited for the whole plan may start."""
        if self.over:
            return
        self.whole = True
        self.issuer.open_commit()
        if self._failing:
            self._stop_for_failure()
        self.crew.recruit()
        self._check_over()

    def _stop_for_failure(self) -> None:
        self._failing = False
        if not self._stopped:
            failure = Failure(FailureKind.CANCELLED, "not started: another task failed")
            self.stop(failure, writes=False)

    def _check_over(self) -> None:
        if self.whole and self.issuer.open == 0 and not self.over:
            self.over = True
            self.ended.set()
