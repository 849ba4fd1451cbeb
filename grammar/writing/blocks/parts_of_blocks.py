"""Write calls and values as parts of what reads them: what is pending, and what becomes a line of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final, Self

from lcc.grammar.dataclass import dataclass
from lcc.grammar.ir import Apply, Block, Comprehension, Local, Spread, Statement, Task, TaskId, Value
from lcc.grammar.ir.blocks import value_locals
from lcc.grammar.writing.values.folding import Pending, claimed
from lcc.grammar.writing.values.written_names import Names, keys_of
from lcc.grammar.writing.values.written_values import LAMBDA, PRIMARY, NotSayable, Written, write, write_arguments

INDENT: Final = "    "
AWAIT: Final = 15


@dataclass(frozen=True)
class Facts:
    """What is to be known of the whole block. `tools`: how tools are called whose names are no Python."""

    uses: Mapping[str | TaskId, int]
    bound: Mapping[str, int]
    keys: frozenset[TaskId]
    awaiting: bool
    tools: Mapping[str, str]


class Functions:
    """The helpers of a program, or of another helper: each is written once."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._known: dict[tuple[str, ...], str] = {}

    def kept(self) -> tuple[list[str], dict[tuple[str, ...], str]]:
        """Return what there is, to come back to it."""
        return list(self.lines), dict(self._known)

    def restore(self, kept: tuple[list[str], dict[tuple[str, ...], str]]) -> None:
        """Come back to what there was."""
        self.lines, self._known = kept

    def add(self, name: Callable[[], str], head: str, params: str, body: Sequence[str]) -> str:
        """Return the name of a helper; of an earlier one that is the same."""
        key = (head, params, *body)
        if key not in self._known:
            self._known[key] = name()
            self.lines += [*([""] if self.lines else []), f"{head} {self._known[key]}({params}):", *body]
        return self._known[key]


class Parts:
    """Keeps what is pending in one block; `bound`: the names that may be bound where it begins; `sure`: those that are."""

    def __init__(
        self,
        names: Names,
        facts: Facts,
        functions: Functions,
        bound: frozenset[str] = frozenset(),
        sure: frozenset[str] = frozenset(),
    ) -> None:
        self.names = names
        self.facts = facts
        self.functions = functions
        self.bound = set(bound)
        self.sure = set(sure)
        self.lines: list[str] = []
        self.pending: list[Pending] = []

    def block(self, block: Block) -> list[str]:
        """Write a whole block; `pass` for an empty one."""
        self.statements(block)
        self.flush()
        return self.lines or ["pass"]

    def _writer(self, *more: str) -> Self:
        """Return what writes a block inside of this one. `more`: names that are bound there, too."""
        bound, sure = frozenset((*self.bound, *more)), frozenset((*self.sure, *more))
        return type(self)(self.names, self.facts, self.functions, bound, sure)

    def inner(self, block: Block, *more: str) -> list[str]:
        """Write a block inside of this one, indented."""
        writer = self._writer(*more)
        lines = writer.block(block)
        self.bound |= writer.bound
        return [INDENT + line for line in lines]

    def claim(self, *values: Value, stays: bool = False) -> None:
        """Make the last pending statements parts of what reads them first; write the others, unless this one is pending, too."""
        count = claimed(values, self.pending, self.sure)
        kept = self.pending[len(self.pending) - count :]
        del self.pending[len(self.pending) - count :]
        read = {key for value in values for key in keys_of(value)}
        if not stays or any(one.key in read for one in self.pending):
            self.flush()
        for one in kept:
            if one.check is None:
                self.names.instead[one.key] = one.written
            if isinstance(one.value, Apply) and one.value.op == "field field":
                self.names.fields[str(one.key)] = one.value

    def put(self, *lines: str) -> None:
        """Write lines, behind what is pending."""
        self.flush()
        self.lines += lines

    def flush(self) -> None:
        """Write what is pending as statements of its own."""
        pending, self.pending = self.pending, []
        for one in pending:
            if one.check is not None:
                raise NotSayable("a method is looked up before the calls that its arguments make")
            self._check_late(one.value)
            name = self.names.own[one.key] if isinstance(one.key, str) else self.names.result(one.key)
            self.lines.append(f"{name} = {one.written.text}")

    def _check_late(self, value: Value | None) -> None:
        """Refuse a generator that is kept, if a name that it reads is assigned anew: who reads it back couldn't tell when."""
        if isinstance(value, Comprehension) and value.kind == "lazy":
            late = sorted(name for name in value_locals(value) if self.facts.bound.get(name, 0) > 1)
            if late:
                raise NotSayable(f"a generator that is read when `{late[0]}` may be another value")

    def text(self, value: Value, level: int = LAMBDA) -> str:
        """Write a value."""
        return write(value, self.names).at(level)

    def stays(self, id: TaskId) -> bool:
        """Whether a result waits for the one statement that reads it."""
        return self.facts.uses.get(id, 0) == 1

    def given(self, id: TaskId, written: Written, value: Value | None = None) -> None:
        """Take a result: it waits for what reads it, or stands alone."""
        if self.stays(id):
            self.pending.append(Pending(id, written, value))
            return
        self.put(f"{self.names.result(id)} = {written.text}" if self.facts.uses.get(id) else written.text)

    def parts_of(self, block: Block, *values: Value, own: Sequence[str] = ()) -> Written | None:
        """Write the last of some values with all statements before it as its parts; None if one has to stand alone.

        `own`: names that are bound there, too.
        """
        writer = self._writer(*own)
        kept = self.names.kept(), self.functions.kept()
        try:
            writer.statements(block)
            writer.claim(*values)
        except NotSayable:
            writer.lines.append("")
        if writer.lines:
            self.names.restore(kept[0])
            self.functions.restore(kept[1])
            return None
        return write(values[-1], self.names)

    def kept(self, value: Value) -> Value:
        """Write a statement that keeps a value in a name of its own."""
        name = self.names.fresh("t")
        self.names.own[f"kept {name}"] = name
        self.put(f"{name} = {self.text(value)}")
        return Local(f"kept {name}")

    def call(self, task: Task) -> Written:
        """Write a call, with `await` in a program that awaits."""
        if task.when is not None or task.ok or task.instead is not None or task.each is not None:
            raise NotSayable("a step with `when`, `each`, `if failed` or `after ok`")
        values = [arg.value for arg in task.args if arg.name is None or isinstance(arg.value, Spread)]
        named = [
            (arg.name, arg.value) for arg in task.args if arg.name is not None and not isinstance(arg.value, Spread)
        ]
        tool = self.facts.tools.get(task.tool, task.tool)
        if not all(part.isidentifier() for part in tool.split(".")):
            raise NotSayable(f"the tool `{task.tool}`, whose name is no name in Python")
        return self.awaited(f"{tool}({write_arguments(values, named, self.names)})")

    def awaited(self, text: str) -> Written:
        """Write `await` before a call in a program that awaits."""
        return Written(f"await {text}", AWAIT) if self.facts.awaiting else Written(text, PRIMARY)

    def _read_less(self, name: str) -> None:
        """Say that a name is read once less: two statements that read it are written as one."""
        uses = {**self.facts.uses, name: self.facts.uses.get(name, 0) - 1}
        self.facts = replace(self.facts, uses=uses)

    def _else(self, block: Block, word: str = "else") -> None:
        if block:
            self.put(f"{word}:")
            self.lines += self.inner(block)

    # what later layers give

    def statements(self, block: Block) -> None:
        """Write statements; the last ones may be pending."""
        raise NotImplementedError

    def statement(self, one: Statement) -> None:
        """Write one statement."""
        raise NotImplementedError
