"""Make up canonical plans within the bounds of a grammar, and texts that a grammar admits."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import strategies
from hypothesis import assume, strategies as st
from llguidance import LLMatcher, LLTokenizer

from lcc.grammar.constrain.bounds import Bounds
from lcc.grammar.ir import (
    Const,
    DictOf,
    Format,
    Join,
    ListOf,
    Path,
    Plan,
    Ref,
    Task,
    Value,
    map_references,
    text_of,
)
from lcc.grammar.ir.literals import NAME, string_literal
from lcc.grammar.signatures import ANY, ListType, RecordType, Tools, Type, UnionType
from lcc.grammar.syntax.print_plan import print_plan
from lcc.passes.analysis.calls import Calls
from lcc.passes.bind import bind, wanted_inside

BOUNDS = Bounds(tasks=4, string_length=60, items=4, pairs=3, nesting=2)
TOKENIZER = LLTokenizer("byte")


def matcher(lark: str) -> LLMatcher:
    """Return llguidance's matcher of a grammar, over bytes."""
    made = LLMatcher(TOKENIZER, LLMatcher.grammar_from_lark(lark))
    assert not made.get_error(), made.get_error()
    return made


def admits(lark: str, text: str) -> bool:
    """Whether llguidance takes the whole text."""
    made = matcher(lark)
    data = list(text.encode())
    return made.try_consume_tokens(data) == len(data) and made.is_accepting()


def walk(lark: str, chooser: random.Random, most: int = 4_000) -> str:
    """Return a text that the grammar admits: byte after byte, each chosen among those that the matcher allows."""
    made = matcher(lark)
    written = bytearray()
    for _ in range(most):
        if made.is_accepting() and (made.is_stopped() or chooser.random() < 0.5):
            break
        allowed = [byte for byte, bias in enumerate(made.compute_logit_bias()[:256]) if bias]
        if not allowed:
            assert made.is_accepting(), bytes(written)
            break
        telling = [byte for byte in allowed if chr(byte) in "\"'$\\{}[].,:()=- 01aeint\nATF"]
        byte = chooser.choice(telling if telling and chooser.random() < 0.8 else allowed)
        assert made.consume_token(byte)
        written.append(byte)
    assert made.is_accepting(), bytes(written)
    return written.decode()


@st.composite
def canonical_programs(draw: st.DrawFn, bounds: Bounds = BOUNDS, first: int = 1) -> tuple[str, Tools]:
    """The text of a canonical plan within bounds, and its tools."""
    plan, tools = draw(strategies.programs(max_tasks=bounds.tasks).filter(lambda made: bool(made[0].tasks)))
    numbers = {task.id: first + place for place, task in enumerate(plan.tasks)}
    calls = Calls(tools)

    def moved(value: Value) -> Value:
        return map_references(value, lambda ref: Ref(numbers[ref.task], draw(_paths())))

    tasks = []
    for task in plan.tasks:
        convention = calls.convention(task.tool)
        assert convention is not None
        args = []
        for place, arg in enumerate(task.args):
            parameter = convention.parameter_of(arg, place)
            assert parameter is not None
            target = ListType(parameter.type) if arg.each else parameter.type
            assume(not arg.each or arg.value != ListOf(()))
            args.append(replace(arg, value=_tame(moved(arg.value), target)))
        tasks.append(Task(numbers[task.id], task.tool, tuple(args)))
    ids = [task.id for task in tasks]
    bound = bind(Plan((), tuple(tasks), draw(_ends(ids))), tools)
    return print_plan(bound), tools


@st.composite
def _ends(draw: st.DrawFn, ids: Sequence[int]) -> Join:
    refs = st.builds(Ref, st.sampled_from(ids), _paths())
    if draw(st.booleans()):
        part = strategies.texts() | refs
        value = draw(st.lists(part, min_size=1, max_size=4).map(text_of) | refs | strategies.constants())
        return Join((_tame(value, ANY),), direct=True)
    read = draw(st.lists(refs, max_size=3))
    if read:
        return Join(tuple(read))
    return Join(tuple(Ref(id) for id in ids), tuple(ids))


def _paths() -> st.SearchStrategy[Path]:
    key = st.text(st.characters(exclude_characters="\"'\\{}", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8)
    shown = key.filter(lambda text: NAME.match(text) is not None or string_literal(text, more="{}") == f'"{text}"')
    step = strategies.names() | shown | st.integers(-9_999, 9_999)
    return st.lists(step, max_size=3).map(tuple)


def _tame(value: Value, type_: Type, depth: int = 0) -> Value:
    """Bring a value within the bounds: numbers, lengths and depth; the fields of records in the order of declaration."""
    match value:
        case Const(int(number)) if not isinstance(number, bool):
            return Const(number % 10**18 if abs(number) >= 10**18 else number)
        case Const(float(number)):
            return Const(1.5 if abs(number) >= 1e308 else number)
        case Const(str(text)):
            return value if len(text) <= BOUNDS.string_length else Const("")
        case Format(parts):
            length = sum(len(part) if isinstance(part, str) else 1 for part in parts)
            return (
                value
                if length <= BOUNDS.string_length
                else Format(tuple(p for p in parts if not isinstance(p, str))[:1])
            )
        case ListOf() | DictOf() if type_ == ANY and depth >= BOUNDS.nesting:
            return Const(None)
        case ListOf(items):
            deeper = depth + (type_ == ANY)
            given = zip(items, wanted_inside(value, type_), strict=True)
            return ListOf(tuple([_tame(item, wanted, deeper) for item, wanted in given][: BOUNDS.items]))
        case DictOf(pairs):
            deeper = depth + (type_ == ANY)
            members = type_.members if isinstance(type_, UnionType) else (type_,)
            declared = [field.name for member in members if isinstance(member, RecordType) for field in member.fields]
            given = zip(pairs, wanted_inside(value, type_), strict=True)
            kept = [(key, _tame(item, wanted, deeper)) for (key, item), wanted in given][: BOUNDS.pairs]
            return DictOf(tuple(sorted(kept, key=lambda pair: declared.index(pair[0]) if pair[0] in declared else 0)))
        case _:
            return value
