"""Give plans that differ in made up names, in numbers and in what is evaluated on a line of its own one form, to compare them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from itertools import chain

from lcc.grammar.ir import (
    Apply,
    Block,
    Choose,
    Clause,
    Comprehension,
    Const,
    Exit,
    ForEach,
    Format,
    If,
    Inline,
    Lambda,
    Let,
    ListOf,
    Local,
    Logic,
    Plan,
    Ref,
    Region,
    Select,
    Spread,
    Statement,
    Task,
    Try,
    Value,
    block_statements,
    blocks_of,
    map_values,
    names_of,
    rebuild,
    references,
    statement_values,
    targets_of,
    with_blocks,
)
from lcc.grammar.ir.operations import METHODS
from lcc.grammar.ir.walk import children, walk
from lcc.grammar.writing.renaming import renamed
from lcc.grammar.writing.step_numbers import numbered
from lcc.grammar.writing.steps import returns, to_steps
from lcc.grammar.writing.values.aliases import giving_what_is_read, with_tails, without_aliases, without_tails
from lcc.grammar.writing.values.written_names import NUMBER, all_names, bindings, counted, key_loops, substituted
from lcc.grammar.writing.values_of_steps import as_record, attributes_of, paths
from lcc.grammar.writing.yielding import Filled


def normal_form(plan: Plan) -> Plan:
    """Return a plan as steps, numbered in text order, without aliases, its names numbered in text order.

    Two plans with bodies that have one normal form do the same. In messages their names may differ.
    """
    if plan.body is None:
        return plan
    steps = giving_what_is_read(to_steps(plan))
    body = without_aliases(Filled(steps.body or ()).block(steps.body or ()), NUMBER)
    body = without_aliases(_texts(_named(_inside(body, _turned))), NUMBER)
    steps = replace(steps, body=body)
    steps = replace(steps, body=_inside(_records(steps.body or ()), _Folds(steps.body or ()).block))
    calls = frozenset(one.id for one in block_statements(steps.body or ()) if isinstance(one, Task))
    steps = numbered(replace(steps, body=map_values(steps.body or (), lambda value: paths(_lists(value), calls))))
    body = renamed(steps.body or (), _new_names(steps.body or ()))
    return replace(steps, body=tuple([_labelled(one) for one in body]))


def _lists(value: Value) -> Value:
    """Return a value whose lists are those of plan files."""
    match rebuild(value, _lists):
        case Apply("display list", items) if not any(isinstance(one, Spread) for one in items):
            return ListOf(items)
        case other:
            return other


def _records(body: Block) -> Block:
    """Return a body whose dicts are records where nothing tells them apart: no name in it is read as an attribute that is a key of theirs."""
    known = attributes_of(body) | METHODS[dict].keys()

    def change(value: Value) -> Value:
        made = rebuild(value, change)
        record = as_record(made) if isinstance(made, Apply) and made.op == "display dict" and made.args else None
        return made if record is None or known & {key for key, _ in record.items} else record

    return map_values(body, change)


def _inside(block: Block, change: Callable[[Block], Block]) -> Block:
    """Return a block in which blocks of Python, and all blocks in them, are changed, the inner ones first."""

    def inner(one: Statement, strict: bool) -> Statement:
        one = with_tails(one)
        blocks = []
        for each in blocks_of(one):
            made = tuple([inner(s, strict or isinstance(one, Region)) for s in each])
            blocks.append(change(made) if strict or isinstance(one, Region) else made)
        return without_tails(with_blocks(one, tuple(blocks)))

    return tuple([inner(one, False) for one in block])


def _turned(block: Block) -> Block:
    """Return a block whose conditions have something to do where they are true, and whose loops without steps are lists."""
    made: list[Statement] = []
    for one in block:
        match one:
            case If(test, (), orelse) if orelse:
                made.append(If(Apply("unary not", (test,)), orelse))
            case If(test, (Let(then, (str(name),), None),), (Let(other, (str(same),), None),)) if name == same:
                made.append(Let(_chosen(test, then, other), (name,)))
            case Inline(id, (*body, Exit("return", value))) if value is not None and not returns(tuple(body)):
                made += [*body, Let(value, (), id)]
            case ForEach(body=(), yields=value, orelse=(), when=None) if value is not None:
                tests = () if one.yield_when is None else (one.yield_when,)
                made.append(Let(Comprehension("list", value, (Clause(one.target, one.items, tests),)), (), one.id))
            case _:
                made.append(one)
    return tuple(made)


def _texts(block: Block) -> Block:
    """Return a block in which fields of texts that have a name are that name in what is made of them."""
    once = bindings(block)
    fields = {
        str(one.targets[0])
        for one in block_statements(block)
        if isinstance(one, Let)
        and len(one.targets) == 1
        and once.get(str(one.targets[0])) == 1
        and _is_field(one.value)
    }

    def change(value: Value) -> Value:
        match rebuild(value, change):
            case Apply("field f-string", (Apply("field field") as only,)):
                return only
            case Apply("field f-string", parts) as text:
                return replace(text, args=tuple([_plain(part, fields) for part in parts]))
            case other:
                return other

    return map_values(block, change)


def _is_field(value: Value) -> bool:
    return isinstance(value, Apply) and value.op in ("field field", "field f-string")


def _plain(part: Value, fields: set[str]) -> Value:
    match part:
        case Apply("field field", (Local(name) as inside, Const(""), Const(None))) if name in fields:
            return inside
        case _:
            return part


def _chosen(test: Value, then: Value, other: Value) -> Value:
    """Return what two ways give, as Python's operators say it where one of them is the condition."""
    if other == test:
        return Logic("and", (test, then))
    return Logic("or", (test, other)) if then == test else Choose(test, then, other)


def _named(block: Block) -> Block:
    """Return a block in which values that have an id, in blocks of Python, have a name."""
    values = [inner for one in block_statements(block) for value in statement_values(one) for inner in walk(value)]
    read = [value for value in values if isinstance(value, Ref)]
    in_texts = {ref.task for value in values if isinstance(value, Format) for ref in references(value)}
    ids = {ref.task for ref in read} - {ref.task for ref in read if ref.path} - in_texts - key_loops(block)
    found: dict[object, str] = {}

    def change(inner: Block) -> Block:
        made: list[Statement] = []
        for one in inner:
            if isinstance(one, Let) and one.id in ids and one.when is None:
                found[one.id] = f"r_{one.id}"
                one = Let(one.value, (found[one.id],))
            made.append(one)
        return tuple(made)

    return map_values(_inside(block, change), lambda value: _as_names(value, found))


def _as_names(value: Value, names: Mapping[object, str]) -> Value:
    match value:
        case Ref(id, ()) if id in names:
            return Local(names[id])
        case _:
            return rebuild(value, lambda one: _as_names(one, names))


class _Folds:
    """Puts values that have a name of their own, or an id, into what reads them right behind and first."""

    def __init__(self, body: Block) -> None:
        self._uses = counted(body)
        self._bound = bindings(body)
        unbound = {one.name for each in block_statements(body) if isinstance(each, Try) for one in each.handlers}
        self._sure = _placed(body) - unbound

    def block(self, block: Block) -> Block:
        made: list[Statement] = []
        for one in block:
            while made and (new := self._folded(made[-1], one)) is not None:
                del made[-1]
                one = new
            made.append(one)
        return tuple(made)

    def _folded(self, before: Statement, one: Statement) -> Statement | None:
        match before:
            case Let(value, (str(name),), None, None) if self._bound.get(name) == 1 and NUMBER.search(name):
                pass
            case _:
                return None
        first = _first(one)
        leaf = None if first is None else _leaf(first, name, self._sure)
        if self._uses.get(name) != 1 or not isinstance(leaf, Local) or leaf.name != name:
            return None
        (new,) = map_values((one,), lambda old: substituted(old, {name: value}))
        return new


def _first(one: Statement) -> Value | None:
    """Return the value that a statement evaluates first."""
    match one:
        case Task(args=args):
            return ListOf(tuple([arg.value for arg in args]))
        case Let(value=value) | Exit(value=value) | If(test=value) | ForEach(items=value):
            return value
        case _:
            return None


def _leaf(value: Value, key: object, sure: Collection[str]) -> Value | None:
    """Return what is evaluated first of a value, constants, other made up names and those that are `sure` to have a value aside; None if all is."""
    if isinstance(value, Const):
        return None
    if isinstance(value, Local) and value.name != key and (value.name in sure or NUMBER.search(value.name)):
        return None
    if isinstance(value, Lambda | Select) or not children(value):
        return value
    if isinstance(value, Logic | Choose):
        return _leaf(children(value)[0], key, sure) or value
    return next((leaf for one in children(value) if (leaf := _leaf(one, key, sure)) is not None), value)


def _new_names(block: Block) -> Mapping[str, str]:
    """Return a new name for each that no other step reads, by the order in which they first stand in the text."""
    shown = {name for one in block_statements(block) if isinstance(one, Region) for name in one.names}
    return {
        name: f"_{place}" for place, name in enumerate(n for n in dict.fromkeys(all_names(block)) if n not in shown)
    }


def _labelled(one: Statement) -> Statement:
    """Return a statement whose helpers have no name, and no names of their own but those that may have no value."""
    one = with_blocks(one, tuple([tuple(map(_labelled, inner)) for inner in blocks_of(one)]))
    if isinstance(one, Inline):
        return replace(one, name="", names=tuple(sorted(set(one.names) - _placed(one.body))))
    return one


def _placed(body: Block) -> set[str]:
    """Return the names that are read only where a block has surely bound them."""
    every, found = counted(body), set()
    todo = [body]
    while todo:
        block = todo.pop()
        for at, one in enumerate(block):
            inner = blocks_of(with_tails(one))
            todo += inner
            behind = counted(inner[0] if isinstance(one, ForEach) else block[at + 1 :])
            names = chain.from_iterable(map(names_of, targets_of(one))) if isinstance(one, ForEach | Let) else ()
            found |= {name for name in names if behind.get(name, 0) == every.get(name, 0)}
    return found
