"""Run plans on fake tools, one call at a time, as simply as can be: what optimized plans are compared with.

Nothing here uses an analysis of `lcc.passes`. Resources are keyed by the arguments that a call really has. A tool's result is
a digest of its name, its arguments and, unless it is pure or undeclared, the writes that its resources have seen so far; so a
read that sees another state, or a call that gets another argument, shows.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from random import Random

from lcc.grammar.ir import (
    Const,
    DictOf,
    Element,
    Format,
    Input,
    ListOf,
    Plan,
    Ref,
    Task,
    TaskId,
    Value,
    references,
    task_references,
)
from lcc.grammar.ir.origins import Origins
from lcc.grammar.signatures import FLOAT, INT, STR, Effect, ListType, LiteralType, Signature, Tools, Type, coerce
from lcc.grammar.values import Json, PathError, at_path, copy_json, to_text


class Failed(Exception):
    """A call failed, or what it reads did."""


class Missing(Failed):
    """What a call reads has no result."""


@dataclass
class World:
    """The outside: for each resource the writes that it has seen."""

    writes: dict[str, list[str]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)


@dataclass
class Outcome:
    """What a run gave. `join` holds None for what could not be had; `skipped` are tasks that read what has no result."""

    join: Json
    missing: frozenset[int]
    writes: dict[str, list[str]]
    results: dict[TaskId, Json]
    failed: frozenset[TaskId] = frozenset()
    skipped: frozenset[TaskId] = frozenset()


FailsWhen = Callable[[str], bool]


def never(_: str) -> bool:
    return False


class Interpreter:
    """Run one plan. With `random`, calls run in any order that data and order edges allow; without, in plan order."""

    def __init__(
        self,
        plan: Plan,
        tools: Tools,
        inputs: Mapping[str, Json],
        fails: FailsWhen = never,
        random: Random | None = None,
    ) -> None:
        self.plan = plan
        self.tools = tools
        self.inputs = inputs
        self.fails = fails
        self.random = random
        self.world = World()
        self.origins = Origins(plan.origins)
        self.fan_outs = {task.id: task for task in plan.tasks if task.each is not None}
        self.results: dict[TaskId, Json] = {}
        self.failed: set[TaskId] = set()
        self.skipped: set[TaskId] = set()
        self.lists: dict[TaskId, list[Value]] = {}

    def run(self) -> Outcome:
        steps: list[tuple[Task, int | None]] = [(task, None) for task in self.plan.tasks]
        while steps:
            ready = [step for step in steps if self._is_ready(*step)]
            assert ready, f"nothing is ready of {[str(task.id) for task, _ in steps]}"
            step = ready[0] if self.random is None else self.random.choice(ready)
            at = steps.index(step)
            steps[at : at + 1] = self._step(*step)
            self._sum_up()
        return self._outcome()

    # one step: unroll a fan-out, or make a call

    def _step(self, task: Task, place: int | None) -> list[tuple[Task, int | None]]:
        if place is not None or task.each is None:
            self._call(task, place)
            return []
        assert isinstance(task.id, int)
        try:
            items = self._items(task)
        except Failed:
            self.failed.add(task.id)
            return []
        self.lists[task.id] = items
        return [(task, k) for k in range(len(items))]

    def _items(self, task: Task) -> list[Value]:
        assert task.each is not None
        value = task.each.value
        if isinstance(value, ListOf):
            return list(value.items)
        if isinstance(value, Ref) and not value.path and value.task in self.fan_outs:
            if value.task not in self.lists:
                raise Failed
            return [Ref(Element(value.task, k)) for k in range(len(self.lists[value.task]))]
        found = self.value(value)
        if not isinstance(found, list):
            raise Failed
        return [_Given(item) for item in found]

    def _call(self, task: Task, place: int | None) -> None:
        id = task.id if place is None else Element(task.id, place)
        try:
            arguments = self._arguments(task, place)
            self.results[id] = self._tool(self.tools[task.tool], arguments)
        except Failed:
            self.failed.add(id)
            if any(map(self._lacks, self._sources(task, place))):
                self.skipped.add(id)

    def _sources(self, task: Task, place: int | None) -> list[Value]:
        values = [arg.value for arg in task.args if not (arg.each and place is not None)]
        item = None if place is None else self.lists[task.id][place]
        return values if item is None or isinstance(item, _Given) else [*values, item]

    def _lacks(self, value: Value) -> bool:
        """Whether a value reads what has no result."""
        for ref in references(value):
            try:
                self._ref(ref)
            except Missing:
                return True
            except Failed:
                continue
        return False

    def _arguments(self, task: Task, place: int | None) -> dict[str, Json]:
        signature = self.tools[task.tool]
        positional = [p for p in signature.parameters if not p.keyword_only]
        found: dict[str, Json] = {}
        for at, arg in enumerate(task.args):
            parameter = positional[at] if arg.name is None else signature.parameter(arg.name)
            assert parameter is not None
            value = self.lists[task.id][place] if arg.each and place is not None else arg.value
            result = value.value if isinstance(value, _Given) else self.value(value)
            found[parameter.name] = coerce(copy_json(result), parameter.type)
            if not takes(found[parameter.name], parameter.type):
                raise Failed
        for parameter in signature.parameters:
            if not parameter.required:
                found.setdefault(parameter.name, coerce(parameter.default, parameter.type))  # type: ignore[arg-type]
        return found

    def _tool(self, signature: Signature, arguments: dict[str, Json]) -> Json:
        for parameter in signature.parameters:
            if not parameter.required:
                arguments.setdefault(parameter.name, coerce(parameter.default, parameter.type))  # type: ignore[arg-type]
        call = json.dumps([signature.name, {k: arguments[k] for k in sorted(arguments)}])
        if self.fails(call):
            raise Failed
        keys = resource_keys(signature, arguments)
        state = [[key, *self.world.writes.get(key, [])] for key in keys]
        if signature.effect.writes:
            for key in dict.fromkeys(keys):
                self.world.writes.setdefault(key, []).append(call)
        return fake_result(signature, call, state)

    # values

    def value(self, value: Value) -> Json:
        match value:
            case Const(scalar):
                return scalar
            case Input(name, path):
                return follow(self.inputs[name], path)
            case Ref():
                return self._ref(value)
            case Format(parts):
                return "".join(p if isinstance(p, str) else to_text(self.value(p)) for p in parts)
            case ListOf(items):
                return [self.value(item) for item in items]
            case DictOf(pairs):
                return {key: self.value(item) for key, item in pairs}
            case _:
                raise AssertionError(value)

    def _ref(self, ref: Ref) -> Json:
        id, path = ref.task, ref.path
        if id in self.fan_outs and path and isinstance(path[0], int):
            if id not in self.lists:
                raise Missing
            length = len(self.lists[id])
            if not -length <= path[0] < length:
                raise Failed
            id, path = Element(id, path[0] % length), path[1:]
        if id not in self.results:
            stands = self.origins.value_of(id) if id in self.origins else None
            if stands is None or id in self.failed:
                raise Missing
            return follow(self.value(stands), path)
        return follow(self.results[id], path)

    def _sum_up(self) -> None:
        """Give each fan-out the list of its elements' results once all are there, and all that it reads has ended."""
        open_lists = [id for id in self.lists if not self._has_ended(id)]
        for id in open_lists:
            elements = [Element(id, k) for k in range(len(self.lists[id]))]
            reads = task_references(self.fan_outs[id])
            if all(map(self._is_whole, reads)) and all(map(self._has_ended, elements)):
                if any(element in self.failed for element in elements):
                    self.failed.add(id)
                else:
                    self.results[id] = [self.results[element] for element in elements]
        if any(self._has_ended(id) for id in open_lists):
            self._sum_up()

    # order

    def _has_ended(self, id: TaskId) -> bool:
        return id in self.results or id in self.failed

    def _is_ready(self, task: Task, place: int | None) -> bool:
        if not all(self._is_over(id) for id in task.after):
            return False
        if place is not None:
            signature = self.tools[task.tool]
            item = self.lists[task.id][place]
            if signature.effect.writes and place and not self._has_ended(Element(task.id, place - 1)):
                return False
            others = [arg.value for arg in task.args if not arg.each]
            return all(map(self._is_there, others if isinstance(item, _Given) else [*others, item]))
        if task.each is not None:
            value = task.each.value
            if isinstance(value, ListOf):
                return True
            if isinstance(value, Ref) and not value.path and value.task in self.fan_outs:
                return value.task in self.lists or value.task in self.failed
            return self._is_there(value)
        return all(self._is_there(arg.value) for arg in task.args)

    def _is_over(self, id: TaskId) -> bool:
        """Whether a task has ended, and everything before it: a skipped task still waits for its predecessors."""
        return self._has_ended(id)

    def _is_whole(self, ref: Ref) -> bool:
        return self._is_there(Ref(ref.task))

    def _is_there(self, value: Value) -> bool:
        match value:
            case Const() | Input():
                return True
            case Ref(id, path):
                if id in self.fan_outs and path and isinstance(path[0], int) and id in self.lists:
                    length = len(self.lists[id])
                    return not -length <= path[0] < length or self._has_ended(Element(id, path[0] % length))
                if self._has_ended(id):
                    return True
                stands = self.origins.value_of(id) if id in self.origins else None
                return stands is not None and stands != value and self._is_there(stands)
            case Format(parts):
                return all(self._is_there(part) for part in parts if not isinstance(part, str))
            case ListOf(items):
                return all(map(self._is_there, items))
            case DictOf(pairs):
                return all(self._is_there(item) for _, item in pairs)
            case _:
                raise AssertionError(value)

    def _outcome(self) -> Outcome:
        join = self.plan.join
        assert join is not None
        values: list[Json] = []
        missing = set()
        for at, value in enumerate(join.values):
            try:
                values.append(self.value(value))
            except Failed:
                missing.add(at if join.labels is None else join.labels[at])
                values.append(None)
        named: Json = values if join.labels is None else {str(k): v for k, v in zip(join.labels, values, strict=True)}
        return Outcome(
            named,
            frozenset(missing),
            self.world.writes,
            self.results,
            frozenset(self.failed),
            frozenset(self.skipped),
        )


@dataclass(frozen=True)
class _Given:
    """An element that came as a result."""

    value: Json


def follow(value: Json, path: tuple[str | int, ...]) -> Json:
    """Return what is at a path, or fail."""
    try:
        return at_path(value, path)
    except PathError:
        raise Failed from None


def takes(value: Json, type_: Type) -> bool:
    """Whether a parameter of a fake tool takes a value as it is."""
    if isinstance(type_, LiteralType):
        return isinstance(value, str) and value in type_.values
    wanted = {FLOAT: float, INT: int, STR: str}.get(type_)
    return wanted is None or (isinstance(value, wanted) and not isinstance(value, bool))


def resource_keys(signature: Signature, arguments: Mapping[str, Json]) -> list[str]:
    """Return the resources that a call really uses."""
    if signature.effect in (Effect.PURE, Effect.UNDECLARED):
        return []
    return [
        "".join(part if at % 2 == 0 else to_text(arguments[part]) for at, part in enumerate(resource.parts))
        for resource in signature.resources
    ]


def fake_result(signature: Signature, call: str, state: Json) -> Json:
    """Return what a fake tool returns: what it declares, or else a dict with a text, a number and a list."""
    digest = blake2b(json.dumps([call, state]).encode(), digest_size=4).hexdigest()
    number = int(digest, 16) % 5
    match signature.result:
        case ListType(ListType()):
            return [[f"{digest}-{k}-{i}" for i in range(number % 3)] for k in range(int(digest[0], 16) % 3)]
        case ListType():
            return [f"{digest}-{k}" for k in range(int(digest[0], 16) % 3)]
        case type_ if type_ == INT:
            return number
        case type_ if type_ == FLOAT:
            return number / 2
        case type_ if type_ == STR:
            return digest
        case _:
            return {"v": digest, "n": number, "l": [f"{digest}:0", f"{digest}:1"]}
