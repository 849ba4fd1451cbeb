"""Make up tools and plans that call them: random calls between motifs, small patterns of calls that went wrong somewhere once.

    make_program(r)  tools of every effect, and a plan that calls them with few different arguments, so that calls repeat, conflict
                     and expand often; the tools have resources that overlap, batch forms, conversions and results of every shape
    programs()       the same, drawn by Hypothesis
    shapes_of(p)     the names of the shapes that a program has; `SHAPES` are all that the generator must reach

What the tools do when they are called is `random_world`'s; what a result looks like is `reference_interpreter.fake_result`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from random import Random
from typing import Final, NamedTuple

from hypothesis import strategies as st

from lcc.grammar.ir import (
    Arg,
    Const,
    DictOf,
    Format,
    Input,
    InputDecl,
    Join,
    ListOf,
    Plan,
    Ref,
    Task,
    Value,
    inputs_of,
    references,
    text_of,
)
from lcc.grammar.ir.text_form import print_ir
from lcc.grammar.signatures import (
    ANY,
    FLOAT,
    INT,
    OUTSIDE,
    STR,
    Batch,
    Effect,
    Field,
    ListType,
    LiteralType,
    Parameter,
    RecordType,
    Resource,
    Signature,
    Tools,
    Type,
)
from lcc.grammar.values import Json

INPUTS: Final[dict[str, Json]] = {"city": "a", "names": ["a", "b"], "count": 2}
"""The values that plans are run with."""
DEFAULTED: Final = ("city", "count")
"""The inputs that need not be given: their default is the value in INPUTS."""

RECORD: Final = RecordType("Result", (Field("v", STR), Field("n", ANY), Field("l", ListType(STR))))
WORD: Final = LiteralType(("a", "b"))
NESTED: Final = ListType(ListType(STR))
RESULTS: Final[tuple[Type, ...]] = (ANY, ANY, RECORD, ListType(STR), NESTED, INT, FLOAT, STR)
PATTERNS: Final = ("", "r", "s", "f:{x}", "f:{x}", "f:{x}", "f:{x}/{y}", "f:a", "g:{y}", "f:")
TEXTS: Final = ("a", "b", "a/b")
DECLARED: Final = (
    InputDecl("city", "str", Const("a")),
    InputDecl("names", "list[str]"),
    InputDecl("count", "int", Const(2)),
)


class Program(NamedTuple):
    """Tools, and a plan that calls them correctly."""

    tools: Tools
    plan: Plan

    def __repr__(self) -> str:
        """Show it as it is read: declarations and the text of the IR."""
        lines = [f"{s}: {s.effect} {[r.pattern for r in s.resources]} {s.batch or ''}" for s in self.tools.values()]
        return "\n".join(["", *lines, print_ir(self.plan)])


# tools


def toolset(chance: Random) -> Tools:
    """Make up four to seven tools, one of each declared effect among them. What only reads may have a batch form, a pure one fold."""
    tools: dict[str, Signature] = {}
    effects = [Effect.READ, Effect.WRITE, Effect.DESTRUCTIVE, Effect.PURE]
    effects += chance.choices(list(Effect), k=chance.randint(0, 3))
    for number, effect in enumerate(effects):
        patterns = list(dict.fromkeys(chance.choices(PATTERNS, k=chance.randint(1, 2))))
        if number < 3 and chance.random() < 0.5:
            patterns = ["f:{x}"]
        resources = tuple(Resource(pattern or OUTSIDE) for pattern in patterns)
        if effect in (Effect.PURE, Effect.UNDECLARED):
            resources = ()
        name = f"t{number}"
        batch = None
        if effect.may_start_early and chance.random() < 0.5:
            batch = Batch(f"{name}_all", chance.randint(2, 3))
            families = tuple(Resource(resource.parts[0]) for resource in resources)
            items = (Parameter("items", ListType(ANY)),)
            tools[batch.tool] = Signature(batch.tool, items, ListType(ANY), effect, families)
        fold = effect is Effect.PURE and chance.random() < 0.5
        idempotent = effect is Effect.WRITE and chance.random() < 0.5
        result = chance.choice(RESULTS)
        tools[name] = Signature(
            name, _parameters(chance), result, effect, resources, idempotent=idempotent, fold=fold, batch=batch
        )
    return tools


def _parameters(chance: Random) -> tuple[Parameter, ...]:
    keyword_only = chance.random() < 0.5
    return (
        Parameter("x", chance.choice([ANY, ANY, STR])),
        Parameter("y", chance.choice([ANY, ANY, STR, WORD]), required=False, default="a", keyword_only=keyword_only),
        Parameter("z", FLOAT, required=False, default=1, keyword_only=True),
        Parameter("k", INT, required=False, default=1, keyword_only=True),
    )


# plans

Kind = tuple[Type, int | None]
"""What a task gives: the type of one result, and for a fan-out its length, -1 where only the run knows it."""


@dataclass
class _Writer:
    """A plan that is being made up."""

    chance: Random
    tools: Tools
    tasks: list[Task] = field(default_factory=list)
    results: dict[int, Kind] = field(default_factory=dict)

    # tasks

    def tool(self, *effects: Effect, result: Callable[[Type], bool] | None = None) -> Signature | None:
        """Draw a tool of some effects whose result is as wanted; None if there is none."""
        found = [
            s
            for s in self.tools.values()
            if not s.name.endswith("_all")
            and (not effects or s.effect in effects)
            and (result is None or result(s.result))
        ]
        return self.chance.choice(found) if found else None

    def add(self, signature: Signature | None, *args: Arg) -> int:
        """Add a task; return its id. Ids have gaps."""
        signature = signature or self.tool()
        assert signature is not None
        id = (self.tasks[-1].id if self.tasks else 0) + self.chance.randint(1, 2)  # type: ignore[operator]
        self.tasks.append(Task(id, signature.name, args))
        spread = next((arg for arg in args if arg.each), None)
        length = None if spread is None else len(spread.value.items) if isinstance(spread.value, ListOf) else -1
        self.results[id] = (signature.result, length)
        return id

    def call(self, signature: Signature | None = None) -> int:
        """Add a call with random arguments; sometimes one like an earlier one, written differently."""
        if signature is None and self.tasks and self.chance.randint(0, 3) == 0:
            earlier = self.chance.choice(self.tasks)
            return self.add(self.tools[earlier.tool], *self._restyled(earlier.args))
        signature = signature or self.tool()
        assert signature is not None
        return self.add(signature, *self._arguments(signature))

    def _arguments(self, signature: Signature) -> Iterable[Arg]:
        x, y, *_ = signature.parameters
        fan_out = self.chance.randint(0, 3) == 0
        first = self.spread(x.type) if fan_out else self.value(x.type)
        name = self.chance.choice([None, "x"])
        yield Arg(name, first, fan_out)
        if self.chance.random() < 0.5:
            positional = name is None and not y.keyword_only and self.chance.random() < 0.5
            yield Arg(None if positional else "y", self.value(y.type))
        for other in ("z", "k"):
            if self.chance.randint(0, 4) == 0:
                yield Arg(other, self.number(FLOAT if other == "z" else INT))

    def _restyled(self, args: tuple[Arg, ...]) -> tuple[Arg, ...]:
        """Return the same arguments, now all by keyword, or with the default of `z` written out."""
        if self.chance.random() < 0.5:
            args = tuple(replace(arg, name=arg.name or "xy"[place]) for place, arg in enumerate(args))
        if self.chance.random() < 0.5 and all(arg.name != "z" for arg in args):
            args = (*args, Arg("z", Const(self.chance.choice([1, 1.0]))))
        return args

    # values

    def number(self, type_: Type) -> Value:
        """Draw a number, or a place where one may be."""
        choices: list[Value] = [Const(1), Const(2), Input("count"), Const(1.0 if type_ == FLOAT else 3)]
        for id, (result, length) in self.results.items():
            if length is None and result == ANY:
                choices += [Ref(id, ("n",)), Ref(id, ("v",))]
            elif length is None and result in (INT, type_):
                choices.append(Ref(id))
        return self.chance.choice(choices[-8:])

    def value(self, type_: Type = ANY, depth: int = 0) -> Value:
        """Draw a value that a parameter takes as far as anybody can tell before the run."""
        if type_ == WORD:
            return self._word()
        match self.chance.randint(0, 5 if depth or type_ == STR else 7):
            case 0 | 1:
                scalars = TEXTS if type_ == STR else [*TEXTS, *TEXTS, 1, 1.0, True, None]
                return Const(self.chance.choice(scalars))
            case 2 | 3 | 4:
                return self.place()
            case 5:
                parts = self.chance.choices(range(3), k=self.chance.randint(1, 3))
                return text_of([" " if part == 0 else self._place_or_text() for part in parts])
            case 6:
                return ListOf(tuple(self.value(ANY, depth + 1) for _ in range(self.chance.randint(0, 2))))
            case _:
                return DictOf((("k", self.value(ANY, depth + 1)),))

    def _word(self) -> Value:
        choices: list[Value] = [Const("a"), Const("b")]
        choices += [
            Ref(id, ("v",)) for id, (result, length) in self.results.items() if result == ANY and length is None
        ]
        return self.chance.choice(choices[:4])

    def _place_or_text(self) -> str | Ref | Input:
        place = self.place()
        return place if isinstance(place, Ref | Input) else "a"

    def place(self) -> Value:
        """Draw a place in a result or an input, sometimes one that isn't there."""
        choices: list[Value] = [Const("a"), Input("city"), Input("names", (-1,))]
        for id, kind in self.results.items():
            choices += [Ref(id, path) for path in _paths(kind)]
        return self.chance.choice(choices[-14:])

    def spread(self, item: Type = ANY) -> Value:
        """Draw what a fan-out may run over: a literal list, a list that a task returns, a part of it, a fan-out, an input."""
        choices: list[Value] = [Input("names")]
        for id, (result, length) in self.results.items():
            if length is not None or isinstance(result, ListType):
                choices.append(Ref(id))
            if result in (ANY, RECORD) and length is None:
                choices.append(Ref(id, ("l",)))
            if result in (ANY, NESTED) and length is None:
                choices += [Ref(id, (0,)), Ref(id, (-1,))]
            if isinstance(result, ListType) and length is not None:
                choices.append(Ref(id, (0,)))
        if self.chance.random() < 0.5:
            return ListOf(tuple(self.value(item, 1) for _ in range(self.chance.randint(0, 3))))
        return self.chance.choice(choices[-8:])

    def join(self) -> Join:
        """Draw the end: of all results, of some, or an answer."""
        match self.chance.randint(0, 3):
            case 0 | 1:
                ids = tuple(task.id for task in self.tasks if isinstance(task.id, int))
                return Join(tuple(Ref(id) for id in ids), ids)
            case 2:
                return Join(tuple(self.value() for _ in range(self.chance.randint(1, 3))))
            case _:
                return Join((self.value(),), direct=True)


def _paths(kind: Kind) -> list[tuple[str | int, ...]]:
    result, length = kind
    single: list[tuple[str | int, ...]] = [()]
    if result == ANY:
        single += [("v",), ("n",), ("l", 0), ("l",), ("l", -3), ("missing",)]
    elif result == RECORD:
        single += [("v",), ("l", 1), ("l", 2)]
    elif isinstance(result, ListType):
        single += [(0,), (-1,)]
    if length is None:
        return single
    places = [0, -1, 1] if length < 0 else [] if length < 1 else [length - 1, -1, -length]
    return [(), *((place, *path) for place in places for path in single[:3])]


# motifs

Motif = Callable[[_Writer], None]


def element_and_whole(w: _Writer) -> None:
    """Read one element of a fan-out and all of it, in one call: as arguments, or in a text."""
    signature = w.tool()
    assert signature is not None
    id = w.add(signature, Arg("x", w.spread(signature.parameters[0].type), each=True))
    place = Ref(id, (w.chance.choice([0, -1]),))
    reader = w.tool()
    assert reader is not None
    if w.chance.random() < 0.5 or reader.parameters[1].type == WORD:
        parts: list[str | Ref | Input] = [place, " of ", Ref(id)]
        w.add(reader, Arg("x", text_of(parts if w.chance.random() < 0.5 else parts[::-1])))
    else:
        w.add(reader, Arg("x", place), Arg("y", Ref(id)))


def fan_out_of_fan_out(w: _Writer) -> None:
    """Run a fan-out over the results of a fan-out, and again, and read the last."""
    signature = w.tool()
    assert signature is not None
    id = w.add(signature, Arg("x", w.spread(signature.parameters[0].type), each=True))
    for _ in range(w.chance.randint(1, 2)):
        id = w.add(w.tool(), Arg("x", Ref(id), each=True))
    w.add(w.tool(Effect.READ, Effect.PURE, Effect.WRITE), Arg("x", Ref(id)))


def place_in_a_list(w: _Writer) -> None:
    """Read a place of a list that a plain call returns, and run over one."""
    signature = w.tool(result=lambda t: isinstance(t, ListType)) or w.tool(result=lambda t: t == ANY)
    id = w.call(signature)
    path = (w.chance.choice([0, -1, 1]),)
    if w.results[id][1] is not None:
        path = (0, *path)
    nested = w.results[id][0] in (ANY, NESTED)
    reader = w.add(w.tool(), Arg("x", Ref(id, path), each=nested and w.chance.random() < 0.5))
    w.add(w.tool(), Arg("x", Ref(reader)))


def several_reads_and_a_write(w: _Writer) -> None:
    """Read some things with one tool, by constants, then write one of them and read it again."""
    reader, writer = w.tool(Effect.READ), w.tool(Effect.WRITE, Effect.DESTRUCTIVE)
    texts = w.chance.choices(TEXTS, k=w.chance.randint(2, 3))
    for text in texts:
        w.add(reader, Arg("x", Const(text)))
    w.add(writer, Arg("x", Const(texts[0])))
    if w.chance.random() < 0.5:
        w.add(reader, Arg("x", Const(texts[0])))


def calls_that_differ_in_form(w: _Writer) -> None:
    """Call one tool a few times with what may need a conversion, or may not be there."""
    signature = w.tool(Effect.READ, Effect.PURE)
    for _ in range(w.chance.randint(2, 3)):
        extra = w.chance.choice(["z", "k"])
        w.add(signature, Arg("x", w.place()), Arg(extra, w.number(FLOAT if extra == "z" else INT)))


def destroy_what_is_awaited(w: _Writer) -> None:
    """Destroy a list of things with an argument that is still being computed, or one that failed."""
    if w.chance.random() < 0.5:
        id = w.add(w.tool(Effect.READ, Effect.PURE), Arg("x", ListOf((Const("a"), Const("b"))), each=True))
    else:
        listing = w.tool(Effect.READ, Effect.PURE, result=lambda t: isinstance(t, ListType))
        id = w.call(listing or w.tool(Effect.READ, Effect.PURE))
    destroyer = w.tool(Effect.DESTRUCTIVE)
    assert destroyer is not None
    read = Ref(id, w.chance.choice([(), *_paths(w.results[id])]))
    reason: Value = text_of(["because ", read]) if w.chance.random() < 0.5 else read
    things: Value = ListOf(tuple(Const(text) for text in w.chance.choices(TEXTS, k=w.chance.randint(0, 3))))
    if destroyer.parameters[1].type == WORD:
        w.add(destroyer, Arg("x", ListOf((Const("a"), reason)), each=True))
    else:
        w.add(destroyer, Arg("x", things, each=True), Arg("y", reason))


def three_alike(w: _Writer) -> None:
    """Make three independent calls of one tool: what a limit or a hedge works on."""
    signature = w.tool(Effect.READ, Effect.PURE)
    for text in TEXTS:
        w.add(signature, Arg("x", Const(text)))


def empty_fan_out(w: _Writer) -> None:
    """Run over nothing, and over that."""
    id = w.add(w.tool(), Arg("x", ListOf(()), each=True))
    next_id = w.add(w.tool(), Arg("x", Ref(id), each=True))
    if w.chance.random() < 0.5:
        w.add(w.tool(), Arg("x", Ref(next_id)))


def behind_an_input(w: _Writer) -> None:
    """Read an input, and read the call that read it."""
    id = w.add(w.tool(), Arg("x", w.chance.choice([Input("city"), text_of(["in ", Input("city")])])))
    w.add(w.tool(), Arg("x", Ref(id)))


def read_what_is_folded(w: _Writer) -> None:
    """Read the result of a call that may be made while compiling: as a word, in a path, or as the list of a fan-out."""
    folded = [s for s in w.tools.values() if s.fold]
    id = w.add(folded[0] if folded else w.tool(Effect.PURE), Arg("x", Const("a")))
    taking = [s for s in w.tools.values() if len(s.parameters) > 1 and s.parameters[1].type == WORD]
    if w.results[id][0] == ANY and taking:
        w.add(taking[0], Arg("x", Const("a")), Arg("y", Ref(id, ("v",))))
    elif isinstance(w.results[id][0], ListType):
        fan_out = w.add(w.tool(), Arg("x", Ref(id), each=True))
        w.add(w.tool(), Arg("x", Ref(fan_out, (w.chance.choice([0, -1]),))))
    else:
        w.add(w.tool(), Arg("x", Ref(id)))


MOTIFS: Final[tuple[Motif, ...]] = (
    element_and_whole,
    fan_out_of_fan_out,
    place_in_a_list,
    several_reads_and_a_write,
    calls_that_differ_in_form,
    destroy_what_is_awaited,
    three_alike,
    empty_fan_out,
    behind_an_input,
    read_what_is_folded,
)


def make_program(chance: Random, most_tasks: int = 8) -> Program:
    """Make up a program of about `most_tasks` tasks at most. A join of any kind ends it."""
    tools = toolset(chance)
    writer = _Writer(chance, tools)
    wanted = chance.randint(1, most_tasks)
    while len(writer.tasks) < wanted:
        motif = chance.choice([None, None, *MOTIFS])
        if motif is None:
            writer.call()
        else:
            motif(writer)
    return Program(tools, Plan(DECLARED, tuple(writer.tasks), writer.join()))


def programs(most_tasks: int = 8) -> st.SearchStrategy[Program]:
    """Draw programs. What is drawn is only a number: Hypothesis would try what it knows again and again, in parts."""
    return st.integers(0, 1 << 64).map(lambda number: make_program(Random(number), most_tasks))


# shapes


def shapes_of(program: Program) -> Iterator[str]:
    """Yield the names of the shapes that a program has, of those in `SHAPES`."""
    tools, plan = program
    fan_outs = {task.id: task.each.value for task in plan.tasks if task.each is not None}
    readers = {ref.task for task in plan.tasks for arg in task.args for ref in references(arg.value)}
    join = plan.join
    assert join is not None
    joined = {ref.task for value in join.values for ref in references(value)}
    for task in plan.tasks:
        signature = tools[task.tool]
        yield from _shapes_of_task(task, signature, fan_outs)
        if task.id in readers and signature.fold and all(isinstance(arg.value, Const) for arg in task.args):
            yield "reader of a call that can be folded"
        if task.id not in readers | joined and signature.effect is Effect.READ:
            yield "dead read"
    yield "answer" if join.direct else "join of all" if join.labels is not None else "join of some"
    yield from _shapes_of_batches(program)


def _shapes_of_task(task: Task, signature: Signature, fan_outs: dict[object, Value]) -> Iterator[str]:
    refs = [ref for arg in task.args for ref in references(arg.value)]
    picked = {ref.task for ref in refs if ref.path and isinstance(ref.path[0], int) and ref.task in fan_outs}
    whole = {ref.task for ref in refs if not ref.path and ref.task in fan_outs}
    if picked & whole:
        yield "element and whole of a fan-out"
        if any(isinstance(arg.value, Format) for arg in task.args):
            yield "element and whole of a fan-out in a text"
    for ref in refs:
        if ref.path and isinstance(ref.path[0], int):
            if ref.task not in fan_outs:
                yield "place in a plain list"
            if ref.path[0] < 0:
                yield "negative index"
        if "missing" in ref.path:
            yield "path that fails"
    if any(True for arg in task.args for _ in inputs_of(arg.value)):
        yield "input"
    if any(arg.name in ("z", "k") and not isinstance(arg.value, Const) for arg in task.args):
        yield "number from elsewhere"
    if any(isinstance(arg.value, Format) for arg in task.args):
        yield "format"
    yield f"{signature.effect} call"
    if task.each is not None:
        yield from _shapes_of_fan_out(task, signature, task.each.value, fan_outs)


def _shapes_of_fan_out(task: Task, signature: Signature, over: Value, fan_outs: dict[object, Value]) -> Iterator[str]:
    if isinstance(over, ListOf):
        yield "literal fan-out" if over.items else "empty fan-out"
        if signature.effect is Effect.DESTRUCTIVE and any(
            True for arg in task.args if not arg.each for _ in references(arg.value)
        ):
            yield "destructive fan-out that waits for an argument"
    elif isinstance(over, Input):
        yield "fan-out over an input"
    elif isinstance(over, Ref):
        if over.task in fan_outs and not over.path:
            yield "fan-out over a fan-out"
        elif over.path and isinstance(over.path[0], int) and over.task not in fan_outs:
            yield "fan-out over a place in a plain list"
        else:
            yield "fan-out over a result"


def _shapes_of_batches(program: Program) -> Iterator[str]:
    """Yield the shapes of calls that may become one, and of what stands behind them."""
    constant: dict[str, int] = {}
    for task in program.plan.tasks:
        signature = program.tools[task.tool]
        if signature.batch is not None and task.each is None and all(isinstance(a.value, Const) for a in task.args):
            constant[task.tool] = constant.get(task.tool, 0) + 1
            if constant[task.tool] == 2:
                yield "calls that can be one batch"
        if signature.effect.writes:
            heads = {r.parts[0] for r in signature.resources}
            for name, count in constant.items():
                named = [r for r in program.tools[name].resources if r.parameters]
                if count > 1 and any(head.startswith(r.parts[0]) for r in named for head in heads):
                    yield "write of what a batch read"


SHAPES: Final = (
    "answer",
    "calls that can be one batch",
    "dead read",
    "destructive call",
    "destructive fan-out that waits for an argument",
    "element and whole of a fan-out",
    "element and whole of a fan-out in a text",
    "empty fan-out",
    "fan-out over a fan-out",
    "fan-out over a place in a plain list",
    "fan-out over a result",
    "fan-out over an input",
    "format",
    "input",
    "join of all",
    "join of some",
    "literal fan-out",
    "negative index",
    "number from elsewhere",
    "path that fails",
    "place in a plain list",
    "pure call",
    "read call",
    "reader of a call that can be folded",
    "undeclared call",
    "write call",
    "write of what a batch read",
)
"""What `shapes_of` may find, and the generator must reach."""
