"""Make up strict bodies: calls of random tools among conditions, loops, handlers, gathers, helpers, and containers with many names.

    make_body(r)     the tools, a plan, the seed of its world, and the shapes that it has
    BODY_SHAPES      all shapes that the generator must reach

Every loop is bounded, so that a body ends; a body that makes too many calls is for its user to skip. Where the order of things is
not the program's to say, nothing depends on it: in a gather, only what can't fail writes or changes a container, and each question
to a tool that questions change is of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Final

from body_values import DICTS, ITERATOR, KEYS, LISTS, MAYBE, NUMBERS, RECORDS, Values, array, call, item, method, op
from body_world import ANSWER_WITH_RECORDS, EFFECTS, PURE, READS, STATEFUL, WRITES, make_tools

from lcc.grammar.ir import (
    Apply,
    Arg,
    Block,
    Builtin,
    Choose,
    Clause,
    Comprehension,
    Const,
    Exit,
    ForEach,
    Gather,
    Handler,
    If,
    Inline,
    Lambda,
    Let,
    Local,
    Part,
    Plan,
    Ref,
    Statement,
    Target,
    Targets,
    Task,
    Try,
    Value,
    While,
)
from lcc.grammar.signatures import Tools

OWN: Final = ("o", "p", "q")
"""Names of lists that chains begin with."""
VIEW: Final = "z"
"""What a chain looks at lists by: an iterator, or a view of a dict."""
CAUGHT: Final = ("ValueError", "LookupError", "ArithmeticError", "OSError", "Exception", "Exception")


@dataclass(frozen=True)
class Body:
    """A strict plan, its tools, the seed of its world, and how often it has which shape."""

    tools: Tools
    plan: Plan
    seed: int
    shapes: Counter[str]


def make_body(chance: Random) -> Body:
    """Make up a body."""
    writer = _Writer(chance)
    plan = Plan(body=writer.program(), fails="strict")
    return Body(make_tools(chance), plan, chance.randrange(1 << 16), writer.values.shapes)


@dataclass(frozen=True)
class _Place:
    """Where a block stands. `turns`: names that tell the turns apart, None where nothing does; `families`: what may be written."""

    depth: int = 0
    loop: bool = False
    function: bool = False
    handler: bool = False
    quiet: bool = False
    gather: bool = False
    turns: tuple[str, ...] | None = ()

    def deeper(self, **changes: object) -> _Place:
        return _Place(**{**self.__dict__, "depth": self.depth + 1, **changes})  # type: ignore[arg-type]


class _Writer:
    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.values = Values(chance)
        self.last = 0
        self.budget = chance.randrange(8, 40)
        self.own: list[str] = list(OWN)
        self.shared: list[str] = list(LISTS)

    def program(self) -> Block:
        """Bind the names, do something, hand back what all names are."""
        first: list[Statement] = [Let(Const(self.chance.randrange(9)), (name,)) for name in NUMBERS]
        first += [
            Let(array(*[Const(self.chance.randrange(9)) for _ in range(n)]), (name,)) for n, name in enumerate(LISTS)
        ]
        first += [Let(Apply("display dict"), (name,)) for name in DICTS]
        first += [Let(call("iter", Local("l")), (name,)) for name in (ITERATOR, VIEW)]
        first += [Let(array(), (name,)) for name in OWN]
        first += [Let(Const(0), (name,)) for name in MAYBE if self.chance.random() < 0.8]
        for name in RECORDS:
            first += self.made("deal", name, Const(self.chance.randrange(99)), sure=True)
        if self.chance.random() < 0.4:
            self.count("chains alone")
            body = [*first, *[one for _ in range(self.chance.randrange(1, 4)) for one in self.a_chain(_Place())]]
        else:
            body = [*first, *self.block(_Place(), 20)]
        everything = array(*map(Local, (*NUMBERS, *LISTS, *OWN, *DICTS, *RECORDS)))
        ends: list[Statement] = [Exit("answer", everything)]
        match self.chance.randrange(8):
            case 0:
                self.count("end: return")
                ends = [Exit("return", everything)]
            case 1:
                self.count("end: offer")
                ends = [Exit("offer", everything)]
            case 2:
                self.count("end: print")
                ends = [self.printing(everything)]
        return (*body, *ends)

    def count(self, shape: str) -> None:
        self.values.shapes[shape] += 1

    def id(self) -> int:
        self.last += 1
        return self.last

    # blocks

    def block(self, place: _Place, most: int = 0) -> Block:
        """Return some statements."""
        out: list[Statement] = []
        for _ in range(most or self.chance.randrange(1, 5)):
            if self.budget <= 0:
                break
            self.budget -= 1
            found = self.statements(place)
            out += found
            if isinstance(found[-1], Exit):
                break
        return tuple(out)

    def statements(self, place: _Place) -> list[Statement]:
        """Draw a statement, with what belongs to it."""
        simple: list[tuple[int, Callable[[_Place], list[Statement]]]] = [
            (7, self.a_call), (4, self.a_let), (1, self.a_print), (1, self.a_poll), (1, self.a_retry),
        ]  # fmt: skip
        if not place.quiet:
            simple += [
                (5, self.a_chain),
                (5, self.on_a_list),
                (4, self.on_a_dict),
                (3, self.on_a_record),
                (2, self.on_an_iterator),
            ]
        if place.depth == 0:
            simple.append((12, self.a_try))
        if place.depth < 3:
            simple += [(3, self.an_if), (3, self.a_for), (1, self.a_while), (4, self.a_try), (1, self.a_helper)]
            simple += [] if place.gather else [(1, self.a_gather)]
        if place.depth and not place.gather:
            simple.append((2, self.an_exit))
        weights = [weight for weight, _ in simple]
        return self.chance.choices([made for _, made in simple], weights)[0](place)

    # calls, names, prints

    def made(
        self, tool: str, name: str | None, x: Value, k: Value | None = None, *, sure: bool = False
    ) -> list[Statement]:
        """Return a call of a tool, and the name of its result."""
        id = self.id()
        args = [Arg(self.chance.choice([None, "x"]), x)]
        if k is not None:
            args.append(Arg("k", k))
        if sure or self.values.safe:
            args.append(Arg("sure", Const(1)))
        found: list[Statement] = [Task(id, tool, tuple(args))]
        return found if name is None else [*found, Let(Ref(id), (name,))]

    def a_call(self, place: _Place) -> list[Statement]:
        tools = (*READS, *READS, *PURE)
        if place.gather:
            tools = PURE if place.quiet else (*PURE, *WRITES)
        if not place.quiet and not place.gather:
            tools = (*tools, *WRITES, "stir") if self.chance.random() < 0.6 else tools
        if place.quiet:
            tools = (*PURE, *READS)
        tool = self.chance.choice(tools)
        self.count(f"call: {tool}")
        names = RECORDS if tool in ANSWER_WITH_RECORDS else (*NUMBERS, *NUMBERS, *MAYBE)
        x = self.values.number() if self.chance.random() < 0.6 else self.values.thing()
        name = None if self.chance.randrange(8) == 0 else self.chance.choice(names)
        return self.made(
            tool, name, x, Const(self.chance.randrange(3)) if self.chance.random() < 0.7 else self.values.number()
        )

    def a_let(self, place: _Place) -> list[Statement]:
        match self.chance.randrange(9 if not self.values.safe else 6):
            case 0 | 1 | 2 | 3:
                return [Let(self.values.number(), (self.chance.choice([*NUMBERS, *MAYBE]),))]
            case 4 | 5:
                return [Let(self.values.sequence(), (self.chance.choice(LISTS),))]
            case 6:
                self.count("let: several targets")
                return [Let(self.values.sequence(), tuple(self.chance.sample(LISTS, 2)))]
            case 7:
                self.count("let: unpacked")
                targets = Targets((self.chance.choice(NUMBERS), self.chance.choice(LISTS)), 1)
                return [Let(array(self.values.number(), self.values.name(*LISTS), self.values.number()), (targets,))]
            case _:
                return [Let(self.values.part(), (self.chance.choice(LISTS),))]

    def printing(self, *values: Value) -> Let:
        self.count("print")
        return Let(call("print", *values))

    def a_print(self, place: _Place) -> list[Statement]:
        if place.quiet:
            return self.a_let(place)
        return [self.printing(self.values.thing(), self.values.thing())]

    # containers

    def change(self, name: str, *args: Value) -> list[Statement]:
        self.count(f"change: {name}")
        return [Let(method(name, *args))]

    def on_a_list(self, place: _Place) -> list[Statement]:
        target = self.values.name(*LISTS)
        match self.chance.randrange(6 if self.values.safe else 12):
            case 0 | 1 | 2 | 3:
                return self.change("append", target, self.values.thing())
            case 4:
                return self.change("insert", target, Const(0), self.values.thing())
            case 5:
                short = Apply("subscript load slice", (self.values.sequence(), Const(None), Const(3), Const(None)))
                return self.change("extend", target, short)
            case 6:
                self.count("change: pop into a name")
                return [Let(method("pop", target), (self.chance.choice([*LISTS, *MAYBE]),))]
            case 7:
                self.count("change: sort")
                key = Lambda(("x",), call("str", Local("x")))
                return [Let(Apply("method sort", (target,), (("key", key),)))]
            case 8:
                self.count("change: store")
                return [
                    Let(Apply("subscript store", (target, Const(self.chance.choice([0, -1])), self.values.thing())))
                ]
            case 9:
                self.count("change: augmented")
                return [Let(op("+=", target, array(self.values.thing())), (target.name,))]
            case 10:
                self.count("change: delete")
                return [Let(Apply("subscript delete", (target, Const(0))))]
            case _:
                return self.change("reverse", target)

    def on_a_dict(self, place: _Place) -> list[Statement]:
        target, key = self.values.name(*DICTS), Const(self.chance.choice(KEYS))
        match self.chance.randrange(4 if self.values.safe else 10):
            case 0 | 1:
                self.count("change: list in a dict")
                return [Let(method("append", method("setdefault", target, key, array()), self.values.thing()))]
            case 2:
                self.count("change: alias in a dict")
                return [Let(Apply("subscript store", (target, key, self.values.name(*LISTS))))]
            case 3:
                self.count("alias: dict")
                return [Let(self.values.name(*DICTS), (self.chance.choice(DICTS),))]
            case 4:
                return [Let(Apply("display dict"), (self.chance.choice(DICTS),))]
            case 5:
                self.count("value: views")
                view = method(self.chance.choice(["items", "values", "keys"]), target)
                return [Let(call("list", view), (self.chance.choice(LISTS),))]
            case 6:
                return self.change("update", target, self.values.name(*DICTS))
            case 7:
                self.count("change: pop of a dict")
                return [Let(method("pop", target, key, Const(None)), (self.chance.choice(MAYBE),))]
            case 8:
                self.count("alias: list in a dict")
                return [Let(item(target, key), (self.chance.choice(LISTS),))]
            case _:
                return [Let(call("dict", target), (self.chance.choice(DICTS),))]

    def on_a_record(self, place: _Place) -> list[Statement]:
        target = self.values.name(*RECORDS)
        rows = self.values.rows()
        match self.chance.randrange(2 if self.values.safe else 6):
            case 0:
                self.count("change: field of an answer")
                return [Let(Apply("subscript store", (target, Const("id"), self.values.number())))]
            case 1:
                self.count("alias: answer")
                return [Let(self.values.name(*RECORDS), (self.chance.choice(RECORDS),))]
            case 2:
                self.count("change: row of an answer")
                return [Let(Apply("subscript store", (item(rows, Const(0)), Const("n"), self.values.number())))]
            case 3:
                self.count("change: rows of an answer")
                return [Let(method("append", rows, Apply("display dict", (Const("n"), self.values.number()))))]
            case 4:
                self.count("change: list of lists in an answer")
                more = item(item(target, Const("more")), Const("b"))
                return [Let(method("append", more, self.values.thing()))]
            case _:
                return [Let(rows, (self.chance.choice(LISTS),))]

    def on_an_iterator(self, place: _Place) -> list[Statement]:
        source = self.values.name(*LISTS)
        match self.chance.randrange(5):
            case 0:
                return [Let(call("iter", source), (ITERATOR,))]
            case 1:
                self.count("iterator: zip, enumerate, reversed")
                made = self.chance.choice(
                    [call("zip", source, self.values.name(*LISTS)), call("enumerate", source), call("reversed", source)]
                )
                return [Let(made, (ITERATOR,))]
            case 2 if not self.values.safe:
                self.count("iterator: read to its end")
                return [Let(call("list", Local(ITERATOR)), (self.chance.choice(LISTS),))]
            case _ if not self.values.safe:
                self.count("iterator: next")
                return [Let(call("next", Local(ITERATOR), Const(None)), (self.chance.choice(MAYBE),))]
            case _:
                return self.a_let(place)

    def a_chain(self, place: _Place) -> list[Statement]:
        """Hand lists on from name to name and from container to container, while calls that they wait for are made."""
        self.count("chain")
        first: list[Statement] = [Let(array(), (name,)) for name in OWN]
        self.own = self.chance.sample(OWN, self.chance.randrange(1, len(OWN) + 1))
        self.shared = self.chance.sample(LISTS, self.chance.randrange(1, len(LISTS)))
        kinds = [0, *self.chance.sample(range(1, 14), self.chance.choice([2, 3, 4, 6, 12]))]
        steps = [step for _ in range(self.chance.randrange(3, 9)) for step in self.step(self.chance.choice(kinds))]
        if place.depth >= 3 or self.chance.random() < 0.4:
            return [*first, *steps]
        self.count("chain: in turns")
        id = self.id()
        items = array(*map(Const, range(self.chance.randrange(2, 4))))
        carried = [first.pop() for _ in range(self.chance.randrange(3))]
        return [*carried, ForEach(id, f"i{id}", items, (*first, *steps))]

    def step(self, kind: int) -> list[Statement]:
        """Return one step of a chain; none of them fails. Chains of few kinds of steps share less, so that less is one object."""
        own, other, shared = (
            self.values.name(*self.own),
            self.values.name(*self.own),
            self.values.name(*self.shared, *self.own),
        )
        target, key = self.values.name(*DICTS), Const(self.chance.choice(KEYS))
        match kind:
            case 0 | 1 | 2:
                tool = self.chance.choice(PURE)
                asked = self.made(tool, None, self.chance.choice([call("str", own), self.values.number(2)]), sure=True)
                return [*asked, Let(method("append", self.listed(own), Ref(self.last)))]
            case 3:
                return [Let(array(*self.chance.choice([(), (other,), (self.values.number(2),)])), (own.name,))]
            case 4:
                return [Let(shared, (own.name,))]
            case 5:
                return [Let(own, (shared.name,))]
            case 6 | 7:
                return [Let(method("append", self.listed(shared), own))]
            case 8:
                last = call("next", call("reversed", self.listed(shared)), other)
                return [Let(self.listed(last), (own.name,))]
            case 9:
                return [Let(Apply("subscript store", (target, key, own)))]
            case 10:
                found = self.chance.choice([method("get", target, key, other), method("setdefault", target, key, own)])
                return [Let(self.listed(found), (own.name,))]
            case 11:
                lazy = Comprehension("lazy", Local("x"), (Clause("x", self.listed(own)),))
                made = [call("iter", own), call("zip", own, other), call("reversed", own), lazy, call("enumerate", own)]
                return [Let(self.chance.choice([*made, method("values", target), method("items", target)]), (VIEW,))]
            case 12:
                key_of = Lambda(("x",), call("str", Local("x")))
                best = call(self.chance.choice(["max", "min"]), self.listed(own), key=key_of, default=other)
                made = [
                    call("list", shared),
                    call("sorted", shared, key=key_of),
                    best,
                    op("+", self.listed(own), other),
                ]
                return [Let(self.listed(self.chance.choice(made)), (own.name,))]
            case _:
                return self.made("calc", "a", call("str", call("list", Local(VIEW))), sure=True)

    def listed(self, value: Value) -> Value:
        """Return a value if it is a list, else another list."""
        return Choose(call("isinstance", value, Builtin("list")), value, self.values.name(*self.own))

    # statements with blocks

    def an_if(self, place: _Place) -> list[Statement]:
        self.count("if")
        orelse = self.block(place.deeper()) if self.chance.random() < 0.5 else ()
        return [If(self.values.test(), self.block(place.deeper()), orelse)]

    def a_for(self, place: _Place) -> list[Statement]:
        id = self.id()
        turn = f"i{id}"
        first: list[Statement] = []
        target: Target = turn
        turns = None if place.turns is None else (*place.turns, turn)
        match self.chance.randrange(8 if not self.values.safe else 3):
            case 0 | 1 | 2:
                items: Value = array(*map(Const, range(self.chance.randrange(5))))
                first = [Let(Local(turn), (self.chance.choice(NUMBERS),))] if not place.quiet else []
            case 3 | 4:
                self.count("for: rows of an answer, numbered")
                items = call("enumerate", self.values.rows())
                target = Targets((turn, self.chance.choice(["q", self.chance.choice(MAYBE)])))
            case 5:
                self.count("for: rows of an answer")
                items, target, turns = self.values.rows(), self.chance.choice([*MAYBE, *LISTS]), None
            case 6:
                self.count("for: items of a dict")
                items, turns = method("items", self.values.name(*DICTS)), None
                target = Targets((self.chance.choice(MAYBE), self.chance.choice(LISTS)))
            case _:
                self.count("for: list that may change")
                items, target, turns = self.values.name(*LISTS, ITERATOR), self.chance.choice(MAYBE), None
        guarded = turns is None and not isinstance(target, Targets)
        body = self.block(place.deeper(loop=True, turns=turns))
        before: list[Statement] = []
        if guarded:
            before, guard = self.guard(f"w{id}", 5)
            first += guard
        orelse = self.orelse(place)
        return [*before, self.loop(id, target, items, (*first, *body), orelse, place)]

    def loop(self, id: int, target: Target, items: Value, body: Block, orelse: Block, place: _Place) -> Statement:
        self.count(f"for, nested {place.depth}")
        if self.chance.randrange(3) or place.gather:
            return ForEach(id, target, items, body, orelse=orelse)
        self.count("for: yields")
        when = self.values.test() if self.chance.random() < 0.4 else None
        return ForEach(id, target, items, body, self.values.thing(), when, orelse)

    def guard(self, name: str, most: int) -> tuple[list[Statement], list[Statement]]:
        """Return what begins to count turns, and what leaves the loop after some."""
        leave = If(op(">", Local(name), Const(most)), (Exit("break"),))
        return [Let(Const(0), (name,))], [Let(op("+", Local(name), Const(1)), (name,)), leave]

    def orelse(self, place: _Place) -> Block:
        if self.chance.randrange(5):
            return ()
        self.count("loop: else")
        return self.block(place.deeper())

    def a_while(self, place: _Place) -> list[Statement]:
        self.count("while")
        id = self.id()
        name = f"w{id}"
        turns = None if place.turns is None else (*place.turns, name)
        test = op("<", Local(name), op("%", self.values.name(*NUMBERS), Const(4)))
        step = Let(op("+", Local(name), Const(1)), (name,))
        most = If(op(">", Local(name), Const(4)), (Exit("break"),))
        body = self.block(place.deeper(loop=True, turns=turns))
        return [Let(Const(0), (name,)), While(id, test, (step, most, *body), self.orelse(place))]

    def a_try(self, place: _Place) -> list[Statement]:
        self.count("try")
        body = self.block(place.deeper())
        final: Block = ()
        if self.chance.randrange(4) == 0:
            self.count("try: finally")
            final = self.block(place.deeper(loop=False, function=False, depth=3))
            final = tuple(s for s in final if not isinstance(s, Exit)) or (Let(Const(0), ("u",)),)
        handlers = tuple(self.handler(place) for _ in range(self.chance.choice([0, 1, 1, 2] if final else [1, 1, 2])))
        orelse: Block = ()
        if handlers and self.chance.randrange(4) == 0:
            self.count("try: else")
            orelse = self.block(place.deeper())
        return [Try(body, handlers, orelse, final)]

    def handler(self, place: _Place) -> Handler:
        names = self.chance.sample(CAUGHT, self.chance.choice([1, 1, 2]))
        classes: Value | None = Builtin(names[0])
        if len(names) == 2:
            self.count("handler: several classes")
            classes = Apply("display tuple", tuple(map(Builtin, names)))
        name = "e" if self.chance.random() < 0.5 else None
        first: list[Statement] = []
        if name is not None:
            self.count("handler: name")
            text = call("str", Local("e"))
            first = [
                self.printing(text)
                if not place.quiet and self.chance.random() < 0.5
                else Let(call("len", text), ("u",))
            ]
        body = (*first, *self.block(place.deeper(handler=True)))
        return Handler(classes, body or (Let(Const(1), ("v",)),), name)

    def an_exit(self, place: _Place) -> list[Statement]:
        kinds = ["answer"] if self.chance.random() < 0.3 else []
        if self.values.safe or place.quiet:
            kinds = []
        elif self.chance.random() < 0.5:
            kinds += ["raise"]
        if place.loop:
            kinds += ["break", "continue"] * 3
        if place.function:
            kinds += ["return"] * 4
        if not kinds:
            return self.a_let(place)
        kind = self.chance.choice(kinds)
        self.count(f"exit: {kind}")
        value: Value | None = None
        if kind in ("answer", "return"):
            value = self.values.thing()
        elif kind == "raise":
            value = call(self.chance.choice(["ValueError", "KeyError", "RuntimeError"]), self.values.text())
            if place.handler and self.chance.random() < 0.5:
                self.count("exit: raise again")
                value = None
        return [Exit(kind, value)]  # type: ignore[arg-type]

    # gathers and helpers

    def a_gather(self, place: _Place) -> list[Statement]:
        """Do parts that may fail and change nothing, or that change and can't fail, or whose failures are values."""
        id = self.id()
        kind = self.chance.choice(["fails", "changes", "exceptions"])
        self.count(f"gather: {kind}")
        safe, self.values.safe = self.values.safe, self.values.safe or kind == "changes"
        inner = place.deeper(
            gather=True, quiet=place.quiet or kind != "changes", loop=False, function=False, handler=False, turns=None
        )
        parts = tuple(self.part(inner) for _ in range(self.chance.choice([1, 1, 2, 3])))
        self.values.safe = safe
        gather = Gather(id, parts, kind == "exceptions")
        text = call("str", Ref(id)) if kind == "exceptions" else Ref(id)
        return [gather, Let(array(text) if kind == "exceptions" else text, (self.chance.choice(LISTS),))]

    def part(self, place: _Place) -> Part:
        name = f"p{self.id()}"
        if self.chance.random() < 0.6:
            self.count("gather: items")
            items = array(*[self.values.number(2) for _ in range(self.chance.randrange(4))])
            task = self.made(self.chance.choice(PURE), self.chance.choice(NUMBERS), Local(name))
            return Part((*task, *self.block(place)), self.values.thing(), name, items)
        return Part(self.block(place), self.values.thing())

    def a_helper(self, place: _Place) -> list[Statement]:
        """Do the body of a function, which has names of its own and may return early."""
        self.count("helper")
        id = self.id()
        own = f"own{id}"
        body = self.block(place.deeper(function=True, loop=False))
        enter: Statement = Let(self.values.thing(), (own,))
        leave = Exit("return", self.values.thing() if self.chance.random() < 0.8 else Local(own))
        found = Inline(id, (enter, *body, leave), f"f{id}", (own,))
        return [found, Let(Ref(id), (self.chance.choice(MAYBE),))]

    # questions that change what is asked

    def key(self, place: _Place) -> Value:
        """Return an argument that nothing else is asked with."""
        assert place.turns is not None
        return array(Const(self.last), *map(Local, place.turns))

    def a_poll(self, place: _Place) -> list[Statement]:
        """Ask until it is done."""
        if place.turns is None:
            return self.a_let(place)
        self.count("poll")
        id, name = self.id(), f"w{self.last}"
        before, guard = self.guard(name, 5)
        ask = self.made("poll", "v", self.key(place))
        done = If(op("==", Local("v"), Const("done")), (Exit("break"),))
        return [*before, While(id, Const(True), (*guard, *ask, done))]

    def a_retry(self, place: _Place) -> list[Statement]:
        """Try again until it doesn't fail."""
        if place.turns is None:
            return self.a_let(place)
        self.count("retry")
        id, name = self.id(), f"w{self.last}"
        ask = self.made("fetch", "v", self.key(place))
        again = Handler(Builtin("Exception"), (Let(Const(-1), ("v",)),))
        items = array(*map(Const, range(self.chance.randrange(2, 5))))
        return [ForEach(id, name, items, (Try((*ask, Exit("break")), (again,)),))]


BODY_SHAPES: Final = (
    *(f"call: {tool}" for tool in EFFECTS if tool not in STATEFUL),
    *(f"for, nested {depth}" for depth in range(3)),
    *(f"exit: {kind}" for kind in ("answer", "break", "continue", "raise", "raise again", "return")),
    *(f"gather: {kind}" for kind in ("changes", "exceptions", "fails", "items")),
    *(f"alias: {kind}" for kind in ("answer", "dict", "in a container", "list in a dict", "name", "part of a container")),
    "chain", "chain: in turns", "chains alone", "change: alias in a dict", "change: append", "change: augmented", "change: delete", "change: extend",
    "change: field of an answer", "change: insert", "change: list in a dict", "change: list of lists in an answer",
    "change: pop into a name", "change: pop of a dict", "change: reverse", "change: row of an answer",
    "change: rows of an answer", "change: sort", "change: store", "change: update",
    "end: offer", "end: print", "end: return",
    "for: items of a dict", "for: list that may change", "for: rows of an answer", "for: rows of an answer, numbered",
    "for: yields", "handler: name", "handler: several classes", "helper", "if", "iterator: next",
    "iterator: read to its end", "iterator: zip, enumerate, reversed", "let: several targets", "let: unpacked",
    "loop: else", "poll", "print", "retry", "try", "try: else", "try: finally",
    "value: comprehension of rows", "value: comprehension over rows", "value: conditional",
    "value: lazy comprehension", "value: row with an alias", "value: short circuit", "value: views", "while",
)  # fmt: skip
"""What `Body.shapes` counts, all of which the generator must reach."""
