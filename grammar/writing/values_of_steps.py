"""Make values of programs those of steps: lists and records for displays where that is the same, plain texts for fields."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager

from lcc.grammar.ir import (
    Apply,
    Block,
    Clause,
    Comprehension,
    Const,
    DictOf,
    Input,
    Lambda,
    ListOf,
    Local,
    Ref,
    Spread,
    Target,
    Targets,
    TaskId,
    Value,
    names_of,
    rebuild,
    text_of,
)
from lcc.grammar.ir.operations import METHODS
from lcc.grammar.writing.values.written_names import NUMBER, every_value, is_text, plain_name


def attributes_of(block: Block) -> frozenset[str]:
    """Return the names that a block reads as attributes or methods."""
    ops = [value.op for value in every_value(block) if isinstance(value, Apply)]
    return frozenset(op.partition(" ")[2] for op in ops if op.startswith(("attribute ", "method ")))


def as_record(display: Apply) -> DictOf | None:
    """Return the record of a dict's display whose keys are texts, none twice; None for any other."""
    args = display.args
    keys = [one.value for one in args[::2] if isinstance(one, Const) and isinstance(one.value, str)]
    if _has_star(args) or len(keys) * 2 != len(args) or len(set(keys)) != len(keys):
        return None
    return DictOf(tuple(zip(keys, args[1::2], strict=True)))


class PlanValues:
    """Changes values. `read`: the names that the program reads as attributes or calls as methods; `taken`: those that no local
    may have. `texts`: the results that are texts for sure."""

    def __init__(self, read: frozenset[str], calls: frozenset[TaskId], taken: frozenset[str]) -> None:
        self.given: dict[str, Value] = {}
        self._taken = taken
        self.texts: set[TaskId] = set()
        self.calls = calls
        self._read = read

    def value(self, value: Value, *, handed: bool = False) -> Value:
        """Return a value as steps say it. `handed`: a tool or the answer gets it, which tells no dict from a record."""
        match value:
            case Local(name) if name in self.given:
                return self.given[name]
            case Apply("display list", items) if not _has_star(items):
                return ListOf(tuple([self.value(item, handed=handed) for item in items]))
            case Apply("display tuple", items) if not _has_star(items):
                made = ListOf(tuple([self.value(item, handed=handed) for item in items]))
                return made if handed else Apply("builtin tuple", (made,))
            case Apply("display dict", args):
                return self._dict(value, args, handed)
            case Apply("field f-string", parts):
                return self._text(parts)
            case Apply("field field"):
                return self._text((value,))
            case Apply(op, args, names) if op.startswith(
                ("builtin sorted", "builtin min", "builtin max", "method sort")
            ):
                keyed = tuple([(name, _listed_key(one) if name == "key" else one) for name, one in names])
                return rebuild(Apply(op, args, keyed), self.value)
            case ListOf(items):
                return ListOf(tuple([self.value(item, handed=handed) for item in items]))
            case Comprehension():
                return self._comprehension(value)
            case Lambda(params, body, defaults, span):
                late = tuple(map(self.value, defaults))
                with self.own(params) as new:
                    return Lambda(tuple([new[one] for one in params]), self.value(body), late, span)
            case _:
                return as_path(rebuild(value, self.value), self.calls)

    def _comprehension(self, value: Comprehension) -> Value:
        """Change a comprehension, whose names are its own."""
        clauses: list[Clause] = []
        with ExitStack() as stack:
            for clause in value.clauses:
                items = self.value(clause.items)
                new = stack.enter_context(self.own(tuple(names_of(clause.target))))
                target = with_names(clause.target, new)
                clauses.append(Clause(target, items, tuple(map(self.value, clause.conditions))))
            key = None if value.key is None else self.value(value.key)
            return Comprehension(value.kind, self.value(value.item), tuple(clauses), key, value.span)

    @contextmanager
    def own(self, names: Sequence[str]) -> Iterator[dict[str, str]]:
        """Change values where names stand for something of their own; yield what they are called there."""
        before = dict(self.given)
        new: dict[str, str] = {}
        for name in names:
            new[name] = self._free(name, new.values())
        self.given.update({old: Local(name) for old, name in new.items()})
        try:
            yield new
        finally:
            for name in names:
                self.given.pop(name, None)
                if name in before:
                    self.given[name] = before[name]

    def _free(self, name: str, others: Collection[str]) -> str:
        """Return a name that a plan file takes for a local one: the shortest that nothing around has."""
        around = {one.name for one in self.given.values() if isinstance(one, Local)} | self._taken | set(others)
        plain = plain_name(name)
        for made in (NUMBER.sub("", plain), plain):
            if made not in around:
                return made
        while plain in around:
            plain += "_2"
        return plain

    def _text(self, parts: tuple[Value, ...]) -> Value:
        """Return a text: a format if it has plain texts of results only."""
        made = tuple([self._part(part) for part in parts])
        plain = [
            part.value if isinstance(part, Const) else part.args[0] if isinstance(part, Apply) else part
            for part in made
        ]
        simple = all(isinstance(part, Const) or (isinstance(part, Apply) and part.op == "field text") for part in made)
        if simple and all(isinstance(one, str | Ref | Input) for one in plain):
            return text_of([one for one in plain if isinstance(one, str | Ref | Input)])
        return Apply("field f-string", made)

    def _dict(self, value: Apply, args: tuple[Value, ...], handed: bool) -> Value:
        found = as_record(value)
        if found is None:
            return rebuild(value, self.value)
        if not args and not handed:
            return Apply("builtin dict")
        made = DictOf(tuple([(key, self.value(one, handed=handed)) for key, one in found.items]))
        known = self._read | METHODS[dict].keys()
        return made if handed or not known & {key for key, _ in found.items} else Apply("builtin dict", (made,))

    def _part(self, part: Value) -> Value:
        match part:
            case Apply("field field", (inside, Const(""), Const(None))):
                made = self.value(inside)
                return (
                    Apply("field text", (made,))
                    if self._is_text(made)
                    else Apply(part.op, (made, Const(""), Const("s")))
                )
            case Local():  # a field that was made before
                return Apply("field text", (self.value(part),))
            case _:
                return rebuild(part, self.value)

    def _is_text(self, value: Value) -> bool:
        return is_text(value) or (isinstance(value, Ref) and not value.path and value.task in self.texts)


def as_path(value: Value, calls: frozenset[TaskId]) -> Value:
    """Return a part of a result as a path of it, where what has such a part gives the same by a path. `calls`: ids of calls."""
    match value:
        case Apply(op, (Ref(id, path),)) if op.startswith("attribute ") and op != "attribute __name__":
            return Ref(id, (*path, op.partition(" ")[2]), value.span)
        case Apply(op, (Apply("subscript load", (Ref(id, path), Const(int() as index))),)) if (
            op.startswith("attribute ") and op != "attribute __name__" and not isinstance(index, bool)
        ):
            return Ref(id, (*path, index, op.partition(" ")[2]), value.span)
        case Apply("subscript load", (Ref(id, path), Const(str(key)))) if id in calls:
            return Ref(id, (*path, key), value.span)
        case _:
            return value


def paths(value: Value, calls: frozenset[TaskId]) -> Value:
    """Return a value in which parts of steps' results are paths."""
    return as_path(rebuild(value, lambda one: paths(one, calls)), calls)


def _has_star(items: Iterable[Value]) -> bool:
    return any(isinstance(one, Spread) for one in items)


def _listed_key(value: Value) -> Value:
    """Return a key's function with lists for tuples: they are ordered alike."""
    match value:
        case Lambda(params, Apply("display tuple", items), defaults, span) if not _has_star(items):
            return Lambda(params, Apply("display list", items), defaults, span)
        case _:
            return value


def with_names(target: Target, new: Mapping[str, str]) -> Target:
    """Return a target with other names."""
    if isinstance(target, str):
        return new[target]
    return Targets(tuple([with_names(item, new) for item in target.items]), target.star)
