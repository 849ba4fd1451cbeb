"""Write gathers: each part as one call, or as a call of a function that does it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lcc.grammar.ir import (
    Apply,
    Block,
    Comprehension,
    Const,
    Gather,
    Let,
    Local,
    Part,
    Ref,
    Targets,
    Task,
    TaskId,
    Value,
    names_of,
)
from lcc.grammar.writing.blocks.parts_of_blocks import AWAIT, INDENT, Functions
from lcc.grammar.writing.blocks.written_functions import assigned
from lcc.grammar.writing.blocks.written_loops import WrittenLoops
from lcc.grammar.writing.blocks.written_places import is_simple
from lcc.grammar.writing.values.written_values import OR, Written, write, write_target


class Gathers(WrittenLoops):
    """Writes gathers."""

    def _gather(self, one: Gather) -> None:
        lists = {p.key: p.value for p in self.pending}
        self.claim(*[value for part in one.parts for value in _begun(part)], stays=self.stays(one.id))
        parts = [self._part(part, lists) for part in one.parts]
        if one.exceptions:
            parts.append("return_exceptions=True")
        self.given(one.id, self.awaited(f"asyncio.gather({', '.join(parts)})"))

    def _part(self, part: Part, lists: Mapping[str | TaskId, Value | None]) -> str:
        match part:
            case Part((Task() as task,), Ref(id, ()), None, None) if id == task.id and _are_simple(task):
                return self._bare(self.call(task))
            case Part((Task() as task,), Ref(id, ()), target, items) if (
                target is not None and items is not None and id == task.id and _are_simple(task)
            ):
                call = self._bare(self.call(task))
                return f"*[{call} for {write_target(target, self.names)} in {self.text(items, OR)}]"
            case Part(items=None) if (made := self.parts_of(part.body, part.value)) is not None and made.level == AWAIT:
                return self._bare(made)
            case Part(items=Local(key) | Ref(key, ())):
                spread = self._spread(part, lists.get(key))
                return self._part_function(part) if spread is None else spread
            case _:
                return self._part_function(part)

    def _bare(self, written: Written) -> str:
        return written.text.removeprefix("await ")

    def _spread(self, part: Part, items: Value | None) -> str | None:
        """Write `*[f(x) for x in xs]`, where the list holds the arguments of one call in each element; None if it doesn't."""
        match part.body, items:
            case (
                (Let(Local(place), (Targets((str(), *params), None),)), *rest),
                Comprehension("list", Apply("display tuple", (Const(0), *args)), clauses),
            ) if place == part.target and len(params) == len(args):
                pass
            case _:
                return None
        own = [name for clause in clauses for name in names_of(clause.target)]
        names = [str(param) for param in params]
        with self.names.shortened((Let(items), *rest), own):
            direct = self._direct(tuple(rest), part.value, names, args)
            call = self._through(tuple(rest), part.value, names, args) if direct is None else direct
            made = Comprehension("list", Local(self.names.alias(call)), clauses)
            return f"*{write(made, self.names).text}"

    def _direct(self, body: Block, value: Value, names: Sequence[str], args: Sequence[Value]) -> str | None:
        """Write a part of a gather as one call of what it calls."""
        if any(self.facts.uses.get(name) != 1 for name in names):
            return None
        before = dict(self.names.instead)
        for name, arg in zip(names, args, strict=True):
            self.names.instead[name] = write(arg, self.names)
        made = self.parts_of(body, value)
        self.names.instead = before
        return None if made is None or made.level != AWAIT else self._bare(made)

    def _through(self, body: Block, value: Value, names: Sequence[str], args: Sequence[Value]) -> str:
        """Write a part of a gather as a call of a function that does it."""
        functions = Functions()
        names, left = list(names), list(body)
        while left and isinstance(left[0], Let) and _renames(left[0], names):
            names[names.index(left[0].value.name)] = str(left[0].targets[0])  # type: ignore[union-attr]
            del left[0]
        body = tuple(left)
        with self.names.shortened(body, (*names, *assigned(body))):
            shown = ", ".join([self.names.own[name] for name in names])
            lines = self.function_body(body, names, functions, value)
        name = self.functions.add(lambda: self.names.fresh("part"), "async def", shown, lines)
        return f"{name}({', '.join([self.text(arg) for arg in args])})"

    def _part_function(self, part: Part) -> str:
        functions = Functions()
        own = () if part.target is None else tuple(names_of(part.target))
        with self.names.shortened(part.body, (*own, *assigned(part.body))):
            first, param = [], ""
            if isinstance(part.target, str):
                param = self.names.own[part.target]
            elif part.target is not None:
                param = self.names.fresh("item")
                first = [f"{INDENT}{write_target(part.target, self.names)} = {param}"]
            body = [*first, *self.function_body(part.body, own, functions, part.value)]
        name = self.functions.add(lambda: self.names.fresh("part"), "async def", param, body)
        if part.items is None:
            return f"{name}()"
        each = self.names.fresh("one")
        return f"*[{name}({each}) for {each} in {self.text(part.items, OR)}]"


def _renames(one: Let, names: Sequence[str]) -> bool:
    return isinstance(one.value, Local) and one.value.name in names and len(one.targets) == 1 and one.when is None


def _begun(part: Part) -> tuple[Value, ...]:
    """Return what is evaluated of a part where its gather stands."""
    if part.items is not None:
        return (part.items,)
    match part:
        case Part((Task() as task,), Ref(id, ())) if id == task.id and _are_simple(task):
            return tuple([arg.value for arg in task.args])
        case _:
            return ()


def _are_simple(task: Task) -> bool:
    return all(is_simple(arg.value) for arg in task.args)
