"""Give everything in a body a name that Python takes: none twice, none that is called as a function or a module there."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from keyword import iskeyword
from typing import Final

from lcc.grammar.ir import (
    Apply,
    Block,
    Builtin,
    Clause,
    Comprehension,
    Const,
    DictOf,
    ForEach,
    Format,
    Gather,
    Inline,
    Input,
    Lambda,
    Let,
    Local,
    Ref,
    Region,
    Task,
    TaskId,
    Value,
    block_statements,
    names_of,
    rebuild,
    statement_values,
    targets_of,
)
from lcc.grammar.ir.literals import string_literal
from lcc.grammar.ir.operations import MODULES
from lcc.grammar.ir.walk import walk
from lcc.grammar.writing.values.written_values import PRIMARY, NotSayable, Written, write, write_path

NUMBER: Final = re.compile(r"(?:_\d+)+\Z")
TEMPORARY: Final = re.compile(r"\A(?:t|made|found|item|items|x|count)_\d+\Z")
"""Names that lowering makes up: they become a part of what reads them."""
_TEXT_METHODS: Final = frozenset({"join", "upper", "lower", "strip", "title", "capitalize", "replace", "format", "lstrip",
                                  "rstrip", "isoformat", "strftime", "zfill", "ljust", "rjust", "center"})  # fmt: skip
_TEXTS: Final = frozenset({"builtin str", "builtin repr", "builtin format", "field f-string", "module json.dumps"})
_ALWAYS: Final = frozenset({"answer", "print", "asyncio", "Annotated"})


def every_value(block: Block) -> Iterator[Value]:
    """Yield every value of a block and of the blocks in it, those in values too."""
    for one in block_statements(block):
        for value in statement_values(one):
            yield from walk(value)


def all_names(block: Block) -> Iterator[str]:
    """Yield every name that something in a block binds or reads, in text order, repeats included."""
    for one in block_statements(block):
        for target in targets_of(one):
            yield from names_of(target)
        match one:
            case Inline(names=names) | Region(names=names):
                yield from names
            case Gather(parts=parts):
                for part in parts:
                    yield from () if part.target is None else names_of(part.target)
            case _:
                pass
        for value in statement_values(one):
            for inner in walk(value):
                yield from _names_in(inner)


def _names_in(value: Value) -> Iterator[str]:
    match value:
        case Local(name):
            yield name
        case Comprehension(clauses=clauses):
            for clause in clauses:
                yield from names_of(clause.target)
        case Lambda(params):
            yield from params
        case _:
            pass


def functions_of(block: Block) -> frozenset[str]:
    """Return the first parts of what a block calls: tools, builtins, modules."""
    found: set[str] = set(_ALWAYS)
    for one in block_statements(block):
        if isinstance(one, Task):
            found.add(one.tool.partition(".")[0])
    for value in every_value(block):
        match value:
            case Builtin(name):
                found.add(name.partition(".")[0])
            case Apply(op) if op.startswith(("builtin ", "module ", "class ")):
                found.add(op.partition(" ")[2].partition(".")[0])
            case Apply("display set", ()):
                found.add("set")
            case _:
                pass
    return frozenset(found)


def modules_of(block: Block) -> tuple[str, ...]:
    """Return the modules that a block uses, sorted."""
    return tuple(sorted(functions_of(block) & set(MODULES)))


def plain_name(name: str) -> str:
    """Return a name as an identifier: what Python has no letters for becomes `_`."""
    made = "".join([c if c.isalnum() or c == "_" else "_" for c in name])
    made = made if made.isidentifier() else f"_{made}" if f"_{made}".isidentifier() else "value"
    return f"{made}_" if iskeyword(made) else made


class Names:
    """The notation of a program, or of a block of a plan file.

    `results`: what is written for the results of steps; `outside`: those that stand outside of a block, by their ids.
    `instead`: what stands for a name or a result that is a part of what reads it.
    """

    def __init__(self, block: Block, inputs: Iterable[str], outside: frozenset[TaskId], *, dollars: bool) -> None:
        self.f_strings = True
        self.taken = set(functions_of(block))
        self.dollars = dollars
        self.inputs = {} if dollars else {name: self.fresh(name) for name in inputs}
        self.own: dict[str, str] = {}
        for name in dict.fromkeys(all_names(block)):
            self.own[name] = self.fresh(name)
        self.results: dict[TaskId, str] = {id: f"${id}" for id in outside} if dollars else {}
        self.instead: dict[str | TaskId, Written] = {}
        self.fields: dict[str, Value] = {}
        self.texts = texts_of(block)
        self.functions: set[TaskId] = set()

    def fresh(self, name: str) -> str:
        """Return a name that nothing has."""
        made = plain = plain_name(name)
        number = 2
        while made in self.taken:
            made, number = f"{plain}_{number}", number + 1
        self.taken.add(made)
        return made

    def result(self, id: TaskId) -> str:
        """Return the name of a result that is kept."""
        if id not in self.results:
            self.results[id] = self.fresh(f"t_{id}".replace("[", "_").replace("]", ""))
        return self.results[id]

    def kept(self) -> tuple[dict[str, str], dict[TaskId, str], set[str], dict[str | TaskId, Written]]:
        """Return what names there are, to come back to them."""
        return dict(self.own), dict(self.results), set(self.taken), dict(self.instead)

    def restore(self, kept: tuple[dict[str, str], dict[TaskId, str], set[str], dict[str | TaskId, Written]]) -> None:
        """Come back to the names that there were."""
        self.own, self.results, self.taken, self.instead = kept

    def alias(self, text: str) -> str:
        """Return a name that is written as a text."""
        name = f"as {text}"
        self.own[name] = text
        return name

    @contextmanager
    def shortened(self, block: Block, own: Collection[str]) -> Iterator[None]:
        """Give names that are a block's own their shortest ones while it is written: `x_2` may be `x` there."""
        before = dict(self.own)
        read = {self.own[name] for name in all_names(block) if name not in own and name in self.own}
        taken = read | functions_of(block) | set(self.inputs.values())
        for name in own:
            short = NUMBER.sub("", plain_name(name))
            if short not in taken:
                self.own[name] = short
            taken.add(self.own[name])
        try:
            yield
        finally:
            self.own.update({name: before[name] for name in own})

    # the leaves of values

    def reference(self, value: Ref | Input) -> Written:
        """Write a result, an input, or a part of one."""
        if isinstance(value, Input):
            return Written(write_path(f"${value.name}" if self.dollars else self.inputs[value.name], value.path))
        folded = self.instead.get(value.task)
        if folded is not None:
            return folded if not value.path else Written(write_path(folded.at(PRIMARY), value.path), PRIMARY)
        if value.task not in self.results:
            raise NotSayable(f"the result `${value.task}` is not at hand where it is read")
        return Written(write_path(self.results[value.task], value.path))

    def name(self, name: str) -> str:
        """Write a name that the plan binds."""
        return self.own[name]

    def local(self, name: str) -> Written:
        """Write the value of a name."""
        return self.instead.get(name) or Written(self.own[name])

    def field(self, name: str) -> Value | None:
        """Return the field of a text that a name holds, if it is a part of the text."""
        return self.fields.get(name) if name in self.instead else None

    def keyed(self, keys: Value) -> Written:
        """Write the function that keys come from."""
        if isinstance(keys, Ref) and keys.task in self.functions and keys.task in self.instead:
            return self.instead[keys.task]
        raise NotSayable("keys that are computed before")

    def builtin(self, path: str) -> str:
        """Write a class, constant or function."""
        return path

    def text(self, text: str, mark: str) -> str:
        """Write a constant text."""
        mark = mark or ("'" if '"' in text and "'" not in text else '"')
        return f"{mark}{string_literal(text, mark[0])[1:-1]}{mark}"

    def template(self, value: Format | Apply, mark: str) -> Written:
        """Write a text of a plan file as an f-string; refuse values that would stand in it as JSON, which f-strings don't write."""
        parts: list[Value] = []
        given = value.parts if isinstance(value, Format) else value.args
        for part in given:
            match part:
                case str(text):
                    parts.append(Const(text))
                case Ref(id) if id in self.texts and not part.path:
                    parts.append(Apply("field field", (part, Const(""), Const(None))))
                case Apply("field text", (inside,)) if is_text(inside):
                    parts.append(Apply("field field", (inside, Const(""), Const(None))))
                case Const() | Apply("field field"):
                    parts.append(part)
                case _:
                    raise NotSayable("a text with `$` writes a value as JSON: write `${str(…)}`")
        return write(Apply("field f-string", tuple(parts)), self, mark)

    def record(self, value: DictOf) -> Written:
        """Write a record as a dict."""
        pairs = [f"{self.text(key, '')}: {write(item, self).text}" for key, item in value.items]
        return Written(f"{{{', '.join(pairs)}}}")


def is_text(value: Value) -> bool:
    """Whether a value is surely a text."""
    match value:
        case Const(str()) | Format():
            return True
        case Apply(op):
            return op in _TEXTS or op.removeprefix("method ") in _TEXT_METHODS
        case _:
            return False


def texts_of(block: Block) -> frozenset[TaskId]:
    """Return the ids of steps whose values are texts for sure."""
    return frozenset(one.id for one in block_statements(block)
                     if isinstance(one, Let) and one.id is not None and is_text(one.value))  # fmt: skip


def counted(block: Block) -> Mapping[str | TaskId, int]:
    """Return how often each name and each result is read; checks of a method don't count, as what follows reads the same."""
    found: dict[str | TaskId, int] = {}
    for value in _read_values(block):
        for one in walk(value):
            key = one.name if isinstance(one, Local) else one.task if isinstance(one, Ref) else None
            if key is not None:
                found[key] = found.get(key, 0) + 1
    return found


def keys_of(value: Value) -> frozenset[str | TaskId]:
    """Return the names and results that a value reads."""
    return frozenset(
        one.name if isinstance(one, Local) else one.task for one in walk(value) if isinstance(one, Local | Ref)
    )


def _read_values(block: Block) -> Iterator[Value]:
    keys = key_loops(block)
    for one in block_statements(block):
        for value in statement_values(one):
            is_check = isinstance(value, Apply) and value.op == "check method"
            if not is_check and not (isinstance(one, ForEach) and one.id in keys and value is one.items):
                yield value


def key_loops(block: Block) -> frozenset[TaskId]:
    """Return the ids of the loops that yield the keys of a `sorted` and the like."""
    found: set[TaskId] = set()
    for value in every_value(block):
        if isinstance(value, Apply):
            found.update(keys.task for name, keys in value.names if name == "keys" and isinstance(keys, Ref))
    return frozenset(found)


def bindings(block: Block) -> Mapping[str, int]:
    """Return in how many places each name is bound, those of values too."""
    found: dict[str, int] = {}
    for one in block_statements(block):
        bound = [name for target in targets_of(one) for name in names_of(target)]
        if isinstance(one, Gather):
            bound += [name for part in one.parts if part.target is not None for name in names_of(part.target)]
        for value in statement_values(one):
            for inner in walk(value):
                if not isinstance(inner, Local):
                    bound += _names_in(inner)
        for name in bound:
            found[name] = found.get(name, 0) + 1
    return found


def constant(value: Value) -> bool:
    """Whether a value is there without being evaluated."""
    return isinstance(value, Const | Builtin) or (isinstance(value, Lambda) and not value.defaults)


def substituted(value: Value, given: Mapping[str, Value]) -> Value:
    """Return a value with others in the place of names that are read from around it."""
    match value:
        case Local(name):
            return given.get(name, value)
        case Comprehension(kind, item, clauses, key, span):
            left = dict(given)
            made = []
            for clause in clauses:
                items = substituted(clause.items, left)
                for name in names_of(clause.target):
                    left.pop(name, None)
                made.append(Clause(clause.target, items, tuple([substituted(one, left) for one in clause.conditions])))
            new_key = None if key is None else substituted(key, left)
            return Comprehension(kind, substituted(item, left), tuple(made), new_key, span)
        case Lambda(params, body, defaults, span):
            inner = {name: one for name, one in given.items() if name not in params}
            return Lambda(params, substituted(body, inner), tuple([substituted(one, given) for one in defaults]), span)
        case _:
            return rebuild(value, lambda one: substituted(one, given))
