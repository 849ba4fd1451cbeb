"""Let the large results of a run that has ended stay in its journal alone, and read them back when somebody asks.

    result.tasks[3].value, 20 MB     becomes     where the journal keeps it, and the digest of its text

What the join and the answer hold of them is had from there, too: as a whole, a part by its path, or parts in a list or an object. A value
that the journal doesn't hold as it is stays: one with a secret in it, a text that others were put into, what a program computed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import fields
from hashlib import sha256
from pathlib import Path
from types import MemberDescriptorType
from typing import Any, Final, NamedTuple

from lcc.grammar.dataclass import dataclass
from lcc.grammar.ir import DictOf, ListOf, Ref, TaskId, Value
from lcc.grammar.values import Json, PathError, at_path
from lcc.runtime.binding import size_of
from lcc.runtime.journal.file import JournalError, JournalFile, value_text
from lcc.runtime.journal.record import LARGE_BYTES, Large, RunJournal
from lcc.runtime.recording import ResultGone
from lcc.runtime.result import RunResult, TaskRecord, TaskStatus

GONE: Final = "X010"

_LEVELS: Final = 3
"""Lists and objects within one another that are looked through for large results."""
_MOST_ITEMS: Final = 100_000


class StoredGone(JournalError, ResultGone):
    """A result can't be read back from the journal that keeps it. The message says which, where, and why."""

    code = GONE


@dataclass(frozen=True, slots=True)
class Stored:
    """Where a journal keeps a result. `size`, `digest`: of its text."""

    path: str
    run: str
    task: str
    size: int
    digest: bytes

    def read(self) -> Json:
        """Return the result; raise StoredGone where it isn't there as it was."""
        try:
            with closing(JournalFile(self.path)) as file:
                text = file.result_text(self.run, self.task)
        except JournalError as error:
            raise self._gone(str(error)) from None
        if text is None:
            raise self._gone("it isn't there any more")
        if sha256(text.encode("utf-8", "surrogatepass")).digest() != self.digest:
            raise self._gone("what is there isn't what was written")
        value: Json = json.loads(text)
        return value

    def _gone(self, why: str) -> StoredGone:
        message = f"the result of call {self.task} of run {self.run[:8]} can't be read back from {self.path}: {why}"
        return StoredGone(
            message, "large results are kept in the journal alone: restore it for as long as they are read"
        )

    @property
    def mark(self) -> str:
        """What only equal results have in common."""
        return f"{self.size}:{self.digest.hex()}"


class _Part(NamedTuple):
    """A part of a value of which some is stored."""

    whole: Any
    path: tuple[str | int, ...]


class Outline:
    """A value without its large parts. `tree`: the value, in which a `Stored` or a part of one stands for each."""

    __slots__ = ("tree",)

    def __init__(self, tree: Any) -> None:
        self.tree = tree

    def read(self) -> Json:
        """Return the value; raise StoredGone."""
        value: Json = _whole(self.tree, {})
        return value

    @property
    def mark(self) -> str:
        """A text that equal values have in common if they are outlined alike."""
        return repr(_marks(self.tree))


def _whole(tree: Any, read: dict[Stored, Json]) -> Any:
    if isinstance(tree, Stored):
        if tree not in read:
            read[tree] = tree.read()
        return read[tree]
    if isinstance(tree, _Part):
        return at_path(_whole(tree.whole, read), tree.path)
    if isinstance(tree, list):
        return [_whole(one, read) for one in tree]
    return {key: _whole(one, read) for key, one in tree.items()} if isinstance(tree, dict) else tree


def _marks(tree: Any) -> Any:
    if isinstance(tree, Stored):
        return tree.mark
    if isinstance(tree, _Part):
        return _marks(tree.whole), tree.path
    if isinstance(tree, list):
        return [_marks(one) for one in tree]
    return {key: _marks(one) for key, one in tree.items()} if isinstance(tree, dict) else tree


def _lazy(held: MemberDescriptorType) -> Any:
    """Return a property in the place of a field, which reads what is outlined each time that it is asked for."""

    def get(self: object) -> Any:
        value = held.__get__(self)
        return value.read() if type(value) is Outline else value

    return property(get, held.__set__)


_VALUE: Final[MemberDescriptorType] = vars(TaskRecord)["value"]


class SpilledRecord(TaskRecord):
    """The record of a call whose result is large: it is read from the journal each time that `value` is asked for, which raises StoredGone."""

    __slots__ = ()
    __hash__ = None  # type: ignore[assignment]

    value = _lazy(_VALUE)

    @property
    def outline(self) -> Outline | None:
        """What stays in memory; None where the value does."""
        held = _VALUE.__get__(self)
        return held if type(held) is Outline else None

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, TaskRecord):
            return NotImplemented
        return all(getattr(self, one.name) == getattr(other, one.name) for one in fields(TaskRecord))

    def __repr__(self) -> str:
        return f"TaskRecord(status={self.status!r}, value={'in the journal' if self.outline else repr(self.value)}, start={self.start!r}, end={self.end!r})"


class SpilledResult(RunResult):
    """What a run gave of which much is in its journal: `join` and `answer` are read from there each time that they are asked for."""

    __slots__ = ()
    __hash__ = RunResult.__hash__

    join = _lazy(vars(RunResult)["join"])
    answer = _lazy(vars(RunResult)["answer"])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RunResult):
            return NotImplemented
        compared = [one.name for one in fields(RunResult) if one.compare]
        return all(getattr(self, name) == getattr(other, name) for name in compared)

    def __repr__(self) -> str:
        return f"RunResult(status={self.status.value!r}, {len(self.tasks)} tasks, partly in the journal)"


def mark_of(record: TaskRecord) -> str:
    """Return a text that equal results have in common, without reading one that is in a journal."""
    outline = record.outline if isinstance(record, SpilledRecord) else None
    return repr(record.value) if outline is None else outline.mark


def read_back(records: Mapping[TaskId, TaskRecord]) -> dict[TaskId, TaskRecord]:
    """Return records with their results in memory. Blocks; raises StoredGone."""
    return {
        id_: TaskRecord(one.status, one.value, one.error, one.start, one.end, one.merged)
        if isinstance(one, SpilledRecord)
        else one
        for id_, one in records.items()
    }


def spilled(journal: RunJournal, result: RunResult) -> RunResult:
    """Return what a run gave without what its journal, which is closed, holds of it. A run of small results is returned as it is."""
    stored = _stored(journal, result)
    journal.large.clear()
    journal.known = None
    if not stored:
        return result
    outliner = _Outliner(result, stored)
    kept: dict[str, Any] = {one.name: getattr(result, one.name) for one in fields(RunResult)}
    return SpilledResult(**{**kept, "tasks": outliner.records(), **outliner.handed_back()})


def _stored(journal: RunJournal, result: RunResult) -> dict[TaskId, Stored]:
    """Return where the large results are that a journal holds as they are."""
    path, found = str(Path(journal.file.path).absolute()), dict[TaskId, Stored]()
    known = _recalled(journal, path, result)
    for id_, record in result.tasks.items():
        large = journal.large.get(id_) or known.get(id_)
        if record.status is TaskStatus.OK and large is not None and large.value is record.value:
            found[id_] = Stored(path, journal.run, str(id_), large.size, large.digest)
    return found


def _recalled(journal: RunJournal, path: str, result: RunResult) -> dict[TaskId, Large]:
    """Return the large results that an earlier process took down."""
    before = {} if journal.known is None else journal.known.records
    large = {
        id_: record.value
        for id_, record in result.tasks.items()
        if id_ in before and before[id_].value is record.value and _is_large(record.value)
    }
    if not large:
        return {}
    texts = {id_: value_text(value) for id_, value in large.items()}
    with suppress(JournalError), closing(JournalFile(path)) as file:  # what can't be read stays
        return {
            id_: Large.of(large[id_], text)
            for id_, text in texts.items()
            if file.result_text(journal.run, str(id_)) == text  # else it was settled
        }
    return {}


def _is(tree: object, value: object) -> bool:
    return tree is value


def _is_large(value: Json) -> bool:
    return isinstance(value, str | list | dict) and size_of(value, LARGE_BYTES) > LARGE_BYTES


class _Outliner:
    """Puts where results are stored in the place of them, wherever a run's result holds one."""

    def __init__(self, result: RunResult, stored: Mapping[TaskId, Stored]) -> None:
        self._result = result
        self._stored = stored
        self._same = {id(result.tasks[id_].value): one for id_, one in stored.items()}
        self._equal = {(one.size, one.digest): one for one in stored.values()}

    def records(self) -> dict[TaskId, TaskRecord]:
        """Return the records of all calls."""
        return {id_: self._record(id_, record) for id_, record in self._result.tasks.items()}

    def _record(self, id_: TaskId, record: TaskRecord) -> TaskRecord:
        tree: Any = self._tree_of(id_)
        if tree is record.value:
            return record
        return SpilledRecord(record.status, Outline(tree), record.error, record.start, record.end, record.merged)  # type: ignore[arg-type]

    def _tree_of(self, id_: TaskId) -> Any:
        """Return the tree of a call's result; a fan-out's is a list of those of its elements."""
        value = self._result.tasks[id_].value
        if id_ in self._stored:
            return self._stored[id_]
        tree = [self._same.get(id(one), one) for one in value] if isinstance(value, list) else value
        return tree if isinstance(tree, list) and any(type(one) is Stored for one in tree) else value

    def handed_back(self) -> dict[str, Any]:
        """Return the join and the answer, as fields."""
        result = self._result
        given, join = result.join, None if result.plan is None else result.plan.join
        values = list(given.values()) if isinstance(given, dict) else given
        sources = (None,) * len(values) if join is None or len(join.values) != len(values) else join.values
        trees = [self._tree(value, source, _LEVELS) for value, source in zip(values, sources, strict=True)]
        if all(tree is value for tree, value in zip(trees, values, strict=True)):
            return {}
        answer = {"answer": Outline(trees[0])} if result.answered else {}
        return {"join": Outline(dict(zip(given, trees, strict=True)) if isinstance(given, dict) else trees), **answer}

    def _tree(self, value: Json, source: Value | None, levels: int) -> Any:
        """Return the tree of a value that a run handed back; the value itself if nothing of it is stored."""
        if id(value) in self._same:
            return self._same[id(value)]
        if not _is_large(value):
            return value
        if isinstance(source, Ref):
            return self._part(source, value)
        text = value_text(value)
        large = Large.of(value, text)
        known = self._equal.get((large.size, large.digest))
        if known is not None or not levels or isinstance(value, str) or len(value) > _MOST_ITEMS:  # type: ignore[arg-type]
            return value if known is None else known
        assert isinstance(value, list | dict)
        return self._items(value, source, levels - 1)

    def _items(self, value: list[Json] | dict[str, Json], source: Value | None, levels: int) -> Any:
        if isinstance(value, list):
            read = source.items if isinstance(source, ListOf) else (None,) * len(value)
            trees = [self._tree(one, part, levels) for one, part in zip(value, read, strict=True)]
            return value if all(map(_is, trees, value)) else trees
        parts = dict(source.items) if isinstance(source, DictOf) else {}
        named = {key: self._tree(one, parts.get(key), levels) for key, one in value.items()}
        return value if all(map(_is, named.values(), value.values())) else named

    def _part(self, ref: Ref, value: Json) -> Any:
        """Return the tree of what a reference names, if it still names that value."""
        tasks, path = self._result.tasks, ref.path
        id_ = ref.task if ref.task in tasks else self._result.merged.get(ref.task)
        try:
            if id_ is None or id_ not in tasks or at_path(tasks[id_].value, path) != value:
                return value
        except PathError:
            return value
        tree = self._tree_of(id_)
        while path and isinstance(tree, list) and isinstance(path[0], int):
            tree, path = tree[path[0]], path[1:]
        if tree is tasks[id_].value or not isinstance(tree, list | Stored):
            return value
        return _Part(tree, path) if path else tree
