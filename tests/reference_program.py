"""Do the statements of a strict plan one after the other, as simply as can be: what the machine is compared with.

Nothing here knows of effects, resources or time: a call is a call of a Python function where the statement stands. What a program
means beyond CPython's rules stands here once: an `answer` ends it, and behind it no call is made any more; a gather does its parts
in order, each with names of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, assert_never

from lcc.grammar.ir import (
    Apply,
    Block,
    Exit,
    ForEach,
    Gather,
    Handler,
    If,
    Inline,
    Let,
    Part,
    Plan,
    Region,
    Statement,
    Task,
    Try,
    Value,
    While,
)
from lcc.grammar.ir.evaluation import Evaluation, bind_target, compile_value
from lcc.grammar.ir.operations import (
    ClassValue,
    Meter,
    OperationError,
    OperationLimits,
    Record,
    caught,
    exception,
    from_plain,
    is_exception,
    to_plain,
)
from lcc.grammar.ir.operations.named.iteration import iterate
from lcc.grammar.ir.operations.named.numeric import is_subclass
from lcc.grammar.values import Json

LIMITS: Final = OperationLimits(steps=20_000, memory=1_000_000, depth=20)
"""Programs that take more end in OperationError."""
Frame = dict[str | int, Any]
Function = Callable[..., Json]
"""A tool: takes its arguments as the call has them, by place and by name."""


@dataclass
class Outcome:
    """What a program came to. `error`: the exception that ended it, as its class and its text. `calls`: those made, in order.

    `handled`: how many exceptions were handled, or are values of a gather.
    """

    answer: Json = None
    answered: bool = False
    returned: Json = None
    printed: str = ""
    offer: Json = None
    error: str | None = None
    calls: list[tuple[str, Json]] = field(default_factory=list)
    handled: int = 0
    names: dict[str, Any] = field(default_factory=dict)

    @property
    def given(self) -> Json:
        """What the run hands back."""
        if self.answered or self.error is not None:
            return self.answer
        return self.returned if self.returned is not None else self.printed or self.offer


class _Leave(BaseException):
    """Control leaves a loop, a function or the program."""

    def __init__(self, kind: str, value: Any = None) -> None:
        self.kind = kind
        self.value = value


def interpret(
    plan: Plan,
    tools: Mapping[str, Function],
    inputs: Mapping[str, Json] | None = None,
    limits: OperationLimits | None = None,
    *,
    siblings: bool = False,
) -> Outcome:
    """Return what a strict plan comes to. `tools` are called, whatever their effects.

    Behind a part of a gather that failed, others may still do what they do: with `siblings` all of them do, else none.
    """
    assert plan.body is not None
    program = _Program(tools, Meter(LIMITS if limits is None else limits))
    program.siblings = siblings
    frame: Frame = {f"${name}": from_plain(value) for name, value in (inputs or {}).items()}
    outcome = program.outcome
    try:
        program.run(plan.body, frame)
    except Exception as error:
        outcome.error = shown(error)
    outcome.names = {name: value for name, value in frame.items() if isinstance(name, str)}
    return outcome


def shown(error: BaseException) -> str:
    """Return the text by which exceptions are compared: the class that a program sees, and the message."""
    found = error if isinstance(error, OperationError) else caught(error)
    return f"{type(found).__name__}: {found}"


class _Program:
    def __init__(self, tools: Mapping[str, Function], meter: Meter) -> None:
        self.meter = meter
        self.evaluation = Evaluation(meter, datetime(2026, 3, 1))
        self.tools = tools
        self.outcome = Outcome()
        self.over = False
        self.siblings = False
        self.handled: list[BaseException] = []

    def run(self, body: Block, frame: Frame) -> None:
        try:
            self.block(body, frame)
        except _Leave as leave:
            value = to_plain(leave.value, self.meter)
            if leave.kind == "answer":
                self.outcome.answer, self.outcome.answered = value, True
            else:
                self.outcome.returned = value

    def block(self, block: Block, frame: Frame) -> None:
        for statement in block:
            self.statement(statement, frame)

    def statement(self, statement: Statement, frame: Frame) -> None:
        match statement:
            case Task():
                frame[self.id(statement.id)] = self.call(statement, frame)
            case Let(value=value):
                self.let(statement, self.evaluate(value, frame), frame)
            case If(test, body, orelse):
                self.block(body if self.evaluate(test, frame) else orelse, frame)
            case ForEach():
                self.loop(statement, frame)
            case While():
                self.repeat(statement, frame)
            case Try():
                self.attempt(statement, frame)
            case Gather(id=id):
                frame[id] = self.gather(statement, frame)
            case Inline(id=id):
                frame[id] = self.function(statement, frame)
            case Region(id=id, body=body, names=names):
                self.block(body, frame)
                frame[id] = Record({name: frame[name] for name in names if name in frame})
            case Exit():
                self.leave(statement, frame)
            case _:
                assert_never(statement)

    def evaluate(self, value: Value, frame: Frame) -> Any:
        return compile_value(value, self.evaluation)(frame)

    def id(self, id: Any) -> int:
        assert isinstance(id, int)
        return id

    def let(self, statement: Let, value: Any, frame: Frame) -> None:
        if isinstance(statement.value, Apply) and statement.value.op == "builtin print":
            self.outcome.printed += value
        if statement.id is not None:
            frame[statement.id] = value
        for target in statement.targets:
            bind_target(target, value, frame, self.meter)

    def call(self, task: Task, frame: Frame) -> Any:
        if self.over:
            raise _Leave("over")
        args = [(arg.name, to_plain(self.evaluate(arg.value, frame), self.meter)) for arg in task.args]
        places = [value for name, value in args if name is None]
        names = {name: value for name, value in args if name is not None}
        self.outcome.calls.append((task.tool, [*places, names] if places else names))
        return from_plain(self.tools[task.tool](*places, **names))

    def loop(self, loop: ForEach, frame: Frame) -> None:
        yielded: list[Any] = []
        for item in iterate(self.evaluate(loop.items, frame)):
            bind_target(loop.target, item, frame, self.meter)
            if not self.turn(loop.body, frame):
                break
            if loop.yields is not None and (loop.yield_when is None or self.evaluate(loop.yield_when, frame)):
                yielded.append(self.evaluate(loop.yields, frame))
        else:
            self.block(loop.orelse, frame)
        if loop.yields is not None:
            frame[loop.id] = yielded

    def repeat(self, loop: While, frame: Frame) -> None:
        while self.evaluate(loop.test, frame):
            if not self.turn(loop.body, frame):
                break
        else:
            self.block(loop.orelse, frame)

    def turn(self, body: Block, frame: Frame) -> bool:
        """Do one turn of a loop; return whether it goes on."""
        try:
            self.block(body, frame)
        except _Leave as leave:
            if leave.kind not in ("break", "continue"):
                raise
            return leave.kind == "continue"
        return True

    def attempt(self, statement: Try, frame: Frame) -> None:
        try:
            try:
                self.block(statement.body, frame)
            except OperationError:
                raise
            except Exception as error:
                self.handle(statement.handlers, caught(error), frame)
            else:
                self.block(statement.orelse, frame)
        except (_Leave, Exception) as end:
            self.over = (
                self.over or isinstance(end, OperationError) or (isinstance(end, _Leave) and end.kind == "answer")
            )
            self.finish(statement.final, frame)
            raise
        self.block(statement.final, frame)

    def finish(self, final: Block, frame: Frame) -> None:
        """Do a `finally` on the way out. Where the program has ended it stops at a call, and whatever else it does, that stands."""
        try:
            self.block(final, frame)
        except OperationError:
            raise
        except (_Leave, Exception):
            if not self.over:
                raise

    def handle(self, handlers: tuple[Handler, ...], error: BaseException, frame: Frame) -> None:
        for handler in handlers:
            if handler.classes is not None and not catches(self.evaluate(handler.classes, frame), error):
                continue
            self.outcome.handled += 1
            self.handled.append(error)
            if handler.name is not None:
                frame[handler.name] = error
            try:
                self.block(handler.body, frame)
            finally:
                self.handled.pop()
                if handler.name is not None:
                    frame.pop(handler.name, None)
            return
        raise error

    def gather(self, gather: Gather, frame: Frame) -> list[Any]:
        values = []
        first: Exception | None = None
        lists = [
            [None] if part.items is None else list(iterate(self.evaluate(part.items, frame))) for part in gather.parts
        ]
        for part, items in zip(gather.parts, lists, strict=True):
            for item in items:
                try:
                    values.append(self.part(part, item, dict(frame)))
                except OperationError:
                    raise
                except Exception as error:
                    if gather.exceptions:
                        self.outcome.handled += 1
                        values.append(caught(error))
                    elif not self.siblings:
                        raise
                    else:
                        first = first or error
        if first is not None:
            raise first
        return values

    def part(self, part: Part, item: Any, frame: Frame) -> Any:
        if part.target is not None:
            bind_target(part.target, item, frame, self.meter)
        self.block(part.body, frame)
        return self.evaluate(part.value, frame)

    def function(self, inline: Inline, frame: Frame) -> Any:
        for name in inline.names:
            frame.pop(name, None)
        try:
            self.block(inline.body, frame)
        except _Leave as leave:
            if leave.kind != "return":
                raise
            return leave.value
        return None

    def leave(self, exit: Exit, frame: Frame) -> None:
        value = None if exit.value is None else self.evaluate(exit.value, frame)
        if exit.kind == "offer":
            self.outcome.offer = to_plain(value, self.meter)
        elif exit.kind != "raise":
            raise _Leave(exit.kind, value)
        elif exit.value is None:
            raise self.handled[-1] if self.handled else RuntimeError("No active exception to reraise")
        else:
            raise raised(value)


def raised(value: Any) -> BaseException:
    """Return the exception that `raise value` raises."""
    if isinstance(value, ClassValue) and is_exception(exception(value.name)):
        return exception(value.name)
    return value if is_exception(value) else TypeError("exceptions must derive from BaseException")


def catches(classes: Any, error: BaseException) -> bool:
    """Whether `except classes` catches an exception."""
    if isinstance(classes, tuple):
        return any(catches(one, error) for one in classes)
    if not isinstance(classes, ClassValue):
        raise TypeError("catching classes that do not inherit from BaseException is not allowed")
    return is_subclass(type(error), classes.name)
